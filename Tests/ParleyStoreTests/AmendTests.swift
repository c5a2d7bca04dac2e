import ParleyCore
import ParleyStore
import ParleyTesting
import Testing

/// How a message is treated may change after it is sent.
@Suite struct AmendTests {
    @Test(arguments: Place.allCases)
    func isReadWhereverTheMessageIsAndIsNoEdit(_ place: Place) async throws {
        let scene = try Scene(place)
        let receipts = try await scene.store.append([scene.draft("one"), scene.draft("two")])
        var options = MessageOptions()
        options.isExpandable = true
        options.expansion = ["k": "v"]
        let amended = options
        // Another App's messages are out of reach.
        try await scene.store.write(in: AppID("other")) { try $0.amend(receipts[1].id, amended) }
        try await scene.store.write(in: Scene.app) { transaction in
            try transaction.amend(receipts[0].id, amended)
            #expect(try transaction.entry(receipts[0].id)?.message?.options == amended)
        }
        let amendment = try #require(scene.signals.amendments.first)
        #expect(amendment.conversation == scene.conversation() && amendment.sequence == 1)
        #expect(amendment.options == amended && scene.signals.amendments.count == 1)
        let entries = try await scene.store.entries(of: scene.conversation(), after: 0, limit: 10)
        #expect(entries.map(\.message?.options) == [amended, MessageOptions()])
        #expect(entries.map(\.text) == ["one", "two"] && entries.allSatisfy { $0.fate == Entry.Fate() })
        let newest = try await scene.store.entries(of: scene.conversation(), upTo: nil, limit: 10)
        #expect(newest.last?.message?.options == amended)
        #expect(try await scene.store.entry(receipts[0].id, in: Scene.app)?.message?.options == amended)
        #expect(try await scene.store.entry(1, of: scene.conversation())?.message?.options == amended)
    }

    @Test(arguments: Place.allCases)
    func holdsInTheEditThatIsReadAfterIt(_ place: Place) async throws {
        let scene = try Scene(place)
        let receipt = try await scene.store.append(scene.draft("one"))
        var options = MessageOptions()
        options.expansion = ["k": "v"]
        let amended = options
        for (text, count) in [("two", 1), ("three", 2)] {
            try await scene.store.write(in: Scene.app) { transaction in
                guard case .message(let message) = Entry.Body.text(text) else { return }
                let mark = EditMark(by: "alice", at: transaction.now, count: count)
                try transaction.replace(receipt.id, with: message, mark)
                let edit = Edit(target: receipt.id, targetSequence: 1, message: message, mark: mark)
                _ = try transaction.append(.edit(edit), to: .group(GroupID("g")))
            }
        }
        try await scene.store.write(in: Scene.app) { try $0.amend(receipt.id, amended) }
        let entries = try await scene.store.entries(of: scene.conversation(), after: 0, limit: 10)
        let edits = entries.compactMap { entry -> Edit? in
            if case .edit(let edit) = entry.body { edit } else { nil }
        }
        #expect(entries.first?.text == "three" && entries.first?.message?.options == amended)
        #expect(entries.first?.edit?.count == 2)
        #expect(edits.map(\.message.options) == [MessageOptions(), amended])
        #expect(entries.map(\.isRecalled) == [false, true, false])
    }

    @Test(arguments: Place.allCases)
    func receiptsThatAreAskedForLaterAreCounted(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice", "bob"])
        let receipt = try await scene.store.append(scene.draft("one"))
        func acknowledge() async throws -> Acknowledgement? {
            try await scene.store.write(in: Scene.app) {
                try $0.acknowledge(receipt.id, of: .group(GroupID("g")), by: "bob")
            }
        }
        #expect(try await acknowledge() == nil)
        var options = MessageOptions()
        options.wantsReadReceipts = true
        let amended = options
        try await scene.store.write(in: Scene.app) { try $0.amend(receipt.id, amended) }
        #expect(try await acknowledge()?.id == receipt.id)
    }

    @Test(arguments: Place.allCases)
    func ofWhatIsUndoneNobodyIsTold(_ place: Place) async throws {
        struct ChangedMyMind: Error {}
        let scene = try Scene(place)
        let receipt = try await scene.store.append(scene.draft("one"))
        await #expect(throws: ChangedMyMind.self) {
            try await scene.store.write(in: Scene.app) { transaction in
                var options = MessageOptions()
                options.expansion = ["k": "v"]
                try transaction.amend(receipt.id, options)
                throw ChangedMyMind()
            }
        }
        #expect(scene.signals.amendments.isEmpty)
        #expect(try await scene.store.entry(receipt.id, in: Scene.app)?.message?.options == MessageOptions())
    }

    /// Whoever's form it is in: a client may speak another dialect.
    @Test(arguments: Place.allCases, MessageOrigin.allCases)
    func whoSaidItIsKept(_ place: Place, _ origin: MessageOrigin) async throws {
        let scene = try Scene(place)
        for dialect in ["parley", "rongcloud"] {
            let message = Message(
                sender: "alice", content: .text("x"),
                native: Native(dialect: DialectName(dialect), payload: Array("{}".utf8)), origin: origin)
            let receipt = try await scene.store.append(
                Draft(conversation: scene.conversation(), body: .message(message)))
            #expect(try await scene.store.entry(receipt.id, in: Scene.app)?.message == message)
        }
    }
}
