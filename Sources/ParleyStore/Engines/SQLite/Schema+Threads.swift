/// Where threads belong, whose groups are, what is left of them, and how users have reacted to messages: what the thirteenth and the sixteenth migration add.
extension Schema {
    /// One thread a message. Those of a group are found for it, those of an App are counted and listed.
    static let threads = """
        ALTER TABLE groups ADD COLUMN origin_group TEXT;
        ALTER TABLE groups ADD COLUMN origin_message INTEGER;
        CREATE INDEX groups_threads ON groups (app, origin_group, number) WHERE origin_group IS NOT NULL;
        CREATE INDEX groups_threads_by_age ON groups (app, number) WHERE origin_group IS NOT NULL;
        CREATE UNIQUE INDEX groups_threads_by_message ON groups (app, origin_message) WHERE origin_message IS NOT NULL;

        """

    /// A reaction goes with its message. `number` is the order in which they came.
    static let reactions = """
        CREATE TABLE reactions (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            conversation INTEGER NOT NULL,
            message INTEGER NOT NULL,
            kind TEXT NOT NULL,
            user_id TEXT NOT NULL,
            at INTEGER NOT NULL
        );
        CREATE UNIQUE INDEX reactions_by_message ON reactions (message, kind, user_id);
        CREATE INDEX reactions_by_conversation ON reactions (conversation);
        """

    /// What is somebody's is found for him, whether he is in it or not.
    static let owners = """
        CREATE INDEX groups_by_owner ON groups (app, owner) WHERE owner IS NOT NULL;
        """

    /// Those of which members and their like are left: so many that it would keep others waiting if they went at once. Nobody finds them without the group.
    static let endedGroups = """
        CREATE TABLE ended_groups (number INTEGER PRIMARY KEY);
        """

    /// To count them at each reaction would cost as many steps as there are, so they are counted as they come and go. The rest is found by indexes: an index of
    /// message and kind has them in their order.
    ///
    /// The count begins with a row of its own, not with `ON CONFLICT`: in a trigger, what the outer statement says of conflicts holds.
    static let reactionCounts = """
        CREATE TABLE reaction_counts (
            message INTEGER NOT NULL,
            kind TEXT NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (message, kind)
        ) WITHOUT ROWID;
        INSERT INTO reaction_counts (message, kind, count)
            SELECT message, kind, COUNT(*) FROM reactions GROUP BY message, kind;

        CREATE TRIGGER reactions_come AFTER INSERT ON reactions BEGIN
            INSERT OR IGNORE INTO reaction_counts (message, kind, count) VALUES (new.message, new.kind, 0);
            UPDATE reaction_counts SET count = count + 1 WHERE message = new.message AND kind = new.kind;
        END;
        CREATE TRIGGER reactions_go AFTER DELETE ON reactions BEGIN
            UPDATE reaction_counts SET count = count - 1 WHERE message = old.message AND kind = old.kind;
            DELETE FROM reaction_counts WHERE message = old.message AND kind = old.kind AND count = 0;
        END;

        CREATE INDEX reactions_in_order ON reactions (message, kind);
        CREATE INDEX reactions_by_user ON reactions (user_id);
        """
}
