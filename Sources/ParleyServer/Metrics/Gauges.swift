import Metrics
import ParleyCore
import ParleyStore

/// What the store and the listeners can be asked for at any time.
struct Gauges: Sendable {
    private let store: Store
    private let load: HTTPLoad
    private let certificates: Certificates?
    private let connections = Gauge(label: "parley_http_connections")
    private let requests = Gauge(label: "parley_http_requests_in_flight")
    private let waiting = Gauge(label: "parley_store_waiting_jobs")
    private let commits = Gauge(label: "parley_store_commits")
    private let entries = Gauge(label: "parley_store_entries_appended")

    init(store: Store, load: HTTPLoad, certificates: Certificates?) {
        self.store = store
        self.load = load
        self.certificates = certificates
    }

    func read() {
        self.connections.record(self.load.openConnections)
        self.requests.record(self.load.requestsInFlight)
        self.waiting.record(self.store.waitingJobs)
        self.commits.record(self.store.counters.commits)
        self.entries.record(self.store.counters.entries)
        if let certificates {
            Gauge(label: "parley_tls_certificate_expiry_seconds").record(certificates.expiresAt.seconds)
        }
    }
}
