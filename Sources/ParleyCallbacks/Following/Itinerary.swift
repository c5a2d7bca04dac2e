import NIOCore
import ParleyCore
import ParleyDialectKit

/// One rule's way along the log: what is to be sent next, and up to where everything is done. Decides; ``Follower`` acts.
///
/// - Invariant: of one conversation, one call is under way at a time, in the order of the log.
/// - Invariant: everything up to ``through`` was accepted, given up, or is nothing that the rule tells.
/// - Invariant: no more than ``Limits/outstanding`` entries are held, whatever the backend does.
struct Itinerary {
    struct Limits: Sendable {
        /// Entries that are held: read, and not done.
        var outstanding = 256
        /// Calls under way at once.
        var calls = 16
    }

    /// One thing to send.
    struct Errand: Sendable {
        let entry: Entry
        /// Attempts that have been made.
        var attempts = 0
        var firstSentAt: Timestamp?
        var began: Int64 = 0
        /// The record that says that it was given up, when it is sent once more.
        var again: CallbackRecord?
    }

    enum Step {
        case send(Errand)
        /// Look for what comes after this.
        case read(after: MessageID, limit: Int)
        /// Nothing until then (nil: until something happens).
        case wait(until: Int64?)
    }

    /// What is to be noted of an errand that has come to its end.
    enum Outcome: Hashable, Sendable {
        case accepted
        case givenUp
        case tryAgain
    }

    private let policy: CallbackPolicy
    private let limits: Limits
    private var breaker: Breaker
    /// The log has been read up to here.
    private var readThrough: MessageID
    private var isReading = false
    /// There may be something behind ``readThrough``.
    private var mayHaveMore = true
    /// Entries that were read and are not done, in the order of the log; what is done is in ``done`` until all before it is.
    private var outstanding = CircularBuffer<MessageID>()
    private var done: Set<MessageID> = []
    private var queues: [ConversationID: CircularBuffer<Errand>] = [:]
    /// Conversations with something to send of which nothing is under way.
    private var ready = CircularBuffer<ConversationID>()
    /// What is tried again at a time.
    private var delayed: [(at: Int64, errand: Errand)] = []
    /// What was given up once and is sent again: without an order.
    private var again = CircularBuffer<Errand>()
    private var awaited: Set<Int64> = []
    private(set) var underWay = 0

    init(after start: MessageID, _ policy: CallbackPolicy, limits: Limits = Limits()) {
        self.readThrough = start
        self.policy = policy
        self.limits = limits
        self.breaker = Breaker(policy)
    }

    /// Everything up to here is done.
    var through: MessageID {
        guard let first = self.outstanding.first else { return self.readThrough }
        return MessageID(rawValue: first.rawValue - 1)
    }

    var pausedUntil: Int64 { self.breaker.pausedUntil }

    // MARK: What comes in

    /// Something was committed.
    mutating func rang() { self.mayHaveMore = true }

    /// - Parameter entries: those that the rule tells.
    mutating func wasRead(_ entries: [Entry], through: MessageID) {
        self.isReading = false
        self.mayHaveMore = through > self.readThrough
        self.readThrough = max(self.readThrough, through)
        for entry in entries {
            self.outstanding.append(entry.id)
            self.enqueue(Errand(entry: entry))
        }
    }

    /// The log could not be read: again, when something happens.
    mutating func readFailed() {
        self.isReading = false
        self.mayHaveMore = false
    }

    /// - Parameter records: what is to be sent again, with what it was about.
    mutating func sendAgain(_ records: [(CallbackRecord, Entry)]) {
        for (record, entry) in records where self.awaited.insert(record.id ?? 0).inserted {
            self.again.append(Errand(entry: entry, again: record))
        }
    }

    /// How an attempt ended.
    ///
    /// - Returns: whether that is the end of the errand.
    mutating func ended(_ errand: Errand, isAccepted: Bool, at now: Int64) -> Outcome {
        self.underWay -= 1
        if isAccepted { self.breaker.succeeded() } else { self.breaker.failed(at: now) }
        guard isAccepted || errand.attempts >= self.policy.attempts else {
            self.delayed.append((now + self.policy.retryAfterMilliseconds, errand))
            return .tryAgain
        }
        self.finish(errand)
        return isAccepted ? .accepted : .givenUp
    }

    /// There turned out to be nothing to send.
    mutating func skipped(_ errand: Errand) {
        self.underWay -= 1
        self.finish(errand)
    }

    // MARK: What is to be done

    mutating func next(at now: Int64) -> Step {
        if self.mayHaveMore, !self.isReading, self.outstanding.count < self.limits.outstanding {
            self.isReading = true
            return .read(after: self.readThrough, limit: self.limits.outstanding - self.outstanding.count)
        }
        guard !self.breaker.isPaused(at: now) else { return .wait(until: self.breaker.pausedUntil) }
        guard self.underWay < (self.breaker.isProbing ? 1 : self.limits.calls) else { return .wait(until: nil) }
        if let errand = self.take(at: now) {
            self.underWay += 1
            return .send(errand)
        }
        return .wait(until: self.delayed.map(\.at).min())
    }

    private mutating func take(at now: Int64) -> Errand? {
        if let index = self.delayed.firstIndex(where: { $0.at <= now }) { return self.delayed.remove(at: index).errand }
        if let conversation = self.ready.popFirst() { return self.queues[conversation]?.first }
        return self.again.popFirst()
    }

    // MARK: One after the other

    private mutating func enqueue(_ errand: Errand) {
        let conversation = errand.entry.conversation
        if self.queues[conversation] == nil { self.ready.append(conversation) }
        self.queues[conversation, default: CircularBuffer()].append(errand)
    }

    private mutating func finish(_ errand: Errand) {
        if let record = errand.again {
            self.awaited.remove(record.id ?? 0)
            return
        }
        let conversation = errand.entry.conversation
        self.queues[conversation]?.removeFirst()
        if self.queues[conversation]?.isEmpty == false {
            self.ready.append(conversation)
        } else {
            self.queues[conversation] = nil
        }
        self.done.insert(errand.entry.id)
        while let first = self.outstanding.first, self.done.remove(first) != nil { self.outstanding.removeFirst() }
    }
}
