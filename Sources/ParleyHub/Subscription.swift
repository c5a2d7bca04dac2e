import NIOCore
import ParleyCore

/// One reader in one conversation: how far he has read. The unit that live delivery, catching up and confirmation move.
final class Subscription {
    let reader: Reader
    let feed: Feed
    /// Up to where entries have been written, or passed over because they are not for this reader.
    var cursor: UInt64
    /// Up to where the client is known to have them.
    var confirmed: UInt64
    /// What was written before the ping that is under way.
    var pinged: UInt64
    /// Entries up to here are from before the user joined, or he has cleared them.
    private(set) var shownAfter: UInt64
    /// Nil nearly always.
    var exceptions: Exceptions?
    /// The newest entry that was written. Ids grow for ever, also across a group's end and its beginning again.
    var newest = MessageID(rawValue: 0)
    /// Entries up to this one were written before the user left and came back.
    var resumesAfter = MessageID(rawValue: 0)
    /// While catching up after the connect: from where on the reader counts as up to date here.
    var target: UInt64 = 0
    /// Which of the encoded forms of an entry is this reader's.
    let form: Int
    /// Its place among the feed's subscriptions.
    var index = 0
    /// The number of the last run that has something in it for this reader alone.
    var selectedRun: UInt64 = 0
    var state: State

    struct State: OptionSet {
        let rawValue: UInt8

        /// In the reader's backlog, or being read for: the fast path leaves it alone.
        static let queued = State(rawValue: 1 << 0)
        /// The member does not want what is said here.
        static let discarding = State(rawValue: 1 << 1)
        /// Some entries were written in an earlier stay.
        static let resuming = State(rawValue: 1 << 2)
        static let ended = State(rawValue: 1 << 3)
        /// In the reader's list of what is not confirmed.
        static let unconfirmed = State(rawValue: 1 << 4)
        /// In the shard's list of cursors to save.
        static let unsaved = State(rawValue: 1 << 5)

        /// A run is written as it is only to who has none of these.
        static let special: State = [.queued, .discarding, .resuming, .ended]
    }

    init(_ reader: Reader, to feed: Feed, after cursor: UInt64, joinedAtSequence: UInt64) {
        self.reader = reader
        self.feed = feed
        self.cursor = cursor
        self.confirmed = cursor
        self.pinged = cursor
        self.shownAfter = joinedAtSequence
        self.form = feed.form(for: reader)
        self.state = []
    }

    var isBehind: Bool { self.cursor < self.feed.last }
    var hasEnded: Bool { self.state.contains(.ended) }

    var viewer: Viewer {
        Viewer(user: self.reader.client.user, shownAfter: self.shownAfter, connectedAt: self.reader.connectedAt)
    }

    func shows(_ entry: Entry) -> Bool {
        entry.id > self.resumesAfter && entry.isVisible(to: self.viewer, for: .delivery)
            && self.exceptions?.includes(entry) != true
    }

    /// Moves on without having written anything. Nobody needs to confirm that, unless something before it is still unconfirmed.
    func pass(to sequence: UInt64) {
        guard sequence > self.cursor else { return }
        let nothingWasOpen = self.confirmed == self.cursor
        self.cursor = sequence
        if nothingWasOpen {
            self.confirmed = sequence
            self.pinged = sequence
            self.reader.shard.save(self)
        } else {
            self.reader.noteUnconfirmed(self)
        }
    }

    /// The client has everything up to `sequence`.
    func confirm(through sequence: UInt64) {
        let sequence = min(sequence, self.cursor)
        guard sequence > self.confirmed else { return }
        self.confirmed = sequence
        if self.reader.mayFetch, !self.state.contains(.queued) { self.forgetExceptions() }
        self.reader.shard.save(self)
    }

    var asCursor: Cursor {
        Cursor(
            conversation: self.feed.conversation, user: self.reader.client.user, device: self.reader.client.device,
            sequence: self.confirmed)
    }
}

// MARK: What is not read

/// What only few have to remember about a conversation, and only until they are up to date; those who fetch, until the client has everything.
final class Exceptions {
    /// To be told before the next entry, in order.
    var gaps: [Gap] = []
    /// What the user had deleted when it was looked up.
    var hidden: Set<UInt64> = []
    /// What he has deleted since.
    var deleted: Set<MessageID> = []
    /// Up to here nobody has asked yet what the user deleted or cleared: what is read there is looked up in the log, and asked about.
    var unknownThrough: UInt64 = 0

    func includes(_ entry: Entry) -> Bool {
        self.deleted.contains(entry.id) || entry.sequence.map(self.hidden.contains) == true
    }
}

extension Subscription {
    var hasGaps: Bool { self.exceptions?.gaps.isEmpty == false }

    func makeExceptions() -> Exceptions {
        if let exceptions = self.exceptions { return exceptions }
        let exceptions = Exceptions()
        self.exceptions = exceptions
        return exceptions
    }

    /// What was said up to `sequence` was said when nobody here noted what the user deletes and clears.
    func hasUnknownDeletions(through sequence: UInt64) {
        guard sequence > 0 else { return }
        let exceptions = self.makeExceptions()
        exceptions.unknownThrough = max(exceptions.unknownThrough, sequence)
    }

    /// There is nothing before the conversation's end that is still to be written, or fetched.
    func forgetExceptions() { if !self.hasMoreToFetch { self.exceptions = nil } }

    private var hasMoreToFetch: Bool { self.reader.mayFetch && self.confirmed < self.feed.last }

    func clear(through sequence: UInt64) { self.shownAfter = max(self.shownAfter, sequence) }

    /// Who is up to date has them: he is told by the event.
    func hide(_ messages: some Sequence<MessageID>) {
        if self.isBehind || self.hasMoreToFetch { self.makeExceptions().deleted.formUnion(messages) }
    }

    /// Passes over a piece, which the client is told of. Unlike what is merely not for him, he has to confirm it: until he has heard of it, he is to be
    /// told again.
    func skip(after: UInt64, through sequence: UInt64, because reason: Gap.Reason) {
        guard after < sequence else { return }
        self.makeExceptions().gaps.append(
            Gap(
                conversation: self.feed.conversation.conversation, after: after, before: sequence + 1, reason: reason))
        self.cursor = sequence
    }
}
