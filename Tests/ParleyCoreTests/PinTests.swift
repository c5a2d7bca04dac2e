import ParleyCore
import ParleyTesting
import Testing

@Suite struct PinTests {
    private let group = Conversation.group(Bench.group)
    private let pair = Conversation.direct(Bench.alice, Bench.bob)

    private func pinned(_ bench: Bench, in conversation: Conversation, for user: UserID) async throws -> [String] {
        try await bench.core.pinnedMessages(of: conversation, for: user, in: bench.app.id).map(\.entry.text)
    }

    private func pin(
        _ message: MessageID, _ bench: Bench, in conversation: Conversation, by user: UserID = Bench.alice
    ) async throws {
        try await bench.core.pin(message, in: conversation, by: user, of: bench.app.id)
    }

    // MARK: Who is told, and what

    @Test func everyoneInTheConversationIsToldByWhomAndWhen() async throws {
        let bench = try await Bench.make()
        let id = try await bench.say(in: self.pair)
        try await bench.core.pin(id, in: self.pair, by: Bench.bob, on: DeviceID("web"), of: bench.app.id)
        try await bench.core.unpin(id, in: self.pair, by: Bench.alice, of: bench.app.id)
        let now = bench.clock.now()
        let told = [
            PinChange(id, in: self.pair, isPinned: true, by: Bench.bob, device: DeviceID("web"), at: now),
            PinChange(id, in: self.pair, isPinned: false, by: Bench.alice, device: nil, at: now),
        ]
        #expect(bench.signals.announcements.map(\.event) == told.map { .pinned($0) })
        #expect(bench.signals.announcements.allSatisfy { $0.recipients == .users([Bench.alice, Bench.bob]) })
        let inGroup = try await bench.say(in: self.group)
        try await self.pin(inGroup, bench, in: self.group)
        #expect(bench.signals.announcements.last?.recipients == .group(Bench.group, except: nil))
    }

