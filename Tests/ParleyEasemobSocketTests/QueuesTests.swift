import ParleyCore
import ParleyEasemob
import Testing

@testable import ParleyEasemobSocket

@Suite struct QueuesTests {
    private static let bob = Conversation.direct(UserID("alice"), UserID("bob"))
    private static let carol = Conversation.direct(UserID("alice"), UserID("carol"))

    private static func id(_ offset: Int64) -> MessageID {
        MessageID(sentAt: Timestamp(milliseconds: 1_780_000_000_000 + offset), slot: 0)
    }

    private static func happened(_ offset: Int64) -> Queues.Happened {
        var meta = WireMeta()
        meta.id = self.id(offset).easemobNumber
        return Queues.Happened(id: self.id(offset), meta: meta)
    }

    // MARK: Pages

    @Test func theKeyOfAPageSaysHowFarTheClientHasIt() {
        let queues = Subject()
        let key = queues.offer(Self.bob, through: 20, endingWith: Self.id(1))
        #expect(queues.accept(key + 1, of: Self.bob) == nil)
        #expect(queues.accept(key, of: Self.carol) == nil)
        #expect(queues.accept(key, of: Self.bob) == 20)
        #expect(queues.accept(key, of: Self.bob) == nil)
    }

    @Test func noTwoPagesThatFollowEachOtherHaveTheSameKey() {
        let queues = Subject()
        var last: UInt64 = 0
        for _ in 0..<600 {
            let key = queues.offer(Self.bob, through: 1, endingWith: Self.id(1))
            #expect(key != last && key != 0)
            #expect(Queues.message(in: key) == Self.id(1))
            last = key
        }
    }

    @Test func aKeyOfAnEarlierConnectionNamesTheMessageThatItsPageEndedWith() {
        let queues = Subject()
        let key = queues.offer(Self.bob, through: 3, endingWith: Self.id(7))
        #expect(Queues.message(in: key) == Self.id(7))
    }

    // MARK: Events

    @Test func aClientIsToldOnceUntilItAsks() {
        let queues = Subject()
        #expect(queues.add([Self.happened(1)]))
        #expect(!queues.add([Self.happened(2)]))
        #expect(queues.offerEvents(20)?.metas.count == 2)
        // Being fetched: what comes now is in the next page.
        #expect(!queues.add([Self.happened(3)]))
        queues.acceptEvents()
        #expect(queues.offerEvents(20)?.metas.map(\.id) == [Self.id(3).easemobNumber])
        queues.acceptEvents()
        #expect(queues.offerEvents(20) == nil)
        #expect(queues.add([Self.happened(4)]))
    }

    @Test func whatIsNotAcceptedIsOfferedAgain() {
        let queues = Subject()
        _ = queues.add((1...30).map { Self.happened($0) })
        let first = queues.offerEvents(20)
        let again = queues.offerEvents(20)
        #expect(first?.metas.map(\.id) == again?.metas.map(\.id) && first?.key != again?.key)
        queues.acceptEvents()
        #expect(queues.offerEvents(20)?.metas.count == 10)
    }

    @Test func whatTheClientHasSaidItselfItIsNotTold() {
        let queues = Subject()
        #expect(queues.add([Self.happened(1)]))
        #expect(queues.offerEvents(20, saying: Self.id(1)) == nil)
        #expect(queues.value.events.isEmpty)
    }

    @Test func theOldestGiveWayWhenThereAreTooMany() {
        let queues = Subject()
        for number in 1...Int64(Queues.eventLimit) { _ = queues.add([Self.happened(number)]) }
        _ = queues.offerEvents(20)
        for number in 1...Int64(30) { _ = queues.add([Self.happened(5000 + number)]) }
        #expect(queues.value.events.count == Queues.eventLimit)
        // Those that were on offer are gone: what the client accepts now is nothing else.
        queues.acceptEvents()
        #expect(queues.value.events.count == Queues.eventLimit)
        #expect(queues.value.events.first?.id == Self.id(31))
    }
}

/// What `#expect` can look at while it changes.
private final class Subject {
    private(set) var value = Queues()

    func offer(_ conversation: Conversation, through sequence: UInt64, endingWith id: MessageID) -> UInt64 {
        self.value.offer(conversation, through: sequence, endingWith: id)
    }

    func accept(_ key: UInt64, of conversation: Conversation) -> UInt64? { self.value.accept(key, of: conversation) }
    func add(_ happened: [Queues.Happened]) -> Bool { self.value.add(happened) }
    func acceptEvents() { self.value.acceptEvents() }

    func offerEvents(_ limit: Int, saying own: MessageID? = nil) -> (metas: [WireMeta], key: UInt64)? {
        self.value.offerEvents(limit) { $0 == own }
    }
}
