import Foundation
import ParleyCore
import ParleyOutbound
import Testing

@testable import ParleyPush

@Suite struct MeizuTests {
    private static let account = ["app-id": "10000", "app-secret": "meizu-secret"]

    private static func adapter(url: String? = nil, _ more: [String: String] = [:]) throws -> Meizu {
        try Meizu(VendorSample.provider(.meizu, url: url, Self.account.merging(more) { $1 }))
    }

    private static func request(for notice: PushNotice, _ more: [String: String] = [:]) throws -> OutboundRequest {
        try Self.adapter(more).request(for: notice, with: nil, at: NoticeSample.now)
    }

    private static func message(of notice: PushNotice, _ more: [String: String] = [:]) throws -> NSDictionary {
        let form = try VendorSample.form(try Self.request(for: notice, more).body)
        #expect(Set(form.keys) == ["appId", "pushIds", "messageJson", "sign"])
        return try NoticeSample.object(try #require(form["messageJson"]))
    }

    @Test func anAccountNamesTheAppAndItsSecret() {
        VendorSample.expectEachFieldToBeMissed(Meizu.self, Self.account)
    }

    @Test func accessIsOpenToASignature() async throws {
        let adapter = try Self.adapter()
        guard case .open = try await adapter.access(at: NoticeSample.now) else {
            Issue.record("something is asked for")
            return
        }
        #expect(adapter.grant(from: NoticeSample.answer(200, "{}"), at: NoticeSample.now) == nil)
    }

    // MARK: Requests

    @Test func aNoticeIsASignedForm() throws {
        let request = try Self.request(for: NoticeSample.notice())
        #expect(request.method == "POST")
        #expect(
            request.url == "https://server-api-push.meizu.com/garcia/api/server/push/varnished/pushByPushId")
        #expect(request.header("Content-Type") == "application/x-www-form-urlencoded;charset=UTF-8")
        let form = try VendorSample.form(request.body)
        #expect(form["appId"] == "10000")
        #expect(form["pushIds"] == "00fc13adff78")
        // Of the fields in alphabetical order, not encoded, and the secret.
        #expect(form["sign"] == "4d3c4191e3ca195bc2a66f30d9a81f14")
    }

