import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix
import NIOSSL
import Synchronization

/// One port of the loopback interface, with the connections that it accepted.
final class SimulatorServer: Sendable {
    private struct State {
        var open: [ObjectIdentifier: any Channel] = [:]
        var isShutDown = false
    }

    private let channel: any Channel
    private let isEncrypted: Bool
    private let connections: Connections

    /// What was accepted and is not closed yet.
    private final class Connections: Sendable {
        private let state = Mutex(State())

        func add(_ channel: any Channel) {
            let isLate = self.state.withLock { state in
                state.open[ObjectIdentifier(channel)] = channel
                return state.isShutDown
            }
            if isLate { channel.close(promise: nil) }
            channel.closeFuture.whenComplete { _ in
                self.state.withLock { _ = $0.open.removeValue(forKey: ObjectIdentifier(channel)) }
            }
        }

        func close() async {
            let open = self.state.withLock { state in
                state.isShutDown = true
                return Array(state.open.values)
            }
            for channel in open { try? await channel.close().get() }
        }
    }

    private init(_ channel: any Channel, _ connections: Connections, isEncrypted: Bool) {
        self.channel = channel
        self.connections = connections
        self.isEncrypted = isEncrypted
    }

    /// - Parameter identity: nil, and nothing is encrypted.
    static func bind(port: Int, counter: Counter, identity: SelfSigned? = nil) async throws -> SimulatorServer {
        let connections = Connections()
        let context = try identity.map { try Self.context(of: $0) }
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                connections.add(channel)
                guard let context else { return Self.configurePlain(channel, counter) }
                return Self.configureSecure(channel, counter, context)
            }
            .bind(host: "127.0.0.1", port: port).get()
        return SimulatorServer(channel, connections, isEncrypted: identity != nil)
    }

    var url: String { "\(self.isEncrypted ? "https" : "http")://127.0.0.1:\(self.channel.localAddress?.port ?? 0)" }

    func shutDown() async {
        try? await self.channel.close().get()
        await self.connections.close()
    }
}

extension SimulatorServer {
    private static func configurePlain(_ channel: any Channel, _ counter: Counter) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
            try pipeline.addHandler(SimulatorConnection(counter, nil))
        }
    }

    private static func configureSecure(
        _ channel: any Channel, _ counter: Counter, _ context: NIOSSLContext
    ) -> EventLoopFuture<Void> {
        let guest = SimulatorConnection.Guest()
        do {
            // Called only when the client shows a certificate: it is taken, whoever signed it.
            let handler = NIOSSLServerHandler(context: context) { _, promise in
                guest.showCertificate()
                promise.succeed(.certificateVerified)
            }
            try channel.pipeline.syncOperations.addHandler(handler)
        } catch {
            return channel.eventLoop.makeFailedFuture(error)
        }
        return channel.configureCommonHTTPServerPipeline { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(SimulatorConnection(counter, guest))
            }
        }
    }

    private static func context(of identity: SelfSigned) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [
                .certificate(try NIOSSLCertificate(bytes: Array(identity.certificate.utf8), format: .pem))
            ],
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(identity.key.utf8), format: .pem)))
        configuration.applicationProtocols = NIOHTTP2SupportedALPNProtocols
        configuration.certificateVerification = .optionalVerification
        // The system's, which take long to read, are asked for nothing.
        configuration.trustRoots = .certificates([])
        return try NIOSSLContext(configuration: configuration)
    }
}
