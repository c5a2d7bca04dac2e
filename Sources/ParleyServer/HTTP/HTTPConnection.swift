package import NIOCore
import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyHub

/// One HTTP/1 connection: reads requests whole, hands them to the site one after the other, and writes each answer as one buffer.
///
/// Nothing more is read from the socket while a request waits for the one before it to be answered, or while answers wait for a client that does not
/// read them, so that a client that pipelines without end waits in its own kernel's buffers, not in our memory. Answers leave in the order of the
/// requests.
final class HTTPConnection: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        case awaitingHead
        case receivingBody(HTTPRequestHead, [UInt8], limit: Int)
        /// The request was refused before its end: the rest of it is read and thrown away, up to a bound, so that the client gets to read why.
        case discarding(remaining: Int)
        case closing
    }

    private let site: any HTTPSite
    private let load: HTTPLoad
    private let clock: any WallClock
    private let executor: LoopExecutor
    private let date: HTTPDate
    private let timeouts: HTTPTimeouts
    private let requestIDs: RequestIDs
    private let publicURL: String?
    private let isEncrypted: Bool

    private var state = State.awaitingHead
    private var isAnswering = false
    private var isTakingTurns = false
    private var waiting = CircularBuffer<(head: HTTPRequestHead, body: [UInt8])>(initialCapacity: 1)
    /// Why the request behind those that are being answered, or wait for it, cannot be read: said after their answers.
    private var refusal: (fault: TransportFault, head: HTTPRequestHead?)?
    /// Answers that have been written and have not left yet.
    private var unsentAnswers = 0
    private var inputIsClosed = false
    private var remoteAddress = ""
    private var wantsRead = false
    private var hasEnded = false
    private var lastActivity = NIODeadline.now()
    private var requestBegan = NIODeadline.now()
    private var watch: Scheduled<Void>?

    init(
        site: any HTTPSite, load: HTTPLoad, clock: any WallClock, executor: LoopExecutor, date: HTTPDate,
        timeouts: HTTPTimeouts, requestIDs: RequestIDs, publicURL: String?, isEncrypted: Bool
    ) {
        self.site = site
        self.load = load
        self.clock = clock
        self.executor = executor
        self.date = date
        self.timeouts = timeouts
        self.requestIDs = requestIDs
        self.publicURL = publicURL
        self.isEncrypted = isEncrypted
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.remoteAddress = context.remoteAddress?.ipAddress ?? "unknown"
        self.scheduleWatch(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.watch?.cancel()
        self.leave()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.watch?.cancel()
        self.leave()
        context.fireChannelInactive()
    }

    // MARK: Reading

    func read(context: ChannelHandlerContext) {
        if self.mayRead(context) { context.read() } else { self.wantsRead = true }
    }

    private func mayRead(_ context: ChannelHandlerContext) -> Bool {
        self.waiting.isEmpty && context.channel.isWritable
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        self.answerNext(context)
        self.readIfHeld(context)
        context.fireChannelWritabilityChanged()
    }

    private func readIfHeld(_ context: ChannelHandlerContext) {
        guard self.wantsRead, self.mayRead(context) else { return }
        self.wantsRead = false
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.lastActivity = .now()
        switch self.unwrapInboundIn(data) {
        case .head(let head): self.received(head, context)
        case .body(let bytes): self.received(bytes, context)
        case .end: self.receivedEnd(context)
        }
    }

    private func received(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard case .awaitingHead = self.state else { return }
        self.requestBegan = .now()
        let limit = self.site.bodyLimit(of: head)
        if let length = head.headers.first(name: "Content-Length").flatMap({ Int($0) }), length > limit {
            return self.refuse(.bodyTooLarge(limitBytes: limit), head, context)
        }
        let size = head.headers.reduce(head.uri.utf8.count) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        guard head.headers.count <= HTTPTimeouts.headerCount, size <= HTTPTimeouts.headerBytes else {
            return self.refuse(.unreadable, head, context)
        }
        if !self.isAnswering, self.waiting.isEmpty, head.headers.first(name: "Expect")?.lowercased() == "100-continue" {
            var answer = context.channel.allocator.buffer(capacity: 32)
            answer.writeString("HTTP/1.1 100 Continue\r\n\r\n")
            context.writeAndFlush(self.wrapOutboundOut(answer), promise: nil)
        }
        self.state = .receivingBody(head, [], limit: limit)
    }

    private func received(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        switch self.state {
        case .receivingBody(let head, var body, let limit):
            self.state = .awaitingHead  // so that `body` is the only reference, and grows in place
            guard body.count + bytes.readableBytes <= limit else {
                self.load.bodyEnded(body.count)
                return self.refuse(.bodyTooLarge(limitBytes: limit), head, context)
            }
            guard self.load.admitBody(bytes.readableBytes) else {
                self.load.bodyEnded(body.count)
                return self.refuse(.overloaded, head, context)
            }
            body.append(contentsOf: bytes.readableBytesView)
            self.state = .receivingBody(head, body, limit: limit)
        case .discarding(let remaining):
            guard remaining > bytes.readableBytes else { return self.close(context) }
            self.state = .discarding(remaining: remaining - bytes.readableBytes)
        case .awaitingHead, .closing: break
        }
    }

    private func receivedEnd(_ context: ChannelHandlerContext) {
        switch self.state {
        case .receivingBody(let head, let body, _):
            self.state = .awaitingHead
            self.waiting.append((head, body))
            self.answerNext(context)
        case .discarding: if self.refusal == nil { self.finish(context) }
        case .awaitingHead, .closing: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError else { return self.close(context) }
        switch self.state {
        case .receivingBody(let head, let body, _):
            self.state = .awaitingHead
            self.load.bodyEnded(body.count)
            self.refuse(.unreadable, head, context)
        case .awaitingHead: self.refuse(.unreadable, nil, context)
        case .discarding where self.refusal != nil: break
        case .discarding, .closing: self.close(context)
        }
    }

    // MARK: Answering

    /// A request that is answered at once comes back here before this has returned: the loop, not the stack, takes the next one.
    private func answerNext(_ context: ChannelHandlerContext) {
        guard !self.isTakingTurns else { return }
        self.isTakingTurns = true
        while !self.isAnswering, !self.isClosing, context.channel.isWritable, let (head, body) = self.waiting.popFirst()
        {
            self.answer(head, body, context)
        }
        self.isTakingTurns = false
    }

    private func answer(_ head: HTTPRequestHead, _ body: [UInt8], _ context: ChannelHandlerContext) {
        self.isAnswering = true
        self.load.requestBegan()
        let request = self.request(head, body)
        let site = self.site
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        Task.immediate(executorPreference: self.executor) {
            let answer = await site.answer(request)
            let (connection, context) = bound.value
            connection.load.bodyEnded(request.body.count)
            connection.load.requestEnded()
            connection.isAnswering = false
            connection.send(answer, to: head, request.requestID, context)
        }
    }

    private func send(
        _ answer: HTTPAnswer, to head: HTTPRequestHead, _ requestID: String, _ context: ChannelHandlerContext
    ) {
        guard context.channel.isActive, !self.isClosing else { return }
        self.lastActivity = .now()
        switch answer {
        case .response(let response):
            // The parser reads no further behind a request that asks for another protocol (Java's client asks for h2c).
            let keepsAlive = head.isKeepAlive && !self.load.isDraining && !head.headers.contains(name: "Upgrade")
            self.write(response, head, requestID, keepsAlive: keepsAlive, context)
            guard keepsAlive else { return self.finish(context) }
            self.answerNext(context)
            self.refuseBehindAnswers(context)
            self.readIfHeld(context)
        case .upgrade(let headers, let install):
            self.upgrade(headers, install, context)
        }
    }

    private func write(
        _ response: WireResponse, _ head: HTTPRequestHead?, _ requestID: String, keepsAlive: Bool,
        _ context: ChannelHandlerContext
    ) {
        let buffer = response.encoded(
            for: head?.method ?? .GET, requestID: requestID, date: self.date.now(), keepsAlive: keepsAlive,
            isHTTP10: head.map { $0.version.major == 1 && $0.version.minor == 0 } ?? false,
            allocator: context.channel.allocator)
        let sent = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        sent.futureResult.whenComplete { _ in
            let (connection, context) = bound.value
            connection.answerLeft(context)
        }
        self.unsentAnswers += 1
        context.writeAndFlush(self.wrapOutboundOut(buffer), promise: sent)
    }

    private func answerLeft(_ context: ChannelHandlerContext) {
        self.unsentAnswers -= 1
        self.lastActivity = .now()
        self.endIfDone(context)
    }

    private func refuse(_ fault: TransportFault, _ head: HTTPRequestHead?, _ context: ChannelHandlerContext) {
        self.state = .discarding(remaining: HTTPTimeouts.discardedBytes)
        guard !self.isAnswering, self.waiting.isEmpty else {
            self.refusal = (fault, head)
            return
        }
        let response = self.site.answer(fault, to: head, from: self.remoteAddress)
        self.write(response, head, self.requestIDs.next(), keepsAlive: false, context)
        if fault == .unreadable, head == nil { self.finish(context) } else { self.readOn(context) }
    }

    private func refuseBehindAnswers(_ context: ChannelHandlerContext) {
        guard !self.isAnswering, self.waiting.isEmpty, !self.isClosing, let (fault, head) = self.refusal else { return }
        self.refusal = nil
        let response = self.site.answer(fault, to: head, from: self.remoteAddress)
        self.write(response, head, self.requestIDs.next(), keepsAlive: false, context)
        self.finish(context)
    }

    private func readOn(_ context: ChannelHandlerContext) {
        self.wantsRead = false
        context.read()
    }

    private func upgrade(
        _ headers: HTTPHeaders, _ install: @Sendable (any Channel) throws -> Void, _ context: ChannelHandlerContext
    ) {
        var buffer = context.channel.allocator.buffer(capacity: 256)
        buffer.writeString("HTTP/1.1 101 Switching Protocols\r\n")
        for (name, value) in headers { buffer.writeString("\(name): \(value)\r\n") }
        buffer.writeString("\r\n")
        context.writeAndFlush(self.wrapOutboundOut(buffer), promise: nil)
        self.state = .closing
        do {
            try install(context.channel)
            let pipeline = context.pipeline.syncOperations
            let decoder = try pipeline.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self)
            pipeline.removeHandler(context: context, promise: nil)
            pipeline.removeHandler(context: decoder, promise: nil)
            let channel = context.channel
            if self.inputIsClosed {
                // It is told only once, and was told to us; after the bytes that the decoder had left over.
                context.eventLoop.execute { channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
            }
            channel.read()
        } catch {
            context.close(promise: nil)
        }
    }

    private func request(_ head: HTTPRequestHead, _ body: [UInt8]) -> WireRequest {
        let own = head.headers.first(name: "X-Request-ID")
        let requestID = own.flatMap { RequestIDs.isAcceptable($0) ? $0 : nil } ?? self.requestIDs.next()
        return WireRequest(
            method: head.method, target: head.uri, headers: head.headers, body: body,
            remoteAddress: self.remoteAddress, requestID: requestID, receivedAt: self.clock.now(),
            origin: self.publicURL, isEncrypted: self.isEncrypted)
    }

    // MARK: Ending

    private var isClosing: Bool { if case .closing = self.state { true } else { false } }

    /// Closes after what was written has left.
    private func finish(_ context: ChannelHandlerContext) {
        self.leave()
        self.endIfDone(context)
    }

    private func endIfDone(_ context: ChannelHandlerContext) {
        guard context.channel.isActive, self.unsentAnswers == 0, !self.isAnswering else { return }
        if self.inputIsClosed, self.waiting.isEmpty, self.refusal == nil { return self.close(context) }
        guard self.isClosing, !self.hasEnded else { return }
        self.hasEnded = true
        // The client reads what has left, sees the end and closes; what it still sends meanwhile does not reset the connection.
        context.close(mode: .output, promise: nil)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: .seconds(1)) { bound.value.close(promise: nil) }
    }

    private func close(_ context: ChannelHandlerContext) {
        self.leave()
        context.close(promise: nil)
    }

    /// Whatever the connection was in the middle of is given up, and what it held with it.
    private func leave() {
        if case .receivingBody(_, let body, _) = self.state { self.load.bodyEnded(body.count) }
        self.state = .closing
        for (_, body) in self.waiting { self.load.bodyEnded(body.count) }
        self.waiting.removeAll()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            self.inputIsClosed = true
            self.endIfDone(context)
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func scheduleWatch(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        self.watch = context.eventLoop.scheduleTask(in: HTTPTimeouts.checkEvery) {
            let (connection, context) = bound.value
            connection.checkTimeouts(context)
        }
    }

    private func checkTimeouts(_ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        let now = NIODeadline.now()
        if self.unsentAnswers > 0, now - self.lastActivity > self.timeouts.request { return self.close(context) }
        switch self.state {
        case .awaitingHead
        where !self.isAnswering && self.unsentAnswers == 0 && now - self.lastActivity > self.timeouts.idle:
            return self.close(context)
        case .receivingBody(let head, let body, _)
        where now - self.lastActivity > self.timeouts.stalled || now - self.requestBegan > self.timeouts.request:
            self.load.bodyEnded(body.count)
            self.state = .awaitingHead
            self.refuse(.timedOut, head, context)
            self.finish(context)
        case .discarding where now - self.lastActivity > self.timeouts.stalled: return self.close(context)
        default: break
        }
        self.scheduleWatch(context)
    }
}

/// How long an HTTP connection may take over things.
package struct HTTPTimeouts: Hashable, Sendable {
    /// Without a request. Vendors' SDKs pool connections for a minute.
    package var idle: TimeAmount = .seconds(75)
    /// Without a byte, in the middle of a request.
    package var stalled: TimeAmount = .seconds(30)
    /// For a request to arrive whole.
    package var request: TimeAmount = .seconds(300)

    /// More than any client sends. What is longer is not read any further by the decoder, and cannot be answered in a vendor's form.
    static let headerCount = 128
    static let headerBytes = 64 * 1024
    static let checkEvery = TimeAmount.seconds(5)
    static let discardedBytes = 32 * 1024 * 1024

    package init() {}
}
