import ParleyCore
import ParleyStore
import ParleyTesting
import Testing

extension Scene {
    func confirm(_ sequence: UInt64, _ user: UserID, device: String = "d1", in conversation: Conversation? = nil)
        async throws
    {
        let id = ConversationID(app: Self.app, conversation ?? .group(GroupID("g")))
        try await self.store.confirm([
            Cursor(conversation: id, user: user, device: DeviceID(device), sequence: sequence)
        ])
    }

    func positions(
        _ user: UserID, device: String = "d1", retainedSince: Timestamp = .distantPast
    ) async throws -> [Position] {
        try await self.store.positions(
            of: user, device: DeviceID(device), in: Self.app, retainedSince: retainedSince)
    }

    func cursor(
        _ user: UserID, device: String = "d1", retainedSince: Timestamp = .distantPast
    ) async throws -> UInt64? {
        try await self.positions(user, device: device, retainedSince: retainedSince).first?.cursor
    }
}

extension Scene {
    func begin(
        _ user: UserID, device: String = "d1", retainedSince: Timestamp = .distantPast
    ) async throws -> [Position] {
        try await self.store.begin(DeviceID(device), of: user, in: Self.app, retainedSince: retainedSince)
    }
}

/// What a device has missed since it came first, also when it has confirmed nothing.
@Suite struct BeginningTests {
    @Test(arguments: Place.allCases)
    func whatIsSaidAfterADeviceCameItHasMissedHoweverFarTheOthersGet(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice", "bob"])
        #expect(try await scene.begin("alice").isEmpty)
        for number in 1...3 { try await scene.say("\(number)", in: .group(GroupID("g")), from: "bob") }
        try await scene.confirm(3, "alice", device: "d2")
        #expect(try await scene.cursor("alice", device: "new") == 3)
        #expect(try await scene.begin("alice").map(\.cursor) == [0])
        #expect(try await scene.begin("alice", device: "new").map(\.cursor) == [3])
        try await scene.confirm(2, "alice")
        #expect(try await scene.begin("alice").map(\.cursor) == [2])
    }

    @Test(arguments: Place.allCases)
    func howFarUsersHaveGotInAConversationIsTheirFurthestDevices(_ place: Place) async throws {
        let scene = try Scene(place)
        for group in ["g", "other"] { try await scene.makeGroup(group, members: ["alice", "bob", "carol"]) }
        for group in ["g", "other"] {
            for number in 1...3 { try await scene.say("\(number)", in: .group(GroupID(group)), from: "bob") }
        }
        try await scene.confirm(3, "alice", device: "d1")
        try await scene.confirm(2, "alice", device: "d2")
        try await scene.confirm(1, "bob")
        try await scene.confirm(3, "carol", in: .group(GroupID("other")))
        let id = ConversationID(app: Scene.app, .group(GroupID("g")))
        #expect(try await scene.store.reached(by: ["alice", "bob", "carol"], in: id) == ["alice": 3, "bob": 1])
        #expect(try await scene.store.reached(by: ["bob"], in: id) == ["bob": 1])
        let none = ConversationID(app: Scene.app, .group(GroupID("none")))
        #expect(try await scene.store.reached(by: ["alice"], in: none).isEmpty)
    }

    @Test func whatWaitedForADeviceWhenItCameFirstWaitsForItStill() async throws {
        let scene = try Scene(.memory)
        try await scene.makeGroup(members: ["alice", "bob"])
        for number in 1...3 { try await scene.say("\(number)", in: .group(GroupID("g")), from: "bob") }
        try await scene.confirm(1, "alice", device: "d2")
        #expect(try await scene.begin("alice").map(\.cursor) == [1])
        try await scene.say("4", in: .group(GroupID("g")), from: "bob")
        try await scene.confirm(4, "alice", device: "d2")
        #expect(try await scene.begin("alice").map(\.cursor) == [1])
    }

    @Test func conversationsBegunBeforeAndAfterAreToldApart() async throws {
        let scene = try Scene(.memory)
        for group in ["before", "both", "after"] { try await scene.makeGroup(group, members: ["alice", "bob"]) }
        for _ in 1...5 { try await scene.say("x", in: .group(GroupID("before")), from: "bob") }
        for _ in 1...4 { try await scene.say("x", in: .group(GroupID("both")), from: "bob") }
        for (group, count) in [("before", 5), ("both", 4)] {
            try await scene.confirm(UInt64(count), "alice", device: "d2", in: .group(GroupID(group)))
        }
        _ = try await scene.begin("alice")
        for group in ["both", "after"] {
            for _ in 1...2 { try await scene.say("x", in: .group(GroupID(group)), from: "bob") }
        }
        for (group, count) in [("both", 6), ("after", 2)] {
            try await scene.confirm(UInt64(count), "alice", device: "d2", in: .group(GroupID(group)))
        }
        let cursors = Dictionary(
            uniqueKeysWithValues: try await scene.begin("alice").map { ($0.conversation, $0.cursor) })
        #expect(cursors == [.group(GroupID("before")): 5, .group(GroupID("both")): 4, .group(GroupID("after")): 0])
    }

