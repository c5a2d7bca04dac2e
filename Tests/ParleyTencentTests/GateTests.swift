import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyTesting
import Testing

@testable import ParleyTencent

/// Facts 1.4: what is checked before a command, and in which order.
@Suite struct GateTests {
    private let command = "im_open_login_svc/account_check"
    private let body = Array(#"{"CheckItem":[{"UserID":"alice"}]}"#.utf8)

    @Test func aProperCallPasses() async throws {
        let stage = try await Stage.make()
        #expect(try await self.code(stage, try stage.query()) == 0)
    }

    @Test func theOrderOfTheQueryIsFreeAndUnknownParametersDoNoHarm() async throws {
        let stage = try await Stage.make()
        let parts = try stage.query().split(separator: "&").reversed().joined(separator: "&")
        #expect(try await self.code(stage, "x=1&" + parts) == 0)
    }

    /// PHP's http_build_query sends `*` as `%2A`, and might send the rest so too.
    @Test func aPercentEncodedSignatureIsRead() async throws {
        let stage = try await Stage.make()
        let encoded = try stage.query().replacing("*", with: "%2A").replacing("_", with: "%5F").replacing(
            "-", with: "%2d")
        #expect(try await self.code(stage, encoded) == 0)
    }

    @Test func slashesAreForgiven() async throws {
        let stage = try await Stage.make()
        for path in ["/v4/\(self.command)/", "//v4//\(self.command)"] {
            let request = WireRequest(
                method: .POST, target: "\(path)?\(try stage.query())", headers: [:], body: self.body,
                receivedAt: stage.bench.clock.now())
            #expect(try JSON(parsing: await stage.tencent.answer(request).body).errorCode == 0)
        }
    }

    /// Each case is wrong in what its row says and in everything below: the first counts.
    @Test(
        arguments: [
            ("im_open_login_svc/no_such_command", "", 60009), ("no_such_svc/account_check", "", 60009),
            ("im_open_login_svc", "", 60009),
            ("im_open_login_svc/account_check", "", 60012),
            ("im_open_login_svc/account_check", "sdkappid=", 60012),
            ("im_open_login_svc/account_check", "sdkappid=abc", 60006),
            ("im_open_login_svc/account_check", "sdkappid=-1", 60006),
            ("im_open_login_svc/account_check", "sdkappid=1400000001", 70020),
            ("im_open_login_svc/account_check", "sdkappid=1400000000", 60004),
            ("im_open_login_svc/account_check", "sdkappid=1400000000&identifier=x", 60004),
            ("im_open_login_svc/account_check", "sdkappid=1400000000&identifier=x&usersig=", 70002),
            ("im_open_login_svc/account_check", "sdkappid=1400000000&identifier=x&usersig=xxx", 70003),
            ("im_open_login_svc/account_check", "sdkappid=%FF", 60002),
        ])
    func whatIsWrongFirstIsSaidFirst(command: String, query: String, code: Int64) async throws {
        let stage = try await Stage.make()
        let answer = try await self.answer(stage, command, query)
        #expect(answer.errorCode == code)
        #expect(answer["ActionStatus"]?.string == "FAIL")
        #expect(answer["ErrorInfo"]?.string?.isEmpty == false)
    }

    /// A signature that is wrong in several ways: each repair brings out the next.
    @Test func theSignatureIsCheckedAsFactsSay() async throws {
        let stage = try await Stage.make()
        let now = stage.bench.clock.now()
        func code(
            _ identifier: String, app: Int64, lifetime: Int64, key: String, as name: String = "administrator"
        ) async throws -> Int64? {
            let signature = UserSig(
                identifier: identifier, sdkAppID: app, issuedAt: now.adding(seconds: -100), lifetimeSeconds: lifetime,
                key: key)
            return try await self.code(stage, "sdkappid=1400000000&identifier=\(name)&usersig=\(signature.text)")
        }
        let key = stage.bench.app.credential(in: Tencent.name)!.secret
        #expect(try await code("other", app: 1, lifetime: 99, key: "wrong") == 70014)
        #expect(try await code("other", app: 1_400_000_000, lifetime: 99, key: "wrong") == 70013)
        #expect(try await code("administrator", app: 1_400_000_000, lifetime: 99, key: "wrong") == 70009)
        #expect(try await code("administrator", app: 1_400_000_000, lifetime: 99, key: key) == 70001)
        #expect(try await code("administrator", app: 1_400_000_000, lifetime: 100, key: key) == 0)
        #expect(try await code("alice", app: 1_400_000_000, lifetime: 100, key: key, as: "alice") == 60010)
    }

    @Test func aKickedAdministratorNeedsANewSignature() async throws {
        let stage = try await Stage.make()
        let old = try stage.query()
        stage.bench.clock.advance(seconds: 1)
        try await stage.call("im_open_login_svc/kick", #"{"UserID":"administrator"}"#)
        #expect(try await self.code(stage, old) == 70052)
        #expect(try await self.code(stage, try stage.query()) == 0)
    }

    @Test func kickingClosesTheConnectionsThatOlderSignaturesOpened() async throws {
        let stage = try await Stage.make()
        try await stage.call("im_open_login_svc/kick", #"{"UserID":"alice"}"#)
        let disconnect = try #require(stage.bench.signals.disconnects.last)
        #expect(disconnect.user == UserID("alice"))
        #expect(disconnect.reason == .kicked)
        #expect(disconnect.tokensIssuedBefore == stage.bench.clock.now())
    }

    @Test func theRateIsCheckedAfterTheAdministratorAndBeforeTheBody() async throws {
        let stage = try await Stage.make(rates: true)
        for _ in 0..<200 { #expect(try await stage.send().errorCode == 0) }
        #expect(try await stage.send().errorCode == 60007)
        #expect(try await stage.call("group_open_http_svc/send_group_msg", "{").errorCode == 60007)
        #expect(try await self.answer(stage, "group_open_http_svc/send_group_msg", "").errorCode == 60012)
        // Another command has a count of its own, and the next second is a new one.
        #expect(try await stage.call("openim/query_online_status", #"{"To_Account":["bob"]}"#).errorCode == 0)
        stage.bench.clock.advance(seconds: 1)
        #expect(try await stage.send().errorCode == 0)
    }

    @Test func batchesOfAccountsMayComeAHundredTimesASecond() async throws {
        let stage = try await Stage.make(rates: true)
        for _ in 0..<100 { #expect(try await self.code(stage, try stage.query()) == 0) }
        #expect(try await self.code(stage, try stage.query()) == 60007)
    }

    @Test func anAppMayHaveARateOfItsOwn() async throws {
        let stage = try await Stage.make(rates: true)
        var app = stage.bench.app
        app.settings.rates["tencent.send_group_msg"] = 1
        try await stage.bench.core.directory.save(app)
        #expect(try await stage.send(random: 1).errorCode == 0)
        #expect(try await stage.send(random: 2).errorCode == 60007)
    }

    @Test(arguments: ["PUT", "DELETE", "PATCH", "OPTIONS"])
    func otherMethodsAreNotUnderstood(method: String) async throws {
        let stage = try await Stage.make()
        var request = try stage.request(self.command, self.body)
        request.method = HTTPMethod(rawValue: method)
        #expect(try JSON(parsing: await stage.tencent.answer(request).body).errorCode == 60002)
    }

    /// One SDK sends GET without a body for calls that have no arguments.
    @Test func aGetWithoutABodyIsAnEmptyObject() async throws {
        let stage = try await Stage.make()
        var request = try stage.request(self.command, [])
        request.method = .GET
        let answer = try JSON(parsing: await stage.tencent.answer(request).body)
        #expect(answer["ErrorInfo"]?.string == "CheckItem: missing")
        request.method = .POST
        #expect(try JSON(parsing: await stage.tencent.answer(request).body).errorCode == 60003)
    }

    @Test func whateverTheContentTypeSaysTheBodyIsJSON() async throws {
        let stage = try await Stage.make()
        for type in [nil, "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-8"] {
            var request = try stage.request(self.command, self.body)
            if let type { request.headers.add(name: "Content-Type", value: type) }
            #expect(try JSON(parsing: await stage.tencent.answer(request).body).errorCode == 0)
        }
    }

    /// The three fields are there, the status is 200, and the headers are the real server's.
    @Test func everyAnswerHasTheEnvelope() async throws {
        let stage = try await Stage.make()
        for query in [try stage.query(), ""] {
            let response = await stage.tencent.answer(try stage.request(self.command, self.body, query: query))
            #expect(response.status == .ok)
            #expect(response.headers.first(name: "Access-Control-Allow-Origin") == "*")
            let json = try JSON(parsing: response.body)
            #expect(json["ActionStatus"]?.string != nil && json["ErrorInfo"]?.string != nil && json.errorCode != nil)
        }
    }

    @Test func brokenRequestsAreAnsweredInTheSameForm() async throws {
        let stage = try await Stage.make()
        let faults: [(TransportFault, Int64)] = [
            (.unreadable, 60002), (.bodyTooLarge(limitBytes: 1), 60002), (.timedOut, 60008), (.overloaded, 60008),
        ]
        for (fault, code) in faults {
            let response = stage.tencent.answer(fault, path: "/v4/x/y")
            #expect(response.status == .ok)
            #expect(try JSON(parsing: response.body).errorCode == code)
        }
    }

    @Test func aTokensHolderIsWhoeverSignedWithinItsTime() async throws {
        let stage = try await Stage.make()
        let token = try stage.tencent.token(for: UserID("dave"), in: stage.bench.app, lifetimeSeconds: 60)
        let holder = try #require(try await stage.tencent.holder(of: token))
        #expect(holder.app == stage.bench.app.id)
        #expect(holder.user == UserID("dave"))
        #expect(holder.issuedAt == stage.bench.clock.now())
        #expect(holder.expiresAt == stage.bench.clock.now().adding(seconds: 60))
        stage.bench.clock.advance(seconds: 61)
        #expect(try await stage.tencent.holder(of: token) == nil)
    }

    @Test func whatOthersSignedHasNoHolder() async throws {
        let stage = try await Stage.make()
        let now = stage.bench.clock.now()
        let forged = UserSig(
            identifier: "dave", sdkAppID: 1_400_000_000, issuedAt: now, lifetimeSeconds: 60, key: "wrong")
        let unknown = UserSig(
            identifier: "dave", sdkAppID: 1, issuedAt: now, lifetimeSeconds: 60, key: "parley-demo-secret")
        #expect(try await stage.tencent.holder(of: forged.text) == nil)
        #expect(try await stage.tencent.holder(of: unknown.text) == nil)
        #expect(try await stage.tencent.holder(of: "YWxpY2U=") == nil)
    }

    @Test func thePathsAreItsOwn() {
        #expect(Tencent.claims(path: "/v4/openim/sendmsg"))
        #expect(!Tencent.claims(path: "/v40/x"))
        #expect(!Tencent.claims(path: "/message/group/publish.json"))
        #expect(Set(Tencent.endpoints.map(\.path)).count == Tencent.endpoints.count)
        #expect(Tencent.endpoints.allSatisfy { $0.method == "POST" && Tencent.claims(path: $0.path) })
    }

    private func answer(_ stage: Stage, _ command: String, _ query: String) async throws -> JSON {
        try JSON(parsing: await stage.tencent.answer(try stage.request(command, self.body, query: query)).body)
    }

    private func code(_ stage: Stage, _ query: String) async throws -> Int64? {
        try await self.answer(stage, self.command, query).errorCode
    }
}
