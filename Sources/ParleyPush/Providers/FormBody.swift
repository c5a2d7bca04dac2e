import ParleyJSON

/// `application/x-www-form-urlencoded`. A name that is set again takes the place of the first.
struct FormBody {
    private(set) var fields: [(name: String, value: String)] = []

    static let contentType = (name: "Content-Type", value: "application/x-www-form-urlencoded;charset=UTF-8")

    subscript(name: String) -> String? {
        get { self.fields.first { $0.name == name }?.value }
        set {
            let index = self.fields.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let value?): self.fields[index].value = value
            case (let index?, nil): self.fields.remove(at: index)
            case (nil, let value?): self.fields.append((name, value))
            case (nil, nil): break
            }
        }
    }

    /// The members of a JSON object, if it is one: texts as what they say, anything else as it is written.
    ///
    /// - Parameter kept: what is ours alone: who it goes to.
    mutating func set(_ object: [UInt8]?, keeping kept: Set<String>) {
        guard let object, let members = (try? JSON(parsing: object))?.members else { return }
        for (name, value) in members where !kept.contains(name) {
            self[name] = value.string ?? String(decoding: value.raw, as: UTF8.self)
        }
    }

    var bytes: [UInt8] { URLEncoding.form(self.fields) }
}
