import ParleyCore
import ParleyTesting
import Testing

@Suite struct StatusTests {
    private static let web = DeviceID("web")

    private static func subscribe(
        _ user: UserID = Bench.alice, to targets: [UserID], seconds: Int64 = 60, _ bench: Bench
    ) async throws -> Bool {
        try await bench.core.subscribe(
            user, to: targets, in: bench.app.id, until: bench.clock.now().adding(seconds: seconds))
    }

    private static func publish(
        _ text: String, state: String? = nil, on device: DeviceID = Self.web, _ bench: Bench
    ) async throws -> UserStatus? {
        try await bench.core.publishStatus(text, state: state, on: device, of: Bench.bob, in: bench.app.id)
        return try await bench.core.directory.statuses(of: [Bench.bob], in: bench.app.id)[Bench.bob]
    }

    // MARK: What users say

    @Test func whatAUserSaysReachesWhoIsSubscribedAndHisOwnDevices() async throws {
        let bench = try await Bench.make()
        #expect(try await Self.subscribe(to: [Bench.bob], bench))
        #expect(try await Self.subscribe("carol", to: [Bench.bob], seconds: 10, bench))
        bench.clock.advance(seconds: 10)
        let status = try #require(try await Self.publish("busy", bench))
        #expect(status == UserStatus(text: "busy", changedAt: bench.clock.now()))
        #expect(
            bench.signals.announcements.last
                == Announcement(
                    app: bench.app.id, event: .status(Bench.bob, status), recipients: .users([Bench.bob, Bench.alice])
                ))
        await #expect(throws: Rejection.userNotFound("x")) {
            try await bench.core.publishStatus("", state: nil, on: Self.web, of: "x", in: bench.app.id)
        }
    }

    @Test func howADeviceIsStaysUntilItIsOnlineAgain() async throws {
        let bench = try await Bench.make()
        #expect(try await Self.publish("a", state: "2", bench)?.states == [Self.web: "2"])
        #expect(try await Self.publish("b", on: DeviceID("phone"), bench)?.states == [Self.web: "2"])
        #expect(try await Self.publish("c", bench)?.states == [:])
    }

    @Test func onlySoManyDevicesAreRemembered() async throws {
        let bench = try await Bench.make()
        for number in 1...16 { _ = try await Self.publish("", state: "2", on: DeviceID("\(number)"), bench) }
        #expect(try await Self.publish("", state: "3", on: DeviceID("16"), bench)?.states.count == 16)
        #expect(try await Self.publish("", state: "2", on: Self.web, bench)?.states == [Self.web: "2"])
    }

    // MARK: Subscriptions

    @Test func aSubscriptionLastsAsLongAsItWasMadeLast() async throws {
        let bench = try await Bench.make()
        #expect(try await Self.subscribe(to: [Bench.bob, "carol"], seconds: 10, bench))
        let later = bench.clock.now().adding(seconds: 20)
        #expect(try await Self.subscribe(to: [Bench.bob], seconds: 20, bench))
        #expect(
            try await bench.core.directory.subscriptions(of: Bench.alice, in: bench.app.id).map(\.target)
                == ["carol", Bench.bob])
        bench.clock.advance(seconds: 10)
        #expect(
            try await bench.core.directory.subscriptions(of: Bench.alice, in: bench.app.id)
                == [PresenceSubscription(to: Bench.bob, until: later)])
        try await bench.core.unsubscribe(Bench.alice, from: [Bench.bob, "x"], in: bench.app.id)
        #expect(try await bench.core.directory.subscriptions(of: Bench.alice, in: bench.app.id).isEmpty)
        // The user's own devices are told that they are to look.
        let notice = Announcement(app: bench.app.id, event: .subscriptions, recipients: .users([Bench.alice]))
        #expect(bench.signals.announcements == [notice, notice, notice])
    }

    @Test func nobodyIsSubscribedToMoreThanMayBe() async throws {
        let bench = try await Bench.make()
        let many = (1...PresenceSubscription.limit).map { UserID("u\($0)") }
        #expect(try await Self.subscribe(to: many, seconds: 10, bench))
        #expect(try await !Self.subscribe(to: [Bench.bob], bench))
        // Who is there already is no more.
        #expect(try await Self.subscribe(to: [many[0]], bench))
        bench.clock.advance(seconds: 10)
        #expect(try await Self.subscribe(to: [Bench.bob], bench))
    }

    @Test func nobodyHasMoreSubscribersThanMayBe() async throws {
        let bench = try await Bench.make()
        let moment = bench.clock.now().adding(seconds: 10)
        try await bench.core.directory.write(in: bench.app.id) { transaction in
            for number in 1...PresenceSubscription.limit {
                try transaction.save(
                    PresenceSubscription(to: Bench.bob, until: moment), of: UserID("u\(number)"))
            }
        }
        #expect(try await !Self.subscribe(to: ["carol", Bench.bob], bench))
        #expect(try await bench.core.directory.subscriptions(of: Bench.alice, in: bench.app.id).isEmpty)
        #expect(try await Self.subscribe("u1", to: [Bench.bob], bench))
    }

    // MARK: Profiles

    @Test func aProfileIsChangedWholeOrNotAtAll() async throws {
        struct No: Error {}
        let bench = try await Bench.make()
        let app = bench.app.id
        #expect(try await bench.core.changeProfile(of: "x", in: app) { $0["a"] = "1" } == ["a": "1"])
        await #expect(throws: No.self) {
            try await bench.core.changeProfile(of: "x", in: app) { profile in
                profile["b"] = "2"
                throw No()
            }
        }
        #expect(try await bench.core.directory.profiles(of: ["x", Bench.bob], in: app) == ["x": ["a": "1"]])
        #expect(try await bench.core.directory.user("x", in: app) == nil)
        #expect(try await bench.core.directory.profileByteCount(in: app) == 2)
        try await bench.core.changeProfile(of: "x", in: app) { $0 = [:] }
        #expect(try await bench.core.directory.profiles(of: ["x"], in: app).isEmpty)
        #expect(try await bench.core.directory.profileByteCount(in: app) == 0)
    }

    @Test func aUserWhoIsDeletedSaysNothingAndHearsNothing() async throws {
        let bench = try await Bench.make()
        let app = bench.app.id
        _ = try await Self.publish("busy", bench)
        try await bench.core.changeProfile(of: Bench.bob, in: app) { $0["a"] = "1" }
        #expect(try await Self.subscribe(to: [Bench.bob], bench))
        #expect(try await Self.subscribe(Bench.bob, to: [Bench.alice], bench))
        try await bench.core.deleteUser(Bench.bob, in: app, endingOwnedGroups: true)
        #expect(try await bench.core.directory.statuses(of: [Bench.bob], in: app).isEmpty)
        #expect(try await bench.core.directory.profiles(of: [Bench.bob], in: app).isEmpty)
        for user in [Bench.alice, Bench.bob] {
            #expect(try await bench.core.directory.subscriptions(of: user, in: app).isEmpty)
        }
    }
}
