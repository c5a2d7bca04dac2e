import NIOCore
import ParleyCore

/// Reading on: how whoever is behind (after a connect, with a slow socket, after a gap) gets from his cursor to the end of the conversation.
extension Shard {
    /// Conversations that one reader may have being read from the log at the same time.
    private static let readsPerReader = 4

    func queue(_ subscription: Subscription) {
        // What is not handed out with its run is not heard.
        self.stopHearing(subscription.reader)
        guard !subscription.state.contains(.queued), !subscription.hasEnded else { return }
        subscription.state.insert(.queued)
        subscription.reader.backlog.append(subscription)
        self.readLater(subscription.reader)
    }

    /// What had no room before, and then a piece of each conversation in turn, from the tail while it has it, else from the log; until the outbox is full.
    func readOn(_ reader: Reader) {
        if !reader.postponed.isEmpty { self.tellPostponed(reader) }
        if !reader.due.isEmpty { self.tellDue(reader) }
        while reader.outbox.hasRoom, reader.readsUnderWay < Self.readsPerReader,
            let subscription = reader.backlog.popFirst()
        {
            guard !subscription.hasEnded else { continue }
            self.passOverWhatIsNotShown(subscription)
            guard subscription.isBehind else {
                self.isUpToDate(subscription)
                continue
            }
            // What is passed here may not have been handed out yet, and will not be heard then.
            self.stopHearing(reader)
            if self.isInTail(subscription) {
                self.readTail(for: subscription)
                self.goOn(with: subscription)
            } else if reader.listensToBell {
                self.ring(for: subscription)
                self.goOn(with: subscription)
            } else {
                self.readLog(for: subscription)
            }
        }
    }

    private func goOn(with subscription: Subscription) {
        if subscription.isBehind || subscription.hasGaps {
            subscription.reader.backlog.append(subscription)
        } else {
            self.isUpToDate(subscription)
        }
    }

    private func isUpToDate(_ subscription: Subscription) {
        subscription.state.remove(.queued)
        subscription.forgetExceptions()
        self.reachedTarget(subscription)
    }

    func reachedTarget(_ subscription: Subscription) {
        guard subscription.target > 0 else { return }
        subscription.target = 0
        self.perform(subscription.reader.session.caughtUpInOne(), for: subscription.reader)
    }

    func perform(_ action: Session.Action, for reader: Reader) {
        switch action {
        case .nothing: break
        case .lookUp: self.lookUp(reader)
        case .announceReady: reader.terminal?.caughtUp()
        case .readOn: self.readLater(reader)
        case .ping(let number): reader.ping(number)
        case .end(let ending): self.end(reader, because: ending)
        }
    }

    // MARK: Pieces that are not sent

    private func passOverWhatIsNotShown(_ subscription: Subscription) {
        for gap in subscription.exceptions?.gaps ?? [] { self.tell(gap, to: subscription) }
        subscription.exceptions?.gaps = []
        subscription.pass(to: min(subscription.shownAfter, subscription.feed.last))
    }

    private func tell(_ gap: Gap, to subscription: Subscription) {
        let reader = subscription.reader
        reader.noteUnconfirmed(subscription)
        var gap = gap
        gap.after = max(gap.after, subscription.shownAfter)
        guard gap.before > gap.after + 1 else { return }
        reader.terminal?.skipped(gap)
        reader.wantsConfirmation = true
        self.flushLater(reader)
    }

    // MARK: From the tail

    private func isInTail(_ subscription: Subscription) -> Bool {
        subscription.feed.tail.contains(subscription.cursor + 1)
            && subscription.cursor >= subscription.exceptions?.unknownThrough ?? 0
    }

    private func readTail(for subscription: Subscription) {
        let feed = subscription.feed
        for _ in 0..<self.configuration.readLimit {
            let sequence = subscription.cursor + 1
            guard subscription.reader.outbox.hasRoom, feed.tail.contains(sequence) else { break }
            let entry = feed.tail.entry(sequence)
            self.hand(entry, to: subscription) { self.tailFrames(of: entry, for: subscription) }
        }
    }

    private func tailFrames(of entry: Entry, for subscription: Subscription) -> ByteBuffer {
        let feed = subscription.feed
        let sequence = entry.sequence!
        if let frames = feed.tail.frames(sequence, form: subscription.form) { return frames }
        var frames = ByteBuffer()
        subscription.reader.wire.write(entry, for: feed.end(of: subscription.reader), into: &frames)
        feed.tail.keep(frames, of: sequence, form: subscription.form)
        self.tailBytes += frames.readableBytes
        return frames
    }

    /// Writes an entry that follows the cursor, or passes over it.
    private func hand(_ entry: Entry, to subscription: Subscription, frames: () -> ByteBuffer) {
        guard let sequence = entry.sequence else { return }
        guard subscription.shows(entry) else { return subscription.pass(to: sequence) }
        subscription.state.remove(.resuming)
        let reader = subscription.reader
        subscription.cursor = sequence
        subscription.newest = max(subscription.newest, entry.id)
        reader.noteUnconfirmed(subscription)
        reader.wantsConfirmation = true
        reader.deliver(frames())
        self.flushLater(reader, in: subscription.feed)
        self.tallies.deliveries += 1
    }

