package import ParleyCore

/// What was said to a reader who listens to the ``Bell``, since he began to: what is live need not be read from the log by everyone who hears of it.
///
/// It is kept until he has dealt with it, and given up when it is too much.
struct Hearing {
    /// Entries. All who hear one share it.
    private static let limit = 256

    private var items: [Mail.Item] = []
    private var bytes = 0
    private(set) var isTooMuch = false
    /// The terminal was told of less than there is: something before the rest was still to be handed out.
    private(set) var isHeldBack = false

    mutating func append(_ items: [Mail.Item]) {
        guard !self.isTooMuch else { return }
        if self.items.isEmpty {
            self.items = items
        } else {
            self.items += items
        }
        self.bytes += items.reduce(0) { $0 + $1.entry.estimatedBytes }
        guard self.items.count > Self.limit || self.bytes > Mail.byteLimit else { return }
        self.isTooMuch = true
        self.items = []
    }

    /// In order, though what is said in several conversations comes conversation by conversation.
    mutating func items(after id: MessageID, through last: MessageID) -> [Mail.Item] {
        if !self.isInOrder { self.items.sort { $0.entry.id < $1.entry.id } }
        self.isHeldBack = false
        guard let oldest = self.items.first?.entry.id, let newest = self.items.last?.entry.id else { return [] }
        self.isHeldBack = newest > last
        if oldest > id, newest <= last { return self.items }
        return self.items.filter { $0.entry.id > id && $0.entry.id <= last }
    }

    private var isInOrder: Bool {
        self.items.count < 2 || zip(self.items, self.items.dropFirst()).allSatisfy { $0.entry.id < $1.entry.id }
    }

    mutating func forget(through id: MessageID) {
        if self.items.allSatisfy({ $0.entry.id <= id }) {
            (self.items, self.bytes) = ([], 0)
        } else {
            self.items.removeAll { $0.entry.id <= id }
        }
    }
}

/// For terminals that listen to the ``Bell``.
extension Reader {
    /// Keeps what is said from now on for ``heard(after:)``. Called before the log is read: what is in neither then is still to come. Whoever does so goes on from
    /// the end of what he reads, or stops listening.
    ///
    /// Nothing is kept before it is known which conversations are the client's.
    package func listen() { self.hearing = self.session.phase == .live ? Hearing() : nil }

    package func stopListening() { self.hearing = nil }

    /// What was said after `id`, as the ``ParleyCore/Mailbox`` would answer it. It goes as far as ``ParleyCore/Mail/through``: what waits in a large group for
    /// others' turns is told of later. Nil: not all of it is here, and the log is to be read.
    package func heard(after id: MessageID) -> Mail? {
        guard self.hearing?.isTooMuch == false else { return nil }
        let through = max(id, self.shard.toldThrough(self))
        return Mail(items: self.hearing?.items(after: id, through: through) ?? [], through: through)
    }

    /// The terminal has dealt with everything up to there.
    package func forgetHeard(through id: MessageID) { self.hearing?.forget(through: id) }

    /// - Returns: whether something was said that the terminal has not been told of. It is not told any more.
    package func takeRing() -> Bool { exchange(&self.isRung, for: false) }
}

extension Shard {
    /// Its terminal reads the log instead.
    func stopHearing(_ reader: Reader) {
        self.ringIfHeldBack(reader)
        reader.hearing = nil
    }

    /// What the terminal was not told of waited for something that is dealt with now.
    func ringIfHeldBack(_ reader: Reader) {
        guard reader.hearing?.isHeldBack == true, !reader.session.hasEnded else { return }
        reader.isRung = true
        self.flushLater(reader)
    }

    /// Everything that is the reader's has been handed out up to here.
    fileprivate func toldThrough(_ reader: Reader) -> MessageID {
        self.feedsWithRun.reduce(self.newest) { through, feed in
            guard let first = feed.run.first?.id, feed.conversation.app == reader.client.app,
                reader.subscriptions[feed.conversation.conversation] != nil
            else { return through }
            return min(through, MessageID(rawValue: first.rawValue - 1))
        }
    }
}
