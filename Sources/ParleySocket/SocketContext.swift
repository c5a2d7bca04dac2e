package import ParleyCore
package import ParleyDialectKit
package import ParleyHub

/// What every connection works with.
package struct SocketContext: Sendable {
    package var core: Core
    package var hub: Hub
    package var rates: RateLimiter
    /// Told what failed while a client's command was done; the client is told `fault`.
    package var report: @Sendable (any Error, Client) -> Void

    package init(
        core: Core, hub: Hub, rates: RateLimiter, report: @escaping @Sendable (any Error, Client) -> Void
    ) {
        self.core = core
        self.hub = hub
        self.rates = rates
        self.report = report
    }
}
