import ParleyCore
import ParleyStore
import ParleyTesting
import Testing

/// What the list has to do with how things are kept; what it shows is in ParleyCoreTests.
@Suite struct ListingTests {
    private func append(
        _ count: Int, to scene: Scene, group: String = "g", _ change: (inout Message) -> Void = { _ in }
    ) async throws {
        guard case .message(var message) = Entry.Body.text("hello") else { return }
        change(&message)
        let draft = Draft(conversation: scene.conversation(group), body: .message(message))
        _ = try await scene.store.append(Array(repeating: draft, count: count))
    }

    private func summary(_ scene: Scene, of user: UserID) async throws -> ConversationSummary? {
        try await scene.store.conversations(of: user, in: Scene.app, from: nil, limit: 10).summaries.first
    }

    @Test(arguments: Place.allCases)
    func countingEndsAtItsLimit(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice", "bob", "carol"])
        try await self.append(Unread.limit - 1, to: scene)
        #expect(try await self.summary(scene, of: "bob")?.unread.count == Unread.limit - 1)
        try await self.append(5, to: scene)
        #expect(try await self.summary(scene, of: "bob")?.unread.count == Unread.limit)
        // The same where each has to be looked at; and what is not for him leaves room for what is.
        try await self.append(10, to: scene) { $0.audience = .only(["carol"]) }
        #expect(try await self.summary(scene, of: "bob")?.unread.count == Unread.limit)
        #expect(try await self.summary(scene, of: "carol")?.unread.count == Unread.limit)
        try await scene.makeGroup("h", members: ["bob"])
        try await self.append(3, to: scene, group: "h")
        let unread = try await scene.store.unread(of: "bob", in: Scene.app)
        #expect(unread.messages == Unread.limit && unread.conversations == 2)
    }

    @Test func countingLooksAtTheNewestOnly() async throws {
        let scene = try Scene(.folder)
        try await scene.makeGroup(members: ["bob"])
        try await self.append(3, to: scene)
        // As if very much had been said since, none of it for Bob.
        try scene.execute("UPDATE conversations SET last_sequence = \(Unread.reach + 1)")
        #expect(try await self.summary(scene, of: "bob")?.unread.count == 2)
    }

    @Test(arguments: Place.allCases)
    func theLastMessageIsLookedForBehindWhatIsNotShown(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice", "bob"])
        try await self.append(1, to: scene) { $0.content = .text("shown") }
        for (count, expected) in [(1, "shown"), (20, "shown"), (100, "shown"), (1000, nil)] as [(Int, String?)] {
            try await self.append(count, to: scene) { $0.audience = .only(["carol"]) }
            #expect(try await self.summary(scene, of: "bob")?.lastMessage?.text == expected)
        }
    }

    @Test(arguments: Place.allCases)
    func rollingBackTakesTheTimeOfTheListBackToo(_ place: Place) async throws {
        struct No: Error {}
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["bob"])
        try await self.append(1, to: scene)
        let before = try #require(try await self.summary(scene, of: "bob"))
        scene.clock.advance(seconds: 5)
        await #expect(throws: No.self) {
            try await scene.store.write(in: Scene.app) { transaction in
                _ = try transaction.append(.text("lost"), to: .group(GroupID("g")))
                throw No()
            }
        }
        try await self.append(1, to: scene) { $0.options.updatesConversation = false }
        let after = try #require(try await self.summary(scene, of: "bob"))
        #expect(after.activeAt == before.activeAt && after.lastSequence == 2)
    }

    @Test(arguments: Place.allCases)
    func aGroupMadeAgainBeginsWithNobodysPlace(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["bob"])
        try await self.append(5, to: scene)
        try await scene.save("bob") { place in
            place.readThrough = 5
            place.clearedThrough = 5
        }
        try await scene.hide([1], from: "bob")
        try await scene.store.write(in: Scene.app) { try $0.delete(GroupID("g")) }
        #expect(try await self.summary(scene, of: "bob") == nil)
        try await scene.makeGroup(members: ["bob"])
        try await self.append(2, to: scene)
        let summary = try #require(try await self.summary(scene, of: "bob"))
        #expect(
            summary.unread.count == 2
                && summary.place == ParleyCore.Place(user: "bob", conversation: .group(GroupID("g"))))
        #expect(try await scene.store.hidden(from: "bob", in: scene.conversation(), 1...9).isEmpty)
    }

    @Test(arguments: Place.allCases)
    func everythingOfAPlaceComesBack(_ place: Place) async throws {
        let scene = try Scene(place)
        for conversation in [Conversation.direct("bob", "alice"), .system("bob"), .direct("bob", "bob")] {
            var kept = ParleyCore.Place(user: "bob", conversation: conversation)
            let id = ConversationID(app: Scene.app, conversation)
            #expect(try await scene.store.place(of: "bob", in: id) == kept)
            kept.readThrough = 1
            kept.clearedThrough = 2
            kept.removedThrough = 3
            kept.pinnedAt = Timestamp(milliseconds: 4)
            kept.isMuted = true
            kept.marks = [Marks(0)!, Marks(19)!]
            let saved = kept
            try await scene.store.write(in: Scene.app) { try $0.save(saved) }
            #expect(try await scene.store.place(of: "bob", in: id) == saved)
            #expect(try await scene.store.write(in: Scene.app) { try $0.place(of: "bob", in: conversation) } == saved)
            // Another user's, and another App's, are others.
            let stranger = ParleyCore.Place(user: "x", conversation: conversation)
            #expect(try await scene.store.place(of: "x", in: id) == stranger)
            let elsewhere = ConversationID(app: AppID("other"), conversation)
            #expect(try await scene.store.place(of: "bob", in: elsewhere).readThrough == 0)
        }
    }
}
