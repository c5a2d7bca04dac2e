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
        var rows: [Row] = []
        for user in users.prefix(Self.limit) { rows.append(try await self.row(user, sequence, entry.conversation)) }
        return (rows, max(0, users.count - Self.limit))
    }

    private func row(_ user: UserID, _ sequence: UInt64, _ conversation: ConversationID) async throws -> Row {
        let connections = await self.core.presence.connections(of: user, in: self.app.id)
        let isDelivered = try await self.cursor(of: user, in: conversation) >= sequence
        return Row(
            user: user, state: isDelivered ? .delivered : connections.isEmpty ? .offline : .online,
            devices: connections.map { "\($0.device) (\($0.platform))" })
    }

    /// How far the user's devices have got.
    private func cursor(of user: UserID, in conversation: ConversationID) async throws -> UInt64 {
        let retained = self.core.clock.now().adding(seconds: -self.app.settings.offlineRetentionSeconds)
        return try await self.core.log.positions(
            of: user, device: .nobodys, in: self.app.id, retainedSince: retained
        ).first { $0.conversation == conversation.conversation }?.cursor ?? 0
    }
}
