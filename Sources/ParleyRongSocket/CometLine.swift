import NIOCore
import NIOWebSocket
import ParleyRongCloud
import ParleySocket
import Synchronization

/// One comet client's end of its connection: what has come for it and is not fetched yet.
///
/// What waits here is bounded: beyond ``limit`` bytes nothing more is read from the connection, so a client that does not ask is to the hub what a
/// WebSocket is whose client does not read.
final class CometLine: Sendable {
    /// With the topic of the query that it answers.
    typealias Frame = (frame: ServerFrame, query: String?)

    private struct Waiter {
        var number: Int
        var continuation: CheckedContinuation<Bool, Never>
        var timer: Scheduled<Void>

        /// - Parameter takes: whatever there is, is for this one.
        func resume(takes: Bool = true) {
            self.timer.cancel()
            self.continuation.resume(returning: takes)
        }
    }

    private struct State {
        var frames: [Frame] = []
        var byteCount = 0
        /// Topics of what was asked and is not answered: only they say what an answer is.
        var queries: [UInt16: String] = [:]
        /// Nil once the connection is gone.
        var channel: (any Channel)?
        /// Who waits for something to come: then there is nothing.
        var waiter: Waiter?
        var lastWaiter = 0
        var mayWait = true
        var hasAsked = true
        var hasEnded = false
    }

    private let state = Mutex(State())
    private static let limit = 256 * 1024
    /// Of a frame without its payload, about.
    private static let overhead = 128

    // MARK: From the connection

    fileprivate func opened(_ channel: any Channel) { self.state.withLock { $0.channel = channel } }

    fileprivate var hasRoom: Bool { self.state.withLock { $0.byteCount < Self.limit } }

    fileprivate func received(_ frame: ServerFrame, byteCount: Int) {
        let waiter = self.state.withLock { state in
            var query: String?
            if case .queryAck(let id, _, _, _, _) = frame { query = state.queries.removeValue(forKey: id) }
            state.frames.append((frame, query))
            state.byteCount += byteCount + Self.overhead
            return exchange(&state.waiter, with: nil)
        }
        waiter?.resume()
    }

    fileprivate func ended() {
        let waiter = self.state.withLock { state in
            state.hasEnded = true
            state.channel = nil
            state.queries = [:]
            return exchange(&state.waiter, with: nil)
        }
        waiter?.resume()
    }

    /// Whether the client has asked for anything since the last time that this was called.
    fileprivate func hasAsked() -> Bool {
        self.state.withLock { $0.waiter != nil || exchange(&$0.hasAsked, with: false) }
    }

    /// Nobody will ask any more.
    fileprivate func forget() { self.state.withLock { ($0.frames, $0.byteCount) = ([], 0) } }

    // MARK: From the client

    /// What the server says first.
    func first() async -> ServerFrame? { await self.take(waiting: .seconds(5), atMost: 1).first?.frame }

    /// It is over, and the client has been told everything.
    var isDone: Bool { self.state.withLock { $0.hasEnded && $0.frames.isEmpty } }

    /// What has come, as soon as there is anything. Of two who wait the first goes empty-handed: its client has given it up.
    func take(waiting time: TimeAmount, atMost limit: Int = .max) async -> [Frame] {
        let takes = await self.wait(time)
        guard takes else { return [] }
        let (frames, held) = self.state.withLock { state -> ([Frame], (any Channel)?) in
            state.hasAsked = true
            let wasFull = state.byteCount >= Self.limit
            let frames = Array(state.frames.prefix(limit))
            state.frames.removeFirst(frames.count)
            if state.frames.isEmpty { state.byteCount = 0 }
            return (frames, wasFull ? state.channel : nil)
        }
        held?.read()
        return frames
    }

    /// - Returns: false: somebody else has come to wait.
    private func wait(_ time: TimeAmount) async -> Bool {
        await withCheckedContinuation { continuation in
            let (waits, older) = self.state.withLock { state -> (Bool, Waiter?) in
                guard state.frames.isEmpty, state.mayWait, let loop = state.channel?.eventLoop else {
                    return (false, nil)
                }
                state.lastWaiter += 1
                let number = state.lastWaiter
                let timer = loop.scheduleTask(in: time) { self.giveUp(number) }
                let waiter = Waiter(number: number, continuation: continuation, timer: timer)
                return (true, exchange(&state.waiter, with: waiter))
            }
            if !waits { continuation.resume(returning: true) }
            older?.resume(takes: false)
        }
    }

    private func giveUp(_ number: Int) {
        let waiter = self.state.withLock { $0.waiter?.number == number ? exchange(&$0.waiter, with: nil) : nil }
        waiter?.resume()
    }

    /// Who waits goes with what there is, and nobody waits any more.
    func endWaiting() {
        let waiter = self.state.withLock { state in
            state.mayWait = false
            return exchange(&state.waiter, with: nil)
        }
        waiter?.resume()
    }

    /// - Returns: false: it is over. True, when it is but the client has yet to learn why.
    func send(_ frame: ClientFrame) async -> Bool {
        let (channel, hasFrames) = self.state.withLock { state -> ((any Channel)?, Bool) in
            if case .query(let topic, _, let id, _, _) = frame, state.channel != nil { state.queries[id] = topic }
            return (state.channel, !state.frames.isEmpty)
        }
        guard let channel else { return hasFrames }
        var bytes = ByteBuffer()
        frame.write(into: &bytes)
        // When it fails, what comes of it is that nothing more comes.
        try? await channel.writeAndFlush(ByteBuffer.masked(.binary, bytes)).get()
        return true
    }
}

extension ByteBuffer {
    /// As clients send it: masked, here with zeros, which change nothing.
    fileprivate static func masked(_ opcode: WebSocketOpcode, _ payload: ByteBuffer) -> ByteBuffer {
        var frame = ByteBuffer()
        frame.reserveCapacity(payload.readableBytes + 14)
        frame.writeInteger(0x80 | UInt8(webSocketOpcode: opcode))
        frame.writeInteger(0x80 | UInt8(127))
        frame.writeInteger(UInt64(payload.readableBytes))
        frame.writeInteger(UInt32(0))
        frame.writeImmutableBuffer(payload)
        return frame
    }
}

/// Turns what comes over the connection into frames for the line, and answers pings for a client that still asks.
final class CometHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let line: CometLine
    private let patience: TimeAmount
    /// What the server itself sends: an answer has its own limits.
    private var frames = FrameReader(limit: 64 << 20)
    private var watch: RepeatedTask?

    init(_ line: CometLine, patience: TimeAmount) {
        self.line = line
        self.patience = patience
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.line.opened(context.channel)
        let (channel, line) = (context.channel, self.line)
        // Who does not ask any more is gone.
        self.watch = context.eventLoop.scheduleRepeatedTask(initialDelay: self.patience, delay: self.patience) { _ in
            guard !line.hasAsked() else { return }
            line.forget()
            channel.close(promise: nil)
        }
    }

    /// The line says when it has room again.
    func read(context: ChannelHandlerContext) { if self.line.hasRoom { context.read() } }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.frames.append(Self.unwrapInboundIn(data))
        while let frame = try? self.frames.next() {
            switch frame.opcode {
            case .binary:
                let payload = Array(frame.data.readableBytesView)
                guard let known = try? ServerFrame(parsing: payload) else { continue }
                self.line.received(known, byteCount: payload.count)
            case .ping: context.writeAndFlush(Self.wrapOutboundOut(.masked(.pong, frame.data)), promise: nil)
            case .connectionClose: context.close(promise: nil)
            default: break
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.watch?.cancel()
        self.line.ended()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
