import Foundation
import NIOCore
import ParleyCore
import ParleyDialectKit
import ParleyEasemob
import ParleyServer
import Testing

/// A client that does what Easemob's SDKs do with the frames of facts/easemob-client.md, with the weaknesses that its section 3.2 lists: whatever would make
/// an SDK deaf, lose a message, or ask for ever, is a failure of the test.
actor MSyncClient {
    /// How an SDK packs its frames.
    enum Packing: String, CaseIterable, Sendable {
        /// Web from 4.11, mini-programs.
        case binary
        /// Mini-programs that know no binary messages.
        case base64
        /// Web up to 4.10.
        case sockJS
    }

    struct Received: Sendable {
        var meta: WireMeta
        var body: WireMessageBody

        var text: String? { self.body.contents.first.flatMap { $0.type == 0 ? $0.text : nil } }
        var from: String { self.body.from.name }
    }

    struct Answer: Sendable {
        var code: Int32
        var reason: String
        var id: UInt64
        var timestamp: UInt64
        var metas: [WireMeta]
    }

    nonisolated let user: String
    let packing: Packing
    private let raw: RawConnection
    private var buffer = ByteBuffer()
    private var isOpen = false
    private var reading: Task<Void, Never>?
    private var watchers: [CheckedContinuation<Void, Never>] = []
    private var waiting: [UInt64: CheckedContinuation<Answer?, Never>] = [:]
    private var unwanted: Set<UInt64> = []
    private var lastLocalID = UInt64.random(in: 1...1 << 40)

    private(set) var provision: WireProvision?
    private(set) var resource: String
    /// Of chat messages, what was said, edits among it.
    private(set) var received: [Received] = []
    /// Receipts and recalls.
    private(set) var signs: [Received] = []
    /// Of the other namespaces.
    private(set) var others: [WireMeta] = []
    private(set) var roundTrips = 0
    private(set) var closeCode: Int?
    private(set) var hasEnded = false

    // What SDKs keep of queues.
    private var syncing: [String] = []
    private var noticed: [WireJID] = []
    private var lastKey: UInt64 = 0
    private var seen: [UInt64] = []
    private var isUnreadAnswered = false
    /// Pages are not acknowledged: as if the connection died then.
    private var isMute = false
    /// What was not acknowledged.
    private var held: (queue: WireJID, key: UInt64)?

    // MARK: Connecting

    /// - Parameter syncs: ask what is there, as SDKs do.
    static func connect(
        _ live: LiveServer, _ user: String, _ packing: Packing = .binary,
        resource: String = "webim_\(UInt32.random(in: 0...UInt32.max))",
        token: String? = nil, syncs: Bool = true
    ) async throws -> MSyncClient {
        try await self.connect(
            port: live.server.port, user, packing, resource: resource, token: try token ?? live.token("easemob", user),
            syncs: syncs)
    }

    static func connect(
        port: Int, _ user: String, _ packing: Packing = .binary, resource: String, token: String, syncs: Bool = true
    ) async throws -> MSyncClient {
        let raw = try await RawConnection.connect(port: port)
        await raw.send(Handshake.request(packing == .sockJS ? "/ws/123/abcdefgh/websocket" : "/websocket"))
        let client = MSyncClient(raw, user, packing, resource)
        await client.begin(token)
        if syncs, await client.isAccepted {
            await client.unread()
            await client.until { $0.isUnreadAnswered }
        }
        return client
    }

    private init(_ raw: RawConnection, _ user: String, _ packing: Packing, _ resource: String) {
        self.raw = raw
        self.user = user
        self.packing = packing
        self.resource = resource
    }

    var isAccepted: Bool { self.provision?.status.errorCode == 0 }

    private func begin(_ token: String) async {
        let chunks = self.raw.chunks
        self.reading = Task { [weak self] in
            for await chunk in chunks { await self?.take(chunk) }
            await self?.end()
        }
        if self.packing != .sockJS { await self.until { $0.isOpen || $0.hasEnded } }
        var envelope = WireMSync()
        envelope.version = 0
        envelope.guid = self.jid(self.user)
        envelope.guid.clientResource = self.resource
        envelope.auth = "$t$" + token
        envelope.command = 3
        var provision = WireProvision()
        provision.osType = 16
        provision.version = "4.11.0"
        provision.resource = self.resource
        provision.deviceName = "webim"
        envelope.payload = Data(provision.wireBytes)
        await self.send(envelope.wireBytes)
        await self.until { $0.provision != nil || $0.hasEnded }
    }

    private func jid(_ name: String, inGroup: Bool = false) -> WireJID {
        var jid = WireJID()
        jid.appKey = "parley#demo"
        jid.name = name
        jid.domain = inGroup ? "conference.easemob.com" : "easemob.com"
        return jid
    }

    // MARK: Reading

    private func take(_ chunk: [UInt8]) async {
        self.buffer.writeBytes(chunk)
        if !self.isOpen {
            guard let end = self.buffer.readableBytesView.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
            #expect(self.buffer.readableBytesView.starts(with: Array("HTTP/1.1 101".utf8)))
            self.buffer.moveReaderIndex(to: end.upperBound)
            self.isOpen = true
        }
        while let frame = ServerFrame(from: &self.buffer) {
            #expect(frame.isPlain)
            switch frame.opcode {
            case 1, 2:
                #expect((frame.opcode == 2) == (self.packing == .binary))
                for message in self.unpack(frame.payload) { await self.received(message) }
            case 8:
                self.closeCode = frame.payload.prefix(2).reduce(0) { $0 << 8 | Int($1) }
                await self.raw.send(ClientFrame(8, Array(frame.payload.prefix(2))).bytes)
            case 9: await self.raw.send(ClientFrame(0xA, frame.payload).bytes)
            default: Issue.record("a frame with opcode \(frame.opcode)")
            }
        }
        self.wake()
    }

    private func unpack(_ payload: [UInt8]) -> [[UInt8]] {
        switch self.packing {
        case .binary: return [payload]
        case .base64: return [Base64.standard.decoded(payload) ?? []]
        case .sockJS:
            let text = String(decoding: payload, as: UTF8.self)
            guard text.hasPrefix("a") else {
                #expect(text == "o" || text.hasPrefix("c["))
                return []
            }
            let texts = (try? JSONDecoder().decode([String].self, from: Data(text.dropFirst().utf8))) ?? []
            #expect(!texts.isEmpty)
            return texts.map { Base64.standard.decoded($0.utf8) ?? [] }
        }
    }

    private func end() {
        self.hasEnded = true
        for (_, waiter) in exchange(&self.waiting, with: [:]) { waiter.resume(returning: nil) }
        self.wake()
    }

    private func wake() { for watcher in exchange(&self.watchers, with: []) { watcher.resume() } }

    private func received(_ bytes: [UInt8]) async {
        guard let envelope = WireMSync.parse(bytes) else { return self.complain("not a frame: \(bytes)") }
        let payload = Array(envelope.payload)
        switch envelope.command {
        case 0:
            guard let sync = WireCommSyncDL.parse(payload) else { return self.complain("not a sync") }
            await self.received(sync)
        case 1:
            guard let unread = WireCommUnreadDL.parse(payload) else { return self.complain("not an unread") }
            #expect(unread.timestamp > 0)
            for item in unread.unread { await self.sync(item.queue) }
            self.isUnreadAnswered = true
        case 2:
            guard let notice = WireCommNotice.parse(payload) else { return self.complain("not a notice") }
            guard !self.isKnown(notice.queue) else { return }
            self.noticed.append(notice.queue)
            await self.syncNoticed()
        case 3:
            guard let provision = WireProvision.parse(payload) else { return self.complain("not a provision") }
            self.provision = provision
            if provision.hasResource { self.resource = provision.resource }
        case 4: break
        default: self.complain("command \(envelope.command)")
        }
    }

    private func received(_ sync: WireCommSyncDL) async {
        if sync.hasMetaID {
            let answer = Answer(
                code: sync.status.errorCode, reason: sync.status.reason, id: sync.serverID,
                timestamp: sync.timestamp, metas: sync.metas)
            #expect(sync.hasStatus, "without one the promise never settles")
            #expect(answer.code != 1 || sync.status.hasReason, "the SDK calls methods of it")
            guard self.unwanted.remove(sync.metaID) == nil else { return }
            guard let waiter = self.waiting.removeValue(forKey: sync.metaID) else {
                return self.complain("nobody waits for \(sync.metaID)")
            }
            return waiter.resume(returning: answer)
        }
        guard sync.hasQueue else { return self.complain("4.17.0 throws") }
        if sync.metas.isEmpty {
            #expect(sync.isLast && sync.hasStatus, "the queue would never end")
            self.syncing.removeAll { $0 == sync.queue.name }
            return await self.syncNoticed()
        }
        #expect(sync.hasStatus, "the page would be dropped")
        for meta in sync.metas { self.received(meta) }
        // What is said to a client that is sent away.
        if sync.isLast { return #expect(sync.metas.allSatisfy { $0.ns == 0 }, "it would ask for ever") }
        #expect(sync.nextKey != 0 && sync.nextKey != self.lastKey, "it would be deaf")
        #expect(self.syncing.contains(sync.queue.name), "a page that nobody asked for")
        self.lastKey = sync.nextKey
        guard !self.isMute else { return self.held = (sync.queue, sync.nextKey) }
        await self.ask(sync.queue, key: sync.nextKey)
    }

    private func received(_ meta: WireMeta) {
        #expect(meta.id != 0 && meta.hasFrom && meta.timestamp > 0, "the whole page would be dropped")
        guard !self.seen.suffix(100).contains(meta.id) else { return }
        self.seen.append(meta.id)
        guard meta.ns == 1 else {
            if meta.ns == 5 { #expect(meta.payload.allSatisfy { $0 >= 0x10 }, "it could not be read") }
            return self.others.append(meta)
        }
        guard let body = WireMessageBody.parse(Array(meta.payload)), body.hasFrom, body.hasTo else {
            return self.complain("not a message")
        }
        let received = Received(meta: meta, body: body)
        switch body.type {
        case 4, 5, 6, 7: self.signs.append(received)
        default:
            #expect(!self.received.contains { $0.meta.id == meta.id }, "twice")
            self.received.append(received)
        }
    }

    private nonisolated func complain(_ complaint: String) { Issue.record("\(complaint)") }

    // MARK: Queues

    private func isKnown(_ queue: WireJID) -> Bool {
        self.syncing.contains(queue.name) || self.noticed.contains { $0.name == queue.name }
    }

    private func syncNoticed() async {
        guard self.syncing.isEmpty, !self.noticed.isEmpty else { return }
        await self.sync(self.noticed.removeFirst())
    }

    private func sync(_ queue: WireJID) async {
        guard !self.syncing.contains(queue.name) else { return }
        self.syncing.append(queue.name)
        await self.ask(queue, key: nil)
    }

    private func ask(_ queue: WireJID, key: UInt64?) async {
        self.roundTrips += 1
        var sync = WireCommSyncUL()
        sync.queue = queue
        if let key { sync.key = key }
        await self.send(0, sync.wireBytes)
    }

    func unread() async { await self.send(1, []) }

    /// From now on no page is acknowledged.
    func mute() { self.isMute = true }

    func unmute() async {
        self.isMute = false
        if let held = exchange(&self.held, with: nil) { await self.ask(held.queue, key: held.key) }
    }

    // MARK: Saying

    func send(_ command: Int32, _ payload: [UInt8]) async {
        var envelope = WireMSync()
        envelope.version = 0
        envelope.command = command
        envelope.payload = Data(payload)
        envelope.deviceID = 0
        await self.send(envelope.wireBytes)
    }

    func send(_ bytes: [UInt8]) async { await self.raw.send(self.packed(bytes)) }

    /// Again and again a message, which takes a while, and a thousand questions, which do not; all of it in one piece.
    func flood(_ rounds: Int) async {
        var (saying, asking) = (WireMSync(), WireMSync())
        asking.command = 1
        let questions = Array(repeatElement(self.packed(asking.wireBytes), count: 1000).joined())
        var bytes: [UInt8] = []
        for _ in 0..<rounds {
            var said = WireCommSyncUL()
            said.meta = self.meta(self.body(1, to: "bob"), to: "bob")
            self.unwanted.insert(said.meta.id)
            saying.payload = Data(said.wireBytes)
            bytes += self.packed(saying.wireBytes) + questions
        }
        await self.raw.send(bytes)
    }

    private func packed(_ bytes: [UInt8]) -> [UInt8] {
        switch self.packing {
        case .binary: ClientFrame(2, bytes).bytes
        case .base64: ClientFrame.text(Base64.standard.encoded(bytes)).bytes
        case .sockJS: ClientFrame.text(#"["\#(Base64.standard.encoded(bytes))"]"#).bytes
        }
    }

    func close() async { await self.raw.close() }

    func nextLocalID() -> UInt64 {
        self.lastLocalID += 1
        return self.lastLocalID
    }

    func uplink(_ meta: WireMeta) async -> Answer? {
        guard !self.hasEnded else { return nil }
        var sync = WireCommSyncUL()
        sync.meta = meta
        let payload = sync.wireBytes
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                self.waiting[meta.id] = continuation
                Task { await self.send(0, payload) }
            }
        } onCancel: {
            Task { await self.end() }
        }
    }

    func meta(_ body: WireMessageBody, to name: String, inGroup: Bool = false) -> WireMeta {
        var meta = WireMeta()
        meta.id = self.nextLocalID()
        meta.to = self.jid(name, inGroup: inGroup)
        meta.ns = 1
        meta.payload = Data(body.wireBytes)
        return meta
    }

    func body(_ type: Int32, to name: String) -> WireMessageBody {
        var body = WireMessageBody()
        body.type = type
        body.from.name = self.user
        body.to.name = name
        return body
    }

    func say(_ text: String, to name: String, inGroup: Bool = false) async -> Answer? {
        var content = WireContent()
        content.type = 0
        content.text = text
        return await self.say(content, to: name, inGroup: inGroup)
    }

    func say(_ content: WireContent, to name: String, inGroup: Bool = false) async -> Answer? {
        var body = self.body(inGroup ? 2 : 1, to: name)
        body.contents = [content]
        return await self.uplink(self.meta(body, to: name, inGroup: inGroup))
    }

    /// A receipt or a recall.
    func sign(_ type: Int32, of message: UInt64, to name: String, inGroup: Bool = false) async -> Answer? {
        var body = self.body(type, to: name)
        body.ackMessageID = message
        return await self.uplink(self.meta(body, to: name, inGroup: inGroup))
    }

    // MARK: Waiting

    /// Until it is so, or the test's time is up.
    func until(_ isSo: @Sendable (isolated MSyncClient) -> Bool) async {
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

    func sign(_ type: Int32) async -> Received? {
        await self.until { $0.signs.contains { $0.body.type == type } }
        return self.signs.first { $0.body.type == type }
    }

    /// Nothing is being fetched any more.
    func settled() async {
        await self.unread()
        await self.until { $0.syncing.isEmpty && $0.noticed.isEmpty }
    }
}