    @Test func aKnownDeviceIsToldWhatIsPastRetentionAndANewOneIsNot() async throws {
        let scene = try Scene(.memory)
        try await scene.makeGroup(members: ["alice", "bob"])
        _ = try await scene.begin("alice")
        try await scene.say("1", in: .group(GroupID("g")), from: "bob")
        let known = try await scene.begin("alice", retainedSince: .distantFuture).first
        #expect(known?.cursor == 1 && known?.missedAfter == 0)
        let new = try await scene.begin("alice", device: "new", retainedSince: .distantFuture).first
        #expect(new?.cursor == 1 && new?.missedAfter == nil)
    }

    @Test(arguments: Place.allCases)
    func whoComesNowAndThenStaysKnown(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice", "bob"])
        _ = try await scene.begin("alice")
        try await scene.say("1", in: .group(GroupID("g")), from: "bob")
        for _ in 1...4 {
            scene.clock.advance(seconds: 60 * 24 * 3600)
            try await scene.confirm(1, "alice", device: "d2")
            try await scene.store.maintain()
            #expect(try await scene.begin("alice").map(\.cursor) == [0])
        }
    }

    @Test func whoIsDeletedOrNotSeenForLongIsNew() async throws {
        let scene = try Scene(.memory)
        try await scene.makeGroup(members: ["alice", "bob"])
        _ = try await scene.begin("alice")
        try await scene.say("1", in: .group(GroupID("g")), from: "bob")
        try await scene.confirm(1, "alice", device: "d2")
        scene.clock.advance(seconds: 91 * 24 * 3600)
        try await scene.confirm(1, "alice", device: "d2")
        try await scene.store.maintain()
        #expect(try await scene.begin("alice").map(\.cursor) == [1])
        try await scene.say("2", in: .group(GroupID("g")), from: "bob")
        #expect(try await scene.begin("alice").map(\.cursor) == [1])
    }
}

@Suite struct PositionTests {
    @Test(arguments: Place.allCases)
    func aDeviceReadsOnFromItsOwnCursorAndANewOneFromTheFurthest(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice"])
        _ = try await scene.store.append((1...9).map { scene.draft("\($0)") })

        #expect(try await scene.cursor("alice") == 0)
        try await scene.confirm(3, "alice", device: "phone")
        try await scene.confirm(5, "alice", device: "web")
        #expect(try await scene.cursor("alice", device: "phone") == 3)
        #expect(try await scene.cursor("alice", device: "web") == 5)
        #expect(try await scene.cursor("alice", device: "new") == 5)
        // Somebody else's cursor is nobody's business.
        #expect(try await scene.cursor("bob") == nil)
    }

    /// They are written some with each batch, so that senders do not wait for all of them; whoever confirmed them does.
    @Test(arguments: Place.allCases)
    func hundredsThatAreConfirmedAtOnceAreAllThere(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice"])
        _ = try await scene.store.append((1...3).map { scene.draft("\($0)") })
        let group = ConversationID(app: Scene.app, .group(GroupID("g")))
        try await scene.store.confirm(
            (0..<700).map { Cursor(conversation: group, user: "alice", device: DeviceID("d\($0)"), sequence: 2) })
        for device in 0..<700 { #expect(try await scene.cursor("alice", device: "d\(device)") == 2) }
    }

    @Test(arguments: Place.allCases)
    func aCursorNeverMovesBackNorPastTheEnd(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice"])
        _ = try await scene.store.append((1...4).map { scene.draft("\($0)") })
        try await scene.confirm(3, "alice")
        try await scene.confirm(1, "alice")
        #expect(try await scene.cursor("alice") == 3)
        try await scene.confirm(1000, "alice")
        #expect(try await scene.cursor("alice") == 4)
        _ = try await scene.store.append(scene.draft("5"))
        #expect(try await scene.cursor("alice") == 4)
        // Of what was never said nothing is remembered.
        try await scene.confirm(5, "alice", in: .group(GroupID("nowhere")))
        #expect(try await scene.positions("alice").count == 1)
    }

    @Test(arguments: Place.allCases)
    func manyConfirmationsAtOnceKeepTheFurthest(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice"])
        _ = try await scene.store.append((1...50).map { scene.draft("\($0)") })
        try await withThrowingTaskGroup(of: Void.self) { group in
            for sequence in (1...50).shuffled() {
                group.addTask { try await scene.confirm(UInt64(sequence), "alice") }
            }
            try await group.waitForAll()
        }
        #expect(try await scene.cursor("alice") == 50)
    }

    @Test(arguments: Place.allCases)
    func aNewDeviceGetsWhatIsWithinRetention(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice"])
        var sentAt: [Timestamp] = []
        for number in 1...9 {
            scene.clock.advance(seconds: 10)
            sentAt.append(try await scene.store.append(scene.draft("\(number)")).sentAt)
        }
        // For each entry: what was sent at or after it is offered.
        for (index, moment) in sentAt.enumerated() {
            #expect(try await scene.cursor("alice", retainedSince: moment) == UInt64(index))
            #expect(
                try await scene.cursor("alice", retainedSince: moment.adding(milliseconds: 1)) == UInt64(index) + 1)
        }
        #expect(try await scene.cursor("alice", retainedSince: .distantPast) == 0)
        #expect(try await scene.cursor("alice", retainedSince: .distantFuture) == 9)
    }

