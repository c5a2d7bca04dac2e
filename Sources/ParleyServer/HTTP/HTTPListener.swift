import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import ParleyCore
import ParleyHub

/// Accepts connections on one address.
struct HTTPListener: Sendable {
    let group: MultiThreadedEventLoopGroup
    let load: HTTPLoad
    let clock: any WallClock
    let timeouts: HTTPTimeouts
    let publicURL: String?
    private let requestIDs = RequestIDs()

    init(
        group: MultiThreadedEventLoopGroup, load: HTTPLoad, clock: any WallClock, timeouts: HTTPTimeouts,
        publicURL: String?
    ) {
        self.group = group
        self.load = load
        self.clock = clock
        self.timeouts = timeouts
        self.publicURL = publicURL
    }

    /// - Parameter certificates: nil, and nothing is encrypted.
    func bind(
        host: String, port: Int, site: any HTTPSite, certificates: Certificates? = nil
    ) async throws -> any Channel {
        try await ServerBootstrap(group: self.group)
            .serverChannelOption(.backlog, value: 4096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.recvAllocator, value: Receiving())
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.start(channel, site: site, certificates) }
            }
            .bind(host: host, port: port).get()
    }

    /// Takes in a connection that was accepted. On its event loop.
    func start(_ channel: any Channel, site: any HTTPSite, _ certificates: Certificates? = nil) throws {
        guard self.load.admitConnection() else {
            channel.close(promise: nil)
            return
        }
        let load = self.load
        channel.closeFuture.whenComplete { _ in load.connectionEnded() }
        let decoder = HTTPRequestDecoder(
            leftOverBytesStrategy: .forwardBytes, informationalResponseStrategy: .drop, limitConfiguration: Self.limits)
        let pipeline = channel.pipeline.syncOperations
        if let certificates {
            try pipeline.addHandlers(NIOSSLServerHandler(context: certificates.context), Parting())
        }
        try pipeline.addHandler(ByteToMessageHandler(decoder))
        try pipeline.addHandler(
            HTTPConnection(
                site: site, load: self.load, clock: self.clock, executor: LoopExecutor(channel.eventLoop),
                date: HTTPDate(), timeouts: self.timeouts, requestIDs: self.requestIDs, publicURL: self.publicURL,
                isEncrypted: certificates != nil))
    }

    private static var limits: NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        // Above what the connection accepts, so that it can refuse in the vendor's own form.
        limits.maxHeaderFieldSize = 128 * 1024
        limits.maxHeaderListSize = 256 * 1024
        limits.maxHeaderFieldCount = 2048
        return limits
    }
}
