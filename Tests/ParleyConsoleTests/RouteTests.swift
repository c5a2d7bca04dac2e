import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyServer
import ParleyTesting
import Testing

@testable import ParleyConsole

/// What the API answers is what it is declared to answer, and does what it says.
struct RouteTests {
    private static func check(_ json: JSON, _ method: HTTPMethod, _ path: String) throws {
        let segments = path.prefix { $0 != "?" }.split(separator: "/").map(String.init)
        let (route, _) = try Route.find(method, segments)
        #expect(Shape.object(route.answer).complaint(about: json) == nil, "\(path) \(json.text)")
    }

    @Test func everyAnswerIsAsItIsDeclared() async throws {
        let house = try await House.make()
        try await house.sayFirst()
        let refused = try await house.recorded("tencent", "POST", "/v4/openim/sendmsg", "{}")
        try await house.post("apps/demo/users/alice/mute", #"{"seconds":60}"#)
        try await house.post("apps/demo/groups/demo-group/mute", #"{"user":"dave"}"#)
        let feed = try await house.get("apps/demo/feed?after=0")
        let items = feed["items"]?.array ?? []
        let message = try #require(items.first { $0["kind"]?.string == "message" }?["id"]?.string)
        var seen: Set<String> = []
        for path in [
            "session", "health", "dialects", "apps/demo/feed?after=0", "apps/demo/calls/\(refused["n"]?.int ?? 0)",
            "apps/demo/messages/\(message)", "apps/demo/users?limit=2", "apps/demo/users/alice",
            "apps/demo/groups", "apps/demo/groups/demo-group", "apps/demo/conversations?user=alice",
            "apps/demo/conversations", "apps/demo/conversations/group:demo-group/entries", "apps/demo/callbacks",
            "apps/demo/pushes",
        ] {
            try Self.check(try await house.get(path), .GET, path)
            let segments = path.prefix { $0 != "?" }.split(separator: "/").map(String.init)
            seen.insert(try Route.find(.GET, segments).0.path)
        }
        let unseen = Route.all.filter { $0.method == .GET && !seen.contains($0.path) }.map(\.path)
        #expect(unseen == ["simulator"])
        #expect(try await house.send(.GET, "simulator").status == .notFound)
    }

    @Test func usersAreMadeMutedBlockedAndGivenTokens() async throws {
        let house = try await House.make()
        let core = house.bench.core
        try await house.post("apps/demo/users", #"{"id":"erin","name":"Erin"}"#)
        #expect(try await core.directory.user(UserID("erin"), in: Demo.appID)?.name == "Erin")
        #expect(try await house.get("apps/demo/users?search=ERI")["users"]?.array?.count == 1)
        try await house.post("apps/demo/users/erin/mute", #"{"seconds":60}"#)
        let until = try await core.directory.user(UserID("erin"), in: Demo.appID)?.mutedInGroupsUntil
        #expect(until == house.bench.clock.now().adding(seconds: 60))
        try await house.post("apps/demo/users/erin/unmute")
        #expect(try await house.get("apps/demo/users/erin")["mutedUntil"] == nil)
        try await house.post("apps/demo/users/erin/block")
        #expect(try await house.get("apps/demo/users/erin")["isBlocked"]?.bool == true)
        try await house.post("apps/demo/users/erin/unblock")
        #expect(try await house.get("apps/demo/users/erin")["isBlocked"]?.bool == false)
        for dialect in house.dialects {
            let name = type(of: dialect).name.rawValue
            let token = try await house.post("apps/demo/users/erin/token", #"{"dialect":"\#(name)"}"#)["token"]?.string
            #expect(try await dialect.holder(of: try #require(token))?.user == UserID("erin"))
        }
        try await house.post("apps/demo/users/erin/disconnect")
        #expect(house.bench.signals.disconnects.contains { $0.user == UserID("erin") && $0.reason == .kicked })
    }

    @Test func listsGoOnWhereTheyEnded() async throws {
        let house = try await House.make()
        var found: [String] = []
        var after = ""
        repeat {
            let page = try await house.get("apps/demo/users?limit=2&after=\(after)")
            found += (page["users"]?.array ?? []).compactMap { $0["id"]?.string }
            after = page["next"]?.string ?? ""
        } while !after.isEmpty
        #expect(found.sorted() == ["administrator", "alice", "bob", "carol", "dave"])
        try await house.sayFirst()
        try await house.sayFirst()
        let newest = try await house.get("apps/demo/conversations/direct:alice:bob/entries?limit=1")
        #expect(newest["entries"]?.array?.first?["seq"]?.int == 2)
        let next = try #require(newest["next"]?.int)
        let older = try await house.get("apps/demo/conversations/direct:alice:bob/entries?limit=1&before=\(next)")
        #expect(older["entries"]?.array?.first?["seq"]?.int == 1)
    }

    @Test func groupsAreMadeFilledAndMuted() async throws {
        let house = try await House.make()
        try await house.post(
            "apps/demo/groups", #"{"id":"g","name":"G","owner":"alice","members":["bob"],"type":"work"}"#)
        let made = try await house.get("apps/demo/groups/g")
        #expect(made["type"]?.string == "work")
        #expect(made["members"]?.array?.compactMap { $0["user"]?.string } == ["alice", "bob"])
        try await house.post("apps/demo/groups/g/members", #"{"add":["carol"],"remove":["bob"]}"#)
        let changed = try await house.get("apps/demo/groups/g")
        #expect(changed["members"]?.array?.compactMap { $0["user"]?.string } == ["alice", "carol"])
        try await house.post("apps/demo/groups/demo-group/mute", #"{"user":"dave","seconds":60}"#)
        let muted = try await house.get("apps/demo/groups/demo-group")["members"]?.array?
            .first { $0["user"]?.string == "dave" }
        #expect(muted?["mutedUntil"]?.int == house.bench.clock.now().adding(seconds: 60).milliseconds)
        try await house.post("apps/demo/groups/demo-group/mute")
        #expect(try await house.get("apps/demo/groups/demo-group")["isMuted"]?.bool == true)
        try await house.post("apps/demo/groups/demo-group/unmute")
        #expect(try await house.get("apps/demo/groups/demo-group")["isMuted"]?.bool == false)
        let stranger = try await house.send(.POST, "apps/demo/groups/g/members", #"{"add":["nobody"]}"#)
        #expect(stranger.status == .conflict)
    }

    @Test func aMessageIsTakenBack() async throws {
        let house = try await House.make()
        try await house.sayFirst()
        let path = "apps/demo/conversations/direct:alice:bob"
        let id = try #require(
            try await house.get("\(path)/entries")["entries"]?.array?.first?["id"]?.string)
        try await house.post("\(path)/recall", #"{"id":"\#(id)"}"#)
        let entries = try await house.get("\(path)/entries")["entries"]?.array ?? []
        #expect(entries.compactMap { $0["kind"]?.string } == ["recall", "message"])
        #expect(entries.last?["isRecalled"]?.bool == true)
        #expect(try await house.send(.POST, "\(path)/recall", #"{"id":"\#(id)"}"#).status == .conflict)
        #expect(
            try await house.send(.POST, "apps/demo/conversations/group:demo-group/recall", #"{"id":"\#(id)"}"#).status
                == .notFound)
    }

    @Test(arguments: [
        ("GET", "none", ""), ("GET", "apps/none/users", ""), ("GET", "apps/demo/users/none", ""),
        ("GET", "apps/demo/groups/none", ""), ("GET", "apps/demo/calls/999", ""), ("GET", "apps/demo/calls/x", ""),
        ("GET", "apps/demo/messages/1", ""), ("GET", "apps/demo/conversations/none/entries", ""),
        ("POST", "apps/demo/users/none/token", #"{"dialect":"rongcloud"}"#),
        ("POST", "apps/demo/users/alice/token", #"{"dialect":"none"}"#),
    ])
    func whatIsNotThereIsSaidSo(_ method: String, _ path: String, _ body: String) async throws {
        let house = try await House.make()
        let response = try await house.send(HTTPMethod(rawValue: method), path, body)
        #expect(response.status == .notFound)
        #expect(try JSON(parsing: response.body).get("error", "message")?.string?.isEmpty == false)
    }

    @Test(arguments: [
        ("apps/demo/users", "["), ("apps/demo/users", "[]"), ("apps/demo/users", "{}"),
        ("apps/demo/users", #"{"id":7}"#), ("apps/demo/users/alice/mute", #"{"seconds":"x"}"#),
        ("apps/demo/users/alice/mute", #"{"seconds":-1}"#), ("apps/demo/groups", #"{"id":"x","type":"none"}"#),
        ("apps/demo/groups", #"{"id":"x","members":[1]}"#), ("apps/demo/callbacks/retry", #"{"ids":["x"]}"#),
        ("apps/demo/calls", #"{"dialect":"tencent","method":"POST","path":"/user/info.json"}"#),
        ("apps/demo/calls", #"{"dialect":"tencent","method":"PO ST","path":"/v4/x"}"#),
        ("apps/demo/calls", #"{"dialect":"tencent","method":"POST","path":"/v4/x","contentType":"a\r\nb: c"}"#),
        ("apps/demo/calls", #"{"dialect":"tencent","method":"POST","path":"/v4/x","query":{"a":1}}"#),
    ])
    func whatCannotBeReadIsRefused(_ path: String, _ body: String) async throws {
        let house = try await House.make()
        let response = try await house.send(.POST, path, body)
        #expect(response.status == .badRequest)
        #expect(try JSON(parsing: response.body).get("error", "code")?.string == "badField")
    }

    @Test func namesOfConversationsLeadBack() {
        for conversation in [
            Conversation.direct(UserID("a:b%"), UserID("c%3A")), .group(GroupID("g:1")), .system(UserID("x")),
            .room(RoomID("r")),
        ] { #expect(Conversation(name: conversation.name) == conversation) }
        for name in ["", "group:", "direct:a", "direct::b", "none:x", "group"] {
            #expect(Conversation(name: name) == nil, "\(name)")
        }
    }

    // MARK: Calls as curl

    @Test func curlHasProofsOfTheDemoAlone() async throws {
        let house = try await House.make()
        func curl() async throws -> String {
            let body = ConsoleServer.composed(
                "rongcloud", "POST", "/user/info.json", "userId=it's", contentType: "application/x-www-form-urlencoded")
            let asked = body.dropLast() + #","perform":false}"#
            let answer = try await house.post("apps/demo/calls", String(asked))
            #expect(answer["status"] == nil, "it is only shown")
            return answer["curl"]?.string ?? ""
        }
        let demo = try await curl()
        #expect(demo.contains("-H 'App-Key: parley-demo'"))
        #expect(demo.firstMatch(of: /Signature: [0-9a-f]{40}/) != nil)
        #expect(demo.contains(#"--data-binary 'userId=it'\''s'"#))
        #expect(!demo.contains(Demo.secret))
        try await house.bench.core.directory.changeApp(Demo.appID) { app in
            for index in app.credentials.indices { app.credentials[index].secret = "another-secret" }
        }
        let own = try await curl()
        #expect(own.contains("openssl sha1"))
        #expect(own.contains(#"-H "Signature: $SIGNATURE""#))
        #expect(own.firstMatch(of: /[0-9a-f]{40}/) == nil)
        #expect(!own.contains("another-secret"))
    }

    @Test func theCookieLastsWhileItIsUsed() async throws {
        let house = try await House.make(password: ConsolePassword(hash: "hash") { _, _ in true })
        let login = try await house.send(.POST, "login", #"{"password":"right"}"#)
        let cookie = String(try #require(login.headers.first(name: "Set-Cookie")).prefix { $0 != ";" })
        func renewed() async throws -> String? {
            try await house.send(.GET, "health", headers: ["Cookie": cookie]).headers.first(name: "Set-Cookie")
        }
        #expect(try await renewed() == nil)
        for _ in 0..<24 {
            house.bench.clock.advance(seconds: Doorkeeper.renewalSeconds)
            let again = try #require(try await renewed())
            #expect(again == login.headers.first(name: "Set-Cookie"))
            #expect(try await renewed() == nil)
        }
        let logout = try await house.send(.POST, "logout", headers: ["Cookie": cookie])
        #expect(logout.headers["Set-Cookie"].count == 1)
        #expect(logout.headers.first(name: "Set-Cookie")?.contains("Max-Age=0") == true)
        house.bench.clock.advance(seconds: Doorkeeper.renewalSeconds)
        #expect(try await renewed() == nil)
    }

    @Test func aSessionEndsAfterHalfADayWithoutUse() async throws {
        let password = ConsolePassword(hash: "hash") { password, _ in password == "right" }
        let house = try await House.make(password: password)
        let login = try await house.send(.POST, "login", #"{"password":"right"}"#)
        let cookie = try #require(login.headers.first(name: "Set-Cookie")).prefix { $0 != ";" }
        func status() async throws -> HTTPResponseStatus {
            try await house.send(.GET, "health", headers: ["Cookie": String(cookie)]).status
        }
        #expect(try await status() == .ok)
        house.bench.clock.advance(seconds: Doorkeeper.idleSeconds - 1)
        #expect(try await status() == .ok)
        house.bench.clock.advance(seconds: Doorkeeper.idleSeconds - 1)
        #expect(try await status() == .ok)
        house.bench.clock.advance(seconds: Doorkeeper.idleSeconds + 1)
        #expect(try await status() == .unauthorized)
    }
}
