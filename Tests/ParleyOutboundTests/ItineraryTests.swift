import ParleyCore
import Testing

@testable import ParleyOutbound

struct ItineraryTests {
    private typealias Way = Itinerary<UInt64, String>
    private typealias Step = Errand<UInt64, String>

    private static func retry(attempts: Int = 1, failuresBeforePause: Int = 1000) -> RetryPolicy {
        RetryPolicy(
            attempts: attempts, retryAfterMilliseconds: 100, failuresBeforePause: failuresBeforePause,
            failureWindowMilliseconds: 1000, pausesMilliseconds: [5000])
    }

    private static func entry(_ id: UInt64, in lane: String) -> Step {
        Errand(id, lane: lane, about: MessageID(rawValue: id))
    }

    /// Takes every step that there is, as if reading found `log`.
    private static func advance(_ itinerary: inout Way, _ log: [Step] = [], at now: Int64 = 0) -> [Step] {
        var sent: [Step] = []
        while true {
            switch itinerary.next(at: now) {
            case .read(let after, let limit):
                let page = Array(log.filter { $0.about > after }.prefix(limit))
                itinerary.wasRead(Stretch(errands: page, through: page.last?.about ?? after))
            case .send(var errand):
                errand.attempts += 1
                sent.append(errand)
            case .wait: return sent
            }
        }
    }

    private static func ids(_ errands: [Step]) -> [UInt64] { errands.map(\.work) }

    @Test func ofOneConversationOneIsUnderWayOfManyManyAre() {
        var itinerary = Way(after: MessageID(rawValue: 0), Self.retry())
        let log = [(1, "a"), (2, "a"), (3, "b"), (4, "c"), (5, "b")].map { Self.entry($0, in: $1) }
        var sent = Self.advance(&itinerary, log)
        #expect(Self.ids(sent) == [1, 3, 4])
        #expect(itinerary.ended(sent[1], .accepted, at: 0) == .accepted)
        sent = Self.advance(&itinerary)
        #expect(Self.ids(sent) == [5])
    }

    @Test func whatIsDoneIsWhatAllBeforeItIsToo() {
        var itinerary = Way(after: MessageID(rawValue: 0), Self.retry())
        let sent = Self.advance(&itinerary, [(3, "a"), (5, "b"), (8, "c")].map { Self.entry($0, in: $1) })
        _ = itinerary.ended(sent[1], .accepted, at: 0)
        #expect(itinerary.through == MessageID(rawValue: 2))
        _ = itinerary.ended(sent[0], .accepted, at: 0)
        #expect(itinerary.through == MessageID(rawValue: 7))
        _ = itinerary.ended(sent[2], .failed(), at: 0)
        #expect(itinerary.through == MessageID(rawValue: 8))
    }

    @Test func aFailureIsTriedAgainInItsPlaceAndThenGivenUp() {
        var itinerary = Way(after: MessageID(rawValue: 0), Self.retry(attempts: 2))
        var sent = Self.advance(&itinerary, [Self.entry(1, in: "a"), Self.entry(2, in: "a")])
        #expect(itinerary.ended(sent[0], .failed(), at: 10) == nil)
        #expect(Self.advance(&itinerary, at: 109).isEmpty)
        sent = Self.advance(&itinerary, at: 110)
        #expect(Self.ids(sent) == [1])
        #expect(itinerary.ended(sent[0], .failed(), at: 110) == .givenUp)
        #expect(Self.ids(Self.advance(&itinerary, at: 110)) == [2])
    }

    @Test func noMoreIsHeldThanAllowed() {
        let limits = FollowLimits(outstanding: 10, calls: 2)
        var itinerary = Way(after: MessageID(rawValue: 0), Self.retry(), limits: limits)
        let log = (1...100).map { Self.entry($0, in: "g\($0)") }
        let sent = Self.advance(&itinerary, log)
        #expect(Self.ids(sent) == [1, 2])
        _ = itinerary.ended(sent[0], .accepted, at: 0)
        guard case .read(let after, let limit) = itinerary.next(at: 0) else {
            Issue.record("it should read on")
            return
        }
        #expect(after == MessageID(rawValue: 10))
        #expect(limit == 1)
    }

    @Test func whoDoesNotAnswerIsLeftAloneAndThenTriedWithOne() {
        var itinerary = Way(after: MessageID(rawValue: 0), Self.retry(failuresBeforePause: 3))
        let log = (1...10).map { Self.entry($0, in: "g\($0)") }
        let sent = Self.advance(&itinerary, log)
        #expect(sent.count == 10)
        for errand in sent.prefix(3) { _ = itinerary.ended(errand, .failed(), at: 0) }
        for errand in sent.dropFirst(3) { _ = itinerary.ended(errand, .failed(), at: 1) }
        let more = log + (11...20).map { Self.entry($0, in: "g\($0)") }
        itinerary.rang()
        #expect(Self.advance(&itinerary, more, at: 4999).isEmpty)
        let probe = Self.advance(&itinerary, more, at: 5000)
        #expect(Self.ids(probe) == [11])
        _ = itinerary.ended(probe[0], .accepted, at: 5000)
        #expect(Self.advance(&itinerary, more, at: 5000).count == 9)
    }

