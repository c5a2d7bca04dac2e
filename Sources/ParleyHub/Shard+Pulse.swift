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
        self.pulse = self.loop.scheduleTask(in: self.configuration.confirmationInterval) { self.beat() }
    }

    private func beat() {
        self.pulse = nil
        let now = self.loop.now
        for reader in exchange(&self.readersToPulse, for: []) {
            reader.awaitsPulse = false
            guard reader.wantsConfirmation, !reader.session.hasEnded else { continue }
            reader.askForConfirmation(at: now)
        }
        if now >= self.savedAt + self.configuration.cursorInterval { self.saveNow() }
        if !self.unsaved.isEmpty { self.startPulse() }
        self.settle()
    }

    // MARK: Cursors

    /// What the subscription's client has confirmed goes to the log with the next batch.
    func save(_ subscription: Subscription) {
        guard subscription.state.isDisjoint(with: [.unsaved, .ended]) else { return }
        subscription.state.insert(.unsaved)
        self.unsaved.append(subscription)
        self.startPulse()
    }

    /// Where a device began is saved as soon as there is something for it to get, though it has confirmed nothing yet: the next time it connects it is not
    /// new any more, and goes on from there, not from where the user's other devices have got to meanwhile.
    func remember(_ subscription: Subscription) {
        guard !subscription.state.contains(.remembered) else { return }
        subscription.state.insert(.remembered)
        self.save(subscription)
    }

    private func saveNow() {
        self.savedAt = self.loop.now
        self.archive(exchange(&self.unsaved, for: []))
    }

    func saveNow(of reader: Reader) { self.archive(Array(reader.subscriptions.values)) }

    private func archive(_ subscriptions: [Subscription]) {
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
        self.failedReads = []
    }
}
