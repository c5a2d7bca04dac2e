/// A client as Easemob's web SDK 4.11 is one: it remembers nothing, is told which queue something has come into, fetches it page by page, and says of each
/// page that it has it. Like the SDK it throws away a page without a status, and hears nothing more of a queue whose page has no key, or the key of the page
/// before it, or whose end is not said.
final class EasemobMember: MemberProtocol {
    /// A conversation, as the server calls it.
    private struct Queue {
        let jid: [UInt8]
        let name: [UInt8]
        var state = State.idle

        enum State {
            case idle
            /// Something has come into it.
            case noticed
            /// It is being fetched.
            case asked
        }
    }

    let login: Login
    private var queues: [Queue] = []
    /// In the order in which they are fetched, one after the other.
    private var noticed: [Int] = []
    private var askedCount = 0
    private var lastKey: UInt64 = 0
    private var knowsQueues = false
    private var lastID = UInt64.random(in: 1 << 35..<1 << 40)

    init(_ login: Login) { self.login = login }

    let target = "/websocket"

    func received(_ message: UnsafeBufferPointer<UInt8>, by member: Member, at now: Int64) {
        var command: UInt64 = 0
        var payload = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
        var fields = ProtobufFields(message)
        while fields.next() {
            switch fields.number {
            case 8: command = fields.value
            case 9: payload = fields.bytes
            default: break
            }
        }
        switch command {
        case _ where fields.isBroken: member.giveUp("it cannot read a frame")
        case 0: self.synced(EasemobPage(payload), by: member, at: now)
        case 1: self.learned(payload, by: member, at: now)
        case 2: self.told(payload, member)
        case 3: self.welcomed(payload, member)
        default: break
        }
    }

    // MARK: Coming in

    /// PROVISION: who it is.
    func opened(_ member: Member) {
        let resource = self.login.device ?? "webim_1795257896513"
        var (user, provision, envelope): ([UInt8], [UInt8], [UInt8]) = ([], [], [])
        user.append(1, "parley#demo")
        user.append(2, self.login.user)
        user.append(3, "easemob.com")
        user.append(4, resource)
        provision.append(1, 16 as UInt64)
        provision.append(2, "4.11.0")
        provision.append(12, "webim")
        provision.append(13, resource)
        provision.append(17, "v5.0")
        provision.append(18, #"{"token":"$t$\#(self.login.token)"}"#)
        envelope.append(1, 0 as UInt64)
        envelope.append(2, user)
        envelope.append(3, "$t$\(self.login.token)")
        envelope.append(8, 3 as UInt64)
        envelope.append(9, provision)
        member.say(.clientFrame(envelope))
    }

    private func welcomed(_ provision: UnsafeBufferPointer<UInt8>, _ member: Member) {
        var code: UInt64?
        var fields = ProtobufFields(provision)
        while fields.next() { if fields.number == 8 { code = EasemobPage.code(ofStatus: fields.bytes) } }
        guard code == 0 else { return member.giveUp("it is not let in: \(code.map(String.init) ?? "no status")") }
        self.ask(member)
    }

    /// UNREAD: what is there? With it goes what the SDK says of itself, of which nothing is made.
    private func ask(_ member: Member) {
        self.lastID += 1
        var (statistic, sync, envelope): ([UInt8], [UInt8], [UInt8]) = ([], [], [])
        statistic.append(1, self.lastID)
        statistic.append(5, 0 as UInt64)
        statistic.append(6, [0x08, 0])
        sync.append(1, statistic)
        envelope.append(8, 0 as UInt64)
        envelope.append(9, sync)
        member.say(Self.unread)
        member.say(.clientFrame(envelope))
    }

    private static let unread = [UInt8].clientFrame([0x08, 0, 0x40, 1, 0x58, 0])

    private func learned(_ unread: UnsafeBufferPointer<UInt8>, by member: Member, at now: Int64) {
        var fields = ProtobufFields(unread)
        while fields.next() {
            guard fields.number == 2 else { continue }
            var parts = ProtobufFields(fields.bytes)
            while parts.next() { if parts.number == 1 { self.fetch(self.index(of: parts.bytes), member) } }
        }
        self.knowsQueues = true
        self.becomeReadyIfDone(member, at: now)
    }

    private func becomeReadyIfDone(_ member: Member, at now: Int64) {
        if self.knowsQueues, self.askedCount == 0, self.noticed.isEmpty { member.becameReady(at: now) }
    }

    // MARK: Alive

    let beat: Int64? = Monotonic.seconds(30)

    func beat(_ member: Member, at now: Int64) { if now - member.heardAt >= Monotonic.seconds(30) { self.ask(member) } }

    // MARK: Queues

    private func told(_ notice: UnsafeBufferPointer<UInt8>, _ member: Member) {
        var fields = ProtobufFields(notice)
        while fields.next() {
            guard fields.number == 1, case let index = self.index(of: fields.bytes), self.queues[index].state == .idle
            else { continue }
            self.queues[index].state = .noticed
            self.noticed.append(index)
        }
        self.fetchNext(member)
    }

    private func fetchNext(_ member: Member) {
        if self.askedCount == 0, !self.noticed.isEmpty { self.fetch(self.noticed.removeFirst(), member) }
    }

    private func fetch(_ index: Int, _ member: Member) {
        guard self.queues[index].state != .asked else { return }
        if self.queues[index].state == .noticed { self.noticed.removeAll { $0 == index } }
        self.queues[index].state = .asked
        self.askedCount += 1
        self.sync(self.queues[index].jid, key: nil, member)
    }

    /// With a key: it has everything up to there. Written twice for each delivery, so without an array of its own.
    private func sync(_ jid: [UInt8], key: UInt64?, _ member: Member) {
        let count = jid.count + 2 + (key.map { 1 + [UInt8].byteCount(varint: $0) } ?? 0)
        precondition(count + 6 < 126, "the generator's groups have short names")
        member.write { bytes in
            bytes += [0x82, 0x80 | UInt8(count + 6), 0, 0, 0, 0, 0x08, 0, 0x40, 0, 0x4A, UInt8(count)]
            if let key { bytes.append(2, key) }
            bytes.append(3, jid)
        }
    }

    private func synced(_ page: EasemobPage, by member: Member, at now: Int64) {
        guard !page.isBroken else { return member.giveUp("it cannot read a page") }
        guard !page.isAnswer, let jid = page.queue else { return }
        guard page.count > 0 else { return self.ended(page, jid, by: member, at: now) }
        guard !page.isLast else { return member.giveUp("it was sent away") }
        if page.hasStatus { page.forEach { member.heard($0, due: $1, at: now) } }
        guard page.key != 0, page.key != self.lastKey else { return }
        self.lastKey = page.key
        self.sync(self.queues[self.index(of: jid)].jid, key: page.key, member)
    }

    private func ended(_ page: EasemobPage, _ jid: UnsafeBufferPointer<UInt8>, by member: Member, at now: Int64) {
        let index = self.index(of: jid)
        guard page.isLast, self.queues[index].state == .asked else { return }
        self.queues[index].state = .idle
        self.askedCount -= 1
        self.fetchNext(member)
        self.becomeReadyIfDone(member, at: now)
    }

    /// Queues are known by their names alone.
    private func index(of jid: UnsafeBufferPointer<UInt8>) -> Int {
        var name = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
        var fields = ProtobufFields(jid)
        while fields.next() { if fields.number == 2 { name = fields.bytes } }
        if let index = self.queues.firstIndex(where: { $0.name.elementsEqual(name) }) { return index }
        self.queues.append(Queue(jid: Array(jid), name: Array(name)))
        return self.queues.count - 1
    }
}

/// What is looked at of a CommSyncDL.
struct EasemobPage {
    /// To what the client has said itself.
    private(set) var isAnswer = false
    private(set) var hasStatus = false
    private(set) var isLast = false
    private(set) var key: UInt64 = 0
    private(set) var queue: UnsafeBufferPointer<UInt8>?
    /// Of all that is in it, whatever it is.
    private(set) var count = 0
    private(set) var isBroken = false
    private let page: UnsafeBufferPointer<UInt8>

