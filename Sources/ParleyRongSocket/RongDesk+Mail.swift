import ParleyCore
import ParleyHub
import ParleyRongCloud
import ParleySocket

/// What is said to the client's user: asked for (pullMsg), and handed over as it comes.
extension RongDesk {
    private static let pageLimit = 200
    private static let pageBytes = 512 * 1024
    private static let readLimit = 200

    // MARK: Asked for

    func pull(_ payload: [UInt8]) async throws -> [UInt8] {
        guard let request = WireSyncRequestMsg.parse(payload), request.hasSyncTime else {
            throw ClientRefusal.unreadable
        }
        let now = self.now
        let settings = try await self.socket.core.directory.app(self.reader.client.app)?.settings ?? AppSettings()
        let wish = Progress.Wish(request, now: now)
        let isUpToDate = self.progress.isUpToDate(wish)
        if isUpToDate { self.acknowledged(self.unacknowledged.takeAll()) } else { self.unacknowledged.forget() }
        self.progress.begin(wish, retainedSince: now.adding(seconds: -settings.offlineRetentionSeconds))
        var answer = WireDownStreamMessages()
        do { answer.list = try await self.page(wish, isUpToDate) } catch {
            self.progress.lose()
            throw error
        }
        answer.syncTime = self.progress.give(wish)
        answer.finished = self.progress.isLive
        return answer.wireBytes
    }

    private func page(_ wish: Progress.Wish, _ isUpToDate: Bool) async throws -> [WireDownStreamMessage] {
        var (page, bytes) = ([WireDownStreamMessage](), 0)
        while true {
            let mail = try await self.read()
            for item in mail.items {
                let isSaidHere = self.own.meet(item.entry.id)
                // Of rooms clients keep other times.
                if self.noteRoom(of: item, isSaidHere: isSaidHere) {
                    self.progress.reach(item.entry.id)
                    continue
                }
                let time = self.progress.pass(item.entry.id)
                guard let message = try await self.spelled(item, time) else { continue }
                let isOwn = message.direction == 1
                guard wish.includes(time, isOwn: isOwn), !(isSaidHere && isUpToDate) else {
                    // A client that asks for others' messages alone is handed what its user says elsewhere.
                    if isUpToDate, isOwn, !isSaidHere { self.hand(item.entry, message, time) }
                    continue
                }
                page.append(message)
                self.progress.handed(over: time, isOwn: isOwn)
                self.unacknowledged.addToPage(item.entry)
                bytes += message.content.count
                guard page.count < Self.pageLimit, bytes < Self.pageBytes else {
                    self.reader.stopListening()
                    return page
                }
            }
            self.reached(mail.through)
            guard mail.hasMore else {
                self.progress.caughtUp()
                return page
            }
        }
    }

    /// From the log. What is said from now on is heard.
    private func read() async throws -> Mail {
        self.reader.listen()
        return try await self.socket.mailbox.mail(
            of: self.user, in: self.reader.client.app, after: self.progress.position, limit: Self.readLimit)
    }

    private func reached(_ id: MessageID) {
        self.progress.reach(id)
        self.own.pass(self.progress.position)
        self.reader.forgetHeard(through: self.progress.position)
    }

    private func isForThisConnection(_ item: Mail.Item) -> Bool {
        guard item.isVisible else { return false }
        guard let message = item.entry.message, message.options.isLiveOnly else { return true }
        return item.entry.sentAt >= self.reader.connectedAt
    }

    /// Nil: not for this client, or not by this way.
    private func spelled(_ item: Mail.Item, _ time: Int64) async throws -> WireDownStreamMessage? {
        guard self.isForThisConnection(item) else { return nil }
        let subject = try await ClientSpelling.subject(of: item.entry, in: self.socket.core)
        return ClientSpelling.downStream(item.entry, subject: subject, for: self.user, dataTime: time)
    }

    // MARK: Handed over

    /// What has been said since: to a client that is up to date as it is, to any other that there is something.
    ///
    /// - Returns: false: there was no room for all of it, and it is gone on with when there is.
    func handOver() async throws -> Bool {
        guard self.progress.isLive else {
            if self.progress.hasBegun { self.ring() }
            return true
        }
        defer { self.ringForRooms() }
        do { return try await self.handOverAll() } catch {
            self.progress.lose()
            self.ring()
            throw error
        }
    }

