import NIOCore

/// The end of a tick: what everyone has got in it goes to the sockets.
///
/// A few are written to at once. When there are many, they take turns: some, and then the loop looks at its sockets, so that others' requests do not
/// wait for thousands of writes. The members of a large group wait in a crowd of their own, also those who have fallen behind there, so that nobody
/// else's messages wait for them; what is said in the group meanwhile gathers in its run, and takes one write for each member the next time round.
extension Shard {
    func flushLater(_ reader: Reader) {
        guard !reader.awaitsFlush else { return }
        reader.awaitsFlush = true
        self.readersToFlush.append(reader)
    }

    /// For what was said in the feed.
    func flushLater(_ reader: Reader, in feed: Feed) {
        guard self.isLarge(feed) else { return self.flushLater(reader) }
        guard !reader.isInCrowd else { return }
        reader.isInCrowd = true
        self.crowd.append(reader, at: self.loop.now)
    }

    func readLater(_ reader: Reader) {
        guard !reader.awaitsReading, !reader.session.hasEnded else { return }
        reader.awaitsReading = true
        self.readersToRead.append(reader)
    }

    /// Each way into the shard ends here. What comes up meanwhile is for the next turn: sockets come first.
    func settle() {
        guard !self.isSettling else { return }
        self.isSettling = true
        self.handOutRuns(of: self.mayBeHandedOut)
        if !self.awaitsTurn { self.readOnForSome() }
        self.flush()
        self.tallies.report()
        self.isSettling = false
        self.scheduleTurn()
    }

    /// Fewer than are written to: each may get a hundred messages.
    private func readOnForSome() {
        for _ in 0..<min(self.readersToRead.count, self.configuration.shortTurn) {
            let reader = self.readersToRead.removeFirst()
            reader.awaitsReading = false
            self.readOn(reader)
        }
    }

    private func flush() {
        let isFew = self.readersToFlush.count <= self.configuration.turn
        if isFew || !self.awaitsTurn {
            self.flushSome {
                let reader = self.readersToFlush.popFirst()
                reader?.awaitsFlush = false
                return reader
            }
        }
        guard !self.awaitsTurn, !self.crowd.isEmpty else { return }
        self.flushSome {
            let reader = self.crowd.popFirst()
            reader?.isInCrowd = false
            return reader
        }
        if self.crowd.isEmpty { self.rest(since: self.crowd.gatheredAt) }
    }

    /// A turn's worth.
    private func flushSome(_ next: () -> Reader?) {
        var now = self.loop.now
        let limit = now + self.configuration.longestTurn
        for _ in 0..<self.configuration.turn where now < limit {
            guard let reader = next() else { return }
            reader.flush(at: now)
            now = self.loop.now
        }
    }

    private func scheduleTurn() {
        let isDone = self.readersToRead.isEmpty && self.readersToFlush.isEmpty && self.crowd.isEmpty
        if !isDone, !self.awaitsTurn {
            self.awaitsTurn = true
            self.rounds.next {
                self.awaitsTurn = false
                self.settle()
            }
        }
        // Else the crowd's last turn comes back here.
        if !self.feedsWithRun.isEmpty, self.crowd.isEmpty, !self.awaitsRest {
            self.awaitsRest = true
            self.loop.scheduleTask(deadline: self.restsUntil) {
                self.awaitsRest = false
                self.settle()
            }
        }
    }

    private func isLarge(_ feed: Feed) -> Bool { feed.subscriptions.count > self.configuration.turn }

    /// Of a large group, what was handed out last may not be with everyone yet: what is said meanwhile can wait for that.
    private func mayBeHandedOut(_ feed: Feed) -> Bool {
        !self.isLarge(feed) || !self.crowd.isWaiting(feed.place) && self.loop.now >= self.restsUntil
    }
}

/// Members of large groups who have something to be written, in the order in which they have got it.
struct Crowd {
    private var readers = CircularBuffer<Reader>()
    /// How many there were, from the beginning of time.
    private(set) var lastPlace: UInt64 = 0
    /// Since when there has been somebody.
    private(set) var gatheredAt = NIODeadline.distantPast

    var isEmpty: Bool { self.readers.isEmpty }

    mutating func append(_ reader: Reader, at now: @autoclosure () -> NIODeadline) {
        if self.isEmpty { self.gatheredAt = now() }
        self.readers.append(reader)
        self.lastPlace += 1
    }

    mutating func popFirst() -> Reader? { self.readers.popFirst() }

    /// Whether somebody up to that place has not had his turn.
    func isWaiting(_ place: UInt64) -> Bool { self.lastPlace - UInt64(self.readers.count) < place }
}
