import ParleyCore

/// What those who are connected are told, and no log keeps. In the order of the inbox, after the entries that came before.
extension Shard {
    func tell(_ announcement: Announcement) {
        self.note(announcement)
        if announcement.isSilent { return }
        let (event, isKept) = (announcement.event, announcement.id != nil)
        var frames = LooseFrames(event, id: announcement.id)
        switch announcement.recipients {
        case .users(let users):
            for user in users {
                for reader in self.readersByUser[UserKey(app: announcement.app, user: user)] ?? [] {
                    self.tell(&frames, of: event, isKept: isKept, to: reader)
                }
            }
        case .group(let group, let author):
            guard let feed = self.feeds[ConversationID(app: announcement.app, .group(group))] else { return }
            for subscription in feed.subscriptions where subscription.state.isDisjoint(with: [.discarding, .ended]) {
                guard subscription.reader.client.user != author else { continue }
                self.tell(&frames, of: event, isKept: isKept, to: subscription.reader)
            }
        }
    }

    func tell(_ event: Event, to reader: Reader) {
        var frames = LooseFrames(event)
        self.tell(&frames, of: event, to: reader)
    }

    /// ``Postponed`` says what becomes of what there is no room for.
    private func tell(_ frames: inout LooseFrames, of event: Event, isKept: Bool = false, to reader: Reader) {
        guard !reader.session.hasEnded else { return }
        switch event {
        case .group, .reacted, .thread: if !reader.wire.tellsOfGroups { return }
        default: break
        }
        if isKept, reader.wire.readsKeptEvents { return self.hand(&frames, to: reader) }
        if event.isTransient {
            guard reader.outbox.hasRoom else {
                self.tallies.ephemeralDrops += 1
                return
            }
            return self.hand(&frames, to: reader)
        }
        guard reader.postponed.isEmpty, reader.outbox.hasRoom else {
            if !reader.postponed.add(event) { self.end(reader, because: .tooSlow) }
            return
        }
        self.hand(&frames, to: reader)
    }

    func hand(_ frames: inout LooseFrames, to reader: Reader) {
        frames.write(to: reader)
        self.flushLater(reader)
    }

    func tellPostponed(_ reader: Reader) {
        reader.postponed.tellAll { event in
            guard reader.outbox.hasRoom else { return false }
            var frames = LooseFrames(event)
            self.hand(&frames, to: reader)
            return true
        }
    }

    // MARK: What is not shown any more

    /// What a user has cleared or deleted is not delivered afterwards, to whichever of his devices has not got it yet.
    private func note(_ announcement: Announcement) {
        guard case .users(let users) = announcement.recipients else { return }
        switch announcement.event {
        case .place(let change) where change.place.clearedThrough > 0:
            let place = change.place
            self.forReaders(of: [place.user], in: announcement.app, of: place.conversation) { reader, subscription in
                self.stopHearing(reader)
                if let subscription { return subscription.clear(through: place.clearedThrough) }
                reader.arrival?.cleared[place.conversation] = place.clearedThrough
            }
        case .deleted(let conversation, let messages):
            self.forReaders(of: users, in: announcement.app, of: conversation) { reader, subscription in
                self.stopHearing(reader)
                if let subscription { return subscription.hide(messages) }
                reader.arrival?.deleted[conversation, default: []].formUnion(messages)
            }
        default: break
        }
    }

    private func forReaders(
        of users: [UserID], in app: AppID, of conversation: Conversation, _ body: (Reader, Subscription?) -> Void
    ) {
        for user in users {
            for reader in self.readersByUser[UserKey(app: app, user: user)] ?? [] {
                body(reader, reader.subscriptions[conversation])
            }
        }
    }
}
