package import ParleyCore

/// RongCloud's id of a message: 80 bits that tell when it was sent and where, as `B8FV-QAHO-I1E4-JLRI`.
///
///     42 bits: Unix milliseconds | 12 bits: slot | 4 bits: conversation type | 22 bits: hash of the target's id
///
/// written five bits a character in RFC 4648's base32hex. Source: facts/rongcloud-server.md 2.5. Time and slot are
/// ``MessageID``'s, so the core's id comes out of it again; the rest follows from the conversation.
package struct MessageUID: Hashable, Sendable {
    /// Unix milliseconds; 42 bits are used.
    package var milliseconds: UInt64
    /// 12 bits are used.
    package var slot: UInt16
    /// 4 bits are used: a ``ConversationType``, where it is one that we know.
    package var type: UInt8
    /// 22 bits are used.
    package var targetHash: UInt32

    package init(milliseconds: UInt64, slot: UInt16, type: UInt8, targetHash: UInt32) {
        self.milliseconds = milliseconds
        self.slot = slot
        self.type = type
        self.targetHash = targetHash
    }

    /// - Parameter target: the receiver of a private message, the group, the room. Its sender has no part in the id.
    package init(_ id: MessageID, in type: ConversationType, target: String) {
        self.init(
            milliseconds: UInt64(id.sentAt.milliseconds), slot: id.slot, type: type.rawValue,
            targetHash: Self.hash(of: target))
    }

    /// The core's id; nil when the time is out of its range, as with ids that were never ours.
    package var messageID: MessageID? {
        let sentAt = Timestamp(milliseconds: Int64(self.milliseconds))
        let id = MessageID(sentAt: sentAt, slot: self.slot)
        return id.sentAt == sentAt ? id : nil
    }

    /// Java's `String.hashCode()` of the target, its low 22 bits.
    package static func hash(of target: String) -> UInt32 {
        target.utf16.reduce(UInt32(0)) { $0 &* 31 &+ UInt32($1) } & 0x3F_FFFF
    }
}

extension String {
    /// It is what the vendor calls keys: letters, digits and `+ = - _`.
    var isKey: Bool { !self.isEmpty && self.utf8.allSatisfy(Self.mayStandInKey) }

    private static func mayStandInKey(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "="), UInt8(ascii: "-"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

/// The numbers of RongCloud's conversation types, in ids and in parameters.
package enum ConversationType: UInt8, Hashable, Sendable {
    case direct = 1
    case discussion = 2
    case group = 3
    case room = 4
    case customerService = 5
    case system = 6
    case ultraGroup = 10
}

extension MessageUID: CustomStringConvertible {
    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUV".utf8)

    package var description: String {
        let value =
            UInt128(self.milliseconds & ((1 << 42) - 1)) << 38 | UInt128(self.slot & 0xFFF) << 26
            | UInt128(self.type & 0xF) << 22 | UInt128(self.targetHash & 0x3F_FFFF)
        var text: [UInt8] = []
        text.reserveCapacity(19)
        for position in 0..<16 {
            if position > 0, position.isMultiple(of: 4) { text.append(UInt8(ascii: "-")) }
            text.append(Self.alphabet[Int(truncatingIfNeeded: value >> (75 - 5 * position) & 0x1F)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil when the text is not sixteen symbols of the alphabet. Dashes and the case of letters do not matter.
    package init?(_ text: some StringProtocol) {
        var value: UInt128 = 0
        var count = 0
        for symbol in text.utf8 where symbol != UInt8(ascii: "-") {
            guard count < 16, let digit = Self.digit(symbol) else { return nil }
            value = value << 5 | UInt128(digit)
            count += 1
        }
        guard count == 16 else { return nil }
        self.init(
            milliseconds: UInt64(value >> 38), slot: UInt16(value >> 26 & 0xFFF), type: UInt8(value >> 22 & 0xF),
            targetHash: UInt32(value & 0x3F_FFFF))
    }

    private static func digit(_ symbol: UInt8) -> UInt8? {
        switch symbol {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): symbol - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "V"): symbol - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "v"): symbol - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
