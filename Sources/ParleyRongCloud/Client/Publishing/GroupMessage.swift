package import ParleyCore

/// What is said in a group as all its members are told who did not say it: but for the time by which each of them counts it, the same bytes for all.
package final class GroupMessage {
    /// Who said it.
    package let sender: UserID
    /// SDKs of the second generation cannot read it as it is (``ShortText``).
    package let isLong: Bool
    /// Of the ``WireDownStreamMessage``, what comes before the time, and after it.
    private let before: [UInt8]
    private let after: [UInt8]
    /// Nearly all count it by the same time.
    private var last: (dataTime: Int64, bytes: [UInt8])?

    /// Nil: clients are not told of it, or not all of them the same.
    package init?(_ entry: Entry) {
        // To nobody's name anything is said.
        guard case .group(let group) = entry.conversation.conversation, group.chatRoom == nil,
            let message = ClientSpelling.downStream(entry, for: UserID(""), dataTime: 0), !message.hasDirection
        else { return nil }
        var (before, after) = (WireDownStreamMessage(), message)
        before.fromUserID = message.fromUserID
        before.type = message.type
        before.groupID = message.groupID
        before.classname = message.classname
        before.content = message.content
        after.clearFromUserID()
        after.clearType()
        after.clearGroupID()
        after.clearClassname()
        after.clearContent()
        after.clearDataTime()
        self.sender = UserID(message.fromUserID)
        self.isLong = ShortText.isLong(message.contentBytes)
        self.before = before.partialBytes
        self.after = after.partialBytes
    }

    package var byteCount: Int { 2 * (self.before.count + self.after.count) }

    /// The bytes of the ``WireDownStreamMessage``.
    package func bytes(dataTime: Int64) -> [UInt8] {
        if let last, last.dataTime == dataTime { return last.bytes }
        var bytes = self.before
        bytes.reserveCapacity(self.before.count + self.after.count + 11)
        bytes.append(Self.timeTag)
        var rest = UInt64(bitPattern: dataTime)
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
        bytes += self.after
        self.last = (dataTime, bytes)
        return bytes
    }

    /// Field 6, a varint.
    private static let timeTag: UInt8 = 6 << 3
}
