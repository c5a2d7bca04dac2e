import ParleyCore
import ParleyRongCloud
import Testing

@testable import ParleyRongSocket

struct ProgressTests {
    private static let epoch = Timestamp(milliseconds: MessageID.epochMilliseconds)
    private static let start: Int64 = 1_800_000_000_000

    private func id(_ milliseconds: Int64, _ slot: UInt16 = 0) -> MessageID {
        MessageID(sentAt: Timestamp(milliseconds: Self.start + milliseconds), slot: slot)
    }

    /// A client that asks from the beginning, and has been handed all of these, of others.
    private func live(_ ids: [MessageID]) -> Progress {
        var progress = Progress()
        progress.begin(Progress.Wish(received: 0, sent: 0), retainedSince: Self.epoch)
        for id in ids { progress.handed(over: progress.pass(id), isOwn: false) }
        progress.caughtUp()
        return progress
    }

    // MARK: States

    @Test func aClientHasBegunWhenItAsksAndIsLiveWhenItHasGotAll() {
        var progress = Progress()
        #expect(!progress.hasBegun && !progress.isLive)
        progress.begin(Progress.Wish(received: 0, sent: 0), retainedSince: Self.epoch)
        #expect(progress.hasBegun && !progress.isLive)
        _ = progress.pass(self.id(0))
        #expect(progress.position == self.id(0) && !progress.isLive)
        progress.caughtUp()
        #expect(progress.hasBegun && progress.isLive)
    }

    @Test func whoHasAllThatItWasHandedStaysLive() {
        var progress = self.live([self.id(0), self.id(10)])
        progress.begin(Progress.Wish(received: Self.start + 10, sent: 0), retainedSince: Self.epoch)
        #expect(progress.isLive && progress.position == self.id(10))
    }

    @Test func whoLacksSomethingIsReadForAgain() {
        var progress = self.live([self.id(0), self.id(10)])
        progress.begin(Progress.Wish(received: Self.start, sent: nil), retainedSince: Self.epoch)
        #expect(!progress.isLive && progress.hasBegun)
        #expect(progress.position.sentAt.milliseconds == Self.start - Stamps.overlap)
        // What it has comes with the time that it had, and is not what it wants.
        let wish = Progress.Wish(received: Self.start, sent: nil)
        #expect(!wish.includes(progress.pass(self.id(0)), isOwn: false))
        #expect(wish.includes(progress.pass(self.id(10)), isOwn: false))
    }

    @Test func ofItsOwnMessagesAClientMayHaveLess() {
        var progress = self.live([self.id(0)])
        let time = progress.pass(self.id(5))
        progress.handed(over: time, isOwn: true)
        progress.begin(Progress.Wish(received: Self.start, sent: Self.start), retainedSince: Self.epoch)
        #expect(progress.isLive)
    }

    @Test func readingBeginsNoEarlierThanWhatIsKept() {
        var progress = Progress()
        let retained = Timestamp(milliseconds: Self.start - 60_000)
        progress.begin(Progress.Wish(received: 0, sent: 0), retainedSince: retained)
        #expect(progress.position.sentAt == retained)
    }

    @Test func readingBeginsWithTheEarlierOfTheTwoCursors() {
        var progress = Progress()
        let wish = Progress.Wish(received: Self.start, sent: Self.start - 20_000)
        progress.begin(wish, retainedSince: Self.epoch)
        #expect(progress.position.sentAt.milliseconds == Self.start - 20_000 - Stamps.overlap)
        // A client that has none of its own yet is not given all of them.
        progress.begin(Progress.Wish(received: Self.start, sent: 0), retainedSince: Self.epoch)
        #expect(progress.position.sentAt.milliseconds == Self.start - Stamps.overlap)
    }

    // MARK: Cursors

    @Test func theCursorIsTheLastTimeAndNeverGoesBack() {
        var progress = Progress()
        let wish = Progress.Wish(received: Self.start + 100, sent: nil)
        progress.begin(wish, retainedSince: Self.epoch)
        #expect(progress.give(wish) == Self.start + 100)
        _ = progress.pass(self.id(50))
        #expect(progress.give(wish) == Self.start + 100)
        _ = progress.pass(self.id(150))
        #expect(progress.give(wish) == Self.start + 150)
        let now = Timestamp(milliseconds: Self.start)
        #expect(progress.timeOfNotice(at: now) == Self.start + 151)
        #expect(progress.timeOfNotice(at: Timestamp(milliseconds: Self.start + 900)) == Self.start + 900)
    }

