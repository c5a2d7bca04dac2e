import CPoll
import Glibc

/// The load generator's loop: one thread, as many connections as it may have descriptors, one buffer that all of them read into.
///
/// Not NIO: a read there makes a buffer and passes a pipeline, which is more than all that is done here with what is read; the generator shares
/// two cores with the server that it measures.
///
/// Some connections may be urgent: they are looked at between every few of the others, so that what is measured on them is the server's delay, and not that
/// of a generator that is busy with ten thousand others.
final class Poller {
    static let bufferBytes = 512 * 1024

    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Poller.bufferBytes, alignment: 64)
    private let descriptor = poll_make()
    private let urgent = poll_make()
    private var hasUrgent = false
    private let events = UnsafeMutablePointer<poll_event>.allocate(capacity: Poller.eventCount)
    /// By descriptor.
    private var connections: [Connection?] = []
    private var alarms: [any Alarm] = []
    private static let eventCount = 1024
    /// Where some are urgent, so many of the others are dealt with before those are looked at again.
    private static let eventCountBesideUrgent = 32

    /// Something that is due at a time.
    protocol Alarm: AnyObject {
        /// When; nil: never, for now.
        var ringsAt: Int64? { get }
        func ring(at now: Int64)
    }

    init() { timers_ring_on_time() }

    deinit {
        for case let connection? in self.connections { Glibc.close(connection.descriptor) }
        Glibc.close(self.descriptor)
        Glibc.close(self.urgent)
        self.buffer.deallocate()
        self.events.deallocate()
    }

    /// Looks again at once instead of sleeping: what is measured is then without what it takes to wake a sleeping thread on another (virtual) core, which the
    /// writer pays. Takes a core for itself.
    var isSleepless = false

    func add(_ alarm: any Alarm) { self.alarms.append(alarm) }

    func add(_ connection: Connection) {
        let index = Int(connection.descriptor)
        while self.connections.count <= index { self.connections.append(nil) }
        self.connections[index] = connection
        if connection.isUrgent, !self.hasUrgent {
            // Whoever waits for the others is woken by the urgent ones too.
            self.hasUrgent = true
            poll_watch(self.descriptor, self.urgent, POLL_READABLE.rawValue, 1)
        }
        // Writable once it is connected, readable ever after.
        poll_watch(self.poll(of: connection), connection.descriptor, POLL_READABLE.rawValue | POLL_WRITABLE.rawValue, 1)
    }

    func becameWritable(_ connection: Connection) {
        poll_watch(self.poll(of: connection), connection.descriptor, POLL_READABLE.rawValue, 0)
    }

    private func poll(of connection: Connection) -> Int32 { connection.isUrgent ? self.urgent : self.descriptor }

    func remove(_ connection: Connection) {
        self.connections[Int(connection.descriptor)] = nil
        Glibc.close(connection.descriptor)
    }

    /// Reads and rings until it is `deadline`, or `isDone`, which is asked whenever something has happened.
    /// - Returns: whether it was done.
    @discardableResult
    func run(until deadline: Int64, _ isDone: () -> Bool = { false }) -> Bool {
        while true {
            if isDone() { return true }
            guard Monotonic.now < deadline else { return false }
            self.turn(until: deadline)
        }
    }

    /// Rings what is due and reads what is there; waits for it until `deadline`.
    private func turn(until deadline: Int64) {
        var now = Monotonic.now
        var next = deadline
        for alarm in self.alarms {
            guard let time = alarm.ringsAt else { continue }
            if time <= now {
                alarm.ring(at: now)
                now = Monotonic.now
            }
            next = min(next, alarm.ringsAt ?? deadline)
        }
        // Whoever has just heard something urgent may be done, and does not sleep.
        let urgentCount = self.hasUrgent ? self.attend(self.urgent, Self.eventCount, for: 0) : 0
        let count = self.hasUrgent ? Self.eventCountBesideUrgent : Self.eventCount
        let mustNotSleep = self.isSleepless || urgentCount > 0
        self.attend(self.descriptor, count, for: mustNotSleep ? 0 : max(0, next - now))
    }

    /// What is due and what is there, without waiting: for whoever has much else to do in between.
    func glance() { self.turn(until: Monotonic.now) }

    /// Waits for at most so many nanoseconds.
    /// - Returns: how many connections something happened on.
    @discardableResult
    private func attend(_ poll: Int32, _ limit: Int, for wait: Int64) -> Int32 {
        let count = poll_wait(poll, self.events, Int32(limit), wait)
        var index = 0
        while index < count {
            let event = self.events[index]
            let place = Int(event.descriptor)
            if place < self.connections.count, let connection = self.connections[place] {
                connection.happened(event.happenings)
            }
            index &+= 1
        }
        return count
    }
}
