import ParleyCore
import ParleyTesting
import Testing

@Suite struct EditTests {
    private let group = Conversation.group(Bench.group)

    private func edit(
        _ target: MessageTarget, to text: String = "hello!", by user: UserID = Bench.alice, _ bench: Bench,
        _ change: (inout EditMessage) -> Void = { _ in }
    ) async throws -> Receipt {
        var command = EditMessage(
            app: bench.app.id, target: target, by: user, byAdministrator: false, content: .text(text),
            native: Native(dialect: .parley, payload: Array(#"{"text":"\#(text)"}"#.utf8)))
        change(&command)
        return try await bench.core.edit(command)
    }

    @Test func anEditReplacesTheMessageAndIsAnEntryOfItsOwn() async throws {
        let bench = try await Bench.make()
        let sent = try await bench.say(in: self.group) { $0.mention = .everyone }
        bench.clock.advance(seconds: 10)
        let receipt = try await self.edit(.id(sent), bench) { $0.attachment = "{}" }
        let mark = EditMark(by: Bench.alice, at: bench.clock.now(), count: 1)
        var expected = bench.message()
        expected.content = .text("hello!")
        expected.native.payload = Array(#"{"text":"hello!"}"#.utf8)
        expected.options.mention = .everyone
        expected.options.attachment = "{}"
        let entries = try await bench.entries(of: self.group)
        #expect(entries.map(\.message) == [expected, nil])
        #expect(entries.map(\.edit) == [mark, nil])
        #expect(entries[1].body == .edit(Edit(target: sent, targetSequence: 1, message: expected, mark: mark)))
        #expect(receipt.sequence == 2 && bench.signals.entries.last?.id == receipt.id)
        #expect(try await bench.core.log.entry(sent, in: bench.app.id)?.edit == mark)
        #expect(try await bench.history(of: self.group, for: Bench.bob) == ["hello!"])
    }

    @Test func whatIsNotNamedStaysAsItWas() async throws {
        let bench = try await Bench.make()
        let sent = try await bench.say(in: self.group) { $0.attachment = "kept" }
        _ = try await self.edit(.sequence(1), bench) {
            $0.conversation = self.group
            $0.content = nil
            $0.native = nil
        }
        let entry = try await bench.core.log.entry(sent, in: bench.app.id)
        #expect(entry?.text == "hello" && entry?.message?.options.attachment == "kept" && entry?.edit?.count == 1)
        _ = try await self.edit(.id(sent), bench)
        #expect(try await bench.core.log.entry(sent, in: bench.app.id)?.message?.options.attachment == "kept")
    }

    @Test func theSenderMayEditAndWhoLeadsTheGroupAndTheApp() async throws {
        let bench = try await Bench.make()
        try await bench.core.changeMember("carol", of: Bench.group, in: bench.app.id) { member, _ in
            member.role = .administrator
        }
        let sent = try await bench.say(in: self.group, from: Bench.bob)
        for editor in [Bench.bob, "carol", Bench.alice] { _ = try await self.edit(.id(sent), by: editor, bench) }
        for stranger in ["dave", "x"] as [UserID] {
            await #expect(throws: Rejection.notPermitted) { try await self.edit(.id(sent), by: stranger, bench) }
        }
        _ = try await self.edit(.id(sent), by: "x", bench) { $0.byAdministrator = true }
        #expect(
            try await bench.core.log.entry(sent, in: bench.app.id)?.edit
                == EditMark(by: "x", at: bench.clock.now(), count: 4))
        let direct = try await bench.say(in: .direct(Bench.alice, Bench.bob))
        await #expect(throws: Rejection.notPermitted) { try await self.edit(.id(direct), by: Bench.bob, bench) }
    }

    @Test func editsAreCountedAndTheCountHasItsLimit() async throws {
        let bench = try await Bench.make()
        let sent = try await bench.say(in: self.group)
        for _ in 1...2 { _ = try await self.edit(.id(sent), bench) { $0.limit = 2 } }
        await #expect(throws: Rejection.editLimitReached(2)) {
            try await self.edit(.id(sent), bench) { $0.limit = 2 }
        }
        _ = try await self.edit(.id(sent), bench)
        #expect(try await bench.core.log.entry(sent, in: bench.app.id)?.edit?.count == 3)
    }

    @Test func whatIsGoneOrNoMessageCannotBeEdited() async throws {
        let bench = try await Bench.make()
        let sent = try await bench.say(in: self.group)
        let edit = try await self.edit(.id(sent), bench)
        await #expect(throws: Rejection.notEditable) { try await self.edit(.id(edit.id), bench) }
        try await bench.core.recall(
            RecallMessage(app: bench.app.id, target: .id(sent), by: Bench.alice, byAdministrator: false))
        await #expect(throws: Rejection.alreadyRecalled) { try await self.edit(.id(sent), bench) }
        for target in [MessageTarget.id(MessageID(rawValue: 1)), .sequence(1)] {
            await #expect(throws: Rejection.messageNotFound) { try await self.edit(target, bench) }
        }
        let other = try await bench.say(in: self.group)
        await #expect(throws: Rejection.messageNotFound) {
            try await self.edit(.id(other), bench) { $0.conversation = .direct(Bench.alice, Bench.bob) }
        }
        #expect(try await bench.core.log.entry(other, in: bench.app.id)?.edit == nil)
    }

    private func delivered(_ bench: Bench, to viewer: Viewer) async throws -> [String] {
        try await bench.entries(of: self.group).filter { $0.isVisible(to: viewer, for: .delivery) }.map { entry in
            switch entry.body {
            case .message(let message): "message: \(message.content.summary)"
            case .edit(let edit): "edit: \(edit.message.content.summary)"
            case .recall: "recall"
            case .notice: "notice"
            }
        }
    }

    @Test func whoComesLaterGetsTheMessageAsItIsAndTheLastEdit() async throws {
        let bench = try await Bench.make()
        let sent = try await bench.say(in: self.group)
        _ = try await self.edit(.id(sent), to: "two", bench)
        _ = try await self.edit(.id(sent), to: "three", bench)
        #expect(try await self.delivered(bench, to: Viewer(user: Bench.bob)) == ["message: three", "edit: three"])
        try await bench.core.recall(
            RecallMessage(app: bench.app.id, target: .id(sent), by: Bench.alice, byAdministrator: false))
        #expect(try await self.delivered(bench, to: Viewer(user: Bench.bob)) == ["recall"])
    }

    @Test func anEditIsForThoseWhoMaySeeItsMessage() async throws {
        let bench = try await Bench.make()
        let sent = try await bench.say(in: self.group, to: .only([Bench.bob]))
        _ = try await self.edit(.id(sent), bench)
        let both = ["message: hello!", "edit: hello!"]
        #expect(try await self.delivered(bench, to: Viewer(user: Bench.bob)) == both)
        #expect(try await self.delivered(bench, to: Viewer(user: Bench.alice)) == both)
        #expect(try await self.delivered(bench, to: Viewer(user: "carol")).isEmpty)
        #expect(try await self.delivered(bench, to: Viewer(user: Bench.bob, shownAfter: 1)).isEmpty)
        var viewer = Viewer(user: Bench.bob)
        viewer.hidden = [1]
        #expect(try await self.delivered(bench, to: viewer).isEmpty)
    }

    @Test func anEditCountsForNothing() async throws {
        let bench = try await Bench.make()
        let sent = try await bench.say(in: self.group)
        let before = try await bench.summary(of: self.group, for: Bench.bob)
        _ = try await self.edit(.id(sent), bench)
        let after = try await bench.summary(of: self.group, for: Bench.bob)
        #expect(after?.unread.count == 1 && after?.activeAt == before?.activeAt)
        #expect(after?.lastMessage?.text == "hello!" && after?.lastSequence == 2)
    }
}
