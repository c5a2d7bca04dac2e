import Foundation
import Logging
import ParleyCore
import ParleyDialectKit
import ParleyHub
import ParleyServer
import ParleyStore

/// Parley without its sockets: the demo app in a core on a store. What the paths run through.
struct PathHouse {
    let core: Core
    let store: Store
    let doorbell: Doorbell
    let app: App

    /// - Parameter folder: where the store is; nil: SQLite in memory.
    init(folder: String? = nil) async throws {
        let clock = SystemClock()
        let identifiers = MessageIDSource(clock: clock)
        self.doorbell = Doorbell()
        self.store = try Store(
            StoreConfiguration(location: folder.map { .folder($0) } ?? .memory), clock: clock,
            identifiers: identifiers, signals: self.doorbell)
        self.core = Core(
            directory: self.store, log: self.store, places: self.store, files: self.store, signals: self.doorbell,
            presence: self.doorbell, push: self.store, callbacks: self.store, clock: clock, identifiers: identifiers,
            limits: CoreLimits(groupMessagesPerSecond: 0))
        self.app = try await Demo.seed(self.core)
    }

    func dialect(_ name: String) -> (any Dialect)? {
        let context = DialectContext(
            core: self.core, rates: RateLimiter(clock: self.core.clock, isOn: false), logger: Logger(label: "paths"))
        return Dialects.all.first { $0.name == DialectName(name) }.map { $0.init(context) }
    }
}
