import NIOCore
import ParleyCore

/// What happens by the clock: pings that ask what has been read, cursors on their way to the log, and signs of life.
extension Shard {
    private static let sweepInterval = TimeAmount.seconds(1)

    // MARK: Pulse

    func pulseLater(_ reader: Reader) {
        guard !reader.awaitsPulse else { return }
        reader.awaitsPulse = true
        self.readersToPulse.append(reader)
        self.startPulse()
    }

    private func startPulse() {
        guard self.pulse == nil, !self.readers.isEmpty else { return }
        self.pulse = self.loop.scheduleTask(in: self.confirmationInterval) { self.beat() }
    }

    private func beat() {
        self.pulse = nil
        self.askForConfirmation(of: self.readersToPulse.count)
        if self.loop.now >= self.savedAt + self.cursorInterval { self.saveNow() }
        if !self.unsaved.isEmpty || !self.readersWithUnsavedEvents.isEmpty { self.startPulse() }
        self.settle()
    }

    /// In turns, when they are many: a few in each, for whoever gets a message waits behind them.
    private func askForConfirmation(of count: Int) {
        let now = self.loop.now
        let few = min(count, self.configuration.shortTurn)
        for _ in 0..<few {
            guard let reader = self.readersToPulse.popFirst() else { return }
            reader.awaitsPulse = false
            guard reader.wantsConfirmation, !reader.session.hasEnded else { continue }
            reader.askForConfirmation(at: now)
        }
        guard count > few else { return }
        self.rounds.next {
            self.askForConfirmation(of: count - few)
            self.settle()
        }
    }

    // MARK: How often

    /// A ping and its answer cost about as much as delivering a few messages: five thousand a second are enough for one loop.
    var confirmationInterval: TimeAmount {
        max(self.configuration.confirmationInterval, .microseconds(200) * self.readers.count)
    }

    /// The same, for rows in the log: a thousand a second. Who is cut off when the server is killed is sent some messages again.
    private var cursorInterval: TimeAmount {
        max(self.configuration.cursorInterval, .milliseconds(1) * self.readers.count)
    }

    // MARK: Cursors

    /// What the subscription's client has confirmed goes to the log with the next batch.
    func save(_ subscription: Subscription) {
        guard subscription.state.isDisjoint(with: [.unsaved, .ended]) else { return }
        subscription.state.insert(.unsaved)
        self.unsaved.append(subscription)
        self.startPulse()
    }

    /// The same for what is kept beside conversations.
    func saveEvents(of reader: Reader, through id: MessageID) {
        if reader.unsavedEvents == nil { self.readersWithUnsavedEvents.append(reader) }
        reader.unsavedEvents = id
        self.startPulse()
    }

    private func saveNow() {
        self.savedAt = self.loop.now
        self.save(self.unsaved.count)
        self.archiveEvents(of: exchange(&self.readersWithUnsavedEvents, for: []))
    }

    /// In turns, when they are many.
    private func save(_ count: Int) {
        let some = Array(self.unsaved.prefix(min(count, self.configuration.turn * 4)))
        self.unsaved.removeFirst(some.count)
        self.archive(some)
        let rest = some.isEmpty ? 0 : count - some.count
        if rest > 0 { self.rounds.next { self.save(rest) } }
    }

    func saveNow(of reader: Reader) {
        self.archive(reader.subscriptions.values)
        self.archiveEvents(of: [reader])
    }

    private func archiveEvents(of readers: [Reader]) {
        let cursors = readers.compactMap { reader in
            exchange(&reader.unsavedEvents, for: nil).map { id in
                EventCursor(
                    app: reader.client.app, user: reader.client.user, device: reader.client.device, through: id)
            }
        }
        if !cursors.isEmpty { self.archive.confirm(cursors) }
    }

    private func archive(_ subscriptions: some Sequence<Subscription>) {
        var cursors: [Cursor] = []
        for subscription in subscriptions where subscription.state.contains(.unsaved) {
            subscription.state.remove(.unsaved)
            cursors.append(subscription.asCursor)
        }
        if !cursors.isEmpty { self.archive.confirm(cursors) }
    }

    // MARK: Sweep

    func startSweeping() {
        self.sweep = self.loop.scheduleRepeatedTask(
            initialDelay: Self.sweepInterval, delay: Self.sweepInterval
        ) { _ in self.sweepUp() }
    }

    private func sweepUp() {
        let now = self.loop.now
        let wallClock = self.clock.now()
        for subscription in exchange(&self.failedReads, for: []) where !subscription.hasEnded {
            subscription.reader.backlog.append(subscription)
            self.readLater(subscription.reader)
        }
        for reader in self.readers.values {
            if reader.hasBeenHeard {
                reader.hasBeenHeard = false
                reader.session.heard(at: now)
            }
            self.perform(reader.session.swept(at: now, wallClock: wallClock), for: reader)
        }
        self.settle()
    }

    func stopTimers() {
        self.pulse?.cancel()
        self.pulse = nil
        self.sweep?.cancel()
        self.sweep = nil
        self.readersToPulse = []
        self.unsaved = []
        self.readersWithUnsavedEvents = []
        self.failedReads = []
    }
}
