import Testing

@testable import ParleyClient

@Suite(.timeLimit(.minutes(1)))
struct EventQueueTests {
    private let queue = EventQueue(keepsHandled: true)

    private func message(_ sequence: Int64) -> Chat.Event {
        .gap(Gap(conversation: .group("g"), after: 0, before: sequence + 1, reason: .limit))
    }

    @Test func whatWasPushedIsTakenInOrderAndThenItEnds() async {
        for number in 1...2000 { self.queue.push(self.message(Int64(number)), bytes: 10) }
        self.queue.finish()
        var taken: [Chat.Event] = []
        while let event = await self.queue.next() { taken.append(event) }
        #expect(taken == (1...2000).map { self.message($0) })
        #expect(self.queue.heldBytes == 0)
    }

    @Test func aReaderWhoIsCancelledTakesNothing() async {
        let reader = Task { await self.queue.next() }
        reader.cancel()
        #expect(await reader.value == nil)
        self.queue.push(.ready, bytes: 1)
        #expect(await self.queue.next() == .ready)
    }

    @Test func itIsFullUntilHalfIsTakenAndWiderForThoseWhoAwaitAnAnswer() async {
        for number in 1...EventQueue.maximumEvents { self.queue.push(self.message(Int64(number)), bytes: 1) }
        #expect(self.queue.isFull(whileAwaited: false))
        #expect(!self.queue.isFull(whileAwaited: true))
        var rooms: [Int] = []
        for number in 1...EventQueue.maximumEvents {
            _ = await self.queue.next { hasRoom, _ in if hasRoom { rooms.append(number) } }
        }
        #expect(rooms == [EventQueue.maximumEvents / 2])
    }

    @Test func anEventIsHandledWhenTheNextIsAskedFor() async {
        self.queue.push(self.message(5), bytes: 1)
        self.queue.push(.ready, bytes: 1)
        _ = await self.queue.next()
        #expect(self.queue.takeHandled().isEmpty)
        _ = await self.queue.next()
        #expect(self.queue.takeHandled() == [.group("g"): 5])
        // Could not be saved; and meanwhile a later one was handled.
        self.queue.push(self.message(6), bytes: 1)
        self.queue.push(.ready, bytes: 1)
        for _ in 0..<2 { _ = await self.queue.next() }
        self.queue.putBack([.group("g"): 5])
        #expect(self.queue.takeHandled() == [.group("g"): 6])
    }

    @Test func attemptsToConnectThatNobodyLookedAtAreOne() async {
        for number in 1...100 { self.queue.push(.disconnected(.network("\(number)"), retryIn: .seconds(1)), bytes: 0) }
        self.queue.finish()
        #expect(await self.queue.next() == .disconnected(.network("100"), retryIn: .seconds(1)))
        #expect(await self.queue.next() == nil)
    }
}
