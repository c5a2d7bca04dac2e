import ParleyCore
import ParleyStore
import ParleyTesting
import Testing

/// Who is in a chat room, what it holds of users, and when it ends.
@Suite struct RoomLifeTests {
    private static let room = GroupID("room")
    private let bench: Bench
    private var core: Core { self.bench.core }
    private var app: AppID { self.bench.app.id }

    init() async throws { self.bench = try await Bench.make() }

    @discardableResult
    private func join(
        _ user: UserID = Bench.alice, mustExist: Bool = false, _ change: (inout Group) -> Void = { _ in }
    ) async throws -> JoinRoom.Outcome {
        var room = Group(id: Self.room, type: .chatRoom, name: "", owner: nil, createdAt: self.bench.clock.now())
        change(&room)
        return try await self.core.joinRoom(
            JoinRoom(app: self.app, user: user, room: room, mustExist: mustExist))
    }

    private func members() async throws -> Set<UserID> { Set(try await self.bench.members(of: Self.room).keys) }

    private func exists() async throws -> Bool {
        try await self.core.directory.group(Self.room, in: self.app) != nil
    }

    // MARK: Coming and leaving

    @Test func whoComesFirstMakesTheRoomAndWhoComesBackDoesNot() async throws {
        await #expect(throws: Rejection.groupNotFound(Self.room)) { try await self.join(mustExist: true) }
        #expect(try await self.join() == .joined(at: self.bench.clock.now()))
        #expect(try await self.join(Bench.bob, mustExist: true) == .joined(at: self.bench.clock.now()))
        #expect(try await self.members() == [Bench.alice, Bench.bob])
    }

