import Foundation
import NIOHTTP1
import NIOPosix
import ParleyClient
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyServer
import ParleyTesting
import Synchronization
import Testing

@testable import ParleyConsole

/// Who may use the console, asked of a real server.
@Suite(.timeLimit(.minutes(isSanitized ? 20 : 2)))
struct AccessTests {
    private static func code(_ response: HTTPClient.Response) -> String? {
        (try? JSON(parsing: response.body))?.get("error", "code")?.string
    }

    @Test func thePageIsServedWithATagAndGuards() async throws {
        try await withConsole { console in
            for path in ["/console", "/console/"] {
                let page = try await console.http.send(.GET, path)
                #expect(page.status == 200)
                #expect(page.headers["content-type"]?.hasPrefix("text/html") == true)
                let policy = try #require(page.headers["content-security-policy"])
                #expect(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"))
                #expect(!policy.contains("unsafe"))
                #expect(page.headers["x-content-type-options"] == "nosniff")
                #expect(page.headers["access-control-allow-origin"] == nil)
                let tag = try #require(page.headers["etag"])
                let again = try await console.http.send(.GET, path, headers: [("If-None-Match", tag)])
                #expect(again.status == 304)
                #expect(again.body.isEmpty)
            }
            #expect(try await console.http.send(.GET, "/console/none.js").status == 404)
            #expect(try await console.http.send(.GET, "/console/../parley.sqlite").status == 404)
            #expect(try await console.http.send(.POST, "/console").status == 405)
        }
    }

