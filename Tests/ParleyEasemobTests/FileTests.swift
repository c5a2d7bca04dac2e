import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyTesting
import Testing

@testable import ParleyEasemob

struct FileTests {
    private static let bytes: [UInt8] = Array(0...255) + Array("\r\n--not the boundary\r\n".utf8)

    private static func form(_ bytes: [UInt8], name: String = "file") -> [UInt8] {
        Array(
            "--abdf53bd\r\nContent-Disposition: form-data; name=\"\(name)\"; filename=\"/some/dir/图 \\\"1.png\"\r\nContent-Type: image/png\r\n\r\n"
                .utf8) + bytes + Array("\r\n--abdf53bd--\r\n".utf8)
    }

    private static func upload(
        _ calls: Calls, _ bytes: [UInt8] = Self.bytes, headers: [(String, String)] = [], name: String = "file",
        path: String = "/chatfiles"
    ) async -> WireResponse {
        await calls.easemob.answer(
            calls.request(
                .POST, path,
                headers: [("Content-Type", "multipart/form-data; boundary=abdf53bd")] + headers,
                body: Self.form(bytes, name: name)))
    }

    private struct Uploaded {
        let uuid: String
        let secret: String
        let uri: String
    }

    private static func uploaded(_ response: WireResponse) throws -> Uploaded {
        try #require(response.status == .ok, "\(response.text)")
        let entity = try #require(response.json?["entities"]?.array?.first)
        #expect(entity["type"]?.string == "chatfile")
        return Uploaded(
            uuid: try #require(entity["uuid"]?.string), secret: try #require(entity["share-secret"]?.string),
            uri: try #require(response.json?["uri"]?.string))
    }

    @Test func whatIsUploadedIsDownloadedFromUriAndUuid() async throws {
        let calls = try await Calls.make()
        for path in ["/chatfiles", "/chatfiles/"] {
            let response = await Self.upload(calls, path: path)
            let file = try Self.uploaded(response)
            #expect(file.uri == "http://localhost:8080/parley/demo/chatfiles")
            #expect(response.json?["path"]?.string == "/chatfiles")
            #expect(response.json?["action"]?.string == "post")
            let download = await calls.call(.GET, "/chatfiles/\(file.uuid)")
            #expect(download.status == .ok)
            #expect(download.body == Self.bytes)
            #expect(download.contentType == "image/png")
            #expect(download.headers.first(name: "Access-Control-Allow-Origin") == "*")
            #expect(download.headers.first(name: "Content-Disposition") == "attachment; filename=\"_ _1.png\"")
        }
    }

    @Test(arguments: [("restrict-access", "true"), ("restrict-access", "1"), ("Restrict-Access", "True")])
    func aRestrictedFileWantsItsSecret(_ name: String, _ value: String) async throws {
        let calls = try await Calls.make()
        let file = try Self.uploaded(await Self.upload(calls, headers: [(name, value)]))
        let path = "/chatfiles/\(file.uuid)"
        #expect(await calls.call(.GET, path).status == .forbidden)
        #expect(await calls.call(.GET, path, headers: [("share-secret", "wrong")]).status == .forbidden)
        #expect(await calls.call(.GET, path, headers: [("share-secret", file.secret)]).body == Self.bytes)
        #expect(await calls.call(.GET, "\(path)?share-secret=\(file.secret)").body == Self.bytes)
        #expect(
            await calls.call(
                .GET, path, headers: [("share-secret", file.secret), ("Authorization", "Bearer <user:bob>")]
            ).body == Self.bytes)
    }

