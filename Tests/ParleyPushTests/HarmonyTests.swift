import Crypto
import CryptoExtras
import Foundation
import ParleyCore
import ParleyOutbound
import Testing

@testable import ParleyPush

@Suite struct HarmonyTests {
    private static let key: _RSA.Signing.PrivateKey = try! _RSA.Signing.PrivateKey(keySize: .bits2048)

    private static func keyFile(_ changes: [String: String?] = [:]) throws -> String {
        var file = [
            "project_id": "388421841", "key_id": "k1", "private_key": Self.key.pkcs8PEMRepresentation,
            "sub_account": "110", "token_uri": "https://oauth-login.cloud.huawei.com/oauth2/v3/token",
        ]
        for (member, value) in changes { file[member] = value }
        return String(decoding: try JSONSerialization.data(withJSONObject: file), as: UTF8.self)
    }

    private static func adapter(url: String? = nil, _ more: [String: String] = [:]) throws -> Harmony {
        let account = ["service-account": try Self.keyFile()].merging(more) { $1 }
        return try Harmony(VendorSample.provider(.harmony, url: url, account))
    }

    private static func request(for notice: PushNotice, _ more: [String: String] = [:]) throws -> OutboundRequest {
        try Self.adapter(more).request(for: notice, with: VendorSample.grant, at: NoticeSample.now)
    }

    private static func expect(_ notice: PushNotice, _ more: [String: String] = [:], toBe body: String) throws {
        #expect(try NoticeSample.object(try Self.request(for: notice, more).body) == NoticeSample.object(body))
    }

    // MARK: The account

    @Test func anAccountIsAKeyFile() throws {
        VendorSample.expectEachFieldToBeMissed(Harmony.self, ["service-account": try Self.keyFile()])
    }

