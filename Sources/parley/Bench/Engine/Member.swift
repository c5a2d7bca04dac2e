/// One listening member, which reads as little of each frame as it takes to count it, so that the generator is not what is measured.
final class Member: Connection {
    let crowd: Crowd
    /// Which conversation of the crowd's.
    let room: Int
    private(set) var check = SequenceCheck()
    private var shape = MessageShape()
    private let target: String
    private var isOpen = false
    private(set) var isReady = false

    /// - Parameter target: path and query of `/v1/connect`.
    init(_ target: String, room: Int, of crowd: Crowd, port: Int, on poller: Poller) throws(BenchFailure) {
        self.crowd = crowd
        self.room = room
        self.target = target
        try super.init(to: port, on: poller, isUrgent: crowd.isUrgent)
    }

    override func opened() {
        self.send(
            """
            GET \(self.target) HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
            Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n
            """)
    }

    override func closed(_ reason: String) { self.crowd.lost(self, reason) }

    override func received(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return 0 }
        if self.isOpen { return self.receivedFrames(base, bytes.count, from: 0) }
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return 0 }
        guard bytes.starts(with: Array("HTTP/1.1 101".utf8)) else {
            self.crowd.lost(self, "refused: \(String(decoding: bytes, as: UTF8.self))")
            self.close()
            return bytes.count
        }
        self.isOpen = true
        return self.receivedFrames(base, bytes.count, from: end.upperBound)
    }

    private func receivedFrames(_ bytes: UnsafePointer<UInt8>, _ count: Int, from start: Int) -> Int {
        // When what has come together did.
        let now = Monotonic.now
        var offset = start
        while let frame = ServerFrame(bytes, at: offset, of: count) {
            switch frame.opcode {
            case 1: self.received(bytes + frame.start, frame.end &- frame.start, at: now)
            case 9: self.answerPing(UnsafeBufferPointer(start: bytes + frame.start, count: frame.end - frame.start))
            default: break
            }
            offset = frame.end
        }
        return offset
    }

    /// Every frame begins with `{"type":"`, and its type.
    @inline(__always)
    private func received(_ frame: UnsafePointer<UInt8>, _ count: Int, at now: Int64) {
        guard count > 16 || !self.isReady else { return }
        if frame[9] == UInt8(ascii: "m"), count > 16, let reading = self.shape.read(frame, count) {
            self.check.received(reading.sequence, reading.identity)
            self.crowd.received(reading.due, at: now)
        } else if frame[9] == UInt8(ascii: "r"), !self.isReady, count == 16 {
            self.isReady = true
            self.crowd.becameReady(at: now)
        }
    }

    /// Masked with zeros: a mask protects proxies from pages, and here is neither.
    private func answerPing(_ payload: UnsafeBufferPointer<UInt8>) {
        let pong: [UInt8] = [0x8A, 0x80 | UInt8(payload.count), 0, 0, 0, 0] + payload
        pong.withUnsafeBytes { self.send($0) }
    }
}
