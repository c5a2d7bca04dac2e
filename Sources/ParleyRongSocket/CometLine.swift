import NIOCore
import NIOWebSocket
import ParleyRongCloud
import ParleySocket
import Synchronization

/// One comet client's end of its connection: what has come for it and is not fetched yet.
final class CometLine: Sendable {
    private struct State {
        var frames: [(frame: ServerFrame, query: String?)] = []
        /// Topics of what was asked and is not answered: only they say what an answer is.
        var queries: [UInt16: String] = [:]
        var channel: (any Channel)?
        /// Who waits for something to come.
        var waiter: CheckedContinuation<Void, Never>?
        var waiterNumber = 0
        var isFetched = true
        var hasEnded = false
    }

    private let state = Mutex(State())
    /// A client that lets more come than that does not keep up.
    private static let limit = 2000

    func handler() -> any ChannelHandler & Sendable { CometHandler(self) }

    // MARK: From the connection

    fileprivate func opened(_ channel: any Channel) { self.state.withLock { $0.channel = channel } }

    /// - Returns: false: it is too much.
    fileprivate func received(_ frame: ServerFrame) -> Bool {
        let (waiter, hasRoom) = self.state.withLock { state in
            var query: String?
            if case .queryAck(let id, _, _, _, _) = frame { query = state.queries.removeValue(forKey: id) }
            state.frames.append((frame, query))
            return (exchange(&state.waiter, with: nil), state.frames.count < Self.limit)
        }
        waiter?.resume()
        return hasRoom
    }

    fileprivate func ended() {
        let waiter = self.state.withLock { state in
            state.hasEnded = true
            state.channel = nil
            return exchange(&state.waiter, with: nil)
        }
        waiter?.resume()
    }

    /// Whether the client has asked for anything since the last time that this was asked.
    fileprivate func wasFetched() -> Bool {
        self.state.withLock { $0.waiter != nil || exchange(&$0.isFetched, with: false) }
    }

    // MARK: From the client

    /// What the server says first.
    func first() async -> ServerFrame? { await self.take(waiting: .seconds(5), atMost: 1).first?.frame }

    /// What has come, at once if there is anything. Of two who wait the first goes empty-handed.
    func take(waiting: TimeAmount, atMost limit: Int = .max) async -> [(frame: ServerFrame, query: String?)] {
        await self.wait(waiting)
        return self.state.withLock { state in
            state.isFetched = true
            let frames = Array(state.frames.prefix(limit))
            state.frames.removeFirst(frames.count)
            return frames
        }
    }

    private func wait(_ time: TimeAmount) async {
        await withCheckedContinuation { continuation in
            let (older, loop, number) = self.state.withLock {
                state -> (CheckedContinuation<Void, Never>?, (any EventLoop)?, Int) in
                state.waiterNumber += 1
                guard state.frames.isEmpty, let loop = state.channel?.eventLoop else {
                    return (continuation, nil, state.waiterNumber)
                }
                return (exchange(&state.waiter, with: continuation), loop, state.waiterNumber)
            }
            older?.resume()
            loop?.scheduleTask(in: time) { self.giveUp(number) }
        }
    }

    private func giveUp(_ number: Int) {
        let waiter = self.state.withLock { $0.waiterNumber == number ? exchange(&$0.waiter, with: nil) : nil }
        waiter?.resume()
    }

    func send(_ frame: ClientFrame) {
        let channel = self.state.withLock { state in
            if case .query(let topic, _, let id, _, _) = frame { state.queries[id] = topic }
            return state.channel
        }
        var bytes = ByteBuffer()
        frame.write(into: &bytes)
        channel?.writeAndFlush(ByteBuffer.masked(.binary, bytes), promise: nil)
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

/// Turns what comes over the connection into frames for the line, and answers for a client that still asks.
private final class CometHandler: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private struct Reading {
        var frames = FrameReader(limit: 64 << 20)
        var hasRoom = true
    }

    private let line: CometLine
    private let reading: Mutex<Reading> = Mutex(Reading())

    init(_ line: CometLine) { self.line = line }

    func handlerAdded(context: ChannelHandlerContext) {
        self.line.opened(context.channel)
        let channel = context.channel
        // Who does not ask any more is gone.
        context.eventLoop.scheduleRepeatedTask(initialDelay: Comet.patience, delay: Comet.patience) { task in
            guard channel.isActive, self.line.wasFetched() else {
                task.cancel()
                return channel.close(promise: nil)
            }
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Self.unwrapInboundIn(data)
        self.reading.withLock { $0.frames.append(bytes) }
        while let frame = self.next() {
            switch frame.opcode {
            case .binary:
                let payload = Array(frame.data.readableBytesView)
                if let frame = try? ServerFrame(parsing: payload), !self.line.received(frame) {
                    context.close(promise: nil)
                }
            case .ping:
                let pong = ByteBuffer.masked(.pong, frame.data)
                context.writeAndFlush(Self.wrapOutboundOut(pong), promise: nil)
            case .connectionClose: context.close(promise: nil)
            default: break
            }
        }
    }

    private func next() -> WebSocketFrame? { self.reading.withLock { try? $0.frames.next() } }

    func channelInactive(context: ChannelHandlerContext) { self.line.ended() }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
