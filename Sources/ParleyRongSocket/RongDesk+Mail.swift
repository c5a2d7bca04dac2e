import ParleyCore
import ParleyHub
import ParleyRongCloud

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
        if self.progress.isLive { self.acknowledged(self.unacknowledged.takeAll()) }
        self.progress.begin(wish, retainedSince: now.adding(seconds: -settings.offlineRetentionSeconds))
        var answer = WireDownStreamMessages()
        answer.list = try await self.page(wish)
        answer.syncTime = self.progress.cursor(for: wish)
        answer.finished = self.progress.isLive
        return answer.wireBytes
    }

    private func page(_ wish: Progress.Wish) async throws -> [WireDownStreamMessage] {
        var (page, bytes) = ([WireDownStreamMessage](), 0)
        while true {
            let mail = try await self.socket.mailbox.mail(
                of: self.user, in: self.reader.client.app, after: self.progress.position, limit: Self.readLimit)
            for item in mail.items {
                let time = self.progress.pass(item.entry.id)
                self.own.remove(item.entry.id)
                guard let message = try await self.spelled(item, time) else { continue }
                let isOwn = message.direction == 1
                guard wish.includes(time, isOwn: isOwn) else { continue }
                page.append(message)
                self.progress.handed(over: time, isOwn: isOwn)
                self.unacknowledged.addPulled(item.entry)
                bytes += message.content.count
                guard page.count < Self.pageLimit, bytes < Self.pageBytes else { return page }
            }
            self.progress.reach(mail.through)
            guard mail.hasMore else {
                self.progress.caughtUp()
                return page
            }
        }
    }

    /// Nil: not for this client, or not by this way.
    private func spelled(_ item: Mail.Item, _ time: Int64) async throws -> WireDownStreamMessage? {
        guard item.isVisible else { return nil }
        if let message = item.entry.message, message.options.isLiveOnly, item.entry.sentAt < self.reader.connectedAt {
            return nil
        }
        // What is said in chat rooms is fetched by queries of their own.
        guard item.entry.conversation.conversation.chatRoom == nil else { return nil }
        let subject = try await ClientSpelling.subject(of: item.entry, in: self.socket.core)
        return ClientSpelling.downStream(item.entry, subject: subject, for: self.user, dataTime: time)
    }

    // MARK: Handed over

    /// What has been said since: to a client that is up to date as it is, to any other that there is something.
    func handOver() async throws {
        guard self.progress.isLive else { return self.ring() }
        var rooms: [String: Int64] = [:]
        defer { for (room, time) in rooms { self.ring(for: room, at: time) } }
        while true {
            let mail = try await self.socket.mailbox.mail(
                of: self.user, in: self.reader.client.app, after: self.progress.position, limit: Self.readLimit)
            for item in mail.items {
                guard self.reader.hasRoom else { return self.ringAgain() }
                // A pull that was answered meanwhile has begun anew.
                let time = self.progress.pass(item.entry.id)
                if item.isVisible, let room = item.entry.conversation.conversation.chatRoom {
                    if self.own.remove(item.entry.id) == nil { rooms[room] = time }
                    continue
                }
                guard let message = try await self.spelled(item, time) else { continue }
                self.hand(item.entry, message, time)
            }
            self.progress.reach(mail.through)
            guard mail.hasMore else { return }
        }
    }

    private func hand(_ entry: Entry, _ message: WireDownStreamMessage, _ time: Int64) {
        let isOwn = message.direction == 1
        self.progress.handed(over: time, isOwn: isOwn)
        guard isOwn else {
            let id = self.nextID()
            self.unacknowledged.add(id, entry)
            return self.write(message, at: time, id: id)
        }
        // What this connection said itself it has.
        guard self.own.remove(entry.id) == nil,
            let (topic, target, upStream) = ClientSpelling.upStream(entry, by: self.user)
        else { return }
        let id = self.nextID()
        self.write(
            .publish(
                seconds: UInt32(clamping: time / 1000), topic: topic, target: target, id: id,
                payload: upStream.wireBytes, qos: 1, isSync: true))
        self.write(
            .pubAck(for: id, ClientSpelling.uid(of: entry), at: Timestamp(milliseconds: time)))
    }

    private func write(_ message: WireDownStreamMessage, at time: Int64, id: UInt16) {
        self.write(
            .publish(
                seconds: UInt32(clamping: time / 1000), topic: "s_msg", target: self.user.rawValue, id: id,
                payload: message.wireBytes, qos: 1, isSync: false))
    }

    // MARK: For those online only

    /// A status message.
    func pass(_ entry: Entry) {
        let time = max(entry.sentAt.milliseconds, self.progress.nextTime)
        guard let message = ClientSpelling.downStream(entry, for: self.user, dataTime: time), message.direction != 1
        else { return }
        self.write(message, at: time, id: self.nextID())
    }

    func tell(_ event: Event) async throws {
        let subject = try await ClientSpelling.subject(
            of: event, for: self.user, in: self.reader.client.app, self.socket.core)
        let now = max(self.now.milliseconds, self.progress.nextTime)
        if let message = ClientSpelling.downStream(event, subject: subject, for: self.user, dataTime: now) {
            self.write(message, at: now, id: self.nextID())
        }
        switch event {
        // Pinned or muted, on whichever device: clients ask what.
        case .place: self.notify(.command, 3, now, room: nil)
        case .attributes(let conversation, let changedAt):
            self.notify(.command, 2, changedAt.milliseconds, room: conversation.chatRoom)
        case .ended(let conversation): self.notify(.command, 4, now, room: conversation.chatRoom)
        case .membership, .deleted, .read, .acknowledged, .typing, .presence: break
        }
    }

    // MARK: Notifications

    /// The client is to ask.
    func ring() { self.notify(.news, 1, self.progress.nextTime, room: nil) }

    private func ring(for room: String, at time: Int64) { self.notify(.news, 2, time, room: room) }

    private enum NoticeTopic: String {
        case news = "s_ntf"
        case command = "s_cmd"
    }

    private func notify(_ topic: NoticeTopic, _ type: Int32, _ time: Int64, room: String?) {
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

extension Progress.Wish {
    /// A client that asks for its own messages and has had none of them is given those that belong to what it asks for.
    fileprivate init(_ request: WireSyncRequestMsg, now: Timestamp) {
        // A clock that was ahead once must not hide what is said until then.
        self.received = min(request.syncTime, now.milliseconds)
        let sent = request.hasSendBoxSyncTime ? request.sendBoxSyncTime : request.syncTime
        self.sent = request.isPullSend ? min(sent > 0 ? sent : self.received, now.milliseconds) : nil
    }
}

extension Conversation {
    /// The id that clients have for it, if it is a chat room.
    fileprivate var chatRoom: String? { if case .group(let id) = self { id.chatRoom } else { nil } }
}
