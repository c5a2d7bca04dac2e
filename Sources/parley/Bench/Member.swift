import NIOCore
import ParleyClient

/// One listening member, which reads as little of each frame as it takes to count it, so that the generator is not what is measured.
///
/// Frames of one group differ only in their numbers, so the place of `seq` and of the text is looked for once and then known.
final class Member: FrameSocket.Listener {
    let crowd: Crowd
    private(set) var last: UInt64 = 0
    private var sequenceOffset = 0
    private var textOffset = 0
    /// When the frames that have arrived together did.
    private var arrivedAt: Int64?

    init(crowd: Crowd) { self.crowd = crowd }

    func opened() { self.crowd.opened() }
    func refused(_ answer: String) { self.crowd.refused(answer) }
    func closed() { self.crowd.left() }
    func receivedAll() { self.arrivedAt = nil }

    func received(_ frame: UnsafeRawBufferPointer) {
        guard self.crowd.measuresLatency else { return self.count(frame, at: 0) }
        let now = self.arrivedAt ?? Int64(NIODeadline.now().uptimeNanoseconds)
        self.arrivedAt = now
        self.count(frame, at: now)
    }

    private func count(_ frame: UnsafeRawBufferPointer, at now: Int64) {
        guard frame.starts(with: Self.messageHead) else {
            if frame.starts(with: Self.readyHead) { self.crowd.ready() }
            return
        }
        if self.sequenceOffset == 0 { self.learn(frame) }
        var sequence: UInt64 = 0
        var index = self.sequenceOffset
        while index < frame.count, case let digit = frame[index] &- 0x30, digit < 10 {
            sequence = sequence &* 10 &+ UInt64(digit)
            index &+= 1
        }
        self.crowd.received(sequence, after: self.last)
        self.last = max(self.last, sequence)
        guard self.crowd.measuresLatency else { return }
        // The text begins with the moment at which the message was due, in 16 hexadecimal digits.
        let start = index + self.textOffset
        guard start + 16 <= frame.count else { return }
        var due: UInt64 = 0
        for byte in frame[start..<(start + 16)] {
            due = due << 4 | UInt64(byte <= 0x39 ? byte &- 0x30 : byte &- 0x57)
        }
        self.crowd.latencies.record(now - Int64(truncatingIfNeeded: due))
    }

    private func learn(_ frame: UnsafeRawBufferPointer) {
        let text = Array(frame)
        guard let sequence = text.firstRange(of: Array("\"seq\":".utf8)),
            let content = text.firstRange(of: Array("\"content\":{\"text\":\"".utf8))
        else { return }
        self.sequenceOffset = sequence.upperBound
        let digits = text[sequence.upperBound...].prefix { (0x30...0x39).contains($0) }.count
        self.textOffset = content.upperBound - sequence.upperBound - digits
    }

    private static let messageHead = Array(#"{"type":"message""#.utf8)
    private static let readyHead = Array(#"{"type":"ready""#.utf8)
}
