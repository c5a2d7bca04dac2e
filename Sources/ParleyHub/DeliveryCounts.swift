import Synchronization

/// Deliveries since the start, and how long the last of those took that were timed.
package final class DeliveryCounts: Sendable {
    private struct State {
        var total = 0
        /// The last ``limit``, overwritten in turn.
        var times: [Int] = []
        var next = 0
    }

    private static let limit = 1024
    private let state = Mutex(State())

    init() {}

    package var total: Int { self.state.withLock { $0.total } }

    /// In milliseconds; nil: nothing was timed yet.
    package var times: (median: Int, p99: Int)? {
        let times = self.state.withLock { $0.times }.sorted()
        guard !times.isEmpty else { return nil }
        return (times[times.count / 2], times[min(times.count - 1, times.count * 99 / 100)])
    }

    func add(_ count: Int) { self.state.withLock { $0.total += count } }

    func time(milliseconds: Int64) {
        let time = Int(max(0, milliseconds))
        self.state.withLock { state in
            if state.times.count < Self.limit {
                state.times.append(time)
            } else {
                state.times[state.next] = time
                state.next = (state.next + 1) % Self.limit
            }
        }
    }
}
