/// One listening member: a socket, and what has come over it. What is said and heard on it his client's protocol knows.
final class Member: Connection {
    let crowd: Crowd
    /// Which conversation of the crowd's.
    let room: Int
    private(set) var check = SequenceCheck()
    private let client: any MemberProtocol
    private var isOpen = false
    private(set) var isReady = false
    /// When something last came.
    private(set) var heardAt: Int64 = 0

    init(_ login: Login, room: Int, of crowd: Crowd, port: Int, on poller: Poller) throws(BenchFailure) {
        self.crowd = crowd
        self.room = room
        self.client = login.makeProtocol()
        try super.init(to: port, on: poller, isUrgent: crowd.isUrgent)
    }

    /// To come back with.
    var login: Login { self.client.login }

    override func opened() {
        self.send(
            """
            GET \(self.client.target) HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
            Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n
            """)
    }

    override func closed(_ reason: String) { self.crowd.lost(self, reason) }

    override func received(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return 0 }
        if self.isOpen { return self.receivedFrames(base, bytes.count, from: 0) }
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return 0 }
        guard bytes.starts(with: Array("HTTP/1.1 101".utf8)) else {
            self.giveUp("refused: \(String(decoding: bytes, as: UTF8.self))")
            return bytes.count
        }
        self.isOpen = true
        self.client.opened(self)
        return self.receivedFrames(base, bytes.count, from: end.upperBound)
    }

    private func receivedFrames(_ bytes: UnsafePointer<UInt8>, _ count: Int, from start: Int) -> Int {
        // When what has come together did.
        let now = Monotonic.now
        self.heardAt = now
        var offset = start
        while let frame = ServerFrame(bytes, at: offset, of: count) {
            let message = UnsafeBufferPointer(start: bytes + frame.start, count: frame.end &- frame.start)
            switch frame.opcode {
            case 1, 2: self.client.received(message, by: self, at: now)
            case 9: self.answerPing(message)
            default: break
            }
            offset = frame.end
        }
        self.speak()
        return offset
    }

    /// Masked with zeros: a mask protects proxies from pages, and here is neither.
    private func answerPing(_ payload: UnsafeBufferPointer<UInt8>) {
        self.say([0x8A, 0x80 | UInt8(payload.count), 0, 0, 0, 0] + payload)
    }

    var beatInterval: Int64? { self.client.beat }

    /// Whatever it may have to say by itself.
    func beat(at now: Int64) {
        guard self.isReady, !self.isClosed else { return }
        self.client.beat(self, at: now)
        self.speak()
    }

    /// What was said while it read goes out together.
    private func speak() {
        guard !self.crowd.outgoing.isEmpty else { return }
        self.crowd.outgoing.withUnsafeBytes { self.send($0) }
        self.crowd.outgoing.removeAll(keepingCapacity: true)
    }
}

// MARK: For its protocol

extension Member {
    /// Whole frames. They leave when all that has come together has been read.
    func say(_ frames: [UInt8]) { self.crowd.outgoing += frames }
    @inline(__always)
    func write(_ body: (inout [UInt8]) -> Void) { body(&self.crowd.outgoing) }

    /// It has all that it missed.
    func becameReady(at now: Int64) {
        guard !self.isReady else { return }
        self.isReady = true
        self.crowd.becameReady(at: now)
    }

    /// A message of the generator's, where the protocol numbers them.
    @inline(__always)
    func heard(_ sequence: UInt64, _ identity: UInt64, due: Int64, at now: Int64) {
        self.check.received(sequence, identity)
        self.crowd.received(due, at: now)
    }

    /// … and where it only gives them ascending names.
    ///
    /// - Parameter isLate: by something else than its name it comes after what has come before.
    @inline(__always)
    func heard(_ identity: UInt64, isLate: Bool = false, due: Int64, at now: Int64) {
        self.check.received(identity, isLate: isLate)
        self.crowd.received(due, at: now)
    }

    /// What has come is nothing that a client could go on with.
    func giveUp(_ reason: String) {
        guard !self.isClosed else { return }
        self.crowd.lost(self, reason)
        self.close()
    }
}
