/// What the seventh migration adds: which devices can be made to ring, how their users want it, and what was pushed.
extension Schema {
    static let push = [Self.pushDevices, Self.pushPreferences, Self.pushRecords]

    /// A device that registers anew gets a new number: numbers are the order of registration.
    private static let pushDevices = """
        CREATE TABLE push_devices (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            app TEXT NOT NULL,
            user_id TEXT NOT NULL,
            device TEXT NOT NULL,
            provider TEXT NOT NULL,
            token TEXT NOT NULL,
            dialect TEXT NOT NULL,
            bundle TEXT,
            registered_at INTEGER NOT NULL
        );
        CREATE UNIQUE INDEX push_devices_by_user ON push_devices (app, user_id, device);
        CREATE UNIQUE INDEX push_devices_by_token ON push_devices (app, provider, token);
        """

    /// `kind`, `a`, `b` are the conversation's, or `everywhere`, `groups`, `directs` and nothing.
    private static let pushPreferences = """
        CREATE TABLE push_preferences (
            app TEXT NOT NULL,
            user_id TEXT NOT NULL,
            kind TEXT NOT NULL,
            a TEXT NOT NULL,
            b TEXT NOT NULL,
            level TEXT,
            quiet_start INTEGER,
            quiet_seconds INTEGER,
            quiet_level TEXT,
            quiet_until INTEGER,
            shows_details INTEGER,
            language TEXT,
            template TEXT,
            PRIMARY KEY (app, user_id, kind, a, b)
        ) WITHOUT ROWID;

        CREATE TABLE push_templates (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            app TEXT NOT NULL,
            name TEXT NOT NULL,
            language TEXT NOT NULL,
            title TEXT NOT NULL,
            text TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL
        );
        CREATE UNIQUE INDEX push_templates_by_name ON push_templates (app, name, language);
        """

    /// The counts are kept beside the records, because they outlive them. The index by message holds all that is asked of many records at once.
    private static let pushRecords = """
        CREATE TABLE push_progress (
            app TEXT NOT NULL,
            provider TEXT NOT NULL,
            through INTEGER NOT NULL,
            PRIMARY KEY (app, provider)
        ) WITHOUT ROWID;

        CREATE TABLE push_records (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            app TEXT NOT NULL,
            provider TEXT NOT NULL,
            kind TEXT NOT NULL,
            message INTEGER NOT NULL,
            user_id TEXT NOT NULL,
            device TEXT NOT NULL,
            title TEXT NOT NULL,
            text TEXT NOT NULL,
            sent_at INTEGER NOT NULL,
            milliseconds INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            outcome TEXT NOT NULL,
            status INTEGER,
            detail TEXT NOT NULL
        );
        CREATE INDEX push_records_by_app ON push_records (app);
        CREATE INDEX push_records_by_message ON push_records (app, provider, message, user_id, device);
        CREATE INDEX push_records_failed ON push_records (app, outcome) WHERE outcome <> 'accepted';

        CREATE TABLE push_counts (
            app TEXT NOT NULL,
            day INTEGER NOT NULL,
            kind TEXT NOT NULL,
            outcome TEXT NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (app, day, kind, outcome)
        ) WITHOUT ROWID;
        """
}
