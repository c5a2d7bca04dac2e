import ParleyCore
import ParleyTesting
import Testing

@Suite struct ReceiptTests {
    private let group = Conversation.group(Bench.group)

    private func acknowledge(
        _ messages: [MessageID], by user: UserID, _ bench: Bench, in conversation: Conversation? = nil
    ) async throws -> [MessageID] {
        try await bench.core.acknowledge(messages, of: conversation ?? self.group, by: user, in: bench.app.id).map(\.id)
    }

    @Test func aReceiptForOneMessageLeavesThePlaceWhereItIs() async throws {
        let bench = try await Bench.make()
        let plain = try await bench.say(in: self.group)
        let asking = try await bench.say(in: self.group) { $0.wantsReadReceipts = true }
        let given = try await self.acknowledge([plain, asking, asking], by: Bench.bob, bench)
        #expect(given == [asking])
        #expect(try await bench.place(of: Bench.bob, in: self.group).readThrough == 0)
        #expect(bench.signals.announcements.count == 1)
        // Given once is given.
        #expect(try await self.acknowledge([asking], by: Bench.bob, bench).isEmpty)
        #expect(bench.signals.announcements.count == 1)
    }

    @Test func nobodyGivesReceiptsForWhatIsNotHisToRead() async throws {
        let bench = try await Bench.make()
        func asking(
            to audience: Audience = .everyone, from sender: UserID = Bench.alice, in conversation: Conversation? = nil
        ) async throws -> MessageID {
            try await bench.say(in: conversation ?? self.group, from: sender, to: audience) {
                $0.wantsReadReceipts = true
            }
        }
        let beforeJoining = try await asking()
        try await bench.core.importUser("erin", in: bench.app.id)
        _ = try await bench.core.addMembers(AddMembers(app: bench.app.id, group: Bench.group, users: ["erin"]))
        let forBob = try await asking(to: .only([Bench.bob]))
        let own = try await asking(from: "erin")
        let recalled = try await asking()
        try await bench.core.recall(
            RecallMessage(app: bench.app.id, target: .id(recalled), by: Bench.alice, byAdministrator: false))
        let elsewhere = try await asking(in: .direct(Bench.alice, "erin"))
        let deleted = try await asking()
        try await bench.core.delete([deleted], of: self.group, for: "erin", in: bench.app.id)
        let readable = try await asking()
        let all = [beforeJoining, forBob, own, recalled, elsewhere, deleted, MessageID(rawValue: 1), readable]
        #expect(try await self.acknowledge(all, by: "erin", bench) == [readable])
        try await bench.core.read(self.group, through: nil, by: "erin", in: bench.app.id)
        #expect(bench.signals.announcements.count { if case .acknowledged = $0.event { true } else { false } } == 1)
        #expect(
            try await self.acknowledge(all, by: Bench.bob, bench) == [beforeJoining, forBob, own, deleted, readable])
    }

    @Test func theSenderAndTheAppMayAskWhoHasRead() async throws {
        let bench = try await Bench.make()
        let sent = try await bench.say(in: self.group) { $0.wantsReadReceipts = true }
        _ = try await self.acknowledge([sent], by: "carol", bench)
        bench.clock.advance(seconds: 5)
        _ = try await self.acknowledge([sent], by: Bench.bob, bench)
        for asker in [Bench.alice, nil] {
            let receipts = try await bench.core.receipts(of: .id(sent), for: asker, app: bench.app.id)
            #expect(receipts.readers.map(\.user) == ["carol", Bench.bob])
            #expect(receipts.readers.map(\.at) == [bench.clock.now().adding(seconds: -5), bench.clock.now()])
            #expect(receipts.readCount == 2 && receipts.unreadCount == 1)
        }
        let byPlace = try await bench.core.receipts(
            of: .sequence(1), in: self.group, for: Bench.alice, app: bench.app.id, limit: 1)
        #expect(byPlace.readers.map(\.user) == ["carol"] && byPlace.readCount == 2)
        await #expect(throws: Rejection.notPermitted) {
            try await bench.core.receipts(of: .id(sent), for: Bench.bob, app: bench.app.id)
        }
    }

    @Test func theAudienceIsWhoWasThereAndMeant() async throws {
        let bench = try await Bench.make()
        let targeted = try await bench.say(in: self.group, to: .only([Bench.bob, "carol", "stranger"])) {
            $0.wantsReadReceipts = true
        }
        let sent = try await bench.say(in: self.group) { $0.wantsReadReceipts = true }
        try await bench.core.importUser("erin", in: bench.app.id)
        _ = try await bench.core.addMembers(AddMembers(app: bench.app.id, group: Bench.group, users: ["erin"]))
        func unread(_ id: MessageID) async throws -> Int {
            try await bench.core.receipts(of: .id(id), for: nil, app: bench.app.id).unreadCount
        }
        // Alice said it, and Erin came later.
        #expect(try await unread(sent) == 3)
        #expect(try await unread(targeted) == 2)
        let direct = try await bench.say(in: .direct(Bench.alice, Bench.bob)) { $0.wantsReadReceipts = true }
        #expect(try await unread(direct) == 1)
        let system = try await bench.say(in: .system(Bench.bob), from: "administrator") { $0.wantsReadReceipts = true }
        #expect(try await unread(system) == 1)
    }

    @Test func whatDidNotAskHasNoReceipts() async throws {
        let bench = try await Bench.make()
        let plain = try await bench.say(in: self.group)
        await #expect(throws: Rejection.noReceipts) {
            try await bench.core.receipts(of: .id(plain), for: Bench.alice, app: bench.app.id)
        }
        let targets: [(MessageTarget, Conversation?)] = [
            (.id(MessageID(rawValue: 1)), nil), (.sequence(9), self.group), (.sequence(1), nil),
            (.id(plain), .direct(Bench.alice, Bench.bob)),
        ]
        for (target, conversation) in targets {
            await #expect(throws: Rejection.messageNotFound) {
                try await bench.core.receipts(of: target, in: conversation, for: Bench.alice, app: bench.app.id)
            }
        }
    }
}