    init(_ page: UnsafeBufferPointer<UInt8>) {
        self.page = page
        var fields = ProtobufFields(page)
        while fields.next() {
            switch fields.number {
            case 1: self.hasStatus = Self.code(ofStatus: fields.bytes) == 0
            case 2: self.isAnswer = true
            case 4: self.count += 1
            case 5: self.key = fields.value
            case 6: self.queue = fields.bytes
            case 7: self.isLast = fields.value != 0
            default: break
            }
        }
        self.isBroken = fields.isBroken
    }

    static func code(ofStatus status: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var code: UInt64 = 0
        var fields = ProtobufFields(status)
        while fields.next() { if fields.number == 1 { code = fields.value } }
        return code
    }

    /// The generator's messages: their ids, and when they were due.
    @inline(__always)
    func forEach(_ body: (_ identity: UInt64, _ due: Int64) -> Void) {
        var fields = ProtobufFields(self.page)
        while fields.next() {
            guard fields.number == 4 else { continue }
            var (identity, due): (UInt64, Int64?) = (0, nil)
            var parts = ProtobufFields(fields.bytes)
            while parts.next() {
                switch parts.number {
                case 1: identity = parts.value
                case 6: due = Self.due(in: parts.bytes)
                default: break
                }
            }
            if let due { body(identity, due) }
        }
    }

    /// Of a MessageBody: as the text of its content says it.
    private static func due(in body: UnsafeBufferPointer<UInt8>) -> Int64? {
        var due: Int64?
        var fields = ProtobufFields(body)
        while fields.next() {
            guard fields.number == 4 else { continue }
            var parts = ProtobufFields(fields.bytes)
            while parts.next() {
                guard parts.number == 2, parts.bytes.count >= DueTime.digits, let text = parts.bytes.baseAddress else {
                    continue
                }
                due = DueTime.read(text)
            }
        }
        return due
    }
}
