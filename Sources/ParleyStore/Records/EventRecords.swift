import ParleyCore

/// What is kept for those who are away, in SQL: a row for each recipient, which is a user or a group.
extension SQLConnection {
    /// Unless it is longer than what is kept.
    ///
    /// - Returns: false: word for word it is kept already.
    func keep(_ announcement: Announcement, as id: MessageID) throws -> Bool {
        let (app, event) = (announcement.app, announcement.event)
        switch announcement.recipients {
        case .group(let group, let exception):
            try self.insert(id, [.text(app), .text("group"), .text(group)], event, notFor: exception)
            return true
        case .users(let users):
            return try users.reduce(false) { isNew, user in
                let recipient: [SQLValue] = [.text(app), .text("user"), .text(user)]
                guard try self.removeFormer(event, for: recipient) else { return isNew }
                if let event = event.concerning(user) { try self.insert(id, recipient, event) }
                return true
            }
        }
    }

    private func insert(
        _ id: MessageID, _ recipient: [SQLValue], _ event: Event, notFor exception: UserID? = nil
    ) throws {
        let record = event.record
        guard record.count <= KeptEvent.byteLimit else { return }
        try self.run(
            """
            INSERT INTO events (app, kind, name, id, subject, body, not_for) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (app, kind, name, id) DO NOTHING
            """, recipient + [.id(id), .text(event.subject), .blob(record), .text(exception?.rawValue)])
    }

    /// - Returns: false: it says the same.
    private func removeFormer(_ event: Event, for recipient: [SQLValue]) throws -> Bool {
        guard let subject = event.subject else { return true }
        let former = recipient + [.text(subject)]
        let record = try self.first(
            "SELECT body FROM events WHERE app = ? AND kind = ? AND name = ? AND subject = ?", former
        ) { $0.blob(0) }
        guard let record else { return true }
        if record == event.record { return false }
        try self.run("DELETE FROM events WHERE app = ? AND kind = ? AND name = ? AND subject = ?", former)
        return true
    }

    // MARK: Reading

    /// The ids of what concerns a user (?2) of an App (?1) after an id (?3). A group's events are a member's from the moment he came, unless it does not reach him.
    private static let concerning = """
        SELECT kind, name, id FROM events WHERE app = ?1 AND kind = 'user' AND name = ?2 AND id > ?3
        UNION ALL
        SELECT e.kind, e.name, e.id FROM members m
        CROSS JOIN groups g ON g.number = m.group_number
        CROSS JOIN events e ON e.app = ?1 AND e.kind = 'group' AND e.name = g.id AND e.id > MAX(?3, m.joined_after)
        WHERE m.app = ?1 AND m.user_id = ?2 AND m.delivery <> 'discard' AND e.not_for IS NOT ?2
        """

    /// In order, at most `limit`, and not much more than ``KeptEvent/bytesAtOnce``. What cannot be read is passed over: it would otherwise be the end of all that
    /// follows.
    func events(
        of user: UserID, in app: AppID, after: MessageID, limit: Int
    ) throws -> (events: [KeptEvent], through: MessageID, hasMore: Bool) {
        var (rows, byteCount) = ([(id: MessageID, record: [UInt8])](), 0)
        try self.each(
            """
            WITH theirs AS (SELECT * FROM (\(Self.concerning)) ORDER BY id LIMIT ?4)
            SELECT theirs.id, e.body FROM theirs
            JOIN events e ON e.app = ?1 AND e.kind = theirs.kind AND e.name = theirs.name AND e.id = theirs.id
            ORDER BY theirs.id
            """, [.text(app), .text(user), .id(after), .int(limit)]
        ) { row in
            rows.append((id: row.id(0), record: row.blob(1)))
            byteCount += rows.last?.record.count ?? 0
            return byteCount < KeptEvent.bytesAtOnce
        }
        let events = rows.compactMap { row in
            (try? Event(record: row.record, at: row.id.sentAt)).map { KeptEvent(id: row.id, event: $0) }
        }
        if rows.count >= limit || byteCount >= KeptEvent.bytesAtOnce, let last = rows.last {
            return (events, last.id, true)
        }
        return (events, max(after, try self.greatestID() ?? after), false)
    }

    // MARK: Cursors

    func hasEventReaders(in app: AppID) throws -> Bool {
        try self.first("SELECT EXISTS (SELECT 1 FROM event_cursors WHERE app = ?)", [.text(app)]) { $0.bool(0) }
            ?? false
    }

