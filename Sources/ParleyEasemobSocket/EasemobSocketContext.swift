package import ParleyCore
package import ParleyDialectKit
package import ParleyEasemob
package import ParleyHub
package import ParleySocket

/// What every connection of an Easemob client works with: one for all of them.
package final class EasemobSocketContext: Sendable {
    /// Who a client is, as the one who checked its token found.
    package struct Guest: Sendable {
        package var client: Client
        /// `org#app`.
        package var appKey: String

        package init(client: Client, appKey: String) {
            self.client = client
            self.appKey = appKey
        }
    }

    package let core: Core
    package let hub: Hub
    package let rates: RateLimiter
    package let attendance: RoomAttendance
    /// What is said in groups and rooms, as it is fetched.
    let spellings = PerLoop { Spellings<GroupMeta>() }
    /// Throws ``ParleyEasemob/ProvisionRefusal``; anything else is a fault.
    package let admit: @Sendable (ClientProvision, _ address: String) async throws -> Guest
    /// Told what failed while a client's command was done; the client gets a refusal.
    package let report: @Sendable (any Error, Client?) -> Void

    /// The bytes of a meta that all members are given.
    struct GroupMeta {
        /// `org#app`, as those have it who are given it.
        var appKey: String
        var bytes: [UInt8]
    }

    package init(
        core: Core, hub: Hub, rates: RateLimiter, attendance: RoomAttendance,
        admit: @escaping @Sendable (ClientProvision, _ address: String) async throws -> Guest,
        report: @escaping @Sendable (any Error, Client?) -> Void
    ) {
        self.core = core
        self.hub = hub
        self.rates = rates
        self.attendance = attendance
        self.admit = admit
        self.report = report
    }
}
