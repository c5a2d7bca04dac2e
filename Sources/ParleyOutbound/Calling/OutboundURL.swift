import Foundation
import NIOCore

/// A URL that can be called, read strictly: what two readers understand differently has been the way around rules like
/// ours, so what is unusual is refused (`user@host`, escapes in the host, anything but visible ASCII).
struct OutboundURL: Hashable, Sendable {
    /// In small letters; of an IPv6 address, without the brackets.
    let host: String
    /// As it is sent, with the host spelled as above.
    let text: String

    init(_ url: String) throws(OutboundFault) {
        guard url.utf8.allSatisfy({ (0x21...0x7e).contains($0) }), let scheme = Self.scheme(of: url) else {
            throw .badURL
        }
        let afterScheme = url.dropFirst(scheme.count)
        let authority = afterScheme.prefix { !"/?#".contains($0) }.lowercased()
        let rest = afterScheme.dropFirst(authority.count).prefix { $0 != "#" }
        guard let (host, port) = Self.split(authority) else { throw .badURL }
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        self.text = "\(scheme)\(host)\(port)\(rest.hasPrefix("/") ? "" : "/")\(rest)"
        // AsyncHTTPClient reads the URL with Foundation, and looks up a name of its own if that reads another host.
        guard URL(string: self.text)?.host?.trimmingCharacters(in: ["[", "]"]) == self.host else { throw .badURL }
    }

    private static func scheme(of url: String) -> String? {
        let start = url.prefix(8).lowercased()
        return ["http://", "https://"].first { start.hasPrefix($0) }
    }

    /// The host with an IPv6 address's brackets, and the port with its colon, or nothing.
    private static func split(_ authority: String) -> (host: String, port: String)? {
        let host =
            if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
                authority[...end]
            } else {
                authority.prefix { $0 != ":" }
            }
        let port = authority[host.endIndex...]
        guard Self.isHost(host), port.isEmpty || Self.isPort(port) else { return nil }
        return (String(host), port.count > 1 ? String(port) : "")
    }

    private static func isHost(_ host: Substring) -> Bool {
        if host.hasPrefix("[") {
            return (try? SocketAddress(ipAddress: String(host.dropFirst().dropLast()), port: 0))?.protocol == .inet6
        }
        return !host.isEmpty
            && host.allSatisfy { ("a"..."z").contains($0) || ("0"..."9").contains($0) || "-._".contains($0) }
    }

    /// A colon alone is the scheme's own port.
    private static func isPort(_ port: Substring) -> Bool {
        guard port.first == ":" else { return false }
        let digits = port.dropFirst()
        return digits.isEmpty
            || (digits.allSatisfy { ("0"..."9").contains($0) } && UInt16(digits).map { $0 > 0 } == true)
    }
}
