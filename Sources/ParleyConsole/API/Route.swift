import NIOHTTP1
import ParleyDialectKit
import ParleyJSON

/// One call of the console's API: declared once, for answering it and for docs/console-api.json. A new one is a value like this, and a line in ``all``.
struct Route: Sendable {
    let method: HTTPMethod
    /// Behind `/console/api/`: `apps/{app}/users/{user}`.
    let path: String
    let summary: String
    let query: [Field]
    /// Nil: it takes none.
    let body: [Field]?
    let answer: [Field]
    /// Whoever asks is answered, signed in or not.
    let isOpen: Bool
    let perform: @Sendable (Visit) async throws -> Reply
    fileprivate let segments: [Substring]

    init(
        _ method: HTTPMethod, _ path: String, _ summary: String, query: [Field] = [], body: [Field]? = nil,
        answer: [Field], isOpen: Bool = false, perform: @escaping @Sendable (Visit) async throws -> Reply
    ) {
        self.method = method
        self.path = path
        self.summary = summary
        self.query = query
        self.body = body
        self.answer = answer
        self.isOpen = isOpen
        self.perform = perform
        self.segments = path.split(separator: "/")
    }

    static let all: [Route] =
        Self.sessions + Self.watching + Self.users + Self.groups + Self.conversations + Self.outbound + Self.calls

    /// The route for a path behind `/console/api/`, percent-encoded, and what its `{…}` are.
    ///
    /// - Throws: ``Refusal``.
    static func find(_ method: HTTPMethod, _ path: [String]) throws(Refusal) -> (Route, [String: String]) {
        let fitting = self.all.filter { $0.fits(path) }
        guard !fitting.isEmpty else { throw .notFound }
        guard let route = fitting.first(where: { $0.method == method }) else {
            let methods = fitting.map(\.method.rawValue).joined(separator: ", ")
            throw Refusal(.methodNotAllowed, .wrongMethod, Wording("Only \(methods).", "只支持 \(methods)。"))
        }
        return (route, route.parameters(in: path))
    }

    private func fits(_ path: [String]) -> Bool {
        path.count == self.segments.count
            && zip(self.segments, path).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }

    private func parameters(in path: [String]) -> [String: String] {
        var parameters: [String: String] = [:]
        for (segment, text) in zip(self.segments, path) where segment.hasPrefix("{") {
            parameters[String(segment.dropFirst().dropLast())] = text
        }
        return parameters
    }

    var parameterNames: [String] {
        self.segments.filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }
}

/// What a call of the API is answered with, unless it is refused.
struct Reply: Sendable {
    var body: [UInt8]
    var headers: HTTPHeaders = [:]

    static let done = Reply { _ in }

    init(_ members: (inout JSONWriter) throws -> Void) rethrows {
        self.body = try JSONWriter.object(capacity: 1024, members)
    }
}
