/// Uploaded files and their thumbnails.
package protocol Files: Sendable {
    /// Keeps the bytes; durable on return. Of what is kept already under its id (``Upload/id``) the file that there is, for as long as a new one.
    /// - Throws: ``Rejection/fileTooLarge(limitBytes:)``.
    func save(_ upload: Upload, in app: AppID) async throws -> StoredFile
    func file(_ id: String, in app: AppID) async throws -> StoredFile?
    /// - Parameter thumbnail: the smaller picture if there is one, else the file itself.
    /// - Throws: ``Rejection/fileNotFound`` when the bytes are gone.
    func bytes(of file: StoredFile, thumbnail: Bool) async throws -> [UInt8]
    /// Those of them that there are and that have not expired are kept for another time from now on.
    /// - Returns: them.
    func keep(_ ids: [String], in app: AppID, _ lifetime: FileLifetime) async throws -> [String]
}

/// How long a file is kept.
package enum FileLifetime: Hashable, Sendable {
    /// As long after it was uploaded as any file.
    case usual
    /// As long after this moment.
    case renewed
    case endless
}

package struct Upload: Sendable {
    /// A UUID, lower case: where the same bytes always have the same. Nil: it gets one of its own.
    package var id: String?
    package var bytes: [UInt8]
    package var name: String?
    package var mediaType: String?
    /// Downloads must show the secret.
    package var isRestricted: Bool
    /// The box that a thumbnail must fit, in pixels.
    package var thumbnail: (width: Int, height: Int)

    package init(
        id: String? = nil, bytes: [UInt8], name: String?, mediaType: String?, isRestricted: Bool,
        thumbnail: (width: Int, height: Int)
    ) {
        self.id = id
        self.bytes = bytes
        self.name = name
        self.mediaType = mediaType
        self.isRestricted = isRestricted
        self.thumbnail = thumbnail
    }
}

package struct StoredFile: Hashable, Sendable {
    /// A UUID, lower case.
    package var id: String
    package var name: String?
    package var mediaType: String?
    package var byteCount: Int
    package var secret: String
    package var isRestricted: Bool
    package var hasThumbnail: Bool
    package var createdAt: Timestamp
    package var expiresAt: Timestamp

    package init(
        id: String, name: String?, mediaType: String?, byteCount: Int, secret: String, isRestricted: Bool,
        hasThumbnail: Bool, createdAt: Timestamp, expiresAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.mediaType = mediaType
        self.byteCount = byteCount
        self.secret = secret
        self.isRestricted = isRestricted
        self.hasThumbnail = hasThumbnail
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }
}

/// Makes a smaller picture of a picture.
package protocol Thumbnailer: Sendable {
    /// Nil when the bytes are no picture that can be read, or one that is too large to be worth it.
    func thumbnail(of bytes: [UInt8], width: Int, height: Int) -> [UInt8]?
}
