import ParleyCore
import ParleyTesting
import Testing

@Suite struct UserCommandTests {
    @Test func anImportCreatesOnceAndThenChanges() async throws {
        let bench = try await Bench.make()
        let (created, isNew) = try await bench.core.importUser("u", in: bench.app.id) { $0.name = "one" }
        #expect(isNew && created.name == "one" && created.createdAt == bench.clock.now())
        bench.clock.advance(seconds: 1)
        let (same, isNewAgain) = try await bench.core.importUser("u", in: bench.app.id)
        #expect(!isNewAgain && same == created)
        let (changed, _) = try await bench.core.importUser("u", in: bench.app.id) { $0.portrait = "p" }
        #expect(changed.name == "one" && changed.portrait == "p")
        #expect(changed.createdAt == created.createdAt && changed.updatedAt == bench.clock.now())
        #expect(try await bench.core.directory.user("u", in: bench.app.id) == changed)
    }

    @Test func aChangeThatThrowsChangesNothing() async throws {
        struct No: Error {}
        let bench = try await Bench.make()
        await #expect(throws: No.self) {
            try await bench.core.changeUser(Bench.alice, in: bench.app.id) { user in
                user.name = "lost"
                throw No()
            }
        }
        #expect(try await bench.core.directory.user(Bench.alice, in: bench.app.id)?.name == "alice")
        await #expect(throws: Rejection.userNotFound("x")) {
            try await bench.core.changeUser("x", in: bench.app.id) { $0.name = "" }
        }
    }

    @Test(arguments: [true, false])
    func ownedGroupsEndWithTheirOwnerOrGoOn(_ endingOwnedGroups: Bool) async throws {
        let bench = try await Bench.make()
        let others = try await bench.makeGroup("others", owner: Bench.bob, members: [Bench.alice])
        try await bench.core.deleteUser(Bench.alice, in: bench.app.id, endingOwnedGroups: endingOwnedGroups)
        #expect(try await bench.core.directory.user(Bench.alice, in: bench.app.id) == nil)
        let owned = try await bench.core.directory.group(Bench.group, in: bench.app.id)
        #expect((owned == nil) == endingOwnedGroups)
        #expect(owned?.group.owner == nil)
        #expect(owned?.members[Bench.alice] == nil)
        #expect(try await bench.members(of: others).keys.map(\.self) == [Bench.bob])
        #expect(bench.signals.disconnects == [Disconnect(Bench.alice, in: bench.app.id, because: .userInactive)])
        await #expect(throws: Rejection.userNotFound(Bench.alice)) {
            try await bench.core.deleteUser(Bench.alice, in: bench.app.id, endingOwnedGroups: false)
        }
    }

    /// A room stays its owner's while he is not there, and a thread while he is not in it; but not whose id is his.
    @Test(arguments: [true, false])
    func whatAUserOwnsWithoutBeingInItIsNotTheNextOnes(_ endingOwnedGroups: Bool) async throws {
        let bench = try await Bench.make()
        let app = bench.app.id
        let room = try await bench.makeGroup("r", .chatRoom, owner: Bench.bob)
        let thread = GroupID("t")
        let message = try await bench.say(in: .group(Bench.group))
        try await bench.core.start(
            thread, on: ThreadOrigin(group: Bench.group, message: message), name: "topic", owner: Bench.bob, in: app)
        try await bench.core.join(["carol"], thread: thread, in: app, by: "carol")
        try await bench.core.removeMembers(
            RemoveMembers(app: app, group: room, users: [Bench.bob], owner: .mayLeave))
        try await bench.core.leave(thread: thread, by: Bench.bob, in: app)
        for id in [room, thread] {
            #expect(try await bench.core.directory.group(id, in: app)?.group.owner == Bench.bob)
        }
        try await bench.core.deleteUser(Bench.bob, in: app, endingOwnedGroups: endingOwnedGroups)
        #expect((try await bench.core.directory.group(room, in: app) == nil) == endingOwnedGroups)
        let left = try #require(try await bench.core.directory.group(thread, in: app))
        #expect(left.group.owner == nil && left.members.keys.sorted() == ["carol"])
        // Others go on; and who has the id next is one of them.
        try await bench.core.importUser(Bench.bob, in: app)
        _ = try await bench.core.addMembers(AddMembers(app: app, group: Bench.group, users: [Bench.bob]))
        try await bench.core.join([Bench.bob], thread: thread, in: app, by: Bench.bob)
        #expect(try await bench.members(of: thread)[Bench.bob]?.role == .member)
        let again = try await bench.core.directory.group(room, in: app)?.group
        #expect(again?.owner == nil)
    }

    @Test func whatAUserSaidOutlivesHim() async throws {
        let bench = try await Bench.make()
        _ = try await bench.core.send(bench.send(to: .direct(Bench.alice, Bench.bob)))
        try await bench.core.deleteUser(Bench.alice, in: bench.app.id, endingOwnedGroups: false)
        #expect(try await bench.entries(of: .direct(Bench.alice, Bench.bob)).count == 1)
    }

    @Test func whoComesAfterADeletedUserHasNothingOfHis() async throws {
        let bench = try await Bench.make()
        let (direct, system) = (Conversation.direct(Bench.alice, Bench.bob), Conversation.system(Bench.alice))
        for conversation in [direct, system] { try await bench.say("old", in: conversation, from: Bench.bob) }
        try await bench.say("answer", in: direct)
        bench.clock.advance(seconds: 1)
        let departure = bench.clock.now()
        try await bench.core.deleteUser(Bench.alice, in: bench.app.id, endingOwnedGroups: false)
        bench.clock.advance(seconds: 1)
        let (next, isNew) = try await bench.core.importUser(Bench.alice, in: bench.app.id)
        #expect(isNew && next.tokensValidFrom == departure)
        for conversation in [direct, system] {
            #expect(try await bench.history(of: conversation, for: Bench.alice).isEmpty)
        }
        #expect(try await bench.history(of: direct, for: Bench.bob).count == 2)
        #expect(try await bench.list(of: Bench.alice).summaries.isEmpty)
        try await bench.say("new", in: direct, from: Bench.bob)
        #expect(try await bench.unread(in: direct, of: Bench.alice)?.count == 1)
    }

    @Test func tokensAreVoidFromTheLatestMomentOn() async throws {
        let bench = try await Bench.make()
        let later = bench.clock.now().adding(seconds: 5)
        try await bench.core.expireTokens(of: Bench.alice, in: bench.app.id, issuedBefore: later)
        try await bench.core.expireTokens(
            of: Bench.alice, in: bench.app.id, issuedBefore: bench.clock.now(), because: .kicked)
        #expect(try await bench.core.directory.user(Bench.alice, in: bench.app.id)?.tokensValidFrom == later)
        #expect(bench.signals.disconnects.map(\.reason) == [.tokenExpired, .kicked])
        #expect(bench.signals.disconnects.first?.tokensIssuedBefore == later)
    }

    @Test func aBlockEndsByItselfOrWhenItIsLifted() async throws {
        let bench = try await Bench.make()
        let until = bench.clock.now().adding(seconds: 60)
        try await bench.core.block(Bench.alice, in: bench.app.id, until: until)
        #expect(bench.signals.disconnects == [Disconnect(Bench.alice, in: bench.app.id, because: .userInactive)])
        let blocked = try #require(try await bench.core.directory.user(Bench.alice, in: bench.app.id))
        #expect(!blocked.mayLogIn(at: bench.clock.now()))
        #expect(!blocked.mayLogIn(at: until.adding(milliseconds: -1)))
        #expect(blocked.mayLogIn(at: until))
        try await bench.core.unblock(Bench.alice, in: bench.app.id)
        let free = try #require(try await bench.core.directory.user(Bench.alice, in: bench.app.id))
        #expect(free.mayLogIn(at: bench.clock.now()))
    }

    @Test func whoIsBlockedBeforeHeIsKnownIsBlockedWhenHeComes() async throws {
        let bench = try await Bench.make()
        try await bench.core.block("new", in: bench.app.id, until: .distantFuture)
        let (user, isNew) = try await bench.core.importUser("new", in: bench.app.id) { $0.name = "New" }
        #expect(!isNew && !user.mayLogIn(at: bench.clock.now()))
        await #expect(throws: Rejection.userNotFound("nobody")) {
            try await bench.core.unblock("nobody", in: bench.app.id)
        }
    }
}
