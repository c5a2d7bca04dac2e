import Logging
import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyTesting
import Testing

@testable import ParleyServer

struct FileSiteTests {
    private struct Stage {
        let bench: Bench
        let site: FileSite

        init() async throws {
            self.bench = try await Bench.make()
            self.site = FileSite(core: self.bench.core, logger: Logger(label: "test"))
        }

        func call(
            _ method: HTTPMethod, _ target: String, _ headers: HTTPHeaders = [:], _ body: String = "",
            app: String = "demo"
        ) async -> WireResponse {
            let now = self.bench.clock.now()
            let request = WireRequest(
                method: method, target: target, headers: headers, body: Array(body.utf8), receivedAt: now,
                origin: "https://im.example")
            return await self.site.answer(request) { token in
                guard token == "good" else { throw TokenRefusal(.unknown, "token: not valid in any dialect") }
                return TokenHolder(
                    app: AppID(app), user: UserID("alice"), dialect: .parley, issuedAt: now, expiresAt: .distantFuture)
            }
        }

        /// - Returns: where it is, and its secret.
        func upload(_ name: String = "cat.jpg", _ type: String = "image/jpeg", _ body: String = "0123456789")
            async throws -> (path: String, secret: String)
        {
            let answer = await self.call(
                .POST, "/v1/files?name=\(name)", ["Authorization": "Bearer good", "Content-Type": type], body)
            let file = try #require(
                String(decoding: answer.body, as: UTF8.self).firstMatch(
                    of: /(\/v1\/files\/[0-9a-f-]{36})\?secret=([^"]+)"/))
            return (String(file.1), String(file.2))
        }
    }

