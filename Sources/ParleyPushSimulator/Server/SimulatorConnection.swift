import NIOCore
import NIOHTTP1
import Synchronization

/// One connection of HTTP/1.1, or one stream of HTTP/2: a request is collected, answered, and followed by the next.
final class SimulatorConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// Above what any provider takes.
    private static let longestBody = 1024 * 1024

    private let counter: Counter
    /// Nil: in the clear.
    private let guest: Guest?
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isTooLong = false

    /// Who is at the other end of an encrypted connection.
    final class Guest: Sendable {
        private let showedCertificate = Mutex(false)
        var hasCertificate: Bool { self.showedCertificate.withLock { $0 } }
        func showCertificate() { self.showedCertificate.withLock { $0 = true } }
    }

    init(_ counter: Counter, _ guest: Guest?) {
        self.counter = counter
        self.guest = guest
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            self.body = []
            self.isTooLong = false
        case .body(let part):
            self.isTooLong = self.isTooLong || self.body.count + part.readableBytes > Self.longestBody
            if !self.isTooLong { self.body.append(contentsOf: part.readableBytesView) }
        case .end: self.answer(context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func answer(_ context: ChannelHandlerContext) {
        guard let head = self.head else { return }
        self.head = nil
        guard !self.isTooLong else {
            self.send(.text(413, "That is too long\n"), to: head, context)
            return
        }
        let reply = self.counter.reply(to: self.request(head))
        guard reply.delayMilliseconds > 0 else {
            self.send(reply.answer, to: head, context)
            return
        }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: .milliseconds(Int64(reply.delayMilliseconds))) {
            let (connection, context) = bound.value
            connection.send(reply.answer, to: head, context)
        }
    }

    private func request(_ head: HTTPRequestHead) -> SimulatorRequest {
        let uri = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        return SimulatorRequest(
            method: head.method.rawValue, path: uri.first.map(String.init) ?? "/",
            query: uri.count > 1 ? String(uri[1]) : "", headers: head.headers.map { ($0.name, $0.value) },
            body: self.body, isHTTP2: head.version.major == 2, isEncrypted: self.guest != nil,
            hasCertificate: self.guest?.hasCertificate ?? false)
    }

    private func send(_ answer: SimulatorAnswer, to head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        var headers = HTTPHeaders(answer.headers.map { ($0.name, $0.value) })
        let status = HTTPResponseStatus(statusCode: answer.status)
        if status.mayHaveResponseBody { headers.add(name: "Content-Length", value: "\(answer.body.count)") }
        let response = HTTPResponseHead(version: head.version, status: status, headers: headers)
        context.write(self.wrapOutboundOut(.head(response)), promise: nil)
        if !answer.body.isEmpty, head.method != .HEAD {
            context.write(self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
        }
        let ends = head.version.major == 1 && !head.isKeepAlive
        let promise = ends ? context.eventLoop.makePromise(of: Void.self) : nil
        promise?.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: promise)
    }
}
