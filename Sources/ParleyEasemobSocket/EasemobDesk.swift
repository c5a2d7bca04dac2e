import NIOCore
import NIOWebSocket
import ParleyCore
import ParleyEasemob
import ParleyHub
import ParleySocket

/// Where the frames of one Easemob client are taken, done one after the other, and answered. Touched on the connection's event loop only.
///
/// One thing is done at a time: what a client has said itself must be known before it fetches it. What waits is bounded: beyond ``limit`` frames nothing more
/// is read from the client.
final class EasemobDesk: Worker {
    static let limit = 64

    enum Work: Sendable {
        case uplink(WireMeta)
        case unread
        case sync(ClientQueue, key: UInt64?)
        /// The user has come into a room.
        case enter(Conversation)
        /// Something was said in a group for those who are there only.
        case pass(Entry)
        /// Others' presence is told of, as far as the user has subscribed to it.
        case watch
        /// What is kept for the user, since the device was here.
        case events
        /// Of one of them something has changed.
        case tell(of: UserID)
    }

    let reader: Reader
    let loop: any EventLoop
    var isWaitingForRoom = false
    let appKey: String
    private let framing: Framing
    let spelling: ClientSpelling
    let spellings: Spellings<EasemobSocketContext.GroupMeta>
    let socket: EasemobSocketContext
    /// Called when there is room for frames again.
    private let resume: () -> Void
    /// Called when the client broke the protocol.
    private let breakOff: () -> Void

    private var waiting = Line<Work>()
    private var isWorking = false
    private var isTakingTurns = false
    var isClosed = false
    /// It is known what the client has, and what it has not.
    private var isReady = false
    var queues = Queues()
    var own = OwnWords()
    /// Of direct messages that this user's peers have read one by one: that they have read so far, too, need not be said again.
    private var acknowledged: [Conversation: UInt64] = [:]
    /// Whose presence it is told of, and until when.
    var watched: [UserID: Timestamp] = [:]

    init(
        _ reader: Reader, _ appKey: String, _ framing: Framing, socket: EasemobSocketContext, loop: any EventLoop,
        resume: @escaping () -> Void, breakOff: @escaping () -> Void
    ) {
        self.reader = reader
        self.appKey = appKey
        self.framing = framing
        self.spelling = ClientSpelling(appKey: appKey, user: reader.client.user)
        self.spellings = socket.spellings.value(on: loop)
        self.socket = socket
        self.loop = loop
        self.resume = resume
        self.breakOff = breakOff
        socket.attendance.came(reader.client.user, of: reader.client.app)
    }

    var user: UserID { self.reader.client.user }
    var now: Timestamp { self.socket.core.clock.now() }

    func write(_ frame: [UInt8]) { self.reader.write(self.framing.pack(frame)) }

    /// The first that is said. That the queue of events has ended wakes SDKs whose last connection died in the middle of a page (facts/easemob-client.md
    /// 3.2, rule 9).
    func welcome() {
        self.write(
            ServerFrame.welcome(resource: self.reader.client.device.rawValue, session: self.reader.sessionID))
        self.write(ServerFrame.end(of: .events, at: self.now))
    }
}

// MARK: From the connection

extension EasemobDesk: Speaker {
    var hasRoom: Bool { self.waiting.count < Self.limit }

    func take(_ message: [UInt8]) {
        guard !self.isClosed else { return }
        guard let frames = self.framing.unpack(message) else { return self.breakOff() }
        for frame in frames {
            guard let frame = ClientFrame(frame) else { return self.breakOff() }
            switch frame {
            case .uplink(let meta): self.wait(.uplink(meta))
            case .unread: self.wait(.unread)
            case .sync(let queue, let key): self.wait(.sync(queue, key: key))
            // Once more: it is who it is.
            case .provision: self.welcome()
            case .logout: self.write(ServerFrame.loggedOut())
            case .nothing: break
            }
        }
    }

    private func wait(_ work: Work) {
        // Nearly always nobody is in the line.
        if self.isReady, !self.isWorking, !self.isClosed, self.waiting.isEmpty, self.reader.hasRoom {
            return self.perform(work)
        }
        self.waiting.append(work)
        self.work()
    }

