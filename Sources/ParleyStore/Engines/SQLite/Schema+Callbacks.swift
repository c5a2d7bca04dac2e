/// What the fifth migration adds: how far backends have been called, and what became of each call.
extension Schema {
    /// Of the calls' indexes an ordinary one is in the first only; each ends with the row's number, which is the order that they are read in. There is none
    /// for `sent_at`: a reader looks for what is too old, beside the writer (``SQLConnection/outdatedCalls(before:limit:)``).
    static let callbacks = """
        CREATE TABLE callback_progress (
            app TEXT NOT NULL,
            rule TEXT NOT NULL,
            through INTEGER NOT NULL,
            PRIMARY KEY (app, rule)
        ) WITHOUT ROWID;

        CREATE TABLE callback_calls (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            app TEXT NOT NULL,
            rule TEXT NOT NULL,
            name TEXT NOT NULL,
            entry INTEGER NOT NULL,
            sent_at INTEGER NOT NULL,
            milliseconds INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            outcome TEXT NOT NULL,
            status INTEGER,
            detail TEXT NOT NULL,
            is_wanted_again INTEGER NOT NULL DEFAULT 0
        );
        CREATE INDEX callback_calls_by_app ON callback_calls (app);
        CREATE INDEX callback_calls_given_up ON callback_calls (app) WHERE outcome = 'given-up';
        CREATE INDEX callback_calls_wanted_again ON callback_calls (app, rule) WHERE is_wanted_again = 1;
        """
}
