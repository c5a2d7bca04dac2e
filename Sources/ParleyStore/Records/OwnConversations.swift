import ParleyCore

extension SQLConnection {
    /// `theirs`: the conversations of one user. `?1` is the App, `?2` the user; of groups also where he joined, what reaches him, the name, and
    /// whether it is a thread.
    static let ownConversations = """
        WITH theirs (number, joined, delivery, name, is_thread) AS (
            SELECT c.number, m.joined_at_sequence, m.delivery, g.name, g.origin_group IS NOT NULL
            FROM members m JOIN groups g ON g.number = m.group_number
            JOIN conversations c ON c.app = m.app AND c.kind = 'group' AND c.a = g.id AND c.b = ''
                AND c.retired_at IS NULL
            WHERE m.app = ?1 AND m.user_id = ?2
            UNION ALL
            SELECT number, 0, NULL, NULL, 0 FROM conversations
            WHERE app = ?1 AND kind = 'direct' AND a = ?2 AND retired_at IS NULL
            UNION ALL
            SELECT number, 0, NULL, NULL, 0 FROM conversations
            WHERE app = ?1 AND kind = 'direct' AND b = ?2 AND a <> ?2 AND retired_at IS NULL
            UNION ALL
            SELECT number, 0, NULL, NULL, 0 FROM conversations
            WHERE app = ?1 AND kind = 'system' AND a = ?2 AND b = '' AND retired_at IS NULL
        )
        """
}
