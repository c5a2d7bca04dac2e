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

    @Test(arguments: Place.allCases)
    func aDeletedUsersCursorsAreForgotten(_ place: Place) async throws {
        let scene = try Scene(place)
        _ = try await scene.store.append(
            Draft(conversation: ConversationID(app: Scene.app, .direct("alice", "bob")), body: .text("hello")))
        try await scene.confirm(1, "alice", in: .direct("alice", "bob"))
        #expect(try await scene.cursor("alice") == 1)
        try await scene.store.write(in: Scene.app) { try $0.delete("alice" as UserID) }
        #expect(try await scene.cursor("alice") == 0)
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
