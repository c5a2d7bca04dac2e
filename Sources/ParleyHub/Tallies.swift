import Metrics
import ParleyCore

/// What one shard counts. Added up here and reported once a tick, because a counter costs more than a delivery.
final class Tallies {
    /// One set for all shards.
    struct Meters: Sendable {
        let connections = Meter(label: "parley_connections")
        let slow = Meter(label: "parley_slow_connections")
        let deliveries = Counter(label: "parley_deliveries_total")
        let ephemeralDrops = Counter(label: "parley_ephemeral_drops_total")
        let catchUpReads = Counter(label: "parley_catch_up_reads_total")
        let failedReads = Counter(label: "parley_failed_reads_total")
        let counts = DeliveryCounts()

        init() {
            self.connections.set(0)
            self.slow.set(0)
        }
    }

    private let meters: Meters
    var deliveries = 0
    /// One delivery a tick is timed.
    private var mayTime = true
    var ephemeralDrops = 0
    /// Reads from the log for somebody who was behind.
    var catchUpReads = 0
    var failedReads = 0
    private var connections = 0
    private var reportedConnections = 0
    private var slow = 0
    private var reportedSlow = 0

    init(_ meters: Meters) { self.meters = meters }

    func connections(_ change: Int) { self.connections += change }
    /// Connections whose outbox is full.
    func slow(_ change: Int) { self.slow += change }

    /// What was given its place in the log at `sentAt` has been handed to sockets.
    func time(_ sentAt: Timestamp, by clock: any WallClock) {
        guard self.mayTime else { return }
        self.mayTime = false
        self.meters.counts.time(milliseconds: clock.now().milliseconds - sentAt.milliseconds)
    }

    func report() {
        self.mayTime = true
        if self.deliveries > 0 {
            self.meters.counts.add(self.deliveries)
            self.meters.deliveries.increment(by: exchange(&self.deliveries, for: 0))
        }
        if self.ephemeralDrops > 0 { self.meters.ephemeralDrops.increment(by: exchange(&self.ephemeralDrops, for: 0)) }
        if self.catchUpReads > 0 { self.meters.catchUpReads.increment(by: exchange(&self.catchUpReads, for: 0)) }
        if self.failedReads > 0 { self.meters.failedReads.increment(by: exchange(&self.failedReads, for: 0)) }
        if self.connections != self.reportedConnections {
            self.meters.connections.increment(by: Double(self.connections - self.reportedConnections))
            self.reportedConnections = self.connections
        }
        if self.slow != self.reportedSlow {
            self.meters.slow.increment(by: Double(self.slow - self.reportedSlow))
            self.reportedSlow = self.slow
        }
    }
}
