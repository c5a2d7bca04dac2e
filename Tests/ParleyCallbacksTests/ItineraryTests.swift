import ParleyCore
import ParleyDialectKit
import Testing

@testable import ParleyCallbacks

struct ItineraryTests {
    private static let app = AppID("demo")

    private static func policy(attempts: Int = 1, failuresBeforePause: Int = 1000) -> CallbackPolicy {
        CallbackPolicy(
            origins: [.client], originsBefore: [.client], timeoutMilliseconds: 1, timeoutBeforeMilliseconds: 1,
            attempts: attempts, retryAfterMilliseconds: 100, failuresBeforePause: failuresBeforePause,
            failureWindowMilliseconds: 1000, pausesMilliseconds: [5000])
    }

    private static func entry(_ id: UInt64, in group: String) -> Entry {
        Entry(
            conversation: ConversationID(app: self.app, .group(GroupID(group))), sequence: id,
            id: MessageID(rawValue: id), body: .notice(.changed(by: nil)))
    }

    /// Takes every step that there is, as if reading found `log`.
    private static func advance(
        _ itinerary: inout Itinerary, _ log: [Entry] = [], at now: Int64 = 0
    ) -> [Itinerary.Errand] {
        var sent: [Itinerary.Errand] = []
        while true {
            switch itinerary.next(at: now) {
            case .read(let after, let limit):
                let page = Array(log.filter { $0.id > after }.prefix(limit))
                itinerary.wasRead(page, through: page.last?.id ?? after)
            case .send(var errand):
                errand.attempts += 1
                sent.append(errand)
            case .wait: return sent
            }
        }
    }

    private static func ids(_ errands: [Itinerary.Errand]) -> [UInt64] { errands.map(\.entry.id.rawValue) }

    @Test func ofOneConversationOneIsUnderWayOfManyManyAre() {
        var itinerary = Itinerary(after: MessageID(rawValue: 0), Self.policy())
        let log = [(1, "a"), (2, "a"), (3, "b"), (4, "c"), (5, "b")].map { Self.entry($0, in: $1) }
        var sent = Self.advance(&itinerary, log)
        #expect(Self.ids(sent) == [1, 3, 4])
        #expect(itinerary.ended(sent[1], isAccepted: true, at: 0) == .accepted)
        sent = Self.advance(&itinerary)
        #expect(Self.ids(sent) == [5])
    }

    @Test func whatIsDoneIsWhatAllBeforeItIsToo() {
        var itinerary = Itinerary(after: MessageID(rawValue: 0), Self.policy())
        let sent = Self.advance(&itinerary, [(3, "a"), (5, "b"), (8, "c")].map { Self.entry($0, in: $1) })
        _ = itinerary.ended(sent[1], isAccepted: true, at: 0)
        #expect(itinerary.through == MessageID(rawValue: 2))
        _ = itinerary.ended(sent[0], isAccepted: true, at: 0)
        #expect(itinerary.through == MessageID(rawValue: 7))
        _ = itinerary.ended(sent[2], isAccepted: false, at: 0)
        #expect(itinerary.through == MessageID(rawValue: 8))
    }

    @Test func aFailureIsTriedAgainInItsPlaceAndThenGivenUp() {
        var itinerary = Itinerary(after: MessageID(rawValue: 0), Self.policy(attempts: 2))
        var sent = Self.advance(&itinerary, [Self.entry(1, in: "a"), Self.entry(2, in: "a")])
        #expect(itinerary.ended(sent[0], isAccepted: false, at: 10) == .tryAgain)
        #expect(Self.advance(&itinerary, at: 109).isEmpty)
        sent = Self.advance(&itinerary, at: 110)
        #expect(Self.ids(sent) == [1])
        #expect(itinerary.ended(sent[0], isAccepted: false, at: 110) == .givenUp)
        #expect(Self.ids(Self.advance(&itinerary, at: 110)) == [2])
    }

    @Test func noMoreIsHeldThanAllowed() {
        let limits = Itinerary.Limits(outstanding: 10, calls: 2)
        var itinerary = Itinerary(after: MessageID(rawValue: 0), Self.policy(), limits: limits)
        let log = (1...100).map { Self.entry($0, in: "g\($0)") }
        let sent = Self.advance(&itinerary, log)
        #expect(Self.ids(sent) == [1, 2])
        _ = itinerary.ended(sent[0], isAccepted: true, at: 0)
        guard case .read(let after, let limit) = itinerary.next(at: 0) else {
            Issue.record("it should read on")
            return
        }
        #expect(after == MessageID(rawValue: 10))
        #expect(limit == 1)
    }

    @Test func whoDoesNotAnswerIsLeftAloneAndThenTriedWithOne() {
        var itinerary = Itinerary(after: MessageID(rawValue: 0), Self.policy(failuresBeforePause: 3))
        let log = (1...10).map { Self.entry($0, in: "g\($0)") }
        let sent = Self.advance(&itinerary, log)
        #expect(sent.count == 10)
        for errand in sent.prefix(3) { _ = itinerary.ended(errand, isAccepted: false, at: 0) }
        for errand in sent.dropFirst(3) { _ = itinerary.ended(errand, isAccepted: false, at: 1) }
        let more = log + (11...20).map { Self.entry($0, in: "g\($0)") }
        itinerary.rang()
        #expect(Self.advance(&itinerary, more, at: 4999).isEmpty)
        let probe = Self.advance(&itinerary, more, at: 5000)
        #expect(Self.ids(probe) == [11])
        _ = itinerary.ended(probe[0], isAccepted: true, at: 5000)
        #expect(Self.advance(&itinerary, more, at: 5000).count == 9)
    }

    @Test func nothingIsReadTwiceAndNothingIsLeftOut() {
        var itinerary = Itinerary(after: MessageID(rawValue: 0), Self.policy())
        let log = (1...1000).map { Self.entry($0, in: "g\($0 % 7)") }
        var sent = Self.advance(&itinerary, log)
        var seen: [UInt64] = []
        while !sent.isEmpty {
            let errand = sent.removeFirst()
            seen.append(errand.entry.id.rawValue)
            _ = itinerary.ended(errand, isAccepted: true, at: 0)
            sent += Self.advance(&itinerary, log)
        }
        #expect(seen.sorted() == Array(1...1000))
        for remainder in 0..<7 {
            let ofOne = seen.filter { $0 % 7 == remainder }
            #expect(ofOne == ofOne.sorted())
        }
        #expect(itinerary.through == MessageID(rawValue: 1000))
    }

    @Test func whatWasGivenUpIsSentAgainWithoutHoldingUpTheRest() {
        var itinerary = Itinerary(after: MessageID(rawValue: 5), Self.policy())
        let record = CallbackRecord(
            id: 7, rule: "r", call: "c", entry: MessageID(rawValue: 3), sentAt: Timestamp(seconds: 1), milliseconds: 1,
            attempts: 1, outcome: .givenUp)
        itinerary.sendAgain([(record, Self.entry(3, in: "a"))])
        itinerary.sendAgain([(record, Self.entry(3, in: "a"))])
        let sent = Self.advance(&itinerary, [Self.entry(6, in: "a")])
        #expect(Self.ids(sent).sorted() == [3, 6])
        for errand in sent { _ = itinerary.ended(errand, isAccepted: true, at: 0) }
        #expect(itinerary.through == MessageID(rawValue: 6))
        #expect(itinerary.underWay == 0)
    }
}
