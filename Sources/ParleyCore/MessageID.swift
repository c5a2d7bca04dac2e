import Synchronization

/// A message's id: unique in the process's Apps, ordered by time, and small enough (53 bits) for a JavaScript number.
///
///     41 bits: milliseconds since 2014-12-03T00:00:00Z | 12 bits: slot (8 bits of sequence, 4 bits of node)
///
/// Every dialect's message id is a pure function of it both ways (the dialects' `Identifiers.swift`), so that any of them can recall,
/// edit or look up what another sent. The slot is 12 bits because that is the room RongCloud's UID has beside time and target; the epoch is
/// Easemob's. The time in the id *is* the message's time: there is no second clock reading to disagree with it.
package struct MessageID: Hashable, Comparable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// - Parameter slot: the low 12 bits are used.
    package init(sentAt: Timestamp, slot: UInt16) {
        let elapsed = UInt64(max(0, sentAt.milliseconds - Self.epochMilliseconds)) & ((1 << 41) - 1)
        self.rawValue = elapsed << 12 | UInt64(slot & 0xFFF)
    }

    /// 2014-12-03T00:00:00Z.
    package static let epochMilliseconds: Int64 = 1_417_564_800_000

    package var sentAt: Timestamp { Timestamp(milliseconds: Int64(self.rawValue >> 12) + Self.epochMilliseconds) }
    package var slot: UInt16 { UInt16(self.rawValue & 0xFFF) }

    package static func < (one: MessageID, other: MessageID) -> Bool { one.rawValue < other.rawValue }
}

extension MessageID: CustomStringConvertible {
    /// Decimal, as ParleySocket shows it.
    package var description: String { String(self.rawValue) }

    package init?(_ description: some StringProtocol) {
        guard let value = UInt64(description), value < 1 << 53 else { return nil }
        self.rawValue = value
    }
}

/// Hands out message ids, each greater than the last, whatever the wall clock does.
///
/// More than 256 ids in a millisecond borrow from the next one; a clock that steps back is waited out in the same way.
package final class MessageIDSource: Sendable {
    private let clock: any WallClock
    private let node: UInt16
    private let last: Mutex<(milliseconds: Int64, sequence: UInt16)>

    /// - Parameters:
    ///   - node: this process among its equals, 0...15.
    ///   - lastUsed: the greatest id on disk, so that a clock set back across a restart cannot repeat one.
    package init(clock: any WallClock, node: UInt16 = 0, lastUsed: MessageID? = nil) {
        self.clock = clock
        self.node = node & 0xF
        self.last = Mutex((lastUsed?.sentAt.milliseconds ?? 0, 255))
    }

    /// Continues after `id`: what the store calls when it has read the greatest id on disk.
    package func advance(past id: MessageID) {
        self.last.withLock { last in
            if id.sentAt.milliseconds >= last.milliseconds { last = (id.sentAt.milliseconds, 255) }
        }
    }

    /// As great as any that was handed out, and less than those that will be.
    package var latest: MessageID {
        let (milliseconds, sequence) = self.last.withLock { $0 }
        return MessageID(sentAt: Timestamp(milliseconds: milliseconds), slot: sequence << 4 | 0xF)
    }

    package func next() -> MessageID {
        let now = self.clock.now().milliseconds
        let (milliseconds, sequence) = self.last.withLock { last in
            if now > last.milliseconds {
                last = (now, 0)
            } else if last.sequence < 255 {
                last.sequence += 1
            } else {
                last = (last.milliseconds + 1, 0)
            }
            return last
        }
        return MessageID(sentAt: Timestamp(milliseconds: milliseconds), slot: sequence << 4 | self.node)
    }
}
