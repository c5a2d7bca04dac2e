import ParleyCore

/// Whom a message has reached.
struct Recipients: Sendable {
    static let limit = 200

    struct Row: Sendable {
        var user: UserID
        var state: State
        /// That are connected now.
        var devices: [String]
    }

    enum State: String, Sendable {
        /// A device of the user has confirmed it.
        case delivered
        /// Not confirmed, and connected.
        case online
        case offline
    }

    private let core: Core
    private let app: App

    init(_ visit: Visit, _ app: App) {
        self.core = visit.core
        self.app = app
    }

    /// - Returns: the first ``limit`` in the order of their ids, and how many there are beyond.
    func of(_ entry: Entry) async throws -> (rows: [Row], more: Int) {
        guard let sequence = entry.sequence else { return ([], 0) }
        let message =
            switch entry.body {
            case .message(let message): message
            case .edit(let edit): edit.message
            case .recall, .notice: Optional<Message>.none
            }
        guard let message else { return ([], 0) }
        let users = try await self.core.audience(of: message, at: sequence, in: entry.conversation).sorted()
        let shown = Array(users.prefix(Self.limit))
        let reached = try await self.core.log.reached(by: shown, in: entry.conversation)
        var rows: [Row] = []
        for user in shown { rows.append(await self.row(user, isDelivered: reached[user, default: 0] >= sequence)) }
        return (rows, users.count - shown.count)
    }

    private func row(_ user: UserID, isDelivered: Bool) async -> Row {
        let connections = await self.core.presence.connections(of: user, in: self.app.id)
        return Row(
            user: user, state: isDelivered ? .delivered : connections.isEmpty ? .offline : .online,
            devices: connections.map { "\($0.device) (\($0.platform))" })
    }
}
