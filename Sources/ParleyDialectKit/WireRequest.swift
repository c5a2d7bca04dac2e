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
    /// Told what is found out about the call; nil while nobody wants to know.
    package var trace: CallTrace?
    private let givenOrigin: String?
    /// It came over TLS.
    private let isEncrypted: Bool

    package init(
        method: HTTPMethod, target: String, headers: HTTPHeaders, body: [UInt8], remoteAddress: String = "127.0.0.1",
        requestID: String = "", receivedAt: Timestamp, origin: String? = nil, isEncrypted: Bool = false
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
        self.givenOrigin = origin
        self.isEncrypted = isEncrypted
    }

    /// `http://host:port` as the server is known to its callers, or as this one reached it: for answers that carry URLs.
    package var origin: String {
        if let origin = self.givenOrigin { return origin }
        let isEncrypted = self.isEncrypted || self.headers.first(name: "X-Forwarded-Proto") == "https"
        return "\(isEncrypted ? "https" : "http")://\(self.headers.first(name: "Host") ?? "localhost")"
    }

    /// SDKs send `//user/…` (Go, PHP) and, through proxies, `http://host/path`.
    package static func split(_ target: String) -> (path: String, query: String) {
        var target = target
        return target.withUTF8 { bytes in
            var rest = Self.withoutOrigin(bytes[...])
            if let fragment = rest.firstIndex(of: UInt8(ascii: "#")) { rest = rest[..<fragment] }
            let mark = rest.firstIndex(of: UInt8(ascii: "?"))
            let query = mark.map { rest[($0 + 1)...] } ?? rest[rest.endIndex...]
            return (Self.normalised(rest[..<(mark ?? rest.endIndex)]), String(decoding: query, as: UTF8.self))
        }
    }

    private typealias Bytes = Slice<UnsafeBufferPointer<UInt8>>

    /// From `http://host/path`, `/path`.
    private static func withoutOrigin(_ target: Bytes) -> Bytes {
        guard target.first != UInt8(ascii: "/"), let colon = target.firstIndex(of: UInt8(ascii: ":")),
            target[colon...].starts(with: "://".utf8), !target[..<colon].contains(UInt8(ascii: "/"))
        else { return target }
        let authority = target[(colon + 3)...]
        guard let end = authority.firstIndex(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }) else {
            return authority[authority.endIndex...]
        }
        return authority[end...]
    }

    /// Begins with one slash, and has no two in a row.
    private static func normalised(_ path: Bytes) -> String {
        let slash = UInt8(ascii: "/")
        let isNormal = path.first == slash && !zip(path, path.dropFirst()).contains { $0 == slash && $1 == slash }
        if isNormal { return String(decoding: path, as: UTF8.self) }
        var result: [UInt8] = [slash]
        for byte in path where byte != slash || result.last != slash { result.append(byte) }
        return String(decoding: result, as: UTF8.self)
    }

    /// The first header of that name, in any of the names given; blank values count as absent.
    package func header(_ names: String...) -> String? {
        for name in names {
            if let value = self.headers.first(name: name)?.trimmingSpaces(), !value.isEmpty { return value }
        }
        return nil
    }
}

extension String {
    /// What a path is made of, without its slashes; byte by byte, because characters cost many times as much and a path has none that matter.
    package var pathSegments: [Substring] {
        var segments: [Substring] = []
        // Deeper paths are rare.
        segments.reserveCapacity(8)
        var start = self.startIndex
        while start < self.endIndex {
            let end = self.utf8[start...].firstIndex(of: UInt8(ascii: "/")) ?? self.endIndex
            if start < end { segments.append(self[start..<end]) }
            start = end == self.endIndex ? end : self.utf8.index(after: end)
        }
        return segments
    }
}

extension StringProtocol {
    /// Without spaces and tabs at either end.
    package func trimmingSpaces() -> String {
        func isSpace(_ byte: UInt8?) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        // Nearly always there is nothing to do, and no need to look at characters.
        let text = String(self)
        guard isSpace(text.utf8.first) || isSpace(text.utf8.last) else { return text }
        var rest = text[...]
        while let first = rest.first, first == " " || first == "\t" { rest = rest.dropFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest = rest.dropLast() }
        return String(rest)
    }
}
