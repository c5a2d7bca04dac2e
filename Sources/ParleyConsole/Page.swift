import CConsolePage
import Crypto
import NIOHTTP1
import ParleyDialectKit

/// The page's files, as they are in the program.
enum Page {
    struct File: Sendable {
        let bytes: [UInt8]
        let contentType: String
        let tag: String
    }

    /// By name; `index.html` is the page itself.
    static let files: [String: File] = {
        var files: [String: File] = [:]
        for index in 0..<console_file_count() {
            guard let file = console_file_at(index)?.pointee else { continue }
            let name = String(cString: file.name)
            files[name] = File(name: name, Array(UnsafeBufferPointer(start: file.bytes, count: file.count)))
        }
        return files
    }()

    /// Against other pages: none may frame it, and what it runs, shows and talks to is its own.
    static let guards: HTTPHeaders = [
        "Content-Security-Policy":
            "default-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    ]

    static func answer(_ request: WireRequest) -> WireResponse {
        guard request.method == .GET || request.method == .HEAD else {
            return Self.text(.methodNotAllowed, "Only GET.\n")
        }
        let name = request.path.dropFirst(Console.path.count + 1)
        guard let file = Self.files[name.isEmpty ? "index.html" : String(name)] else {
            return Self.text(.notFound, "The console has no such file.\n")
        }
        var headers = Self.guards
        headers.add(name: "ETag", value: file.tag)
        headers.add(name: "Cache-Control", value: "no-cache")
        let known = request.headers[canonicalForm: "If-None-Match"]
        if known.contains(where: { $0 == file.tag || $0 == "W/" + file.tag || $0 == "*" }) {
            return WireResponse(status: .notModified, headers: headers, contentType: file.contentType, body: [])
        }
        return WireResponse(headers: headers, contentType: file.contentType, body: file.bytes)
    }

    private static func text(_ status: HTTPResponseStatus, _ text: String) -> WireResponse {
        WireResponse(
            status: status, headers: Self.guards, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }
}

extension Page.File {
    fileprivate init(name: String, _ bytes: [UInt8]) {
        self.bytes = bytes
        self.tag = "\"\(SHA256.hash(data: bytes).prefix(12).hex)\""
        self.contentType =
            switch name.split(separator: ".").last {
            case "html": "text/html; charset=utf-8"
            case "css": "text/css; charset=utf-8"
            case "js": "text/javascript; charset=utf-8"
            case "svg": "image/svg+xml"
            case "png": "image/png"
            default: "application/octet-stream"
            }
    }
}
