/// A call of an endpoint that works as it stands on the demo app's data: what the console's forms begin with.
///
/// In path, query and body `{{group.NAME}}` stands for what the vendor calls the newest message of the group `demo-group`, and `{{direct.NAME}}` for that of
/// the conversation of alice and bob (``Dialect/names(of:)``): filled in when the call is made. `{{random}}` is another number of 32 bits each time, for what
/// may be said once only. `"{{#…}}"`, quotes and all, becomes a number.
package struct Example: Hashable, Sendable {
    /// The `{…}` of the endpoint's path, but for those that name the App (``Dialect/pathWords(for:)``).
    package var path: [String: String]
    /// As it is sent, without what proves the call.
    package var query: String
    package var contentType: String
    package var body: String
    /// Where one begins who has never made a call.
    package var isFirst = false

    package init(path: [String: String] = [:], query: String = "", contentType: String = "", body: String = "") {
        self.path = path
        self.query = query
        self.contentType = contentType
        self.body = body
    }

    package static func json(
        _ body: String, path: [String: String] = [:], query: String = ""
    ) -> Example {
        Example(path: path, query: query, contentType: "application/json", body: body)
    }

    package static func form(_ fields: KeyValuePairs<String, String>) -> Example {
        let pairs = fields.map { "\(Form.encoded($0))=\(Self.encodedAroundGaps($1))" }
        return Example(contentType: "application/x-www-form-urlencoded", body: pairs.joined(separator: "&"))
    }

    /// Percent-encoded, but for what is to be filled in.
    package static func encodedAroundGaps(_ text: String) -> String {
        guard let start = text.firstRange(of: "{{"), let end = text[start.upperBound...].firstRange(of: "}}") else {
            return Form.encoded(text)
        }
        return Form.encoded(String(text[..<start.lowerBound])) + text[start.lowerBound..<end.upperBound]
            + Self.encodedAroundGaps(String(text[end.upperBound...]))
    }
}

extension EndpointDescription {
    /// - Parameter title: nil: what it is in English.
    package func with(_ example: Example?, inChinese title: String?) -> EndpointDescription {
        var description = self
        description.example = example
        if let title { description.title.chinese = title }
        return description
    }
}

/// A call as a shell makes it, for those who have the App's secret: what computes the proof, and the request with `$NAMES` in it.
package struct ShellCall: Sendable {
    /// Run before.
    package var lines: [String]
    package var request: WireRequest

    package init(lines: [String], request: WireRequest) {
        self.lines = lines
        self.request = request
    }
}
