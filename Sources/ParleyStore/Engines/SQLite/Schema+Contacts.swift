/// What the ninth migration adds: contacts, what users say of themselves, and who is told of it.
extension Schema {
    static let contacts = """
        CREATE TABLE contacts (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            app TEXT NOT NULL,
            user_id TEXT NOT NULL,
            contact_id TEXT NOT NULL,
            remark TEXT
        );
        CREATE UNIQUE INDEX contacts_by_user ON contacts (app, user_id, contact_id);
        CREATE INDEX contacts_by_age ON contacts (app, user_id, number);

        CREATE TABLE invitations (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            app TEXT NOT NULL,
            user_id TEXT NOT NULL,
            from_id TEXT NOT NULL,
            reason TEXT NOT NULL,
            at INTEGER NOT NULL
        );
        CREATE UNIQUE INDEX invitations_by_user ON invitations (app, user_id, from_id);
        CREATE INDEX invitations_by_age ON invitations (app, user_id, number);
        CREATE INDEX invitations_by_sender ON invitations (app, from_id);
        """

    /// `states` and `texts` are JSON objects of texts. The bytes are counted where they are written, so that nobody has to read all profiles for it.
    static let statuses = """
        CREATE TABLE user_statuses (
            app TEXT NOT NULL,
            user_id TEXT NOT NULL,
            text TEXT NOT NULL,
            states TEXT NOT NULL,
            changed_at INTEGER NOT NULL,
            PRIMARY KEY (app, user_id)
        ) WITHOUT ROWID;

        CREATE TABLE presence_subscriptions (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            app TEXT NOT NULL,
            user_id TEXT NOT NULL,
            target_id TEXT NOT NULL,
            expires_at INTEGER NOT NULL
        );
        CREATE UNIQUE INDEX presence_subscriptions_by_user ON presence_subscriptions (app, user_id, target_id);
        CREATE INDEX presence_subscriptions_by_target ON presence_subscriptions (app, target_id);
        CREATE INDEX presence_subscriptions_by_expiry ON presence_subscriptions (expires_at);

        CREATE TABLE profiles (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            app TEXT NOT NULL,
            user_id TEXT NOT NULL,
            texts TEXT NOT NULL,
            byte_count INTEGER NOT NULL
        );
        CREATE UNIQUE INDEX profiles_by_user ON profiles (app, user_id);
        CREATE INDEX profiles_by_size ON profiles (app, byte_count);
        """
}
