extension JSONWriter {
    /// A JSON text for people: what fits into a line stays in one.
    package static func indented(_ json: [UInt8]) -> [UInt8] {
        guard let value = try? JSON(parsing: json) else { preconditionFailure("what was written is JSON") }
        var text: [UInt8] = []
        self.append(value, to: &text, indent: 0)
        return text
    }

    private static let width = 100

    private static func append(_ value: JSON, to text: inout [UInt8], indent: Int) {
        let isContainer = value.kind == .object || value.kind == .array
        guard isContainer, value.raw.count > self.width - indent else {
            text += value.raw
            return
        }
        let (opening, closing) = value.kind == .object ? ("{", "}") : ("[", "]")
        let items = value.members?.map { (Optional($0.key), $0.value) } ?? value.array!.map { (nil, $0) }
        text += opening.utf8
        for (index, (key, item)) in items.enumerated() {
            text += (index == 0 ? "\n" : ",\n").utf8
            text += Array(repeating: UInt8(ascii: " "), count: indent + 2)
            if let key {
                var quoted = JSONWriter()
                quoted.string(key)
                text += quoted.bytes + ": ".utf8
            }
            self.append(item, to: &text, indent: indent + 2)
        }
        text += "\n".utf8
        text += Array(repeating: UInt8(ascii: " "), count: indent)
        text += closing.utf8
    }
}
