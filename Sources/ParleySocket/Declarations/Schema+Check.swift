import ParleyJSON

extension Schema {
    /// What is wrong, for the one who wrote it: `options.push.title: must be a string of at most 256 bytes`. Nil: nothing is.
    func complaint(about json: JSON, at path: String) -> String? {
        switch self.form {
        case .array(let element, let count):
            guard let elements = json.array, count.contains(elements.count) else { return self.complaint(at: path) }
            for (index, value) in elements.enumerated() {
                if let complaint = element.complaint(about: value, at: "\(path)[\(index)]") { return complaint }
            }
            return nil
        case .object(let members, let others): return Self.complaint(about: json, members, others, at: path)
        case .map(let value, let names, let limit):
            guard let members = json.members, members.count <= limit,
                members.allSatisfy({ names.contains($0.key.utf8.count) })
            else { return self.complaint(at: path) }
            for member in members {
                if let complaint = value.complaint(about: member.value, at: path) { return complaint }
            }
            return nil
        case .either(let schemas):
            let complaints = schemas.compactMap { $0.complaint(about: json, at: path) }
            return complaints.count < schemas.count ? nil : self.complaint(at: path)
        case .shared(let name): return Self.shared(named: name).complaint(about: json, at: path)
        case .string, .choice, .integer, .number, .boolean, .yes, .anything:
            return self.isPlain(json) ? nil : self.complaint(at: path)
        }
    }

    private static func complaint(
        about json: JSON, _ members: [Member], _ others: Others, at path: String
    ) -> String? {
        guard json.kind == .object else { return "\(path): must be an object" }
        for member in members {
            let place = path.isEmpty ? member.name : "\(path).\(member.name)"
            if let value = json[member.name] {
                if let complaint = member.schema.complaint(about: value, at: place) { return complaint }
            } else if member.isRequired {
                return "\(place): is missing"
            }
        }
        guard others == .refused, let all = json.members else { return nil }
        let names = Set(members.map(\.name))
        return all.first { !names.contains($0.key) }.map { "\(path).\($0.key.prefix(64)): a client may not say this" }
    }

    private func isPlain(_ json: JSON) -> Bool {
        switch self.form {
        case .string(let bytes): json.string.map { bytes.contains($0.utf8.count) } ?? false
        case .choice(let values): json.string.map(values.contains) ?? false
        case .integer(let range): json.int.map(range.contains) ?? false
        case .number: json.double?.isFinite ?? false
        case .boolean: json.bool != nil
        case .yes: json.bool == true
        default: true
        }
    }

    func complaint(at path: String) -> String { "\(path): must be \(self.phrase)" }

    /// Of what has the form, and is none of what the form is for.
    func complaintAboutMeaning(at path: String) -> String { "\(path): must be \(self.doc ?? self.phrase)" }

    private var phrase: String {
        switch self.form {
        case .string(let bytes) where bytes.upperBound == Int.max: "a string"
        case .string(let bytes) where bytes.lowerBound == 0: "a string of at most \(bytes.upperBound) bytes"
        case .string(let bytes): "a string of \(bytes.lowerBound) to \(bytes.upperBound) bytes"
        case .choice(let values): "one of " + values.joined(separator: ", ")
        case .integer(let range) where range.upperBound == Int64.max: "a whole number, \(range.lowerBound) or more"
        case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .number: "a number"
        case .boolean: "true or false"
        case .yes: "true"
        case .anything: "a value"
        case .array(_, let count) where count.upperBound == Int.max: "a list"
        case .array(_, let count): "a list of \(count.lowerBound) to \(count.upperBound)"
        case .object: "an object"
        case .map(_, _, let limit): "an object of at most \(limit) members"
        case .either(let schemas): schemas.map(\.phrase).joined(separator: ", or ")
        case .shared(let name): Self.shared(named: name).phrase
        }
    }
}