    @Test(
        arguments: [
            ("key_id", nil, "service-account has no key_id"),
            ("sub_account", nil, "service-account has no sub_account"),
            ("project_id", nil, "service-account has no project_id"),
            ("private_key", nil, "service-account has no private_key"),
            ("private_key", "secret", "service-account has a private_key that is no RSA key of 2048 bits or more"),
        ] as [(String, String?, String)])
    func aWrongKeyFileIsNamedWithoutItsSecrets(member: String, value: String?, fault: String) throws {
        let file = try Self.keyFile([member: value])
        let thrown = #expect(throws: AccountFault.self) {
            try Harmony(VendorSample.provider(.harmony, ["service-account": file]))
        }
        #expect(thrown?.description == fault)
    }

    @Test func whatIsNoKeyFileIsNamed() {
        let thrown = #expect(throws: AccountFault.self) {
            try Harmony(VendorSample.provider(.harmony, ["service-account": "/etc/key.json"]))
        }
        #expect(thrown?.description == "service-account is no JSON object")
    }

    // MARK: Access

    @Test func accessIsASignedTokenForAnHour() async throws {
        guard case .made(let grant) = try await Self.adapter().access(at: NoticeSample.now) else {
            Issue.record("not made here")
            return
        }
        #expect(grant.expiresAt == NoticeSample.now.adding(seconds: 3600))
        let token = try TokenParts(grant.token)
        #expect(token.header == ["kid": "k1", "typ": "JWT", "alg": "PS256"])
        #expect(
            token.claims == [
                "aud": "https://oauth-login.cloud.huawei.com/oauth2/v3/token", "iss": "110", "iat": 1_700_000_000,
                "exp": 1_700_003_600,
            ])
        let signature = _RSA.Signing.RSASignature(rawRepresentation: token.signature)
        #expect(
            Self.key.publicKey.isValidSignature(signature, for: SHA256.hash(data: token.signed), padding: .PSS))
    }

    // MARK: Requests

    @Test func aNoticeIsSentToTheProjectsAddressAsAnAlert() throws {
        let request = try Self.request(for: NoticeSample.notice())
        #expect(request.method == "POST")
        #expect(request.url == "https://push-api.cloud.huawei.com/v3/388421841/messages:send")
        #expect(request.header("Authorization") == "Bearer granted")
        #expect(request.header("push-type") == "0")
        #expect(request.header("Content-Type") == "application/json")
    }

    @Test func aPlainNoticeOpensTheApp() throws {
        try Self.expect(
            NoticeSample.notice(),
            toBe: #"""
                {"payload":{"notification":{"category":"IM","title":"Ann","body":"Lunch?","clickAction":{"actionType":0},
                  "appMessageId":"c77ae40485c19a4f8e1da1432a2fc850"}},
                 "target":{"token":["00fc13adff78"]},"pushOptions":{"testMessage":false,"ttl":86400}}
                """#)
    }

    @Test func allThatASenderSaysIsThere() throws {
        let notice = NoticeSample.notice(payload: [NoticeSample.field("rc", #"{"id":"m1"}"#)], badge: 5) {
            $0.lifetimeSeconds = 60
            $0.collapseID = "chat-7"
            $0.sound = "bell.mp3"
            $0.category = "Apple's"
            var special = PushSpecial()
            special.category = "WORK"
            special.image = "https://a.example/b.png"
            special.text = "Dinner?"
            $0.special[.harmony] = special
        }
        try Self.expect(
            notice, ["action": "a.OPEN", "category": "IM", "test": "true"],
            toBe: #"""
                {"payload":{"notification":{"category":"WORK","title":"Ann","body":"Dinner?",
                  "clickAction":{"actionType":1,"action":"a.OPEN","data":{"rc":{"id":"m1"}}},
                  "image":"https://a.example/b.png","badge":{"setNum":5},"sound":"bell.mp3","notifyId":875966396,
                  "appMessageId":"c77ae40485c19a4f8e1da1432a2fc850"}},
                 "target":{"token":["00fc13adff78"]},"pushOptions":{"testMessage":true,"ttl":60}}
                """#)
    }

    @Test func aSilentNoticeIsABackgroundMessage() throws {
        let notice = NoticeSample.notice(payload: [NoticeSample.field("rc", "1")]) { $0.isSilent = true }
        #expect(try Self.request(for: notice).header("push-type") == "6")
        try Self.expect(
            notice,
            toBe: #"""
                {"payload":{"extraData":"{\"rc\":1}"},"target":{"token":["00fc13adff78"]},
                 "pushOptions":{"testMessage":false,"ttl":86400}}
                """#)
    }

    @Test func aSendersOwnFieldsAreThereButNotAnotherReceiver() throws {
        let notice = NoticeSample.notice {
            $0.isSilent = true
            var special = PushSpecial()
            special.fields = Array(#"{"target":{"token":["other"]},"pushOptions":{"biTag":"b"}}"#.utf8)
            $0.special[.harmony] = special
        }
        try Self.expect(
            notice,
            toBe: #"""
                {"payload":{"extraData":"{}"},"target":{"token":["00fc13adff78"]},
                 "pushOptions":{"testMessage":false,"ttl":86400,"biTag":"b"}}
                """#)
    }

    @Test func aLongTextIsCutUntilTheMessageFits() throws {
        let request = try Self.request(for: NoticeSample.notice { $0.text = String(repeating: "👍🏽", count: 3000) })
        #expect(request.body.count - 12 <= 4096)
        #expect(request.body.count - 12 > 4080)
    }

    @Test func withAnAddressOfItsOwnEverythingGoesThere() throws {
        let adapter = try Self.adapter(url: "http://127.0.0.1:9/harmony")
        let request = try adapter.request(for: NoticeSample.notice(), with: nil, at: NoticeSample.now)
        #expect(request.url == "http://127.0.0.1:9/harmony/v3/388421841/messages:send")
    }

    // MARK: Verdicts: the codes are Huawei's, see HuaweiTests

    @Test(
        arguments: [
            ("tokenFormatError", .unregistered), ("tokenPlatformNotSupport", .unregistered),
            ("noRight", nil), ("noPushTypeRight", nil), ("differentImgVerifyPolicy", nil),
        ] as [(String, PushVerdict?)])
    func aTokenIsForgottenOnlyIfItIsTheTokenThatIsWrong(reason: String, verdict: PushVerdict?) throws {
        let message = #"{\"illegalTokens\":{\"\#(reason)\":[\"00fc13adff78\"]},\"failure\":1}"#
        for code in ["80300007", "80100000"] {
            let answer = NoticeSample.answer(200, #"{"code":"\#(code)","msg":"\#(message)","requestId":"r1"}"#)
            let expected =
                verdict ?? .refused(#"\#(code) {"illegalTokens":{"\#(reason)":["00fc13adff78"]},"failure":1}"#)
            #expect(try Self.adapter().verdict(on: answer, at: NoticeSample.now) == expected)
        }
    }

    @Test(
        arguments: [
            (200, "80000000", .accepted(id: "r1")), (400, "80100003", .refused("80100003 m")),
            (401, "80200001", .unauthorized("80200001 m")), (401, "80200005", .unauthorized("80200005 m")),
            (500, "81000001", .later("HTTP 500", afterMilliseconds: nil)),
        ] as [(Int, String, PushVerdict)])
    func aCodeCountsWhateverTheStatus(status: Int, code: String, verdict: PushVerdict) throws {
        let answer = NoticeSample.answer(status, #"{"code":"\#(code)","msg":"m","requestId":"r1"}"#)
        #expect(try Self.adapter().verdict(on: answer, at: NoticeSample.now) == verdict)
    }

    @Test func troubleIsForLater() throws { VendorSample.expectTroubleToBeForLater(try Self.adapter()) }
}
