import Foundation
import GRDB
import GRDBSQLite
import ParleyCore

/// The database file and its connections: one that writes, used by the writer's thread only, and a few that read.
///
/// Reads see one moment (a transaction of their own) and do not wait for the writer. In memory there is only one connection, for both.
final class SQLiteDatabase: Sendable {
    private static let readerCount = 4

    private let connections: any DatabaseWriter
    private let readers: Readers

    init(at location: StoreConfiguration.Location) throws {
        switch location {
        case .memory:
            let queue = try DatabaseQueue(configuration: Self.configuration())
            try Self.blank.get().backup(to: queue)
            queue.writeWithoutTransaction(Self.observeNothing)
            self.connections = queue
            self.readers = Readers(queue, threads: 1)
        case .folder(let folder):
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            self.connections = try DatabasePool(
                path: folder + "/parley.sqlite", configuration: Self.configuration())
            self.readers = Readers(self.connections, threads: Self.readerCount)
            // GRDB chooses NORMAL when it turns the write-ahead log on.
            try self.setFlushes(true)
            try Schema.migrator.migrate(self.connections)
            self.connections.writeWithoutTransaction(Self.observeNothing)
        }
    }

    /// GRDB notes every table and column that a statement touches, when it is prepared, for observers. There are none, and it takes as long as what SQLite does
    /// itself. Migrations need it: they change what GRDB knows of the tables.
    private static func observeNothing(_ database: Database) {
        sqlite3_set_authorizer(database.sqliteConnection, nil, nil)
    }

    /// Those in memory begin as copies of it: making a hundred tables and indexes takes longer than most of what is done with them.
    private static let blank = Result { () throws -> DatabaseQueue in
        let queue = try DatabaseQueue(configuration: configuration())
        try Schema.migrator.migrate(queue)
        return queue
    }

    private static func configuration() -> Configuration {
        var configuration = Configuration()
        configuration.label = "parley"
        // Another process (`parley app`) may hold the lock for the length of one transaction.
        configuration.busyMode = .timeout(5)
        configuration.foreignKeysEnabled = false
        configuration.maximumReaderCount = Self.readerCount
        configuration.prepareDatabase { database in
            // The page size counts only before the first table is made. 8 KiB: fewer, fuller pages for the log
            // (docs/decisions/0007).
            try database.execute(
                sql: """
                    PRAGMA page_size = 8192;
                    PRAGMA cache_size = -16000;
                    PRAGMA secure_delete = OFF;
                    PRAGMA temp_store = MEMORY;
                    PRAGMA wal_autocheckpoint = 2000;
                    PRAGMA journal_size_limit = 67108864;
                    """)
            if database.configuration.readonly { Self.observeNothing(database) }
        }
        return configuration
    }

    /// The error of whoever opens it, in words that name the file.
    static func unusable(_ location: StoreConfiguration.Location, _ error: any Error) -> any Error {
        guard case .folder(let folder) = location else { return error }
        let path = folder + "/parley.sqlite"
        return switch error {
        case let error as DatabaseError:
            StoreFault.unusable(
                path: path, code: Int(error.extendedResultCode.rawValue), error.message ?? "unknown error")
        case StoreFault.database(let code, let words): StoreFault.unusable(path: path, code: code, words)
        case let error as NotBegun: Self.unusable(location, error.cause)
        default: error
        }
    }

    /// Whether a commit waits for the disk.
    func setFlushes(_ flushes: Bool) throws {
        try self.connections.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA synchronous = \(flushes ? "FULL" : "NORMAL")")
        }
    }

    /// Reads off the caller's thread.
    func read<Result: Sendable>(_ body: @escaping @Sendable (SQLConnection) throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            self.readers.run { database in
                continuation.resume(
                    with: Swift.Result { try body(SQLConnection(database: try database.get())) })
            }
        }
    }

    /// Runs `body` in a transaction and returns when it is committed. Blocks: only for the writer's thread, and before it is started.
    func transaction<Result>(_ body: (SQLConnection) throws -> Result) throws -> Result {
        try self.connections.writeWithoutTransaction { database in
            let connection = SQLConnection(database: database)
            do { try connection.run("BEGIN IMMEDIATE") } catch { throw NotBegun(cause: error) }
            do {
                let result = try body(connection)
                try connection.run("COMMIT")
                return result
            } catch {
                if connection.isInTransaction { _ = try? connection.run("ROLLBACK") }
                throw error
            }
        }
    }

    /// The transaction could not even begin (another process holds the lock): trying its parts alone is no use.
    struct NotBegun: Error {
        let cause: any Error
    }

    func close() throws {
        self.readers.close()
        try self.connections.close()
    }
}
