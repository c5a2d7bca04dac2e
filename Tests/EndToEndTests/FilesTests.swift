import NIOHTTP1
import NIOPosix
import ParleyClient
import ParleyJSON
import ParleyServer
import Testing

/// Files are the App's, whichever way they came.
struct FilesTests {
    @Test func whatOneWayUploadsTheOtherFinds() async throws {
        try await withServer { live in
            let http = try await HTTPClient.connect(host: "127.0.0.1", port: live.server.port, group: .singleton)
            let token = try live.token("easemob", "alice")
            let bearer = ("Authorization", "Bearer \(token)")

            let form =
                "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nfrom easemob\r\n--b--\r\n"
            let easemob = try await http.send(
                .POST, "/parley/demo/chatfiles",
                headers: [bearer, ("Content-Type", "multipart/form-data; boundary=b")], body: Array(form.utf8))
            let entity = try #require(try JSON(parsing: easemob.body)["entities"]?.array?.first)
            let (id, secret) = try (#require(entity["uuid"]?.string), #require(entity["share-secret"]?.string))
            let here = try await http.send(.GET, "/v1/files/\(id)?secret=\(secret)", headers: [], body: [])
            #expect(here.text == "from easemob")

            let own = try await http.send(
                .POST, "/v1/files?name=b.txt", headers: [bearer, ("Content-Type", "text/plain")],
                body: Array("from parley".utf8))
            let file = try JSON(parsing: own.body)
            let url = try #require(file["url"]?.string)
            let path = try #require(url.firstMatch(of: /\/v1\/files\/([0-9a-f-]+)/))
            #expect(url.hasPrefix("http://127.0.0.1:\(live.server.port)/v1/files/"))
            let there = try await http.send(
                .GET, "/parley/demo/chatfiles/\(path.1)",
                headers: [bearer, ("share-secret", try #require(file["secret"]?.string))], body: [])
            #expect(there.text == "from parley")

            let tooLarge = try await http.send(
                .POST, "/v1/files", headers: [bearer], body: Array(repeating: 1, count: 10 * 1024 * 1024 + 1))
            #expect(tooLarge.status == 413)
            #expect(try JSON(parsing: tooLarge.body)["error"] != nil)
        }
    }
}
