import Logging
import ParleyCallbacks
import ParleyCore
import ParleyDialectKit
import ParleyOutbound
import ParleyServer
import ParleyStore
import ParleyTesting
import Synchronization
import Testing

/// What is asked before messages, by many senders at once: nobody waits for a backend that is slow for longer than the rule says, or for one that is gone at all.
@Suite(.timeLimit(.minutes(1)))
struct CallbackGateTests {
    @Test func beyondWhatIsUnderWayMessagesGoOnUnasked() async throws {
        let scene = try await Scene()
        let limit = 512
        let others = (1...limit).map { _ in Task { try await scene.say() } }
        await scene.backend.wait(for: limit)
        #expect(try await scene.say() == "deliver")
        #expect(scene.backend.count == limit)
        scene.backend.answer(.success(OutboundAnswer(status: 200, body: Array(#"{"ErrorCode":2}"#.utf8))))
        for other in others { #expect(try await other.value == "drop") }
    }

    @Test func whoDoesNotAnswerIsNotAskedForAWhileAndThenByOneAtATime() async throws {
        let scene = try await Scene()
        func fail() async throws {
            let asked = Task { try await scene.say() }
            await scene.backend.wait(for: 1)
            scene.backend.answer(.failure(.timedOut))
            #expect(try await asked.value == "deliver")
        }
        for _ in 1...20 { try await fail() }
        #expect(try await scene.say() == "deliver")
        #expect(scene.backend.count == 20)

        scene.advance(milliseconds: 1000)
        let one = Task { try await scene.say() }
        await scene.backend.wait(for: 1)
        #expect(try await scene.say() == "deliver")
        #expect(scene.backend.count == 21)
        scene.backend.answer(.success(OutboundAnswer(status: 200, body: Array(#"{"ErrorCode":1}"#.utf8))))
        #expect(try await one.value == "refuse")

        // It is back: everybody asks.
        let all = (1...2).map { _ in Task { try await scene.say() } }
        await scene.backend.wait(for: 2)
        scene.backend.answer(.success(OutboundAnswer(status: 200, body: Array(#"{"ErrorCode":0}"#.utf8))))
        for one in all { #expect(try await one.value == "deliver") }
    }

    @Test func whereTheAppWantsSoWhatNobodyCouldBeAskedAboutIsRefused() async throws {
        let scene = try await Scene { $0.whenUnanswered = .refuse }
        let asked = Task { try await scene.say() }
        await scene.backend.wait(for: 1)
        scene.backend.answer(.success(OutboundAnswer(status: 500)))
        await #expect(throws: Rejection.callbackFailed) { try await asked.value }
    }
}

/// The demo's App with one rule that asks, and a clock to turn.
private final class Scene: Sendable {
    let backend = HeldTransport()
    private let bench: Bench
    private let callbacks: Callbacks
    private let time: Time

    /// Milliseconds of a clock that does not jump.
    private final class Time: Sendable {
        let now = Mutex<Int64>(0)
    }

    init(_ change: (inout CallbackRule) -> Void = { _ in }) async throws {
        self.bench = try await Bench.make()
        let time = Time()
        self.time = time
        var app = self.bench.app
        var rule = CallbackRule(
            name: "ask", dialect: DialectName("tencent"), url: "http://127.0.0.1:9/", topics: [.beforeMessage])
        change(&rule)
        app.settings.callbacks = [rule]
        try await self.bench.store.save(app)
        self.callbacks = Callbacks(
            transport: self.backend, asking: self.backend,
            forms: Dictionary(uniqueKeysWithValues: Dialects.all.map { ($0.name, $0.callbacks) }),
            clock: self.bench.clock, monotonic: { time.now.withLock { $0 } })
        await self.callbacks.look(self.bench.core, self.bench.store, logger: Logger(label: "test"))
    }

    func advance(milliseconds: Int64) { self.time.now.withLock { $0 += milliseconds } }

    /// What the backend decided.
    func say() async throws -> String {
        let message = Message(
            sender: UserID("bob"), content: .text("x"),
            native: Native(dialect: .parley, payload: Array(#"{"kind":"text","content":{"text":"x"}}"#.utf8)))
        let send = Send(app: self.bench.app.id, conversation: .group(GroupID("demo-group")), message: message)
        let attempt = SendAttempt(app: self.bench.app, send: send, id: MessageID(rawValue: 1 << 40))
        return switch try await self.callbacks.gate.decide(on: attempt) {
        case .deliver: "deliver"
        case .replace: "replace"
        case .refuse: "refuse"
        case .drop: "drop"
        }
    }
}

/// Answers when its test says so.
private final class HeldTransport: Transport {
    private struct State {
        var count = 0
        var held: [CheckedContinuation<Result<OutboundAnswer, OutboundFault>, Never>] = []
    }

    private let state = Mutex(State())

    /// Requests so far.
    var count: Int { self.state.withLock { $0.count } }

    func send(
        _ request: OutboundRequest, allowing rule: AddressRule, timeoutMilliseconds: Int64
    ) async throws(OutboundFault) -> OutboundAnswer {
        let result = await withCheckedContinuation { continuation in
            self.state.withLock {
                $0.count += 1
                $0.held.append(continuation)
            }
        }
        return try result.get()
    }

    /// Until so many wait for an answer.
    func wait(for count: Int) async {
        while self.state.withLock({ $0.held.count }) < count { await Task.yield() }
    }

    /// To all who wait.
    func answer(_ result: Result<OutboundAnswer, OutboundFault>) {
        let held = self.state.withLock { state in
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.resume(returning: result) }
    }
}
