import Foundation
import ParleyCore
import ParleyOutbound
import Testing

@testable import ParleyPush

@Suite struct HuaweiTests {
    private static let account = ["app-id": "100200", "app-secret": "s&cret"]

    private static func adapter(url: String? = nil, _ more: [String: String] = [:]) throws -> Huawei {
        try Huawei(VendorSample.provider(.huawei, url: url, Self.account.merging(more) { $1 }))
    }

    private static func request(
        for notice: PushNotice, _ more: [String: String] = [:]
    ) throws -> OutboundRequest {
        try Self.adapter(more).request(for: notice, with: VendorSample.grant, at: NoticeSample.now)
    }

    private static func expect(
        _ notice: PushNotice, _ more: [String: String] = [:], toBe message: String
    ) throws {
        let body = try NoticeSample.object(try Self.request(for: notice, more).body)
        #expect(body == (try NoticeSample.object(#"{"validate_only":false,"message":\#(message)}"#)))
    }

    @Test func anAccountNamesTheAppAndItsSecret() {
        VendorSample.expectEachFieldToBeMissed(Huawei.self, Self.account)
    }

    // MARK: Access

    @Test func accessIsAskedForWithTheAppsCredentials() async throws {
        let request = try await VendorSample.asked(try Self.adapter())
        #expect(request.method == "POST")
        #expect(request.url == "https://oauth-login.cloud.huawei.com/oauth2/v3/token")
        #expect(request.header("Content-Type") == "application/x-www-form-urlencoded;charset=UTF-8")
        #expect(
            try VendorSample.form(request.body) == [
                "grant_type": "client_credentials", "client_id": "100200", "client_secret": "s&cret",
            ])
    }

    @Test func aGrantLastsAsLongAsHuaweiSays() throws {
        let answer = NoticeSample.answer(
            200, #"{"access_token":"CF\/x==","expires_in":3600,"token_type":"Bearer"}"#)
        #expect(
            try Self.adapter().grant(from: answer, at: NoticeSample.now)
                == PushGrant(token: "CF/x==", expiresAt: NoticeSample.now.adding(seconds: 3600)))
    }

    @Test(arguments: [(400, #"{"error":1101,"error_description":"invalid client"}"#), (200, "{}"), (200, "busy")])
    func whatIsNoGrantIsNone(status: Int, body: String) throws {
        #expect(try Self.adapter().grant(from: NoticeSample.answer(status, body), at: NoticeSample.now) == nil)
    }

    // MARK: Requests

    @Test func aNoticeIsSentToTheAppsAddress() throws {
        let request = try Self.request(for: NoticeSample.notice())
        #expect(request.method == "POST")
        #expect(request.url == "https://push-api.cloud.huawei.com/v1/100200/messages:send")
        #expect(request.header("Authorization") == "Bearer granted")
        #expect(request.header("Content-Type") == "application/json;charset=UTF-8")
    }

    @Test func aPlainNoticeOpensTheApp() throws {
        try Self.expect(
            NoticeSample.notice(),
            toBe: #"""
                {"android":{"ttl":"86400s","notification":{"title":"Ann","body":"Lunch?","click_action":{"type":3}}},
                 "token":["00fc13adff78"]}
                """#)
    }

    @Test func allThatASenderSaysIsThere() throws {
        let notice = NoticeSample.notice(payload: [NoticeSample.field("rc", #"{"id":"m1"}"#)], badge: 120) {
            $0.lifetimeSeconds = 60
            $0.collapseID = "chat-7"
            $0.threadID = "ann"
            $0.category = "Apple's"
            var special = PushSpecial()
            special.channel = "talk"
            special.category = "IM"
            special.importance = "HIGH"
            special.image = "https://a.example/b.png"
            special.sound = "bell"
            $0.special[.huawei] = special
        }
        try Self.expect(
            notice, ["badge-class": "a.Main", "action": "a.OPEN", "channel": "other", "category": "WORK"],
            toBe: #"""
                {"data":"{\"rc\":{\"id\":\"m1\"}}",
                 "android":{"ttl":"60s","category":"IM","notification":{"title":"Ann","body":"Lunch?",
                  "click_action":{"type":1,"action":"a.OPEN"},"channel_id":"talk","importance":"HIGH",
                  "image":"https://a.example/b.png","sound":"/raw/bell","default_sound":false,"notify_id":875966396,
                  "group":"ann","badge":{"set_num":99,"class":"a.Main"}}},
                 "token":["00fc13adff78"]}
                """#)
    }

    @Test func theAccountsChannelAndCategoryAreForMessagesThatNameNone() throws {
        try Self.expect(
            NoticeSample.notice(badge: 3), ["channel": "talk", "category": "IM"],
            toBe: #"""
                {"android":{"ttl":"86400s","category":"IM","notification":{"title":"Ann","body":"Lunch?",
                  "click_action":{"type":3},"channel_id":"talk"}},"token":["00fc13adff78"]}
                """#)
    }

    @Test func aSilentNoticeIsDataOnly() throws {
        let notice = NoticeSample.notice(payload: [NoticeSample.field("rc", "1")]) { $0.isSilent = true }
        try Self.expect(
            notice, ["category": "IM"],
            toBe: #"{"data":"{\"rc\":1}","android":{"ttl":"86400s"},"token":["00fc13adff78"]}"#)
    }

    @Test func aSendersOwnFieldsGoIntoTheMessageButNotItsReceiver() throws {
        let notice = NoticeSample.notice {
            var special = PushSpecial()
            special.fields = Array(
                #"{"token":["other"],"topic":"all","android":{"bi_tag":"b","notification":{"body":"Now"}}}"#.utf8)
            $0.special[.huawei] = special
        }
        try Self.expect(
            notice,
            toBe: #"""
                {"android":{"ttl":"86400s","bi_tag":"b",
                 "notification":{"title":"Ann","body":"Now","click_action":{"type":3}}},"token":["00fc13adff78"]}
                """#)
    }

    @Test func aLongTextIsCutUntilTheMessageFits() throws {
        let notice = NoticeSample.notice(token: String(repeating: "t", count: 200)) {
            $0.text = String(repeating: "饭\n", count: 2000)
        }
        let request = try Self.request(for: notice)
        #expect(request.body.count - 200 <= 4096)
        #expect(request.body.count - 200 > 4080)
        #expect(String(decoding: request.body, as: UTF8.self).contains("…\""))
    }

    @Test func whatDoesNotFitEvenWithoutATextIsNotSent() throws {
        let large = NoticeSample.field("x", "\"\(String(repeating: "y", count: 4096))\"")
        let thrown = #expect(throws: PushRefusal.self) {
            try Self.request(for: NoticeSample.notice(payload: [large]))
        }
        #expect(thrown?.reason == "the message is larger than 4096 bytes")
    }

    @Test func withAnAddressOfItsOwnEverythingGoesThere() async throws {
        let adapter = try Self.adapter(url: "http://127.0.0.1:9/huawei/")
        #expect(try await VendorSample.asked(adapter).url == "http://127.0.0.1:9/huawei/oauth2/v3/token")
        let request = try adapter.request(
            for: NoticeSample.notice(), with: VendorSample.grant, at: NoticeSample.now)
        #expect(request.url == "http://127.0.0.1:9/huawei/v1/100200/messages:send")
    }

    // MARK: Verdicts

    @Test(
        arguments: [
            ("80000000", .accepted(id: "r1")), ("80100000", .unregistered), ("80300007", .unregistered),
            ("80100001", .refused("80100001 m")), ("80100002", .refused("80100002 m")),
            ("80100003", .refused("80100003 m")), ("80100004", .refused("80100004 m")),
            ("80100013", .refused("80100013 m")), ("80100016", .refused("80100016 m")),
            ("80100017", .later("80100017 m", afterMilliseconds: nil)), ("80100018", .refused("80100018 m")),
            ("80100022", .refused("80100022 m")), ("80200001", .unauthorized("80200001 m")),
            ("80200003", .unauthorized("80200003 m")), ("80200005", .unauthorized("80200005 m")),
            ("80300002", .refused("80300002 m")), ("80300008", .refused("80300008 m")),
            ("80300010", .refused("80300010 m")), ("80300011", .refused("80300011 m")),
            ("80300013", .refused("80300013 m")), ("80300029", .later("80300029 m", afterMilliseconds: nil)),
            ("80300030", .refused("80300030 m")), ("80300036", .refused("80300036 m")),
            ("80300037", .refused("80300037 m")), ("80600003", .later("80600003 m", afterMilliseconds: nil)),
            ("81000001", .later("81000001 m", afterMilliseconds: nil)), ("89999999", .refused("89999999 m")),
        ] as [(String, PushVerdict)])
    func aCodeSaysWhatBecameOfIt(code: String, verdict: PushVerdict) throws {
        let answer = NoticeSample.answer(200, #"{"code":"\#(code)","msg":"m","requestId":"r1"}"#)
        #expect(try Self.adapter().verdict(on: answer, at: NoticeSample.now) == verdict)
    }

    @Test func everyCodeHasAVerdictInTheTest() {
        #expect(PushKitCode.allCases.count == 26)
    }

    @Test func troubleIsForLater() throws { VendorSample.expectTroubleToBeForLater(try Self.adapter()) }

    @Test func aRequestThatIsNotLetInIsUnauthorized() throws {
        let verdict = try Self.adapter().verdict(on: NoticeSample.answer(401), at: NoticeSample.now)
        #expect(verdict == .unauthorized("HTTP 401"))
    }
}
