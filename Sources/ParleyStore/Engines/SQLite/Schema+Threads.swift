/// What the thirteenth migration adds: where threads belong, and how users have reacted to messages.
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
}
