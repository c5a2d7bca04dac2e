import CPoll
import Foundation
import Glibc
import Synchronization

/// What loopback itself gives: one thread writes frames to many sockets, another reads them away, and nobody looks at them.
struct LoopbackProbe: Sendable {
    var sockets = 100
    /// Of one frame: what a message of 200 bytes of text is on ParleySocket.
    var frameBytes = 640
    var framesPerWrite: Int
    /// Between one round and the next, so that the reader has gone to sleep.
    var pauseMilliseconds = 0

    struct Result: Sendable {
        var writesPerSecond: Double
        var framesPerSecond: Double
        /// CPU time of the writing thread, kernel included.
        var microsecondsPerFrame: Double
        /// One write to every socket.
        var millisecondsPerRound: Double
    }

    func measure(seconds: Double) throws -> Result {
        let listener = try Loopback.listen()
        defer { close(listener.descriptor) }
        var writers: [Int32] = []
        var readers: [Int32] = []
        defer { for descriptor in writers + readers { close(descriptor) } }
        for _ in 0..<self.sockets {
            guard let writer = Loopback.connect(to: listener.port) else { throw BenchFailure("cannot connect") }
            writers.append(writer)
            readers.append(accept(listener.descriptor, nil, nil))
            var one: Int32 = 1
            setsockopt(writer, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout.size(ofValue: one)))
        }
        let drain = Drain(readers)
        defer { drain.stop() }
        return self.write(to: writers, seconds: seconds)
    }

    private func write(to writers: [Int32], seconds: Double) -> Result {
        let bytes = [UInt8](repeating: 0x78, count: self.frameBytes * self.framesPerWrite)
        let began = Monotonic.now
        let end = began + Monotonic.seconds(seconds)
        let cpu = Self.threadCPU()
        var writes = 0
        var rounds = 0
        var writing: Int64 = 0
        while Monotonic.now < end {
            let start = Monotonic.now
            for writer in writers { if send(writer, bytes, bytes.count, 0) == bytes.count { writes += 1 } }
            writing += Monotonic.now - start
            rounds += 1
            if self.pauseMilliseconds > 0 { usleep(UInt32(self.pauseMilliseconds) * 1000) }
        }
        let used = Self.threadCPU() - cpu
        let time = Double(Monotonic.now - began) / 1e9
        let frames = Double(writes * self.framesPerWrite)
        return Result(
            writesPerSecond: Double(writes) / time, framesPerSecond: frames / time,
            microsecondsPerFrame: used * 1e6 / max(1, frames),
            millisecondsPerRound: Double(writing) / 1e6 / Double(max(1, rounds)))
    }

    private static func threadCPU() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// A thread that reads and throws away.
    private final class Drain: Sendable {
        private let isStopping = Atomic(false)
        private let ended = DispatchSemaphore(value: 0)

        init(_ readers: [Int32]) { Thread.detachNewThread { self.run(readers) } }

        private func run(_ readers: [Int32]) {
            let poll = poll_make()
            for reader in readers {
                _ = fcntl(reader, F_SETFL, O_NONBLOCK)
                poll_watch(poll, reader, POLL_READABLE.rawValue, 1)
            }
            let events = UnsafeMutablePointer<poll_event>.allocate(capacity: 256)
            let buffer = UnsafeMutableRawPointer.allocate(byteCount: 256 * 1024, alignment: 64)
            while !self.isStopping.load(ordering: .relaxed) {
                let count = poll_wait(poll, events, 256, 10_000_000)
                for index in 0..<Int(max(0, count)) { _ = recv(events[index].descriptor, buffer, 256 * 1024, 0) }
            }
            events.deallocate()
            buffer.deallocate()
            close(poll)
            self.ended.signal()
        }

        func stop() {
            self.isStopping.store(true, ordering: .relaxed)
            self.ended.wait()
        }
    }
}
