import ArgumentParser
import Foundation
import NIOCore
import NIOPosix

/// Sends through one vendor's API for some time, on so many keep-alive connections.
///
/// A closed loop (no rate): each connection sends, waits for the answer, and sends again. An open loop: messages are due at a steady rate whatever the
/// answers do, and a latency counts from the moment a message was due, not from when a connection was free for it.
struct SendLoad: Sendable {
    var host: String
    var port: Int
    var requests: BenchRequests
    var senders: Int
    /// Messages a second; nil: a closed loop.
    var rate: Double?
    var warmUp: TimeAmount
    var duration: TimeAmount
    /// Closed loop: not more than this, warm-up included. Nil: as many as the time allows.
    var count: Int?
    /// Bytes of text.
    var size: Int
    /// Called on the loop when the warm-up is over.
    var measurementBegins: @Sendable () -> Void = {}

    struct Result: Sendable {
        var taken = 0
        var refused = 0
        /// Of all, warm-up included.
        var takenInAll = 0
        var seconds = 0.0
        /// Of the answers.
        var latencies = Histogram()

        var rate: Double { Double(self.taken) / max(self.seconds, 0.001) }
    }

    func run(on loop: any EventLoop) async throws -> Result {
        let box = try await loop.submit { NIOLoopBound(Pacer(self, on: loop), eventLoop: loop) }.get()
        for _ in 0..<self.senders {
            _ = try await ClientBootstrap(group: loop)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Sender(box.value))
                    }
                }
                .connect(host: self.host, port: self.port).get()
        }
        return try await loop.flatSubmit { box.value.start() }.get()
    }
}

/// Says when which message is due, and counts the answers.
private final class Pacer {
    let load: SendLoad
    private let loop: any EventLoop
    private let done: EventLoopPromise<SendLoad.Result>
    private let padding: String
    private var senders: [Sender] = []
    private var idle: [Sender] = []
    /// Open loop: when the messages that nobody was free for were due.
    private var waiting = CircularBuffer<NIODeadline>()
    private var beganAt = NIODeadline.now()
    private var measuresSince: NIODeadline?
    private var endsAt = NIODeadline.distantFuture
    private var dueCount = 0
    private var number = UInt32.random(in: 0...UInt32.max)
    private var result = SendLoad.Result()
    private var busy = 0
    private var sent = 0
    private var isDone = false

    init(_ load: SendLoad, on loop: any EventLoop) {
        self.load = load
        self.loop = loop
        self.done = loop.makePromise()
        self.padding = String(repeating: "x", count: max(0, load.size - 16))
    }

    func add(_ sender: Sender) { self.senders.append(sender) }

    func start() -> EventLoopFuture<SendLoad.Result> {
        self.beganAt = .now()
        self.endsAt = self.beganAt + self.load.warmUp + self.load.duration
        let begin = NIOLoopBound(self, eventLoop: self.loop)
        self.loop.scheduleTask(in: self.load.warmUp) { begin.value.beginMeasuring() }
        if self.load.rate == nil {
            for sender in self.senders.prefix(self.load.count ?? .max) { self.send(with: sender, due: .now()) }
        } else {
            self.idle = self.senders
            self.tick()
        }
        return self.done.futureResult
    }

    private func beginMeasuring() {
        self.measuresSince = .now()
        self.load.measurementBegins()
    }

    /// Open loop: sends what has become due.
    private func tick() {
        let now = NIODeadline.now()
        guard now < self.endsAt, let rate = self.load.rate else { return self.endIfQuiet() }
        let elapsed = Double((now - self.beganAt).nanoseconds) / 1e9
        while Double(self.dueCount) < elapsed * rate {
            self.waiting.append(self.beganAt + .nanoseconds(Int64(Double(self.dueCount) / rate * 1e9)))
            self.dueCount += 1
        }
        self.serve()
        let bound = NIOLoopBound(self, eventLoop: self.loop)
        let next = self.beganAt + .nanoseconds(Int64(Double(self.dueCount) / rate * 1e9))
        self.loop.scheduleTask(deadline: max(next, now + .microseconds(50))) { bound.value.tick() }
    }

    private func serve() {
        while let sender = self.idle.last, let due = self.waiting.popFirst() {
            self.idle.removeLast()
            self.send(with: sender, due: due)
        }
    }

    private func send(with sender: Sender, due: NIODeadline) {
        self.number &+= 1
        self.busy += 1
        self.sent += 1
        let digits = String(due.uptimeNanoseconds, radix: 16)
        let text = String(repeating: "0", count: 16 - digits.count) + digits + self.padding
        sender.send(self.load.requests.body(self.number, text), due: due)
    }

    func answered(_ sender: Sender, taken: Bool, due: NIODeadline) {
        self.busy -= 1
        let now = NIODeadline.now()
        if taken { self.result.takenInAll += 1 }
        if self.measuresSince != nil, now < self.endsAt {
            if taken { self.result.taken += 1 } else { self.result.refused += 1 }
            self.result.latencies.record((now - due).nanoseconds)
        }
        if self.load.rate != nil {
            self.idle.append(sender)
            self.serve()
            if now >= self.endsAt { self.endIfQuiet() }
        } else if now < self.endsAt, self.sent < self.load.count ?? .max {
            self.send(with: sender, due: now)
        } else {
            self.endIfQuiet()
        }
    }

    /// The server closed a connection: what was measured is worth nothing.
    func lost() {
        guard !self.isDone else { return }
        self.isDone = true
        self.done.fail(ValidationError("the server closed a sender's connection"))
    }

    private func endIfQuiet() {
        guard self.busy == 0, let since = self.measuresSince else { return }
        self.measuresSince = nil
        self.isDone = true
        self.result.seconds = Double((min(self.endsAt, .now()) - since).nanoseconds) / 1e9
        for sender in self.senders { sender.close() }
        self.done.succeed(self.result)
    }
}

/// One connection: a request, its answer. Reads just enough HTTP for answers of a known length.
private final class Sender: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let pacer: Pacer
    private let success: [UInt8]
    private var context: ChannelHandlerContext?
    private var received = ByteBuffer()
    private var due = NIODeadline.now()

    init(_ pacer: Pacer) {
        self.pacer = pacer
        self.success = Array(pacer.load.requests.success.utf8)
    }

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        self.pacer.add(self)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        self.pacer.lost()
    }

    func send(_ body: String, due: NIODeadline) {
        self.due = due
        guard let context = self.context else { return }
        let request = "\(self.pacer.load.requests.head)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(string: request)), promise: nil)
    }

    func close() { self.context?.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var chunk = self.unwrapInboundIn(data)
        self.received.writeBuffer(&chunk)
        guard let taken = self.answer() else { return }
        self.received.clear()
        self.pacer.answered(self, taken: taken, due: self.due)
    }

    /// Whether the answer that has arrived whole says that the message was taken; nil while it has not.
    private func answer() -> Bool? {
        let view = self.received.readableBytesView
        guard let end = view.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let head = String(decoding: view[..<end.lowerBound], as: UTF8.self)
        guard let field = head.range(of: "Content-Length: ") else { return false }
        let length = Int(head[field.upperBound...].prefix { $0.isNumber }) ?? 0
        let body = view[end.upperBound...]
        guard body.count >= length else { return nil }
        return head.hasPrefix("HTTP/1.1 200") && body.firstRange(of: self.success) != nil
    }
}
