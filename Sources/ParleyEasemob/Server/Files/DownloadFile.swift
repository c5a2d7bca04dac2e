import NIOHTTP1
import ParleyCore
import ParleyDialectKit

/// A file, or the small picture of it. A restricted file wants its secret, in a header or in the URL.
///
/// Pictures in browsers are asked for without a header (facts/easemob-client.md 6): whoever shows the file's secret needs no token.
/// Source: facts/easemob-server.md 2.5.
struct DownloadFile: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/chatfiles/{file_uuid}", "Download a file or its thumbnail",
        page: "下载文件 (message_download)")
    static let callers = Callers.anyone
    static let area = Area.files

    struct File: Sendable {
        let stored: StoredFile
        let bytes: [UInt8]
        let isThumbnail: Bool
    }

    let id: String
    let secret: String?
    let wantsThumbnail: Bool

    init(_ call: Call) {
        self.id = call.parameter("file_uuid").lowercased()
        self.secret = call.request.header("share-secret") ?? call.query["share-secret"]
        let inQuery = call.query["thumbnail"]?.lowercased()
        self.wantsThumbnail = call.isSet("thumbnail") || inQuery == "true" || inQuery == "1"
    }

    func perform(_ call: Call) async throws -> File {
        let hasToken = call.request.header("Authorization") != nil
        if hasToken || self.secret == nil { _ = try await call.authenticated() }
        guard let file = try await call.core.files.file(self.id, in: call.app.id) else {
            throw Rejection.fileNotFound
        }
        guard file.expiresAt > call.now else { throw Refusal.fileExpired(file.id) }
        if file.isRestricted || !hasToken {
            guard isEqualInConstantTime(self.secret ?? "", file.secret) else { throw Rejection.fileSecretWrong }
        }
        let bytes = try await call.core.files.bytes(of: file, thumbnail: self.wantsThumbnail)
        return File(stored: file, bytes: bytes, isThumbnail: self.wantsThumbnail && file.hasThumbnail)
    }

    func encode(_ file: File, _ call: Call) -> Answer { .file(file) }
}

extension Answer {
    static func file(_ file: DownloadFile.File) -> Answer {
        // Uploads are anybody's: a browser is to keep them, not to run them on this origin.
        var headers: HTTPHeaders = ["X-Content-Type-Options": "nosniff"]
        headers.add(name: "Content-Disposition", value: Self.disposition(file.stored.name ?? file.stored.id))
        let type = file.isThumbnail ? Self.pictureType(file.bytes) : Self.mediaType(file.stored.mediaType)
        return Answer(.bytes(WireResponse(headers: headers, contentType: type, body: file.bytes)))
    }

    private static func disposition(_ name: String) -> String {
        let plain = String(
            name.unicodeScalars.map {
                (0x20..<0x7F).contains($0.value) && $0 != "\"" && $0 != "\\" ? Character($0) : "_"
            })
        return "attachment; filename=\"\(plain)\""
    }

    /// What the uploader said, if it can stand in a header.
    private static func mediaType(_ type: String?) -> String {
        guard let type, type.contains("/"), type.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) else {
            return "application/octet-stream"
        }
        return type
    }

    private static func pictureType(_ bytes: [UInt8]) -> String {
        bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) ? "image/png" : "image/jpeg"
    }
}
