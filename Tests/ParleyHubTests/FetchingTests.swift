import NIOCore
import ParleyCore
import Testing

@testable import ParleyHub

/// Clients that are told of a conversation, and ask for what was said in it.
struct FetchingTests {
    private func withStage(_ tailEntries: Int, _ body: (Stage) -> Void) {
        let stage = Stage(HubConfiguration(tailEntries: tailEntries))
        stage.join("alice", "bob")
        // So that somebody follows the conversation.
        _ = stage.connect("bob")
        body(stage)
        stage.close()
    }

    private func arrive(at stage: Stage) -> Guest {
        stage.connect("alice", confirmation: .manual, catchUpLimit: 0)
    }

    private func fetch(_ guest: Guest, limit: Int = 100, at stage: Stage) -> [String] {
        let said = self.ask(guest, limit: limit, at: stage)
        stage.run()
        return said.value
    }

    /// What comes after what it has, when it has been answered.
    private func ask(_ guest: Guest, limit: Int, at stage: Stage) -> NIOLoopBoundBox<[String]> {
        let box = NIOLoopBoundBox([String](), eventLoop: stage.loop)
        let bound = NIOLoopBound(guest, eventLoop: stage.loop)
        Task.immediate(executorPreference: guest.reader.executor) {
            let reader = bound.value.reader!
            let start = reader.extent(of: .g)?.confirmed ?? 0
            guard let piece = try? await reader.piece(of: .g, after: start, limit: limit) else { return }
            box.value = piece.entries.map(\.said)
        }
        return box
    }

    @Test(arguments: [512, 2]) func whatItsUserDeletedSinceItWasToldIsNotFetched(tailEntries: Int) {
        self.withStage(tailEntries) { stage in
            let guest = self.arrive(at: stage)
            let entries = (1...6).map { stage.say("\($0)", in: .g, from: "bob") }
            stage.delete(entries[2], for: "alice")
            stage.run()
            stage.delete(entries[5], for: "alice")
            stage.run()
            #expect(self.fetch(guest, at: stage) == ["1", "2", "4", "5"])
        }
    }

    @Test(arguments: [512, 2]) func whatItsUserDeletedWhileItWasAwayIsNotFetched(tailEntries: Int) {
        self.withStage(tailEntries) { stage in
            self.arrive(at: stage).leave()
            let entries = (1...6).map { stage.say("\($0)", in: .g, from: "bob") }
            stage.delete(entries[2], for: "alice")
            stage.run()
            let guest = self.arrive(at: stage)
            #expect(self.fetch(guest, at: stage) == ["1", "2", "4", "5", "6"])
            #expect(self.fetch(guest, at: stage) == ["1", "2", "4", "5", "6"])
        }
    }

    @Test func whatIsDeletedInSilenceIsNotFetchedEither() {
        self.withStage(512) { stage in
            let guest = self.arrive(at: stage)
            let entries = (1...3).map { stage.say("\($0)", in: .g, from: "bob") }
            let before = guest.texts
            stage.delete(entries[1], for: "alice", isSilent: true)
            stage.run()
            #expect(guest.texts == before)
            #expect(self.fetch(guest, at: stage) == ["1", "3"])
        }
    }

    @Test func whoHasEverythingRemembersNothing() {
        self.withStage(512) { stage in
            let guest = self.arrive(at: stage)
            let entries = (1...3).map { stage.say("\($0)", in: .g, from: "bob") }
            stage.delete(entries[1], for: "alice")
            stage.run()
            #expect(guest.reader.subscriptions[.g]?.exceptions != nil)
            guest.reader.fetched(through: 3, of: .g)
            #expect(guest.reader.subscriptions[.g]?.exceptions == nil)
            stage.delete(entries[2], for: "alice")
            stage.run()
            #expect(guest.reader.subscriptions[.g]?.exceptions == nil)
        }
    }

    @Test func aPieceThatIsInMemoryIsReadThere() {
        self.withStage(512) { stage in
            let guest = self.arrive(at: stage)
            for number in 1...3 { stage.say("\(number)", in: .g, from: "bob") }
            let reads = stage.library.reads
            #expect(self.fetch(guest, at: stage) == ["1", "2", "3"])
            #expect(stage.library.reads == reads)
        }
    }

    @Test func whoIsRemovedWhileItWaitsGetsNothing() {
        self.withStage(2) { stage in
            let guest = self.arrive(at: stage)
            for number in 1...6 { stage.say("\(number)", in: .g, from: "bob") }
            let answer = self.ask(guest, limit: 5, at: stage)
            stage.commit([], [stage.library.leave(UserID("alice"), GroupID("g"), in: Stage.app)])
            stage.loop.takeTurn()
            stage.run()
            #expect(answer.value == [])
        }
    }

    @Test func whatWasDeletedIsKnownWhereTheGroupIsShielded() {
        self.withStage(2) { stage in
            self.arrive(at: stage).leave()
            let entries = (1...6).map { stage.say("\($0)", in: .g, from: "bob") }
            stage.delete(entries[2], for: "alice")
            stage.run()
            let guest = self.arrive(at: stage)
            stage.join("alice", delivery: .discard)
            #expect(self.fetch(guest, at: stage) == ["1", "2", "4", "5", "6"])
        }
    }

