import ParleyCore
import ParleyStore
import ParleyTesting
import Testing

@Suite struct ThreadTests {
    private static let thread = GroupID("t")
    private let group = Conversation.group(Bench.group)

    private func start(
        _ id: GroupID = Self.thread, on message: MessageID, of group: GroupID = Bench.group, by owner: UserID = "bob",
        _ bench: Bench
    ) async throws {
        try await bench.core.start(
            id, on: ThreadOrigin(group: group, message: message), name: "topic", owner: owner, in: bench.app.id,
            device: DeviceID("web"))
    }

    private func join(_ user: UserID, _ bench: Bench, _ id: GroupID = Self.thread) async throws {
        try await bench.core.join([user], thread: id, in: bench.app.id, by: user, on: DeviceID("phone"))
    }

    private func snapshot(_ bench: Bench, _ id: GroupID = Self.thread) async throws -> GroupSnapshot? {
        try await bench.core.directory.group(id, in: bench.app.id)
    }

    /// What was told of threads since, and to whom.
    private func told(_ bench: Bench) -> [(change: ThreadChange, to: Announcement.Recipients)] {
        bench.signals.announcements.compactMap { announcement in
            if case .thread(let change) = announcement.event { (change, announcement.recipients) } else { nil }
        }
    }

    // MARK: Its life

    @Test func aThreadIsAGroupUnderAGroup() async throws {
        let bench = try await Bench.make()
        let message = try await bench.say(in: self.group)
        try await self.start(on: message, bench)
        let thread = try #require(try await self.snapshot(bench))
        #expect(thread.group.type == .thread && thread.group.owner == "bob" && thread.group.name == "topic")
        #expect(thread.group.origin == ThreadOrigin(group: Bench.group, message: message))
        #expect(thread.members.keys.sorted() == ["bob"])
        #expect(try await bench.core.directory.threads(on: [message], in: bench.app.id) == [thread.group])
        let told = self.told(bench)
        #expect(told.map(\.change.kind) == [.started, .own(.started)])
        #expect(told.map(\.to) == [.group(Bench.group, except: nil), .users(["bob"])])
        #expect(told.map(\.change.device) == [nil, DeviceID("web")] && told.allSatisfy { $0.change.by == "bob" })
        // It is told in no other way.
        #expect(!bench.signals.groupNews.contains { $0.event.conversation == .group(Self.thread) })
    }

