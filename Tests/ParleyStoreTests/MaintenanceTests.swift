import ParleyCore
import ParleyStore
import ParleyTesting
import Testing

@Suite struct MaintenanceTests {
    @Test(arguments: Place.allCases)
    func historyOlderThanItsRetentionGoesAndSequencesGoOn(_ place: Place) async throws {
        let scene = try Scene(place) { $0.historyRetentionSeconds = 3600 }
        try await scene.makeGroup(members: ["alice"])
        _ = try await scene.store.append((1...2500).map { scene.draft("\($0)") })
        scene.clock.advance(seconds: 3000)
        _ = try await scene.store.append(scene.draft("new"))
        scene.clock.advance(seconds: 1000)
        try await scene.store.maintain()
        #expect(try await scene.texts() == ["new"])
        #expect(try await scene.store.entries(of: scene.conversation(), upTo: nil, limit: 5).map(\.sequence) == [2501])
        #expect(try await scene.store.append(scene.draft("next")).sequence == 2502)
        #expect(try await scene.cursor("alice", retainedSince: .distantPast) == 2500)
    }

    @Test(arguments: Place.allCases)
    func nothingIsPurgedWithoutARetention(_ place: Place) async throws {
        let scene = try Scene(place)
        _ = try await scene.store.append(scene.draft("old"))
        scene.clock.advance(seconds: 1_000_000_000)
        try await scene.store.maintain()
        #expect(try await scene.texts() == ["old"])
    }

    private func receiptsAndDeletions(_ scene: Scene) async throws {
        try await scene.makeGroup(members: ["alice", "bob"])
        var options = MessageOptions()
        options.wantsReadReceipts = true
        let message = Message(
            sender: "alice", content: .text("t"), native: Native(dialect: .parley, payload: []), options: options)
        for _ in 1...2 {
            _ = try await scene.store.append([
                scene.draft("plain"), Draft(conversation: scene.conversation(), body: .message(message)),
            ])
            scene.clock.advance(seconds: 3000)
        }
        try await scene.store.write(in: Scene.app) { transaction in
            _ = try transaction.acknowledge(after: 0, through: 4, of: .group(GroupID("g")), by: "bob")
        }
        for entry in try await scene.store.entries(of: scene.conversation(), after: 0, limit: 4) {
            try await scene.store.write(in: Scene.app) { transaction in
                try transaction.pin(entry.id, of: .group(GroupID("g")), by: "bob")
            }
        }
        try await scene.hide([1, 2, 3], from: "bob")
        try await scene.save("bob") { $0.readThrough = 4 }
        try await scene.save("bob", in: .direct("alice", "bob")) { $0.isMuted = true }
        let rows = try ["receipts", "deletions", "places", "pinned_messages"].map { try scene.count($0) }
        #expect(rows == [2, 3, 2, 4])
    }

    @Test func whatIsKeptOfAMessageGoesWithIt() async throws {
        let scene = try Scene(.folder) { $0.historyRetentionSeconds = 3600 }
        try await self.receiptsAndDeletions(scene)
        try await scene.store.maintain()
        #expect(try scene.count("entries") == 2)
        #expect(try scene.count("receipts") == 1)
        #expect(try scene.count("deletions") == 1)
        #expect(try scene.count("places") == 2)
        #expect(try scene.count("pinned_messages") == 2)
        #expect(try await scene.store.pinnedMessages(of: scene.conversation()).map(\.entry.sequence) == [4, 3])
        let readers = try await scene.store.readers(of: 4, in: scene.conversation())
        #expect(readers.map(\.user) == ["bob"])
        #expect(try await scene.store.hidden(from: "bob", in: scene.conversation(), 1...4) == [3])
    }

    @Test func placesEndWithTheirConversation() async throws {
        let scene = try Scene(.folder)
        try await self.receiptsAndDeletions(scene)
        try await scene.store.write(in: Scene.app) { try $0.delete(GroupID("g")) }
        // At once for those who look, and from the disk with time.
        #expect(try await scene.store.place(of: "bob", in: scene.conversation()).readThrough == 0)
        #expect(try await scene.store.pinnedMessages(of: scene.conversation()).isEmpty)
        try await scene.store.maintain()
        let rows = try ["receipts", "deletions", "places", "pinned_messages"].map { try scene.count($0) }
        #expect(rows == [0, 0, 1, 0])
        #expect(
            try await scene.store.place(of: "bob", in: ConversationID(app: Scene.app, .direct("alice", "bob"))).isMuted)
    }

    @Test func placesEndWithTheirUserAndHisReceiptsStay() async throws {
        let scene = try Scene(.folder)
        try await self.receiptsAndDeletions(scene)
        try await scene.store.write(in: Scene.app) { try $0.delete("bob" as UserID) }
        let rows = try ["receipts", "deletions", "places"].map { try scene.count($0) }
        #expect(rows == [2, 0, 0])
    }
}
