import Foundation
import NIOHTTP1
import ParleyClient
import ParleyJSON
import ParleyServer
import Testing

/// What an uploader says of a file, and what a downloader asks for, through both ways there are.
@Suite(.timeLimit(minutes: 2))
struct HostileDownloadTests {
    private static let names = [
        "../../etc/passwd", "a\"; filename=\"b.html", "a\r\nSet-Cookie: a=b", "a\u{0}b", "\u{202E}gpj.exe", "a\\b",
        String(repeating: "n", count: 5000), "käse.txt", "a\nX: y",
    ]

    @Test(arguments: names)
    func aNameStaysAName(_ name: String) async throws {
        try await withServer { live in
            let demo = try await Tenant(app: live.app, on: live)
            let bearer = ("Authorization", "Bearer \(try live.token("easemob", "alice"))")
            let escaped = name.utf8.map { String(format: "%%%02x", $0) }.joined()
            let own = try await demo.http.send(
                .POST, "/v1/files?name=\(escaped)", headers: [bearer, ("Content-Type", "text/html")],
                body: Array("<script>".utf8))
            let url = try #require(try JSON(parsing: own.body)["url"]?.string)
            let quoted = name.replacing("\r", with: "").replacing("\n", with: "").replacing("\"", with: "%22")
            let form =
                "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(quoted)\"\r\n"
                + "Content-Type: text/html\r\n\r\n<script>\r\n--b--\r\n"
            let easemob = try await demo.http.send(
                .POST, "/parley/demo/chatfiles",
                headers: [bearer, ("Content-Type", "multipart/form-data; boundary=b")], body: Array(form.utf8))
            var targets = ["/v1" + (url.components(separatedBy: "/v1").last ?? "")]
            if let entity = try JSON(parsing: easemob.body)["entities"]?.array?.first {
                targets.append(
                    "/parley/demo/chatfiles/\(entity["uuid"]?.string ?? "")?share-secret=\(entity["share-secret"]?.string ?? "")"
                )
            }
            for target in targets {
                let raw = try await RawConnection.connect(port: live.server.port)
                await raw.send("GET \(target) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                let head = await raw.received().components(separatedBy: "\r\n\r\n")[0]
                let lines = head.components(separatedBy: "\r\n")
                #expect(lines[0] == "HTTP/1.1 200 OK", "\(target)")
                #expect(!lines.contains { $0.hasPrefix("Set-Cookie") || $0.hasPrefix("X:") })
                #expect(!head.contains("\u{0}") && lines.allSatisfy { !$0.contains("\n") && !$0.contains("\r") })
                #expect(lines.contains("X-Content-Type-Options: nosniff"))
                let disposition = lines.first { $0.hasPrefix("Content-Disposition: ") } ?? ""
                #expect(disposition.hasPrefix("Content-Disposition: attachment; filename=\""))
                // One name, and nothing that ends it before its end.
                #expect(disposition.components(separatedBy: "\"").count == 3)
                #expect(disposition.utf8.allSatisfy { (0x20..<0x7F).contains($0) })
            }
        }
    }

    @Test(arguments: [
        "/v1/files/../server.lock", "/v1/files/..%2f..%2fparley.sqlite", "/v1/files/%2e%2e/parley.sqlite",
        "/v1/files/....//parley.sqlite", "/v1/files/00%00", "//v1//files//../parley.sqlite", "/v1/files/parley.sqlite",
        "/parley/demo/chatfiles/..%2f..%2fparley.sqlite", "/parley/demo/chatfiles/../../../parley.sqlite",
        "/parley/demo/chatfiles/%2e%2e%2fparley.sqlite", "http://x/v1/files/../parley.sqlite",
    ])
    func aPathLeadsToNoOtherFile(_ path: String) async throws {
        try await withServer { live in
            let raw = try await RawConnection.connect(port: live.server.port)
            await raw.send(
                "GET \(path)?secret=x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(try live.token("easemob", "alice"))\r\n"
                    + "share-secret: x\r\nConnection: close\r\n\r\n")
            let answer = await raw.received()
            #expect(answer.hasPrefix("HTTP/1.1 4"), "\(answer.prefix(200))")
            #expect(!answer.contains("SQLite format"))
        }
    }
}