    // MARK: From the log

    /// Who reads the log by himself need only be told that there is something: in a chat room it may be all that was ever said there.
    private func ring(for subscription: Subscription) {
        subscription.cursor = subscription.feed.last
        subscription.reader.noteUnconfirmed(subscription)
        subscription.reader.isRung = true
        self.flushLater(subscription.reader, in: subscription.feed)
    }

    private func readLog(for subscription: Subscription) {
        let reader = subscription.reader
        reader.readsUnderWay += 1
        let bound = NIOLoopBound(subscription, eventLoop: self.loop)
        self.gate.enter {
            let subscription = bound.value
            guard !subscription.hasEnded, !self.isInTail(subscription) else {
                reader.readsUnderWay -= 1
                if !subscription.hasEnded { reader.backlog.append(subscription) }
                self.readLater(reader)
                self.gate.leave()
                return self.settle()
            }
            self.tallies.catchUpReads += 1
            let cursor = subscription.cursor
            let known = (last: subscription.feed.last, changes: subscription.feed.changes)
            let isUnknown = cursor < subscription.exceptions?.unknownThrough ?? 0
            self.archive.entries(
                of: subscription.feed.conversation, after: cursor, limit: self.configuration.readLimit,
                hiddenFrom: isUnknown ? reader.client.user : nil, on: self.loop
            ) { result in
                self.wasRead(result, for: bound.value, after: cursor, known)
                // Only now: who comes next may find in the tail what this one has brought.
                self.gate.leave()
                self.settle()
            }
        }
    }

    /// - Parameters:
    ///   - cursor: where the subscription was when the log was asked.
    ///   - known: the feed's last sequence then, and how often it had changed.
    private func wasRead(
        _ result: Result<Piece, any Error>, for subscription: Subscription, after cursor: UInt64,
        _ known: (last: UInt64, changes: UInt64)
    ) {
        subscription.reader.readsUnderWay -= 1
        guard !subscription.hasEnded else { return self.readLater(subscription.reader) }
        switch result {
        case .failure:
            self.tallies.failedReads += 1
            self.failedReads.append(subscription)
        case .success(let piece):
            if subscription.feed.changes == known.changes { self.share(piece, with: subscription.feed) }
            // Else the client has moved back meanwhile, and this is not what comes next.
            if subscription.cursor >= cursor { self.wasRead(piece, for: subscription, lastKnown: known.last) }
            self.goOn(with: subscription)
        }
        self.readLater(subscription.reader)
    }

    private func wasRead(_ piece: Piece, for subscription: Subscription, lastKnown: UInt64) {
        subscription.clear(through: piece.clearedThrough)
        self.handOut(piece, to: subscription)
        let wasShort = piece.entries.count < self.configuration.readLimit
        let wroteAll = piece.entries.last.map { subscription.cursor >= $0.sequence ?? 0 } ?? true
        if wasShort, wroteAll, subscription.isBehind, subscription.feed.last == lastKnown {
            // The log ends before what was thought to be its end: its newest entries are past keeping, or the
            // conversation has begun anew.
            subscription.feed.last = subscription.cursor
        }
    }

    /// Whoever is behind here too (all members of a group, when everyone comes back at once) reads the newest entries from memory, encoded once.
    ///
    /// The tail goes on from them: what they have become since they were read is committed after them, and not here yet.
    private func share(_ piece: Piece, with feed: Feed) {
        guard feed.tail.isEmpty, feed.run.isEmpty, feed.subscriptions.count > 1,
            let last = piece.entries.last?.sequence, last == feed.last
        else { return }
        for entry in piece.entries { feed.tail.append(entry, limit: self.configuration.tailEntries) }
        self.tailBytes += feed.tail.bytes
        feed.grewAt = self.runNumber
    }

    /// As many as there is room for; the rest will be read again.
    private func handOut(_ piece: Piece, to subscription: Subscription) {
        let reader = subscription.reader
        let feed = subscription.feed
        for entry in piece.entries {
            guard reader.outbox.hasRoom else { return }
            guard let sequence = entry.sequence, sequence > subscription.cursor else { continue }
            self.passOverWhatIsGone(before: sequence, subscription)
            guard !piece.hidden.contains(sequence) else {
                subscription.pass(to: sequence)
                continue
            }
            // What became of an entry since it was read from the log, the tail knows.
            let known = feed.tail.contains(sequence) ? feed.tail.entry(sequence) : nil
            if let known, known.id == entry.id {
                self.hand(known, to: subscription) { self.tailFrames(of: known, for: subscription) }
                continue
            }
            self.hand(entry, to: subscription) {
                var frames = ByteBuffer()
                reader.wire.write(entry, for: feed.end(of: reader), into: &frames)
                return frames
            }
        }
    }

    /// Entries are numbered without gaps, so what is not in the log is past keeping.
    private func passOverWhatIsGone(before sequence: UInt64, _ subscription: Subscription) {
        guard sequence > subscription.cursor + 1 else { return }
        let gap = Gap(
            conversation: subscription.feed.conversation.conversation, after: subscription.cursor, before: sequence,
            reason: .retention)
        subscription.cursor = sequence - 1
        self.tell(gap, to: subscription)
    }
}
