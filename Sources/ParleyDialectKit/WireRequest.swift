package import NIOHTTP1
package import ParleyCore

/// One HTTP request, whole, as a dialect reads it.
package struct WireRequest: Sendable {
    package var method: HTTPMethod
    /// The path as it was sent (percent-encoded), without the query; an absolute-form target is reduced to its path, and runs of `/` to one.
    package var path: String
    /// The query as it was sent, without `?`; empty when there is none.
    package var query: String
    package var headers: HTTPHeaders
    package var body: [UInt8]
    /// The address that the request came from, for callbacks and logs.
    package var remoteAddress: String
    /// What logs and the `X-Request-ID` of the answer carry: the caller's own, or one that was made.
    package var requestID: String
    package var receivedAt: Timestamp
    /// `http://host:port` as the caller reached the server, for answers that carry URLs.
    package var origin: String

    package init(
        method: HTTPMethod, target: String, headers: HTTPHeaders, body: [UInt8], remoteAddress: String = "127.0.0.1",
        requestID: String = "", receivedAt: Timestamp, origin: String = "http://localhost"
    ) {
        let (path, query) = Self.split(target)
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.remoteAddress = remoteAddress
        self.requestID = requestID
        self.receivedAt = receivedAt
        self.origin = origin
    }

    /// SDKs send `//user/…` (Go, PHP) and, through proxies, `http://host/path`.
    package static func split(_ target: String) -> (path: String, query: String) {
        var rest = Substring(target)
        if let scheme = rest.range(of: "://"), !rest[..<scheme.lowerBound].contains("/"), !rest.hasPrefix("/") {
            rest = rest[scheme.upperBound...]
            rest = rest.firstIndex(where: { $0 == "/" || $0 == "?" }).map { rest[$0...] } ?? "/"
        }
        if let fragment = rest.firstIndex(of: "#") { rest = rest[..<fragment] }
        let mark = rest.firstIndex(of: "?")
        let path = rest[..<(mark ?? rest.endIndex)]
        let query = mark.map { rest[rest.index(after: $0)...] } ?? ""
        guard path.contains("//") || !path.hasPrefix("/") else { return (String(path), String(query)) }
        let segments = path.split(separator: "/", omittingEmptySubsequences: true)
        let slash = path.hasSuffix("/") && !segments.isEmpty ? "/" : ""
        return ("/" + segments.joined(separator: "/") + slash, String(query))
    }

    /// The first header of that name, in any of the names given; blank values count as absent.
    package func header(_ names: String...) -> String? {
        for name in names {
            if let value = self.headers.first(name: name)?.trimmingSpaces(), !value.isEmpty { return value }
        }
        return nil
    }
}

extension StringProtocol {
    /// Without spaces and tabs at either end.
    package func trimmingSpaces() -> String {
        var rest = self[...]
        while let first = rest.first, first == " " || first == "\t" { rest = rest.dropFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest = rest.dropLast() }
        return String(rest)
    }

    fileprivate func range(of needle: String) -> Range<Index>? {
        var start = self.startIndex
        while start < self.endIndex {
            if self[start...].hasPrefix(needle) { return start..<self.index(start, offsetBy: needle.count) }
            start = self.index(after: start)
        }
        return nil
    }
}
