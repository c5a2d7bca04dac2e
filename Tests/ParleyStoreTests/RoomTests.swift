import ParleyCore
import ParleyTesting
import Testing

@testable import ParleyStore

@Suite struct RoomTests {
    private static let room = GroupID("g")

    private func attribute(_ key: String, at milliseconds: Int64, leaves: Bool = false) -> RoomAttribute {
        RoomAttribute(
            key: key, value: "值 of \(key)", setBy: "alice", leavesWithSetter: leaves,
            changedAt: Timestamp(milliseconds: milliseconds))
    }

    @Test(arguments: Place.allCases)
    func everyFieldOfAnAttributeComesBackInTheOrderOfChange(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(type: .chatRoom)
        var removed = self.attribute("b", at: 2)
        removed.isRemoved = true
        let saved = [self.attribute("c", at: 1, leaves: true), removed, self.attribute("a", at: 3)]
        let known = saved
        try await scene.store.write(in: Scene.app) { transaction in
            for attribute in known.reversed() { try transaction.save(attribute, of: Self.room) }
            #expect(try transaction.attributes(of: Self.room) == known)
        }
        #expect(try await scene.store.attributes(of: Self.room, in: Scene.app) == saved)
        #expect(try await scene.store.attributes(of: GroupID("none"), in: Scene.app).isEmpty)
    }

    @Test(arguments: Place.allCases)
    func anAttributeIsReplacedAndForgotten(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(type: .chatRoom)
        let (old, new, other) = (
            self.attribute("k", at: 1), self.attribute("k", at: 2, leaves: true), self.attribute("l", at: 3)
        )
        try await scene.store.write(in: Scene.app) { transaction in
            for attribute in [old, new, other] { try transaction.save(attribute, of: Self.room) }
            try transaction.forget("l", of: Self.room)
            try transaction.forget("never there", of: Self.room)
        }
        #expect(try await scene.store.attributes(of: Self.room, in: Scene.app) == [new])
    }

