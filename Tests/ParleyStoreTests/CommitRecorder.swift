import ParleyCore
import Synchronization

/// Remembers each commit by itself, and can hold the writer's thread in one, as a slow disk would.
final class CommitRecorder: Signals {
    private let state = Mutex<(commits: [Commit], hold: (@Sendable () -> Void)?)>(([], nil))

    var commits: [Commit] { self.state.withLock { $0.commits } }
    var entries: [Entry] { self.commits.flatMap(\.entries) }
    var amendments: [Amendment] { self.commits.flatMap(\.amendments) }
    var memberships: [MembershipChange] { self.commits.flatMap(\.memberships) }

    /// Called on the writer's thread in the next commit only.
    func holdNextCommit(_ hold: @escaping @Sendable () -> Void) { self.state.withLock { $0.hold = hold } }

    func committed(_ commit: Commit) {
        let hold = self.state.withLock { state in
            state.commits.append(commit)
            defer { state.hold = nil }
            return state.hold
        }
        hold?()
    }

    func broadcast(_ ephemeral: Ephemeral) {}
    func announce(_ announcement: Announcement) {}
    func disconnect(_ command: Disconnect) {}
}
