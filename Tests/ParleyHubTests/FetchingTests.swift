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

    private func fetch(_ guest: Guest, at stage: Stage) -> [String] {
        let box = NIOLoopBoundBox([String](), eventLoop: stage.loop)
        let bound = NIOLoopBound(guest, eventLoop: stage.loop)
        Task.immediate(executorPreference: guest.reader.executor) {
            let reader = bound.value.reader!
            let start = reader.extent(of: .g)?.confirmed ?? 0
            guard let piece = try? await reader.piece(of: .g, after: start, limit: 100) else { return }
            box.value = piece.entries.map(\.said)
        }
        stage.run()
        return box.value
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
}

extension Entry {
    fileprivate var said: String { if case .text(let text)? = self.message?.content { text } else { "?" } }
}
