import Metrics
import ParleyStore

/// What the store and the listeners can be asked for at any time.
struct Gauges: Sendable {
    private let store: Store
    private let load: HTTPLoad
    private let connections = Gauge(label: "parley_http_connections")
    private let requests = Gauge(label: "parley_http_requests_in_flight")
    private let waiting = Gauge(label: "parley_store_waiting_jobs")
    private let commits = Gauge(label: "parley_store_commits")
    private let entries = Gauge(label: "parley_store_entries_appended")

    init(store: Store, load: HTTPLoad) {
        self.store = store
        self.load = load
    }

    func read() {
        self.connections.record(self.load.openConnections)
        self.requests.record(self.load.requestsInFlight)
        self.waiting.record(self.store.waitingJobs)
        self.commits.record(self.store.counters.commits)
        self.entries.record(self.store.counters.entries)
    }
}
