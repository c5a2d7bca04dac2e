package import ParleyCore

/// What one follower of the log does with what it finds there: the part in which callbacks and pushes differ. ``Follower`` does the rest.
package protocol Trail: Sendable {
    /// One thing to do.
    associatedtype Work: Sendable
    /// Of one lane, one thing is under way at a time, in order.
    associatedtype Lane: Hashable, Sendable
    /// How an attempt went, for the record.
    associatedtype Report: Sendable
    /// What is kept of something that has come to its end.
    associatedtype Record: Sendable

    /// Who is followed for whom, in the server's own log.
    var name: String { get }
    var retry: RetryPolicy { get }
    var limits: FollowLimits { get }

    /// What is to be done about what comes after an id, at most `limit` entries further.
    func read(after: MessageID, limit: Int) async throws -> Stretch<Work, Lane>
    func attempt(_ errand: Errand<Work, Lane>) async -> Attempt<Report>
    func record(of errand: Errand<Work, Lane>, _ report: Report, _ outcome: ErrandOutcome) -> Record
    /// Of one that was wanted again, and about which there is nothing to do any more.
    func record(of errand: Errand<Work, Lane>) -> Record
    /// Notes how far all is done (nil: no further), and what came to its end, in one transaction.
    func note(_ progress: MessageID?, _ records: [Record]) async throws
    /// What came to no good end and is to be tried once more because somebody asked for it.
    func wantedAgain() async -> [Errand<Work, Lane>]
}

/// A piece of the log, and what is to be done about it, in the order of the log.
package struct Stretch<Work: Sendable, Lane: Hashable & Sendable>: Sendable {
    package var errands: [Errand<Work, Lane>]
    /// Up to where it goes: where it began, when there is nothing more.
    package var through: MessageID

    package init(errands: [Errand<Work, Lane>], through: MessageID) {
        self.errands = errands
        self.through = through
    }
}

/// One thing to do about one thing in the log.
package struct Errand<Work: Sendable, Lane: Hashable & Sendable>: Sendable {
    package let work: Work
    package let lane: Lane
    /// What it is about. Several errands may be about one.
    package let about: MessageID
    /// The record that says that it was given up, when it is sent once more.
    package let again: Int64?
    package internal(set) var attempts = 0
    package internal(set) var firstSentAt: Timestamp?
    /// Of a clock that does not jump, in milliseconds.
    package internal(set) var began: Int64 = 0
    /// In the order in which they were read.
    var number: UInt64 = 0

    package init(_ work: Work, lane: Lane, about: MessageID, again: Int64? = nil) {
        self.work = work
        self.lane = lane
        self.about = about
        self.again = again
    }
}

package enum Attempt<Report: Sendable>: Sendable {
    /// There turned out to be nothing to do: no record is kept.
    case nothing
    case ended(Verdict, Report)
}

package enum Verdict: Hashable, Sendable {
    case accepted
    /// For good; but who was called is well.
    case refused
    /// It may go better the next time. Nil: after what the policy says.
    case failed(retryAfterMilliseconds: Int64? = nil)
}

/// How an errand came to its end.
package enum ErrandOutcome: Hashable, Sendable {
    case accepted
    case refused
    case givenUp
}

package struct FollowLimits: Hashable, Sendable {
    /// Entries of the log that are held: read, and not done. What is to be done about them is not more for that than it is.
    package var outstanding: Int
    /// Entries that are read together.
    package var page: Int
    /// Attempts under way at once.
    package var calls: Int
    /// What has come to its end is noted after this long, or when there are ``batch`` of it.
    package var noteAfterMilliseconds: Int64
    package var batch: Int
    /// Of a lane, the next is begun when the one before is noted, not when it has ended: a crash then repeats one of each lane at most, and ``calls`` in
    /// all. For what must not be done twice, and is worth a flush each time.
    package var notesBeforeNext: Bool

    package init(
        outstanding: Int = 256, page: Int = 256, calls: Int = 16, noteAfterMilliseconds: Int64 = 200, batch: Int = 64,
        notesBeforeNext: Bool = false
    ) {
        self.outstanding = outstanding
        self.page = page
        self.calls = calls
        self.noteAfterMilliseconds = noteAfterMilliseconds
        self.batch = batch
        self.notesBeforeNext = notesBeforeNext
    }
}
