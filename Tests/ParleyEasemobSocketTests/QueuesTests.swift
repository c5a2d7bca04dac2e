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

    @Test func aKeyThatComesAgainSaysNothingOfThePageAfterIt() throws {
        let queues = Subject()
        _ = queues.add((1...30).map { Self.happened($0) })
        let first = try #require(queues.offerEvents(20))
        queues.acceptEvents(first.key)
        let second = try #require(queues.offerEvents(20))
        queues.acceptEvents(first.key)
        #expect(queues.value.events.map(\.id) == (21...30).map { Self.id($0) })
        // Nor does one that no page had.
        _ = queues.offerEvents(20)
        queues.acceptEvents(1)
        #expect(queues.value.events.count == 10)
        _ = queues.offerEvents(20)
        queues.acceptEvents(second.key)
        #expect(queues.value.events.isEmpty)
    }

    @Test func theKeyOfAPageThatWasOfferedAnewSaysHowFarThatWent() throws {
        let queues = Subject()
        _ = queues.add((1...5).map { Self.happened($0) })
        let first = try #require(queues.offerEvents(20))
        _ = queues.add((6...8).map { Self.happened($0) })
        let second = try #require(queues.offerEvents(20))
        queues.acceptEvents(first.key)
        #expect(queues.value.events.map(\.id) == (6...8).map { Self.id($0) })
        #expect(queues.offerEvents(20)?.metas.count == 3)
        queues.acceptEvents(second.key)
        #expect(queues.value.events.isEmpty)
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

    // MARK: What is kept

    private static func kept(_ offset: Int64) -> Queues.Happened {
        Queues.Happened(id: self.id(offset), keptAs: self.id(offset), meta: WireMeta())
    }

    /// Of a device that has everything up to `offset`.
    private func queues(after offset: Int64, isNew: Bool = false) -> Subject {
        let queues = Subject()
        queues.begin(EventBeginning(after: Self.id(offset), isNew: isNew))
        return queues
    }

    private func hear(_ offset: Int64, in queues: Subject) -> Bool {
        guard queues.hear(Self.id(offset)) else { return false }
        _ = queues.add([Self.kept(offset)])
        return true
    }

    @Test func whatHappensBeforeTheLogWasReadIsReadThere() {
        let queues = Subject()
        #expect(queues.value.isBehind)
        #expect(!self.hear(5, in: queues))
        queues.begin(EventBeginning(after: Self.id(1), isNew: false))
        #expect(!self.hear(6, in: queues))
        queues.read(through: Self.id(5), hasMore: false)
        #expect(queues.value.isBehind)
        queues.read(through: Self.id(6), hasMore: true)
        #expect(queues.value.isBehind)
        queues.read(through: Self.id(6), hasMore: false)
        #expect(!queues.value.isBehind)
        // What was read comes by the other way as well.
        #expect(!self.hear(6, in: queues))
        #expect(self.hear(7, in: queues))
        #expect(queues.value.events.map(\.id) == [Self.id(7)])
    }

    /// Not everything that is heard of is kept for the user: a read that finds nothing of it is not repeated for ever.
    @Test func whatIsHeardOfAndNotKeptIsNotWaitedFor() {
        let queues = self.queues(after: 1)
        #expect(!self.hear(6, in: queues))
        let heardOf = queues.value.heardOf
        queues.read(through: Self.id(5), hasMore: true, heardOf: heardOf)
        #expect(queues.value.isBehind && queues.value.position == Self.id(5))
        // Came while it was read.
        #expect(!self.hear(7, in: queues))
        queues.read(through: Self.id(5), hasMore: false, heardOf: heardOf)
        #expect(queues.value.isBehind && queues.value.position == Self.id(6))
        queues.read(through: Self.id(5), hasMore: false, heardOf: Self.id(7))
        #expect(!queues.value.isBehind && self.hear(8, in: queues))
    }

    @Test func theClientHasWhatComesBeforeWhatItDoesNotHaveYet() {
        let queues = self.queues(after: 1)
        queues.read(through: Self.id(9), hasMore: false)
        // The second is told in 30 parts.
        _ = queues.add([Self.kept(2)] + Array(repeating: Self.kept(3), count: 30) + [Self.happened(4), Self.kept(5)])
        #expect(queues.acceptEvents()?.rawValue == Self.id(2).rawValue - 1)
        #expect(queues.acceptEvents() == nil)
        _ = queues.offerEvents(20)
        #expect(queues.acceptEvents()?.rawValue == Self.id(3).rawValue - 1)
        _ = queues.offerEvents(12)
        #expect(queues.acceptEvents()?.rawValue == Self.id(5).rawValue - 1)
        _ = queues.offerEvents(20)
        // And with it all that was looked at and is not for it.
        #expect(queues.acceptEvents() == Self.id(9))
        #expect(queues.acceptEvents() == nil)
    }

    @Test func aNewDeviceIsNewUntilItHasWhatWaitsForIt() {
        let queues = self.queues(after: 7, isNew: true)
        queues.read(through: Self.id(7), hasMore: false)
        _ = queues.add([Queues.Happened(id: Self.id(8), keptAs: Self.id(7), meta: WireMeta())])
        #expect(queues.acceptEvents() == nil)
        _ = queues.offerEvents(20)
        #expect(queues.acceptEvents() == Self.id(7))
    }

    @Test func whatIsTooMuchIsReadWhenTheClientHasGotSoFar() {
        let queues = self.queues(after: 0)
        queues.read(through: Self.id(0), hasMore: false)
        _ = queues.add((1...500).map { Self.happened($0) })
        for number in 501...Int64(Queues.eventLimit) { #expect(self.hear(number, in: queues)) }
        #expect(!self.hear(1001, in: queues) && !self.hear(1002, in: queues))
        #expect(queues.value.isBehind && queues.value.position == Self.id(1000))
        // What is kept does not give way to what is not.
        _ = queues.offerEvents(20)
        _ = queues.add((2001...2010).map { Self.happened($0) })
        #expect(queues.value.events.count == Queues.eventLimit)
        #expect(queues.value.events.count { $0.keptAs != nil } == 500)
        queues.acceptEvents()
        #expect(queues.value.events.first?.id == Self.id(21))
        // Room alone does not help: what comes now is after what was left out.
        #expect(!self.hear(1003, in: queues))
        while queues.offerEvents(100) != nil { queues.acceptEvents() }
        queues.read(through: Self.id(1003), hasMore: false)
        _ = queues.add([1001, 1002, 1003].map { Self.kept($0) })
        #expect(self.hear(1004, in: queues))
        #expect(queues.value.events.map(\.id) == [1001, 1002, 1003, 1004].map { Self.id($0) })
    }

    @Test func whatCouldNotBeReadIsTriedAgainOnceWhenMoreHappens() {
        let queues = self.queues(after: 0)
        #expect(!queues.takeFailure())
        queues.failed()
        // What has happened meanwhile is read with the rest, and not added before it.
        #expect(!self.hear(5, in: queues))
        #expect(queues.takeFailure() && !queues.takeFailure())
        queues.failed()
        queues.failed()
        #expect(queues.takeFailure() && !queues.takeFailure())
        queues.read(through: Self.id(5), hasMore: false)
        #expect(self.hear(6, in: queues) && !queues.takeFailure())
    }

    @Test func whereAllIsKeptTheOthersGiveWay() {
        let queues = self.queues(after: 0)
        queues.read(through: Self.id(0), hasMore: false)
        for number in 1...Int64(Queues.eventLimit) { #expect(self.hear(number, in: queues)) }
        _ = queues.add([Self.happened(2000)])
        #expect(queues.value.events.map(\.id) == (1...Int64(Queues.eventLimit)).map { Self.id($0) })
    }
}

/// What `#expect` can look at while it changes.
private final class Subject {
    private(set) var value = Queues()
    private var lastKey: UInt64 = 0

    func offer(_ conversation: Conversation, through sequence: UInt64, endingWith id: MessageID) -> UInt64 {
        self.value.offer(conversation, through: sequence, endingWith: id)
    }

    func accept(_ key: UInt64, of conversation: Conversation) -> UInt64? { self.value.accept(key, of: conversation) }
    func add(_ happened: [Queues.Happened]) -> Bool { self.value.add(happened) }
    /// - Parameter key: nil: of the last page.
    @discardableResult func acceptEvents(_ key: UInt64? = nil) -> MessageID? {
        self.value.acceptEvents(key ?? self.lastKey)
    }
    func begin(_ beginning: EventBeginning) { self.value.begin(beginning) }
    func hear(_ id: MessageID) -> Bool { self.value.hear(id) }
    func failed() { self.value.failed() }
    func takeFailure() -> Bool { self.value.takeFailure() }
    func read(through id: MessageID, hasMore: Bool, heardOf: MessageID = MessageID(rawValue: 0)) {
        self.value.read(through: id, hasMore: hasMore, heardOf: heardOf)
    }

    func offerEvents(_ limit: Int, saying own: MessageID? = nil) -> (metas: [WireMeta], key: UInt64)? {
        let page = self.value.offerEvents(limit) { $0 == own }
        if let page { self.lastKey = page.key }
        return page
    }
}
