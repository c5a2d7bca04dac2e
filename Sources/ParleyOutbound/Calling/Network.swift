import NIOCore

/// An address as a number, so that networks are a matter of leading bits. An IPv4 address that is wrapped in an IPv6
/// one is the IPv4 address: the packets go there.
enum IPAddress: Hashable, Sendable {
    case v4(UInt32)
    case v6(UInt128)

    init?(_ address: SocketAddress) {
        switch address {
        // Where POSIX systems have the address in `sockaddr_in` and `sockaddr_in6`.
        case .v4: self = .v4(UInt32(bigEndian: Self.load(from: address, at: 4)))
        case .v6: self = Self.unwrapped(UInt128(bigEndian: Self.load(from: address, at: 8)))
        case .unixDomainSocket: return nil
        }
    }

    private static func load<Number: FixedWidthInteger & BitwiseCopyable>(
        from address: SocketAddress, at offset: Int
    ) -> Number {
        address.withSockAddr { start, _ in
            UnsafeRawPointer(start).loadUnaligned(fromByteOffset: offset, as: Number.self)
        }
    }

    private static func unwrapped(_ address: UInt128) -> IPAddress {
        let last = UInt32(truncatingIfNeeded: address)
        switch address >> 32 {
        case 0xffff: return .v4(last)  // ::ffff:0:0/96
        case 0x0064_ff9b << 64: return .v4(last)  // 64:ff9b::/96
        case 0 where last > 1: return .v4(last)  // ::/96, but for :: and ::1
        case _ where address >> 112 == 0x2002: return .v4(UInt32(truncatingIfNeeded: address >> 80))  // 2002::/16
        case _: return .v6(address)
        }
    }
}

/// `10.0.0.0/8`, `fd00::/8`; an address alone is a network of one.
struct Network: Hashable, Sendable {
    let base: IPAddress
    let bits: Int

    init(_ text: String) throws(UnreadableNetwork) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = try? SocketAddress(ipAddress: String(parts[0]), port: 0), let base = IPAddress(address)
        else {
            throw .noAddress(text)
        }
        // What is wrapped is judged without its wrapping, so that nothing would ever be in such a network.
        if case .v4 = base, parts[0].contains(":") { throw .wrapped(text) }
        let width = base.width
        guard let bits = parts.count == 1 ? width : Int(parts[1]), (0...width).contains(bits) else {
            throw .noLength(text)
        }
        self.base = base
        self.bits = bits
        // Probably a slip, and it is not for us to guess which of the two was meant.
        guard base.isZero(after: bits) else { throw .notItsFirst(text) }
    }

    func contains(_ address: IPAddress) -> Bool {
        switch (self.base, address) {
        // A shift by the whole width leaves nothing: everything is in a network of no bits.
        case (.v4(let base), .v4(let address)): (base ^ address) >> (32 - self.bits) == 0
        case (.v6(let base), .v6(let address)): (base ^ address) >> (128 - self.bits) == 0
        case (.v4, .v6), (.v6, .v4): false
        }
    }
}

extension IPAddress {
    fileprivate var width: Int {
        switch self {
        case .v4: 32
        case .v6: 128
        }
    }

    fileprivate func isZero(after bits: Int) -> Bool {
        switch self {
        case .v4(let address): address << bits == 0
        case .v6(let address): address << bits == 0
        }
    }
}

/// What was to be a network is none.
package enum UnreadableNetwork: Error, Hashable, Sendable, CustomStringConvertible {
    case noAddress(String)
    case noLength(String)
    case notItsFirst(String)
    case wrapped(String)

    package var description: String {
        switch self {
        case .noAddress(let text): "\"\(text)\" is no network such as 10.0.0.0/8 or fd00::/8, nor \"loopback\""
        case .noLength(let text): "\"\(text)\": what is behind the / must be a number of bits: 0-32, of IPv6 0-128"
        case .notItsFirst(let text): "\"\(text)\" is not the first address of its network"
        case .wrapped(let text): "\"\(text)\" is IPv4 inside IPv6: write the IPv4 network"
        }
    }
}
