import Crypto
import ParleyCore
import ParleyJSON
import ParleyPushSimulator
import ParleyTesting
import Testing

private func md5(_ text: String) -> String {
    Insecure.MD5.hash(data: Array(text.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

private func sha256(_ text: String) -> String {
    SHA256.hash(data: Array(text.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

@Suite struct XiaomiSimulatorTests {
    private static let fields = [
        "registration_id": "phone", "restricted_package_name": "org.example", "title": "Ann", "description": "Hi & bye",
        "payload": "{}", "pass_through": "0", "notify_type": "-1", "notify_id": "7", "time_to_live": "86400000",
        "extra.channel_id": "im", "extra.notify_foreground": "1",
    ]

    private func push(_ stage: Stage, _ changes: [String: String] = [:], key: String = "key=secret") async throws
        -> Stage.Answer
    {
        let fields = Self.fields.merging(changes) { $1 }.filter { !$0.value.isEmpty }
        return try await stage.postForm("/xiaomi/v3/message/regid", ["Authorization": key], fields)
    }

    @Test func aMessageIsTakenAndKept() async throws {
        try await Stage.run { stage async throws in
            let answer = try await self.push(stage)
            #expect(answer["result"]?.string == "ok")
            #expect(answer["code"]?.int == 0)
            #expect(answer["data", "id"]?.string?.isEmpty == false)
            let notice = try #require(stage.simulator.inbox(.xiaomi).first)
            #expect(notice.text == "Hi & bye")
            #expect(notice.warnings.isEmpty)
            let older = try await stage.postForm("/xiaomi/v2/message/regid", ["Authorization": "key=x"], Self.fields)
            #expect(older["code"]?.int == 0)
        }
    }

    @Test(arguments: [
        (["registration_id": ""], 10016), (["restricted_package_name": ""], 10016), (["title": " "], 10016),
        (["title": String(repeating: "字", count: 50)], 10017),
        (["description": String(repeating: "字", count: 128)], 10017), (["description": ""], 10016),
        (["pass_through": "2"], 10017), (["notify_type": "8"], 10017), (["time_to_live": "1209600001"], 10017),
        (["extra.notify_effect": "2"], 10016), (["extra.notify_foreground": "yes"], 10017),
        (["extra.own": String(repeating: "x", count: 1024)], 10017),
        (["payload": String(repeating: "x", count: 4097)], 65009),
    ])
    func whatIsWrongHasXiaomisCode(changes: [String: String], code: Int) async throws {
        try await Stage.run { stage async throws in
            let answer = try await self.push(stage, changes)
            #expect(answer["result"]?.string == "error")
            #expect(answer["code"]?.int == Int64(code))
        }
    }

    @Test func theKeyIsCompared() async throws {
        try await Stage.run {
            $0.keys[.xiaomi] = "secret"
        } _: { stage async throws in
            #expect(try await self.push(stage)["code"]?.int == 0)
            #expect(try await self.push(stage, key: "key=guess")["code"]?.int == 21301)
            #expect(try await self.push(stage, key: "Key=secret")["code"]?.int == 21301)
        }
    }

    @Test func aWordInTheTokenChoosesXiaomisCode() async throws {
        let codes = [
            "unregistered": 20301, "throttled": 200_002, "broken": 10001, "refused": 10017, "unauthorized": 21301,
        ]
        try await Stage.run { stage async throws in
            for (word, code) in codes {
                #expect(try await self.push(stage, ["registration_id": word])["code"]?.int == Int64(code))
            }
            let some = try await self.push(stage, ["registration_id": "phone,unregistered"])
            #expect(some["code"]?.int == 0)
            #expect(some["data", "bad_regids"]?.string == "unregistered")
        }
    }
}

@Suite struct OPPOSimulatorTests {
    private static let message =
        #"{"target_type":2,"target_value":"phone","notification":{"title":"Ann","content":"Hi","channel_id":"im","category":"IM","notify_level":16,"off_line":true,"off_line_ttl":86400,"click_action_type":0,"action_parameters":"{\"a\":1}"}}"#

    private func access(_ stage: Stage, sign: String? = nil, ago: Int64 = 0) async throws -> Stage.Answer {
        let time = "\(stage.clock.now().milliseconds - ago)"
        return try await stage.postForm(
            "/oppo/server/v1/auth",
            ["app_key": "app", "timestamp": time, "sign": sign ?? sha256("app\(time)master")])
    }

    private func push(_ stage: Stage, _ message: String = Self.message, token: String? = nil) async throws
        -> Stage.Answer
    {
        let granted = try await self.access(stage)["data", "auth_token"]?.string
        return try await stage.postForm(
            "/oppo/server/v1/message/notification/unicast",
            ["auth_token": token ?? granted ?? "", "message": message])
    }

    @Test func aMessageIsTakenAndKept() async throws {
        try await Stage.run {
            $0.keys[.oppo] = "master"
        } _: { stage async throws in
            let answer = try await self.push(stage)
            #expect(answer["code"]?.int == 0)
            #expect(answer["data", "messageId"]?.string?.isEmpty == false)
            let notice = try #require(stage.simulator.inbox(.oppo).first)
            #expect(notice.token == "phone")
            #expect(notice.title == "Ann")
            #expect(notice.warnings.isEmpty)
        }
    }

    @Test func theSignatureAndTheTimeAreChecked() async throws {
        try await Stage.run {
            $0.keys[.oppo] = "master"
        } _: { stage async throws in
            #expect(try await self.access(stage, sign: sha256("x"))["code"]?.int == 16)
            #expect(try await self.access(stage, ago: 600_001)["code"]?.int == 19)
            #expect(try await self.push(stage, token: "guess")["code"]?.int == 11)
            let token = try #require(try await self.access(stage)["data", "auth_token"]?.string)
            stage.clock.advance(seconds: 24 * 3600)
            #expect(try await self.push(stage, token: token)["code"]?.int == 11)
        }
    }

    @Test(arguments: [
        ("{", 41), ("{}", 40), (message.replacing("Ann", with: String(repeating: "字", count: 51)), 41),
        (message.replacing("Hi", with: String(repeating: "字", count: 51)), 41),
        (message.replacing(#""click_action_type":0"#, with: #""click_action_type":4"#), 41),
        (message.replacing(#""category":"IM","#, with: ""), 41), (message.replacing("16", with: "3"), 41),
        (message.replacing("86400", with: "864001"), 41), (message.replacing("phone", with: "a;b"), 41),
    ])
    func whatIsWrongHasOPPOsCode(message: String, code: Int) async throws {
        try await Stage.run { stage async throws in
            #expect(try await self.push(stage, message)["code"]?.int == Int64(code))
        }
    }

    @Test func aWordInTheTokenChoosesOPPOsCode() async throws {
        let codes = ["unregistered": 10000, "throttled": 13, "broken": -1, "refused": 41, "unauthorized": 11]
        try await Stage.run { stage async throws in
            for (word, code) in codes {
                let answer = try await self.push(stage, Self.message.replacing("phone", with: word))
                #expect(answer["code"]?.int == Int64(code))
            }
        }
    }
}

@Suite struct VivoSimulatorTests {
    private static let body =
        #"{"appId":100,"regId":"phone","notifyType":4,"title":"Ann","content":"Hi","timeToLive":86400,"skipType":1,"requestId":"r1","classification":1,"category":"IM","clientCustomMap":{"a":"1"}}"#

    private func access(_ stage: Stage, sign: String? = nil) async throws -> Stage.Answer {
        let time = stage.clock.now().milliseconds
        return try await stage.postJSON(
            "/vivo/message/auth",
            #"{"appId":100,"appKey":"key","timestamp":\#(time),"sign":"\#(sign ?? md5("100key\(time)secret"))"}"#)
    }

    private func push(_ stage: Stage, _ body: String = Self.body, token: String? = nil) async throws -> Stage.Answer {
        let granted = try await self.access(stage)["authToken"]?.string
        return try await stage.postJSON("/vivo/message/send", ["authToken": token ?? granted ?? ""], body)
    }

    @Test func aMessageIsTakenAndKept() async throws {
        try await Stage.run {
            $0.keys[.vivo] = "secret"
        } _: { stage async throws in
            let answer = try await self.push(stage)
            #expect(answer["result"]?.int == 0)
            #expect(answer["taskId"]?.string?.isEmpty == false)
            let notice = try #require(stage.simulator.inbox(.vivo).first)
            #expect(notice.text == "Hi")
            #expect(notice.warnings.isEmpty)
            #expect(try await self.access(stage, sign: md5("x"))["result"]?.int == 10206)
            #expect(try await self.push(stage, token: "guess")["result"]?.int == 10000)
        }
    }

    @Test(arguments: [
        (#""notifyType":4"#, #""notifyType":5"#, 10054), (#""title":"Ann""#, #""title":"""#, 10055),
        ("Ann", String(repeating: "字", count: 21), 10056), ("Hi", String(repeating: "字", count: 51), 10058),
        ("86400", "59", 10059), (#""skipType":1"#, #""skipType":5"#, 10060),
        (#""skipType":1"#, #""skipType":4"#, 10061),
        ("r1", "", 10352), ("r1", String(repeating: "r", count: 65), 10353), ("phone", "", 10050),
        (#""appId":100"#, #""appId":200"#, 10094), (#"{"a":"1"}"#, #"{"a":1}"#, 10067),
    ])
    func whatIsWrongHasVivosCode(part: String, wrong: String, code: Int) async throws {
        try await Stage.run { stage async throws in
            let answer = try await self.push(stage, Self.body.replacing(part, with: wrong))
            #expect(answer["result"]?.int == Int64(code))
        }
    }

    @Test func aWordInTheTokenChoosesVivosResult() async throws {
        let codes = ["unregistered": 10302, "throttled": 10072, "broken": 500, "unauthorized": 10000]
        try await Stage.run { stage async throws in
            for (word, code) in codes {
                let answer = try await self.push(stage, Self.body.replacing("phone", with: word))
                #expect(answer["result"]?.int == Int64(code))
                if word == "unregistered" { #expect(answer["invalidUser", "userid"]?.string == word) }
            }
        }
    }
}

@Suite struct MeizuSimulatorTests {
    private static let message =
        #"{"noticeBarInfo":{"title":"Ann","content":"Hi"},"clickTypeInfo":{"clickType":0,"parameters":{"a":"1"}},"pushTimeInfo":{"offLine":1,"validTime":24},"advanceInfo":{"notifyKey":"c1","notificationType":{"sound":1}}}"#

    private func push(
        _ stage: Stage, _ message: String = Self.message, ids: String = "phone", secret: String = "secret"
    ) async throws -> Stage.Answer {
        let sign = md5("appId=100messageJson=\(message)pushIds=\(ids)\(secret)")
        return try await stage.postForm(
            "/meizu/garcia/api/server/push/varnished/pushByPushId",
            ["appId": "100", "pushIds": ids, "messageJson": message, "sign": sign])
    }

    @Test func aMessageIsTakenAndKept() async throws {
        try await Stage.run {
            $0.keys[.meizu] = "secret"
        } _: { stage async throws in
            let answer = try await self.push(stage)
            #expect(answer["code"]?.string == "200")
            #expect(answer["msgId"]?.string?.isEmpty == false)
            #expect(answer["value"]?.count == 0)
            let notice = try #require(stage.simulator.inbox(.meizu).first)
            #expect(notice.title == "Ann")
            #expect(notice.warnings.isEmpty)
            #expect(try await self.push(stage, secret: "guess")["code"]?.string == "1006")
        }
    }

    @Test(arguments: [
        ("Ann", String(repeating: "字", count: 33), "1005"), ("Hi", String(repeating: "字", count: 101), "1005"),
        (#""title":"Ann","#, "", "110004"), (#""validTime":24"#, #""validTime":73"#, "1005"),
        (#""clickType":0"#, #""clickType":1"#, "110004"), ("c1", "ninechars", "1005"), ("}", "", "1005"),
    ])
    func whatIsWrongHasMeizusCode(part: String, wrong: String, code: String) async throws {
        try await Stage.run { stage async throws in
            #expect(try await self.push(stage, Self.message.replacing(part, with: wrong))["code"]?.string == code)
        }
    }

    @Test func aWordInTheTokenChoosesMeizusCode() async throws {
        try await Stage.run { stage async throws in
            let some = try await self.push(stage, ids: "phone,unregistered")
            #expect(some["code"]?.string == "200")
            #expect(some["value", "110002"]?.array?.first?.string == "unregistered")
            for (word, code) in ["throttled": "110010", "broken": "1001", "refused": "1005", "unauthorized": "1006"] {
                #expect(try await self.push(stage, ids: word)["code"]?.string == code)
            }
        }
    }
}

@Suite struct WebhookSimulatorTests {
    private static let body = #"{"token":"phone","title":"Ann","text":"Hi"}"#

    private func headers(_ time: Int64, key: String = "secret") -> [String: String] {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("\(time).\(Self.body)".utf8), using: SymmetricKey(data: Array(key.utf8)))
        let signature = code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return ["X-Parley-Timestamp": "\(time)", "X-Parley-Signature": signature]
    }

    @Test func anyJSONIsTakenAnywhereBelow() async throws {
        try await Stage.run { stage async throws in
            #expect(try await stage.postJSON("/webhook/any/where", Self.body).status == 200)
            #expect(try await stage.postJSON("/webhook", "[").status == 400)
            let notice = try #require(stage.simulator.inbox(.webhook).first)
            #expect(notice.token == "phone")
            #expect(notice.title == "Ann")
            #expect(notice.text == "Hi")
        }
    }

    @Test func withASecretTheSignatureIsVerified() async throws {
        try await Stage.run {
            $0.keys[.webhook] = "secret"
        } _: { stage async throws in
            let now = stage.clock.now().milliseconds
            #expect(try await stage.postJSON("/webhook", self.headers(now), Self.body).status == 200)
            #expect(try await stage.postJSON("/webhook", self.headers(now / 1000), Self.body).status == 200)
            #expect(try await stage.postJSON("/webhook", self.headers(now, key: "guess"), Self.body).status == 401)
            #expect(try await stage.postJSON("/webhook", self.headers(now - 300_001), Self.body).status == 401)
            #expect(try await stage.postJSON("/webhook", Self.body).status == 401)
        }
    }

    @Test func aWordInTheTokenChoosesTheStatus() async throws {
        try await Stage.run { stage async throws in
            let statuses = ["unregistered": 410, "throttled": 429, "broken": 500, "refused": 400, "unauthorized": 401]
            for (word, status) in statuses {
                let body = Self.body.replacing("phone", with: word)
                #expect(try await stage.postJSON("/webhook", body).status == status)
            }
        }
    }
}