    @Test func whatIsUploadedIsFoundByItsURL() async throws {
        let stage = try await Stage()
        let answer = await stage.call(
            .POST, "/v1/files?name=k%C3%A4tzchen.jpg",
            ["Authorization": "Bearer good", "Content-Type": "image/jpeg"], "0123456789")
        #expect(answer.status == .ok)
        let text = String(decoding: answer.body, as: UTF8.self)
        let url = try #require(text.firstMatch(of: /"url":"https:\/\/im\.example(\/v1\/files\/[^"]+)"/)).1
        #expect(text.contains(#""name":"kätzchen.jpg","bytes":10,"mediaType":"image/jpeg","secret":""#))
        let file = await stage.call(.GET, String(url))
        #expect(file.status == .ok)
        #expect(file.body == Array("0123456789".utf8))
        #expect(file.contentType == "image/jpeg")
        #expect(file.headers["X-Content-Type-Options"] == ["nosniff"])
        #expect(
            file.headers["Content-Disposition"]
                == [#"inline; filename="k_tzchen.jpg"; filename*=UTF-8''k%C3%A4tzchen.jpg"#])
        #expect(file.headers["Access-Control-Allow-Origin"] == ["*"])
    }

    @Test(arguments: ["text/html", "image/svg+xml", "application/xhtml+xml", "nonsense", "text/html\r\nX: y"])
    func whatCouldRunIsNotShownInPlace(type: String) async throws {
        let stage = try await Stage()
        let file = try await stage.upload("a", type)
        let answer = await stage.call(.GET, "\(file.path)?secret=\(file.secret)")
        #expect(answer.headers["Content-Disposition"].first?.hasPrefix("attachment;") == true)
        #expect(answer.headers["Content-Security-Policy"] == ["default-src 'none'; sandbox"])
        #expect(!answer.contentType.contains("\r"))
    }

    @Test(arguments: [
        ("bytes=0-3", 206, "0123", "bytes 0-3/10"), ("bytes=7-", 206, "789", "bytes 7-9/10"),
        ("bytes=-2", 206, "89", "bytes 8-9/10"), ("bytes=-99", 206, "0123456789", "bytes 0-9/10"),
        ("bytes=9-99", 206, "9", "bytes 9-9/10"), ("bytes=10-", 416, #"{"error":"nothing is there"}"#, "bytes */10"),
        ("bytes=-0", 416, #"{"error":"nothing is there"}"#, "bytes */10"), ("bytes=3-1", 200, "0123456789", ""),
        ("bytes=0-1,3-4", 200, "0123456789", ""), ("lines=1-2", 200, "0123456789", ""),
        ("bytes=", 200, "0123456789", ""), ("bytes=-", 200, "0123456789", ""),
        ("bytes=99999999999999999999-", 200, "0123456789", ""),
    ])
    func aPieceIsGivenToOneWhoAsksForOne(range: String, status: Int, body: String, contentRange: String) async throws {
        let stage = try await Stage()
        let file = try await stage.upload()
        let answer = await stage.call(.GET, "\(file.path)?secret=\(file.secret)", ["Range": range])
        #expect(answer.status.code == UInt(status))
        #expect(String(decoding: answer.body, as: UTF8.self) == body)
        #expect(answer.headers["Content-Range"] == (contentRange.isEmpty ? [] : [contentRange]))
    }

    @Test func onlyWhoKnowsTheSecretOrBelongsToTheAppGetsIt() async throws {
        let stage = try await Stage()
        let file = try await stage.upload()
        #expect(await stage.call(.GET, file.path).status == .unauthorized)
        #expect(await stage.call(.GET, "\(file.path)?secret=wrong").status == .forbidden)
        #expect(await stage.call(.GET, file.path, ["share-secret": file.secret]).status == .ok)
        #expect(await stage.call(.GET, file.path, ["Authorization": "Bearer good"]).status == .ok)
        #expect(await stage.call(.GET, file.path, ["Authorization": "Bearer bad"]).status == .unauthorized)
        #expect(await stage.call(.GET, file.path, ["Authorization": "Bearer good"], app: "other").status == .notFound)
        #expect(
            await stage.call(
                .GET, file.path.uppercased().replacing("/V1/FILES", with: "/v1/files"), ["share-secret": file.secret]
            ).status == .ok)
    }

    @Test func aRestrictedFileWantsItsSecretOfEverybody() async throws {
        let stage = try await Stage()
        // As Easemob's upload keeps one.
        let file = try await stage.bench.core.files.save(
            Upload(bytes: [1], name: nil, mediaType: nil, isRestricted: true, thumbnail: (width: 1, height: 1)),
            in: stage.bench.app.id)
        let path = "/v1/files/\(file.id)"
        #expect(await stage.call(.GET, path, ["Authorization": "Bearer good"]).status == .forbidden)
        #expect(await stage.call(.GET, "\(path)?secret=\(file.secret)").body == [1])
    }

    @Test func whatIsNotThereIsSaidPlainly() async throws {
        let stage = try await Stage()
        let file = try await stage.upload()
        let nowhere = await stage.call(.GET, "/v1/files/00000000-0000-0000-0000-000000000000?secret=x")
        #expect(nowhere.status == .notFound)
        #expect(String(decoding: nowhere.body, as: UTF8.self) == #"{"error":"there is no such file"}"#)
        #expect(await stage.call(.GET, "/v1/files/..%2f..%2fetc?secret=x").status == .notFound)
        stage.bench.clock.advance(seconds: 8 * 24 * 3600)
        #expect(await stage.call(.GET, "\(file.path)?secret=\(file.secret)").status == .gone)
        #expect(await stage.call(.POST, "/v1/files", [:], "x").status == .unauthorized)
        #expect(await stage.call(.POST, "/v1/files", ["Authorization": "Bearer good"]).status == .badRequest)
        #expect(await stage.call(.DELETE, file.path).headers["Allow"] == ["GET, HEAD, OPTIONS"])
        #expect(await stage.call(.GET, "/v1/files").status == .methodNotAllowed)
    }

    @Test func browsersMayAskFirst() async throws {
        let stage = try await Stage()
        for path in ["/v1/files", "/v1/files/x"] {
            let answer = await stage.call(.OPTIONS, path)
            #expect(answer.status == .ok)
            #expect(answer.headers["Access-Control-Allow-Origin"] == ["*"])
            #expect(answer.headers["Access-Control-Allow-Headers"].first?.contains("Authorization") == true)
        }
    }
}
