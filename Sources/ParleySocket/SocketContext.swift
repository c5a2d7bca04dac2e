package import ParleyCore
package import ParleyDialectKit
package import ParleyHub

/// What every connection works with: one for all of them.
package final class SocketContext: Sendable {
    package let core: Core
    package let hub: Hub
    package let rates: RateLimiter
    /// Told what failed while a client's command was done; the client is told `fault`.
    package let report: @Sendable (any Error, Client) -> Void

    package init(
        core: Core, hub: Hub, rates: RateLimiter, report: @escaping @Sendable (any Error, Client) -> Void
    ) {
        self.core = core
        self.hub = hub
        self.rates = rates
        self.report = report
    }
}
