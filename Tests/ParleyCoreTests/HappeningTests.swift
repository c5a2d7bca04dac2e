import ParleyCore
import ParleyStore
import ParleyTesting
import Testing

/// What is noted for callbacks.
@Suite struct HappeningTests {
    private static func bench(_ topics: Set<CallbackTopic>) async throws -> Bench {
        let bench = try await Bench.make()
        var app = bench.app
        app.settings.callbacks = [CallbackRule(name: "r", dialect: .parley, url: "http://a/", topics: topics)]
        try await bench.store.save(app)
        return bench
    }

    private static func happenings(_ bench: Bench) async throws -> [Happening.Body] {
        let all = try await bench.store.occurrences(
            in: bench.app.id, after: MessageID(rawValue: 0), limit: 1000
        ).occurrences
        return all.compactMap { if case .happening(let happening) = $0 { happening.body } else { nil } }
    }

    private static func kinds(_ bench: Bench) async throws -> [GroupHappening.Kind] {
        try await self.happenings(bench).compactMap {
            if case .group(let happening) = $0 { happening.kind } else { nil }
        }
    }

    @Test func aGroupsLifeIsNoted() async throws {
        let bench = try await Self.bench([.group])
        let (app, a, b) = (bench.app.id, Bench.alice, Bench.bob)
        let group = try await bench.makeGroup("g", owner: a) { $0.capacity = 2 }
        let before = try #require(try await bench.core.directory.group(group, in: app)?.group)
        _ = try await bench.core.addMembers(AddMembers(app: app, group: group, users: [b, a], by: a))
        try await bench.core.changeGroup(group, in: app) { $0.name = "new" }
        // Nothing is changed by this.
        try await bench.core.changeGroup(group, in: app) { $0.name = "new" }
        try await bench.core.changeMember(b, of: group, in: app) { member, _ in member.role = .administrator }
        try await bench.core.changeMember(b, of: group, in: app) { member, _ in member.nameCard = "b" }
        try await bench.core.transferGroup(group, in: app, to: b)
        try await bench.core.mute([a], in: group, of: app, until: .distantFuture)
        try await bench.core.mute([a], in: group, of: app, until: nil)
        try await bench.core.removeMembers(RemoveMembers(app: app, group: group, users: [a]))
        try await bench.core.removeMembers(RemoveMembers(app: app, group: group, users: [a]))
        try await bench.core.dissolveGroup(group, in: app, by: b)
        #expect(
            try await Self.kinds(bench) == [
                .created([a], administrators: []), .joined([b], count: 2), .full, .changed(from: before),
                .administrators([b], added: true), .owner(from: a), .muted([a], until: .distantFuture), .unmuted([a]),
                .left([a]), .dissolved([b]),
            ])
        guard case .group(let end) = try await Self.happenings(bench).last else { return }
        #expect(end.by == b && end.group.name == "new")
    }

    @Test func whoFindsAGroupFullIsNotedAlthoughNothingWasDone() async throws {
        let bench = try await Self.bench([.group])
        let group = try await bench.makeGroup("g", owner: Bench.alice) { $0.capacity = 2 }
        let command = AddMembers(app: bench.app.id, group: group, users: [Bench.bob, "x"])
        await #expect(throws: Rejection.groupFull(group, capacity: 2)) { try await bench.core.addMembers(command) }
        var kinds: [GroupHappening.Kind] = []
        while kinds.count < 2 { kinds = try await Self.kinds(bench) }
        #expect(kinds == [.created([Bench.alice], administrators: []), .full])
    }

    @Test func aUserWhoIsDeletedLeavesHisGroupsOrTheyEnd() async throws {
        let bench = try await Self.bench([.group])
        try await bench.makeGroup("own", owner: Bench.bob)
        try await bench.makeGroup("other", owner: Bench.alice, members: [Bench.bob])
        try await bench.core.deleteUser(Bench.bob, in: bench.app.id, endingOwnedGroups: true)
        let kinds = try await Self.kinds(bench).dropFirst(2)
        #expect(kinds.contains(.dissolved([Bench.bob])))
        #expect(kinds.filter { $0 == .left([Bench.bob]) }.count == 2)
    }

    @Test func whatIsReadIsNotedWhereTheSenderWantedToKnow() async throws {
        let bench = try await Self.bench([.receipt])
        let conversation = Conversation.group(Bench.group)
        let asked = try await bench.say(in: conversation) { $0.wantsReadReceipts = true }
        try await bench.say(in: conversation)
        try await bench.core.read(conversation, through: nil, by: Bench.bob, in: bench.app.id)
        try await bench.core.read(conversation, through: nil, by: Bench.bob, in: bench.app.id)
        #expect(
            try await Self.happenings(bench) == [
                .read(Reading(of: asked, from: Bench.alice, in: conversation, by: Bench.bob))
            ])
    }

    @Test func whatAUserDeletesForHimselfIsNoted() async throws {
        let bench = try await Self.bench([.deletion])
        let conversation = Conversation.group(Bench.group)
        let first = try await bench.say(in: conversation)
        let last = try await bench.say(in: conversation)
        for _ in 1...2 {
            try await bench.core.delete([first, last], of: conversation, for: Bench.bob, in: bench.app.id)
            try await bench.core.changePlace(in: conversation, of: Bench.bob, in: bench.app.id) { place, last, _ in
                place.clearedThrough = last
            }
        }
        // Reading is not deleting.
        try await bench.core.read(conversation, through: nil, by: Bench.alice, in: bench.app.id)
        #expect(
            try await Self.happenings(bench)
                == [Deletion.Extent.message(first), .message(last), .through(last.sentAt)].map {
                    Happening.Body.deleted(Deletion(of: $0, in: conversation, by: Bench.bob))
                })
    }

    @Test func whatIsRefusedIsNoted() async throws {
        let bench = try await Self.bench([.refused])
        let nowhere = Conversation.group(GroupID("nowhere"))
        let command = bench.send(to: nowhere, .groupExists)
        await #expect(throws: Rejection.groupNotFound(GroupID("nowhere"))) { try await bench.core.send(command) }
        var noted: [Happening.Body] = []
        while noted.isEmpty { noted = try await Self.happenings(bench) }
        #expect(
            noted == [
                .refused(
                    RefusedSend(
                        conversation: nowhere, message: command.message, isEphemeral: false,
                        cause: .groupNotFound(GroupID("nowhere"))))
            ])
    }

    @Test func nothingIsNotedThatNobodyWants() async throws {
        let bench = try await Self.bench([.message])
        try await bench.makeGroup("g", owner: Bench.alice)
        try await bench.core.dissolveGroup(GroupID("g"), in: bench.app.id)
        #expect(try await Self.happenings(bench).isEmpty)
    }
}