    // MARK: Coming back

    /// Alice was in it, deleted the third of what was said, and left.
    private func aliceLeft(_ body: (Stage) -> Void) {
        self.withStage(2) { stage in
            let entries = (1...5).map { stage.say("\($0)", in: .g, from: "bob") }
            stage.library.hide(entries[2], from: UserID("alice"))
            stage.leave("alice")
            body(stage)
        }
    }

    @Test(arguments: [true, false]) func whatWasDeletedInAnEarlierStayIsNotFetched(isFollowedHere: Bool) {
        self.aliceLeft { stage in
            if !isFollowedHere { stage.leave("bob") }
            let guest = self.arrive(at: stage)
            stage.joinShowingHistory("alice")
            stage.say("6", in: .g, from: "bob")
            #expect(self.fetch(guest, at: stage) == ["1", "2", "4", "5", "6"])
        }
    }

    @Test(arguments: [true, false]) func norIsItShownToWhoEntersARoom(isFollowedHere: Bool) {
        self.aliceLeft { stage in
            if !isFollowedHere { stage.leave("bob") }
            let guest = self.arrive(at: stage)
            stage.joinShowingHistory("alice")
            guest.reader.entered(.g, last: 5, showing: 4)
            #expect(self.fetch(guest, at: stage) == ["2", "4", "5"])
        }
    }

    @Test func norToWhoJoinsWhileItConnects() {
        self.aliceLeft { stage in
            let guest = stage.arrive("alice", confirmation: .manual, catchUpLimit: 0)
            stage.joinShowingHistory("alice")
            stage.run()
            #expect(self.fetch(guest, at: stage) == ["1", "2", "4", "5"])
        }
    }

    // MARK: Behind

    /// Two who were told of two hundred messages, of which the newest two are in the tail.
    private func twoAreBehind(_ body: (Stage, Guest, Guest) -> Void) {
        self.withStage(2) { stage in
            stage.join("carol")
            let alice = self.arrive(at: stage)
            let carol = stage.connect("carol", confirmation: .manual, catchUpLimit: 0)
            for number in 1...200 { stage.say("\(number)", in: .g, from: "bob") }
            body(stage, alice, carol)
        }
    }

    private func fetchAll(_ guest: Guest, at stage: Stage) -> [String] {
        var said: [String] = []
        while case let page = self.fetch(guest, limit: 20, at: stage), !page.isEmpty {
            said += page
            guest.reader.fetched(through: UInt64(said.last!)!, of: .g)
        }
        return said
    }

    private let all = (1...200).map { "\($0)" }

    @Test func whatOneHasReadFromTheLogTheOthersReadInMemory() {
        self.twoAreBehind { stage, alice, carol in
            let before = stage.library.reads
            #expect(self.fetchAll(alice, at: stage) == self.all)
            // Three whole pages, and twice a part of the one that is still to be filled.
            let reads = stage.library.reads - before
            #expect(reads == 4)
            #expect(self.fetchAll(carol, at: stage) == self.all)
            #expect(stage.library.reads - before == reads + 1)
        }
    }

    @Test func whoAskTogetherWaitForOneRead() {
        let stage = Stage(HubConfiguration(tailEntries: 2, concurrentReads: 1))
        stage.join("alice", "bob", "carol")
        _ = stage.connect("bob")
        let guests = ["alice", "carol"].map { stage.connect($0, confirmation: .manual, catchUpLimit: 0) }
        for number in 1...100 { stage.say("\(number)", in: .g, from: "bob") }
        let reads = stage.library.reads
        let answers = guests.map { self.ask($0, limit: 20, at: stage) }
        stage.run()
        for answer in answers { #expect(answer.value == Array(self.all.prefix(20))) }
        #expect(stage.library.reads == reads + 1)
        stage.close()
    }

    @Test func whatIsTakenBackAfterOthersHaveReadItIsNotReadInMemory() {
        self.twoAreBehind { stage, alice, carol in
            _ = self.fetchAll(alice, at: stage)
            stage.takeBack(3, in: .g)
            #expect(self.fetch(carol, limit: 5, at: stage) == ["1", "2", "4", "5", "6"])
        }
    }

    @Test func whatIsTakenBackWhileItIsReadIsNotKept() {
        self.twoAreBehind { stage, alice, carol in
            let answer = self.ask(alice, limit: 5, at: stage)
            stage.loop.takeTurn()
            stage.library.look()
            // On its way with the third in it as it was.
            stage.takeBack(3, in: .g)
            stage.run()
            #expect(answer.value == ["1", "2", "3", "4", "5"])
            #expect(self.fetch(carol, limit: 5, at: stage) == ["1", "2", "4", "5", "6"])
        }
    }

    @Test func whatOneHasDeletedTheOthersRead() {
        self.twoAreBehind { stage, alice, carol in
            stage.delete(stage.library.entries[ConversationID(app: Stage.app, .g)]![2], for: "carol")
            stage.run()
            #expect(self.fetch(alice, limit: 5, at: stage) == ["1", "2", "3", "4", "5"])
            #expect(self.fetch(carol, limit: 5, at: stage) == ["1", "2", "4", "5", "6"])
        }
    }
}

extension Entry {
    fileprivate var said: String { if case .text(let text)? = self.message?.content { text } else { "?" } }
}
