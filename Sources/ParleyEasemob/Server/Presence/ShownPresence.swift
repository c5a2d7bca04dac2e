import ParleyCore
import ParleyJSON

/// How a user is, as others see it: on which devices he is online, and what he says of himself. Numbers are texts, as in the vendor's examples.
///
/// Source: facts/easemob-server.md 3.5, facts/easemob-client.md 5 (NOTIFY, `presence`).
struct ShownPresence: Sendable {
    let user: UserID
    let connections: [Connection]
    /// Nil: he never said anything.
    let status: UserStatus?
    /// Nil where it is not a subscription that is answered.
    var expiresAt: Timestamp?

    /// What devices are of whom nothing else is said, and what nobody's device is.
    static let online = "1"
    static let offline = "0"

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("uid", self.user.rawValue)
            json.field("last_time", "\(self.lastTime.seconds)")
            if let expiresAt = self.expiresAt { json.field("expiry", "\(expiresAt.seconds)") }
            json.field("ext", self.status?.text ?? "")
            json.field("status") { json in
                json.object { json in
                    if self.connections.isEmpty { json.field("", Self.offline) }
                    for device in Set(self.connections.map(\.device.rawValue)).sorted() {
                        json.field(device, self.status?.states[DeviceID(device)] ?? Self.online)
                    }
                }
            }
        }
    }

    /// When he connected last. Of who is offline that is not known: then, when he said something last.
    private var lastTime: Timestamp {
        self.connections.map(\.since).max() ?? self.status?.changedAt ?? .distantPast
    }
}

extension Core {
    /// In the order of `users`.
    func shownPresence(
        of users: [UserID], in app: AppID, until expiresAt: Timestamp? = nil
    ) async throws -> [ShownPresence] {
        let statuses = try await self.directory.statuses(of: users, in: app)
        var shown: [ShownPresence] = []
        for user in users {
            shown.append(
                ShownPresence(
                    user: user, connections: await self.presence.connections(of: user, in: app),
                    status: statuses[user], expiresAt: expiresAt))
        }
        return shown
    }
}
