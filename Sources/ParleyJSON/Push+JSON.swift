package import ParleyCore

extension PushField {
    package init(_ name: String, text: String) {
        var json = JSONWriter()
        json.string(text)
        self.init(name, json.bytes)
    }

    /// What was kept as text, as it was before if that was an object: an app that attached one does not want to take it out of a string.
    package init(_ name: String, textOrObject text: String) {
        if let json = try? JSON(parsing: text), json.kind == .object {
            self.init(name, Array(json.raw))
        } else {
            self.init(name, text: text)
        }
    }
}
