extension JSON {
    /// One pass over the bytes, without recursion: a stack of open containers, bounded by `maximumDepth`.
    struct Parser {
        let maximumDepth: Int
        var nodes: [Node] = []
        private var open: [Int] = []

        init(maximumDepth: Int) { self.maximumDepth = maximumDepth }

        /// - Returns: the offset of the first byte that cannot be, or nil when the text is one JSON value.
        mutating func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
            self.nodes.reserveCapacity(bytes.count / 8 + 4)
            var offset = Self.skipSpace(bytes, 0)
            while true {
                // Expecting a value at `offset`.
                guard offset < bytes.count else { return offset }
                let start = offset
                switch bytes[offset] {
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    let isObject = bytes[offset] == UInt8(ascii: "{")
                    guard self.open.count < self.maximumDepth else { return offset }
                    self.open.append(self.nodes.count)
                    self.nodes.append(Node(kind: isObject ? .object : .array, start: start, end: start, next: 0))
                    offset = Self.skipSpace(bytes, offset + 1)
                    guard offset < bytes.count else { return offset }
                    if bytes[offset] == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                        break  // an empty container: closed below
                    }
                    if isObject, let wrong = self.key(bytes, &offset) { return wrong }
                    continue
                case UInt8(ascii: "\""):
                    if let wrong = self.text(bytes, &offset) { return wrong }
                case UInt8(ascii: "t"):
                    if let wrong = self.literal("true", .bool, bytes, &offset) { return wrong }
                case UInt8(ascii: "f"):
                    if let wrong = self.literal("false", .bool, bytes, &offset) { return wrong }
                case UInt8(ascii: "n"):
                    if let wrong = self.literal("null", .null, bytes, &offset) { return wrong }
                default:
                    if let wrong = self.number(bytes, &offset) { return wrong }
                }
                // A value has ended: close what ends with it, up to the next comma.
                while true {
                    offset = Self.skipSpace(bytes, offset)
                    guard let container = self.open.last else { return offset == bytes.count ? nil : offset }
                    guard offset < bytes.count else { return offset }
                    let isObject = self.nodes[container].kind == .object
                    if bytes[offset] == UInt8(ascii: ",") {
                        offset = Self.skipSpace(bytes, offset + 1)
                        if isObject, let wrong = self.key(bytes, &offset) { return wrong }
                        break
                    }
                    guard bytes[offset] == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { return offset }
                    offset += 1
                    self.nodes[container].end = offset
                    self.nodes[container].next = self.nodes.count
                    self.open.removeLast()
                }
            }
        }

        private mutating func key(_ bytes: UnsafeBufferPointer<UInt8>, _ offset: inout Int) -> Int? {
            guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else { return offset }
            if let wrong = self.text(bytes, &offset) { return wrong }
            offset = Self.skipSpace(bytes, offset)
            guard offset < bytes.count, bytes[offset] == UInt8(ascii: ":") else { return offset }
            offset = Self.skipSpace(bytes, offset + 1)
            return nil
        }

        private mutating func text(_ bytes: UnsafeBufferPointer<UInt8>, _ offset: inout Int) -> Int? {
            let start = offset
            var isEscaped = false
            offset += 1
            while true {
                offset = bytes.endOfPlainText(from: offset, inASCII: true)
                guard offset < bytes.count else { return offset }
                switch bytes[offset] {
                case UInt8(ascii: "\""):
                    offset += 1
                    self.nodes.append(
                        Node(kind: .string, isEscaped: isEscaped, start: start, end: offset, next: self.nodes.count + 1)
                    )
                    return nil
                case UInt8(ascii: "\\"):
                    isEscaped = true
                    guard let length = Self.escapeLength(bytes, offset) else { return offset }
                    offset += length
                case 0..<0x20: return offset
                default:
                    repeat {
                        guard let length = Self.sequenceLength(bytes, offset) else { return offset }
                        offset += length
                    } while offset < bytes.count && bytes[offset] >= 0x80
                }
            }
        }

        private mutating func literal(
            _ word: StaticString, _ kind: Kind, _ bytes: UnsafeBufferPointer<UInt8>, _ offset: inout Int
        ) -> Int? {
            let start = offset
            for index in 0..<word.utf8CodeUnitCount {
                guard offset < bytes.count, bytes[offset] == word.utf8Start[index] else { return offset }
                offset += 1
            }
            self.nodes.append(Node(kind: kind, start: start, end: offset, next: self.nodes.count + 1))
            return nil
        }

        private mutating func number(_ bytes: UnsafeBufferPointer<UInt8>, _ offset: inout Int) -> Int? {
            let start = offset
            func digits() -> Bool {
                let first = offset
                while offset < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[offset]) {
                    offset += 1
                }
                return offset > first
            }
            if bytes[offset] == UInt8(ascii: "-") { offset += 1 }
            if offset < bytes.count, bytes[offset] == UInt8(ascii: "0") {
                offset += 1
            } else if !digits() {
                return offset
            }
            if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
                offset += 1
                guard digits() else { return offset }
            }
            if offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
                offset += 1
                if offset < bytes.count, bytes[offset] == UInt8(ascii: "+") || bytes[offset] == UInt8(ascii: "-") {
                    offset += 1
                }
                guard digits() else { return offset }
            }
            self.nodes.append(Node(kind: .number, start: start, end: offset, next: self.nodes.count + 1))
            return nil
        }

        private static func skipSpace(_ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int) -> Int {
            var offset = offset
            while offset < bytes.count {
                switch bytes[offset] {
                case 0x20, 0x09, 0x0A, 0x0D: offset += 1
                default: return offset
                }
            }
            return offset
        }

        private static func escapeLength(_ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int) -> Int? {
            guard offset + 1 < bytes.count else { return nil }
            switch bytes[offset + 1] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
                UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
                return 2
            case UInt8(ascii: "u"):
                guard offset + 6 <= bytes.count else { return nil }
                for index in (offset + 2)..<(offset + 6) {
                    switch bytes[index] {
                    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
                        UInt8(ascii: "A")...UInt8(ascii: "F"):
                        continue
                    default: return nil
                    }
                }
                return 6
            default: return nil
            }
        }

        /// The length of the well-formed UTF-8 sequence that begins there (Unicode table 3-7), or nil.
        private static func sequenceLength(_ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int) -> Int? {
            func continues(_ index: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
                index < bytes.count && range.contains(bytes[index])
            }
            switch bytes[offset] {
            case 0xC2...0xDF:
                return continues(offset + 1) ? 2 : nil
            case 0xE0: return continues(offset + 1, 0xA0...0xBF) && continues(offset + 2) ? 3 : nil
            case 0xED: return continues(offset + 1, 0x80...0x9F) && continues(offset + 2) ? 3 : nil
            case 0xE1...0xEF: return continues(offset + 1) && continues(offset + 2) ? 3 : nil
            case 0xF0:
                return continues(offset + 1, 0x90...0xBF) && continues(offset + 2) && continues(offset + 3) ? 4 : nil
            case 0xF1...0xF3: return continues(offset + 1) && continues(offset + 2) && continues(offset + 3) ? 4 : nil
            case 0xF4:
                return continues(offset + 1, 0x80...0x8F) && continues(offset + 2) && continues(offset + 3) ? 4 : nil
            default: return nil
            }
        }
    }
}
