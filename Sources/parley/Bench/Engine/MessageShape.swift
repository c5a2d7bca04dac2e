/// Where a message frame has what is looked at: its sequence, its id, and the text's beginning, which is when the message was due.
///
/// Frames of one conversation differ only in their numbers, so these places are looked for once and then known; should a frame differ after all, they
/// are looked for again.
struct MessageShape {
    private var sequenceOffset = 0
    /// After the sequence's last digit.
    private var idDistance = 0
    private var textDistance = 0

    struct Reading {
        var sequence: UInt64
        var identity: UInt64
        /// Of the clock that latencies are measured by, in nanoseconds.
        var due: Int64
    }

    /// Nil: it is no message of the kind that the generator sends.
    @inline(__always)
    mutating func read(_ frame: UnsafePointer<UInt8>, _ count: Int) -> Reading? {
        if let reading = self.readAtKnownPlaces(frame, count) { return reading }
        guard self.learn(frame, count) else { return nil }
        return self.readAtKnownPlaces(frame, count)
    }

    @inline(__always)
    private func readAtKnownPlaces(_ frame: UnsafePointer<UInt8>, _ count: Int) -> Reading? {
        var index = self.sequenceOffset
        guard index > 0, index &+ 8 < count, frame[index &- 2] == UInt8(ascii: "\""),
            frame[index &- 1] == UInt8(ascii: ":")
        else { return nil }
        var sequence: UInt64 = 0
        while index < count, case let digit = frame[index] &- 0x30, digit < 10 {
            sequence = sequence &* 10 &+ UInt64(digit)
            index &+= 1
        }
        let id = index &+ self.idDistance
        let text = index &+ self.textDistance
        // The id's last sixteen bytes, and its quotation mark, tell one message from another.
        guard text &+ 16 < count, frame[text &- 1] == UInt8(ascii: "\""), frame[text &- 2] == UInt8(ascii: ":"),
            frame[id &- 1] == UInt8(ascii: "\""), frame[id &- 2] == UInt8(ascii: ":")
        else { return nil }
        let raw = UnsafeRawPointer(frame)
        let identity =
            raw.loadUnaligned(fromByteOffset: id, as: UInt64.self) &* 0xFF51_AFD7_ED55_8CCD
            ^ raw.loadUnaligned(fromByteOffset: id &+ 8, as: UInt64.self)
        return Reading(sequence: sequence, identity: identity, due: DueTime.read(frame + text))
    }

    private mutating func learn(_ frame: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        let bytes = UnsafeBufferPointer(start: frame, count: count)
        guard let sequence = bytes.firstRange(of: Array("\"seq\":".utf8)),
            let id = bytes.firstRange(of: Array("\"id\":\"".utf8)),
            let text = bytes.firstRange(of: Array("\"content\":{\"text\":\"".utf8)), id.lowerBound > sequence.lowerBound
        else { return false }
        let digits = bytes[sequence.upperBound...].prefix { (0x30...0x39).contains($0) }.count
        self.sequenceOffset = sequence.upperBound
        self.idDistance = id.upperBound - sequence.upperBound - digits
        self.textDistance = text.upperBound - sequence.upperBound - digits
        return true
    }
}

/// When a message was due, as the text of the message says it: sixteen hexadecimal digits.
enum DueTime {
    static let digits = 16

    @inline(__always)
    static func read(_ text: UnsafePointer<UInt8>) -> Int64 {
        var due: UInt64 = 0
        for index in 0..<Self.digits {
            let byte = text[index]
            due = due &<< 4 | UInt64(byte <= 0x39 ? byte &- 0x30 : byte &- 0x57) & 15
        }
        return Int64(bitPattern: due)
    }

    @inline(__always)
    static func write(_ due: Int64, to text: UnsafeMutablePointer<UInt8>) {
        var rest = UInt64(bitPattern: due)
        for index in (0..<Self.digits).reversed() {
            let digit = UInt8(rest & 15)
            text[index] = digit < 10 ? digit &+ 0x30 : digit &+ 0x57
            rest &>>= 4
        }
    }
}
