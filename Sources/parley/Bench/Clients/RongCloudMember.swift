/// A client as RongCloud's web SDK 5.2 is one: it keeps the time of the newest message that it has, is handed what is new, acknowledges it, and asks for
/// what it has missed. What is pushed while it asks it throws away, as the SDK does.
///
/// One message of the socket is one frame: a byte that says what it is, then numbers, the highest byte first, texts with two bytes of length, and protobuf.
final class RongCloudMember: MemberProtocol {
    /// With the cursors as they are now.
    private(set) var login: Login
    private var lastID: UInt16 = 0
    /// Of the question for messages that is under way.
    private var pullID: UInt16?
    private var wantsPull = false
    private var hasPulled = false
    /// When it asked for a sign of life that has not come yet.
    private var pingedAt: Int64?
    /// What the user has said elsewhere, by the frame's number, until it is told what it is called.
    private var held: [(id: UInt16, due: Int64)] = []

    private static let ping = [UInt8].clientFrame([0xC0])
    private static let messageTopic = Array("s_msg".utf8)
    private static let noticeTopic = Array("s_ntf".utf8)

    init(_ login: Login) { self.login = login }

    var target: String {
        "/websocket?appId=parley-demo&token=\(self.login.token)&sdkVer=5.2.1&pid=&apiVer=normal&protocolVer=3"
    }

    func received(_ message: UnsafeBufferPointer<UInt8>, by member: Member, at now: Int64) {
        var scan = ByteScan(message)
        guard let header = scan.integer(1) else { return }
        let isRead =
            switch header >> 4 {
            case 2: self.welcomed(&scan, by: member, at: now)
            case 3: self.told(&scan, header, by: member, at: now)
            case 4: self.named(&scan, by: member, at: now)
            case 6: self.answered(&scan, by: member, at: now)
            case 13: self.ponged()
            case 14: self.sentAway(member)
            default: true
            }
        if !isRead { member.giveUp("it cannot read a frame that begins with \(header)") }
    }

    // MARK: Alive

    let beat: Int64? = Monotonic.seconds(15)

    func beat(_ member: Member, at now: Int64) {
        guard let pingedAt = self.pingedAt else {
            self.pingedAt = now
            return member.say(Self.ping)
        }
        if now - pingedAt >= Monotonic.seconds(15) { member.giveUp("its ping was not answered in 15 seconds") }
    }

    private func ponged() -> Bool {
        self.pingedAt = nil
        return true
    }

    private func sentAway(_ member: Member) -> Bool {
        member.giveUp("it was sent away")
        return true
    }

    // MARK: Asking

