import Glibc
import Testing

@testable import parley

/// The server's end of one member's connection, in a test's hands: what the member makes of what it is told, and what it says to that.
final class FakeServer {
    let crowd: Crowd
    private let poller = Poller()
    private let descriptor: Int32
    private var input: [UInt8] = []

    init(_ login: Login) throws {
        let (listener, port) = try Loopback.listen()
        defer { close(listener) }
        self.crowd = Crowd(port: port, on: self.poller)
        try self.crowd.add([login])
        self.descriptor = accept(listener, nil, nil)
        try self.wait { self.input.suffix(4).elementsEqual("\r\n\r\n".utf8) }
        self.request = String(decoding: self.input, as: UTF8.self)
        self.input = []
        self.write(Array("HTTP/1.1 101 Switching Protocols\r\n\r\n".utf8))
    }

    deinit { close(self.descriptor) }

    /// With which the member came.
    private(set) var request = ""

    var member: Member { self.crowd.members[0] }
    var check: SequenceCheck { self.member.check }
    var isReady: Bool { self.member.isReady }

    /// One binary message of a server's.
    func say(_ message: [UInt8]) {
        self.write(
            message.count < 126
                ? [0x82, UInt8(message.count)] + message
                : [0x82, 126, UInt8(message.count >> 8), UInt8(message.count & 255)] + message)
    }

    /// The next message that the member says, without its frame.
    func next() throws -> [UInt8] {
        try self.wait { self.length.map { self.input.count >= $0.end } ?? false }
        let length = try #require(self.length)
        #expect(self.input[0] == 0x82)
        defer { self.input.removeFirst(length.end) }
        return Array(self.input[length.start..<length.end])
    }

    /// Of the frame that comes next, with its mask.
    private var length: (start: Int, end: Int)? {
        guard self.input.count >= 6 else { return nil }
        let short = Int(self.input[1] & 0x7F)
        guard short == 126 else { return (6, 6 + short) }
        return (8, 8 + Int(self.input[2]) << 8 + Int(self.input[3]))
    }

    /// Until it is so; ten seconds at the most.
    func wait(_ condition: () -> Bool) throws {
        let isSo = self.poller.run(until: Monotonic.now + Monotonic.seconds(10)) {
            self.read()
            return condition()
        }
        try #require(isSo, "\(self.crowd.losses)")
    }

    private func read() {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = recv(self.descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        if count > 0 { self.input += bytes.prefix(count) }
    }

    private func write(_ bytes: [UInt8]) { #expect(send(self.descriptor, bytes, bytes.count, 0) == bytes.count) }
}