    @Test func everyFileOfThePageIsInTheProgram() async throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources/ParleyConsole/Page")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names.contains("index.html"))
        try await withConsole { console in
            for name in names {
                let file = try await console.http.send(.GET, "/console/\(name)")
                #expect(file.status == 200, "\(name) is not in Sources/CConsolePage/page.c")
                let bytes = Array(try Data(contentsOf: folder.appending(path: name)))
                #expect(file.body == bytes, "\(name): build again")
            }
        }
    }

    @Test func onThisMachineThereIsNoPassword() async throws {
        try await withConsole { console in
            let session = try await console.get("session")
            #expect(session["signedIn"]?.bool == true)
            #expect(session["needsPassword"]?.bool == false)
            #expect(session["apps"]?.array?.first?["id"]?.string == "demo")
            #expect(session["apps"]?.array?.first?["credentials"]?.array?.count == 3)
            #expect(!session.text.contains(Demo.secret))
            let response = try await console.send(.POST, "login", #"{"password":"x"}"#)
            #expect(Self.code(response) == "noPassword")
        }
    }

    /// DNS rebinding: a page of elsewhere whose name leads here.
    @Test(arguments: [
        "evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "", "10.0.0.1",
    ])
    func anotherNameIsNotThisMachine(_ host: String) async throws {
        try await withConsole { console in
            let headers = ConsoleServer.own + [("Host", host)]
            let session = try await console.send(.GET, "session", headers: headers)
            #expect(try JSON(parsing: session.body)["signedIn"]?.bool == false)
            #expect(try JSON(parsing: session.body)["apps"] == nil)
            for path in ["apps/demo/users", "apps/demo/feed", "health", "dialects"] {
                let response = try await console.send(.GET, path, headers: headers)
                #expect(response.status == 401)
                #expect(Self.code(response) == "signedOut")
            }
        }
    }

    @Test(arguments: ["localhost:1", "127.0.0.1:1", "[::1]:1", "LOCALHOST"])
    func theNamesOfThisMachineAre(_ host: String) async throws {
        try await withConsole { console in
            let response = try await console.send(.GET, "health", headers: [("Host", host)])
            #expect(response.status == 200)
        }
    }

    @Test(arguments: [
        "X-Forwarded-For", "Forwarded", "Via", "X-Real-IP", "X-Forwarded-Host", "x-forwarded-server",
        "CF-Connecting-IP",
    ])
    func aProxyIsNotThisMachine(_ header: String) async throws {
        try await withConsole { console in
            let response = try await console.send(.GET, "health", headers: [(header, "1.2.3.4")])
            #expect(response.status == 401)
        }
    }

    /// What nginx sends whose configuration says `proxy_pass` and nothing else.
    @Test func aProxyThatSaysNothingIsNotThisMachineEither() async throws {
        let house = try await House.make()
        for name in ["close", "upgrade", "Upgrade, close"] {
            #expect(try await house.send(.GET, "health", headers: ["Connection": name]).status == .unauthorized)
        }
        #expect(try await house.send(.GET, "health", headers: ["Upgrade": "websocket"]).status == .unauthorized)
        #expect(try await house.send(.GET, "health", headers: ["Connection": "keep-alive"]).status == .ok)
    }

    @Test func behindAPublicNameNobodyIsThisMachine() async throws {
        try await withConsole(["http.public-url": "https://im.example.com"]) { console in
            let response = try await console.send(.GET, "health")
            #expect(response.status == 401)
        }
    }

    @Test func onlyItsOwnPageMayAskForAnythingToBeDone() async throws {
        try await withConsole { console in
            let host = "127.0.0.1:\(console.server.port)"
            let body = #"{"id":"mallory"}"#
            let foreign: [[(String, String)]] = [
                [],
                [("X-Parley-Console", "0")],
                [("X-Parley-Console", "1"), ("Origin", "https://evil.example")],
                [("X-Parley-Console", "1"), ("Origin", "null")],
                [("X-Parley-Console", "1"), ("Origin", "http://localhost:1")],
                [("X-Parley-Console", "1"), ("Sec-Fetch-Site", "cross-site")],
                [("X-Parley-Console", "1"), ("Sec-Fetch-Site", "same-site")],
            ]
            for headers in foreign {
                let response = try await console.send(.POST, "apps/demo/users", body, headers: headers)
                #expect(response.status == 403, "\(headers)")
                #expect(Self.code(response) == "foreignPage")
                #expect(response.headers["access-control-allow-origin"] == nil)
            }
            #expect(try await console.server.core.directory.user(UserID("mallory"), in: Demo.appID) == nil)
            let preflight = try await console.http.send(
                .OPTIONS, "/console/api/apps/demo/users", headers: [("Origin", "https://evil.example")])
            #expect(preflight.headers["access-control-allow-origin"] == nil)
            #expect(preflight.status == 403)
            let read = try await console.send(.GET, "health", headers: [("Sec-Fetch-Site", "cross-site")])
            #expect(read.status == 403)
            let own = ConsoleServer.own + [("Origin", "http://\(host)"), ("Sec-Fetch-Site", "same-origin")]
            #expect(try await console.send(.POST, "apps/demo/users", body, headers: own).status == 200)
            #expect(try await console.server.core.directory.user(UserID("mallory"), in: Demo.appID) != nil)
        }
    }

    // MARK: With a password

    private static let hash = ConsolePasswordHash.make("correct horse")

    @Test func withAPasswordEverybodySignsIn() async throws {
        try await withConsole(["console.password": Self.hash]) { console in
            let session = try await console.get("session")
            #expect(session["signedIn"]?.bool == false)
            #expect(session["needsPassword"]?.bool == true)
            #expect(session["apps"] == nil)
            #expect(try await console.send(.GET, "health").status == 401)
            let wrong = try await console.send(.POST, "login", #"{"password":"wrong"}"#)
            #expect(wrong.status == 401)
            #expect(Self.code(wrong) == "wrongPassword")
            #expect(wrong.headers["set-cookie"] == nil)

            let right = try await console.send(.POST, "login", #"{"password":"correct horse"}"#)
            #expect(right.status == 200)
            let set = try #require(right.headers["set-cookie"])
            for part in ["HttpOnly", "SameSite=Strict", "Path=/console"] { #expect(set.contains(part)) }
            #expect(!set.contains("Secure"), "it is not TLS")
            let cookie = [("Cookie", "a=b; " + set.prefix { $0 != ";" })]
            #expect(try await console.send(.GET, "health", headers: cookie).status == 200)
            // By any name: it is the cookie that counts.
            let named = cookie + [("Host", "im.example.com")]
            #expect(try await console.send(.GET, "health", headers: named).status == 200)
            let forged = [("Cookie", "parley-console=" + String(repeating: "0", count: 64))]
            #expect(try await console.send(.GET, "health", headers: forged).status == 401)

            #expect(try await console.send(.POST, "logout", headers: cookie + ConsoleServer.own).status == 200)
            #expect(try await console.send(.GET, "health", headers: cookie).status == 401)
        }
    }

    @Test func throughTLSTheCookieIsForTLSAlone() async throws {
        try await withConsole(["console.password": Self.hash, "http.public-url": "https://im.example.com"]) { console in
            let right = try await console.send(.POST, "login", #"{"password":"correct horse"}"#)
            #expect(right.headers["set-cookie"]?.contains("; Secure") == true)
        }
    }

    @Test func wrongPasswordsAreCounted() async throws {
        let keys = ["console.password": Self.hash, "limits.wrong-passwords-per-account": "3"]
        try await withConsole(keys) { console in
            var codes: [String?] = []
            for _ in 0..<4 { codes.append(Self.code(try await console.send(.POST, "login", #"{"password":"wrong"}"#))) }
            // The minute may have turned between two of them; then there were no four in it.
            let first = codes.prefix { $0 == "wrongPassword" }.count
            #expect(first >= 3)
            while Self.code(try await console.send(.POST, "login", #"{"password":"wrong"}"#)) != "tooManyGuesses" {}
            let right = try await console.send(.POST, "login", #"{"password":"correct horse"}"#)
            #expect(Self.code(right) == "tooManyGuesses")
        }
    }

    @Test func strangersWhoGuessKeepOutThemselvesAlone() async throws {
        let house = try await House.make(
            password: ConsolePassword(hash: "") { password, _ in password == "right" })
        func code(_ password: String, from address: String, for other: String? = nil) async throws -> String? {
            let response = try await house.send(
                .POST, "login", #"{"password":"\#(password)"}"#,
                headers: other.map { ["X-Forwarded-For": "9.9.9.9, \($0)"] } ?? [:], from: address)
            return try JSON(parsing: response.body).get("error", "code")?.string
        }
        let guessers: [(String, String?)] = [
            ("203.0.113.7", nil), ("127.0.0.1", "203.0.113.9"), ("127.0.0.1", "127.0.0.1"), ("127.0.0.1", nil),
        ]
        for (address, other) in guessers {
            for _ in 0..<10 { #expect(try await code("wrong", from: address, for: other) == "wrongPassword") }
            #expect(try await code("right", from: address, for: other) == "tooManyGuesses")
        }
        // From elsewhere, through a proxy on this machine too.
        #expect(try await code("right", from: "203.0.113.8") == nil)
        #expect(try await code("right", from: "127.0.0.1", for: "203.0.113.10") == nil)
        // What a stranger says himself of where he is counts for nothing.
        #expect(try await code("right", from: "203.0.113.7", for: "203.0.113.11") == "tooManyGuesses")
        house.bench.clock.advance(seconds: 60)
        #expect(try await code("right", from: "203.0.113.7") == nil)
    }

    @Test func whoHasManyAddressesIsStoppedToo() async throws {
        let house = try await House.make(
            password: ConsolePassword(hash: "") { password, _ in password == "right" })
        func status(_ password: String, from address: String) async throws -> HTTPResponseStatus {
            try await house.send(.POST, "login", #"{"password":"\#(password)"}"#, from: address).status
        }
        for number in 0..<Doorkeeper.guessLimit {
            #expect(try await status("wrong", from: "198.51.100.\(number)") == .unauthorized)
        }
        #expect(try await status("right", from: "203.0.113.8") == .tooManyRequests)
        // Nobody keeps out who is at this machine.
        #expect(try await status("right", from: "127.0.0.1") == .ok)
    }

    private final class Gate: Sendable {
        let waiting = Atomic(0)
        let isOpen = Atomic(false)
    }

    /// Each costs a hash: a flood of them is refused, not kept.
    @Test func passwordsAreComparedAFewAtATime() async throws {
        let gate = Gate()
        let house = try await House.make(
            password: ConsolePassword(hash: "") { _, _ in
                gate.waiting.add(1, ordering: .relaxed)
                while !gate.isOpen.load(ordering: .relaxed) { await Task.yield() }
                return true
            })
        let login = #"{"password":"x"}"#
        await withTaskGroup(of: HTTPResponseStatus?.self) { group in
            for _ in 0..<Doorkeeper.checkLimit {
                group.addTask { try? await house.send(.POST, "login", login).status }
            }
            while gate.waiting.load(ordering: .relaxed) < Doorkeeper.checkLimit { await Task.yield() }
            let refused = try? await house.send(.POST, "login", login)
            #expect(refused?.status == .serviceUnavailable)
            gate.isOpen.store(true, ordering: .relaxed)
            for await status in group { #expect(status == .ok) }
        }
        #expect(try await house.send(.POST, "login", login).status == .ok)
    }

    @Test func whereItIsOffThereIsNone() async throws {
        try await withConsole(["console": "off"]) { console in
            let page = try await console.http.send(.GET, "/console")
            #expect(page.status == 404)
            let session = try await console.send(.GET, "session")
            #expect(session.status == 404)
        }
    }

    // MARK: Settings

    private static func configuration(_ keys: [String: String]) async throws -> ServerConfiguration {
        try ServerConfiguration(settings: try await Settings(commandLine: keys, environment: [:], file: nil))
    }

    @Test func itIsOnWhereItIsSafe() async throws {
        #expect(try await Self.configuration([:]).console.isOn)
        #expect(try await Self.configuration(["http.host": "0.0.0.0"]).console.isOn == false)
        #expect(try await Self.configuration(["http.host": "0.0.0.0", "console.password": Self.hash]).console.isOn)
        #expect(try await Self.configuration(["console": "off"]).console.isOn == false)
        let open = await #expect(throws: ConfigurationError.self) {
            try await Self.configuration(["http.host": "0.0.0.0", "console": "on"])
        }
        #expect(open?.key == "console")
        let plain = await #expect(throws: ConfigurationError.self) {
            try await Self.configuration(["console.password": "correct horse"])
        }
        #expect(plain?.key == "console.password")
        #expect(plain.map { !"\($0)".contains("correct horse") } == true)
    }

    @Test func theConfigurationShowsNoHash() async throws {
        let settings = try await Settings(commandLine: ["console.password": Self.hash], environment: [:], file: nil)
        _ = try ServerConfiguration(settings: settings)
        let row = try #require(settings.rows.first { $0.key == "console.password" })
        #expect(row.value == "********")
    }
}