    func outboxHasRoom() {
        self.work()
        self.reader.flush()
    }

    /// Called more than once.
    func close() {
        guard !self.isClosed else { return }
        self.isClosed = true
        self.waiting.removeAll()
        self.socket.attendance.went(self.user, of: self.reader.client.app, on: self.loop)
    }
}

// MARK: From the session

extension EasemobDesk {
    func caughtUp() {
        self.isReady = true
        self.waitLater(.events)
        self.waitLater(.watch)
    }

    /// Not from within the hub's own turn.
    private func waitLater(_ work: Work) {
        let desk = NIOLoopBound(self, eventLoop: self.loop)
        self.loop.execute { if !desk.value.isClosed { desk.value.wait(work) } }
    }

    /// What the client does not ask for in one piece is not lost, it fetches it; what is past retention it does not get.
    func skipped(_ gap: Gap) {
        if gap.reason == .retention { self.reader.fetched(through: gap.before - 1, of: gap.conversation) }
    }

    func told(_ news: News) {
        guard !self.isClosed else { return }
        switch news {
        // Of a thread it must be looked up what it is.
        case .entry(let entry) where entry.conversation.conversation.isGroup:
            if self.waiting.count < Self.limit { self.waitLater(.pass(entry)) }
        case .entry(let entry): self.pass(entry, MessageNotes())
        case .event(let event, id: let id?):
            if self.queues.hear(id) { self.happened(self.spelled(KeptEvent(id: id, event: event))) }
            if self.queues.takeFailure() { self.waitLater(.events) }
        case .event(.place(var change), _):
            guard change.device != self.reader.client.device else { return }
            if self.own.cover(change.place) { change.before.readThrough = change.place.readThrough }
            self.happened(self.spelling.metas(of: change, id: self.socket.core.identifiers.next))
        case .event(.membership(let conversation, isMember: true), _):
            if case .group(let group) = conversation, group.isEasemobRoom { self.waitLater(.enter(conversation)) }
        case .event(.subscriptions, _): self.waitLater(.watch)
        case .event(.presence(let user, _), _), .event(.status(let user, _), _):
            // Of what nothing depends on, a client that does not read hears less.
            if self.waiting.count < Self.limit { self.waitLater(.tell(of: user)) }
        case .event(let event, id: nil): self.happened(self.metas(of: event, id: self.socket.core.identifiers.next))
        }
    }

    private func pass(_ entry: Entry, _ notes: MessageNotes) {
        self.happened(self.spelling.meta(of: entry, notes).map { [Queues.Happened(id: entry.id, meta: $0)] } ?? [])
    }

    private func metas(of event: Event, id: () -> MessageID) -> [WireMeta] {
        if case .group(let happening) = event { return self.spelling.metas(of: happening, id: id) }
        return self.isNew(event) ? self.spelling.metas(of: event, id: id()) : []
    }

    /// What is told again has the same ids, so that the SDK knows it. Of one thing that is told in several, they differ in bits that no id of ours has; beyond what
    /// these can count they are new ones.
    func spelled(_ kept: KeptEvent) -> [Queues.Happened] {
        self.metas(of: kept.event, id: { kept.id }).enumerated().map { number, meta in
            var meta = meta
            meta.id = kept.id.easemobNumber(part: number) ?? self.socket.core.identifiers.next().easemobNumber
            return Queues.Happened(id: kept.id, keptAs: kept.id, meta: meta)
        }
    }

    func happened(_ metas: [WireMeta]) {
        self.happened(
            metas.compactMap { meta in
                MessageID(easemobNumber: meta.id).map { Queues.Happened(id: $0, meta: meta) }
            })
    }

    func happened(_ happened: [Queues.Happened]) {
        if self.queues.add(happened) { self.write(ServerFrame.notice(.events)) }
    }

    private func isNew(_ event: Event) -> Bool {
        switch event {
        case .pinned(let change): return change.by != self.user || change.device != self.reader.client.device
        case .thread(let change): return change.device == nil || change.device != self.reader.client.device
        case .acknowledged(let conversation, let acknowledgement, _, _):
            if self.acknowledged.count >= OwnWords.limit { self.acknowledged = [:] }
            if case .direct = conversation { self.acknowledged[conversation] = acknowledgement.sequence }
        case .read(let conversation, _, let through, _): return self.acknowledged[conversation] != through
        default: break
        }
        return true
    }

