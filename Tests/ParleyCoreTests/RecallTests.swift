import ParleyCore
import ParleyTesting
import Testing

@Suite struct RecallTests {
    private func recall(
        _ bench: Bench, _ target: MessageTarget, in conversation: Conversation? = .group(Bench.group),
        by user: UserID = Bench.alice, administrator: Bool = false, window: Int64? = nil
    ) -> RecallMessage {
        RecallMessage(
            app: bench.app.id, conversation: conversation, target: target, by: user,
            byAdministrator: administrator, windowSeconds: window)
    }

    @Test func aRecallMarksTheMessageAndIsAnEntryOfItsOwn() async throws {
        let bench = try await Bench.make()
        let sent = try await bench.core.send(bench.send(to: .group(Bench.group)))
        var command = self.recall(bench, .id(sent.id))
        command.leavesNoTrace = true
        command.reason = "typo"
        command.attachment = "{}"
        let receipt = try await bench.core.recall(command)
        #expect(receipt.sequence == 2)
        let entries = try await bench.entries(of: .group(Bench.group))
        #expect(entries.map(\.isRecalled) == [true, false])
        #expect(
            entries[1].body
                == .recall(
                    Recall(
                        target: sent.id, targetSequence: 1, by: Bench.alice, leavesNoTrace: true, reason: "typo",
                        attachment: "{}")))
        #expect(bench.signals.entries.last?.id == receipt.id)
        await #expect(throws: Rejection.alreadyRecalled) { try await bench.core.recall(command) }
    }

    @Test func onlyThoseWhoCouldSeeItAreToldThatItWasTakenBack() async throws {
        let bench = try await Bench.make()
        let group = Conversation.group(Bench.group)
        let sent = try await bench.say(in: group, to: .only([Bench.bob]))
        try await bench.core.recall(self.recall(bench, .id(sent), by: "dave", administrator: true))
        let entry = try #require(try await bench.entries(of: group).last)
        let told = (["alice", "bob", "carol", "dave"] as [UserID]).filter {
            entry.isVisible(to: Viewer(user: $0), for: .delivery)
        }
        #expect(told == ["alice", "bob", "dave"])
        #expect(!entry.isVisible(to: Viewer(user: "bob", shownAfter: 1), for: .delivery))
    }

    @Test func whoSaidItNeedNotBeTold() async throws {
        let bench = try await Bench.make()
        let group = Conversation.group(Bench.group)
        let sent = try await bench.core.send(bench.send(to: group, from: Bench.bob))
        var command = self.recall(bench, .id(sent.id), by: "dave", administrator: true)
        command.tellsSender = false
        try await bench.core.recall(command)
        let entry = try #require(try await bench.entries(of: group).last)
        let told = (["alice", "bob", "carol", "dave"] as [UserID]).filter {
            entry.isVisible(to: Viewer(user: $0), for: .delivery)
        }
        #expect(told == ["alice", "carol", "dave"])
        #expect(try await bench.entries(of: group).map(\.isRecalled) == [true, false])
    }

    @Test func aMessageIsFoundByItsPlaceToo() async throws {
        let bench = try await Bench.make()
        _ = try await bench.core.send([bench.send(to: .group(Bench.group)), bench.send(to: .group(Bench.group))])
        try await bench.core.recall(self.recall(bench, .sequence(2)))
        #expect(try await bench.entries(of: .group(Bench.group)).map(\.isRecalled) == [false, true, false])
        for command in [
            self.recall(bench, .sequence(9)), self.recall(bench, .sequence(1), in: nil),
            self.recall(bench, .sequence(1), in: .direct("x", "y")), self.recall(bench, .id(MessageID(rawValue: 1))),
        ] {
            await #expect(throws: Rejection.messageNotFound) { try await bench.core.recall(command) }
        }
    }

    @Test func theConversationMustBeTheMessagesOwn() async throws {
        let bench = try await Bench.make()
        let sent = try await bench.core.send(bench.send(to: .direct(Bench.alice, Bench.bob)))
        await #expect(throws: Rejection.messageNotFound) {
            try await bench.core.recall(self.recall(bench, .id(sent.id)))
        }
        try await bench.core.recall(self.recall(bench, .id(sent.id), in: nil))
    }

    @Test func onlyTheSenderOrAnAdministratorTakesBack() async throws {
        let bench = try await Bench.make()
        let sent = try await bench.core.send(bench.send(to: .group(Bench.group)))
        await #expect(throws: Rejection.notPermitted) {
            try await bench.core.recall(self.recall(bench, .id(sent.id), by: Bench.bob))
        }
        try await bench.core.recall(self.recall(bench, .id(sent.id), by: Bench.bob, administrator: true))
    }

    @Test func theWindowCloses() async throws {
        let bench = try await Bench.make()
        let sent = try await bench.core.send([bench.send(to: .group(Bench.group)), bench.send(to: .group(Bench.group))])
        let ids = try sent.map { try $0.get().id }
        bench.clock.advance(seconds: 120)
        try await bench.core.recall(self.recall(bench, .id(ids[0]), window: 120))
        bench.clock.advance(milliseconds: 1)
        await #expect(throws: Rejection.recallWindowPassed) {
            try await bench.core.recall(self.recall(bench, .id(ids[1]), window: 120))
        }
        try await bench.core.recall(self.recall(bench, .id(ids[1])))
    }

    @Test func aRecallIsNoMessage() async throws {
        let bench = try await Bench.make()
        let sent = try await bench.core.send(bench.send(to: .group(Bench.group)))
        let recall = try await bench.core.recall(self.recall(bench, .id(sent.id)))
        await #expect(throws: Rejection.notRecallable) {
            try await bench.core.recall(self.recall(bench, .id(recall.id)))
        }
    }

    @Test func whatIsRecalledIsNotDeliveredAnyMore() async throws {
        let bench = try await Bench.make()
        let sent = try await bench.core.send(bench.send(to: .group(Bench.group)))
        try await bench.core.recall(self.recall(bench, .id(sent.id)))
        let entries = try await bench.entries(of: .group(Bench.group))
        let viewer = Viewer(user: Bench.bob)
        #expect(entries.map { $0.isVisible(to: viewer, for: .delivery) } == [false, true])
        #expect(entries.map { $0.isVisible(to: viewer, for: .history) } == [true, false])
    }
}

extension RecallTests {
    @Test func aRoleRecallsWhatTheSenderMayNoMore() async throws {
        let bench = try await Bench.make()
        let sent = try await bench.core.send([
            bench.send(to: .group(Bench.group)), bench.send(to: .group(Bench.group)),
        ]).map { try $0.get() }
        bench.clock.advance(seconds: 121)
        var command = self.recall(bench, .id(sent[0].id), by: UserID("bob"), window: 120)
        command.honoursRole = true
        await #expect(throws: Rejection.notPermitted) { try await bench.core.recall(command) }
        command.by = Bench.alice
        try await bench.core.recall(command)
        let recall = try #require(try await bench.entries(of: .group(Bench.group)).last)
        #expect(
            recall.body
                == .recall(Recall(target: sent[0].id, targetSequence: 1, by: Bench.alice, byAdministrator: true)))
    }
}