    @Test func nothingIsReadTwiceAndNothingIsLeftOut() {
        var itinerary = Way(after: MessageID(rawValue: 0), Self.retry())
        let log = (1...1000).map { Self.entry($0, in: "g\($0 % 7)") }
        var sent = Self.advance(&itinerary, log)
        var seen: [UInt64] = []
        while !sent.isEmpty {
            let errand = sent.removeFirst()
            seen.append(errand.work)
            _ = itinerary.ended(errand, .accepted, at: 0)
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
        var itinerary = Way(after: MessageID(rawValue: 5), Self.retry())
        let again = Errand<UInt64, String>(3, lane: "a", about: MessageID(rawValue: 3), again: 7)
        itinerary.wantAgain([again])
        itinerary.wantAgain([again])
        let sent = Self.advance(&itinerary, [Self.entry(6, in: "a")])
        #expect(Self.ids(sent).sorted() == [3, 6])
        for errand in sent { _ = itinerary.ended(errand, .accepted, at: 0) }
        #expect(itinerary.through == MessageID(rawValue: 6))
        #expect(itinerary.underWay == 0)
    }

    @Test(arguments: [true, false])
    func whatIsSentAgainIsNotFoundOnceMoreBeforeItIsNoted(_ hasSomethingToSay: Bool) {
        var itinerary = Way(after: MessageID(rawValue: 5), Self.retry())
        let again = Step(3, lane: "a", about: MessageID(rawValue: 3), again: 7)
        itinerary.looksAgain()
        itinerary.wantAgain([again])
        let sent = Self.advance(&itinerary)
        #expect(Self.ids(sent) == [3])
        if hasSomethingToSay {
            #expect(itinerary.ended(sent[0], .accepted, at: 0) == .accepted)
        } else {
            itinerary.skipped(sent[0])
        }
        // One look began before it was noted, and comes back after it was.
        itinerary.looksAgain()
        itinerary.wantAgain([again])
        #expect(Self.advance(&itinerary).isEmpty)
        itinerary.noted(1)
        itinerary.wantAgain([again])
        #expect(Self.advance(&itinerary).isEmpty)
        // Who wants it now wants it once more.
        itinerary.looksAgain()
        itinerary.wantAgain([again])
        #expect(Self.ids(Self.advance(&itinerary)) == [3])
    }

    @Test func whatRangWhileItWasReadingIsLookedFor() {
        var itinerary = Way(after: MessageID(rawValue: 0), Self.retry())
        guard case .read = itinerary.next(at: 0) else {
            Issue.record("it should read")
            return
        }
        itinerary.rang()
        itinerary.wasRead(Stretch(errands: [], through: MessageID(rawValue: 0)))
        #expect(Self.ids(Self.advance(&itinerary, [Self.entry(1, in: "a")])) == [1])
    }

    @Test func whatIsRefusedIsNotTriedAgainAndSaysNothingAgainstWhoRefused() {
        var itinerary = Way(after: MessageID(rawValue: 0), Self.retry(attempts: 5, failuresBeforePause: 1))
        let sent = Self.advance(&itinerary, [Self.entry(1, in: "a"), Self.entry(2, in: "a")])
        #expect(itinerary.ended(sent[0], .refused, at: 0) == .refused)
        #expect(Self.ids(Self.advance(&itinerary)) == [2])
    }

    @Test func aProviderMaySayWhenToTryAgain() {
        var itinerary = Way(after: MessageID(rawValue: 0), Self.retry(attempts: 2))
        let sent = Self.advance(&itinerary, [Self.entry(1, in: "a")])
        #expect(itinerary.ended(sent[0], .failed(retryAfterMilliseconds: 7000), at: 0) == nil)
        #expect(Self.advance(&itinerary, at: 6999).isEmpty)
        #expect(Self.ids(Self.advance(&itinerary, at: 7000)) == [1])
    }

    @Test func whereItIsNotedFirstNothingFollowsInALaneAndNoMoreIsOpenThanMayBe() {
        var itinerary = Way(
            after: MessageID(rawValue: 0), Self.retry(), limits: FollowLimits(calls: 2, notesBeforeNext: true))
        let log = [(1, "a"), (2, "a"), (3, "b"), (4, "c")].map { Self.entry($0, in: $1) }
        var sent = Self.advance(&itinerary, log)
        #expect(Self.ids(sent) == [1, 3])
        #expect(itinerary.ended(sent[0], .accepted, at: 0) == .accepted)
        #expect(itinerary.ended(sent[1], .failed(), at: 0) == .givenUp)
        // It is done, and can be noted together with how far that is; but it is not noted.
        #expect(itinerary.through == MessageID(rawValue: 1))
        #expect(itinerary.underWay == 0 && Self.ids(itinerary.held) == [1, 3])
        #expect(Self.advance(&itinerary).isEmpty)
        itinerary.noted(1)
        sent = Self.advance(&itinerary)
        #expect(Self.ids(sent) == [4])
        itinerary.noted(1)
        #expect(Self.ids(Self.advance(&itinerary)) == [2])
        itinerary.skipped(sent[0])
        #expect(itinerary.held.isEmpty)
    }

    @Test func ofSeveralErrandsAboutOneAllHaveToBeDone() {
        var itinerary = Way(after: MessageID(rawValue: 0), Self.retry())
        let about = MessageID(rawValue: 9)
        let log: [Step] = [Errand(1, lane: "a", about: about), Errand(2, lane: "b", about: about)]
        let sent = Self.advance(&itinerary, log)
        #expect(Self.ids(sent) == [1, 2])
        _ = itinerary.ended(sent[1], .accepted, at: 0)
        #expect(itinerary.through == MessageID(rawValue: 8))
        _ = itinerary.ended(sent[0], .accepted, at: 0)
        #expect(itinerary.through == about)
    }
}
