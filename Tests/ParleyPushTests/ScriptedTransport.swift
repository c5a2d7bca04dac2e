import ParleyOutbound
import Synchronization

/// Answers as its test says, and hands each request to whoever waits for it.
final class ScriptedTransport: Transport {
    private let answer: @Sendable (OutboundRequest) -> OutboundAnswer
    private let requests: AsyncStream<OutboundRequest>
    private let mailbox: AsyncStream<OutboundRequest>.Continuation
    private let sent = Atomic(0)

    init(_ answer: @escaping @Sendable (OutboundRequest) -> OutboundAnswer = { _ in OutboundAnswer(status: 200) }) {
        self.answer = answer
        (self.requests, self.mailbox) = AsyncStream.makeStream()
    }

    var count: Int { self.sent.load(ordering: .acquiring) }

    func send(
        _ request: OutboundRequest, allowing rule: AddressRule, timeoutMilliseconds: Int64
    ) async throws(OutboundFault) -> OutboundAnswer {
        self.sent.add(1, ordering: .acquiringAndReleasing)
        self.mailbox.yield(request)
        return self.answer(request)
    }

    /// The next that was sent, of those that nobody has asked for yet.
    func next() async -> String {
        for await request in self.requests { return request.text }
        return ""
    }
}

extension OutboundRequest {
    var text: String { String(decoding: self.body, as: UTF8.self) }
}
