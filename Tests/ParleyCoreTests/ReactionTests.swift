import ParleyCore
import ParleyTesting
import Testing

@Suite struct ReactionTests {
    private let group = Conversation.group(Bench.group)
    private let pair = Conversation.direct(Bench.alice, Bench.bob)

    private func react(
        _ kind: String = "👍", to message: MessageID, by user: UserID = Bench.bob, _ bench: Bench
    ) async throws {
        _ = try await bench.core.react(kind, to: message, by: user, of: bench.app.id)
    }

    private func reactions(
        to message: MessageID, for user: UserID = Bench.alice, _ bench: Bench
    ) async throws -> [Reaction] {
        try await bench.core.reactions(to: [message], for: user, in: bench.app.id)[message] ?? []
    }

    @Test func allWhoSeeTheMessageAreToldWhatItHasNow() async throws {
        let bench = try await Bench.make()
        let id = try await bench.say(in: self.pair)
        let now = bench.clock.now()
        try await self.react(to: id, bench)
        var reaction = Reaction(kind: "👍", count: 1, users: [Bench.bob], isOwn: true, firstAt: now, lastAt: now)
        let added = ReactionChange(
            "👍", isAdded: true, to: id, in: self.pair, by: Bench.bob, at: now, reactions: [reaction])
        #expect(bench.signals.announcements.map(\.event) == [.reacted(added)])
        #expect(bench.signals.announcements.map(\.recipients) == [.users([Bench.alice, Bench.bob])])
        reaction.isOwn = false
        #expect(try await self.reactions(to: id, bench) == [reaction])

        try await bench.core.takeBack("👍", to: id, by: Bench.bob, of: bench.app.id)
        let removed = ReactionChange(
            "👍", isAdded: false, to: id, in: self.pair, by: Bench.bob, at: now, reactions: [])
        #expect(bench.signals.announcements.last?.event == .reacted(removed))
        #expect(try await self.reactions(to: id, bench).isEmpty)

        let inGroup = try await bench.say(in: self.group)
        try await self.react(to: inGroup, by: "carol", bench)
        #expect(bench.signals.announcements.last?.recipients == .group(Bench.group, except: nil))
        let forFew = try await bench.say(in: self.group, to: .only(["carol"]))
        try await self.react(to: forFew, by: "carol", bench)
        #expect(bench.signals.announcements.last?.recipients == .users(["carol", Bench.alice]))
    }

    @Test func kindsAreInTheOrderOfTheirFirstAndShowTheirFirstUsers() async throws {
        let bench = try await Bench.make()
        let id = try await bench.say(in: self.group)
        for user: UserID in ["alice", "bob", "carol", "dave"] { try await self.react("b", to: id, by: user, bench) }
        try await self.react("a", to: id, by: Bench.bob, bench)
        let reactions = try await self.reactions(to: id, for: "dave", bench)
        #expect(reactions.map(\.kind) == ["b", "a"])
        #expect(reactions.map(\.count) == [4, 1])
        #expect(reactions.map(\.users) == [["alice", "bob", "carol"], ["bob"]])
        #expect(reactions.map(\.isOwn) == [true, false])
        let (reaction, all) = try await bench.core.reactors(
            "b", to: id, for: Bench.bob, in: bench.app.id, after: nil, limit: 3)
        #expect(reaction?.count == 4 && all.map(\.user) == ["alice", "bob", "carol"])
        let rest = try await bench.core.reactors(
            "b", to: id, for: Bench.bob, in: bench.app.id, after: all.last?.position, limit: 3)
        #expect(rest.reactors.map(\.user) == ["dave"])
    }

    @Test func whatIsSoIsNotMadeSoAndWhatIsNotHisNobodyTakesBack() async throws {
        let bench = try await Bench.make()
        let id = try await bench.say(in: self.pair)
        try await self.react(to: id, bench)
        await #expect(throws: Rejection.reactionExists) { try await self.react(to: id, bench) }
        await #expect(throws: Rejection.notPermitted) {
            try await bench.core.takeBack("👍", to: id, by: Bench.alice, of: bench.app.id)
        }
        #expect(bench.signals.announcements.count == 1)
        #expect(try await self.reactions(to: id, bench).map(\.count) == [1])
    }

    @Test func aMessageHasTwentyKinds() async throws {
        let bench = try await Bench.make()
        let id = try await bench.say(in: self.pair)
        for number in 1...Reaction.limit { try await self.react("\(number)", to: id, bench) }
        await #expect(throws: Rejection.reactionsFull(limit: 20)) { try await self.react("21", to: id, bench) }
        #expect(try await self.reactions(to: id, bench).count == 20)
        // Another user of a kind that is there is no other kind.
        try await self.react("7", to: id, by: Bench.alice, bench)
        #expect(bench.signals.announcements.count == 21)
    }

    @Test func whoCannotSeeAMessageHasNothingToDoWithIt() async throws {
        let bench = try await Bench.make()
        let (direct, inGroup) = (try await bench.say(in: self.pair), try await bench.say(in: self.group))
        let forFew = try await bench.say(in: self.group, to: .only(["carol"]))
        let room = try await bench.makeGroup("r", .chatRoom, members: [Bench.bob])
        let inRoom = try await bench.say(in: .group(room))
        await #expect(throws: Rejection.notPermitted) { try await self.react(to: direct, by: "carol", bench) }
        await #expect(throws: Rejection.notMember("mallory", of: Bench.group)) {
            try await self.react(to: inGroup, by: "mallory", bench)
        }
        await #expect(throws: Rejection.messageNotFound) { try await self.react(to: forFew, bench) }
        await #expect(throws: Rejection.notSupported(by: .chatRoom)) { try await self.react(to: inRoom, bench) }
        await #expect(throws: Rejection.messageNotFound) {
            try await self.react(to: MessageID(rawValue: direct.rawValue + 1), bench)
        }
        try await self.react(to: direct, bench)
        #expect(try await self.reactions(to: direct, for: "carol", bench).isEmpty)
        await #expect(throws: Rejection.messageNotFound) {
            try await bench.core.reactors("👍", to: direct, for: "carol", in: bench.app.id, after: nil, limit: 1)
        }
    }

    @Test func whatWasTakenBackHasNone() async throws {
        let bench = try await Bench.make()
        let id = try await bench.say(in: self.pair)
        try await self.react(to: id, bench)
        try await bench.core.recall(
            RecallMessage(app: bench.app.id, target: .id(id), by: Bench.alice, byAdministrator: false))
        await #expect(throws: Rejection.messageNotFound) { try await self.react("other", to: id, bench) }
        #expect(try await bench.core.places.reactions(to: [id], for: nil).isEmpty)
    }
}
