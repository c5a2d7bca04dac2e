import Metrics
import ParleyCallbacks
import ParleyCore
import ParleyPush
import ParleyStore

/// What the store and the listeners can be asked for at any time.
struct Gauges: Sendable {
    private let store: Store
    private let load: HTTPLoad
    private let certificates: Certificates?
    private let callbacks: Callbacks
    private let pushes: Pushes
    private let connections = Gauge(label: "parley_http_connections")
    private let requests = Gauge(label: "parley_http_requests_in_flight")
    private let waiting = Gauge(label: "parley_store_waiting_jobs")
    private let commits = Gauge(label: "parley_store_commits")
    private let entries = Gauge(label: "parley_store_entries_appended")

    init(store: Store, load: HTTPLoad, certificates: Certificates?, callbacks: Callbacks, pushes: Pushes) {
        self.store = store
        self.load = load
        self.certificates = certificates
        self.callbacks = callbacks
        self.pushes = pushes
    }

    func read() {
        self.connections.record(self.load.openConnections)
        self.requests.record(self.load.requestsInFlight)
        self.waiting.record(self.store.waitingJobs)
        self.commits.record(self.store.counters.commits)
        self.entries.record(self.store.counters.entries)
        for (outcome, count) in self.callbacks.tally.outcomes {
            Gauge(label: "parley_callbacks", dimensions: [("outcome", outcome.rawValue)]).record(count)
        }
        for (key, count) in self.pushes.tally.outcomes {
            let dimensions = [("provider", key.kind.rawValue), ("outcome", key.outcome.rawValue)]
            Gauge(label: "parley_pushes", dimensions: dimensions).record(count)
        }
        if let certificates {
            Gauge(label: "parley_tls_certificate_expiry_seconds").record(certificates.expiresAt.seconds)
        }
    }
}
