package import ParleyCore

/// RongCloud's id of a message: 80 bits that tell when it was sent and where, as `B8FV-QAHO-I1E4-JLRI`.
///
///     42 bits: Unix milliseconds | 12 bits: slot | 4 bits: conversation type | 22 bits: hash of the target's id
///
/// written five bits a character in RFC 4648's base32hex. Source: facts/rongcloud-server.md 2.5. Time and slot are ``MessageID``'s, so the core's id comes out
/// of it again; the rest follows from the conversation.
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
        let low = UInt64(self.type & 0xF) << 22 | UInt64(self.targetHash & 0x3F_FFFF)
        let high = (self.milliseconds & ((1 << 42) - 1)) << 12 | UInt64(self.slot & 0xFFF)
        var text: [UInt8] = []
        text.reserveCapacity(19)
        for position in 0..<16 {
            if position > 0, position.isMultiple(of: 4) { text.append(UInt8(ascii: "-")) }
            // Bits of the whole, from the top: the 54 of `high`, then the 26 of `low`.
            let digit = (0..<5).reduce(0) { digit, bit in
                let index = position * 5 + bit
                let value = index < 54 ? high >> UInt64(53 - index) : low >> UInt64(79 - index)
                return digit << 1 | Int(value & 1)
            }
            text.append(Self.alphabet[digit])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil when the text is not sixteen symbols of the alphabet. Dashes and the case of letters do not matter.
    package init?(_ text: some StringProtocol) {
        var high: UInt64 = 0
        var low: UInt64 = 0
        var count = 0
        for symbol in text.utf8 where symbol != UInt8(ascii: "-") {
            guard count < 16, let digit = Self.digit(symbol) else { return nil }
            for bit in 0..<5 {
                let value = UInt64(digit >> UInt8(4 - bit) & 1)
                if count * 5 + bit < 54 { high = high << 1 | value } else { low = low << 1 | value }
            }
            count += 1
        }
        guard count == 16 else { return nil }
        self.init(
            milliseconds: high >> 12, slot: UInt16(high & 0xFFF), type: UInt8(low >> 22),
            targetHash: UInt32(low & 0x3F_FFFF))
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
