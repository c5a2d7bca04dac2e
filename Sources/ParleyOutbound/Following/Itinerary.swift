import NIOCore
import ParleyCore

/// A follower's way along the log: what is to be done next, and up to where everything is done. Decides; ``Follower`` acts.
///
/// - Invariant: of one lane, one errand is under way at a time, in the order of the log; where ``FollowLimits/notesBeforeNext``, until it is noted.
/// - Invariant: everything up to ``through`` was accepted, refused or given up, or there was nothing to do about it.
/// - Invariant: no more than ``FollowLimits/outstanding`` errands are waiting when more is read, whatever those who are called do.
struct Itinerary<Work: Sendable, Lane: Hashable & Sendable> {
    typealias Errand = ParleyOutbound.Errand<Work, Lane>

    enum Step {
        case send(Errand)
        /// Look for what comes after this.
        case read(after: MessageID, limit: Int)
        /// Nothing until then (nil: until something happens).
        case wait(until: Int64?)
    }

    private let retry: RetryPolicy
    private let limits: FollowLimits
    private var breaker: Breaker
    /// The log has been read up to here.
    private var readThrough: MessageID
    private var isReading = false
    /// There may be something behind ``readThrough``.
    private var mayHaveMore = true
    /// Errands that were read and are not done, in the order of the log; what is done is in ``done`` until all before it is.
    private var outstanding = CircularBuffer<(number: UInt64, about: MessageID)>()
    private var done: Set<UInt64> = []
    private var lastNumber: UInt64 = 0
    private var queues: [Lane: CircularBuffer<Errand>] = [:]
    /// Lanes with something to do of which nothing is under way.
    private var ready = CircularBuffer<Lane>()
    /// What is tried again at a time.
    private var delayed: [(at: Int64, errand: Errand)] = []
    /// What was given up once and is tried again: without an order.
    private var again = CircularBuffer<Errand>()
    /// Of ``again``: found, and perhaps found once more until a look begins after it was noted.
    private var awaited: Set<Int64> = []
    private var notedAgain: Set<Int64> = []
    private(set) var underWay = 0
    /// Ended, and not noted: their lanes wait, and what was sent again is not to be found again.
    private(set) var held: [Errand] = []

    init(after start: MessageID, _ retry: RetryPolicy, limits: FollowLimits = FollowLimits()) {
        self.readThrough = start
        self.retry = retry
        self.limits = limits
        self.breaker = Breaker(retry)
    }

    /// Everything up to here is done.
    var through: MessageID {
        guard let first = self.outstanding.first else { return self.readThrough }
        return MessageID(rawValue: first.about.rawValue - 1)
    }

    var pausedUntil: Int64 { self.breaker.pausedUntil }

    // MARK: What comes in

    /// Something was committed.
    mutating func rang() { self.mayHaveMore = true }

    mutating func wasRead(_ stretch: Stretch<Work, Lane>) {
        self.isReading = false
        if stretch.through > self.readThrough { self.mayHaveMore = true }
        self.readThrough = max(self.readThrough, stretch.through)
        for errand in stretch.errands { self.enqueue(errand) }
    }

    /// The log could not be read: again, when something happens.
    mutating func readFailed() {
        self.isReading = false
    }

    /// Somebody looks for what is wanted again.
    mutating func looksAgain() {
        self.awaited.subtract(self.notedAgain)
        self.notedAgain = []
    }

    mutating func wantAgain(_ errands: [Errand]) {
        for errand in errands where self.awaited.insert(errand.again ?? 0).inserted { self.again.append(errand) }
    }

    /// How an attempt ended.
    ///
    /// - Returns: how the errand did; nil, when it is tried again.
    mutating func ended(_ errand: Errand, _ verdict: Verdict, at now: Int64) -> ErrandOutcome? {
        self.underWay -= 1
        switch verdict {
        case .accepted, .refused: self.breaker.succeeded()
        case .failed(let retryAfter):
            self.breaker.failed(at: now)
            guard errand.attempts >= self.retry.attempts else {
                self.delayed.append((now + (retryAfter ?? self.retry.retryAfterMilliseconds), errand))
                return nil
            }
        }
        self.finish(errand)
        if self.limits.notesBeforeNext || errand.again != nil {
            self.held.append(errand)
        } else {
            self.release(errand)
        }
        return switch verdict {
        case .accepted: .accepted
        case .refused: .refused
        case .failed: .givenUp
        }
    }

    /// There turned out to be nothing to do.
    mutating func skipped(_ errand: Errand) {
        self.underWay -= 1
        self.finish(errand)
        if errand.again != nil { self.held.append(errand) } else { self.release(errand) }
    }

    /// The first so many of ``held`` are noted.
    mutating func noted(_ count: Int) {
        for errand in self.held.prefix(count) { self.release(errand) }
        self.held.removeFirst(count)
    }

    // MARK: What is to be done

    mutating func next(at now: Int64) -> Step {
        if self.mayHaveMore, !self.isReading, self.outstanding.count < self.limits.outstanding {
            self.isReading = true
            // What rings from now on may come too late for this look.
            self.mayHaveMore = false
            let limit = min(self.limits.page, self.limits.outstanding - self.outstanding.count)
            return .read(after: self.readThrough, limit: limit)
        }
        guard !self.breaker.isPaused(at: now) else { return .wait(until: self.breaker.pausedUntil) }
        let places = self.breaker.isProbing ? 1 : self.limits.calls
        guard self.underWay + self.held.count < places else { return .wait(until: nil) }
        if let errand = self.take(at: now) {
            self.underWay += 1
            return .send(errand)
        }
        return .wait(until: self.delayed.map(\.at).min())
    }

    private mutating func take(at now: Int64) -> Errand? {
        if let index = self.delayed.firstIndex(where: { $0.at <= now }) { return self.delayed.remove(at: index).errand }
        if let lane = self.ready.popFirst() { return self.queues[lane]?.first }
        return self.again.popFirst()
    }

    // MARK: One after the other

    private mutating func enqueue(_ errand: Errand) {
        self.lastNumber += 1
        var errand = errand
        errand.number = self.lastNumber
        self.outstanding.append((errand.number, errand.about))
        if self.queues[errand.lane] == nil { self.ready.append(errand.lane) }
        self.queues[errand.lane, default: CircularBuffer()].append(errand)
    }

    /// Its lane goes on.
    private mutating func release(_ errand: Errand) {
        if let record = errand.again {
            self.notedAgain.insert(record)
            return
        }
        self.queues[errand.lane]?.removeFirst()
        if self.queues[errand.lane]?.isEmpty == false {
            self.ready.append(errand.lane)
        } else {
            self.queues[errand.lane] = nil
        }
    }

    private mutating func finish(_ errand: Errand) {
        guard errand.again == nil else { return }
        self.done.insert(errand.number)
        while let first = self.outstanding.first, self.done.remove(first.number) != nil {
            self.outstanding.removeFirst()
        }
    }
}
