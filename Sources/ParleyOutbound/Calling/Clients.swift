import AsyncHTTPClient
import NIOCore
import NIOSSL
import Synchronization

/// Where a connection goes, and as whom: an address that was judged, and whose certificate is expected there.
struct Destination: Hashable, Sendable {
    let host: String
    let address: String
    var identity: ClientIdentity?
    var speaksHTTP2 = false
    var account: String?
}

/// An HTTP client for each destination, because an AsyncHTTPClient looks up names by itself unless it was told at its
/// beginning where a name leads.
final class Clients: Sendable {
    /// More are kept only while all are in use.
    private static let limit = 64
    private static let idleLimit = TimeAmount.seconds(60)

    private struct Lease {
        let client: HTTPClient
        var users: Int
        var usedAt: NIODeadline
    }

    private struct State {
        var leases: [Destination: Lease] = [:]
        /// Clients that nobody uses any more, while they close their connections.
        var closing: [ObjectIdentifier: Task<Void, Never>] = [:]
        var isShutDown = false
    }

    private let group: any EventLoopGroup
    private let roots: NIOSSLTrustRoots
    private let moreRoots: [NIOSSLAdditionalTrustRoots]
    private let now: @Sendable () -> NIODeadline
    private let state = Mutex(State())

    init(
        group: any EventLoopGroup, trusting roots: NIOSSLTrustRoots, and moreRoots: [NIOSSLAdditionalTrustRoots],
        now: @escaping @Sendable () -> NIODeadline
    ) {
        self.group = group
        self.roots = roots
        self.moreRoots = moreRoots
        self.now = now
    }

    func use<T: Sendable>(
        for destination: Destination, _ body: (HTTPClient) async throws -> T
    ) async throws -> T {
        let client = try self.take(destination)
        defer { self.giveBack(destination) }
        return try await body(client)
    }

    func shutDown() async {
        let closing = self.state.withLock { state in
            state.isShutDown = true
            for lease in state.leases.values { self.close(lease.client, &state) }
            state.leases = [:]
            return Array(state.closing.values)
        }
        for task in closing { await task.value }
    }
}

extension Clients {
    private func take(_ destination: Destination) throws(OutboundFault) -> HTTPClient {
        try self.state.withLock { state throws(OutboundFault) in
            guard !state.isShutDown else { throw .unreachable("the server is shutting down") }
            let now = self.now()
            if state.leases[destination] == nil { self.makeRoom(at: now, &state) }
            var lease =
                if let known = state.leases[destination] { known } else {
                    Lease(client: try self.client(for: destination), users: 0, usedAt: now)
                }
            lease.users += 1
            lease.usedAt = now
            state.leases[destination] = lease
            return lease.client
        }
    }

    private func giveBack(_ destination: Destination) {
        self.state.withLock { state in
            state.leases[destination]?.users -= 1
            state.leases[destination]?.usedAt = self.now()
        }
    }

    /// Ends what has long been idle, and of the rest as much as there is too much, the longest idle first.
    private func makeRoom(at now: NIODeadline, _ state: inout State) {
        let idle = state.leases.filter { $0.value.users == 0 }.sorted { $0.value.usedAt < $1.value.usedAt }
        for (destination, lease) in idle {
            guard state.leases.count >= Self.limit || lease.usedAt + Self.idleLimit <= now else { return }
            state.leases[destination] = nil
            self.close(lease.client, &state)
        }
    }

    private func close(_ client: HTTPClient, _ state: inout State) {
        let id = ObjectIdentifier(client)
        state.closing[id] = Task {
            try? await client.shutdown()
            self.state.withLock { $0.closing[id] = nil }
        }
    }
}

extension Clients {
    private func client(for destination: Destination) throws(OutboundFault) -> HTTPClient {
        HTTPClient(eventLoopGroupProvider: .shared(self.group), configuration: try self.configuration(destination))
    }

    private func configuration(_ destination: Destination) throws(OutboundFault) -> HTTPClient.Configuration {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = self.roots
        tls.additionalTrustRoots = self.moreRoots
        tls.minimumTLSVersion = .tlsv12
        if let identity = destination.identity { try tls.show(identity) }
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow, timeout: .init(connect: .seconds(3)),
            connectionPool: Self.connections, proxy: nil, decompression: .disabled)
        // Backends are called as ever; who needs HTTP/2 gets it where it is offered.
        configuration.httpVersion = destination.speaksHTTP2 ? .automatic : .http1Only
        configuration.dnsOverride = [destination.host: destination.address]
        return configuration
    }

    private static var connections: HTTPClient.Configuration.ConnectionPool {
        // Many servers close what has been idle for 5 s (Node, Apache): a call must not set out just then.
        var pool = HTTPClient.Configuration.ConnectionPool(
            idleTimeout: .seconds(4), concurrentHTTP1ConnectionsPerHostSoftLimit: 64)
        // When to try again is not decided here.
        pool.retryConnectionEstablishment = false
        return pool
    }
}

extension TLSConfiguration {
    fileprivate mutating func show(_ identity: ClientIdentity) throws(OutboundFault) {
        do {
            let chain = try NIOSSLCertificate.fromPEMBytes(Array(identity.certificate.utf8))
            self.certificateChain = chain.map { .certificate($0) }
            self.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Array(identity.key.utf8), format: .pem))
        } catch { throw .unreachable("the certificate to show, or its key, is not PEM") }
    }
}
