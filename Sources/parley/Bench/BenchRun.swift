import Foundation
import NIOCore
import NIOPosix

/// One measurement: so many senders, so long.
struct BenchRun {
    let host: String
    let port: Int
    let senders: Int
    let seconds: Int
    let requests: BenchRequests

    struct Result {
        var taken = 0
        var refused = 0
        var seconds = 0.0
        /// Of the answers, in nanoseconds, sorted.
        var latencies: [Int64] = []

        var rate: Double { Double(self.taken) / max(self.seconds, 0.001) }

        func milliseconds(at quantile: Double) -> Double {
            guard !self.latencies.isEmpty else { return 0 }
            return Double(self.latencies[min(self.latencies.count - 1, Int(Double(self.latencies.count) * quantile))])
                / 1e6
        }

        func row(_ dialect: String, _ senders: Int) -> String {
            String(
                format: "%@ %8d %9.0f %8.2f %8.2f %9d", dialect.padding(toLength: 10, withPad: " ", startingAt: 0),
                senders,
                self.rate, self.milliseconds(at: 0.5), self.milliseconds(at: 0.99), self.refused)
        }

        func json(_ dialect: String, _ senders: Int) -> String {
            String(
                format: #"{"dialect":"%@","senders":%d,"sendsPerSecond":%.1f,"p50":%.3f,"p99":%.3f,"refused":%d}"#,
                dialect, senders, self.rate, self.milliseconds(at: 0.5), self.milliseconds(at: 0.99), self.refused)
        }
    }

    func measure(group: MultiThreadedEventLoopGroup) async throws -> Result {
        let loop = group.next()
        let tally = NIOLoopBoundBox.makeBoxSendingValue(Result(), eventLoop: loop)
        let deadline = NIODeadline.now() + .seconds(Int64(self.seconds))
        let began = NIODeadline.now()
        var channels: [any Channel] = []
        for index in 0..<self.senders {
            let first = UInt32(truncatingIfNeeded: index) << 22 | UInt32.random(in: 0..<(1 << 12)) << 10
            let sender = { @Sendable in
                ClosedLoopSender(requests: self.requests, first: first, until: deadline, tally: tally)
            }
            let channel = try await ClientBootstrap(group: loop)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(sender()) }
                }
                .connect(host: self.host, port: self.port).get()
            channels.append(channel)
        }
        for channel in channels { try? await channel.closeFuture.get() }
        let elapsed = Double((NIODeadline.now() - began).nanoseconds) / 1e9
        return try await loop.submit {
            var result = tally.value
            result.seconds = elapsed
            result.latencies.sort()
            return result
        }.get()
    }
}

/// Sends, waits for the answer, sends again, until the deadline. Reads just enough HTTP for answers of a known length.
private final class ClosedLoopSender: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let requests: BenchRequests
    private let deadline: NIODeadline
    private let tally: NIOLoopBoundBox<BenchRun.Result>
    private let success: [UInt8]
    private var number: UInt32
    private var received = ByteBuffer()
    private var sentAt = NIODeadline.now()

    init(requests: BenchRequests, first: UInt32, until deadline: NIODeadline, tally: NIOLoopBoundBox<BenchRun.Result>) {
        self.requests = requests
        self.number = first
        self.deadline = deadline
        self.tally = tally
        self.success = Array(requests.success.utf8)
    }

    func channelActive(context: ChannelHandlerContext) { self.sendNext(context) }

    private func sendNext(_ context: ChannelHandlerContext) {
        guard NIODeadline.now() < self.deadline else { return context.close(promise: nil) }
        self.number &+= 1
        let body = self.requests.body(self.number)
        let request = "\(self.requests.head)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        self.sentAt = .now()
        context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(string: request)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var chunk = self.unwrapInboundIn(data)
        self.received.writeBuffer(&chunk)
        guard let taken = self.answer() else { return }
        self.received.clear()
        if taken { self.tally.value.taken += 1 } else { self.tally.value.refused += 1 }
        self.tally.value.latencies.append((NIODeadline.now() - self.sentAt).nanoseconds)
        self.sendNext(context)
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
