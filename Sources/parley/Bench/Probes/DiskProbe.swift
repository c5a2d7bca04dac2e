import Foundation
import GRDBSQLite
import Glibc

/// What the disk gives to who waits for each flush, in a temporary folder on the disk where the servers that are measured have theirs.
struct DiskProbe: Sendable {
    /// Appends of a page as SQLite's log has it (4,096 bytes and a header of 24), each with fdatasync.
    var flushesPerSecond: Double
    /// Of one flush.
    var flushes: Histogram
    /// SQLite commits of one row, with `synchronous=FULL` and a write-ahead log: the least that a durable send does there.
    var commitsPerSecond: Double

    static let pageBytes = 4096 + 24

    /// - Parameter seconds: for each of the two.
    static func measure(seconds: Double) throws -> DiskProbe {
        let folder = LocalServer.temporaryFolder
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let flushes = try self.flush(folder.appendingPathComponent("flushes").path, seconds)
        let commits = try self.commit(folder.appendingPathComponent("rows.sqlite").path, seconds)
        return DiskProbe(
            flushesPerSecond: Double(flushes.count) / seconds, flushes: flushes, commitsPerSecond: commits / seconds)
    }

    private static func flush(_ path: String, _ seconds: Double) throws -> Histogram {
        let file = open(path, O_CREAT | O_WRONLY | O_APPEND, 0o600)
        guard file >= 0 else { throw BenchFailure("cannot write \(path)") }
        defer { close(file) }
        let page = [UInt8](repeating: 0x78, count: self.pageBytes)
        var times = Histogram()
        let end = Monotonic.now + Monotonic.seconds(seconds)
        while true {
            let began = Monotonic.now
            guard began < end else { return times }
            guard write(file, page, page.count) == page.count, fdatasync(file) == 0 else {
                throw BenchFailure("cannot write \(path)")
            }
            times.record(Monotonic.now - began)
        }
    }

    private static func commit(_ path: String, _ seconds: Double) throws -> Double {
        var database: OpaquePointer?
        defer { sqlite3_close(database) }
        guard sqlite3_open(path, &database) == SQLITE_OK else { throw BenchFailure("cannot open \(path)") }
        func run(_ sql: String) throws {
            guard sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK else { throw BenchFailure("SQLite: \(sql)") }
        }
        try run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL")
        try run(
            "CREATE TABLE row (conversation INTEGER, sequence INTEGER, body BLOB, PRIMARY KEY (conversation, sequence)) WITHOUT ROWID"
        )
        var statement: OpaquePointer?
        let insert = "INSERT INTO row VALUES (?, ?, zeroblob(300))"
        guard sqlite3_prepare_v2(database, insert, -1, &statement, nil) == SQLITE_OK else {
            throw BenchFailure("SQLite: \(insert)")
        }
        defer { sqlite3_finalize(statement) }
        let end = Monotonic.now + Monotonic.seconds(seconds)
        var count: Int64 = 0
        while Monotonic.now < end {
            sqlite3_bind_int64(statement, 1, count % 1000)
            sqlite3_bind_int64(statement, 2, count)
            guard sqlite3_step(statement) == SQLITE_DONE else { throw BenchFailure("SQLite: a row was not written") }
            sqlite3_reset(statement)
            count += 1
        }
        return Double(count)
    }
}
