import NIOCore
import NIOPosix
import ParleyCore
package import ParleyHub
import ParleyJSON
package import ParleyRongCloud
import Synchronization

/// Clients without WebSockets: what they send comes as posts, and what they get is fetched with requests that wait (facts/rongcloud-client.md, 8).
///
/// Each has a connection of its own to this server, over a pair of sockets within the process, which is like any other client's: what is true of those is
/// true here.
package final class Comet: Sendable {
    private let context: RongSocketContext
    private let lines: Mutex<[String: CometLine]> = Mutex([:])
    /// A client that has not asked for so long is gone: they ask again at once, and wait for 45 seconds at the most.
    static let patience = TimeAmount.seconds(75)
    /// How long a request waits for something to tell.
    static let wait = TimeAmount.seconds(20)

    package init(_ context: RongSocketContext) { self.context = context }

    /// - Returns: the answer to a client that connects.
    package func connect(_ client: Client, _ handshake: Handshake) async throws -> [UInt8] {
        var pair: [CInt] = [0, 0]
        guard socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &pair) == 0 else { throw ConnectRefusal.unavailable }
        let context = self.context
        let loop = context.hub.anyLoop()
        let line = CometLine()
        let near = try await ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(line.handler()) }
            }
            .withConnectedSocket(pair[0]).get()
        do {
            _ = try await ClientBootstrap(group: loop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try RongSocket.addHandlers(to: channel, client: client, handshake, in: context)
                    }
                }
                .withConnectedSocket(pair[1]).get()
        } catch {
            near.close(promise: nil)
            throw error
        }
        guard case .connAck(let user, let session, let now)? = await line.first() else {
            near.close(promise: nil)
            throw ConnectRefusal.unavailable
        }
        self.lines.withLock { $0[session] = line }
        near.closeFuture.whenComplete { [weak self] _ in self?.lines.withLock { _ = $0.removeValue(forKey: session) } }
        return JSONWriter.object { json in
            json.field("status", 0)
            json.field("userId", user)
            json.field("headerCode", 32)
            json.field("messageId", 0)
            json.field("sessionid", session)
            json.field("timestamp", now)
        }
    }

    /// - Returns: what there is to tell, as soon as there is anything; nil where there is no such session.
    package func fetch(_ session: String) async -> [UInt8]? {
        guard let line = self.lines.withLock({ $0[session] }) else { return nil }
        let frames = await line.take(waiting: Self.wait)
        var json = JSONWriter(capacity: 1024)
        json.array(frames) { $1.frame.write(into: &$0, answering: $1.query) }
        return json.bytes
    }

    /// What a client sends. What is said to it, it fetches.
    ///
    /// - Returns: false where there is no such session.
    /// - Throws: ``ClientFrameFault``.
    package func post(
        _ session: String, header: UInt8, id: UInt16, topic: String?, target: String?, body: [UInt8]
    ) throws(ClientFrameFault) -> Bool {
        guard let line = self.lines.withLock({ $0[session] }) else { return false }
        line.send(try ClientFrame(cometHeader: header, id: id, topic: topic, target: target, body: body))
        return true
    }
}
