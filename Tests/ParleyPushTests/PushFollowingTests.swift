import Logging
import ParleyCore
import ParleyOutbound
import ParleyServer
import ParleyStore
import ParleyTesting
import Synchronization
import Testing

@testable import ParleyPush

/// From the log to the provider, with a transport that answers as its test says.
@Suite(.timeLimit(.minutes(1)))
struct PushFollowingTests {
    @Test func whoIsNotThereIsToldAndNobodyElse() async throws {
        let scene = try await Scene()
        try await scene.register("alice", "bob", "carol")
        scene.bench.signals.setOnline(UserID("carol"))
        try await scene.follow {
            try await scene.say("hello", as: "alice")
            let request = await scene.transport.next()
            #expect(request.contains(#""user":"bob""#))
            #expect(request.contains(#""text":"hello""#))
            #expect(request.contains(#""badge":1"#))
        }
        #expect(scene.transport.count == 1)
        let records = try await scene.records()
        #expect(records.map(\.user) == [UserID("bob")])
        #expect(records.map(\.outcome) == [.accepted])
    }

    @Test func afterARestartNothingIsPushedTwiceAndNothingIsLeftOut() async throws {
        let scene = try await Scene()
        try await scene.change {
            $0.settings.pushProviders.append(
                PushProvider(name: "again", kind: .webhook, url: Scene.url, isOn: false))
        }
        try await scene.register("bob", "carol", "dave")
        try await scene.follow {
            try await scene.say("one", as: "alice")
            for _ in 1...3 { _ = await scene.transport.next() }
        }
        // As if the server had been killed when two of the three were noted, and how far it had come was not.
        let records = try await scene.records()
        #expect(records.count == 3)
        try await scene.note(records.dropLast(), by: "again")
        let left = try #require(records.last?.user)
        try await scene.change { app in
            app.settings.pushProviders.removeFirst()
            app.settings.pushProviders[0].isOn = true
        }
        try await scene.register("bob", "carol", "dave", at: "again")
        try await scene.follow {
            #expect(await scene.transport.next().contains(#""user":"\#(left)""#))
            try await scene.say("two", as: "carol")
            for _ in 1...2 { #expect(await scene.transport.next().contains(#""text":"two""#)) }
        }
        #expect(scene.transport.count == 6)
    }

    @Test func aPageThatIsCutShortLosesNothingWhereSomeOfItWasPushedBefore() async throws {
        let scene = try await Scene()
        try await scene.register("bob", "carol")
        for text in ["one", "two", "three"] { try await scene.say(text, as: "alice") }
        let trail = try await scene.trail(noticesAtOnce: 4)
        let all = try await trail.read(after: MessageID(rawValue: 0), limit: 64).errands
        try await scene.note(
            all.filter { $0.work.look.text == "one" }.map { trail.record(of: $0) }, by: trail.provider.name)
        var (left, after) = ([String](), MessageID(rawValue: 0))
        while true {
            let stretch = try await trail.read(after: after, limit: 64)
            left += stretch.errands.map(\.work.look.text)
            guard stretch.through > after else { break }
            after = stretch.through
        }
        #expect(left == ["two", "two", "three", "three"])
    }

    @Test func aTokenThatIsGoneIsForgotten() async throws {
        let scene = try await Scene { _ in OutboundAnswer(status: 410) }
        try await scene.register("bob")
        try await scene.follow {
            try await scene.say("hello", as: "alice")
            _ = await scene.transport.next()
        }
        #expect(try await scene.bench.store.pushDevices(of: UserID("bob"), in: scene.app).isEmpty)
        #expect(try await scene.records().map(\.outcome) == [.unregistered])
    }

    @Test func whatFailsIsTriedAgainAndHoldsUpNobodyElse() async throws {
        let failures = Mutex(2)
        let scene = try await Scene { request in
            guard request.text.contains(#""user":"bob""#) else { return OutboundAnswer(status: 200) }
            let fails = failures.withLock { left in
                left -= 1
                return left >= 0
            }
            return OutboundAnswer(status: fails ? 503 : 200)
        }
        try await scene.register("bob", "carol")
        try await scene.follow {
            try await scene.say("hello", as: "alice")
            for _ in 1...4 { _ = await scene.transport.next() }
        }
        let records = try await scene.records()
        #expect(records.map(\.outcome) == [.accepted, .accepted])
        #expect(records.first { $0.user == UserID("bob") }?.attempts == 3)
        #expect(records.first { $0.user == UserID("carol") }?.attempts == 1)
    }

    @Test func whatNobodyIsToBeToldMakesNoNotice() async throws {
        let scene = try await Scene()
        try await scene.register("bob")
        try await scene.follow {
            try await scene.say("to carol only", as: "alice") { $0.audience = .only([UserID("carol")]) }
            try await scene.say("quietly", as: "alice") { $0.options.push.isDisabled = true }
            try await scene.say("my own", as: "bob")
            try await scene.say("heard", as: "alice")
            #expect(await scene.transport.next().contains(#""text":"heard""#))
        }
        #expect(scene.transport.count == 1)
    }
}

/// The demo's App with one webhook provider, and nobody connected.
private final class Scene: Sendable {
    static let url = "http://127.0.0.1:9/"
    let bench: Bench
    let transport: ScriptedTransport
    /// Milliseconds of the clock that does not jump: whenever it is looked at, a second has gone by.
    let time = Mutex<Int64>(0)
    let app = Demo.appID

    init(_ answer: @escaping @Sendable (OutboundRequest) -> OutboundAnswer = { _ in OutboundAnswer(status: 200) })
        async throws
    {
        self.bench = try await Bench.make()
        self.transport = ScriptedTransport(answer)
        try await self.change {
            $0.settings.pushProviders = [PushProvider(name: "hook", kind: .webhook, url: Self.url)]
        }
    }

    func change(_ change: (inout App) -> Void) async throws {
        var app = try #require(try await self.bench.core.directory.app(self.app))
        change(&app)
        try await self.bench.core.directory.save(app)
    }

    func register(_ users: String..., at provider: String = "hook") async throws {
        for user in users {
            try await self.bench.store.register(
                PushDevice(
                    user: UserID(user), device: "phone", provider: provider, token: "token-\(user)", dialect: .parley,
                    registeredAt: self.bench.clock.now()), in: self.app)
        }
    }

    func say(_ text: String, as user: String, _ change: (inout Message) -> Void = { _ in }) async throws {
        var message = Message(
            sender: UserID(user), content: .text(text),
            native: Native(dialect: .parley, payload: Array(#"{"text":"\#(text)"}"#.utf8)))
        change(&message)
        _ = try await self.bench.core.send(
            Send(app: self.app, conversation: .group(GroupID("demo-group")), message: message))
    }

    func records() async throws -> [PushRecord] {
        try await self.bench.store.pushRecords(
            in: self.app, provider: nil, outcome: nil, user: nil, before: nil, limit: 100)
    }

    func note(_ records: some Sequence<PushRecord>, by provider: String) async throws {
        let records = records.map { record in
            var record = record
            record.id = nil
            record.provider = provider
            return record
        }
        try await self.bench.store.note(nil, of: provider, in: self.app, records)
    }

    /// What its provider's follower goes by, as after a restart.
    func trail(noticesAtOnce: Int) async throws -> PushTrail {
        let (app, store) = (try #require(try await self.bench.core.directory.app(self.app)), self.bench.store)
        let provider = app.settings.pushProviders[0]
        let (adapter, address) = (try PushAdapters.adapter(for: provider), try AddressRule())
        var trail = PushTrail(
            app: app, provider: provider, adapter: adapter,
            grants: GrantKeeper(
                adapter, transport: self.transport, address: address, timeoutMilliseconds: 1000,
                clock: self.bench.clock),
            address: address,
            office: PushOffice(
                core: self.bench.core, log: store, book: store, forms: Dialects.pushForms, transport: self.transport,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, tally: PushTally(),
                monotonic: { 0 }),
            recoveringThrough: try await store.end())
        trail.noticesAtOnce = noticesAtOnce
        return trail
    }

    /// Follows while `body` runs, and until what it began is done.
    func follow(_ body: () async throws -> Void) async throws {
        let pushes = Pushes(
            transport: self.transport, forms: Dialects.pushForms, clock: self.bench.clock,
            monotonic: {
                self.time.withLock { time in
                    time += 1000
                    return time
                }
            })
        self.bench.signals.relay(to: Bell { pushes.rang() })
        await pushes.look(
            self.bench.core, self.bench.store, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await body()
        await pushes.stop()
    }
}

private struct Bell: Signals {
    let ring: @Sendable () -> Void

    func committed(_ commit: Commit) { self.ring() }
    func broadcast(_ ephemeral: Ephemeral) {}
    func announce(_ announcement: Announcement) {}
    func disconnect(_ command: Disconnect) {}
}
