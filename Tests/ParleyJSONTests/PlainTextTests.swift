import Testing

@testable import ParleyJSON

struct PlainTextTests {
    /// Eight at a time and one at a time find the same place, wherever it is in its word and whatever is beside it.
    @Test(arguments: [false, true]) func plainTextEndsWhereAByteAtATimeSaysSo(inASCII: Bool) {
        var wrong: [String] = []
        for byte in UInt8.min...UInt8.max {
            let isPlain = byte >= 0x20 && byte != 0x22 && byte != 0x5C && !(inASCII && byte >= 0x80)
            for place in 0..<17 {
                for other in [0x20, 0x21, 0x23, 0x5B, 0x5D, 0x7F, inASCII ? 0x41 : 0xFF] as [UInt8] {
                    var bytes = [UInt8](repeating: other, count: 17)
                    bytes[place] = byte
                    let ends = bytes.withUnsafeBufferPointer { bytes in
                        [0, min(1, place), place, 17].map { bytes.endOfPlainText(from: $0, inASCII: inASCII) }
                    }
                    let end = isPlain ? 17 : place
                    if ends != [end, end, end, 17] { wrong.append("\(byte) at \(place) among \(other): \(ends)") }
                }
            }
        }
        #expect(wrong.isEmpty)
    }
}
