import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// Many connections of clients that do not behave, on one event loop.
final class Mob: Sendable {
    /// How its members leave.
    enum Exit: Sendable {
        /// As a program that ends: FIN.
        case politely
        /// As a program that crashes with unread data: RST.
        case reset
        /// As a machine that is switched off: nothing is sent at all (Linux: TCP_REPAIR, needs CAP_NET_ADMIN; else as `reset`).
        case silently
    }

    private let port: Int
    private let loop = MultiThreadedEventLoopGroup.singleton.next()
    private let channels = Mutex<[any Channel]>([])
    private let closed = Mutex(0)

    init(port: Int) { self.port = port }

    /// Those that the server, or they themselves, have closed.
    var closedCount: Int { self.closed.withLock { $0 } }
    var count: Int { self.channels.withLock { $0.count } }

    /// Connects so many, some at a time, each of which says something and then nothing more.
    /// - Returns: how many were let in.
    @discardableResult
    func join(_ count: Int, saying words: @escaping @Sendable (Int) -> String) async -> Int {
        var joined = 0
        for start in stride(from: 0, to: count, by: 250) {
            await withTaskGroup(of: Bool.self) { group in
                for number in start..<min(start + 250, count) {
                    group.addTask { await self.joinOne(words(number)) }
                }
                for await isIn in group where isIn { joined += 1 }
            }
        }
        return joined
    }

    private func joinOne(_ words: String) async -> Bool {
        let bootstrap = ClientBootstrap(group: self.loop).connectTimeout(.seconds(30))
        guard let channel = try? await bootstrap.connect(host: "127.0.0.1", port: self.port).get() else { return false }
        channel.closeFuture.whenComplete { _ in self.closed.withLock { $0 += 1 } }
        self.channels.withLock { $0.append(channel) }
        return (try? await channel.writeAndFlush(ByteBuffer(string: words)).get()) != nil
    }

    /// Everyone says one more byte.
    func trickle(_ byte: String) {
        for channel in self.channels.withLock({ $0 }) { channel.writeAndFlush(ByteBuffer(string: byte), promise: nil) }
    }

    func leave(_ exit: Exit) async {
        let all = self.channels.withLock { channels in
            defer { channels = [] }
            return channels
        }
        for channel in all {
            switch exit {
            case .politely: break
            case .reset: await Self.reset(channel)
            case .silently:
                let repair = ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: 19))
                do { try await channel.setOption(repair, value: 1).get() } catch { await Self.reset(channel) }
            }
            try? await channel.close().get()
        }
    }

    private static func reset(_ channel: any Channel) async {
        guard let socket = channel as? any SocketOptionProvider else { return }
        try? await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
    }
}
