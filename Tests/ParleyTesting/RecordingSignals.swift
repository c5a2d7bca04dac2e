package import ParleyCore
import Synchronization

/// Stands where the hub would: remembers what it was told, and says that whoever a test wants is online.
package final class RecordingSignals: Signals, Presence {
    private struct State {
        var entries: [Entry] = []
        var ephemerals: [Ephemeral] = []
        var memberships: [MembershipChange] = []
        var disconnects: [Disconnect] = []
        var announcements: [Announcement] = []
        var online: [UserID: [Connection]] = [:]
        var listener: (any Signals)?
    }

    private let state = Mutex(State())

    package init() {}

    package var entries: [Entry] { self.state.withLock { $0.entries } }
    package var ephemerals: [Ephemeral] { self.state.withLock { $0.ephemerals } }
    package var memberships: [MembershipChange] { self.state.withLock { $0.memberships } }
    /// Those of commits, and the others; but for what happens to groups.
    package var announcements: [Announcement] { self.state.withLock { $0.announcements.filter { !$0.isOfGroup } } }
    /// What happens to groups, whoever makes it happen: also that the demo's is made.
    package var groupNews: [Announcement] { self.state.withLock { $0.announcements.filter(\.isOfGroup) } }
    package var disconnects: [Disconnect] { self.state.withLock { $0.disconnects } }

    package func setOnline(_ user: UserID, platform: String = "Web", device: DeviceID = DeviceID("device-1")) {
        let connection = Connection(device: device, platform: platform, since: .distantPast)
        self.state.withLock { $0.online[user, default: []].append(connection) }
    }

    /// Also tells a real one, in the same order.
    package func relay(to listener: any Signals) { self.state.withLock { $0.listener = listener } }

    package func committed(_ commit: Commit) {
        self.remember {
            $0.entries += commit.entries
            $0.memberships += commit.memberships
            $0.announcements += commit.announcements
        }?.committed(commit)
    }

    package func broadcast(_ ephemeral: Ephemeral) {
        self.remember { $0.ephemerals.append(ephemeral) }?.broadcast(ephemeral)
    }

    package func announce(_ announcement: Announcement) {
        self.remember { $0.announcements.append(announcement) }?.announce(announcement)
    }

    package func disconnect(_ command: Disconnect) {
        self.remember { $0.disconnects.append(command) }?.disconnect(command)
    }

    private func remember(_ change: (inout State) -> Void) -> (any Signals)? {
        self.state.withLock { state in
            change(&state)
            return state.listener
        }
    }

    package func connections(of user: UserID, in app: AppID) async -> [Connection] {
        self.state.withLock { $0.online[user] ?? [] }
    }
}

extension Announcement {
    fileprivate var isOfGroup: Bool { if case .group = self.event { true } else { false } }
}