    @Test(arguments: Place.allCases)
    func whatIsRememberedOfAttributesIsAsTheLastChangeLeftIt(_ place: Place) async throws {
        let scene = try Scene(place)
        func known() async throws -> [RoomAttribute] {
            try await scene.store.attributes(of: Self.room, in: Scene.app)
        }
        #expect(try await known().isEmpty)
        try await scene.makeGroup(type: .chatRoom)
        for moment in 1...3 as ClosedRange<Int64> {
            let attribute = self.attribute("k", at: moment)
            try await scene.store.write(in: Scene.app) { try $0.save(attribute, of: Self.room) }
            #expect(try await known() == [attribute])
            #expect(try await known() == [attribute])
            #expect(scene.store.cache.attributes.count == 1)
        }
        // What is undone changes nothing.
        let attribute = self.attribute("l", at: 4)
        await #expect(throws: Rejection.notPermitted) {
            try await scene.store.write(in: Scene.app) { transaction in
                try transaction.save(attribute, of: Self.room)
                throw Rejection.notPermitted
            }
        }
        #expect(try await known().count == 1)
        try await scene.store.write(in: Scene.app) { try $0.forget("k", of: Self.room) }
        #expect(try await known().isEmpty)
        try await scene.store.write(in: Scene.app) { transaction in
            try transaction.save(attribute, of: Self.room)
            try transaction.delete(Self.room)
        }
        #expect(try await known().isEmpty)
    }

    @Test(arguments: Place.allCases)
    func theAttributesOfARoomEndWithIt(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(type: .chatRoom)
        let attribute = self.attribute("k", at: 1)
        try await scene.store.write(in: Scene.app) { transaction in
            try transaction.save(attribute, of: Self.room)
            try transaction.delete(Self.room)
        }
        try await scene.makeGroup(type: .chatRoom)
        #expect(try await scene.store.attributes(of: Self.room, in: Scene.app).isEmpty)
    }

    @Test(arguments: Place.allCases)
    func aMuteInAllRoomsIsKeptWithTheUser(_ place: Place) async throws {
        let scene = try Scene(place)
        var user = User(id: "u", createdAt: .distantPast)
        user.mutedInRoomsUntil = Timestamp(seconds: 7)
        let saved = user
        try await scene.store.write(in: Scene.app) { try $0.save(saved) }
        let later = place == .folder ? try scene.reopened() : scene
        #expect(try await later.store.user("u", in: Scene.app) == user)
    }

    @Test(arguments: Place.allCases)
    func whatARoomSaysOfUsersAndOfItselfIsKept(_ place: Place) async throws {
        let scene = try Scene(place)
        let now = scene.clock.now()
        var room = Group(id: Self.room, type: .chatRoom, name: "g", owner: nil, createdAt: now)
        room.lifetime = .fixed(seconds: 60)
        room.isKeptAlive = true
        room.isDistributionStopped = true
        var (other, idle) = (room, room)
        other.id = GroupID("other")
        other.lifetime = .idle(seconds: 7)
        idle.id = GroupID("idle")
        idle.lifetime = nil
        let saved = [room, other, idle]
        try await scene.store.write(in: Scene.app) { transaction in
            for group in saved { try transaction.save(group) }
            for standing in Standing.allCases {
                try transaction.set(standing, of: "alice", in: Self.room, until: .distantFuture)
                try transaction.set(standing, of: "bob", in: Self.room, until: now.adding(seconds: 60))
                try transaction.set(standing, of: "carol", in: Self.room, until: now)
            }
            try transaction.set(.speaker, of: "alice", in: Self.room, until: nil)
            #expect(try transaction.standing(.keptOut, of: "alice", in: Self.room) == .distantFuture)
            #expect(try transaction.standing(.speaker, of: "alice", in: Self.room) == nil)
        }
        let later = try place == .folder ? scene.reopened() : scene
        for group in saved { #expect(try await later.store.group(group.id, in: Scene.app)?.group == group) }
        let snapshot = try #require(try await later.store.group(Self.room, in: Scene.app))
        let both: [UserID: Timestamp] = ["alice": .distantFuture, "bob": now.adding(seconds: 60)]
        let bob: [UserID: Timestamp] = ["bob": now.adding(seconds: 60)]
        #expect(snapshot.standings == [.keptOut: both, .speaker: bob, .administrator: both, .protected: both])
        #expect(snapshot.users(being: .keptOut, at: now.adding(seconds: 60)) == ["alice": .distantFuture])
        // What is known and what is read anew are the same after a change.
        try await later.store.write(in: Scene.app) { try $0.set(.keptOut, of: "bob", in: Self.room, until: nil) }
        #expect(try await later.store.group(Self.room, in: Scene.app)?.standings[.keptOut] == ["alice": .distantFuture])
        try await later.store.write(in: Scene.app) { try $0.delete(Self.room) }
        try await later.store.write(in: Scene.app) { try $0.save(saved[0]) }
        #expect(try await later.store.group(Self.room, in: Scene.app)?.standings.isEmpty == true)
    }

    @Test(arguments: Place.allCases)
    func roomsAreListedNewestFirstByWhatTheyAre(_ place: Place) async throws {
        let scene = try Scene(place)
        for number in 0..<5 {
            try await scene.store.write(in: Scene.app) { transaction in
                var room = Group(
                    id: GroupID("r\(number)"), type: .chatRoom, name: "", owner: nil, createdAt: transaction.now)
                room.isMuted = number.isMultiple(of: 2)
                room.isKeptAlive = number == 1
                try transaction.save(room)
            }
        }
        try await scene.makeGroup("no room")
        func rooms(_ selection: RoomSelection, _ offset: Int = 0, _ limit: Int = .max) async throws -> [String] {
            try await scene.store.rooms(in: Scene.app, selection, offset: offset, limit: limit).map(\.rawValue)
        }
        #expect(try await rooms(.all) == ["r4", "r3", "r2", "r1", "r0"])
        #expect(try await rooms(.all, 1, 2) == ["r3", "r2"])
        #expect(try await rooms(.muted) == ["r4", "r2", "r0"])
        #expect(try await rooms(.muted, 2, 2) == ["r0"])
        #expect(try await rooms(.keptAlive) == ["r1"])
        #expect(try await scene.store.rooms(in: AppID("other"), .all, offset: 0, limit: 9).isEmpty)
    }

    /// A message that is in the same batch is not in the tables yet.
    @Test(arguments: Place.allCases)
    func aRoomIsNotOverWhenSomethingIsSaidInTheSameTransaction(_ place: Place) async throws {
        let scene = try Scene(place)
        let began = scene.clock.now()
        try await scene.store.write(in: Scene.app) { transaction in
            for (number, lifetime) in [Lifetime.idle(seconds: 60), .fixed(seconds: 60), nil].enumerated() {
                var room = Group(id: GroupID("\(number)"), type: .chatRoom, name: "", owner: nil, createdAt: began)
                room.lifetime = lifetime
                try transaction.save(room)
            }
        }
        func over(at moment: Timestamp) async throws -> [String] {
            try await scene.store.roomsOver(at: moment, limit: 9).map(\.room.rawValue).sorted()
        }
        scene.clock.advance(seconds: 60)
        let now = scene.clock.now()
        #expect(try await over(at: now.adding(milliseconds: -1)).isEmpty)
        #expect(try await over(at: now) == ["0", "1"])
        #expect(try await scene.store.roomsOver(at: now, limit: 1).map(\.app) == [Scene.app])
        try await scene.store.write(in: Scene.app) { transaction in
            for room in ["0", "1"] {
                #expect(try transaction.isOver(GroupID(room)))
                _ = try transaction.append(.text("wait"), to: .group(GroupID(room)))
            }
            #expect(try !transaction.isOver(GroupID("0")) && transaction.isOver(GroupID("1")))
            #expect(try !transaction.isOver(GroupID("2")) && !transaction.isOver(GroupID("none")))
        }
        #expect(try await over(at: now) == ["1"])
    }

    @Test(arguments: Place.allCases)
    func whoIsMutedInAllRoomsIsFoundAsLongAsHeIs(_ place: Place) async throws {
        let scene = try Scene(place)
        let until = scene.clock.now().adding(seconds: 60)
        for (id, moment) in [("a", until), ("b", scene.clock.now()), ("c", nil)] as [(UserID, Timestamp?)] {
            var user = User(id: id, createdAt: .distantPast)
            user.mutedInRoomsUntil = moment
            let saved = user
            try await scene.store.write(in: Scene.app) { try $0.save(saved) }
        }
        #expect(try await scene.store.usersMutedInRooms(in: Scene.app, at: scene.clock.now()) == ["a": until])
        #expect(try await scene.store.usersMutedInRooms(in: Scene.app, at: until).isEmpty)
    }

    @Test(arguments: Place.allCases)
    func idsAreReadWithoutWhatTheyAreOf(_ place: Place) async throws {
        let scene = try Scene(place)
        let receipts = try await scene.store.append(["one", "two", "three"].map { scene.draft($0) })
        let ids = receipts.map { EntryID(sequence: $0.sequence!, id: $0.id) }
        #expect(try await scene.store.ids(of: scene.conversation(), upTo: nil, limit: 9) == ids.reversed())
        #expect(try await scene.store.ids(of: scene.conversation(), upTo: 2, limit: 1) == [ids[1]])
        #expect(try await scene.store.ids(of: scene.conversation(), upTo: 0, limit: 1).isEmpty)
        #expect(try await scene.store.ids(of: scene.conversation("none"), upTo: nil, limit: 1).isEmpty)
    }

    @Test(arguments: Place.allCases)
    func whoJoinsARoomMayReadFromTheBeginning(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(type: .chatRoom, members: ["alice"])
        _ = try await scene.store.append(scene.draft("one"))
        try await scene.store.write(in: Scene.app) { transaction in
            try transaction.save(Member(user: "bob", joinedAt: transaction.now), of: Self.room)
        }
        let room = try #require(try await scene.store.group(Self.room, in: Scene.app))
        #expect(room.members["bob"]?.joinedAtSequence == 0)
    }

    /// Thousands come and go, and nothing is kept of it; where unread messages are counted, what was said before is not among them.
    @Test(arguments: Place.allCases)
    func whoJoinsARoomHasNoPlaceInIt(_ place: Place) async throws {
        let scene = try Scene(place)
        for type in [GroupType.chatRoom, .community] {
            try await scene.makeGroup(type.rawValue, type: type)
            _ = try await scene.store.append(scene.draft("one", to: type.rawValue))
            try await scene.store.write(in: Scene.app) { transaction in
                try transaction.save(Member(user: "bob", joinedAt: transaction.now), of: GroupID(type.rawValue))
            }
        }
        let places = try await scene.store.database.read { connection in
            try connection.all(
                "SELECT c.a, p.read_through FROM places p JOIN conversations c ON c.number = p.conversation"
            ) { "\($0.text(0)) \($0.int(1))" }
        }
        #expect(places == ["community 1"])
    }
}
