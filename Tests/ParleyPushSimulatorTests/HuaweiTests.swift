import CryptoExtras
import ParleyCore
import ParleyJSON
import ParleyPushSimulator
import ParleyTesting
import Testing

@Suite struct HuaweiSimulatorTests {
    private func bearer(_ stage: Stage) async throws -> [String: String] {
        let answer = try await stage.postForm(
            "/huawei/oauth2/v3/token",
            ["grant_type": "client_credentials", "client_id": "1001", "client_secret": "secret"])
        #expect(answer["expires_in"]?.int == 3600)
        return ["Authorization": "Bearer \(try #require(answer["access_token"]?.string))"]
    }

    private func body(token: String = #"["phone"]"#, android: String = "", shown: String = "") -> String {
        #"{"validate_only":false,"message":{"token":\#(token),"android":{"urgency":"HIGH","ttl":"86400s"\#(android),"notification":{"title":"Ann","body":"Hi","click_action":{"type":3}\#(shown)}}}}"#
    }

    private func push(_ stage: Stage, _ body: String) async throws -> Stage.Answer {
        try await stage.postJSON("/huawei/v1/1001/messages:send", try await self.bearer(stage), body)
    }

    @Test func aMessageIsTakenAndKept() async throws {
        try await Stage.run { stage async throws in
            let answer = try await self.push(stage, self.body())
            #expect(answer.status == 200)
            #expect(answer["code"]?.string == "80000000")
            #expect(answer["requestId"]?.string?.isEmpty == false)
            let notice = try #require(stage.simulator.inbox(.huawei).first)
            #expect(notice.token == "phone")
            #expect(notice.title == "Ann")
            #expect(notice.text == "Hi")
            #expect(notice.warnings.isEmpty)
        }
    }

    @Test func aWrongSecretIsNotLetInAndATokenEnds() async throws {
        try await Stage.run {
            $0.keys[.huawei] = "secret"
        } _: { stage async throws in
            let wrong = try await stage.postForm(
                "/huawei/oauth2/v3/token",
                ["grant_type": "client_credentials", "client_id": "1001", "client_secret": "guess"])
            #expect(wrong.status == 400)
            #expect(wrong["error"]?.int == 1101)
            let bearer = try await self.bearer(stage)
            stage.clock.advance(seconds: 3601)
            let late = try await stage.postJSON("/huawei/v1/1001/messages:send", bearer, self.body())
            #expect(late.status == 401)
            #expect(late["code"]?.string == "80200003")
            let none = try await stage.postJSON("/huawei/v1/1001/messages:send", self.body())
            #expect(none["code"]?.string == "80200001")
        }
    }

