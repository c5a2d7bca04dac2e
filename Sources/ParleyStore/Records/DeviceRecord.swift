import ParleyCore

/// Devices that were here before, in SQL: what was said since one came first it has missed, however far the user's others have got.
extension SQLConnection {
    struct Beginning {
        /// The newest id that was on disk then.
        var after: MessageID
        /// Roughly: it is not written at each connect.
        var seenAt: Timestamp
    }

    /// Nil: the device is new.
    func beginning(of device: DeviceID, of user: UserID, in app: AppID) throws -> Beginning? {
        try self.first(
            "SELECT began_after, seen_at FROM known_devices WHERE app = ? AND user_id = ? AND device = ?",
            [.text(app), .text(user), .text(device)]
        ) { Beginning(after: $0.id(0), seenAt: $0.time(1)) }
    }

    /// Where the device reads on. One that is new is known from now on: what waits for it already has a cursor, what comes is after ``Beginning/after``.
    func begin(
        _ device: DeviceID, of user: UserID, in app: AppID, retainedSince: Timestamp, now: Timestamp
    ) throws -> [Position] {
        let positions = try self.positions(of: user, device: device, in: app, retainedSince: retainedSince)
        guard try self.beginning(of: device, of: user, in: app) == nil else { return positions }
        let key: [SQLValue] = [.text(app), .text(user), .text(device)]
        try self.run(
            """
            INSERT INTO known_devices (app, user_id, device, began_after, seen_at)
            VALUES (?, ?, ?, (SELECT COALESCE(MAX(id), 0) FROM entries), ?)
            """, key + [.time(now)])
        for position in positions where position.cursor < position.lastSequence {
            guard let row = try self.conversation(ConversationID(app: app, position.conversation)) else { continue }
            try self.run(
                """
                INSERT INTO cursors (app, user_id, device, conversation, sequence, updated_at) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (app, user_id, device, conversation) DO NOTHING
                """, key + [.int(row.number), .sequence(position.cursor), .time(now)])
        }
        return positions
    }

    func see(_ device: DeviceID, of user: UserID, in app: AppID, at now: Timestamp) throws {
        try self.run(
            "UPDATE known_devices SET seen_at = ? WHERE app = ? AND user_id = ? AND device = ?",
            [.time(now), .text(app), .text(user), .text(device)])
    }

    /// Those not seen for long.
    func devices(notSeenSince moment: Timestamp, limit: Int) throws -> [KnownDevice] {
        try self.all(
            "SELECT app, user_id, device FROM known_devices WHERE seen_at < ? LIMIT ?", [.time(moment), .int(limit)]
        ) { KnownDevice(app: $0.text(0), user: $0.text(1), device: $0.text(2)) }
    }

    /// Unless it has been seen since that moment.
    func forget(_ device: KnownDevice, notSeenSince moment: Timestamp) throws {
        try self.run(
            "DELETE FROM known_devices WHERE app = ? AND user_id = ? AND device = ? AND seen_at < ?",
            [.text(device.app), .text(device.user), .text(device.device), .time(moment)])
    }
}

struct KnownDevice: Sendable {
    var app: String
    var user: String
    var device: String
}
