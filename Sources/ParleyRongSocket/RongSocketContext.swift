package import NIOCore
package import ParleyCore
package import ParleyDialectKit
package import ParleyHub

/// What every connection of a RongCloud client works with: one for all of them.
package final class RongSocketContext: Sendable {
    package let core: Core
    package let mailbox: any Mailbox
    package let hub: Hub
    package let rates: RateLimiter
    /// Told what failed while a client's command was done; the client gets a status.
    package let report: @Sendable (any Error, Client) -> Void
    package let attendance: RoomAttendance

    /// - Parameter roomGrace: how long a user without a connection stays in his chat rooms.
    package init(
        core: Core, mailbox: any Mailbox, hub: Hub, rates: RateLimiter,
        roomGrace: TimeAmount = RoomAttendance.usualGrace,
        report: @escaping @Sendable (any Error, Client) -> Void
    ) {
        self.core = core
        self.mailbox = mailbox
        self.hub = hub
        self.rates = rates
        self.report = report
        self.attendance = RoomAttendance(grace: roomGrace, in: core)
        // By then, whoever was connected to the process before this one is here again.
        hub.anyLoop().scheduleTask(in: roomGrace) { Task { try? await RoomSweep(core: core).run() } }
    }
}
