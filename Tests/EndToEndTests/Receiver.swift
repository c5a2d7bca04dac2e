import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import ParleyJSON
import Synchronization

/// A backend that is called: it remembers what it got, in order, and answers as told.
final class Receiver: Sendable {
    struct Call: Sendable {
        let path: String
        let query: [String: String]
        let body: String

        var json: JSON? { try? JSON(parsing: self.body) }
        /// A form's fields.
        var form: [String: String] { Receiver.fields(self.body) }
    }

    struct Answer: Sendable {
        var status: HTTPResponseStatus = .ok
        var body = #"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""}"#
    }

    let port: Int
    /// Each call as it comes. To be looked at by one.
    let calls: AsyncStream<Call>
    private let channel: any Channel

    static func start(
        port: Int = 0, _ answer: @escaping @Sendable (Call) -> Answer? = { _ in Answer() }
    ) async throws -> Receiver {
        let (calls, arrivals) = AsyncStream.makeStream(of: Call.self)
        let shared = SharedChannels()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                shared.add(channel)
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(arrivals, answer))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        return Receiver(channel, calls, shared)
    }

    private final class SharedChannels: Sendable {
        let channels = Mutex<[any Channel]>([])
        func add(_ channel: any Channel) { self.channels.withLock { $0.append(channel) } }
    }

    private let shared: SharedChannels

    private init(_ channel: any Channel, _ calls: AsyncStream<Call>, _ shared: SharedChannels) {
        self.channel = channel
        self.calls = calls
        self.port = channel.localAddress!.port!
        self.shared = shared
    }

    var url: String { "http://127.0.0.1:\(self.port)" }

    /// Nobody is there any more.
    func stop() async {
        try? await self.channel.close().get()
        for child in self.shared.channels.withLock({ $0 }) { try? await child.close().get() }
    }

    /// Calls until `isLast` accepts one, that one included.
    func calls(until isLast: (Call) -> Bool) async -> [Call] {
        var calls: [Call] = []
        for await call in self.calls {
            calls.append(call)
            if isLast(call) { break }
        }
        return calls
    }

    func next(_ count: Int) async -> [Call] {
        var left = count
        return await self.calls { _ in
            left -= 1
            return left == 0
        }
    }

    fileprivate static func fields(_ form: String) -> [String: String] {
        var fields: [String: String] = [:]
        for pair in form.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            fields[parts[0]] =
                parts.count > 1 ? parts[1].replacingOccurrences(of: "+", with: " ").removingPercentEncoding : ""
        }
        return fields
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let arrivals: AsyncStream<Call>.Continuation
        private let answer: @Sendable (Call) -> Answer?
        private var head: HTTPRequestHead?
        private var body = ""

        init(_ arrivals: AsyncStream<Call>.Continuation, _ answer: @escaping @Sendable (Call) -> Answer?) {
            self.arrivals = arrivals
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch self.unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                self.body = ""
            case .body(let bytes): self.body += String(buffer: bytes)
            case .end: self.take(context)
            }
        }

        private func take(_ context: ChannelHandlerContext) {
            let parts = (self.head?.uri ?? "").split(separator: "?", maxSplits: 1).map(String.init)
            let call = Call(
                path: parts.first ?? "", query: Receiver.fields(parts.count > 1 ? parts[1] : ""), body: self.body)
            let answer = self.answer(call)
            // Before whoever calls has the answer, and may call again on another connection: that would be taken for the earlier one.
            self.arrivals.yield(call)
            // Nil: never answered.
            guard let answer else { return }
            var head = HTTPResponseHead(version: .http1_1, status: answer.status)
            head.headers.add(name: "Content-Length", value: "\(answer.body.utf8.count)")
            context.write(self.wrapOutboundOut(.head(head)), promise: nil)
            context.write(self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: answer.body)))), promise: nil)
            context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