    /// What the SDK asks when it is let in, and nobody here wants to know but for the messages.
    private func welcomed(_ scan: inout ByteScan, by member: Member, at now: Int64) -> Bool {
        guard scan.take(1) != nil, let status = scan.integer(1) else { return false }
        guard status == 0 else {
            member.giveUp("it is not let in: status \(status)")
            return true
        }
        self.beat(member, at: now)
        member.say(self.query("pullSeAtts", self.nextID(), [0x08, 0]))
        member.say(self.query("pullUS", self.nextID(), [0x08, 0]))
        self.pull(member)
        var report: [UInt8] = []
        report.append(1, #"{"engine":"5.2.1","imlib":"5.2.1"}"#)
        member.say(self.query("reportsdk", self.nextID(), report))
        return true
    }

    private func pull(_ member: Member) {
        guard self.pullID == nil else {
            self.wantsPull = true
            return
        }
        let id = self.nextID()
        self.pullID = id
        var request: [UInt8] = []
        request.append(1, UInt64(self.login.received))
        request.append(2, 0 as UInt64)
        request.append(4, 1 as UInt64)
        request.append(6, UInt64(self.login.sent))
        member.say(self.query("pullMsg", id, request))
    }

    private func query(_ topic: String, _ id: UInt16, _ payload: [UInt8]) -> [UInt8] {
        var frame: [UInt8] = [0x50]
        frame.append(counted: topic)
        frame.append(counted: self.login.user)
        frame += [UInt8(id >> 8), UInt8(truncatingIfNeeded: id)] + payload
        return .clientFrame(frame)
    }

    private func nextID() -> UInt16 {
        self.lastID = self.lastID % .max + 1
        return self.lastID
    }

    private func answered(_ scan: inout ByteScan, by member: Member, at now: Int64) -> Bool {
        guard let id = scan.integer(2), scan.take(4) != nil, let status = scan.integer(2) else { return false }
        guard id == self.pullID.map(UInt64.init) else { return true }
        guard status == 0 else {
            member.giveUp("it asked for messages and was answered \(status)")
            return true
        }
        self.pullID = nil
        self.hasPulled = true
        var isFinished = false
        var received = self.login.received
        var fields = ProtobufFields(scan.rest)
        while fields.next() {
            switch fields.number {
            case 1: self.heard(fields.bytes, by: member, at: now)
            case 2: received = max(received, Int64(clamping: fields.value))
            case 3: isFinished = fields.value != 0
            default: break
            }
        }
        self.login.received = max(self.login.received, received)
        if self.wantsPull || !isFinished {
            self.wantsPull = false
            self.pull(member)
        } else {
            member.becameReady(at: now)
        }
        return !fields.isBroken
    }

    // MARK: Told

    private func told(_ scan: inout ByteScan, _ header: UInt64, by member: Member, at now: Int64) -> Bool {
        guard scan.take(4) != nil, let topic = scan.text(), scan.text() != nil, let id = scan.integer(2) else {
            return false
        }
        // Of its user's own messages it is told next what they are called.
        guard header & 0x08 == 0 else { return self.hold(scan.rest, UInt16(id)) }
        if header & 0x06 != 0 {
            member.say([0x82, 0x83, 0, 0, 0, 0, 0x40, UInt8(id >> 8), UInt8(truncatingIfNeeded: id)])
        }
        if topic.elementsEqual(Self.messageTopic) {
            if self.hasPulled, self.pullID == nil { self.heard(scan.rest, by: member, at: now) }
        } else if topic.elementsEqual(Self.noticeTopic) {
            self.noticed(scan.rest, member)
        }
        return true
    }

    private func heard(_ bytes: UnsafeBufferPointer<UInt8>, by member: Member, at now: Int64) {
        let message = RongCloudMessage(bytes)
        // What is not later than what it has, an SDK may well throw away.
        let isLate = message.time <= (message.isOwn ? self.login.sent : self.login.received)
        self.has(message.time, isOwn: message.isOwn)
        guard let due = message.due else { return }
        member.heard(message.identity, isLate: isLate, due: due, at: now)
    }

    private func has(_ time: Int64, isOwn: Bool) {
        if isOwn {
            self.login.sent = max(self.login.sent, time)
        } else {
            self.login.received = max(self.login.received, time)
        }
    }

    /// Of rooms, which have type 2, nobody here is a member.
    private func noticed(_ notice: UnsafeBufferPointer<UInt8>, _ member: Member) {
        var (type, time): (UInt64, UInt64) = (0, 0)
        var fields = ProtobufFields(notice)
        while fields.next() {
            switch fields.number {
            case 1: type = fields.value
            case 2: time = fields.value
            default: break
            }
        }
        if type != 2, Int64(clamping: time) > self.login.received { self.pull(member) }
    }

    // MARK: Its user's own messages

    private func hold(_ message: UnsafeBufferPointer<UInt8>, _ id: UInt16) -> Bool {
        var fields = ProtobufFields(message)
        while fields.next() {
            if fields.number == 3, let due = RongCloudMessage.due(in: fields.bytes) { self.held.append((id, due)) }
        }
        return !fields.isBroken
    }

    private func named(_ scan: inout ByteScan, by member: Member, at now: Int64) -> Bool {
        guard let id = scan.integer(2), let seconds = scan.integer(4), scan.take(2) != nil,
            let milliseconds = scan.integer(2), let name = scan.text()
        else { return false }
        guard let index = self.held.firstIndex(where: { $0.id == UInt16(id) }) else { return true }
        let time = Int64(seconds * 1000 + milliseconds)
        let isLate = time <= self.login.sent
        self.has(time, isOwn: true)
        member.heard(
            RongCloudMessage.identity(name), isLate: isLate, due: self.held.remove(at: index).due, at: now)
        return true
    }
}

/// What is looked at of a DownStreamMessage.
struct RongCloudMessage {
    /// Greater than that of every message that was said in the conversation before.
    private(set) var identity: UInt64 = 0
    /// Unix milliseconds: a client's cursor.
    private(set) var time: Int64 = 0
    /// The user has said it himself, on another device.
    private(set) var isOwn = false
    /// Nil: it is none of the generator's.
    private(set) var due: Int64?

    init(_ message: UnsafeBufferPointer<UInt8>) {
        var fields = ProtobufFields(message)
        while fields.next() {
            switch fields.number {
            case 5: self.due = Self.due(in: fields.bytes)
            case 6: self.time = Int64(clamping: fields.value)
            case 9: self.identity = Self.identity(fields.bytes)
            case 10: self.isOwn = fields.value == 1
            default: break
            }
        }
    }

    /// Of a text message's content, which is JSON.
    static func due(in content: UnsafeBufferPointer<UInt8>) -> Int64? {
        let start =
            content.starts(with: self.textBegin)
            ? self.textBegin.count : content.firstRange(of: self.textName)?.upperBound
        guard let start, start + DueTime.digits <= content.count, let base = content.baseAddress else { return nil }
        return DueTime.read(base + start)
    }

    private static let textBegin = Array(#"{"content":""#.utf8)
    private static let textName = Array(#""content":""#.utf8)

    /// The first twelve symbols of a messageUId, of five bits each: when it was said, the milliseconds above, and its place among those of one millisecond.
    static func identity(_ name: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var identity: UInt64 = 0
        for symbol in name.prefix(14) where symbol != UInt8(ascii: "-") {
            identity = identity &<< 5 | UInt64((symbol &- (symbol <= 0x39 ? 0x30 : 0x37)) & 31)
        }
        return identity
    }
}
