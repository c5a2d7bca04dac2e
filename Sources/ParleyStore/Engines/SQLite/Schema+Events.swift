/// What is kept for those who are away, and how far their devices have got in it: what the fourteenth and the sixteenth migration add.
extension Schema {
    /// By whom they are for: `kind` is `user` or `group`. Ids are the log's. Of one subject only the newest is kept.
    ///
    /// Who joins a group has nothing to do with what happened to it before: `joined_after` is the greatest id at that moment.
    static let events = """
        CREATE TABLE events (
            app TEXT NOT NULL,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            id INTEGER NOT NULL,
            subject TEXT,
            body BLOB NOT NULL,
            PRIMARY KEY (app, kind, name, id)
        ) WITHOUT ROWID;
        CREATE INDEX events_by_age ON events (id);
        CREATE UNIQUE INDEX events_by_subject ON events (app, kind, name, subject) WHERE subject IS NOT NULL;

        CREATE TABLE event_cursors (
            app TEXT NOT NULL,
            user_id TEXT NOT NULL,
            device TEXT NOT NULL,
            began_after INTEGER NOT NULL,
            through INTEGER,
            updated_at INTEGER NOT NULL,
            PRIMARY KEY (app, user_id, device)
        ) WITHOUT ROWID;

        ALTER TABLE members ADD COLUMN joined_after INTEGER NOT NULL DEFAULT 0;
        """

    /// Of a group's events: the one member who is not told.
    static let eventExceptions = """
        ALTER TABLE events ADD COLUMN not_for TEXT;
        """
}
