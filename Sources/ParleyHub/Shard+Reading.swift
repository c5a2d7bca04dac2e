import NIOCore
import ParleyCore

/// Reading on: how whoever is behind (after a connect, with a slow socket, after a gap) gets from his cursor to the end of the conversation.
extension Shard {
    /// Conversations that one reader may have being read from the log at the same time.
    private static let readsPerReader = 4

    func queue(_ subscription: Subscription) {
        guard !subscription.state.contains(.queued), !subscription.hasEnded else { return }
        subscription.state.insert(.queued)
        subscription.reader.backlog.append(subscription)
        self.readLater(subscription.reader)
    }

    /// A piece of each conversation in turn, from the tail while it has it, else from the log; until the outbox is full.
    func readOn(_ reader: Reader) {
        while reader.outbox.hasRoom, reader.readsUnderWay < Self.readsPerReader,
            let subscription = reader.backlog.popFirst()
        {
            guard !subscription.hasEnded else { continue }
            guard subscription.isBehind else {
                self.isUpToDate(subscription)
                continue
            }
            if subscription.feed.tail.contains(subscription.cursor + 1) {
                self.readTail(for: subscription)
                self.goOn(with: subscription)
            } else {
                self.readLog(for: subscription)
            }
        }
    }

    private func goOn(with subscription: Subscription) {
        if subscription.isBehind {
            subscription.reader.backlog.append(subscription)
        } else {
            self.isUpToDate(subscription)
        }
    }

    private func isUpToDate(_ subscription: Subscription) {
        subscription.state.remove(.queued)
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
        case .announceReady: reader.terminal?.caughtUp()
        case .readOn: self.readLater(reader)
        case .ping(let number): reader.ping(number)
        case .end(let ending): self.end(reader, because: ending)
        }
    }

    // MARK: From the tail

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
        subscription.newest = entry.id
        reader.noteUnconfirmed(subscription)
        reader.wantsConfirmation = true
        reader.outbox.append(frames())
        self.flushLater(reader)
        self.tallies.deliveries += 1
    }

    // MARK: From the log

    private func readLog(for subscription: Subscription) {
        let reader = subscription.reader
        reader.readsUnderWay += 1
        self.tallies.catchUpReads += 1
        let bound = NIOLoopBound(subscription, eventLoop: self.loop)
        self.gate.enter {
            let subscription = bound.value
            guard !subscription.hasEnded else {
                reader.readsUnderWay -= 1
                self.readLater(reader)
                self.gate.leave()
                return
            }
            let cursor = subscription.cursor
            let lastKnown = subscription.feed.last
            self.archive.entries(
                of: subscription.feed.conversation, after: cursor, limit: self.configuration.readLimit, on: self.loop
            ) { result in
                self.gate.leave()
                self.wasRead(result, for: bound.value, lastKnown: lastKnown)
                self.settle()
            }
        }
    }

    /// - Parameter lastKnown: the feed's last sequence when the log was asked.
    private func wasRead(_ result: Result<[Entry], any Error>, for subscription: Subscription, lastKnown: UInt64) {
        subscription.reader.readsUnderWay -= 1
        guard !subscription.hasEnded else { return self.readLater(subscription.reader) }
        switch result {
        case .failure:
            self.tallies.failedReads += 1
            self.failedReads.append(subscription)
        case .success(let entries):
            self.handOut(entries, to: subscription)
            let wasShort = entries.count < self.configuration.readLimit
            let wroteAll = entries.last.map { subscription.cursor >= $0.sequence ?? 0 } ?? true
            if wasShort, wroteAll, subscription.isBehind, subscription.feed.last == lastKnown {
                // The log ends before what was thought to be its end: its newest entries are past keeping, or the
                // conversation has begun anew.
                subscription.feed.last = subscription.cursor
            }
            self.goOn(with: subscription)
        }
        self.readLater(subscription.reader)
    }

    /// As many as there is room for; the rest will be read again.
    private func handOut(_ entries: [Entry], to subscription: Subscription) {
        let reader = subscription.reader
        for entry in entries {
            guard reader.outbox.hasRoom else { return }
            guard let sequence = entry.sequence, sequence > subscription.cursor else { continue }
            self.hand(entry, to: subscription) {
                if subscription.feed.tail.contains(sequence) { return self.tailFrames(of: entry, for: subscription) }
                var frames = ByteBuffer()
                reader.wire.write(entry, for: subscription.feed.end(of: reader), into: &frames)
                return frames
            }
        }
    }
}
