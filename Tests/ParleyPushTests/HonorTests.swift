import Foundation
import ParleyCore
import ParleyOutbound
import Testing

@testable import ParleyPush

@Suite struct HonorTests {
    private static let account = ["app-id": "104", "client-id": "c1", "client-secret": "s1"]

    private static func adapter(url: String? = nil, _ more: [String: String] = [:]) throws -> Honor {
        try Honor(VendorSample.provider(.honor, url: url, Self.account.merging(more) { $1 }))
    }

    private static func request(for notice: PushNotice, _ more: [String: String] = [:]) throws -> OutboundRequest {
        try Self.adapter(more).request(for: notice, with: VendorSample.grant, at: NoticeSample.now)
    }

    private static func expect(
        _ notice: PushNotice, _ more: [String: String] = [:], toBe body: String
    ) throws {
        #expect(try NoticeSample.object(try Self.request(for: notice, more).body) == NoticeSample.object(body))
    }

    @Test func anAccountNamesTheAppAndAClient() {
        VendorSample.expectEachFieldToBeMissed(Honor.self, Self.account)
    }

    // MARK: Access

    @Test func accessIsAskedForWithTheClientsCredentials() async throws {
        let request = try await VendorSample.asked(try Self.adapter())
        #expect(request.url == "https://iam.developer.honor.com/auth/token")
        #expect(
            try VendorSample.form(request.body) == [
                "grant_type": "client_credentials", "client_id": "c1", "client_secret": "s1",
            ])
    }

    @Test func aGrantLastsAsLongAsHonorSays() throws {
        let answer = NoticeSample.answer(200, #"{"access_token":"t","expires_in":1800,"token_type":"Bearer"}"#)
        #expect(
            try Self.adapter().grant(from: answer, at: NoticeSample.now)
                == PushGrant(token: "t", expiresAt: NoticeSample.now.adding(seconds: 1800)))
    }

    // MARK: Requests

    @Test func aNoticeIsSentToTheAppsAddressWithTheTime() throws {
        let request = try Self.request(for: NoticeSample.notice())
        #expect(request.method == "POST")
        #expect(request.url == "https://push-api.cloud.honor.com/api/v1/104/sendMessage")
        #expect(request.header("Authorization") == "Bearer granted")
        #expect(request.header("timestamp") == "1700000000000")
        #expect(request.header("Content-Type") == "application/json; charset=UTF-8")
    }

    @Test func aPlainNoticeOpensTheApp() throws {
        try Self.expect(
            NoticeSample.notice(),
            toBe: #"""
                {"android":{"ttl":"86400s","targetUserType":0,
                  "notification":{"title":"Ann","body":"Lunch?","clickAction":{"type":3}}},"token":["00fc13adff78"]}
                """#)
    }

    @Test func allThatASenderSaysIsThere() throws {
        let notice = NoticeSample.notice(payload: [NoticeSample.field("rc", #"{"id":"m1"}"#)], badge: 5) {
            $0.lifetimeSeconds = 604_800
            $0.collapseID = "chat-7"
            $0.threadID = "ann"
            var special = PushSpecial()
            special.importance = "NORMAL"
            special.image = "https://a.example/b.png"
            $0.special[.honor] = special
        }
        try Self.expect(
            notice, ["badge-class": "a.Main", "action": "a.OPEN"],
            toBe: #"""
                {"data":"{\"rc\":{\"id\":\"m1\"}}",
                 "android":{"ttl":"86400s","targetUserType":0,"notification":{"title":"Ann","body":"Lunch?",
                  "clickAction":{"type":1,"action":"a.OPEN"},"importance":"NORMAL","image":"https://a.example/b.png",
                  "notifyId":875966396,"group":"ann","badge":{"setNum":5,"badgeClass":"a.Main"}}},
                 "token":["00fc13adff78"]}
                """#)
    }

    @Test func aSilentNoticeIsDataOnly() throws {
        let notice = NoticeSample.notice(payload: [NoticeSample.field("rc", "1")]) { $0.isSilent = true }
        try Self.expect(
            notice,
            toBe: #"{"data":"{\"rc\":1}","android":{"ttl":"86400s","targetUserType":0},"token":["00fc13adff78"]}"#)
    }

    @Test func aSendersOwnFieldsAreThereButNotAnotherReceiver() throws {
        let notice = NoticeSample.notice {
            var special = PushSpecial()
            special.fields = Array(#"{"token":["other"],"android":{"biTag":"b"}}"#.utf8)
            $0.special[.honor] = special
        }
        try Self.expect(
            notice,
            toBe: #"""
                {"android":{"ttl":"86400s","targetUserType":0,"biTag":"b",
                  "notification":{"title":"Ann","body":"Lunch?","clickAction":{"type":3}}},"token":["00fc13adff78"]}
                """#)
    }

    @Test func aLongTextIsCutUntilTheMessageFits() throws {
        let request = try Self.request(for: NoticeSample.notice { $0.text = String(repeating: "饭", count: 3000) })
        #expect(request.body.count - 12 <= 4096)
        #expect(request.body.count - 12 > 4080)
    }

    @Test func withAnAddressOfItsOwnEverythingGoesThere() async throws {
        let adapter = try Self.adapter(url: "http://127.0.0.1:9/honor")
        #expect(try await VendorSample.asked(adapter).url == "http://127.0.0.1:9/honor/auth/token")
        let request = try adapter.request(for: NoticeSample.notice(), with: nil, at: NoticeSample.now)
        #expect(request.url == "http://127.0.0.1:9/honor/api/v1/104/sendMessage")
    }

    // MARK: Verdicts

    @Test(
        arguments: [
            (#"{"code":200,"message":"success","data":{"sendResult":true,"requestId":"r1"}}"#, .accepted(id: "r1")),
            (#"{"code":"200","data":{"sendResult":true,"requestId":"r1","failTokens":[]}}"#, .accepted(id: "r1")),
            (#"{"code":200,"message":"m","data":{"sendResult":false}}"#, .refused("200 m")),
            (
                #"{"code":200,"message":"m","data":{"sendResult":true,"failTokens":["00fc13adff78"]}}"#,
                .refused("200 m")
            ),
            (#"{"code":200,"data":{"sendResult":false,"expireTokens":["00fc13adff78"]}}"#, .unregistered),
            (#"{"code":80300007,"message":"m"}"#, .unregistered),
            (#"{"code":80200003,"message":"m"}"#, .unauthorized("80200003 m")),
            (#"{"code":"80300008","message":"m"}"#, .refused("80300008 m")),
            (#"{"code":81000001,"message":"m"}"#, .later("81000001 m", afterMilliseconds: nil)),
            (#"{"code":401,"message":"m"}"#, .unauthorized("401 m")),
            (#"{"code":403,"message":"m"}"#, .unauthorized("403 m")),
            (#"{"code":400,"message":"m"}"#, .refused("400 m")),
        ] as [(String, PushVerdict)])
    func anAnswerSaysWhatBecameOfIt(body: String, verdict: PushVerdict) throws {
        #expect(try Self.adapter().verdict(on: NoticeSample.answer(200, body), at: NoticeSample.now) == verdict)
    }

    @Test func troubleIsForLater() throws { VendorSample.expectTroubleToBeForLater(try Self.adapter()) }

    @Test func aRequestThatIsNotLetInIsUnauthorized() throws {
        let verdict = try Self.adapter().verdict(on: NoticeSample.answer(401), at: NoticeSample.now)
        #expect(verdict == .unauthorized("401"))
    }
}