    @Test func aThreadIsMadeOnAMessageThatItsMakerSees() async throws {
        let bench = try await Bench.make()
        let message = try await bench.say(in: self.group)
        let direct = try await bench.say(in: .direct(Bench.alice, Bench.bob))
        let forFew = try await bench.say(in: self.group, to: .only(["carol"]))
        let room = try await bench.makeGroup("r", .chatRoom, members: [Bench.bob])
        let inRoom = try await bench.say(in: .group(room))
        await #expect(throws: Rejection.groupNotFound(GroupID("none"))) {
            try await self.start(on: message, of: GroupID("none"), bench)
        }
        await #expect(throws: Rejection.groupNotFound(room)) { try await self.start(on: inRoom, of: room, bench) }
        await #expect(throws: Rejection.notMember("mallory", of: Bench.group)) {
            try await self.start(on: message, by: "mallory", bench)
        }
        for other in [direct, forFew, MessageID(rawValue: 7)] {
            await #expect(throws: Rejection.messageNotFound) { try await self.start(on: other, bench) }
        }
        try await self.start(on: message, bench)
        await #expect(throws: Rejection.groupExists(Self.thread, owner: nil)) {
            try await self.start(GroupID("u"), on: message, by: Bench.alice, bench)
        }
        let inThread = try await bench.say(in: .group(Self.thread), from: "bob")
        await #expect(throws: Rejection.notSupported(by: .thread)) {
            try await self.start(GroupID("u"), on: inThread, of: Self.thread, bench)
        }
    }

    @Test func onlyMembersOfTheGroupJoinAndWhoLeavesItLeavesThem() async throws {
        let bench = try await Bench.make()
        try await self.start(on: try await bench.say(in: self.group), bench)
        await #expect(throws: Rejection.notMember("mallory", of: Bench.group)) { try await self.join("mallory", bench) }
        // In whichever way.
        await #expect(throws: Rejection.notMember("mallory", of: Bench.group)) {
            try await bench.core.addMembers(AddMembers(app: bench.app.id, group: Self.thread, users: ["mallory"]))
        }
        await #expect(throws: Rejection.notMember("mallory", of: Bench.group)) {
            try await bench.core.createGroup(
                CreateGroup(
                    app: bench.app.id,
                    group: Group(id: Self.thread, type: .work, name: "", owner: nil, createdAt: bench.clock.now()),
                    members: [Member(user: "mallory", joinedAt: bench.clock.now())], ifExists: .join))
        }
        for user: UserID in ["carol", "carol", "dave"] { try await self.join(user, bench) }
        #expect(try await self.snapshot(bench)?.members.keys.sorted() == ["bob", "carol", "dave"])
        try await bench.core.leave(thread: Self.thread, by: "dave", in: bench.app.id)
        await #expect(throws: Rejection.notMember("dave", of: Self.thread)) {
            try await bench.core.leave(thread: Self.thread, by: "dave", in: bench.app.id)
        }
        try await bench.core.removeMembers(
            RemoveMembers(app: bench.app.id, group: Bench.group, users: ["carol"], by: Bench.alice))
        #expect(try await self.snapshot(bench)?.members.keys.sorted() == ["bob"])
        let told = self.told(bench).dropFirst(2)
        #expect(
            told.map(\.change.kind) == [.own(.joined), .own(.joined), .own(.left), .removed(["carol"])])
        #expect(told.map(\.to) == [.users(["carol"]), .users(["dave"]), .users(["dave"]), .users(["carol"])])
        // Who made it may leave it, and it stays his.
        try await bench.core.leave(thread: Self.thread, by: "bob", in: bench.app.id)
        #expect(try await self.snapshot(bench)?.group.owner == "bob")
    }

    @Test func whoMadeAThreadMadeItStillWhenHeComesBackToTheGroup() async throws {
        let bench = try await Bench.make()
        try await self.start(on: try await bench.say(in: self.group), bench)
        try await self.join("carol", bench)
        try await bench.core.removeMembers(
            RemoveMembers(app: bench.app.id, group: Bench.group, users: ["bob"], by: Bench.alice))
        let left = try #require(try await self.snapshot(bench))
        #expect(left.group.owner == "bob" && left.members.keys.sorted() == ["carol"])
        await #expect(throws: Rejection.notMember("bob", of: Bench.group)) { try await self.join("bob", bench) }
        _ = try await bench.core.addMembers(AddMembers(app: bench.app.id, group: Bench.group, users: ["bob"]))
        #expect(try await self.snapshot(bench)?.members["bob"] == nil)
        try await self.join("bob", bench)
        #expect(try await self.snapshot(bench)?.members["bob"]?.role == .owner)
    }

    @Test func itIsRenamedAndEnds() async throws {
        let bench = try await Bench.make()
        try await self.start(on: try await bench.say(in: self.group), bench)
        try await bench.say(in: .group(Self.thread), from: "bob")
        await bench.core.threadTeller.settle()
        try await bench.core.rename(
            thread: Self.thread, to: "other", in: bench.app.id, by: "bob", on: DeviceID("web"))
        #expect(try await self.snapshot(bench)?.group.name == "other")
        try await bench.core.end(thread: Self.thread, in: bench.app.id, by: Bench.alice)
        #expect(try await self.snapshot(bench) == nil)
        let told = self.told(bench).suffix(4)
        #expect(told.map(\.change.kind) == [.own(.renamed), .renamed(messageCount: 1), .ended, .own(.ended)])
        #expect(told.map(\.change.thread.name) == ["other", "other", "other", "other"])
        await #expect(throws: Rejection.groupNotFound(Self.thread)) {
            try await bench.core.rename(thread: Self.thread, to: "x", in: bench.app.id, by: nil)
        }
        // A group is no thread.
        await #expect(throws: Rejection.groupNotFound(Bench.group)) {
            try await bench.core.end(thread: Bench.group, in: bench.app.id, by: nil)
        }
    }

    @Test func threadsEndWithTheirGroup() async throws {
        let bench = try await Bench.make()
        try await self.start(on: try await bench.say(in: self.group), bench)
        try await self.start(GroupID("u"), on: try await bench.say(in: self.group), bench)
        try await bench.core.dissolveGroup(Bench.group, in: bench.app.id, by: Bench.alice)
        for id in ["t", "u"] { #expect(try await self.snapshot(bench, GroupID(id)) == nil) }
        #expect(self.told(bench).suffix(2).map(\.change.kind) == [.ended, .ended])
    }

    @Test func anAppAndAUserHaveSoManyThreads() async throws {
        let bench = try await Bench.make(limits: CoreLimits(threads: 2, threadsJoined: 1))
        try await self.start(on: try await bench.say(in: self.group), bench)
        await #expect(throws: Rejection.threadMembershipsFull("bob", limit: 1)) {
            try await self.start(GroupID("u"), on: try await bench.say(in: self.group), bench)
        }
        try await self.start(GroupID("u"), on: try await bench.say(in: self.group), by: "carol", bench)
        await #expect(throws: Rejection.threadsFull(limit: 2)) {
            try await self.start(GroupID("v"), on: try await bench.say(in: self.group), by: "dave", bench)
        }
        await #expect(throws: Rejection.threadMembershipsFull("carol", limit: 1)) {
            try await self.join("carol", bench)
        }
        // All of them, or nobody.
        await #expect(throws: Rejection.threadMembershipsFull("carol", limit: 1)) {
            try await bench.core.join(["dave", "carol"], thread: Self.thread, in: bench.app.id, by: nil)
        }
        #expect(try await self.snapshot(bench)?.members.keys.sorted() == ["bob"])
    }

    // MARK: What is said in it

    @Test func theGroupIsToldWhatIsSaidInIt() async throws {
        let bench = try await Bench.make()
        try await self.start(on: try await bench.say(in: self.group), bench)
        let thread = Conversation.group(Self.thread)
        let first = try await bench.say("one", in: thread, from: "bob")
        let second = try await bench.say("two", in: thread, from: "bob")
        func last() async throws -> (count: Int, text: String?) {
            await bench.core.threadTeller.settle()
            let told = try #require(self.told(bench).last)
            #expect(told.to == .group(Bench.group, except: nil))
            guard case .said(let overview) = told.change.kind else { return (-1, nil) }
            guard case .text(let text)? = overview.last?.message.content else { return (overview.messageCount, nil) }
            return (overview.messageCount, text)
        }
        #expect(try await last() == (2, "two"))
        try await bench.core.edit(
            EditMessage(
                app: bench.app.id, target: .id(second), by: "bob", byAdministrator: false, content: .text("2")))
        #expect(try await last() == (2, "2"))
        func recall(_ id: MessageID, by user: UserID) async throws {
            var command = RecallMessage(app: bench.app.id, target: .id(id), by: user, byAdministrator: false)
            command.honoursRole = true
            try await bench.core.recall(command)
        }
        // The owner of the group has power here too; another member has not.
        try await self.join("carol", bench)
        await #expect(throws: Rejection.notPermitted) { try await recall(second, by: "carol") }
        try await recall(second, by: Bench.alice)
        #expect(try await last() == (1, "one"))
        try await recall(first, by: "bob")
        #expect(try await last() == (0, nil))
        // What is for some, or for those who are there, the others need not know.
        try await bench.say("few", in: thread, from: "bob", to: .only(["carol"]))
        #expect(try await last() == (0, nil))
    }

    @Test func ofManyMessagesAtOnceTheLastIsToldLast() async throws {
        let bench = try await Bench.make()
        try await self.start(on: try await bench.say(in: self.group), bench)
        let sends = (1...50).map { number in
            var command = bench.send(to: .group(Self.thread), from: "bob")
            command.message.content = .text("\(number)")
            return command
        }
        _ = try await bench.core.send(sends)
        await bench.core.threadTeller.settle()
        guard case .said(let overview)? = self.told(bench).last?.change.kind else {
            Issue.record("it is not told")
            return
        }
        #expect(overview.messageCount == 50 && overview.last?.message.content == .text("50"))
    }

    @Test func nothingIsToldOfAThreadOnceThatHasStopped() async throws {
        let bench = try await Bench.make()
        try await self.start(on: try await bench.say(in: self.group), bench)
        try await bench.say("one", in: .group(Self.thread), from: "bob")
        await bench.core.threadTeller.stop()
        #expect(self.told(bench).count == 3)
        try await bench.say("two", in: .group(Self.thread), from: "bob")
        await bench.core.threadTeller.settle()
        #expect(self.told(bench).count == 3)
    }

    @Test func whoMayNotSpeakInTheGroupMayNotSpeakInIt() async throws {
        let bench = try await Bench.make()
        try await self.start(on: try await bench.say(in: self.group), bench)
        let checks: Send.Checks = [.groupExists, .senderIsMember, .mutes]
        func say(by user: UserID) async throws {
            _ = try await bench.core.send(bench.send(to: .group(Self.thread), from: user, checks))
        }
        await #expect(throws: Rejection.senderNotMember("carol", of: Self.thread)) { try await say(by: "carol") }
        await #expect(throws: Rejection.senderNotMember("mallory", of: Bench.group)) { try await say(by: "mallory") }
        try await say(by: "bob")
        try await bench.core.mute(["bob"], in: Bench.group, of: bench.app.id, until: .distantFuture)
        await #expect(throws: Rejection.senderMuted(until: .distantFuture)) { try await say(by: "bob") }
        try await bench.core.mute(["bob"], in: Bench.group, of: bench.app.id, until: nil)
        try await bench.core.changeGroup(Bench.group, in: bench.app.id) { $0.isMuted = true }
        await #expect(throws: Rejection.groupMuted(Bench.group)) { try await say(by: "bob") }
    }

    @Test func whoJoinsFindsWhatWasSaidAndItIsInNoList() async throws {
        let bench = try await Bench.make()
        try await self.start(on: try await bench.say("in the group", in: self.group), bench)
        let thread = Conversation.group(Self.thread)
        try await bench.say("one", in: thread, from: "bob")
        await #expect(throws: Rejection.notMember("carol", of: Self.thread)) {
            _ = try await bench.history(of: thread, for: "carol")
        }
        try await self.join("carol", bench)
        try await bench.say("two", in: thread, from: "bob")
        #expect(try await bench.history(of: thread, for: "carol") == ["two", "one"])
        #expect(try await bench.unread(in: thread, of: "carol")?.count == 1)
        #expect(try await bench.list(of: "carol").summaries.map(\.place.conversation) == [self.group])
        #expect(try await bench.core.places.unread(of: "carol", in: bench.app.id) == (1, 1))
        // Clients that know no threads are not read to from them.
        let mail = try await bench.store.mail(of: "carol", in: bench.app.id, after: MessageID(rawValue: 0), limit: 100)
        #expect(mail.items.map(\.entry.text) == ["in the group"])
    }
}
