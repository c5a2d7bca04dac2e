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

        let memberships = standing.memberships(after: arrival.memberships)
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
            missed.append(self.subscribe(reader, to: .group(group), after: start, last: start, as: member))
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
        self.endArrival(of: reader)
        self.readMissed(missed.filter(self.isMissing), for: reader)
    }

    private func subscribe(_ reader: Reader, to position: Position, as member: Member?) -> Subscription {
        let joinedAt = member?.joinedAtSequence ?? 0
        // A cursor beyond the end was left by a group of the same id that is no more.
        let cursor = position.cursor <= position.lastSequence ? max(position.cursor, joinedAt) : joinedAt
        return self.subscribe(
            reader, to: position.conversation, after: cursor, last: position.lastSequence, as: member)
    }

    /// Behind, and not merely because the reader does not want it.
    private func isMissing(_ subscription: Subscription) -> Bool {
        guard subscription.isBehind else { return false }
        guard !subscription.state.contains(.discarding) else {
            subscription.pass(to: subscription.feed.last)
            return false
        }
        subscription.target = subscription.feed.last
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
    fileprivate func memberships(after changes: [MembershipChange]) -> [GroupID: Member] {
        changes.reduce(into: self.memberships) { $0[$1.group] = $1.member }
    }
}