    @Test func whatIsWrongHasHuaweisCode() async throws {
        let long = String(repeating: "x", count: 4096)
        let many = "[" + (0...1000).map { #""t\#($0)""# }.joined(separator: ",") + "]"
        let cases = [
            ("{}", "80100003"), ("[", "80100003"), (self.body(token: "[]"), "80300010"),
            (self.body(token: many), "80300010"), (self.body(token: #""phone""#), "80100001"),
            (self.body(android: #","collapse_key":101"#), "80100001"),
            (self.body(android: #","data":"\#(long)""#), "80300008"),
            (self.body(shown: #","importance":"LOUD""#), "80100001"),
            (self.body(shown: #","badge":{"add_num":100}"#), "80100001"),
            (self.body(shown: #","click_action":{"type":1}"#), "80100003"),
            (#"{"message":{"token":["phone"]}}"#, "80100003"),
        ]
        try await Stage.run { stage async throws in
            for (body, code) in cases {
                let answer = try await self.push(stage, body)
                #expect(answer.status == 400)
                #expect(answer["code"]?.string == code, "\(body.prefix(200))")
            }
        }
    }

    @Test func someOfTheTokensMayBeGone() async throws {
        try await Stage.run { stage async throws in
            let some = try await self.push(stage, self.body(token: #"["phone","unregistered-1"]"#))
            #expect(some.status == 200)
            #expect(some["code"]?.string == "80100000")
            #expect(some["msg"]?.string?.contains(#""illegal_tokens":["unregistered-1"]"#) == true)
            #expect(try await self.push(stage, self.body(token: #"["unregistered"]"#))["code"]?.string == "80300007")
            #expect(try await self.push(stage, self.body(token: #"["throttled"]"#)).status == 503)
            #expect(try await self.push(stage, self.body(token: #"["broken"]"#))["code"]?.string == "81000001")
            #expect(try await self.push(stage, self.body(token: #"["refused"]"#))["code"]?.string == "80100001")
            #expect(try await self.push(stage, self.body(token: #"["unauthorized"]"#))["code"]?.string == "80200003")
            #expect(try await self.push(stage, self.body(token: #"["unauthorized"]"#))["code"]?.string == "80000000")
        }
    }
}

@Suite struct HonorSimulatorTests {
    private static let body =
        #"{"token":["phone"],"android":{"ttl":"86400s","targetUserType":0,"notification":{"title":"Ann","body":"Hi","importance":"NORMAL","clickAction":{"type":3}}}}"#

    private func headers(_ stage: Stage) async throws -> [String: String] {
        let answer = try await stage.postForm(
            "/honor/auth/token",
            ["grant_type": "client_credentials", "client_id": "1", "client_secret": "secret"])
        let token = try #require(answer["access_token"]?.string)
        return ["Authorization": "Bearer \(token)", "timestamp": "\(stage.clock.now().milliseconds)"]
    }

    private func push(_ stage: Stage, _ body: String = Self.body, without header: String = "") async throws
        -> Stage.Answer
    {
        let headers = try await self.headers(stage).filter { $0.key != header }
        return try await stage.postJSON("/honor/api/v1/104/sendMessage", headers, body)
    }

    @Test func aMessageIsTakenAndKept() async throws {
        try await Stage.run { stage async throws in
            let answer = try await self.push(stage)
            #expect(answer["code"]?.int == 200)
            #expect(answer["data", "sendResult"]?.bool == true)
            #expect(answer["data", "requestId"]?.string?.isEmpty == false)
            let notice = try #require(stage.simulator.inbox(.honor).first)
            #expect(notice.title == "Ann")
            #expect(notice.token == "phone")
            #expect(notice.warnings.isEmpty)
        }
    }

    @Test func whatIsWrongHasHonorsCode() async throws {
        try await Stage.run { stage async throws in
            #expect(try await self.push(stage, without: "timestamp")["code"]?.int == 10001)
            #expect(try await self.push(stage, without: "Authorization")["code"]?.int == 403)
            #expect(try await self.push(stage, "{}")["code"]?.int == 10300)
            #expect(try await self.push(stage, #"{"token":["a","a"],"data":"x"}"#)["code"]?.int == 80_300_006)
            #expect(try await self.push(stage, #"{"token":["a"]}"#)["code"]?.int == 80_100_003)
            let long = String(repeating: "x", count: 4100)
            #expect(try await self.push(stage, #"{"token":["a"],"data":"\#(long)"}"#)["code"]?.int == 80_300_008)
            let loud = Self.body.replacing("NORMAL", with: "LOUD")
            #expect(try await self.push(stage, loud)["code"]?.int == 80_100_003)
        }
    }

    @Test func aWordInTheTokenChoosesHonorsAnswer() async throws {
        try await Stage.run { stage async throws in
            let gone = try await self.push(stage, Self.body.replacing("phone", with: "unregistered"))
            #expect(gone["code"]?.int == 80_300_007)
            #expect(gone["data", "expireTokens"]?.array?.first?.string == "unregistered")
            #expect(try await self.push(stage, Self.body.replacing("phone", with: "throttled")).status == 503)
            #expect(try await self.push(stage, Self.body.replacing("phone", with: "broken")).status == 500)
            #expect(try await self.push(stage, Self.body.replacing("phone", with: "unauthorized")).status == 403)
            #expect(try await self.push(stage, Self.body.replacing("phone", with: "unauthorized")).status == 200)
        }
    }
}

@Suite struct HarmonySimulatorTests {
    private static let body =
        #"{"payload":{"notification":{"category":"IM","title":"Ann","body":"Hi","clickAction":{"actionType":0}}},"pushOptions":{"ttl":86400},"target":{"token":["phone"]}}"#

    private func bearer(
        _ stage: Stage, alg: String = "PS256", aud: String = "https://oauth-login.cloud.huawei.com/oauth2/v3/token",
        seconds: Int64 = 3600, age: Int64 = 0
    ) -> String {
        let issued = stage.seconds - age
        return "Bearer "
            + Signed.rsa(
                #"{"kid":"key","typ":"JWT","alg":"\#(alg)"}"#,
                #"{"iss":"100","aud":"\#(aud)","iat":\#(issued),"exp":\#(issued + seconds)}"#, .PSS)
    }

    private func push(
        _ stage: Stage, _ body: String = Self.body, _ authorization: String? = nil, type: String? = "0"
    ) async throws -> Stage.Answer {
        var headers = ["Authorization": authorization ?? self.bearer(stage)]
        headers["push-type"] = type
        return try await stage.postJSON("/harmony/v3/388/messages:send", headers, body)
    }

    @Test func aMessageIsTakenAndKept() async throws {
        try await Stage.run {
            $0.keys[.harmony] = Signed.rsa.publicKey.pemRepresentation
        } _: { stage async throws in
            let answer = try await self.push(stage)
            #expect(answer.status == 200)
            #expect(answer["code"]?.string == "80000000")
            let notice = try #require(stage.simulator.inbox(.harmony).first)
            #expect(notice.title == "Ann")
            #expect(notice.warnings.isEmpty)
        }
    }

    @Test func aServiceAccountsTokenIsChecked() async throws {
        try await Stage.run { stage async throws in
            for (bearer, code) in [
                (self.bearer(stage, alg: "RS256"), "80200001"), (self.bearer(stage, aud: "x"), "80200001"),
                (self.bearer(stage, age: 3600), "80200005"), (self.bearer(stage, seconds: 86_401), "80300036"),
                ("Bearer x", "80200001"),
            ] {
                let answer = try await self.push(stage, Self.body, bearer)
                #expect(answer.status == 401)
                #expect(answer["code"]?.string == code)
            }
        }
        try await Stage.run {
            $0.keys[.harmony] = Signed.otherRSA
        } _: { stage async throws in
            #expect(try await self.push(stage)["code"]?.string == "80200001")
        }
    }

    @Test func whatIsWrongHasHuaweisCode() async throws {
        try await Stage.run { stage async throws in
            #expect(try await self.push(stage, type: nil)["code"]?.string == "80100001")
            #expect(try await self.push(stage, type: "3")["code"]?.string == "80100001")
            #expect(try await self.push(stage, "{}")["code"]?.string == "80100003")
            #expect(
                try await self.push(stage, Self.body.replacing("category", with: "kategorie"))["code"]?.string
                    == "80100003")
            #expect(try await self.push(stage, Self.body.replacing("86400", with: "0"))["code"]?.string == "80100001")
            #expect(
                try await self.push(stage, Self.body.replacing(#"["phone"]"#, with: "[]"))["code"]?.string == "80300010"
            )
            let long = Self.body.replacing("Hi", with: String(repeating: "x", count: 4096))
            #expect(try await self.push(stage, long)["code"]?.string == "80300008")
            let silent = #"{"payload":{"extraData":"{}"},"target":{"token":["phone"]}}"#
            #expect(try await self.push(stage, silent, type: "6").status == 200)
        }
    }

    @Test func aWordInTheTokenChoosesHuaweisAnswer() async throws {
        try await Stage.run { stage async throws in
            let codes = [
                "unregistered": "80300007", "throttled": "503", "broken": "81000001", "refused": "80100001",
                "unauthorized": "80200005",
            ]
            for (word, code) in codes {
                #expect(try await self.push(stage, Self.body.replacing("phone", with: word))["code"]?.string == code)
            }
        }
    }
}
