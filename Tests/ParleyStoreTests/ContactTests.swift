import ParleyCore
import ParleyStore
import ParleyTesting
import Testing

@Suite struct ContactTests {
    private static let other = AppID("other")

    // MARK: Contacts

    @Test(arguments: Place.allCases)
    func contactsComeNewestFirstPageByPage(_ place: Place) async throws {
        let scene = try Scene(place)
        let store = scene.store
        try await store.write(in: Scene.app) { transaction in
            for name in ["b", "c", "d"] { try transaction.save(Contact(UserID(name)), of: "a") }
            // A change is no new contact.
            try transaction.save(Contact("b", remark: "B", position: 99), of: "a")
            try transaction.save(Contact("x"), of: "y")
            #expect(try transaction.contacts(of: "a").map(\.user) == ["d", "c", "b"])
            #expect(try transaction.contactCount(of: "a") == 3)
            #expect(try transaction.contact("b", of: "a")?.remark == "B")
            #expect(try transaction.contact("a", of: "b") == nil)
        }
        let first = try await store.contacts(of: "a", in: Scene.app, before: nil, limit: 2)
        #expect(first.map(\.user) == ["d", "c"])
        try await store.write(in: Scene.app) { try $0.deleteContact("c", of: "a") }
        let rest = try await store.contacts(of: "a", in: Scene.app, before: first.last?.position, limit: 2)
        #expect(rest.map(\.user) == ["b"] && rest.map(\.remark) == ["B"])
        #expect(try await store.contacts(of: "a", in: Scene.app, before: nil, limit: -1).isEmpty)
        #expect(try await store.contacts(of: "a", in: Self.other, before: nil, limit: 9).isEmpty)
        #expect(try await store.contacts(of: "a", in: Scene.app, among: ["b", "c", "e"]) == ["b"])
    }

