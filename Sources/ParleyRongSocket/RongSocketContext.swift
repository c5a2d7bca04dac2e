package import ParleyCore
package import ParleyDialectKit
package import ParleyHub
import ParleyRongCloud
package import ParleySocket

/// What every connection of a RongCloud client works with: one for all of them.
package final class RongSocketContext: Sendable {
    package let core: Core
    package let mailbox: any Mailbox
    package let hub: Hub
    package let rates: RateLimiter
    /// Told what failed while a client's command was done; the client gets a status.
    package let report: @Sendable (any Error, Client) -> Void
    package let attendance: RoomAttendance
    /// What is said in groups, as it is handed over.
    let spellings = PerLoop { Spellings<GroupMessage>() }

    package init(
        core: Core, mailbox: any Mailbox, hub: Hub, rates: RateLimiter, attendance: RoomAttendance,
        report: @escaping @Sendable (any Error, Client) -> Void
    ) {
        self.core = core
        self.mailbox = mailbox
        self.hub = hub
        self.rates = rates
        self.report = report
        self.attendance = attendance
    }
}