    func farewell(_ ending: Ending) -> (frames: ByteBuffer, code: WebSocketErrorCode)? {
        guard let reason = self.reason(ending) else { return nil }
        var frames = self.framing.pack(
            ServerFrame.direct(
                self.spelling.sentAway(because: reason, id: self.socket.core.identifiers.next()), at: self.now))
        if var closing = self.framing.closing { frames.writeBuffer(&closing) }
        return (frames, .normalClosure)
    }

    /// Nil: the SDK is to connect again, and is told then if it may not.
    private func reason(_ ending: Ending) -> ClientSpelling.SentAway? {
        switch ending {
        case .disconnected(.replaced), .disconnected(.loggedInElsewhere): .anotherDevice
        case .disconnected(.kicked): .kicked
        case .disconnected(.userInactive): .userRemoved
        case .disconnected(.tokenExpired): self.reader.client.tokenExpiresAt > self.now ? .passwordChanged : nil
        case .disconnected(.goingAway), .fault, .tooSlow, .silent, .left: nil
        }
    }
}

// MARK: Working

extension EasemobDesk {
    /// What is done at once comes back here: the loop, not the stack, takes what is next, though there are thousands.
    private func work() {
        guard !self.isTakingTurns else { return }
        self.isTakingTurns = true
        while !self.isWorking, !self.isClosed, let work = self.next() { self.perform(work) }
        self.isTakingTurns = false
    }

    private func perform(_ work: Work) {
        self.isWorking = true
        if let rest = self.doAtOnce(work) {
            self.begin(rest)
        } else {
            self.isWorking = false
        }
    }

    /// Does what needs no task: nearly every sync.
    ///
    /// - Returns: what is left to be done. Nil: nothing.
    private func doAtOnce(_ work: Work) -> Work? {
        guard case .sync(let queue, let key) = work, queue != .events else { return work }
        return self.syncAtOnce(queue, key)
    }

    private func next() -> Work? {
        guard let work = self.waiting.next else { return nil }
        if case .uplink = work {} else if !self.isReady { return nil }
        guard self.reader.hasRoom else {
            self.waitForRoom()
            return nil
        }
        _ = self.waiting.popNext()
        if self.waiting.count == Self.limit - 1 { self.resume() }
        return work
    }

    func run(_ work: Work) async {
        do {
            switch work {
            case .uplink(let meta): await self.take(meta)
            case .unread: await self.answerUnread()
            case .sync(.events, let key): await self.sync(eventsAfter: key)
            case .sync(let queue, let key): try await self.sync(queue, key)
            case .enter(let room): try await self.enter(room)
            case .pass(let entry):
                self.pass(entry, try await self.notes(in: entry.conversation.conversation))
            case .watch: try await self.watch()
            case .events: await self.readEventsIfDue()
            case .tell(let user): try await self.tell(of: user)
            }
        } catch {
            self.socket.report(error, self.reader.client)
            // The SDK would wait for it for ever; it comes again with the next notice, or heartbeat.
            if case .sync(let queue, _) = work { self.write(ServerFrame.end(of: queue, at: self.now)) }
        }
        self.isWorking = false
        self.work()
    }

    // MARK: Said

    private func take(_ meta: WireMeta) async {
        do {
            guard let app = try await self.socket.core.directory.app(self.reader.client.app) else {
                throw ClientRefusal.fault
            }
            let caller = ClientCaller(
                core: self.socket.core, app: app, user: self.user, device: self.reader.client.device,
                rates: self.socket.rates)
            guard let receipt = try await ClientUplink.take(meta, from: caller) else { return }
            self.own.say(receipt.id)
            if let reading = receipt.reading { self.own.read(reading.conversation, through: reading.through) }
            self.write(ServerFrame.ack(meta.id, receipt))
        } catch let refusal as ClientRefusal {
            self.write(ServerFrame.refused(meta.id, refusal, at: self.now))
        } catch {
            self.socket.report(error, self.reader.client)
            self.write(ServerFrame.refused(meta.id, .fault, at: self.now))
        }
    }
}