    @Test func theNextPageGoesOnWhereTheLastEnded() {
        var progress = Progress()
        let wish = Progress.Wish(received: 0, sent: 0)
        progress.begin(wish, retainedSince: Self.epoch)
        progress.handed(over: progress.pass(self.id(0)), isOwn: false)
        let next = Progress.Wish(received: progress.give(wish), sent: 0)
        progress.begin(next, retainedSince: Self.epoch)
        #expect(progress.position == self.id(0) && !progress.isLive)
        // Unless it is not known how far the last one went.
        progress.lose()
        progress.begin(next, retainedSince: Self.epoch)
        #expect(progress.position < self.id(0))
    }

    /// What is in no log is counted like a message, and must hide none.
    @Test func theTimeOfAnEventIsEarlierThanThatOfWhatComesNext() {
        var progress = self.live([self.id(0), self.id(10)])
        let time = progress.timeOfEvent(connectedAt: Timestamp(milliseconds: Self.start))
        progress.told(at: time, isOwn: false)
        #expect(time >= Self.start + 10)
        #expect(progress.pass(self.id(11)) > time)
    }

    @Test func whatIsHandedOverIsLaterThanAnythingThatTheClientHas() {
        var progress = self.live([self.id(0)])
        // It was told of a later time by a connection before this one.
        progress.begin(Progress.Wish(received: Self.start + 500, sent: nil), retainedSince: Self.epoch)
        #expect(progress.isLive)
        #expect(progress.pass(self.id(10)) == Self.start + 501)
    }

    @Test func whatWasLookedAtIsNotLookedAtAgain() {
        var progress = self.live([self.id(10)])
        progress.reach(self.id(5))
        #expect(progress.position == self.id(10))
        progress.reach(self.id(20))
        #expect(progress.position == self.id(20))
    }

    @Test func ofOwnMessagesThoseAreWantedThatAreLater() {
        let both = Progress.Wish(received: 10, sent: 20)
        #expect(both.includes(11, isOwn: false) && !both.includes(10, isOwn: false))
        #expect(both.includes(21, isOwn: true) && !both.includes(20, isOwn: true))
        #expect(!Progress.Wish(received: 10, sent: nil).includes(21, isOwn: true))
    }
}

struct StampsTests {
    private static let start: Int64 = 1_800_000_000_000

    private func id(_ milliseconds: Int64, _ slot: UInt16 = 0) -> MessageID {
        MessageID(sentAt: Timestamp(milliseconds: Self.start + milliseconds), slot: slot)
    }

    private func times(_ ids: some Sequence<MessageID>) -> [Int64] {
        var stamps = Stamps()
        return ids.map { stamps.next($0) }
    }

    @Test func timesAreThoseOfSendingUnlessTheyAreEqual() {
        let ids = [self.id(0), self.id(0, 1), self.id(0, 2), self.id(1), self.id(9)]
        #expect(self.times(ids) == [0, 1, 2, 3, 9].map { Self.start + $0 })
    }

    @Test func timesAreUniqueAndIncreaseThroughBursts() {
        let ids = (0..<20).flatMap { burst in (0..<200).map { self.id(burst * 7, UInt16($0)) } }
        let times = self.times(ids)
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
        #expect(zip(ids, times).allSatisfy { $0.sentAt.milliseconds <= $1 })
        #expect(times.count == 4000)
    }

    /// Whoever asks begins to read at another place, and must be given the same times.
    @Test(arguments: 1...20)
    func timesAreTheSameWhereverReadingBegins(seed: UInt64) {
        var random = Randomness(seed: seed)
        var milliseconds: Int64 = 0
        let ids = (0..<3000).map { number in
            // On average one in six milliseconds, and often several in one.
            milliseconds += random.next(below: 4) == 0 ? Int64(random.next(below: 48)) : 0
            return self.id(milliseconds, UInt16(number & 0xFFF))
        }.sorted()
        let all = self.times(ids)
        for _ in 0..<20 {
            let wanted = Int(random.next(below: UInt64(ids.count)))
            let begins = ids[wanted].sentAt.milliseconds - Stamps.overlap
            let first = ids.firstIndex { $0.sentAt.milliseconds >= begins } ?? 0
            #expect(self.times(ids[first...]).suffix(ids.count - wanted) == all.suffix(ids.count - wanted))
        }
    }

    @Test func whatComesAfterATimeThatTheClientHasIsLater() {
        var stamps = Stamps()
        stamps.pass(Self.start + 5)
        #expect(stamps.next(self.id(0)) == Self.start + 6)
        stamps.pass(Self.start)
        #expect(stamps.next(self.id(1)) == Self.start + 7)
        #expect(stamps.next(self.id(100)) == Self.start + 100)
    }
}

/// SplitMix64: the same on every machine.
private struct Randomness {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    mutating func next(below bound: UInt64) -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var value = (self.state ^ (self.state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return (value ^ (value >> 31)) % bound
    }
}