    /// The same for what is all in memory, without a task: the way of nearly every delivery.
    ///
    /// - Returns: false: nothing has been done, and it is for ``handOver()``.
    func handOverAtOnce() -> Bool {
        guard self.progress.isLive, let mail = self.reader.heard(after: self.progress.position),
            mail.items.allSatisfy({ ClientSpelling.subject(of: $0.entry) == nil })
        else { return false }
        defer { self.ringForRooms() }
        for item in mail.items { guard self.handOver(item, nil) else { return true } }
        self.reached(mail.through)
        return true
    }

    private func handOverAll() async throws -> Bool {
        var mail: Mail
        if let heard = self.reader.heard(after: self.progress.position) {
            mail = heard
        } else {
            mail = try await self.read()
        }
        while true {
            for item in mail.items {
                let subject = try await ClientSpelling.subject(of: item.entry, in: self.socket.core)
                guard self.handOver(item, subject) else { return false }
            }
            self.reached(mail.through)
            guard mail.hasMore else { return true }
            mail = try await self.read()
        }
    }

    /// - Returns: false: there is no room.
    private func handOver(_ item: Mail.Item, _ subject: Entry?) -> Bool {
        guard self.reader.hasRoom else {
            // What is left of this is read again.
            self.reader.stopListening()
            self.ringAgain()
            return false
        }
        let entry = item.entry
        let isSaidHere = self.own.meet(entry.id)
        if self.noteRoom(of: item, isSaidHere: isSaidHere) {
            self.progress.reach(entry.id)
            return true
        }
        let time = self.progress.pass(entry.id)
        guard !isSaidHere, self.isForThisConnection(item) else { return true }
        if let message = self.groupMessage(entry), message.sender != self.user {
            self.hand(entry, message, time)
        } else if let message = ClientSpelling.downStream(entry, subject: subject, for: self.user, dataTime: time) {
            self.hand(entry, message, time)
        }
        return true
    }

    /// Nil: it is for this client alone.
    private func groupMessage(_ entry: Entry) -> GroupMessage? {
        let message: GroupMessage
        if let known = self.spellings[entry] {
            message = known
        } else {
            guard let made = GroupMessage(entry) else { return nil }
            self.spellings.keep(made, of: entry, byteCount: made.byteCount)
            message = made
        }
        return message.isLong && !self.handshake.readsLongCharacters ? nil : message
    }

    private func hand(_ entry: Entry, _ message: GroupMessage, _ time: Int64) {
        let id = self.nextID()
        self.progress.handed(over: time, isOwn: false)
        self.unacknowledged.add(id, entry)
        self.write(message.bytes(dataTime: time), at: time, id: id)
    }

    private func hand(_ entry: Entry, _ message: WireDownStreamMessage, _ time: Int64) {
        let id = self.nextID()
        let isOwn = message.direction == 1
        self.progress.handed(over: time, isOwn: isOwn)
        guard isOwn, let (topic, target, upStream) = ClientSpelling.upStream(entry, by: self.user) else {
            self.unacknowledged.add(id, entry)
            return self.write(message, at: time, id: id)
        }
        let message = self.handshake.readsLongCharacters ? upStream : ShortText.message(upStream)
        self.write(
            .publish(
                seconds: UInt32(clamping: time / 1000), topic: topic, target: target, id: id,
                payload: message.wireBytes, qos: 1, isSync: true))
        self.write(
            .pubAck(for: id, ClientSpelling.uid(of: entry), at: Timestamp(milliseconds: time)))
    }

    private func write(_ message: WireDownStreamMessage, at time: Int64, id: UInt16) {
        let message = self.handshake.readsLongCharacters ? message : ShortText.message(message)
        self.write(message.wireBytes, at: time, id: id)
    }

    private func write(_ message: [UInt8], at time: Int64, id: UInt16) {
        self.write(
            .publish(
                seconds: UInt32(clamping: time / 1000), topic: "s_msg", target: self.user.rawValue, id: id,
                payload: message, qos: 1, isSync: false))
    }

    // MARK: For those online only

    /// What was said before it is handed over first: a client counts its time, and would not ask for what is older.
    ///
    /// - Returns: false: the client is behind, and this is not for it.
    private func isTimeForEvents() async throws -> Bool {
        if self.takeRing(), try await !self.handOver() { return false }
        return self.progress.isLive
    }

