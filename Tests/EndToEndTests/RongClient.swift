import Foundation
import NIOCore
import ParleyCore
import ParleyJSON
import ParleyRongCloud
import ParleyServer
import Testing

/// A client that does what RongCloud's SDKs do with the frames of facts/rongcloud-client.md: it keeps one cursor for what it receives and one for what its
/// user says elsewhere, takes no push before its first pull is answered, asks again when it is told to, and holds what is synced until its acknowledgement.
actor RongClient {
    /// What differs between SDKs.
    enum Generation: String, CaseIterable, Sendable {
        case v2 = "2.5.9"
        case v3 = "3.0.6"
        case v4 = "4.2.0"
        case imlibV4 = "4.5.1"
        case v5 = "5.2.1"

        /// A page that is not the last is followed by another question without being told.
        var pullsOn: Bool { self != .v2 && self != .v3 }
    }

    struct Received: Hashable, Sendable {
        var message: WireDownStreamMessage
        var isOffline: Bool

        var text: String? {
            (try? JSON(parsing: Array(self.message.content)))?["content"]?.string
        }
    }

    struct Synced: Hashable, Sendable {
        var topic: String
        var target: String
        var message: WireUpStreamMessage
        var uid: String
    }

    struct Acknowledgement: Hashable, Sendable {
        var status: UInt16
        var milliseconds: Int64
        var uid: String
    }

    let generation: Generation
    nonisolated let user: String
    private let raw: RawConnection
    private var buffer = ByteBuffer()
    private var reading: Task<Void, Never>?
    private var lastID: UInt16 = 0
    private var waiting: [UInt16: CheckedContinuation<ParleyRongCloud.ServerFrame?, Never>] = [:]
    private var held: [UInt16: Synced] = [:]
    private var watchers: [CheckedContinuation<Void, Never>] = []
    /// Of its user's own messages, whichever way it has learned of them.
    private var ownUIDs: Set<String> = []
    private var hasPulled = false
    private var isPulling = false
    private var wantsPull = false
    /// Of the question that is under way.
    private var pullID: UInt16?

    private(set) var welcome: ParleyRongCloud.ServerFrame?
    private(set) var received: [Received] = []
    private(set) var synced: [Synced] = []
    /// Chat rooms that something was said in, and commands, as they came.
    private(set) var notices: [(topic: String, notice: WireNotifyMsg)] = []
    /// Those that the client has joined.
    var rooms: [String: Room] = [:]
    private(set) var destroyedRooms: [String] = []
    /// Of users whom it watches, as they came.
    private(set) var statuses: [String] = []
    private(set) var disconnectStatus: UInt8?
    private(set) var closeCode: Int?
    private(set) var hasEnded = false
    var inbox: Int64
    var outbox: Int64
    private var connectedAt: Int64 = 0

    /// The cursors, and what has come by then.
    var state: (inbox: Int64, outbox: Int64, texts: [String]) {
        (self.inbox, self.outbox, self.received.compactMap(\.text))
    }

    // MARK: Connecting

    /// - Parameter inbox, outbox: the cursors that an earlier connection ended with.
    static func connect(
        _ live: LiveServer, _ user: String, _ generation: Generation = .v5, inbox: Int64 = 0, outbox: Int64 = 0,
        token: String? = nil, query: String = "", pulls: Bool = true
    ) async throws -> RongClient {
        let token = try token ?? live.token("rongcloud", user)
        let escaped = token.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
        let raw = try await RawConnection.connect(port: live.server.port)
        let target =
            "/websocket?appId=parley-demo&token=\(escaped)&sdkVer=\(generation.rawValue)&apiVer=normal\(query)"
        await raw.send(Handshake.request(target))
        let client = RongClient(raw, user, generation, inbox, outbox)
        await client.begin(isV4: query.contains("protocolVer=4"))
        if pulls, await client.isAccepted { try await client.startUp() }
        return client
    }

    private init(_ raw: RawConnection, _ user: String, _ generation: Generation, _ inbox: Int64, _ outbox: Int64) {
        self.raw = raw
        self.user = user
        self.generation = generation
        self.inbox = inbox
        self.outbox = outbox
    }

    var isAccepted: Bool { if case .connAck = self.welcome { true } else { false } }

    /// Everything that the SDKs do before they call themselves connected.
    func startUp() async throws {
        await self.ping()
        var request = WireSessionReq()
        request.time = 0
        #expect(await self.query("pullSeAtts", target: self.user, request.wireBytes)?.status == 0)
        await self.pull()
    }

    private func begin(isV4: Bool) async {
        let chunks = self.raw.chunks
        self.reading = Task { [weak self] in
            var isOpen = false
            for await chunk in chunks {
                guard let self else { return }
                isOpen = await self.take(chunk, isOpen, isV4 ? .v4 : .v3)
            }
            await self?.end()
        }
        await self.until { $0.welcome != nil || $0.hasEnded }
    }

    // MARK: Reading

    private func take(_ chunk: [UInt8], _ wasOpen: Bool, _ version: ParleyRongCloud.ServerFrame.Version) async -> Bool {
        self.buffer.writeBytes(chunk)
        if !wasOpen {
            guard let end = self.buffer.readableBytesView.firstRange(of: Array("\r\n\r\n".utf8)) else { return false }
            #expect(self.buffer.readableBytesView.starts(with: Array("HTTP/1.1 101".utf8)))
            self.buffer.moveReaderIndex(to: end.upperBound)
        }
        while let frame = ServerFrame(from: &self.buffer) {
            #expect(frame.isPlain)
            switch frame.opcode {
            case 2:
                if let known = try? ParleyRongCloud.ServerFrame(parsing: frame.payload, version: version) {
                    await self.received(known)
                } else {
                    Issue.record("not a frame: \(frame.payload)")
                }
            case 8:
                self.closeCode = frame.payload.prefix(2).reduce(0) { $0 << 8 | Int($1) }
                await self.raw.send(ClientFrame(8, Array(frame.payload.prefix(2))).bytes)
            case 9: await self.raw.send(ClientFrame(0xA, frame.payload).bytes)
            default: Issue.record("a frame with opcode \(frame.opcode)")
            }
        }
        self.wake()
        return true
    }

    private func end() {
        self.hasEnded = true
        for (_, waiter) in self.waiting { waiter.resume(returning: nil) }
        self.waiting = [:]
        self.wake()
    }

    func wake() { for watcher in exchange(&self.watchers, with: []) { watcher.resume() } }

    private func received(_ frame: ParleyRongCloud.ServerFrame) async {
        switch frame {
        case .connAck(_, _, let now):
            self.welcome = frame
            self.connectedAt = now
        case .connAckRefused: self.welcome = frame
        case .publish(_, let topic, let target, let id, let payload, let qos, let isSync):
            if isSync {
                guard let message = WireUpStreamMessage.parse(payload) else { return self.complain("not a message") }
                self.held[id] = Synced(topic: topic, target: target, message: message, uid: "")
                return
            }
            // Of the half of the numbers that the client's own are not of, and neither of its ends.
            #expect(id & 0x8000 != self.lastID & 0x8000 && (1...0x7FFE).contains(id & 0x7FFF), "\(id)")
            if qos > 0 { await self.send(.pubAck(id: id)) }
            self.pushed(topic, payload)
        case .pubAck(let id, let seconds, _, let milliseconds, let uid):
            if var synced = self.held.removeValue(forKey: id) {
                synced.uid = uid
                self.synced.append(synced)
                self.ownUIDs.insert(uid)
                self.outbox = max(self.outbox, Int64(seconds) * 1000 + Int64(milliseconds))
            } else {
                self.answered(id, frame)
            }
        case .queryAck(let id, _, let status, let payload, let qos):
            // Before whatever comes behind it.
            if id == self.pullID { self.pulled(status, payload) }
            if qos > 0 { await self.send(.queryConfirm(id: id)) }
            self.answered(id, frame)
        case .pong: self.answered(0, frame)
        case .disconnect(let status): self.disconnectStatus = status
        }
    }

    private func answered(_ id: UInt16, _ frame: ParleyRongCloud.ServerFrame) {
        guard let waiter = self.waiting.removeValue(forKey: id) else { return self.complain("nobody waits for \(id)") }
        waiter.resume(returning: frame)
    }

    private func pushed(_ topic: String, _ payload: [UInt8]) {
        switch topic {
        case "s_msg":
            guard let message = WireDownStreamMessage.parse(payload), message.isComplete else {
                return self.complain("not a message")
            }
            // What is pushed while the client asks it will be answered.
            guard self.hasPulled, self.pullID == nil else { return }
            self.take(message)
        case "s_ntf", "s_cmd":
            guard let notice = WireNotifyMsg.parse(payload), notice.isComplete else {
                return self.complain("not a notice")
            }
            self.notices.append((topic, notice))
            self.noticed(topic, notice)
        case "s_stat":
            guard let status = WireGetUserStatusOutput.parse(payload) else { return self.complain("not a status") }
            self.statuses.append("\(status.subUserID) \(status.status)")
        default: self.notices.append((topic, WireNotifyMsg()))
        }
    }

    private func noticed(_ topic: String, _ notice: WireNotifyMsg) {
        switch (topic, notice.type) {
        case ("s_ntf", 2):
            guard let room = self.rooms[notice.chrmID], notice.time > room.cursor else { return }
            Task { await self.pullRoom(notice.chrmID) }
        case ("s_ntf", _):
            #expect(self.hasPulled || self.isPulling, "nothing to ask for before the first pull")
            guard notice.time > self.inbox else { return }
            Task { await self.pull() }
        case ("s_cmd", 2):
            guard let room = self.rooms[notice.chrmID], notice.time > room.attributesCursor else { return }
            Task { await self.pullAttributes(of: notice.chrmID) }
        case ("s_cmd", 4):
            if self.rooms.removeValue(forKey: notice.chrmID) != nil { self.destroyedRooms.append(notice.chrmID) }
        default: break
        }
    }

    private func take(_ message: WireDownStreamMessage) {
        let isOwn = message.direction == 1
        // What the client has said while it was asking may come with the answer.
        if isOwn, !self.ownUIDs.insert(message.msgID).inserted { return }
        let isNew = message.dataTime > (isOwn ? self.outbox : self.inbox)
        #expect(isNew, "\(message.classname) at \(message.dataTime): the cursors are at \(self.inbox), \(self.outbox)")
        guard isNew else { return }
        if isOwn { self.outbox = message.dataTime } else { self.inbox = message.dataTime }
        self.received.append(Received(message: message, isOffline: message.dataTime < self.connectedAt))
    }

    private nonisolated func complain(_ complaint: String) { Issue.record("\(complaint)") }

    // MARK: Asking

    func pull() async {
        guard !self.isPulling else {
            self.wantsPull = true
            return
        }
        self.isPulling = true
        defer { self.isPulling = false }
        repeat {
            self.wantsPull = false
            var request = WireSyncRequestMsg()
            request.syncTime = self.inbox
            request.ispolling = false
            request.isPullSend = true
            request.sendBoxSyncTime = self.outbox
            guard let answer = await self.query("pullMsg", target: self.user, request.wireBytes), answer.status == 0
            else { return }
        } while self.wantsPull && !self.hasEnded
        self.wake()
    }

    private func pulled(_ status: UInt16, _ payload: [UInt8]) {
        self.pullID = nil
        guard status == 0 else { return }
        guard let page = WireDownStreamMessages.parse(payload), page.isComplete else {
            return self.complain("not a page")
        }
        // A repeat of what the client has is not for the app; it must not be there at all.
        for message in page.list { self.take(message) }
        self.inbox = max(self.inbox, page.syncTime)
        self.hasPulled = true
        if !page.finished, self.generation.pullsOn { self.wantsPull = true }
    }

    func query(_ topic: String, target: String, _ payload: [UInt8]) async -> (status: UInt16, payload: [UInt8])? {
        let id = self.nextID()
        if topic == "pullMsg" { self.pullID = id }
        let qos: UInt8 = self.generation == .v2 ? 1 : 0
        let answer = await self.ask(id, .query(topic: topic, target: target, id: id, payload: payload, qos: qos))
        guard case .queryAck(_, _, let status, let payload, _)? = answer else { return nil }
        return (status, payload)
    }

    func publish(_ topic: String, to target: String, _ message: WireUpStreamMessage) async -> Acknowledgement? {
        let id = self.nextID()
        let frame = ParleyRongCloud.ClientFrame.publish(
            topic: topic, target: target, id: id, payload: message.wireBytes, qos: 1)
        guard !topic.hasSuffix("S") else {
            await self.send(frame)
            return nil
        }
        guard case .pubAck(_, let seconds, let status, let milliseconds, let uid)? = await self.ask(id, frame) else {
            return nil
        }
        if status == 0 {
            self.outbox = max(self.outbox, Int64(seconds) * 1000 + Int64(milliseconds))
            self.ownUIDs.insert(uid)
        }
        return Acknowledgement(status: status, milliseconds: Int64(seconds) * 1000 + Int64(milliseconds), uid: uid)
    }

    func say(_ text: String, to target: String, inGroup: Bool = false) async -> Acknowledgement? {
        await self.publish(inGroup ? "pgMsgP" : "ppMsgP", to: target, .text(text))
    }

    func ping() async { _ = await self.ask(0, .ping) }

    /// As if it had been connected for long.
    func count(from id: UInt16) { self.lastID = id }

    private func nextID() -> UInt16 {
        self.lastID += 1
        return self.lastID
    }

    private func ask(_ id: UInt16, _ frame: ParleyRongCloud.ClientFrame) async -> ParleyRongCloud.ServerFrame? {
        guard !self.hasEnded else { return nil }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                self.waiting[id] = continuation
                Task { await self.send(frame) }
            }
        } onCancel: {
            // The test's time is up.
            Task { await self.end() }
        }
    }

    func send(_ frame: ParleyRongCloud.ClientFrame) async {
        var bytes = ByteBuffer()
        frame.write(into: &bytes)
        await self.send(Array(bytes.readableBytesView))
    }

    func send(_ bytes: [UInt8]) async { await self.raw.send(ClientFrame(2, bytes).bytes) }

    func close() async { await self.raw.close() }

    // MARK: Waiting

    /// Until it is so, or the test's time is up.
    func until(_ isSo: @Sendable (isolated RongClient) -> Bool) async {
        while !isSo(self), !Task.isCancelled {
            if self.hasEnded, !isSo(self) { return self.complain("the connection has ended") }
            await withTaskCancellationHandler {
                await withCheckedContinuation { self.watchers.append($0) }
            } onCancel: {
                Task { await self.wake() }
            }
        }
    }

    func texts(_ count: Int) async -> [String] {
        await self.until { $0.received.count { $0.text != nil } >= count }
        return self.received.compactMap(\.text)
    }
}

extension WireUpStreamMessage {
    static func text(_ text: String) -> WireUpStreamMessage {
        var message = WireUpStreamMessage()
        message.sessionID = 3
        message.classname = "RC:TxtMsg"
        var json = JSONWriter()
        json.object { $0.field("content", text) }
        message.content = Data(json.bytes)
        return message
    }
}