    @Test func whatIsForAFewIsPinnedForThem() async throws {
        let bench = try await Bench.make()
        let id = try await bench.say("few", in: self.group, to: .only(["carol"]))
        await #expect(throws: Rejection.messageNotFound) {
            try await self.pin(id, bench, in: self.group, by: "dave")
        }
        try await self.pin(id, bench, in: self.group, by: "carol")
        #expect(bench.signals.announcements.map(\.recipients) == [.users(["carol", Bench.alice])])
        #expect(try await self.pinned(bench, in: self.group, for: "carol") == ["few"])
        #expect(try await self.pinned(bench, in: self.group, for: "dave") == [])
    }

    @Test func whatIsNotPinnedIsNotUnpinned() async throws {
        let bench = try await Bench.make()
        let id = try await bench.say(in: self.group)
        try await self.pin(id, bench, in: self.group)
        try await bench.core.unpin(id, in: self.pair, by: Bench.alice, of: bench.app.id)
        #expect(try await self.pinned(bench, in: self.group, for: Bench.bob).count == 1)
        for _ in 1...2 { try await bench.core.unpin(id, in: self.group, by: Bench.bob, of: bench.app.id) }
        #expect(bench.signals.announcements.count == 2)
        #expect(try await self.pinned(bench, in: self.group, for: Bench.bob).isEmpty)
    }

    // MARK: What is pinned

    @Test func whatWasPinnedLastIsFirstAndPinnedAnewItIsLast() async throws {
        let bench = try await Bench.make()
        var ids: [MessageID] = []
        for number in 1...3 { ids.append(try await bench.say("\(number)", in: self.group)) }
        for id in [ids[1], ids[0], ids[2], ids[1]] {
            bench.clock.advance(seconds: 1)
            try await self.pin(id, bench, in: self.group, by: id == ids[1] ? Bench.bob : Bench.alice)
        }
        let pinned = try await bench.core.pinnedMessages(of: self.group, for: "carol", in: bench.app.id)
        #expect(pinned.map(\.entry.text) == ["2", "3", "1"])
        #expect(pinned.map(\.by) == [Bench.bob, Bench.alice, Bench.alice])
        #expect(pinned.first?.at == bench.clock.now())
    }

    @Test func aPinnedMessageIsAsItIsNow() async throws {
        let bench = try await Bench.make()
        let ids = [try await bench.say("one", in: self.group), try await bench.say("two", in: self.group)]
        for id in ids { try await self.pin(id, bench, in: self.group) }
        try await bench.core.edit(
            EditMessage(
                app: bench.app.id, target: .id(ids[0]), by: Bench.alice, byAdministrator: false,
                content: .text("one, edited")))
        try await bench.core.recall(
            RecallMessage(app: bench.app.id, target: .id(ids[1]), by: Bench.alice, byAdministrator: false))
        #expect(try await self.pinned(bench, in: self.group, for: Bench.bob) == ["one, edited"])
        await #expect(throws: Rejection.messageNotFound) { try await self.pin(ids[1], bench, in: self.group) }
    }

    @Test func whoMayNotSeeAMessageDoesNotFindItPinned() async throws {
        let bench = try await Bench.make()
        let ids = [try await bench.say("one", in: self.group), try await bench.say("two", in: self.group)]
        try await bench.core.importUser("erin", in: bench.app.id)
        _ = try await bench.core.addMembers(AddMembers(app: bench.app.id, group: Bench.group, users: ["erin"]))
        for id in ids { try await self.pin(id, bench, in: self.group) }
        let showsAll = try #require(try await bench.members(of: Bench.group)["erin"]).joinedAtSequence == 0
        #expect(try await self.pinned(bench, in: self.group, for: "erin").isEmpty == !showsAll)
        try await bench.core.delete([ids[0]], of: self.group, for: Bench.bob, in: bench.app.id)
        #expect(try await self.pinned(bench, in: self.group, for: Bench.bob) == ["two"])
        try await bench.core.changePlace(in: self.group, of: "carol", in: bench.app.id) { place, last, _ in
            place.clearedThrough = last
        }
        #expect(try await self.pinned(bench, in: self.group, for: "carol") == [])
        await #expect(throws: Rejection.messageNotFound) {
            try await self.pin(ids[0], bench, in: self.group, by: "carol")
        }
    }

    @Test func onlyWhoIsInItPinsAndLooks() async throws {
        let bench = try await Bench.make()
        let inGroup = try await bench.say(in: self.group)
        let between = try await bench.say(in: self.pair)
        try await bench.core.importUser("erin", in: bench.app.id)
        for (conversation, id, refusal) in [
            (self.group, inGroup, Rejection.notMember("erin", of: Bench.group)), (self.pair, between, .notPermitted),
        ] {
            await #expect(throws: refusal) { try await self.pin(id, bench, in: conversation, by: "erin") }
            await #expect(throws: refusal) {
                try await bench.core.unpin(id, in: conversation, by: "erin", of: bench.app.id)
            }
            await #expect(throws: refusal) { try await self.pinned(bench, in: conversation, for: "erin") }
        }
        // And only in the conversation that it is in, and only messages.
        let recall = try await bench.core.recall(
            RecallMessage(app: bench.app.id, target: .id(inGroup), by: Bench.alice, byAdministrator: false))
        for id in [between, inGroup, recall.id, MessageID(rawValue: 1)] {
            await #expect(throws: Rejection.messageNotFound) { try await self.pin(id, bench, in: self.group) }
        }
        #expect(bench.signals.announcements.isEmpty)
    }

    // MARK: How many

    @Test func aFullConversationTakesNoMoreUntilThereIsRoom() async throws {
        let bench = try await Bench.make()
        var ids: [MessageID] = []
        for number in 0...PinnedMessage.limit + 1 { ids.append(try await bench.say("\(number)", in: self.group)) }
        for id in ids.prefix(PinnedMessage.limit) { try await self.pin(id, bench, in: self.group) }
        let next = ids[PinnedMessage.limit]
        let full = Rejection.pinsFull(limit: PinnedMessage.limit)
        let told = bench.signals.announcements.count
        await #expect(throws: full) { try await self.pin(next, bench, in: self.group) }
        #expect(bench.signals.announcements.count == told)
        #expect(try await self.pinned(bench, in: self.group, for: Bench.bob).count == PinnedMessage.limit)
        // Those that are there may be pinned anew, others elsewhere.
        try await self.pin(ids[0], bench, in: self.group)
        try await self.pin(try await bench.say(in: self.pair), bench, in: self.pair)
        try await bench.core.recall(
            RecallMessage(app: bench.app.id, target: .id(ids[3]), by: Bench.alice, byAdministrator: false))
        try await self.pin(next, bench, in: self.group)
        await #expect(throws: full) { try await self.pin(ids[PinnedMessage.limit + 1], bench, in: self.group) }
        try await bench.core.unpin(next, in: self.group, by: "dave", of: bench.app.id)
        try await self.pin(ids[PinnedMessage.limit + 1], bench, in: self.group)
    }

    @Test func aGroupMadeAnewHasNothingPinned() async throws {
        let bench = try await Bench.make()
        let group = try await bench.makeGroup("g", owner: Bench.alice)
        let id = try await bench.say(in: .group(group))
        try await self.pin(id, bench, in: .group(group))
        try await bench.core.dissolveGroup(group, in: bench.app.id)
        try await bench.makeGroup("g", owner: Bench.alice)
        #expect(try await self.pinned(bench, in: .group(group), for: Bench.alice).isEmpty)
        await #expect(throws: Rejection.messageNotFound) { try await self.pin(id, bench, in: .group(group)) }
    }
}
