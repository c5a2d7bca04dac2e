package import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Who knows the addresses of names.
package protocol HostResolver: Sendable {
    /// All of them, the best first. What ports they have does not matter.
    func addresses(of host: String) async throws(OutboundFault) -> [SocketAddress]

    /// Is asked no more.
    func shutDown()
}

extension HostResolver {
    package func shutDown() {}
}

/// The system's: `/etc/hosts`, DNS, whatever is set up there.
package final class SystemResolver: HostResolver {
    /// Looking up waits, for as long as DNS servers please: not on an event loop, and not on the threads that files are
    /// read on, which a tenant's slow DNS server would keep from everybody.
    private let threads: NIOThreadPool

    package init(threads: Int = 4) {
        self.threads = NIOThreadPool(numberOfThreads: threads)
        self.threads.start()
    }

    deinit { self.shutDown() }

    /// A name that is being looked up does not hold up whoever shuts down.
    package func shutDown() { self.threads.shutdownGracefully { _ in } }

    package func addresses(of host: String) async throws(OutboundFault) -> [SocketAddress] {
        do { return try await self.threads.runIfActive { try Self.lookUp(host) } } catch {
            throw .unresolved(host: host)
        }
    }

    private static func lookUp(_ host: String) throws(OutboundFault) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_protocol = Int32(IPPROTO_TCP)
        hints.ai_flags = AI_ADDRCONFIG
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &found) == 0, let found else { throw .unresolved(host: host) }
        defer { freeaddrinfo(found) }
        return sequence(first: found) { $0.pointee.ai_next }.compactMap { Self.address($0.pointee) }
    }

    private static func address(_ info: addrinfo) -> SocketAddress? {
        guard let address = UnsafeRawPointer(info.ai_addr) else { return nil }
        switch info.ai_family {
        case AF_INET: return SocketAddress(address.loadUnaligned(as: sockaddr_in.self))
        case AF_INET6: return SocketAddress(address.loadUnaligned(as: sockaddr_in6.self))
        case _: return nil
        }
    }
}

/// What was looked up, for a short while. It is judged anew by whoever asks: what one App may reach, another may not.
actor Names {
    private static let lifetime = TimeAmount.seconds(10)
    private static let limit = 1024

    private let resolver: any HostResolver
    private let now: @Sendable () -> NIODeadline
    private var known: [String: (addresses: [SocketAddress], until: NIODeadline)] = [:]
    /// Who asks while a name is being looked up gets what is found: a slow name takes one thread, however many wait.
    private var underWay: [String: Task<Result<[SocketAddress], OutboundFault>, Never>] = [:]

    init(_ resolver: any HostResolver, now: @escaping @Sendable () -> NIODeadline) {
        self.resolver = resolver
        self.now = now
    }

    /// - Returns: one at least.
    func addresses(of host: String) async throws(OutboundFault) -> [SocketAddress] {
        if let known = self.known[host], self.now() < known.until { return known.addresses }
        if let lookup = self.underWay[host] { return try await lookup.value.get() }
        let lookup = Task { [resolver] in await Self.lookUp(host, with: resolver) }
        self.underWay[host] = lookup
        let found = await lookup.value
        self.underWay[host] = nil
        let addresses = try found.get()
        self.remember(addresses, of: host)
        return addresses
    }

    private static func lookUp(
        _ host: String, with resolver: any HostResolver
    ) async -> Result<[SocketAddress], OutboundFault> {
        do throws(OutboundFault) {
            let addresses = try await resolver.addresses(of: host)
            return addresses.isEmpty ? .failure(.unresolved(host: host)) : .success(addresses)
        } catch { return .failure(error) }
    }

    private func remember(_ addresses: [SocketAddress], of host: String) {
        let now = self.now()
        if self.known.count >= Self.limit { self.known = self.known.filter { now < $0.value.until } }
        guard self.known.count < Self.limit else { return }
        self.known[host] = (addresses, now + Self.lifetime)
    }
}
