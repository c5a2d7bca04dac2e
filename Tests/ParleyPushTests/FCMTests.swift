import Crypto
import CryptoExtras
import Foundation
import ParleyCore
import ParleyDialectKit
import ParleyOutbound
import Testing

@testable import ParleyPush

@Suite struct FCMTests {
    private static let key: _RSA.Signing.PrivateKey = try! _RSA.Signing.PrivateKey(keySize: .bits2048)
    private static let grant = PushGrant(token: "ya29.x", expiresAt: .distantFuture)

    private static func keyFile(_ changes: [String: String?] = [:]) throws -> String {
        var file = [
            "type": "service_account", "project_id": "chat-1", "private_key_id": "abc",
            "private_key": Self.key.pkcs8PEMRepresentation, "client_email": "push@chat-1.iam.gserviceaccount.com",
            "token_uri": "https://oauth2.googleapis.com/token",
        ]
        for (member, value) in changes { file[member] = value }
        return String(decoding: try JSONSerialization.data(withJSONObject: file), as: UTF8.self)
    }

    private static func adapter(url: String? = nil, _ changes: [String: String?] = [:]) throws -> FCM {
        try FCM(
            PushProvider(name: "mine", kind: .fcm, url: url, account: ["service-account": try Self.keyFile(changes)]))
    }

    private static func request(for notice: PushNotice) throws -> OutboundRequest {
        try Self.adapter().request(for: notice, with: Self.grant, at: NoticeSample.now)
    }

    private static func message(of notice: PushNotice) throws -> NSDictionary {
        let body = try NoticeSample.object(try Self.request(for: notice).body)
        #expect(body.count == 1)
        return try #require(body["message"] as? NSDictionary)
    }

    // MARK: The account

    @Test(
        arguments: [
            ("project_id", nil, "service-account has no project_id"),
            ("client_email", nil, "service-account has no client_email"),
            ("private_key", nil, "service-account has a private_key that is no RSA key in PEM"),
            ("private_key", "secret words", "service-account has a private_key that is no RSA key in PEM"),
        ] as [(String, String?, String)])
    func aWrongKeyFileIsNamedWithoutItsSecrets(member: String, value: String?, fault: String) {
        let thrown = #expect(throws: AccountFault.self) { try Self.adapter([member: value]) }
        #expect(thrown?.description == fault)
    }

