import NIOHTTP1
import ParleyCore
import ParleyDialectKit

/// A file on its way to a browser: whole or in part, and so that nothing in it can run on this origin.
struct FileAnswer {
    private let file: StoredFile
    private let bytes: [UInt8]
    private let mediaType: String

    init(_ file: StoredFile, _ bytes: [UInt8], isThumbnail: Bool) {
        self.file = file
        self.bytes = bytes
        self.mediaType = isThumbnail ? Self.pictureType(bytes) : Self.mediaType(file.mediaType)
    }

    /// - Parameter range: of a `Range` header. One range is honoured; what is none, or several, is answered with the whole.
    func response(range: String?) throws(FileRefusal) -> WireResponse {
        var response = WireResponse(headers: self.headers, contentType: self.mediaType, body: self.bytes)
        guard let range = range.flatMap(ByteRange.init) else { return response }
        guard let part = range.part(of: self.bytes.count) else {
            throw .rangeNotSatisfiable(byteCount: self.bytes.count)
        }
        response.status = .partialContent
        response.headers.add(
            name: "Content-Range", value: "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(self.bytes.count)")
        response.body = Array(self.bytes[part])
        return response
    }

    private var headers: HTTPHeaders {
        [
            "Accept-Ranges": "bytes", "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            // What is under an id never changes.
            "Cache-Control": "private, max-age=86400, immutable",
            "Content-Disposition":
                "\(self.isShown ? "inline" : "attachment"); \(Self.named(self.file.name ?? self.file.id))",
        ]
    }

    /// Pictures, sound and films may be shown in place; but an SVG is a document with scripts.
    private var isShown: Bool {
        let type = self.mediaType.lowercased()
        guard !type.contains("svg"), !type.contains("xml") else { return false }
        return ["image/", "audio/", "video/"].contains { type.hasPrefix($0) }
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

    /// In plain letters for all, and whole for those who know RFC 5987.
    private static func named(_ name: String) -> String {
        let plain = String(
            name.unicodeScalars.map {
                (0x20..<0x7F).contains($0.value) && $0 != "\"" && $0 != "\\" ? Character($0) : "_"
            })
        let unreserved = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        let whole = name.utf8.map { unreserved.contains($0) ? String(UnicodeScalar($0)) : "%" + [$0].hex.uppercased() }
        return "filename=\"\(plain)\"; filename*=UTF-8''\(whole.joined())"
    }
}

/// One range of RFC 9110, section 14.1.2.
struct ByteRange: Hashable {
    private enum Form: Hashable {
        case from(Int, through: Int?)
        case last(Int)
    }

    private let form: Form

    /// Nil: not one range of bytes.
    init?(_ header: String) {
        guard header.lowercased().hasPrefix("bytes=") else { return nil }
        let bounds = header.dropFirst(6).trimmingSpaces().split(separator: "-", omittingEmptySubsequences: false)
        guard bounds.count == 2, bounds.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }) else {
            return nil
        }
        switch (Int(bounds[0]), Int(bounds[1])) {
        case (let first?, let last?):
            guard first <= last else { return nil }
            self.form = .from(first, through: last)
        case (let first?, nil) where bounds[1].isEmpty: self.form = .from(first, through: nil)
        case (nil, let count?) where bounds[0].isEmpty: self.form = .last(count)
        default: return nil
        }
    }

    /// Nil: nothing of it is there.
    func part(of count: Int) -> Range<Int>? {
        switch self.form {
        case .from(let first, let last):
            guard first < count else { return nil }
            return first..<(last.map { min($0, count - 1) } ?? count - 1) + 1
        case .last(let wanted):
            guard wanted > 0, count > 0 else { return nil }
            return max(0, count - wanted)..<count
        }
    }
}