    @Test func aPlainNoticeOpensTheApp() throws {
        #expect(
            try Self.message(of: NoticeSample.notice())
                == NoticeSample.object(
                    #"""
                    {"noticeBarInfo":{"noticeBarType":0,"title":"Ann","content":"Lunch?"},
                     "clickTypeInfo":{"clickType":0},"pushTimeInfo":{"offLine":1,"validTime":24},
                     "advanceInfo":{"notificationType":{"vibrate":1,"lights":1,"sound":1}}}
                    """#))
    }

    @Test func allThatASenderSaysIsThere() throws {
        let notice = NoticeSample.notice(payload: [NoticeSample.field("rc", #"{"id":"m1"}"#)]) {
            $0.sound = ""
            $0.lifetimeSeconds = 3601
            $0.collapseID = "chat-7"
        }
        #expect(
            try Self.message(of: notice, ["activity": "com.example.Chat"])
                == NoticeSample.object(
                    #"""
                    {"noticeBarInfo":{"noticeBarType":0,"title":"Ann","content":"Lunch?"},
                     "clickTypeInfo":{"clickType":1,"activity":"com.example.Chat","parameters":{"rc":{"id":"m1"}}},
                     "pushTimeInfo":{"offLine":1,"validTime":2},
                     "advanceInfo":{"notificationType":{"vibrate":1,"lights":1,"sound":0},"notifyKey":"b4362fbc"}}
                    """#))
    }

    @Test func whatIsForNowIsNotKept() throws {
        let message = try Self.message(of: NoticeSample.notice { $0.lifetimeSeconds = 0 })
        #expect(message["pushTimeInfo"] as? [String: Int] == ["offLine": 0])
    }

    @Test func titleAndTextAreAsShortAsMeizuWantsThem() throws {
        let message = try Self.message(
            of: NoticeSample.notice {
                $0.title = String(repeating: "饭", count: 33)
                $0.text = String(repeating: "a", count: 101)
                $0.lifetimeSeconds = 2_000_000
            })
        let shown = try #require(message["noticeBarInfo"] as? NSDictionary)
        #expect(shown["title"] as? String == String(repeating: "饭", count: 31) + "…")
        #expect(shown["content"] as? String == String(repeating: "a", count: 99) + "…")
        #expect(message["pushTimeInfo"] as? [String: Int] == ["offLine": 1, "validTime": 72])
    }

    @Test func aSilentNoticeIsPassedThrough() throws {
        let notice = NoticeSample.notice(payload: [NoticeSample.field("rc", "1")]) { $0.isSilent = true }
        #expect(try Self.request(for: notice).url.hasSuffix("/push/unvarnished/pushByPushId"))
        #expect(
            try Self.message(of: notice)
                == NoticeSample.object(
                    #"{"content":"{\"rc\":1}","pushTimeInfo":{"offLine":1,"validTime":24}}"#))
    }

    @Test func aSendersOwnFieldsAreThereAndSigned() throws {
        let plain = try VendorSample.form(try Self.request(for: NoticeSample.notice()).body)
        let notice = NoticeSample.notice {
            var special = PushSpecial()
            special.fields = Array(#"{"advanceInfo":{"suspend":0}}"#.utf8)
            $0.special[.meizu] = special
        }
        let advance = try Self.message(of: notice)["advanceInfo"] as? NSDictionary
        #expect(advance?["suspend"] as? Int == 0)
        #expect(try VendorSample.form(try Self.request(for: notice).body)["sign"] != plain["sign"])
    }

    @Test func withAnAddressOfItsOwnItGoesThere() throws {
        let request = try Self.adapter(url: "http://127.0.0.1:9/meizu")
            .request(for: NoticeSample.notice(), with: nil, at: NoticeSample.now)
        #expect(request.url == "http://127.0.0.1:9/meizu/garcia/api/server/push/varnished/pushByPushId")
    }

    // MARK: Verdicts

    @Test(
        arguments: [
            (#"{"code":"200","message":"","value":{},"msgId":"m1"}"#, .accepted(id: "m1")),
            (#"{"code":200,"message":"","value":"","msgId":"m1"}"#, .accepted(id: "m1")),
            (#"{"code":"200","message":"","value":{"110002":["00fc13adff78"]}}"#, .unregistered),
            (#"{"code":"200","message":"","value":{"110003":["00fc13adff78"]}}"#, .unregistered),
            (#"{"code":"200","message":"","value":{"201":["00fc13adff78"]}}"#, .refused("201")),
            (#"{"code":"200","message":"","value":{"520":["00fc13adff78"]}}"#, .refused("520")),
            (
                #"{"code":"200","message":"","value":{"519":["00fc13adff78"]}}"#,
                .later("519", afterMilliseconds: nil)
            ),
            (#"{"code":"110010","message":"m","value":""}"#, .later("110010 m", afterMilliseconds: nil)),
            (#"{"code":"500","message":"m"}"#, .later("500 m", afterMilliseconds: nil)),
            (#"{"code":"1001","message":"m"}"#, .later("1001 m", afterMilliseconds: nil)),
            (#"{"code":"1003","message":"m"}"#, .later("1003 m", afterMilliseconds: nil)),
            (#"{"code":"1005","message":"m"}"#, .refused("1005 m")),
            (#"{"code":"1006","message":"m"}"#, .refused("1006 m")),
            (#"{"code":"110000","message":"m"}"#, .refused("110000 m")),
            (#"{"code":"110009","message":"m"}"#, .refused("110009 m")),
        ] as [(String, PushVerdict)])
    func anAnswerSaysWhatBecameOfIt(body: String, verdict: PushVerdict) throws {
        #expect(try Self.adapter().verdict(on: NoticeSample.answer(200, body), at: NoticeSample.now) == verdict)
    }

    @Test func troubleIsForLater() throws { VendorSample.expectTroubleToBeForLater(try Self.adapter()) }
}
