/// What the twelfth migration adds: since when devices are known. Those that have cursors come back as new ones once: their cursors stand.
extension Schema {
    static let devices = """
        CREATE TABLE known_devices (
            app TEXT NOT NULL,
            user_id TEXT NOT NULL,
            device TEXT NOT NULL,
            began_after INTEGER NOT NULL,
            seen_at INTEGER NOT NULL,
            PRIMARY KEY (app, user_id, device)
        ) WITHOUT ROWID;
        """
}
