import ParleyCore
import ParleyTesting
import Testing

@Suite struct LogTimeTests {
    @Test func theSequenceReachedAtAMomentIsOfTheLastThatWasSaidByThen() async throws {
        let bench = try await Bench.make()
        let conversation = Conversation.direct(Bench.alice, Bench.bob)
        let id = ConversationID(app: bench.app.id, conversation)
        let start = bench.clock.now()
        #expect(try await bench.core.log.sequence(reachedAt: .distantFuture, in: id) == 0)
        // Two in each tenth of a second.
        for number in 0..<20 {
            if number > 0, number.isMultiple(of: 2) { bench.clock.advance(milliseconds: 100) }
            _ = try await bench.core.send(bench.send(to: conversation))
        }
        for step in 0..<10 {
            let moment = start.adding(milliseconds: Int64(step) * 100)
            #expect(try await bench.core.log.sequence(reachedAt: moment, in: id) == UInt64(step * 2 + 2))
            #expect(
                try await bench.core.log.sequence(reachedAt: moment.adding(milliseconds: -1), in: id)
                    == UInt64(step * 2))
        }
        #expect(try await bench.core.log.sequence(reachedAt: .distantPast, in: id) == 0)
    }

    @Test func clearingAllLeavesNothingOfAnyConversationToOneUser() async throws {
        let bench = try await Bench.make()
        let conversations: [Conversation] = [
            .direct(Bench.alice, Bench.bob), .group(Bench.group), .direct(Bench.bob, Bench.bob),
        ]
        for conversation in conversations { _ = try await bench.core.send(bench.send(to: conversation)) }
        try await bench.core.clearAll(of: Bench.bob, in: bench.app.id)
        func count(_ user: UserID, _ conversation: Conversation) async throws -> Int {
            try await bench.core.history(
                HistoryQuery(app: bench.app.id, conversation: conversation, user: user, limit: 5)
            ).entries.count
        }
        for conversation in conversations { #expect(try await count(Bench.bob, conversation) == 0) }
        #expect(try await count(Bench.alice, conversations[0]) == 1)
        #expect(bench.signals.announcements.count == 3)
        #expect(bench.signals.announcements.allSatisfy { $0.recipients == .users([Bench.bob]) })
        try await bench.core.clearAll(of: Bench.bob, in: bench.app.id)
        #expect(bench.signals.announcements.count == 3, "nothing is left to clear")
    }
}
