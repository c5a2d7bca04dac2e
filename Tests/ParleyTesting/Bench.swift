import Logging
package import ParleyCore
package import ParleyDialectKit
import ParleyServer
package import ParleyStore

/// A core on SQLite in memory with the demo app in it (``Demo``), a clock to turn, and signals that remember.
package struct Bench: Sendable {
    package let core: Core
    package let store: Store
    package let clock: ManualClock
    package let signals: RecordingSignals
    package let app: App

    package static func make(limits: CoreLimits = CoreLimits()) async throws -> Bench {
        let clock = ManualClock()
        let signals = RecordingSignals()
        let identifiers = MessageIDSource(clock: clock)
        let store = try Store(
            StoreConfiguration(location: .memory), clock: clock, identifiers: identifiers, signals: signals)
        let core = Core(
            directory: store, log: store, places: store, files: store, signals: signals, presence: signals,
            push: store, callbacks: store, clock: clock,
            identifiers: identifiers, limits: limits, chronicle: store.chronicle)
        let app = try await Demo.seed(core)
        return Bench(core: core, store: store, clock: clock, signals: signals, app: app)
    }

    /// A dialect over this core. Its rate limits are on, unless told otherwise.
    package func dialect<D: Dialect>(_ type: D.Type, rates: Bool = true) -> D {
        D(
            DialectContext(
                core: self.core, rates: RateLimiter(clock: self.clock, isOn: rates), logger: Logger(label: "test")))
    }
}
