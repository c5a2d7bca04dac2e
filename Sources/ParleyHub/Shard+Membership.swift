import ParleyCore

extension Shard {
    func apply(_ change: MembershipChange) {
        for reader in self.readersByUser[UserKey(app: change.app, user: change.user)] ?? [] {
            if reader.arrival != nil {
                reader.arrival?.memberships.append(change)
                self.tell(.membership(.group(change.group), isMember: change.member != nil), to: reader)
                guard change.member == nil else { continue }
                // What was of one stay, or of one life of the group, is not of the next.
                reader.arrival?.cleared[.group(change.group)] = nil
                reader.arrival?.deleted[.group(change.group)] = nil
            } else if let member = change.member {
                // Threads are not in the mail.
                if change.isThread, reader.listensToBell { continue }
                self.joined(reader, change.group, as: member)
            } else {
                self.left(reader, change.group)
            }
        }
    }

    private func joined(_ reader: Reader, _ group: GroupID, as member: Member) {
        if let subscription = reader.subscriptions[.group(group)] {
            // Known already: the place changed, or the news was overtaken by the reader's own look at the directory.
            self.set(subscription, isDiscarding: member.delivery == .discard)
            return
        }
        let subscription = self.subscribe(
            reader, to: .group(group), after: member.joinedAtSequence, last: member.joinedAtSequence, as: member)
        if let newest = reader.farewells.removeValue(forKey: group) {
            subscription.resumesAfter = newest
            subscription.state.insert(.resuming)
        }
        self.tell(.membership(.group(group), isMember: true), to: reader)
        guard subscription.isBehind else { return }
        // The group shows what was said before; the user may have been in it already, and have cleared some of that.
        subscription.hasUnknownDeletions(through: subscription.feed.last)
        self.queue(subscription)
    }

    private func set(_ subscription: Subscription, isDiscarding: Bool) {
        if isDiscarding {
            subscription.state.insert(.discarding)
            self.passIfDiscarding(subscription)
        } else {
            subscription.state.remove(.discarding)
        }
    }

    func passIfDiscarding(_ subscription: Subscription) {
        guard subscription.state.contains(.discarding) else { return }
        subscription.exceptions?.gaps = []
        subscription.pass(to: subscription.feed.last)
        subscription.forgetExceptions()
    }

    private func left(_ reader: Reader, _ group: GroupID) {
        guard let subscription = reader.subscriptions.removeValue(forKey: .group(group)) else { return }
        let newest = max(subscription.newest, subscription.resumesAfter)
        if newest.rawValue > 0 { reader.farewells[group] = newest }
        // What the client had read in a membership that is over must not be saved as its place in the next one.
        subscription.state.remove(.unsaved)
        self.drop(subscription)
        self.tell(.membership(.group(group), isMember: false), to: reader)
        self.reachedTarget(subscription)
    }

    // MARK: Subscriptions

    /// - Parameter last: how far the conversation is known to go.
    @discardableResult
    func subscribe(
        _ reader: Reader, to conversation: Conversation, after cursor: UInt64, last: UInt64, as member: Member?
    ) -> Subscription {
        let feed = self.feed(of: ConversationID(app: reader.client.app, conversation))
        feed.last = max(feed.last, last)
        let subscription = Subscription(
            reader, to: feed, after: cursor, joinedAtSequence: member?.joinedAtSequence ?? 0)
        if member?.delivery == .discard { subscription.state.insert(.discarding) }
        feed.add(subscription)
        reader.subscriptions[conversation] = subscription
        return subscription
    }

    func feed(of conversation: ConversationID) -> Feed {
        if let feed = self.feeds[conversation] { return feed }
        let feed = Feed(conversation)
        self.feeds[conversation] = feed
        return feed
    }

    func drop(_ subscription: Subscription) {
        subscription.state.insert(.ended)
        let feed = subscription.feed
        feed.remove(subscription)
        self.ringIfHeldBack(subscription.reader)
        guard feed.isUnread else { return }
        self.tailBytes -= feed.tail.bytes
        feed.tail.removeAll()
        self.feeds[feed.conversation] = nil
    }
}