    /// A device that is new begins where the user's others have got to.
    func beginEvents(of device: DeviceID, of user: UserID, in app: AppID, now: Timestamp) throws {
        try self.run(
            """
            INSERT INTO event_cursors (app, user_id, device, began_after, updated_at)
            VALUES (?1, ?2, ?3, (
                SELECT COALESCE(MAX(COALESCE(through, began_after)), 0) FROM event_cursors
                WHERE app = ?1 AND user_id = ?2), ?4)
            ON CONFLICT (app, user_id, device) DO UPDATE SET updated_at = excluded.updated_at
            """, [.text(app), .text(user), .text(device), .time(now)])
    }

    /// Nil: the device has not begun.
    func eventBeginning(
        of device: DeviceID, of user: UserID, in app: AppID, retainedSince: Timestamp
    ) throws -> (beginning: EventBeginning, seenAt: Timestamp)? {
        let row = try self.first(
            """
            SELECT began_after, through, updated_at FROM event_cursors WHERE app = ? AND user_id = ? AND device = ?
            """, [.text(app), .text(user), .text(device)]
        ) { (began: $0.id(0), through: $0.isNull(1) ? nil : $0.id(1), seenAt: $0.time(2)) }
        guard let row else { return nil }
        let after = max(row.through ?? row.began, MessageID(sentAt: retainedSince, slot: 0))
        let surplus = try self.first(
            "SELECT id FROM (\(Self.concerning)) ORDER BY id DESC LIMIT 1 OFFSET ?4",
            [.text(app), .text(user), .id(after), .int(KeptEvent.limit)]
        ) { $0.id(0) }
        // When it was last seen it was told all that there was.
        let hasMissedSome = surplus != nil || row.seenAt < retainedSince
        return (EventBeginning(after: surplus ?? after, isNew: row.through == nil || hasMissedSome), row.seenAt)
    }

    /// Never moves back. Of a device that is not known, nothing is remembered.
    func confirm(_ cursor: EventCursor, now: Timestamp) throws {
        try self.run(
            """
            UPDATE event_cursors SET through = ?1, updated_at = ?2
            WHERE app = ?3 AND user_id = ?4 AND device = ?5 AND (through IS NULL OR through < ?1)
            """, [.id(cursor.through), .time(now), .text(cursor.app), .text(cursor.user), .text(cursor.device)])
    }

    // MARK: What is kept of them

    func forgetEvents(of user: UserID, in app: AppID) throws {
        try self.rememberGreatestID()
        try self.run("DELETE FROM events WHERE app = ? AND kind = 'user' AND name = ?", [.text(app), .text(user)])
        try self.run("DELETE FROM event_cursors WHERE app = ? AND user_id = ?", [.text(app), .text(user)])
    }

    func purgeEvents(before bound: MessageID, limit: Int) throws -> Int {
        try self.rememberGreatestID()
        return try self.run(
            """
            DELETE FROM events WHERE (app, kind, name, id) IN
                (SELECT app, kind, name, id FROM events WHERE id < ? ORDER BY id LIMIT ?)
            """, [.id(bound), .int(limit)])
    }

    /// Recipients of whom more is kept than any user is told.
    func recipientsWithSurplus(limit: Int) throws -> [EventRecipient] {
        try self.all(
            "SELECT app, kind, name FROM events GROUP BY app, kind, name HAVING COUNT(*) > ? LIMIT ?",
            [.int(KeptEvent.limit), .int(limit)]
        ) { EventRecipient(app: $0.text(0), kind: $0.text(1), name: $0.text(2)) }
    }

    func purgeSurplus(of recipient: EventRecipient) throws {
        let values: [SQLValue] = [.text(recipient.app), .text(recipient.kind), .text(recipient.name)]
        try self.run(
            """
            DELETE FROM events WHERE app = ?1 AND kind = ?2 AND name = ?3 AND id <= (
                SELECT id FROM events WHERE app = ?1 AND kind = ?2 AND name = ?3 ORDER BY id DESC LIMIT 1 OFFSET ?4)
            """, values + [.int(KeptEvent.limit)])
    }

    /// Those that have begun and were not seen for long.
    func eventReaders(notSeenSince moment: Timestamp, limit: Int) throws -> [KnownDevice] {
        try self.all(
            "SELECT app, user_id, device FROM event_cursors WHERE updated_at < ? LIMIT ?", [.time(moment), .int(limit)]
        ) { KnownDevice(app: $0.text(0), user: $0.text(1), device: $0.text(2)) }
    }

    /// Unless it has been seen since that moment.
    func forgetEventCursor(of device: KnownDevice, notSeenSince moment: Timestamp) throws {
        try self.run(
            "DELETE FROM event_cursors WHERE app = ? AND user_id = ? AND device = ? AND updated_at < ?",
            [.text(device.app), .text(device.user), .text(device.device), .time(moment)])
    }
}

struct EventRecipient: Sendable {
    var app: String
    var kind: String
    var name: String
}
