#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension Chat {
    /// Where the server is, and who we are to it.
    public struct Configuration: Sendable {
        /// `https://chat.example.com`, also with `wss`, `ws` or `http`, and with a path in front of `/v1`.
        public var server: URL
        /// Asked before the first connection, and again when the server says that the token is no longer good. When it throws, it is asked again a
        /// little later.
        public var token: @Sendable () async throws -> String
        /// Names this installation: what was delivered is remembered for it. Make one, once, and keep it; without one, every ``Chat`` is a new device.
        public var device: String?
        /// What the app runs on (`Web`, `iPhone` …), as others see it in ``Presence``.
        public var platform: String?
        /// Of what was missed in one conversation only the newest so many are sent (0 to 10,000), after a ``Gap``. Nil: all of it.
        public var catchUpLimit: Int?
        public var cursors: (any CursorStore)?
        public var backoff = Backoff()
        /// How long a command waits for its answer, the time without a connection included. A message waits for as long as it takes unless
        /// ``Chat/send(_:to:options:only:ephemeral:id:timeout:)`` says otherwise.
        public var requestTimeout = Duration.seconds(30)
        public var certificates = Certificates.system

        public init(server: URL, device: String? = nil, token: @escaping @Sendable () async throws -> String) {
            self.server = server
            self.device = device
            self.token = token
        }
    }

    /// Whose signature on the server's certificate counts. It is always verified, and so is the host's name.
    public enum Certificates: Hashable, Sendable {
        case system
        /// A file of certificates in PEM: an authority of one's own.
        case file(String)
    }
}

/// A server's address, taken apart.
struct Endpoint: Hashable, Sendable {
    var host: String
    var port: Int
    var isSecure: Bool
    /// Of every path: empty, or begins with a slash and does not end with one.
    var prefix = ""

    /// Nil when that is no address of a server.
    init?(_ url: URL) {
        guard let host = url.host(), !host.isEmpty else { return nil }
        switch url.scheme?.lowercased() {
        case "ws", "http": self.isSecure = false
        case "wss", "https": self.isSecure = true
        default: return nil
        }
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        self.port = url.port ?? (self.isSecure ? 443 : 80)
        guard (1...65535).contains(self.port) else { return nil }
        self.prefix = url.path(percentEncoded: true)
        while self.prefix.hasSuffix("/") { self.prefix.removeLast() }
    }

    init(host: String, port: Int, isSecure: Bool = false) {
        self.host = host
        self.port = port
        self.isSecure = isSecure
    }

    /// For a `Host` header.
    var authority: String {
        let host = self.host.contains(":") ? "[\(self.host)]" : self.host
        return self.port == (self.isSecure ? 443 : 80) ? host : "\(host):\(self.port)"
    }

    /// Text as the value of a header: without what would end it and begin another.
    static func headerValue(_ text: String) -> String {
        String(decoding: text.utf8.filter { $0 >= 0x20 && $0 < 0x7F }, as: UTF8.self)
    }

    /// Text as the value of a query item.
    static func escaped(_ text: String) -> String {
        let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        let hex = Array("0123456789ABCDEF".unicodeScalars)
        var result = ""
        for byte in text.utf8 {
            if plain.contains(byte) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result += "%"
                result.unicodeScalars.append(hex[Int(byte >> 4)])
                result.unicodeScalars.append(hex[Int(byte & 15)])
            }
        }
        return result
    }
}
