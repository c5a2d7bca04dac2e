import GRDB
import GRDBSQLite
import ParleyCore

/// One connection to the database, for the time of one access: statements are prepared once and kept by GRDB, values go in and out through
/// SQLite's own functions (half the cost of GRDB's rows).
struct SQLConnection {
    let database: Database

    /// Runs a statement that answers no rows.
    /// - Returns: how many rows it changed.
    @discardableResult
    func run(_ sql: String, _ values: [SQLValue] = []) throws -> Int {
        try self.withStatement(sql, values) { statement in
            while try self.step(statement) {}
            return Int(sqlite3_changes(self.handle))
        }
    }

    func first<Result>(
        _ sql: String, _ values: [SQLValue] = [], _ decode: (SQLRow) throws -> Result
    ) throws -> Result? {
        try self.withStatement(sql, values) { statement in
            guard try self.step(statement) else { return nil }
            return try decode(SQLRow(statement: statement))
        }
    }

    func all<Result>(
        _ sql: String, _ values: [SQLValue] = [], _ decode: (SQLRow) throws -> Result
    ) throws -> [Result] {
        try self.withStatement(sql, values) { statement in
            var results: [Result] = []
            while try self.step(statement) { results.append(try decode(SQLRow(statement: statement))) }
            return results
        }
    }

    /// Row by row, until `body` returns false.
    func each(_ sql: String, _ values: [SQLValue] = [], _ body: (SQLRow) throws -> Bool) throws {
        try self.withStatement(sql, values) { statement in
            while try self.step(statement) {
                guard try body(SQLRow(statement: statement)) else { return }
            }
        }
    }

    /// The number that the database gave to the row inserted last.
    var lastInsertedNumber: Int64 { sqlite3_last_insert_rowid(self.handle) }

    /// False after an error that made SQLite roll the whole transaction back by itself (a full disk, an I/O error).
    var isInTransaction: Bool { sqlite3_get_autocommit(self.handle) == 0 }

    private var handle: OpaquePointer? { self.database.sqliteConnection }

    /// A statement must be reset when it is done with, or it holds its snapshot.
    private func withStatement<Result>(
        _ sql: String, _ values: [SQLValue], _ body: (OpaquePointer) throws -> Result
    ) throws -> Result {
        let statement = try self.database.cachedStatement(sql: sql).sqliteStatement
        defer {
            sqlite3_reset(statement)
            sqlite3_clear_bindings(statement)
        }
        for (index, value) in values.enumerated() {
            let code = value.bind(to: statement, at: Int32(index + 1))
            guard code == SQLITE_OK else { throw self.fault(code) }
        }
        return try body(statement)
    }

    private func step(_ statement: OpaquePointer) throws -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw self.fault(code)
        }
    }

    private func fault(_ code: Int32) -> StoreFault {
        .database(code: Int(code), String(cString: sqlite3_errmsg(self.handle)))
    }
}

/// What can be bound to a statement's `?`.
enum SQLValue {
    case null
    case int(Int64)
    case text(String)
    case blob([UInt8])

    static func text(_ value: some RawRepresentable<String>) -> SQLValue { .text(value.rawValue) }
    static func text(_ value: String?) -> SQLValue { value.map { .text($0) } ?? .null }
    static func int(_ value: Int) -> SQLValue { .int(Int64(value)) }
    static func int(_ value: Int64?) -> SQLValue { value.map { .int($0) } ?? .null }
    /// Sequences fit; anything greater stands for "no limit".
    static func sequence(_ value: UInt64) -> SQLValue { .int(Int64(clamping: value)) }
    static func id(_ value: MessageID) -> SQLValue { .int(Int64(clamping: value.rawValue)) }
    static func time(_ value: Timestamp) -> SQLValue { .int(value.milliseconds) }
    static func bool(_ value: Bool) -> SQLValue { .int(value ? 1 : 0) }

    fileprivate func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        switch self {
        case .null: return sqlite3_bind_null(statement, index)
        case .int(let value): return sqlite3_bind_int64(statement, index, value)
        case .text(var text):
            return text.withUTF8 { utf8 in
                // An empty buffer has no address, and no address means NULL.
                guard let start = utf8.baseAddress else { return sqlite3_bind_text(statement, index, "", 0, nil) }
                return start.withMemoryRebound(to: CChar.self, capacity: utf8.count) {
                    sqlite3_bind_text(statement, index, $0, Int32(utf8.count), Self.copied)
                }
            }
        case .blob(let bytes):
            guard !bytes.isEmpty else { return sqlite3_bind_zeroblob(statement, index, 0) }
            return bytes.withUnsafeBytes {
                sqlite3_bind_blob(statement, index, $0.baseAddress, Int32($0.count), Self.copied)
            }
        }
    }

    /// SQLITE_TRANSIENT, a macro that Swift does not import: SQLite copies what is bound.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
}

/// The row that a statement stands on; valid until the next one.
struct SQLRow {
    fileprivate let statement: OpaquePointer

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(self.statement, column) == SQLITE_NULL }
    func int(_ column: Int32) -> Int64 { sqlite3_column_int64(self.statement, column) }
    func bool(_ column: Int32) -> Bool { self.int(column) != 0 }
    func time(_ column: Int32) -> Timestamp { Timestamp(milliseconds: self.int(column)) }
    func sequence(_ column: Int32) -> UInt64 { UInt64(clamping: self.int(column)) }
    func id(_ column: Int32) -> MessageID { MessageID(rawValue: UInt64(clamping: self.int(column))) }

    func text(_ column: Int32) -> String {
        guard let start = sqlite3_column_text(self.statement, column) else { return "" }
        let count = Int(sqlite3_column_bytes(self.statement, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    func optionalText(_ column: Int32) -> String? { self.isNull(column) ? nil : self.text(column) }

    func blob(_ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(self.statement, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(self.statement, column))))
    }
}
