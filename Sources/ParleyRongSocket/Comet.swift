import Glibc
package import NIOCore
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
    private struct Session {
        var line: CometLine
        var ended: @Sendable () -> Void
    }

    private struct State {
        var sessions: [String: Session] = [:]
        var isStopping = false
    }

    private let context: RongSocketContext
    private let wait: TimeAmount
    private let patience: TimeAmount
    private let state = Mutex(State())

    /// - Parameters:
    ///   - wait: how long a request waits for something to tell.
    ///   - patience: A client that has not asked for so long is gone: they ask again at once, and wait for 45 seconds at the most.
    package init(_ context: RongSocketContext, wait: TimeAmount = .seconds(20), patience: TimeAmount = .seconds(75)) {
        self.context = context
        self.wait = wait
        self.patience = patience
    }

    /// - Parameter ended: called once, when nothing is held for the client any more: neither its connection nor what it has not fetched. Not if this throws.
    /// - Returns: what a client that connects is told.
    package func connect(
        _ client: Client, _ handshake: Handshake, ended: @escaping @Sendable () -> Void = {}
    ) async throws -> ServerFrame {
        let loop = self.context.hub.anyLoop()
        let line = CometLine()
        let near = try await self.open(line, client, handshake, on: loop)
        guard case .connAck(let user, let session, let now)? = await line.first() else {
            near.close(promise: nil)
            throw ConnectRefusal.unavailable
        }
        let name = Self.name(session)
        self.add(Session(line: line, ended: ended), name)
        near.closeFuture.whenComplete { _ in self.closed(line, name, on: loop) }
        return .connAck(user: user, session: name, nowMilliseconds: now)
    }

    /// - Returns: what there is to tell, as soon as there is anything; nil where there is no such session, or none any more.
    package func fetch(_ session: String) async -> [UInt8]? {
        guard let line = self.line(session) else { return nil }
        let frames = await line.take(waiting: self.wait)
        if line.isDone {
            self.remove(session)
            if frames.isEmpty { return nil }
        }
        var json = JSONWriter(capacity: 1024)
        json.array(frames) { $1.frame.write(into: &$0, answering: $1.query) }
        return json.bytes
    }

    /// What a client sends. What is said to it, it fetches.
    ///
    /// Returns when the connection has taken it: who sends faster than is answered waits.
    ///
    /// - Returns: false where there is no such session, or none any more.
    /// - Throws: ``ClientFrameFault``.
    package func post(_ post: CometPost, body: [UInt8]) async throws(ClientFrameFault) -> Bool {
        guard let line = self.line(post.session) else { return false }
        return await line.send(try ClientFrame(post, body: body))
    }

    /// The server goes away: who waits for something to be told goes home at once, and nobody waits any more.
    package func stop() {
        let sessions = self.state.withLock { state in
            state.isStopping = true
            return Array(state.sessions.values)
        }
        for session in sessions { session.line.endWaiting() }
    }
}

// MARK: Its connections

extension Comet {
    private func open(
        _ line: CometLine, _ client: Client, _ handshake: Handshake, on loop: any EventLoop
    ) async throws -> any Channel {
        var pair: [CInt] = [0, 0]
        guard socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &pair) == 0 else { throw ConnectRefusal.unavailable }
        let patience = self.patience
        let near: any Channel
        do {
            near = try await ClientBootstrap(group: loop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(CometHandler(line, patience: patience))
                    }
                }
                .withConnectedSocket(pair[0]).get()
        } catch {
            Glibc.close(pair[1])
            throw error
        }
        // The line reads what is said first, whatever the client would like.
        var handshake = handshake
        handshake.version = .v3
        do { try await self.openFar(pair[1], client, handshake, on: loop) } catch {
            near.close(promise: nil)
            throw error
        }
        return near
    }

    private func openFar(
        _ socket: CInt, _ client: Client, _ handshake: Handshake, on loop: any EventLoop
    ) async throws {
        let context = self.context
        _ = try await ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try RongSocket.addHandlers(to: channel, client: client, handshake, in: context)
                }
            }
            .withConnectedSocket(socket).get()
    }

    /// Whoever knows it speaks for the user: sessions are counted, so it has something in it that nobody can guess.
    private static func name(_ session: String) -> String {
        let secret = (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 36) }
        return "\(session)-\(secret.joined())"
    }
}

// MARK: Its sessions

extension Comet {
    private func line(_ name: String) -> CometLine? { self.state.withLock { $0.sessions[name]?.line } }

    private func add(_ session: Session, _ name: String) {
        let isStopping = self.state.withLock { state in
            state.sessions[name] = session
            return state.isStopping
        }
        if isStopping { session.line.endWaiting() }
    }

    /// What was said last, above all why it is over, is still to be fetched: it is kept for as long as the client may take to ask.
    private func closed(_ line: CometLine, _ name: String, on loop: any EventLoop) {
        guard !line.isDone else { return self.remove(name) }
        loop.scheduleTask(in: self.patience) { self.remove(name) }
    }

    private func remove(_ name: String) {
        self.state.withLock { $0.sessions.removeValue(forKey: name) }?.ended()
    }
}
