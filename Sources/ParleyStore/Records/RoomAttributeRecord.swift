import ParleyCore

/// Attributes of chat rooms in SQL, by the number of their group.
extension SQLConnection {
    /// In the order of change.
    func attributes(ofGroup number: Int64) throws -> [RoomAttribute] {
        try self.all(
            """
            SELECT key, value, set_by, leaves_with_setter, changed_at, is_removed FROM room_attributes
            WHERE group_number = ? ORDER BY changed_at, key
            """, [.int(number)]
        ) { row in
            var attribute = RoomAttribute(
                key: row.text(0), value: row.text(1), setBy: UserID(row.text(2)), leavesWithSetter: row.bool(3),
                changedAt: row.time(4))
            attribute.isRemoved = row.bool(5)
            return attribute
        }
    }

    func save(_ attribute: RoomAttribute, ofGroup number: Int64) throws {
        try self.run(
            """
            INSERT OR REPLACE INTO room_attributes
                (group_number, key, value, set_by, leaves_with_setter, changed_at, is_removed)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .int(number), .text(attribute.key), .text(attribute.value), .text(attribute.setBy),
                .bool(attribute.leavesWithSetter), .time(attribute.changedAt), .bool(attribute.isRemoved),
            ])
    }

    func forgetAttribute(_ key: String, ofGroup number: Int64) throws {
        try self.run(
            "DELETE FROM room_attributes WHERE group_number = ? AND key = ?", [.int(number), .text(key)])
    }
}
