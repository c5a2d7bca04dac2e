import ParleyCore

/// What is known of uploaded files, in SQL; their bytes are in a ``Vault``.
extension SQLConnection {
    private static let fileColumns =
        "id, name, media_type, byte_count, secret, is_restricted, has_thumbnail, created_at, expires_at"

    /// In the place of one that has expired, where there is one.
    func insert(_ file: StoredFile, in app: AppID) throws {
        try self.run(
            "INSERT OR REPLACE INTO files (app, \(Self.fileColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                .text(app), .text(file.id), .text(file.name), .text(file.mediaType), .int(file.byteCount),
                .text(file.secret), .bool(file.isRestricted), .bool(file.hasThumbnail), .time(file.createdAt),
                .time(file.expiresAt),
            ])
    }

    func file(_ id: String, in app: AppID) throws -> StoredFile? {
        try self.first("SELECT \(Self.fileColumns) FROM files WHERE id = ? AND app = ?", [.text(id), .text(app)]) {
            StoredFile(row: $0)
        }
    }

    func keep(_ id: String, until moment: Timestamp) throws {
        try self.run("UPDATE files SET expires_at = ? WHERE id = ?", [.time(moment), .text(id)])
    }

    func filesExpired(at moment: Timestamp, limit: Int) throws -> [StoredFile] {
        try self.all(
            "SELECT \(Self.fileColumns) FROM files WHERE expires_at <= ? ORDER BY expires_at LIMIT ?",
            [.time(moment), .int(limit)]
        ) { StoredFile(row: $0) }
    }

    func deleteFile(_ id: String) throws { try self.run("DELETE FROM files WHERE id = ?", [.text(id)]) }
}

extension StoredFile {
    fileprivate init(row: SQLRow) {
        self.init(
            id: row.text(0), name: row.optionalText(1), mediaType: row.optionalText(2), byteCount: Int(row.int(3)),
            secret: row.text(4), isRestricted: row.bool(5), hasThumbnail: row.bool(6), createdAt: row.time(7),
            expiresAt: row.time(8))
    }
}
