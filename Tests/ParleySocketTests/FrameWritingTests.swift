import NIOCore
import NIOWebSocket
import ParleyCore
import ParleySocket
import Testing

/// Frames as servers write them, whichever way they are made.
struct FrameWritingTests {
    @Test(arguments: [0, 1, 125, 126, 127, 65_535, 65_536, 70_000])
    func aFrameIsTheSameHoweverItsPayloadIsWritten(count: Int) {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let written = ByteBuffer.frame(.binary, capacity: 16) { $0.writeBytes(payload) }
        #expect(written == ByteBuffer.frame(.binary, payload))
    }
}

/// What is made of entries once for all connections of a loop.
struct SpellingsTests {
    private func entry(_ sequence: UInt64) -> Entry {
        Entry(
            conversation: ConversationID(app: AppID("demo"), .group(GroupID("g"))), sequence: sequence,
            id: MessageID(rawValue: sequence), body: .recall(Recall(target: MessageID(rawValue: 1), by: UserID("a"))))
    }

    @Test func whatWasSpelledLatelyIsKnown() {
        let spellings = Spellings<Int>()
        let (one, other) = (self.entry(1), self.entry(1))
        spellings.keep(7, of: one, byteCount: 1)
        #expect(spellings[one] == 7)
        #expect(spellings[other] == nil, "an entry of the same place is not the same entry: it may have been edited")
    }

    @Test(arguments: [1, 100_000]) func whatWasSpelledLongAgoIsForgotten(byteCount: Int) {
        let spellings = Spellings<Int>()
        let entries = (0..<5000).map { self.entry(UInt64($0)) }
        for (number, entry) in entries.enumerated() { spellings.keep(number, of: entry, byteCount: byteCount) }
        let known = entries.count { spellings[$0] != nil }
        #expect(known >= 1 && known <= 2048 && known * byteCount <= 1_200_000)
        #expect(spellings[entries[4999]] == 4999)
    }
}
