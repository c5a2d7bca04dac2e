/// What the sixth migration adds: what backends are called about and no conversation tells.
extension Schema {
    /// Ids are the log's. The index ends with the row's id; it is for what is too much of one App, and for nothing that is asked while messages are sent.
    static let happenings = """
        CREATE TABLE happenings (
            id INTEGER PRIMARY KEY,
            app TEXT NOT NULL,
            body BLOB NOT NULL
        );
        CREATE INDEX happenings_by_app ON happenings (app);
        """
}
