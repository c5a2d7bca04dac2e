import Logging
import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// `/v1/files`: files for the messages of Parley's own clients (docs/protocol.md). They are the same files as Easemob's `chatfiles`.
struct FileSite: Sendable {
    static let path = "/v1/files"
    /// Bytes of one file.
    static let bodyLimit = 10 * 1024 * 1024
    private static let thumbnailSide = 170

    let core: Core
    let logger: Logger

    static func claims(_ path: String) -> Bool { path == self.path || path.hasPrefix(self.path + "/") }

    /// - Parameter holder: whose token it is; throws ``TokenRefusal``.
    func answer(
        _ request: WireRequest, holder: @Sendable (String) async throws -> TokenHolder
    ) async -> WireResponse {
        if request.method == .OPTIONS { return Self.preflight }
        do throws(FileRefusal) {
            let id = request.path.dropFirst(Self.path.count + 1).lowercased()
            switch (request.method, id.isEmpty) {
            case (.POST, true): return Self.allow(try await self.upload(request, holder))
            case (.GET, false), (.HEAD, false): return Self.allow(try await self.download(id, request, holder))
            default: throw .methodNotAllowed(id.isEmpty ? "POST, OPTIONS" : "GET, HEAD, OPTIONS")
            }
        } catch {
            if case .fault(let fault) = error {
                self.logger.error(
                    "request failed",
                    metadata: ["request": "\(request.requestID)", "path": "\(request.path)", "error": "\(fault)"])
            }
            return Self.allow(error.response)
        }
    }
}

// MARK: Up

extension FileSite {
    private func upload(
        _ request: WireRequest, _ holder: @Sendable (String) async throws -> TokenHolder
    ) async throws(FileRefusal) -> WireResponse {
        let owner = try await FileRefusal.typed { try await holder(request.bearerToken ?? "") }
        guard !request.body.isEmpty else { throw .badRequest("the body is the file, and it is empty") }
        guard let query = try? Form(query: request.query) else { throw .badRequest("the query is not UTF-8") }
        let name = query["name"].map { String($0.prefix(255)) }
        let mediaType = request.header("Content-Type").flatMap { $0.utf8.count <= 255 ? $0 : nil }
        let file = try await FileRefusal.typed {
            try await self.core.files.save(
                Upload(
                    bytes: request.body, name: name, mediaType: mediaType, isRestricted: false,
                    thumbnail: (width: Self.thumbnailSide, height: Self.thumbnailSide)),
                in: owner.app)
        }
        return WireResponse(body: Self.content(of: file, at: request.origin))
    }

    /// As the `content` of a message has it.
    private static func content(of file: StoredFile, at origin: String) -> [UInt8] {
        let url = "\(origin)\(self.path)/\(file.id)?secret=\(file.secret)"
        return JSONWriter.object { json in
            json.field("url", url)
            if let name = file.name { json.field("name", name) }
            json.field("bytes", file.byteCount)
            if let type = file.mediaType { json.field("mediaType", type) }
            json.field("secret", file.secret)
            if file.hasThumbnail { json.field("thumbnailURL", url + "&thumbnail=true") }
        }
    }
}

// MARK: Down

extension FileSite {
    private func download(
        _ id: String, _ request: WireRequest, _ holder: @Sendable (String) async throws -> TokenHolder
    ) async throws(FileRefusal) -> WireResponse {
        guard let query = try? Form(query: request.query) else { throw .badRequest("the query is not UTF-8") }
        let (file, app) = try await self.find(id)
        let secret = query["secret"] ?? query["share-secret"] ?? request.header("share-secret")
        if let secret {
            guard isEqualInConstantTime(secret, file.secret) else { throw .forbidden("the secret is not this file's") }
        } else {
            let reader = try await FileRefusal.typed { try await holder(request.bearerToken ?? query["token"] ?? "") }
            // Of another App's file not even that it is there.
            guard reader.app == app else { throw .notFound }
            guard !file.isRestricted else { throw .forbidden("the file wants its secret") }
        }
        guard file.expiresAt > self.core.clock.now() else { throw .expired }
        let wantsThumbnail = (query["thumbnail"] ?? request.header("thumbnail"))?.lowercased() == "true"
        let bytes = try await FileRefusal.typed { try await self.core.files.bytes(of: file, thumbnail: wantsThumbnail) }
        return try FileAnswer(file, bytes, isThumbnail: wantsThumbnail && file.hasThumbnail)
            .response(range: request.header("Range"))
    }

    /// The URL does not say whose file it is; an id is in one App.
    private func find(_ id: String) async throws(FileRefusal) -> (StoredFile, AppID) {
        try await FileRefusal.typed {
            for app in try await self.core.directory.apps() {
                if let file = try await self.core.files.file(id, in: app.id) { return (file, app.id) }
            }
            throw FileRefusal.notFound
        }
    }
}

// MARK: Browsers

extension FileSite {
    /// Any page may ask: who knows a token or a secret may have the file.
    static func allow(_ response: WireResponse) -> WireResponse {
        var response = response
        response.headers.replaceOrAdd(name: "Access-Control-Allow-Origin", value: "*")
        response.headers.replaceOrAdd(
            name: "Access-Control-Expose-Headers",
            value: "Accept-Ranges, Content-Disposition, Content-Length, Content-Range")
        return response
    }

    private static let preflight = WireResponse(
        headers: [
            "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
            "Access-Control-Allow-Headers": "Authorization, Content-Type, Range, share-secret, thumbnail",
            "Access-Control-Max-Age": "86400",
        ], body: [])
}

extension WireRequest {
    fileprivate var bearerToken: String? { self.header("Authorization")?.bearerToken }
}