    @Test func withoutATokenTheSecretIsEnoughAndNothingElse() async throws {
        let calls = try await Calls.make()
        let file = try Self.uploaded(await Self.upload(calls))
        let path = "/chatfiles/\(file.uuid)"
        let none = [("Authorization", "none")]
        #expect(
            await calls.call(.GET, "\(path)?em-redirect=true&share-secret=\(file.secret)", headers: none).status == .ok)
        #expect(await calls.call(.GET, "\(path)?share-secret=wrong", headers: none).status == .forbidden)
        #expect(await calls.call(.GET, path, headers: none).status == .unauthorized)
        #expect(await calls.call(.GET, path, headers: [("Authorization", "Bearer x")]).status == .unauthorized)
    }

    @Test func usersMayUploadAndStrangersMayNot() async throws {
        let calls = try await Calls.make()
        _ = try Self.uploaded(await Self.upload(calls, headers: [("Authorization", "Bearer <user:alice>")]))
        #expect(await Self.upload(calls, headers: [("Authorization", "none")]).status == .unauthorized)
    }

    @Test func aThumbnailOfWhatHasNoneIsTheFileItself() async throws {
        let calls = try await Calls.make()
        let file = try Self.uploaded(
            await Self.upload(calls, headers: [("thumbnail-height", "50"), ("thumbnail-width", "x")]))
        for headers in [[("thumbnail", "true")], [("thumbnail", "1")], [("thumbnail", "no")]] {
            #expect(await calls.call(.GET, "/chatfiles/\(file.uuid)", headers: headers).body == Self.bytes)
        }
        #expect(await calls.call(.GET, "/chatfiles/\(file.uuid)?thumbnail=true").body == Self.bytes)
    }

    @Test func whatIsNoUploadIsToldSo() async throws {
        let calls = try await Calls.make()
        let responses = [
            await Self.upload(calls, name: "picture"),
            await calls.call(.POST, "/chatfiles", headers: [("Content-Type", "application/json")], "{}"),
            await calls.call(.POST, "/chatfiles"),
            await calls.call(
                .POST, "/chatfiles", headers: [("Content-Type", "multipart/form-data; boundary=b")], "--b"),
        ]
        for response in responses {
            #expect(response.status == .badRequest)
            #expect(response.json?["error"]?.string == "illegal_argument")
            #expect(response.json?["error_description"]?.string == "file must be provided.")
        }
    }

    @Test func tenMegabytesAreTheMost() async throws {
        let calls = try await Calls.make()
        _ = try Self.uploaded(await Self.upload(calls, [UInt8](repeating: 7, count: UploadFile.maximumBytes)))
        let response = await Self.upload(calls, [UInt8](repeating: 7, count: UploadFile.maximumBytes + 1))
        #expect(response.status == .payloadTooLarge)
        #expect(response.json?["error"]?.string == "file exceeding maximum limit")
        #expect(response.json?["error_description"]?.string == "the file size exceeds the maximum limit.")
    }

    @Test func filesThatAreNotThereOrNoLongerAreToldApart() async throws {
        let calls = try await Calls.make()
        let missing = await calls.call(.GET, "/chatfiles/00000000-0000-1000-8000-000000000000")
        #expect(missing.status == .notFound)
        #expect(missing.json?["error_description"]?.string == "file may not exists")
        let file = try Self.uploaded(await Self.upload(calls))
        calls.bench.clock.advance(seconds: 3000)
        #expect(await calls.call(.GET, "/chatfiles/\(file.uuid.uppercased())").status == .ok)
        calls.bench.clock.advance(seconds: 8 * 24 * 3600)
        let expired = await calls.call(.GET, "/chatfiles/\(file.uuid)")
        #expect(expired.status == .notFound)
        #expect(expired.json?["error"]?.string == "file_expired")
        #expect(expired.json?["error_description"]?.string == "file \(file.uuid) is expired")
    }

    @Test(arguments: [
        ([("thumbnail-width", "80"), ("thumbnail-height", "60")], 80, 60),
        ([], 170, 170),
        ([("thumbnail-width", "0"), ("thumbnail-height", "999999999999999999999")], 170, 170),
        ([("thumbnail-width", "100000")], 2048, 170),
    ])
    func theThumbnailFitsTheBoxAskedFor(headers: [(String, String)], width: Int, height: Int) async throws {
        let files = StubFiles()
        let calls = try await Calls.make().with(files)
        #expect(await Self.upload(calls, headers: headers).status == .ok)
        #expect(files.box?.width == width)
        #expect(files.box?.height == height)
    }

    @Test func aThumbnailIsGivenWhereItIsAskedFor() async throws {
        let calls = try await Calls.make().with(StubFiles())
        let thumbnail = await calls.call(.GET, "/chatfiles/f", headers: [("thumbnail", "1")])
        #expect(thumbnail.body == [0x89, 0x50, 0x4E, 0x47])
        #expect(thumbnail.contentType == "image/png")
        let whole = await calls.call(.GET, "/chatfiles/f")
        #expect(whole.text == "whole")
        #expect(
            whole.contentType == "application/octet-stream", "a type that cannot stand in a header is not passed on")
    }

    @Test func aFaultIsAnInternalErrorInTheVendorsForm() async throws {
        let calls = try await Calls.make().with(StubFiles(fails: true))
        for response in [await Self.upload(calls), await calls.call(.GET, "/chatfiles/f")] {
            #expect(response.status == .internalServerError)
            #expect(response.json?["error"]?.string == "internal_server_error")
            #expect(response.json?["error_description"]?.string == "Internal server error")
            #expect(!response.text.contains("DiskFull"))
            #expect(response.headers.first(name: "Access-Control-Allow-Origin") == "*")
        }
    }

    @Test func filesAreKeptForAnotherTimeWhereThatIsWanted() async throws {
        let calls = try await Calls.make()
        let file = try Self.uploaded(await Self.upload(calls))
        let other = try Self.uploaded(await Self.upload(calls))
        func keep(_ lifetime: String, _ ids: String, by user: String? = nil) async -> WireResponse {
            let headers = user.map { [("Authorization", "Bearer <user:\($0)>")] } ?? []
            return await calls.call(
                .PUT, "/users/alice/chatfiles/lifetime", headers: headers,
                #"{"lifetime":"\#(lifetime)","chatfile_ids":[\#(ids)]}"#)
        }
        let kept = await keep("forever", #""\#(file.uuid)","none""#, by: "alice")
        #expect(kept.json?["data"]?.text == #"{"\#(file.uuid)":"success","none":"failed"}"#)
        calls.bench.clock.advance(seconds: 8 * 24 * 3600)
        #expect(await calls.call(.GET, "/chatfiles/\(file.uuid)").status == .ok)
        #expect(await calls.call(.GET, "/chatfiles/\(other.uuid)").status == .notFound)

        #expect(await keep("forever", #""a""#, by: "bob").status == .unauthorized)
        #expect(await keep("forever", "").json?["error_description"]?.string == "chatfile_ids is required")
        #expect(
            await keep("long", #""a""#).json?["error_description"]?.string
                == "lifetime must be either 'forever' or 'default' or 'refresh'。")
        let many = (0...100).map { "\"\($0)\"" }.joined(separator: ",")
        #expect(
            await keep("default", many).json?["error_description"]?.string == "chatfile_ids size is too large")
    }
}
