import ParleyCore

/// From "where does this device read on" to subscriptions.
///
/// The answer is a picture of some moment after the reader was registered; commits that the picture already has may still be on their way here, and
/// commits that it lacks may have passed. So what passed was noted, and is laid over the picture; what comes again is recognised by its sequence.
extension Shard {
    func arrived(_ reader: Reader, with result: Result<Standing, any Error>) {
        guard let arrival = reader.arrival, !reader.session.hasEnded else { return }
        guard case .success(let standing) = result else { return self.end(reader, because: .fault) }
        if let refusal = standing.refusal { return self.end(reader, because: .disconnected(refusal)) }

        let memberships = standing.memberships(after: arrival.memberships, withThreads: !reader.listensToBell)
        var missed: [Subscription] = []
        for position in standing.positions.sorted(by: { $0.lastSentAt > $1.lastSentAt }) {
            guard case .group(let group) = position.conversation else {
                missed.append(self.subscribe(reader, to: position, as: nil))
                continue
            }
            // Who left and came back meanwhile does not go on where he was before he left.
            guard let member = memberships[group], !arrival.hasLeft(group) else { continue }
            missed.append(self.subscribe(reader, to: position, as: member))
        }
        for (group, member) in memberships where reader.subscriptions[.group(group)] == nil {
            let start = member.joinedAtSequence
            let subscription = self.subscribe(reader, to: .group(group), after: start, last: start, as: member)
            // As whoever joins later: the group may show what was said before.
            if subscription.isBehind { subscription.hasUnknownDeletions(through: subscription.feed.last) }
            missed.append(subscription)
        }
        for (conversation, sequence) in arrival.touched where reader.subscriptions[conversation] == nil {
            // Nothing had been said in it when the picture was taken.
            missed.append(self.subscribe(reader, to: conversation, after: 0, last: sequence, as: nil))
        }
        for subscription in missed {
            // What was committed since the reader was registered, when perhaps nobody here followed the conversation.
            guard let mark = self.marks[subscription.feed.conversation] else { continue }
            subscription.feed.last = max(subscription.feed.last, mark.sequence)
        }
        self.layOver(arrival, missed, of: reader)
        self.endArrival(of: reader)
        self.readMissed(missed.filter(self.isMissing), for: reader)
    }

    /// What the user cleared and deleted since the picture was taken, and where the client says it is.
    private func layOver(_ arrival: Reader.Arrival, _ subscriptions: [Subscription], of reader: Reader) {
        for (conversation, sequence) in arrival.cleared {
            reader.subscriptions[conversation]?.clear(through: sequence)
        }
        for (conversation, messages) in arrival.deleted { reader.subscriptions[conversation]?.hide(messages) }
        guard !reader.begunAfter.isEmpty else { return }
        let cursors = exchange(&reader.begunAfter, for: [:])
        for subscription in subscriptions {
            guard let sequence = cursors[subscription.feed.conversation.conversation] else { continue }
            self.move(subscription, to: sequence)
        }
    }

    private func subscribe(_ reader: Reader, to position: Position, as member: Member?) -> Subscription {
        // What is beyond the end was left by a group of the same id that is no more.
        let cleared = position.clearedThrough <= position.lastSequence ? position.clearedThrough : 0
        let start = max(member?.joinedAtSequence ?? 0, cleared)
        let cursor = position.cursor <= position.lastSequence ? max(position.cursor, start) : start
        let missed = position.missedAfter.map { min(max($0, start), cursor) } ?? cursor
        let subscription = self.subscribe(
            reader, to: position.conversation, after: missed, last: position.lastSequence, as: member)
        subscription.clear(through: cleared)
        subscription.skip(after: missed, through: cursor, because: .retention)
        if !position.hidden.isEmpty { subscription.makeExceptions().hidden = position.hidden }
        return subscription
    }

    /// Something is to be told, and not merely because the reader does not want it.
    private func isMissing(_ subscription: Subscription) -> Bool {
        guard subscription.isBehind || subscription.hasGaps else { return false }
        guard !subscription.state.contains(.discarding) else {
            self.passIfDiscarding(subscription)
            return false
        }
        let last = subscription.feed.last
        if let limit = subscription.reader.client.catchUpLimit, last > subscription.cursor + UInt64(limit) {
            subscription.skip(after: subscription.cursor, through: last - UInt64(limit), because: .limit)
        }
        subscription.target = last
        return true
    }

    private func readMissed(_ missed: [Subscription], for reader: Reader) {
        for subscription in missed { self.queue(subscription) }
        self.perform(reader.session.positioned(behind: missed.count), for: reader)
    }

    /// The notes that were made for those who connect are dropped when nobody needs them.
    func endArrival(of reader: Reader) {
        guard reader.arrival != nil else { return }
        reader.arrival = nil
        self.connecting -= 1
        if self.connecting == 0 { return self.marks.removeAll() }
        guard self.marks.count > 1024 else { return }
        let oldest = self.readers.values.lazy.compactMap { $0.arrival?.since }.min() ?? self.runNumber
        self.marks = self.marks.filter { $0.value.run >= oldest }
    }
}

extension Reader.Arrival {
    fileprivate func hasLeft(_ group: GroupID) -> Bool {
        self.memberships.contains { $0.group == group && $0.member == nil }
    }
}

extension Standing {
    fileprivate func memberships(after changes: [MembershipChange], withThreads: Bool) -> [GroupID: Member] {
        var memberships = changes.reduce(into: self.memberships) { $0[$1.group] = $1.member }
        guard !withThreads else { return memberships }
        for thread in self.threads { memberships[thread] = nil }
        for change in changes where change.isThread { memberships[change.group] = nil }
        return memberships
    }
}
