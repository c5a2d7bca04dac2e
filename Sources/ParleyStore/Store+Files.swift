import Foundation
package import ParleyCore

extension Store {
    package func save(_ upload: Upload, in app: AppID) async throws -> StoredFile {
        guard upload.bytes.count <= self.configuration.fileByteLimit else {
            throw Rejection.fileTooLarge(limitBytes: self.configuration.fileByteLimit)
        }
        let thumbnail = try await self.thumbnail(for: upload)
        let now = self.clock.now()
        let new = StoredFile(
            id: upload.id ?? UUID().uuidString.lowercased(), name: upload.name, mediaType: upload.mediaType,
            byteCount: upload.bytes.count, secret: Self.randomSecret(), isRestricted: upload.isRestricted,
            hasThumbnail: thumbnail != nil, createdAt: now,
            expiresAt: now.adding(seconds: self.configuration.fileRetentionSeconds))
        // The row first: bytes without a row would stay for ever, a row without bytes expires.
        let file = try await self.writer.run(.isolated) { batch in
            var new = new
            if upload.id != nil, var known = try batch.connection.file(new.id, in: app) {
                // Its bytes may be being removed just now.
                guard known.expiresAt > now.adding(seconds: 3600) else {
                    new.id = UUID().uuidString.lowercased()
                    try batch.connection.insert(new, in: app)
                    return new
                }
                known.expiresAt = max(known.expiresAt, new.expiresAt)
                try batch.connection.keep(known.id, until: known.expiresAt)
                return known
            }
            try batch.connection.insert(new, in: app)
            return new
        }
        let vault = self.vault
        try await self.fileLanes.run {
            if let thumbnail { try vault.put(thumbnail, as: VaultName(id: file.id, thumbnail: true)!) }
            try vault.put(upload.bytes, as: VaultName(id: file.id, thumbnail: false)!)
        }
        return file
    }

    package func file(_ id: String, in app: AppID) async throws -> StoredFile? {
        try await self.database.read { try $0.file(id, in: app) }
    }

    package func bytes(of file: StoredFile, thumbnail: Bool) async throws -> [UInt8] {
        guard let name = VaultName(id: file.id, thumbnail: thumbnail && file.hasThumbnail) else {
            throw Rejection.fileNotFound
        }
        let vault = self.vault
        guard let bytes = try await self.fileLanes.run({ try vault.bytes(of: name) }) else {
            throw Rejection.fileNotFound
        }
        return bytes
    }

    package func keep(_ ids: [String], in app: AppID, _ lifetime: FileLifetime) async throws -> [String] {
        let (now, retention) = (self.clock.now(), self.configuration.fileRetentionSeconds)
        return try await self.writer.run(.isolated) { batch in
            try ids.filter { id in
                guard let file = try batch.connection.file(id, in: app), file.expiresAt > now else { return false }
                let end: Timestamp =
                    switch lifetime {
                    case .usual: file.createdAt.adding(seconds: retention)
                    case .renewed: now.adding(seconds: retention)
                    case .endless: .distantFuture
                    }
                try batch.connection.keep(file.id, until: end)
                return true
            }
        }
    }

    private func thumbnail(for upload: Upload) async throws -> [UInt8]? {
        guard let thumbnailer = self.thumbnailer, upload.bytes.count > self.configuration.thumbnailThresholdBytes else {
            return nil
        }
        return try await self.pictureLanes.run {
            thumbnailer.thumbnail(of: upload.bytes, width: upload.thumbnail.width, height: upload.thumbnail.height)
        }
    }

    /// 192 random bits, in characters that need no escape in a URL.
    private static func randomSecret() -> String {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<24).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
    }
}
