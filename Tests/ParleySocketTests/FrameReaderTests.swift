import NIOCore
import NIOWebSocket
import Testing

@testable import ParleySocket

/// Frames from bytes, without a channel.
struct FrameReaderTests {
    /// As clients send it: masked.
    private func bytes(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = [first]
        switch payload.count {
        case ...125: bytes.append(0x80 | UInt8(payload.count))
        case ...0xFFFF: bytes += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default: bytes += [0x80 | 127] + (0..<8).reversed().map { UInt8(payload.count >> ($0 * 8) & 0xFF) }
        }
        let key: [UInt8] = [1, 2, 3, 4]
        return bytes + key + payload.enumerated().map { $1 ^ key[$0 % 4] }
    }

    private func payloads(_ reader: inout FrameReader) throws -> [[UInt8]] {
        var payloads: [[UInt8]] = []
        while let frame = try reader.next() { payloads.append(Array(frame.unmaskedData.readableBytesView)) }
        return payloads
    }

    @Test func framesAreTheSameHoweverTheirBytesAreCut() throws {
        let payloads: [[UInt8]] = [[], [7], Array(repeating: 8, count: 126), Array(repeating: 9, count: 70_000), [10]]
        let bytes = payloads.flatMap { self.bytes(0x82, $0) }
        for size in [1, 2, 3, 7, 130, 65_536, bytes.count] {
            var reader = FrameReader(limit: 100_000)
            var found: [[UInt8]] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                reader.append(ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)]))
                found += try self.payloads(&reader)
            }
            #expect(found == payloads, "\(size) bytes at a time")
        }
    }

    @Test func theFirstByteSaysWhatItIs() throws {
        var reader = FrameReader(limit: 10)
        reader.append(ByteBuffer(bytes: self.bytes(0x51, [1]) + self.bytes(0x89, [])))
        let text = try #require(try reader.next())
        #expect(!text.fin && text.rsv1 && !text.rsv2 && text.rsv3 && text.opcode == .text && text.maskKey != nil)
        let ping = try #require(try reader.next())
        #expect(ping.fin && !ping.rsv1 && ping.opcode == .ping)
    }

    @Test func aFrameWithoutAMaskIsTold() throws {
        var reader = FrameReader(limit: 10)
        reader.append(ByteBuffer(bytes: [0x81, 1, 65]))
        #expect(try reader.next()?.maskKey == nil)
    }

    @Test func whatIsTooLongIsRefusedBeforeItComes() {
        for head in [[0x82, 0x80 | 126, 0, 200], [0x82, 0x80 | 127, 0xFF, 0, 0, 0, 0, 0, 0, 0]] as [[UInt8]] {
            var reader = FrameReader(limit: 100)
            reader.append(ByteBuffer(bytes: head + [1, 2, 3, 4]))
            #expect(throws: NIOWebSocketError.invalidFrameLength) { try reader.next() }
        }
    }

    @Test func controlFramesAreShortAndWhole() {
        for (bytes, error) in [
            (self.bytes(0x09, []), NIOWebSocketError.fragmentedControlFrame),
            (self.bytes(0x89, Array(repeating: 1, count: 126)), .multiByteControlFrameLength),
        ] {
            var reader = FrameReader(limit: 1000)
            reader.append(ByteBuffer(bytes: bytes))
            #expect(throws: error) { try reader.next() }
        }
    }

    @Test func nothingIsReadBehindAnError() throws {
        var reader = FrameReader(limit: 10)
        reader.append(ByteBuffer(bytes: self.bytes(0x09, []) + self.bytes(0x81, [65])))
        #expect(throws: NIOWebSocketError.fragmentedControlFrame) { try reader.next() }
        reader.append(ByteBuffer(bytes: self.bytes(0x81, [66])))
        #expect(try reader.next() == nil)
    }
}

struct LineTests {
    @Test func whoCameFirstIsFirstThroughManyComingsAndGoings() {
        var line = Line<Int>()
        var (came, went) = (0, 0)
        for round in 1...200 {
            for _ in 0..<(round % 7) {
                line.append(came)
                came += 1
            }
            for _ in 0..<(round % 6) where !line.isEmpty {
                #expect(line.next == went)
                #expect(line.popNext() == went)
                went += 1
            }
        }
        while let next = line.popNext() {
            #expect(next == went)
            went += 1
        }
        #expect(went == came && line.isEmpty && line.next == nil)
    }
}