    @Test(arguments: Place.allCases)
    func aDeviceThatWasAwayForTooLongIsToldWhatItMissed(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice"])
        var sentAt: [Timestamp] = []
        for number in 1...9 {
            scene.clock.advance(seconds: 10)
            sentAt.append(try await scene.store.append(scene.draft("\(number)")).sentAt)
        }
        func position(_ device: String, _ retainedSince: Timestamp) async throws -> [UInt64?] {
            let position = try await scene.positions("alice", device: device, retainedSince: retainedSince).first
            return [position?.cursor, position?.missedAfter]
        }
        for confirmed in 0...9 as ClosedRange<UInt64> {
            let device = "d\(confirmed)"
            try await scene.confirm(confirmed, "alice", device: device)
            for retained in 0...8 {
                // What was sent from `retained` (counted from 0) on is kept.
                let hasMissed = confirmed < retained
                #expect(
                    try await position(device, sentAt[retained])
                        == (hasMissed ? [UInt64(retained), confirmed] : [confirmed, nil]))
            }
            #expect(try await position(device, .distantFuture) == [9, confirmed < 9 ? confirmed : nil])
            #expect(try await position(device, .distantPast) == [confirmed, nil])
        }
        // A new device has missed nothing, wherever it begins.
        #expect(try await position("new", sentAt[4]) == [9, nil])
        _ = try await scene.store.append(scene.draft("10"))
        #expect(try await position("new", .distantFuture) == [10, nil])
    }

    @Test(arguments: Place.allCases)
    func whatHistoryHasLostIsMissedToo(_ place: Place) async throws {
        let scene = try Scene(place) { $0.historyRetentionSeconds = 3600 }
        try await scene.makeGroup(members: ["alice"])
        _ = try await scene.store.append((1...50).map { scene.draft("\($0)") })
        try await scene.confirm(20, "alice")
        try await scene.confirm(50, "alice", device: "d2")
        scene.clock.advance(seconds: 3601)
        _ = try await scene.store.append((51...60).map { scene.draft("\($0)") })
        try await scene.store.maintain()
        let position = try #require(try await scene.positions("alice").first)
        #expect(position.cursor == 50 && position.missedAfter == 20)
        let other = try #require(try await scene.positions("alice", device: "d2").first)
        #expect(other.cursor == 50 && other.missedAfter == nil)
    }

    @Test(arguments: Place.allCases)
    func whatWasClearedOrIsFromBeforeJoiningIsNotMissed(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice"])
        _ = try await scene.store.append((1...9).map { scene.draft("\($0)") })
        try await scene.confirm(2, "alice")
        try await scene.save("alice") { $0.clearedThrough = 5 }
        var position = try #require(try await scene.positions("alice").first)
        #expect(position.cursor == 5 && position.missedAfter == nil && position.clearedThrough == 5)
        position = try #require(try await scene.positions("alice", retainedSince: .distantFuture).first)
        #expect(position.cursor == 9 && position.missedAfter == 5)
        try await scene.save("alice") { $0.clearedThrough = 9 }
        position = try #require(try await scene.positions("alice", retainedSince: .distantFuture).first)
        #expect(position.cursor == 9 && position.missedAfter == nil)
        #expect(try await scene.cursor("alice", device: "new") == 9)
    }

    @Test(arguments: Place.allCases)
    func deletionsAfterTheCursorAreTold(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice", "bob"])
        _ = try await scene.store.append((1...9).map { scene.draft("\($0)") })
        try await scene.confirm(4, "alice")
        try await scene.hide([2, 4, 5, 9], from: "alice")
        #expect(try await scene.positions("alice").first?.hidden == [5, 9])
        #expect(try await scene.positions("alice", device: "d2").first?.hidden == [5, 9])
        #expect(try await scene.positions("bob").first?.hidden == [])
        try await scene.confirm(9, "alice")
        #expect(try await scene.positions("alice").first?.hidden == [])
    }

    @Test(arguments: Place.allCases)
    func positionsAreOfTheUsersOwnConversations(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup("mine", members: ["alice"])
        try await scene.makeGroup("silent", members: ["alice"])
        try await scene.makeGroup("theirs", members: ["bob"])
        let conversations: [Conversation] = [
            .group(GroupID("mine")), .group(GroupID("theirs")), .direct("alice", "bob"), .direct("zoe", "alice"),
            .direct("alice", "alice"), .direct("bob", "zoe"), .system("alice"), .system("bob"),
            .room(RoomID("alice")),
        ]
        for conversation in conversations {
            scene.clock.advance(seconds: 1)
            _ = try await scene.store.append(
                Draft(conversation: ConversationID(app: Scene.app, conversation), body: .text("hello")))
            _ = try await scene.store.append(
                Draft(conversation: ConversationID(app: AppID("other"), conversation), body: .text("hello")))
        }
        let positions = try await scene.positions("alice")
        // The latest first.
        #expect(
            positions.map(\.conversation) == [
                .system("alice"), .direct("alice", "alice"), .direct("alice", "zoe"), .direct("alice", "bob"),
                .group(GroupID("mine")),
            ])
        #expect(positions.allSatisfy { $0.lastSequence == 1 && $0.cursor == 0 })
        #expect(positions.map(\.lastSentAt).min() == scene.clock.now().adding(seconds: -8))
    }

    @Test(arguments: Place.allCases)
    func nothingBeforeJoiningIsOffered(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice"])
        _ = try await scene.store.append((1...5).map { scene.draft("\($0)") })
        // Read until 3, then leave and join again.
        try await scene.confirm(3, "alice")
        try await scene.store.write(in: Scene.app) { transaction in
            try transaction.remove("alice", from: GroupID("g"))
            try transaction.save(Member(user: "alice", joinedAt: transaction.now), of: GroupID("g"))
        }
        #expect(try await scene.cursor("alice") == 5)
        #expect(try await scene.cursor("alice", device: "new") == 5)
    }

    @Test func aDeletedUsersCursorsAreForgotten() async throws {
        let scene = try Scene(.folder)
        _ = try await scene.store.append(
            Draft(conversation: ConversationID(app: Scene.app, .direct("alice", "bob")), body: .text("hello")))
        try await scene.confirm(1, "alice", in: .direct("alice", "bob"))
        #expect(try await scene.cursor("alice") == 1)
        try await scene.store.write(in: Scene.app) { try $0.delete("alice" as UserID) }
        #expect(try ["cursors", "furthest_cursors"].map { try scene.count($0) } == [0, 0])
        // Whoever has the id next is not offered what was said before.
        #expect(try await scene.cursor("alice", device: "next") == 1)
    }

    @Test func cursorsOfDevicesLongUnseenArePurged() async throws {
        let scene = try Scene(.folder)
        try await scene.makeGroup(members: ["alice"])
        _ = try await scene.store.append([scene.draft("1"), scene.draft("2")])
        try await scene.confirm(1, "alice", device: "old")
        scene.clock.advance(seconds: 60 * 24 * 3600)
        try await scene.confirm(2, "alice", device: "new")
        scene.clock.advance(seconds: 31 * 24 * 3600)
        try await scene.store.maintain()
        #expect(try scene.count("cursors") == 1)
        #expect(try await scene.cursor("alice", device: "new") == 2)
        #expect(try await scene.cursor("alice", device: "old") == 2)
    }

    /// Only what somebody was told is worth a flush; where a device was can be asked again.
    @Test func confirmationsDoNotFlush() async throws {
        let scene = try Scene(.folder)
        try await scene.makeGroup(members: ["alice"])
        _ = try await scene.store.append(scene.draft("1"))
        let commits = scene.store.counters.commits
        try await scene.confirm(1, "alice")
        #expect(scene.store.counters.commits == commits)
        _ = try await scene.store.append(scene.draft("2"))
        #expect(scene.store.counters.commits == commits + 1)
    }
}