    @Test func whoIsKeptOutLeavesAndDoesNotComeInUntilHisTimeIsOver() async throws {
        try await self.join()
        try await self.join(Bench.bob)
        let until = self.bench.clock.now().adding(seconds: 60)
        try await self.core.set(.keptOut, of: [Bench.alice, "stranger"], in: Self.room, of: self.app, until: until)
        #expect(try await self.members() == [Bench.bob])
        #expect(try await self.join() == .keptOut(until: until))
        #expect(try await self.join("stranger") == .keptOut(until: until))
        try await self.core.set(.keptOut, of: ["stranger"], in: Self.room, of: self.app, until: nil)
        try await self.join("stranger")
        self.bench.clock.advance(seconds: 60)
        try await self.join()
        #expect(try await self.members() == [Bench.alice, Bench.bob, "stranger"])
        await #expect(throws: Rejection.groupNotFound("none")) {
            try await self.core.set(.keptOut, of: [Bench.alice], in: "none", of: self.app, until: nil)
        }
    }

    @Test func whoseConnectionEndsLeavesUnlessTheRoomKeepsHim() async throws {
        try await self.join()
        try await self.join(Bench.bob)
        let until = Timestamp.distantFuture
        try await self.core.set(.protected, of: [Bench.bob], in: Self.room, of: self.app, until: until)
        for user in [Bench.alice, Bench.bob] { try await self.core.leaveAllRooms(user, in: self.app) }
        #expect(try await self.members() == [Bench.bob])
        try await self.core.set(.protected, of: [Bench.bob], in: Self.room, of: self.app, until: nil)
        try await self.core.leaveAllRooms(Bench.bob, in: self.app)
        #expect(try await self.members().isEmpty)
        #expect(try await self.exists())
    }

    @Test func whoIsBackByThenStays() async throws {
        try await self.join()
        self.bench.signals.setOnline(Bench.alice)
        try await self.core.leaveAllRooms(Bench.alice, in: self.app)
        #expect(try await self.members() == [Bench.alice])
    }

    /// All in one millisecond: moments of coming differ all the same.
    @Test func whoComesInAgainAfterItWasSeenThatHeIsGoneStays() async throws {
        try await self.join()
        let gone = try #require(try await self.bench.members(of: Self.room)[Bench.alice])
        guard case .joined(let moment) = try await self.join() else { return #expect(Bool(false)) }
        #expect(moment > gone.joinedAt)
        try await self.core.leave(Self.room, [gone], in: self.app)
        #expect(try await self.members() == [Bench.alice])
        let again = try #require(try await self.bench.members(of: Self.room)[Bench.alice])
        try await self.core.leave(Self.room, [again], in: self.app)
        #expect(try await self.members().isEmpty)
        // Of a room that has ended meanwhile there is nothing to leave.
        try await self.core.dissolveGroup(Self.room, in: self.app)
        try await self.core.leave(Self.room, [again], in: self.app)
    }

    // MARK: Speaking

    private func send(_ user: UserID, _ checks: Send.Checks = [.senderIsMember, .mutes, .frequency]) async throws
        -> Receipt
    {
        try await self.core.send(self.bench.send(to: .group(Self.room), from: user, checks))
    }

    @Test func aSpeakerIsHeardInAMutedRoom() async throws {
        for user in [Bench.alice, Bench.bob] { try await self.join(user) { $0.isMuted = true } }
        let until = self.bench.clock.now().adding(seconds: 60)
        try await self.core.set(.speaker, of: [Bench.bob], in: Self.room, of: self.app, until: until)
        await #expect(throws: Rejection.groupMuted(Self.room)) { try await self.send(Bench.alice) }
        #expect(try await self.send(Bench.bob).sequence == 1)
        try await self.core.mute([Bench.bob], in: Self.room, of: self.app, until: until)
        await #expect(throws: Rejection.senderMuted(until: until)) { try await self.send(Bench.bob) }
        self.bench.clock.advance(seconds: 60)
        await #expect(throws: Rejection.groupMuted(Self.room)) { try await self.send(Bench.bob) }
    }

    @Test func whomTheRoomProtectsIsNotDropped() async throws {
        for user in [Bench.alice, Bench.bob] { try await self.join(user) }
        try await self.core.set(.protected, of: [Bench.bob], in: Self.room, of: self.app, until: .distantFuture)
        for _ in 0..<CoreLimits().groupMessagesPerSecond { #expect(try await self.send(Bench.alice).dropped == nil) }
        #expect(try await self.send(Bench.alice).dropped == .frequency)
        #expect(try await self.send(Bench.bob).dropped == nil)
    }

    @Test func whereDistributionIsStoppedOnlyTheBackendIsHeard() async throws {
        try await self.join { $0.isDistributionStopped = true }
        #expect(try await self.send(Bench.alice).sequence == nil)
        #expect(try await self.send(Bench.alice, .groupExists).sequence == 1)
        try await self.core.changeGroup(Self.room, in: self.app) { $0.isDistributionStopped = false }
        #expect(try await self.send(Bench.alice).sequence == 2)
        #expect(try await self.bench.entries(of: .group(Self.room)).count == 2)
    }

    // MARK: Ending

    @Test func aRoomEndsAnHourAfterAnythingHappenedInIt() async throws {
        try await self.join { $0.lifetime = .idle(seconds: 3600) }
        let things: [() async throws -> Void] = [
            { try await self.join() }, { try await self.join(Bench.bob) },
            { _ = try await self.send(Bench.bob) },
            { try await self.core.leaveAllRooms(Bench.bob, in: self.app) },
        ]
        for happens in things {
            self.bench.clock.advance(seconds: 3599)
            try await self.core.endRooms()
            #expect(try await self.exists())
            try await happens()
        }
        self.bench.clock.advance(seconds: 3599)
        try await self.core.endRooms()
        #expect(try await self.exists())
        self.bench.clock.advance(seconds: 1)
        try await self.core.endRooms()
        #expect(try await !self.exists())
        #expect(
            self.bench.signals.announcements.last
                == Announcement(app: self.app, event: .ended(.group(Self.room)), recipients: .users([Bench.alice])))
        try await self.core.endRooms()
    }

    @Test func aRoomMayHaveALifetimeOfItsOwn() async throws {
        try await self.join { $0.lifetime = .fixed(seconds: 100) }
        self.bench.clock.advance(seconds: 99)
        _ = try await self.send(Bench.alice)
        try await self.core.endRooms()
        #expect(try await self.exists())
        // Whatever happens in it.
        self.bench.clock.advance(seconds: 1)
        try await self.core.endRooms()
        #expect(try await !self.exists())

        try await self.join { $0.lifetime = .idle(seconds: 7200) }
        self.bench.clock.advance(seconds: 7199)
        try await self.core.endRooms()
        #expect(try await self.exists())
        try await self.core.changeGroup(Self.room, in: self.app) { $0.isKeptAlive = true }
        self.bench.clock.advance(seconds: 100_000)
        try await self.core.endRooms()
        #expect(try await self.exists())
        try await self.core.changeGroup(Self.room, in: self.app) { $0.isKeptAlive = false }
        try await self.core.endRooms()
        #expect(try await !self.exists())
    }

    @Test func whatIsNotToEndDoesNot() async throws {
        try await self.join()
        try await self.bench.makeGroup("g") { $0.lifetime = .idle(seconds: 60) }
        self.bench.clock.advance(seconds: 1_000_000)
        try await self.core.endRooms()
        #expect(try await self.exists())
        #expect(try await self.core.directory.group("g", in: self.app) != nil)
    }

    @Test func manyRoomsEndAtOnce() async throws {
        for number in 0..<230 {
            try await self.bench.makeGroup("r\(number)", .chatRoom) { $0.lifetime = .idle(seconds: 60) }
        }
        self.bench.clock.advance(seconds: 60)
        try await self.core.endRooms()
        let left = try await self.core.directory.rooms(in: self.app, .all, offset: 0, limit: 1000)
        #expect(left.isEmpty)
    }

    // MARK: What the backend is told

    @Test func whyOneLeavesAndWhyARoomEndsIsNoted() async throws {
        try await self.core.directory.changeApp(self.app) {
            $0.settings.callbacks = [CallbackRule(name: "r", dialect: .parley, url: "http://a/", topics: [.group])]
        }
        for user in [Bench.alice, Bench.bob, "carol"] {
            try await self.join(user) { $0.lifetime = .fixed(seconds: 60) }
        }
        try await self.core.leaveAllRooms(Bench.alice, in: self.app)
        try await self.core.set(.keptOut, of: [Bench.bob], in: Self.room, of: self.app, until: .distantFuture)
        try await self.core.removeMembers(RemoveMembers(app: self.app, group: Self.room, users: ["carol"]))
        self.bench.clock.advance(seconds: 60)
        try await self.core.endRooms()
        let happenings = try await self.bench.store.occurrences(
            in: self.app, after: MessageID(rawValue: 0), limit: 100
        ).occurrences.compactMap { occurrence -> GroupHappening? in
            guard case .happening(let happening) = occurrence, case .group(let group) = happening.body else {
                return nil
            }
            if case .keptOut = group.kind { return nil }
            return group
        }.suffix(4)
        #expect(
            happenings.map(\.kind) == [.left([Bench.alice]), .left([Bench.bob]), .left(["carol"]), .dissolved([])])
        #expect(happenings.map(\.cause) == [.disconnected, .keptOut, nil, .over])
    }

    // MARK: Attributes

    @Test func whoKnowsARoomOfThatNameThatHasEndedIsToldAllOfTheNewOne() async throws {
        func set(_ key: String) async throws {
            _ = try await self.core.changeAttributes(
                ChangeAttributes(
                    app: self.app, group: Self.room, by: Bench.alice, [.init(key: key, value: "v")], byMember: true,
                    mayReplaceOthers: false))
        }
        try await self.join()
        try await set("old")
        let known = try #require(try await self.core.attributes(of: Self.room, in: self.app).changedAt)
        self.bench.clock.advance(seconds: 1)
        try await self.core.dissolveGroup(Self.room, in: self.app)
        try await self.join()
        try await set("new")
        let attributes = try await self.core.attributes(of: Self.room, in: self.app, after: known)
        #expect(attributes.isWhole && attributes.changes.map(\.key) == ["new"])
    }
}

extension GroupID: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self.init(value) }
}
