package import NIOCore
package import ParleyCore

/// The connections here. (Skeleton.)
package final class Hub: Signals, Presence, Sendable {
    package init(
        loops: [any EventLoop], log: any Log, directory: any Directory, clock: any WallClock,
        configuration: HubConfiguration = HubConfiguration()
    ) {}

    package func committed(_ commit: Commit) {}
    package func broadcast(_ ephemeral: Ephemeral) {}
    package func disconnect(_ command: Disconnect) {}
    package func connections(of user: UserID, in app: AppID) async -> [Connection] { [] }

    /// Tells every client that the server is going away, saves how far they have read, and returns when their connections are closed.
    package func shutDown() async {}
}