    /// A status message.
    func pass(_ entry: Entry) async throws {
        // In chat rooms clients expect nothing that they do not ask for, and this is nowhere to be found.
        guard entry.conversation.conversation.chatRoom == nil, try await self.isTimeForEvents() else { return }
        // What threads are they do not know.
        if case .group(let id) = entry.conversation.conversation,
            let group = try await self.socket.core.directory.group(id, in: entry.conversation.app),
            group.group.type.rules.isThread
        {
            return
        }
        let time = self.progress.timeOfEvent(connectedAt: self.reader.connectedAt)
        guard let message = ClientSpelling.downStream(entry, for: self.user, dataTime: time), message.direction != 1
        else { return }
        self.tell(message, at: time, isOwn: false)
    }

    private func tell(_ message: WireDownStreamMessage, at time: Int64, isOwn: Bool) {
        self.progress.told(at: time, isOwn: isOwn)
        self.write(message, at: time, id: self.nextID())
    }

    func tell(_ event: Event) async throws {
        let subject = try await ClientSpelling.subject(
            of: event, for: self.user, in: self.reader.client.app, self.socket.core)
        if !self.isSaidHere(event), try await self.isTimeForEvents() {
            let isOwn = if case .place = event { true } else { false }
            let time = self.progress.timeOfEvent(isOwn: isOwn, connectedAt: self.reader.connectedAt)
            // Of their users' own messages SDKs take each name once, and none is a name too (facts, 6.5).
            let id = isOwn ? self.socket.core.identifiers.next() : nil
            if let message = ClientSpelling.downStream(event, subject: subject, for: self.user, id: id, dataTime: time)
            {
                self.tell(message, at: time, isOwn: isOwn)
            }
        }
        let now = self.progress.timeOfNotice(at: self.now)
        switch event {
        // Pinned or muted, on whichever device: clients ask what.
        case .place(let change):
            if change.isOfSettings { self.notify(.command, 3, now, room: nil) }
        case .attributes(let conversation, let changedAt):
            if let room = conversation.chatRoom { self.notify(.command, 2, changedAt.milliseconds, room: room) }
        case .ended(let conversation):
            if let room = conversation.chatRoom { self.notify(.command, 4, now, room: room) }
        case .membership(let conversation, isMember: false):
            if let room = conversation.chatRoom { self.rooms.left(room) }
        case .presence(let user, let connections): try await self.tell(of: user, connections)
        case .membership, .deleted, .read, .acknowledged, .pinned, .delivered, .typing, .status, .subscriptions,
            .contact, .group, .reacted, .thread:
            break
        }
    }

    /// What the client has read it knows; its user's other devices hear of it.
    private func isSaidHere(_ event: Event) -> Bool {
        if case .place(let change) = event { self.own.cover(change.place) } else { false }
    }

    private func tell(of user: UserID, _ connections: [Connection]) async throws {
        let status = try await ClientPresence.status(
            of: user, connections, in: self.reader.client.app, self.socket.core)
        self.write(
            .publish(
                seconds: UInt32(clamping: self.now.seconds), topic: "s_stat", target: self.user.rawValue,
                id: self.nextID(), payload: status, qos: 1, isSync: false))
    }

    // MARK: Notifications

    /// The client is to ask.
    func ring() { self.notify(.news, 1, self.progress.timeOfNotice(at: self.now), room: nil) }

    enum NoticeTopic: String {
        case news = "s_ntf"
        case command = "s_cmd"
    }

    func notify(_ topic: NoticeTopic, _ type: Int32, _ time: Int64, room: String?) {
        var notice = WireNotifyMsg()
        notice.type = type
        notice.time = time
        if let room { notice.chrmID = room }
        self.write(
            .publish(
                seconds: UInt32(clamping: time / 1000), topic: topic.rawValue, target: room ?? self.user.rawValue,
                id: self.nextID(), payload: notice.wireBytes, qos: 1, isSync: false))
    }
}

extension PlaceChange {
    /// Not merely of what was read.
    fileprivate var isOfSettings: Bool {
        (self.place.pinnedAt == nil) != (self.before.pinnedAt == nil) || self.place.isMuted != self.before.isMuted
    }
}

extension Progress.Wish {
    /// A client that asks for its own messages and has had none of them is given those that belong to what it asks for.
    fileprivate init(_ request: WireSyncRequestMsg, now: Timestamp) {
        // A clock may have been ahead, and ids never go back; but what is far ahead must not hide what is said until then.
        let latest = now.milliseconds + 3_600_000
        self.received = request.syncTime <= latest ? max(0, request.syncTime) : now.milliseconds
        let sent = request.hasSendBoxSyncTime ? request.sendBoxSyncTime : request.syncTime
        self.sent = request.isPullSend ? (sent > 0 && sent <= latest ? sent : self.received) : nil
    }
}