    @Test(
        arguments: [
            (nil, "service-account is missing"), ("-----BEGIN", "service-account is not the JSON text of a key file"),
        ] as [(String?, String)])
    func whatIsNoKeyFileIsNamed(text: String?, fault: String) {
        let account = text.map { ["service-account": $0] } ?? [:]
        let thrown = #expect(throws: AccountFault.self) {
            try FCM(PushProvider(name: "mine", kind: .fcm, account: account))
        }
        #expect(thrown?.description == fault)
    }

    @Test func accessIsAskedForWithASignedAssertion() async throws {
        guard case .ask(let request) = try await Self.adapter().access(at: NoticeSample.now) else {
            Issue.record("nothing is asked")
            return
        }
        #expect(request.method == "POST")
        #expect(request.url == "https://oauth2.googleapis.com/token")
        #expect(request.header("Content-Type") == "application/x-www-form-urlencoded")
        let form = try Form(request.body)
        #expect(form.fields.map(\.name) == ["grant_type", "assertion"])
        #expect(form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer")
        let token = try TokenParts(try #require(form["assertion"]))
        #expect(try token.header == NoticeSample.object(#"{"alg":"RS256","typ":"JWT","kid":"abc"}"#))
        #expect(
            try token.claims
                == NoticeSample.object(
                    """
                    {"iss":"push@chat-1.iam.gserviceaccount.com","aud":"https://oauth2.googleapis.com/token",
                    "scope":"https://www.googleapis.com/auth/firebase.messaging","iat":1700000000,"exp":1700003600}
                    """))
        let signature = _RSA.Signing.RSASignature(rawRepresentation: token.signature)
        #expect(Self.key.publicKey.isValidSignature(signature, for: token.signed, padding: .insecurePKCS1v1_5))
    }

    @Test func aKeyFileNeedsNoTokenAddress() async throws {
        guard case .ask(let request) = try await Self.adapter(["token_uri": nil]).access(at: NoticeSample.now)
        else {
            Issue.record("nothing is asked")
            return
        }
        #expect(request.url == "https://oauth2.googleapis.com/token")
    }

    @Test func whatGoogleAnswersIsAGrantUntilItEnds() throws {
        let answer = NoticeSample.answer(
            200, #"{"access_token":"ya29.x","expires_in":3599,"token_type":"Bearer"}"#)
        #expect(
            try Self.adapter().grant(from: answer, at: NoticeSample.now)
                == PushGrant(token: "ya29.x", expiresAt: Timestamp(seconds: 1_700_003_599)))
    }

    @Test(arguments: [
        (400, #"{"error":"invalid_grant","error_description":"Invalid JWT Signature."}"#),
        (200, #"{"access_token":"","expires_in":3599}"#), (200, #"{"access_token":"x"}"#), (200, "<html>"),
    ])
    func anythingElseIsNoGrant(status: Int, body: String) throws {
        #expect(try Self.adapter().grant(from: NoticeSample.answer(status, body), at: NoticeSample.now) == nil)
    }

    // MARK: Where it goes

    @Test func theMessageIsPostedToTheProject() throws {
        let request = try Self.request(for: NoticeSample.notice())
        #expect(request.method == "POST")
        #expect(request.url == "https://fcm.googleapis.com/v1/projects/chat-1/messages:send")
        #expect(
            request.headers.map { "\($0.name): \($0.value)" } == [
                "Content-Type: application/json; charset=UTF-8", "Authorization: Bearer ya29.x",
            ])
    }

    @Test func withAURLBothRequestsGoThere() async throws {
        let adapter = try Self.adapter(url: "http://127.0.0.1:9/fcm/")
        guard case .ask(let access) = try await adapter.access(at: NoticeSample.now) else {
            Issue.record("nothing is asked")
            return
        }
        #expect(access.url == "http://127.0.0.1:9/fcm/token")
        let request = try adapter.request(for: NoticeSample.notice(), with: Self.grant, at: NoticeSample.now)
        #expect(request.url == "http://127.0.0.1:9/fcm/v1/projects/chat-1/messages:send")
    }

    // MARK: The message

    @Test func aPlainNoticeIsANotification() throws {
        #expect(
            try Self.message(of: NoticeSample.notice())
                == NoticeSample.object(
                    """
                    {"token":"00fc13adff78","notification":{"title":"Ann","body":"Lunch?"},
                    "android":{"priority":"HIGH","ttl":"604800s","notification":{"sound":"default"}}}
                    """))
    }

    @Test func everythingThatIsSaidOfALookIsThere() throws {
        var special = PushSpecial()
        special.channel = "chat"
        special.collapseID = "lunch"
        special.image = "https://example.com/b.png"
        let notice = NoticeSample.notice(
            payload: [NoticeSample.field("rc", #"{"fId":"ann"}"#), NoticeSample.field("appData", #""ä\"""#)], badge: 3
        ) {
            $0.collapseID = "another"
            $0.image = "https://example.com/a.png"
            $0.sound = "bell"
            $0.lifetimeSeconds = 60
            $0.special[.fcm] = special
        }
        #expect(
            try Self.message(of: notice)
                == NoticeSample.object(
                    """
                    {"token":"00fc13adff78",
                    "notification":{"title":"Ann","body":"Lunch?","image":"https://example.com/b.png"},
                    "data":{"rc":"{\\"fId\\":\\"ann\\"}","appData":"ä\\""},
                    "android":{"collapse_key":"lunch","priority":"HIGH","ttl":"60s","notification":{"channel_id":"chat",
                    "sound":"bell","image":"https://example.com/b.png","notification_count":3,"tag":"lunch"}}}
                    """))
    }

    @Test func dataAreTextsAndHaveNoNamesOfGooglesOwn() throws {
        let names = ["from", "message_type", "google.a", "gcm.notification.b"]
        let payload =
            names.map { NoticeSample.field($0, "1") } + [
                NoticeSample.field("n", "1.5"), NoticeSample.field("b", "true"), NoticeSample.field("a", "[1,2]"),
                NoticeSample.field("s", #""\u00e4""#),
            ]
        let data = try Self.message(of: NoticeSample.notice(payload: payload))["data"] as? NSDictionary
        #expect(try data == NoticeSample.object(#"{"n":"1.5","b":"true","a":"[1,2]","s":"ä"}"#))
    }

    @Test func aSilentNoticeIsDataOnly() throws {
        let notice = NoticeSample.notice(payload: [NoticeSample.field("k", #""v""#)], badge: 3) { $0.isSilent = true }
        #expect(
            try Self.message(of: notice)
                == NoticeSample.object(
                    """
                    {"token":"00fc13adff78","data":{"k":"v"},"android":{"priority":"NORMAL","ttl":"604800s"}}
                    """))
    }

    @Test(
        arguments: [
            (nil, nil, "HIGH"), (nil, "HIGH", "HIGH"), (nil, "NORMAL", "NORMAL"), (nil, "LOW", "NORMAL"),
            ("passive", nil, "NORMAL"),
        ] as [(String?, String?, String)])
    func whatMayWaitHasNormalPriority(level: String?, importance: String?, priority: String) throws {
        var special = PushSpecial()
        special.importance = importance
        let message = try Self.message(
            of: NoticeSample.notice {
                $0.interruptionLevel = level
                $0.special[.fcm] = special
            })
        #expect((message["android"] as? NSDictionary)?["priority"] as? String == priority)
    }

    @Test func fieldsAreMergedButNotWhoItGoesTo() throws {
        var special = PushSpecial()
        special.fields = Array(
            """
            {"token":"stolen","topic":"all","condition":"'all' in topics","fcm_options":{"analytics_label":"a"},
            "android":{"priority":"NORMAL","notification":{"color":"#ff0000"}}}
            """.utf8)
        #expect(
            try Self.message(of: NoticeSample.notice { $0.special[.fcm] = special })
                == NoticeSample.object(
                    """
                    {"token":"00fc13adff78","notification":{"title":"Ann","body":"Lunch?"},
                    "fcm_options":{"analytics_label":"a"},"android":{"priority":"NORMAL","ttl":"604800s",
                    "notification":{"sound":"default","color":"#ff0000"}}}
                    """))
    }

    @Test func aLongTextIsCut() throws {
        let text = String(repeating: "午", count: 3000)
        let data = NoticeSample.field("k", "\"" + String(repeating: "d", count: 2000) + "\"")
        let message = try Self.message(of: NoticeSample.notice(payload: [data]) { $0.text = text })
        let size = try Self.request(for: NoticeSample.notice(payload: [data]) { $0.text = text }).body.count
        #expect(size <= 4096 + "00fc13adff78".count + #"{"message":}"#.count)
        let body = try #require((message["notification"] as? NSDictionary)?["body"] as? String)
        #expect(body.last == "…")
        #expect(text.hasPrefix(body.dropLast()))
        #expect(body.count > 500)
        #expect(((message["data"] as? NSDictionary)?["k"] as? String)?.count == 2000)
    }

    @Test func dataThatAreTooLargeByThemselvesAreRefused() {
        let data = NoticeSample.field("k", "\"" + String(repeating: "d", count: 4096) + "\"")
        #expect(throws: PushRefusal("the message is larger than 4096 bytes")) {
            try Self.request(for: NoticeSample.notice(payload: [data]))
        }
    }

    // MARK: Verdicts

    @Test func whatGoogleTookHasItsName() throws {
        let answer = NoticeSample.answer(
            200, #"{"name":"projects/chat-1/messages/0:1500415314455276%31bd1c9631bd1c96"}"#)
        #expect(
            try Self.adapter().verdict(on: answer, at: NoticeSample.now)
                == .accepted(id: "projects/chat-1/messages/0:1500415314455276%31bd1c9631bd1c96"))
    }

    @Test(
        arguments: [
            (404, "NOT_FOUND", "UNREGISTERED", PushVerdict.unregistered),
            (403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH", .refused("SENDER_ID_MISMATCH: no")),
            (400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", .refused("INVALID_ARGUMENT: no")),
            (401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR", .refused("THIRD_PARTY_AUTH_ERROR")),
            (401, "UNAUTHENTICATED", nil, .unauthorized("UNAUTHENTICATED")),
            (403, "PERMISSION_DENIED", nil, .refused("PERMISSION_DENIED: no")),
            (404, "NOT_FOUND", nil, .refused("NOT_FOUND: no")),
            (429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", .later("QUOTA_EXCEEDED", afterMilliseconds: 60_000)),
            (500, "INTERNAL", "INTERNAL", .later("INTERNAL", afterMilliseconds: nil)),
            (503, "UNAVAILABLE", "UNAVAILABLE", .later("UNAVAILABLE", afterMilliseconds: nil)),
        ] as [(Int, String, String?, PushVerdict)])
    func everyCodeHasItsVerdict(status: Int, google: String, code: String?, verdict: PushVerdict) throws {
        let answer = Self.answer(status, google, code)
        #expect(try Self.adapter().verdict(on: answer, at: NoticeSample.now) == verdict)
    }

    @Test(arguments: [429, 500, 503]) func retryAfterIsHeeded(status: Int) throws {
        let answer = Self.answer(status, "X", nil, retryAfter: "90")
        #expect(
            try Self.adapter().verdict(on: answer, at: NoticeSample.now) == .later("X", afterMilliseconds: 90_000))
    }

    @Test func aTokenThatIsNoneIsUnregistered() throws {
        let answer = Self.answer(
            400, "INVALID_ARGUMENT", "INVALID_ARGUMENT",
            message: "The registration token is not a valid FCM registration token")
        #expect(try Self.adapter().verdict(on: answer, at: NoticeSample.now) == .unregistered)
    }

    @Test func anAnswerThatIsNoJSONGoesByItsStatus() throws {
        let adapter = try Self.adapter()
        #expect(
            adapter.verdict(on: NoticeSample.answer(502, "<html>"), at: NoticeSample.now)
                == .later("status 502", afterMilliseconds: nil))
        #expect(adapter.verdict(on: NoticeSample.answer(418), at: NoticeSample.now) == .refused("status 418"))
    }

    private static func answer(
        _ status: Int, _ google: String, _ code: String?, message: String = "no", retryAfter: String? = nil
    ) -> OutboundAnswer {
        let details = code.map {
            #"[{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"\#($0)"}]"#
        }
        return NoticeSample.answer(
            status,
            """
            {"error":{"code":\(status),"message":"\(message)","status":"\(google)","details":\(details ?? "[]")}}
            """, retryAfter: retryAfter)
    }
}
