import Crypto
package import ParleyCore
import ParleyDialectKit
import Synchronization

/// A message's id as the vendor writes it: a positive 64-bit number, in decimal.
///
///     bits 63…32: seconds since 2014-12-03T00:00:00Z | 31…22: millisecond | 21…12: sequence | 11…0: node
///
/// Both ways a pure function of the core's id, whose slot holds 8 bits of sequence and 4 bits of node. Source: facts/easemob-server.md 2.3.
extension MessageID {
    var easemob: String { String(self.easemobNumber) }

    package var easemobNumber: UInt64 {
        let elapsed = UInt64(self.sentAt.milliseconds - Self.epochMilliseconds)
        let slot = UInt64(self.slot)
        return (elapsed / 1000) << 32 | (elapsed % 1000) << 22 | (slot >> 4) << 12 | slot & 0xF
    }

    /// Of several things that one id stands for, the number of each: they differ in bits that no id of ours has. Nil: there are too many of them.
    package func easemobNumber(part: Int) -> UInt64? { part < 256 ? self.easemobNumber | UInt64(part) << 4 : nil }

    /// Nil for text that is no number, and for ids that this server cannot have made.
    init?(easemob text: some StringProtocol) { self.init(EasemobMessageID(text)) }
    package init?(easemobNumber: UInt64) { self.init(EasemobMessageID(easemobNumber)) }

    init?(_ parts: EasemobMessageID?) {
        guard let parts, parts.sequence < 256, parts.node < 16 else { return nil }
        self.init(sentAt: parts.sentAt, slot: UInt16(parts.sequence << 4 | parts.node))
    }
}

/// The parts of a message id, ours or the vendor's own.
struct EasemobMessageID: Hashable, Sendable {
    let sentAt: Timestamp
    let sequence: UInt64
    let node: UInt64

    init?(_ text: some StringProtocol) {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let value = UInt64(text)
        else { return nil }
        self.init(value)
    }

    init?(_ bits: UInt64) {
        guard bits <= Int64.max else { return nil }
        let millisecond = bits >> 22 & 0x3FF
        guard millisecond < 1000 else { return nil }
        self.sentAt = Timestamp(
            milliseconds: MessageID.epochMilliseconds + Int64(bits >> 32) * 1000 + Int64(millisecond))
        self.sequence = bits >> 12 & 0x3FF
        self.node = bits & 0xFFF
    }
}

/// Makes group ids as the vendor's: seconds since 2016-11-17T16:00:00Z << 20 | node << 16 | sequence, in decimal. Fits a JavaScript number.
///
/// The ids of chat rooms are of the same make, with a bit set above all others: an id says what it is of (``ParleyCore/GroupID/init(easemob:)``).
///
/// The sequence runs with the milliseconds (64 each), so that a process that starts anew within a second does not begin where it began before.
final class GroupIDSource: Sendable {
    static let epochSeconds: Int64 = 1_479_398_400

    private let clock: any WallClock
    private let node: UInt64
    /// Seconds since the epoch << 16 | sequence.
    private let last = Mutex<UInt64>(0)

    /// - Parameter node: this process among its equals, 0...15.
    init(clock: any WallClock, node: UInt16) {
        self.clock = clock
        self.node = UInt64(node & 0xF)
    }

    func next(isRoom: Bool = false) -> GroupID {
        let now = self.clock.now()
        let seconds = UInt64(max(0, now.seconds - Self.epochSeconds))
        let moment = seconds << 16 | UInt64(max(0, now.milliseconds % 1000)) * 64
        let value = self.last.withLock { last in
            last = max(last + 1, moment)
            return last
        }
        let number = (value >> 16) << 20 | self.node << 16 | value & 0xFFFF
        return GroupID(easemob: String(isRoom ? GroupID.easemobRooms.lowerBound | number : number))
    }
}

/// Groups and chat rooms have ids of one kind here: decimal numbers, shown plainly, of which clients do not always say what they are of. So a number says it
/// itself: the upper half of those that fit JavaScript is that of rooms, which no group of the vendor's is in.
///
/// In the core a room's id has the prefix that all chat rooms' have, so that the same room is to RongCloud's clients and backends the room of that number. A room
/// that was made there under another name is addressed here by its whole id in the core, as groups are.
extension GroupID {
    static let easemobRooms: ClosedRange<UInt64> = (1 << 52)...(1 << 53 - 1)

    package init(easemob text: String) {
        if Self.isRoomNumber(text) { self.init(chatRoom: text) } else { self.init(text) }
    }

    package var easemob: String {
        guard let name = self.chatRoom, Self.isRoomNumber(name) else { return self.rawValue }
        return name
    }

    package var isEasemobRoom: Bool { self.chatRoom != nil }

    /// As it is written here, and no other way.
    private static func isRoomNumber(_ text: String) -> Bool {
        guard let number = UInt64(text) else { return false }
        return self.easemobRooms.contains(number) && String(number) == text
    }
}

/// A UUID that looks like the vendor's (version 1).
struct VersionOneUUID: Hashable, Sendable, CustomStringConvertible {
    /// Sixteen of them.
    let bytes: [UInt8]

    init(bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
        precondition(self.bytes.count == 16)
    }

    private init(shaping raw: some Sequence<UInt8>) {
        var bytes = Array(raw.prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x10
        bytes[8] = bytes[8] & 0x3F | 0x80
        self.init(bytes: bytes)
    }

    /// The same text always has the same UUID.
    init(of text: String) { self.init(shaping: SHA256.hash(data: Array(text.utf8))) }

    static func random() -> VersionOneUUID {
        var generator = SystemRandomNumberGenerator()
        return VersionOneUUID(shaping: (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    /// What tokens of Apps carry as their scope.
    static let one = VersionOneUUID(bytes: [UInt8](repeating: 0, count: 15) + [1])

    static func application(_ app: AppID) -> VersionOneUUID { VersionOneUUID(of: "easemob application\0\(app)") }
    static func user(_ user: UserID, in app: AppID) -> VersionOneUUID {
        VersionOneUUID(of: "easemob user\0\(app)\0\(user)")
    }

    var description: String {
        let hex = self.bytes.hex
        var rest = hex[...]
        return [8, 4, 4, 4, 12].map { count in
            defer { rest = rest.dropFirst(count) }
            return String(rest.prefix(count))
        }.joined(separator: "-")
    }
}

/// Finds an App by the UUID that its tokens carry, and the other way round.
final class AppIndex: Sendable {
    private let directory: any Directory
    private let known = Mutex<[VersionOneUUID: AppID]>([:])
    private let uuids = Mutex<[AppID: String]>([:])

    init(directory: any Directory) { self.directory = directory }

    /// As text: every answer has it in it.
    func uuid(of app: AppID) -> String {
        if let known = self.uuids.withLock({ $0[app] }) { return known }
        let text = VersionOneUUID.application(app).description
        self.uuids.withLock { $0[app] = text }
        return text
    }

    func app(_ uuid: VersionOneUUID) async throws -> App? {
        if let id = self.known.withLock({ $0[uuid] }) { return try await self.directory.app(id) }
        let apps = try await self.directory.apps()
        self.known.withLock { known in
            for app in apps { known[.application(app.id)] = app.id }
        }
        return apps.first { VersionOneUUID.application($0.id) == uuid }
    }
}
