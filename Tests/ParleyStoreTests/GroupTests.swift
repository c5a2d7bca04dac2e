import ParleyCore
import ParleyTesting
import Testing

@testable import ParleyStore

@Suite struct GroupTests {
    @Test(arguments: Place.allCases)
    func aGroupMadeAgainStartsFromNothing(_ place: Place) async throws {
        let scene = try Scene(place)
        let id = GroupID("g")
        try await scene.makeGroup(members: ["alice", "bob"])
        try await scene.store.write(in: Scene.app) { try $0.mute("bob", in: id, until: .distantFuture) }
        let old = try await scene.store.append([scene.draft("one"), scene.draft("two")])
        try await scene.confirm(2, "alice")
        _ = try await scene.store.group(id, in: Scene.app)

        try await scene.store.write(in: Scene.app) { try $0.delete(id) }
        #expect(try await scene.store.group(id, in: Scene.app) == nil)
        #expect(try await scene.texts().isEmpty)
        #expect(try await scene.store.entry(old[0].id, in: Scene.app) == nil)
        #expect(try await scene.store.entry(1, of: scene.conversation()) == nil)
        #expect(try await scene.store.lastSequence(of: scene.conversation()) == 0)
        #expect(try await scene.positions("alice").isEmpty)
        #expect(try await scene.store.groups(of: "alice", in: Scene.app).isEmpty)

        try await scene.makeGroup(members: ["carol"])
        let new = try await scene.store.append(scene.draft("three"))
        #expect(new.sequence == 1)
        #expect(try await scene.texts() == ["three"])
        let group = try #require(try await scene.store.group(id, in: Scene.app))
        #expect(Set(group.members.keys) == ["carol"])
        #expect(group.mutes.isEmpty)
        #expect(group.members["carol"]?.joinedAtSequence == 0)
        #expect(try await scene.store.entry(old[1].id, in: Scene.app) == nil)
        #expect(try await scene.positions("alice").isEmpty)
        #expect(try await scene.positions("carol").map(\.lastSequence) == [1])
        try await scene.store.write(in: Scene.app) { transaction in
            #expect(try transaction.entry(old[0].id) == nil)
            try transaction.markRecalled(old[0].id, leavesNoTrace: false)
        }

        try await scene.store.maintain()
        #expect(try await scene.texts() == ["three"])
        if place == .folder {
            #expect(try scene.count("entries") == 1)
            #expect(try scene.count("conversations") == 1)
            #expect(try scene.count("cursors") + scene.count("furthest_cursors") == 0)
        }
    }

    @Test(arguments: Place.allCases)
    func aGroupMadeAgainInTheSameTransactionStartsFromNothing(_ place: Place) async throws {
        let scene = try Scene(place)
        let id = GroupID("g")
        try await scene.makeGroup(members: ["alice", "bob"])
        _ = try await scene.store.append(scene.draft("one"))
        _ = try await scene.store.group(id, in: Scene.app)
        try await scene.store.write(in: Scene.app) { transaction in
            let group = try #require(try transaction.group(id))
            _ = try transaction.append(.text("two"), to: .group(id))
            try transaction.delete(id)
            try transaction.save(group)
            try transaction.save(Member(user: "carol", joinedAt: transaction.now), of: id)
            #expect(try transaction.append(.text("three"), to: .group(id)).sequence == 1)
            #expect(try transaction.memberCount(of: id) == 1)
        }
        #expect(try await scene.texts() == ["three"])
        #expect(try await scene.store.group(id, in: Scene.app)?.members.keys.map(\.rawValue) == ["carol"])
        #expect(try await scene.store.append(scene.draft("four")).sequence == 2)
    }

