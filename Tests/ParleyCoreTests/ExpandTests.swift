import ParleyCore
import ParleyTesting
import Testing

@Suite struct ExpandTests {
    private let group = Conversation.group(Bench.group)

    private func expand(
        _ target: MessageID, by user: UserID = Bench.alice, _ bench: Bench, in conversation: Conversation? = nil,
        _ change: (inout ExpandMessage) -> Void = { $0.set = ["k": "v"] }
    ) async throws {
        let notice = Message(
            sender: user, content: .custom(type: "changed", data: ""),
            native: Native(dialect: .parley, payload: Array("{}".utf8)))
        var command = ExpandMessage(
            app: bench.app.id, conversation: conversation ?? self.group, target: target, by: user,
            byAdministrator: false, notice: notice, limit: 3)
        change(&command)
        try await bench.core.expand(command)
    }

    private func expansion(of message: MessageID, _ bench: Bench) async throws -> [String: String]? {
        try await bench.core.log.entry(message, in: bench.app.id)?.message?.options.expansion
    }

    @Test func keysAreSetAndRemovedAndTheConversationHearsOfIt() async throws {
        let bench = try await Bench.make()
        let sent = try await bench.say(in: self.group) {
            $0.isExpandable = true
            $0.expansion = ["a": "1", "b": "2"]
        }
        try await self.expand(sent, by: Bench.bob, bench) {
            $0.set = ["a": "3", "c": "4"]
            $0.removed = ["b", "nowhere"]
        }
        #expect(try await self.expansion(of: sent, bench) == ["a": "3", "c": "4"])
        let entries = try await bench.entries(of: self.group)
        #expect(entries.count == 2 && entries[0].edit == nil && entries[0].text == "hello")
        #expect(entries[1].message?.sender == Bench.bob && entries[1].message?.audience == .everyone)
    }

    @Test func aMessageHasOnlySoManyKeys() async throws {
        let bench = try await Bench.make()
        let sent = try await bench.say(in: self.group) {
            $0.isExpandable = true
            $0.expansion = ["a": "1", "b": "2", "c": "3"]
        }
        await #expect(throws: Rejection.expansionFull(limit: 3)) { try await self.expand(sent, bench) }
        try await self.expand(sent, bench) {
            $0.set = ["d": "4", "a": "5"]
            $0.removed = ["b"]
        }
        #expect(try await self.expansion(of: sent, bench) == ["a": "5", "c": "3", "d": "4"])
    }

    @Test func onlyWhoHasTheMessageMayAndOnlyWhereItAllowsIt() async throws {
        let bench = try await Bench.make()
        let plain = try await bench.say(in: self.group)
        await #expect(throws: Rejection.notEditable) { try await self.expand(plain, bench) }
        let secret = try await bench.say(in: self.group, to: .only([Bench.bob])) { $0.isExpandable = true }
        try await self.expand(secret, by: Bench.bob, bench)
        #expect(try await bench.entries(of: self.group).last?.message?.audience == .only([Bench.bob, Bench.alice]))
        await #expect(throws: Rejection.messageNotFound) { try await self.expand(secret, by: "carol", bench) }
        await #expect(throws: Rejection.notPermitted) { try await self.expand(secret, by: "stranger", bench) }
        try await self.expand(secret, by: "stranger", bench) {
            $0.byAdministrator = true
            $0.set = ["by": "app"]
        }
        #expect(try await self.expansion(of: secret, bench) == ["k": "v", "by": "app"])
        await #expect(throws: Rejection.messageNotFound) {
            try await self.expand(secret, bench, in: .direct(Bench.alice, Bench.bob))
        }
        let direct = try await bench.say(in: .direct(Bench.alice, Bench.bob)) { $0.isExpandable = true }
        try await self.expand(direct, by: Bench.bob, bench, in: .direct(Bench.alice, Bench.bob))
        await #expect(throws: Rejection.notPermitted) {
            try await self.expand(direct, by: "carol", bench, in: .direct(Bench.alice, Bench.bob))
        }
        try await bench.core.recall(
            RecallMessage(app: bench.app.id, target: .id(secret), by: Bench.alice, byAdministrator: false))
        await #expect(throws: Rejection.alreadyRecalled) { try await self.expand(secret, bench) }
        let count = try await bench.entries(of: self.group).count
        #expect(count == 5)
    }

    @Test func anEditLeavesTheExpansion() async throws {
        let bench = try await Bench.make()
        let sent = try await bench.say(in: self.group) { $0.isExpandable = true }
        try await self.expand(sent, bench)
        try await bench.core.edit(
            EditMessage(
                app: bench.app.id, target: .id(sent), by: Bench.alice, byAdministrator: false, content: .text("edited"))
        )
        try await self.expand(sent, bench) { $0.set = ["l": "w"] }
        #expect(try await self.expansion(of: sent, bench) == ["k": "v", "l": "w"])
        let edits = try await bench.entries(of: self.group).compactMap { entry -> Edit? in
            if case .edit(let edit) = entry.body { edit } else { nil }
        }
        #expect(edits.map(\.message.options.expansion) == [["k": "v", "l": "w"]])
    }

    @Test func theSenderMayAskLaterWhoHasReadAMessage() async throws {
        let bench = try await Bench.make()
        let sent = try await bench.say(in: self.group)
        func ask(_ user: UserID) async throws {
            try await bench.core.requestReceipts(of: sent, in: self.group, by: user, app: bench.app.id)
        }
        await #expect(throws: Rejection.notPermitted) { try await ask(Bench.bob) }
        await #expect(throws: Rejection.noReceipts) {
            try await bench.core.receipts(of: .id(sent), for: Bench.alice, app: bench.app.id)
        }
        try await ask(Bench.alice)
        try await bench.core.acknowledge([sent], of: self.group, by: Bench.bob, in: bench.app.id)
        let receipts = try await bench.core.receipts(of: .id(sent), for: Bench.alice, app: bench.app.id)
        #expect(receipts.readers.map(\.user) == [Bench.bob])
        try await ask(Bench.alice)
    }
}
