import ParleyCore
import ParleyJSON

/// What a client says: its content in the common form, and as it wrote it.
struct Wording: Sendable {
    /// Bytes of `content`, as written.
    static let limit = 128 * 1024

    let content: Content
    let native: Native

    /// - Throws: ``Refusal``: `tooLarge`, or `badField` that names the place.
    init(_ kind: String, _ json: JSON) throws(Refusal) {
        guard json.raw.count <= Self.limit else {
            throw Refusal(.tooLarge, "content: is over \(Self.limit) bytes")
        }
        try Self.check(kind, json, at: "content")
        guard let content = Content(kind: kind, json: json) else {
            throw Refusal(.badField, "content: is not what a message of kind \(kind) has")
        }
        self.content = content
        self.native = Native(
            dialect: .parley,
            payload: JSONWriter.object { writer in
                writer.field("kind", kind)
                writer.field("content", raw: JSONWriter.safe(json))
            })
    }

    private static func check(_ kind: String, _ json: JSON, at path: String) throws(Refusal) {
        guard let schema = Schema.content(of: kind) else { throw Refusal(.badField, "kind: there is no kind \(kind)") }
        if kind == "combined" {
            // Part by part, so that what is wrong is named.
            for (index, part) in (json["parts"]?.array ?? []).enumerated() {
                guard let kind = part["kind"]?.string, let content = part["content"] else { continue }
                try self.check(kind, content, at: "\(path).parts[\(index)].content")
            }
        }
        if let complaint = schema.complaint(about: json, at: path) { throw Refusal(.badField, complaint) }
    }
}
