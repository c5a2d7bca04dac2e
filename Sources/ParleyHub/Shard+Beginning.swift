import ParleyCore

/// Where a client says it is, if it keeps its own books.
extension Shard {
    /// Conversations that are noted while it is not known yet which are the client's. Further ones are left to the server's cursors.
    private static let noteLimit = 20_000

    func begin(_ reader: Reader, after cursors: [Conversation: UInt64]) {
        switch reader.session.phase {
        case .ended: return
        case .waiting, .connecting:
            for (conversation, sequence) in cursors where reader.begunAfter.count < Self.noteLimit {
                reader.begunAfter[conversation] = sequence
            }
        case .catchingUp, .live:
            for (conversation, sequence) in cursors {
                guard let subscription = reader.subscriptions[conversation] else { continue }
                self.move(subscription, to: sequence)
                if subscription.isBehind || subscription.hasGaps { self.queue(subscription) }
            }
        }
        self.perform(reader.session.clientBegan(), for: reader)
        self.settle()
    }

    /// The client has everything up to `sequence`, and wants what follows.
    ///
    /// What lies beyond the end is from a conversation of the same name that is no more: the server's cursor stands, so that nothing of the new one is missed.
    func move(_ subscription: Subscription, to sequence: UInt64) {
        guard sequence <= subscription.feed.last, !subscription.state.contains(.discarding) else { return }
        let sequence = max(sequence, subscription.shownAfter)
        let past = subscription.exceptions?.gaps.first { $0.reason == .retention }.map { $0.before - 1 } ?? 0
        subscription.exceptions?.gaps = []
        if sequence < subscription.cursor {
            // It was not asked which of these the user has deleted.
            subscription.hasUnknownDeletions(through: subscription.cursor)
        }
        if sequence < past {
            // What is past retention is not sent, whoever keeps the books.
            subscription.skip(after: sequence, through: past, because: .retention)
        } else {
            subscription.cursor = sequence
        }
        subscription.pinged = min(subscription.pinged, sequence)
        subscription.confirm(through: sequence)
    }
}
