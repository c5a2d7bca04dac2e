import ParleyCore
import ParleyStore
import ParleyTesting
import Testing

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
}
