import NIOCore
import NIOPosix
import ParleyClient
import Synchronization

/// Thousands of listening connections on one event loop, as cheap as they can be: frames are counted, and looked into no further than it takes to
/// know what they are.
final class Swarm: Sendable {
    /// Told that they have everything.
    let ready = Tally()
    /// Messages that have reached somebody.
    let messages = Tally()
    let ended = Tally()
    let refused = Tally()
    /// Not the loop of the other tests' clients: thousands keep it busy for longer than a connection may take.
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let channels = Mutex<[any Channel]>([])

    /// Begins to connect all of them at once.
    /// - Parameter targets: path and query of each.
    func connect(port: Int, targets: [String]) {
        let bootstrap = ClientBootstrap(group: self.group).connectTimeout(.seconds(60))
        for target in targets {
            bootstrap.channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let member = FrameSocket(target: target, host: "127.0.0.1", listener: SwarmMember(self))
                    try channel.pipeline.syncOperations.addHandler(member)
                }
            }
            .connect(host: "127.0.0.1", port: port).whenComplete { result in
                switch result {
                case .success(let channel): self.channels.withLock { $0.append(channel) }
                case .failure: self.refused.add()
                }
            }
        }
    }

    /// All at once, and without a word.
    func drop() { for channel in self.channels.withLock({ $0 }) { channel.close(promise: nil) } }

    /// When all have ended.
    func end() async throws { try await self.group.shutdownGracefully() }
}

private final class SwarmMember: FrameSocket.Listener {
    private let swarm: Swarm

    init(_ swarm: Swarm) { self.swarm = swarm }

    func opened() {}
    func refused(_ answer: String) { self.swarm.refused.add() }
    func receivedAll() {}
    func closed() { self.swarm.ended.add() }

    func received(_ frame: UnsafeRawBufferPointer) {
        if frame.starts(with: Self.ready) { self.swarm.ready.add() }
        if frame.starts(with: Self.message) { self.swarm.messages.add() }
    }

    private static let ready = Array(#"{"type":"ready""#.utf8)
    private static let message = Array(#"{"type":"message""#.utf8)
}
