/// What is no refusal but a fault: the caller's edge logs it and answers "internal error".
package enum StoreFault: Error, Hashable, Sendable {
    /// SQLite's extended result code, and its words.
    case database(code: Int, String)
    /// The database file cannot be used: the path, SQLite's extended result code, and its words. Nothing was changed.
    case unusable(path: String, code: Int, String)
    /// The store was closed before the work was done.
    case closed
    /// A row is not what this program writes: a newer version's, or a damaged file.
    case unreadable(String)
    /// What was to be stored could not be read back: it is refused while its sender still listens.
    case unwritable(String)
    /// A credential's key belongs to another App.
    case credentialTaken(dialect: String, key: String)
    /// A file's bytes could not be written or read (`errno`).
    case file(operation: String, errno: Int)
}