    @Test(arguments: Place.allCases)
    func invitationsWaitOldestFirstAndOnlyTheNewestStay(_ place: Place) async throws {
        let scene = try Scene(place)
        let store = scene.store
        let now = scene.clock.now()
        @Sendable func invitation(_ from: UserID, _ reason: String = "") -> ContactInvitation {
            ContactInvitation(from: from, to: "a", reason: reason, at: now)
        }
        try await store.write(in: Scene.app) { transaction in
            for name in ["b", "c"] { try transaction.save(invitation(UserID(name))) }
            try transaction.save(invitation("b", "again"))
            #expect(try transaction.invitation(from: "b", to: "a") == invitation("b", "again"))
            #expect(try transaction.invitation(from: "a", to: "b") == nil)
        }
        #expect(
            try await store.invitations(to: "a", in: Scene.app) == [invitation("c"), invitation("b", "again")])
        #expect(try await store.invitations(to: "a", in: Self.other).isEmpty)
        try await store.write(in: Scene.app) { transaction in
            #expect(try transaction.deleteInvitation(from: "b", to: "a"))
            #expect(try !transaction.deleteInvitation(from: "b", to: "a"))
            try transaction.save(ContactInvitation(from: "c", to: "b", reason: "", at: now))
            for number in 1...ContactInvitation.limit { try transaction.save(invitation(UserID("u\(number)"))) }
        }
        let left = try await store.invitations(to: "a", in: Scene.app)
        #expect(left.count == ContactInvitation.limit && left.first?.from == "u1")
        #expect(try await store.invitations(to: "b", in: Scene.app).count == 1)
    }

    @Test(arguments: Place.allCases)
    func blocksAreReadAndCountedInsideATransaction(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.store.write(in: Scene.app) { transaction in
            for name in ["b", "c"] { try transaction.block(UserID(name), by: "a") }
            #expect(try transaction.hasBlocked("a", "b") && !transaction.hasBlocked("b", "a"))
            #expect(try transaction.blockCount(of: "a") == 2)
            #expect(try transaction.blockCount(of: "b") == 0)
        }
    }

    // MARK: Statuses

    @Test(arguments: Place.allCases)
    func aStatusComesBackAsItWas(_ place: Place) async throws {
        let scene = try Scene(place)
        let store = scene.store
        let status = UserStatus(
            text: "é \"", states: [DeviceID("web"): "2", DeviceID(""): ""], changedAt: Timestamp(milliseconds: 7))
        try await store.write(in: Scene.app) { transaction in
            try transaction.save(UserStatus(text: "", changedAt: .distantPast), of: "a")
            try transaction.save(status, of: "a")
            #expect(try transaction.status(of: "a") == status)
            #expect(try transaction.status(of: "b") == nil)
        }
        #expect(try await store.statuses(of: ["a", "b"], in: Scene.app) == ["a": status])
        #expect(try await store.statuses(of: ["a"], in: Self.other).isEmpty)
    }

    @Test(arguments: Place.allCases)
    func subscriptionsEndWithTheirTimeAndAreThenForgotten(_ place: Place) async throws {
        let scene = try Scene(place)
        let store = scene.store
        let now = scene.clock.now()
        @Sendable func until(_ seconds: Int64, _ target: UserID) -> PresenceSubscription {
            PresenceSubscription(to: target, until: now.adding(seconds: seconds))
        }
        try await store.write(in: Scene.app) { transaction in
            try transaction.save(until(10, "b"), of: "a")
            try transaction.save(until(20, "c"), of: "a")
            try transaction.save(until(20, "b"), of: "d")
            #expect(try transaction.subscriptions(of: "a") == [until(20, "c"), until(10, "b")])
            #expect(Set(try transaction.subscribers(to: "b")) == ["a", "d"])
            // Longer, and where it was.
            try transaction.save(until(15, "b"), of: "a")
            #expect(try transaction.subscriptions(of: "a") == [until(20, "c"), until(15, "b")])
        }
        scene.clock.advance(seconds: 15)
        #expect(try await store.subscriptions(of: "a", in: Scene.app) == [until(20, "c")])
        #expect(try await store.subscriptions(of: "a", in: Self.other).isEmpty)
        try await store.write(in: Scene.app) { transaction in
            #expect(try transaction.subscribers(to: "b") == ["d"])
            try transaction.deleteSubscription(of: "d", to: "b")
            #expect(try transaction.subscribers(to: "b").isEmpty)
        }
        try await store.maintain()
        if place == .folder { #expect(try scene.count("presence_subscriptions") == 1) }
        #expect(try await store.subscriptions(of: "a", in: Scene.app) == [until(20, "c")])
    }

    // MARK: Profiles

    @Test(arguments: Place.allCases)
    func aProfileIsReplacedAndCountedInBytes(_ place: Place) async throws {
        let scene = try Scene(place)
        let store = scene.store
        try await store.write(in: Scene.app) { transaction in
            try transaction.save(["old": "1"], of: "a")
            try transaction.save(["k": "é", "": ""], of: "a")
            try transaction.save(["k": "v"], of: "b")
            #expect(try transaction.profile(of: "a") == ["k": "é", "": ""])
            #expect(try transaction.profile(of: "c") == [:])
        }
        #expect(
            try await store.profiles(of: ["a", "b", "c"], in: Scene.app) == ["a": ["k": "é", "": ""], "b": ["k": "v"]])
        #expect(try await store.profileByteCount(in: Scene.app) == 5)
        #expect(try await store.profileByteCount(in: Self.other) == 0)
        try await store.write(in: Scene.app) { try $0.save([:], of: "a") }
        #expect(try await store.profiles(of: ["a"], in: Scene.app).isEmpty)
        #expect(try await store.profileByteCount(in: Scene.app) == 2)
    }

    // MARK: Users who go

    @Test(arguments: Place.allCases)
    func nothingOfADeletedUserIsLeft(_ place: Place) async throws {
        let scene = try Scene(place)
        let store = scene.store
        let now = scene.clock.now()
        for app in [Scene.app, Self.other] {
            try await store.write(in: app) { transaction in
                for (user, other) in [("a", "b"), ("b", "a"), ("b", "c"), ("c", "b")] as [(UserID, UserID)] {
                    try transaction.save(Contact(other), of: user)
                    try transaction.save(ContactInvitation(from: user, to: other, reason: "", at: now))
                    try transaction.save(PresenceSubscription(to: other, until: .distantFuture), of: user)
                }
                try transaction.save(UserStatus(text: "t", changedAt: now), of: "a")
                try transaction.save(["k": "v"], of: "a")
            }
        }
        try await store.write(in: Scene.app) { try $0.delete("a" as UserID) }
        #expect(try await store.contacts(of: "a", in: Scene.app, before: nil, limit: 9).isEmpty)
        #expect(try await store.contacts(of: "b", in: Scene.app, before: nil, limit: 9).map(\.user) == ["c"])
        #expect(try await store.invitations(to: "a", in: Scene.app).isEmpty)
        #expect(try await store.invitations(to: "b", in: Scene.app).map(\.from) == ["c"])
        #expect(try await store.subscriptions(of: "a", in: Scene.app).isEmpty)
        #expect(try await store.subscriptions(of: "b", in: Scene.app).map(\.target) == ["c"])
        #expect(try await store.statuses(of: ["a"], in: Scene.app).isEmpty)
        #expect(try await store.profiles(of: ["a"], in: Scene.app).isEmpty)
        #expect(try await store.contacts(of: "b", in: Self.other, before: nil, limit: 9).count == 2)
        #expect(try await store.profiles(of: ["a"], in: Self.other).count == 1)
    }
}