    @Test(arguments: Place.allCases)
    func aDeletionThatIsUndoneChangesNothing(_ place: Place) async throws {
        struct No: Error {}
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice"])
        _ = try await scene.store.append(scene.draft("one"))
        await #expect(throws: No.self) {
            try await scene.store.write(in: Scene.app) { transaction in
                try transaction.delete(GroupID("g"))
                #expect(try transaction.append(.text("lost"), to: .group(GroupID("g"))).sequence == 1)
                throw No()
            }
        }
        #expect(try await scene.store.append(scene.draft("two")).sequence == 2)
        #expect(try await scene.texts() == ["one", "two"])
        #expect(try await scene.store.group(GroupID("g"), in: Scene.app)?.members.count == 1)
    }

    @Test(arguments: Place.allCases)
    func everyFieldOfGroupAndMemberComesBack(_ place: Place) async throws {
        let scene = try Scene(place)
        var group = Group(
            id: GroupID("g\u{0}\"é"), type: .community, name: "name", owner: "o", createdAt: .init(seconds: 5))
        group.summary = "summary"
        group.announcement = "announcement"
        group.avatar = "avatar"
        group.capacity = .max
        group.joinPolicy = .disabled
        group.membersMayInvite.toggle()
        group.isMuted = true
        group.updatedAt = Timestamp(seconds: 6)
        group.attributes = ["a": "1", "\"": "\n"]
        var member = Member(user: "o", role: .owner, joinedAt: Timestamp(seconds: 7), delivery: .discard)
        member.nameCard = "card"
        member.attributes = ["x": "y"]
        let (savedGroup, savedMember) = (group, member)
        try await scene.store.write(in: Scene.app) { transaction in
            try transaction.save(savedGroup)
            try transaction.save(savedMember, of: savedGroup.id)
            try transaction.mute("m", in: savedGroup.id, until: .distantFuture)
            #expect(try transaction.group(savedGroup.id) == savedGroup)
            #expect(try transaction.member("o", of: savedGroup.id) == savedMember)
        }
        let snapshot = try #require(try await scene.store.group(group.id, in: Scene.app))
        #expect(snapshot.group == group)
        #expect(snapshot.members == ["o": member])
        #expect(snapshot.mutes == ["m": .distantFuture])
        let memberships = try await scene.store.groups(of: "o", in: Scene.app)
        #expect(memberships.map(\.group) == [group])
        #expect(memberships.map(\.member) == [member])
        #expect(try await scene.store.groups(in: Scene.app, after: nil, limit: 10) == [group])
    }

    @Test(arguments: Place.allCases)
    func groupsAreListedNewestFirstPageByPage(_ place: Place) async throws {
        let scene = try Scene(place)
        for number in 1...5 { try await scene.makeGroup("\(number)") }
        let store = scene.store
        #expect(try await store.groups(in: Scene.app, after: nil, limit: 2).map(\.id.rawValue) == ["5", "4"])
        #expect(
            try await store.groups(in: Scene.app, after: GroupID("4"), limit: 9).map(\.id.rawValue) == ["3", "2", "1"])
        #expect(try await store.groups(in: Scene.app, after: GroupID("gone"), limit: 9).isEmpty)
        #expect(try await store.groups(in: AppID("other"), after: nil, limit: 9).isEmpty)
    }

    @Test(arguments: Place.allCases)
    func whoJoinsLaterStartsWhereTheConversationWas(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup("g", type: .public, members: ["alice"])
        try await scene.makeGroup("c", type: .community, members: ["alice"])
        _ = try await scene.store.append([scene.draft("1", to: "g"), scene.draft("1", to: "c")])
        for id in [GroupID("g"), GroupID("c")] {
            try await scene.store.write(in: Scene.app) { transaction in
                _ = try transaction.append(.text("2"), to: .group(id))
                try transaction.save(Member(user: "bob", joinedAt: transaction.now), of: id)
            }
            _ = try await scene.store.append(scene.draft("3", to: id.rawValue))
            // A later change of the member does not move the beginning, on disk or in memory.
            _ = try await scene.store.group(id, in: Scene.app)
            try await scene.store.write(in: Scene.app) { transaction in
                try transaction.save(Member(user: "bob", role: .administrator, joinedAt: transaction.now), of: id)
            }
        }
        let members = try await [GroupID("g"), GroupID("c")].asyncMap {
            try await scene.store.group($0, in: Scene.app)?.members["bob"]
        }
        #expect(members.map { $0?.joinedAtSequence } == [2, 0])
        #expect(members.map { $0?.role } == [.administrator, .administrator])
        #expect(
            Dictionary(uniqueKeysWithValues: try await scene.positions("bob").map { ($0.conversation, $0.cursor) })
                == [.group(GroupID("g")): 2, .group(GroupID("c")): 0])
    }

    @Test(arguments: Place.allCases)
    func whatIsRememberedOfAGroupFollowsItsChanges(_ place: Place) async throws {
        let scene = try Scene(place)
        let id = GroupID("g")
        #expect(try await scene.store.group(id, in: Scene.app) == nil)
        try await scene.makeGroup(members: ["alice"])
        #expect(try await scene.store.group(id, in: Scene.app)?.members.count == 1)
        try await scene.store.write(in: Scene.app) { transaction in
            try transaction.save(Member(user: "bob", joinedAt: transaction.now), of: id)
            try transaction.mute("bob", in: id, until: .distantFuture)
            var group = try #require(try transaction.group(id))
            group.isMuted = true
            try transaction.save(group)
        }
        var group = try #require(try await scene.store.group(id, in: Scene.app))
        #expect(Set(group.members.keys) == ["alice", "bob"])
        #expect(group.mutes["bob"] == .distantFuture)
        #expect(group.group.isMuted)
        try await scene.store.write(in: Scene.app) { transaction in
            try transaction.mute("bob", in: id, until: transaction.now)
            try transaction.delete("alice" as UserID)
        }
        group = try #require(try await scene.store.group(id, in: Scene.app))
        #expect(Set(group.members.keys) == ["bob"])
        #expect(group.mutes.isEmpty)
    }

    /// At once for everybody; what it leaves behind goes in pieces, also after a kill between any two.
    @Test func aGroupOfManyEndsAtOnceAndLeavesInPieces() async throws {
        let scene = try Scene(.folder)
        let (id, users) = (GroupID("g"), (1...2500).map { "u\($0)" })
        try await scene.makeGroup(members: users)
        try await scene.makeGroup("other", members: ["u1", "u2500"])
        try await scene.store.write(in: Scene.app) { transaction in
            for user in users { try transaction.mute(UserID(user), in: id, until: .distantFuture) }
        }
        _ = try await scene.store.append(scene.draft("one"))
        _ = try await scene.store.group(id, in: Scene.app)
        try await scene.store.write(in: Scene.app) { try $0.delete(id) }
        let left = try #require(scene.signals.commits.last?.memberships)
        #expect(Set(left.map(\.user.rawValue)) == Set(users) && left.allSatisfy { $0.member == nil && $0.group == id })
        #expect(try await scene.store.group(id, in: Scene.app) == nil)
        #expect(try scene.count("members") == 1502)
        let later = try scene.reopened()
        // The last of those of whom a row is left.
        for user: UserID in ["u1", "u2500"] {
            let groups = try await later.store.groups(of: user, in: Scene.app).map(\.group.id)
            #expect(groups == [GroupID("other")])
            #expect(try await later.positions(user).isEmpty)
        }
        try await later.makeGroup(members: ["u7"])
        let again = try #require(try await later.store.group(id, in: Scene.app))
        #expect(again.members.keys.sorted() == ["u7"] && again.mutes.isEmpty)
        let step = try await later.store.writer.run(.isolated) { try $0.connection.purgeEndedGroups(limit: 1000) }
        #expect(step == 1000)
        let last = try later.reopened()
        try await last.store.maintain()
        #expect(try last.count("members") == 3 && last.count("mutes") == 0 && last.count("ended_groups") == 0)
        #expect(try await last.store.group(id, in: Scene.app)?.members.count == 1)
    }

    @Test(arguments: Place.allCases)
    func aMuteOutlivesLeaving(_ place: Place) async throws {
        let scene = try Scene(place)
        let id = GroupID("g")
        let until = scene.clock.now().adding(seconds: 60)
        try await scene.makeGroup(members: ["bob"])
        try await scene.store.write(in: Scene.app) { transaction in
            try transaction.mute("bob", in: id, until: until)
            try transaction.remove("bob", from: id)
            try transaction.save(Member(user: "bob", joinedAt: transaction.now), of: id)
            #expect(try transaction.mutes(in: id) == ["bob": until])
        }
        scene.clock.advance(seconds: 60)
        let mutes = try await scene.store.write(in: Scene.app) { try $0.mutes(in: id) }
        #expect(mutes.isEmpty)
    }
}

extension Sequence where Element: Sendable {
    func asyncMap<Value>(_ transform: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
