internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import ParleyJSON

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

extension Chat {
    /// Bytes so far, and bytes in all, when that is known.
    public typealias Progress = @Sendable (_ bytes: Int64, _ of: Int64?) -> Void

    /// Puts a file on the server, where everyone who is sent the ``Media`` finds it. To send it: `.image(media)`, `.file(media)` …
    /// - Parameter mediaType: `image/jpeg` …
    public func upload(
        _ bytes: [UInt8], name: String, mediaType: String = "application/octet-stream", progress: Progress? = nil
    ) async throws(ChatError) -> Media {
        var rest = ByteBuffer(bytes: bytes)
        return try await self.upload(
            name: name, mediaType: mediaType, count: Int64(bytes.count), progress: progress
        ) {
            rest.readSlice(length: min(rest.readableBytes, Self.chunk)).flatMap { $0.readableBytes > 0 ? $0 : nil }
        }
    }

    /// Puts a file on the server, reading it piece by piece.
    /// - Parameter path: of the file on this machine.
    public func upload(
        fileAt path: String, name: String? = nil, mediaType: String = "application/octet-stream",
        progress: Progress? = nil
    ) async throws(ChatError) -> Media {
        let file: LocalFile
        do { file = try LocalFile(reading: path) } catch { throw .fileFailed("\(path) cannot be read") }
        let name = name ?? path.split(separator: "/").last.map(String.init) ?? "file"
        return try await self.upload(name: name, mediaType: mediaType, count: file.count, progress: progress) {
            try await file.read(Self.chunk)
        }
    }

    /// Fetches a file of a message's to this machine, piece by piece.
    /// - Parameters:
    ///   - path: of a file that does not exist yet; what has come of it is removed when the rest does not.
    ///   - limit: in bytes: more than that is not fetched.
    /// - Returns: how many bytes it has.
    @discardableResult
    public func download(
        _ media: Media, toFileAt path: String, limit: Int64 = 256 << 20, progress: Progress? = nil
    ) async throws(ChatError) -> Int64 {
        let file: LocalFile
        do { file = try LocalFile(creating: path) } catch { throw .fileFailed("\(path) exists, or cannot be written") }
        do {
            let count = try await self.download(media, limit: limit, progress: progress) { try await file.write($0) }
            try file.close()
            return count
        } catch {
            file.remove()
            throw Self.fileError(error)
        }
    }

    /// Fetches a file of a message's.
    public func download(
        _ media: Media, limit: Int64 = 16 << 20, progress: Progress? = nil
    ) async throws(ChatError) -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            _ = try await self.download(media, limit: limit, progress: progress) {
                bytes.append(contentsOf: $0.readableBytesView)
            }
        } catch { throw Self.fileError(error) }
        return bytes
    }

    private static var chunk: Int { 64 << 10 }
}

extension Chat {
    private func upload(
        name: String, mediaType: String, count: Int64, progress: Progress?, _ chunk: () async throws -> ByteBuffer?
    ) async throws(ChatError) -> Media {
        let token = try await self.session.fileToken()
        let endpoint = self.session.endpoint
        var head = HTTPRequestHead(
            version: .http1_1, method: .POST, uri: "\(endpoint.prefix)/v1/files?name=\(Endpoint.escaped(name))")
        head.headers = [
            "Host": endpoint.authority, "Authorization": "Bearer \(Endpoint.headerValue(token))",
            "Content-Type": Endpoint.headerValue(mediaType),
            "Content-Length": String(count), "Connection": "close",
        ]
        var status = 0
        var answer: [UInt8] = []
        var sent: Int64 = 0
        do {
            let transfer = FileTransfer(
                endpoint: endpoint, tls: try endpoint.tls(self.session.configuration.certificates))
            try await transfer.run(head) {
                if sent > 0 { progress?(sent, count) }
                let next = try await chunk()
                sent += Int64(next?.readableBytes ?? 0)
                return next
            } head: {
                status = Int($0.status.code)
            } receive: {
                if answer.count < 64 << 10 { answer.append(contentsOf: $0.readableBytesView) }
            }
        } catch { throw Self.fileError(error) }
        guard status == 200, let json = try? JSON(parsing: answer) else {
            throw .fileRefused(status: status, message: String(decoding: answer, as: UTF8.self))
        }
        return Media(json)
    }

    private func download(
        _ media: Media, limit: Int64, progress: Progress?, _ receive: (ByteBuffer) async throws -> Void
    ) async throws -> Int64 {
        guard let text = media.url, let url = URL(string: text), let endpoint = Endpoint(url) else {
            throw ChatError.fileFailed("the message names no file that can be fetched")
        }
        var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: Self.target(url))
        head.headers = ["Host": endpoint.authority, "Connection": "close"]
        // The token is for our server alone; whoever wrote the message chose the address.
        let own = self.session.endpoint
        if endpoint.host == own.host, endpoint.port == own.port, endpoint.isSecure == own.isSecure {
            head.headers.add(
                name: "Authorization", value: "Bearer \(Endpoint.headerValue(try await self.session.fileToken()))")
        }
        if let secret = media.secret { head.headers.add(name: "share-secret", value: Endpoint.headerValue(secret)) }
        var status = 0
        var total: Int64?
        var count: Int64 = 0
        var refusal: [UInt8] = []
        let transfer = FileTransfer(endpoint: endpoint, tls: try endpoint.tls(self.session.configuration.certificates))
        try await transfer.run(head) {
            nil
        } head: { head in
            status = Int(head.status.code)
            total = head.headers.first(name: "Content-Length").flatMap { Int64($0) }
            if status == 200, let total, total > limit { throw ChatError.fileFailed("larger than \(limit) bytes") }
        } receive: { chunk in
            guard status == 200 else {
                if refusal.count < 4096 { refusal.append(contentsOf: chunk.readableBytesView) }
                return
            }
            count += Int64(chunk.readableBytes)
            guard count <= limit else { throw ChatError.fileFailed("larger than \(limit) bytes") }
            try await receive(chunk)
            progress?(count, total)
        }
        guard status == 200 else {
            throw ChatError.fileRefused(status: status, message: String(decoding: refusal, as: UTF8.self))
        }
        return count
    }

    private static func target(_ url: URL) -> String {
        let path = url.path(percentEncoded: true)
        return (path.isEmpty ? "/" : path) + (url.query(percentEncoded: true).map { "?\($0)" } ?? "")
    }

    private static func fileError(_ error: any Error) -> ChatError {
        switch error {
        case let error as ChatError: error
        case is CancellationError: .cancelled
        default: .fileFailed("\(error)")
        }
    }
}
