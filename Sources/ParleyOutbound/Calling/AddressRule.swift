package import NIOCore

/// Which addresses an App's callbacks may go to: the public ones, and the networks that whoever runs the server has
/// opened to it (docs/decisions/0011). It judges addresses, never names: there is always another name.
package struct AddressRule: Hashable, Sendable {
    private let opened: [Network]

    /// - Parameter networks: ``AppSettings/callbackNetworks``.
    package init(networks: [String] = []) throws(UnreadableNetwork) {
        var opened: [Network] = []
        for text in networks {
            if text == "loopback" { opened += Self.loopback } else { opened.append(try Network(text)) }
        }
        self.opened = opened
    }

    package func allows(_ address: SocketAddress) -> Bool {
        guard let address = IPAddress(address) else { return false }
        return Self.isPublic(address) || self.opened.contains { $0.contains(address) }
    }

    private static func isPublic(_ address: IPAddress) -> Bool {
        switch address {
        case .v4: !Self.closed.contains { $0.contains(address) }
        case .v6: Self.global.contains(address) && !Self.closed.contains { $0.contains(address) }
        }
    }
}

/// The registries of special addresses: www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry.
extension AddressRule {
    private static let loopback = Self.networks(["127.0.0.0/8", "::1/128"])

    /// All that is routed so far. Loopback, link-local, `fc00::/7` and multicast are outside, and whatever else will be.
    private static let global = Self.networks(["2000::/3"])[0]

    private static let closed = Self.networks([
        "0.0.0.0/8",  // this host, and unspecified
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",  // private
        "100.64.0.0/10",  // carrier-grade NAT; also some clouds' metadata
        "127.0.0.0/8",  // loopback
        "168.63.129.16/32",  // public by number, but in Azure's machines it is what manages them
        "169.254.0.0/16",  // link-local, and the other clouds' metadata
        "192.0.0.0/24",  // protocols
        "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24",  // documentation
        "192.88.99.0/24",  // relays of 6to4, given up
        "198.18.0.0/15",  // benchmarks
        "224.0.0.0/4",  // multicast
        "240.0.0.0/4",  // reserved, and broadcast
        "2001::/23",  // protocols: Teredo, which wraps IPv4 as well, and others
        "2001:db8::/32", "3fff::/20",  // documentation
    ])

    private static func networks(_ texts: [String]) -> [Network] {
        texts.map { text in
            guard let network = try? Network(text) else { preconditionFailure("\(text) is no network") }
            return network
        }
    }
}
