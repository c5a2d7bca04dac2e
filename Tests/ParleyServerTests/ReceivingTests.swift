import NIOCore
import Testing

@testable import ParleyServer

/// What is kept of a connection's receive buffer, by NIO's own rules for its pool.
struct ReceivingTests {
    private var pool = NIOPooledRecvBufferAllocator(capacity: 1, recvAllocator: Receiving())

    /// - Returns: how much room the read had.
    private mutating func read(_ count: Int) -> Int {
        let (_, capacity) = self.pool.buffer(allocator: ByteBufferAllocator()) { buffer in
            let capacity = buffer.writableBytes
            buffer.writeRepeatingByte(0, count: min(count, capacity))
            return capacity
        }
        self.pool.record(actualReadBytes: min(count, capacity))
        return capacity
    }

    @Test func aConnectionThatSaysMuchIsReadInLargePieces() {
        var test = self
        let capacities = (0..<6).map { _ in test.read(.max) }
        #expect(capacities.first == 1024)
        #expect(capacities.last == 65_536)
    }

    @Test func whatAConnectionNeededOnceIsNotKept() {
        var test = self
        for _ in 0..<6 { _ = test.read(.max) }
        var last = 0
        for _ in 0..<20 { last = test.read(10) }
        #expect(last == 1024)
        #expect(test.pool.count == 1)
    }
}
