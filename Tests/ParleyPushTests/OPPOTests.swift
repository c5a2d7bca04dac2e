import Foundation
import ParleyCore
import ParleyOutbound
import Testing

@testable import ParleyPush

@Suite struct OPPOTests {
    private static let account = ["app-key": "oppo-key", "master-secret": "master"]

    private static func adapter(url: String? = nil, _ more: [String: String] = [:]) throws -> OPPO {
        try OPPO(VendorSample.provider(.oppo, url: url, Self.account.merging(more) { $1 }))
    }

    private static func request(for notice: PushNotice, _ more: [String: String] = [:]) throws -> OutboundRequest {
        try Self.adapter(more).request(for: notice, with: VendorSample.grant, at: NoticeSample.now)
    }

    private static func notification(of notice: PushNotice, _ more: [String: String] = [:]) throws -> NSDictionary {
        let form = try VendorSample.form(try Self.request(for: notice, more).body)
        #expect(Set(form.keys) == ["auth_token", "message"])
        #expect(form["auth_token"] == "granted")
        let message = try NoticeSample.object(try #require(form["message"]))
        #expect(message["target_type"] as? Int == 2)
        #expect(message["target_value"] as? String == "00fc13adff78")
        return try #require(message["notification"] as? NSDictionary)
    }

    @Test func anAccountNamesTheAppAndItsSecret() {
        VendorSample.expectEachFieldToBeMissed(OPPO.self, Self.account)
        let thrown = #expect(throws: AccountFault.self) { try Self.adapter(["notify-level": "3"]) }
        #expect(thrown?.description == "notify-level is neither 1, 2 nor 16")
    }

    // MARK: Access

    @Test func accessIsAskedForWithASignature() async throws {
        let request = try await VendorSample.asked(try Self.adapter())
        #expect(request.method == "POST")
        #expect(request.url == "https://api.push.oppomobile.com/server/v1/auth")
        #expect(request.header("Content-Type") == "application/x-www-form-urlencoded;charset=UTF-8")
        #expect(
            try VendorSample.form(request.body) == [
                "app_key": "oppo-key", "timestamp": "1700000000000",
                "sign": "df53ab345340805eda991f5d9f7a1f1a26774564096c4b3b6877ce640c4aaeea",
            ])
    }

    @Test func aGrantLastsForADay() throws {
        let answer = NoticeSample.answer(
            200, #"{"code":0,"message":"Success","data":{"auth_token":"t1","create_time":1700000000000}}"#)
        #expect(
            try Self.adapter().grant(from: answer, at: NoticeSample.now)
                == PushGrant(token: "t1", expiresAt: NoticeSample.now.adding(seconds: 86_400)))
    }

    @Test(arguments: [#"{"code":16,"message":"Invalid Signature"}"#, #"{"code":0,"data":{}}"#, "busy"])
    func whatIsNoGrantIsNone(body: String) throws {
        #expect(try Self.adapter().grant(from: NoticeSample.answer(200, body), at: NoticeSample.now) == nil)
    }

    // MARK: Requests

    @Test func aNoticeIsAForm() throws {
        let request = try Self.request(for: NoticeSample.notice())
        #expect(request.method == "POST")
        #expect(request.url == "https://api.push.oppomobile.com/server/v1/message/notification/unicast")
        #expect(request.header("Content-Type") == "application/x-www-form-urlencoded;charset=UTF-8")
    }

    @Test func aPlainNoticeOpensTheApp() throws {
        #expect(
            try Self.notification(of: NoticeSample.notice())
                == NoticeSample.object(
                    #"""
                    {"app_message_id":"c77ae40485c19a4f8e1da1432a2fc850","title":"Ann","style":1,"content":"Lunch?",
                     "click_action_type":0,"off_line":true,"off_line_ttl":86400}
                    """#))
    }

    @Test func allThatASenderSaysIsThere() throws {
        let notice = NoticeSample.notice(payload: [NoticeSample.field("rc", #"{"id":"m1"}"#)]) {
            $0.subtitle = "Canteen"
            $0.lifetimeSeconds = 60
            $0.collapseID = "chat-7"
            var special = PushSpecial()
            special.channel = "talk"
            special.category = "IM"
            special.notifyLevel = 16
            $0.special[.oppo] = special
        }
        let account = ["action": "a.OPEN", "channel": "other", "category": "ACCOUNT", "notify-level": "1"]
        #expect(
            try Self.notification(of: notice, account)
                == NoticeSample.object(
                    #"""
                    {"app_message_id":"c77ae40485c19a4f8e1da1432a2fc850","title":"Ann","sub_title":"Canteen","style":1,
                     "content":"Lunch?","click_action_type":1,"click_action_activity":"a.OPEN",
                     "action_parameters":"{\"rc\":{\"id\":\"m1\"}}","off_line":true,"off_line_ttl":60,
                     "channel_id":"talk","category":"IM","notify_level":16,"notify_id":875966396}
                    """#))
    }

    @Test func aNotifyLevelGoesOnlyWithACategory() throws {
        let alone = try Self.notification(of: NoticeSample.notice(), ["notify-level": "2"])
        #expect(alone["notify_level"] == nil)
        let both = try Self.notification(of: NoticeSample.notice(), ["notify-level": "2", "category": "IM"])
        #expect(both["notify_level"] as? Int == 2)
        #expect(both["category"] as? String == "IM")
    }

    @Test func whatIsForNowIsNotKept() throws {
        let notification = try Self.notification(of: NoticeSample.notice { $0.lifetimeSeconds = 0 })
        #expect(notification["off_line"] as? Bool == false)
        #expect(notification["off_line_ttl"] == nil)
    }

    @Test func tenDaysAreTheLongest() throws {
        let notification = try Self.notification(of: NoticeSample.notice { $0.lifetimeSeconds = 2_000_000 })
        #expect(notification["off_line_ttl"] as? Int == 864_000)
    }

    @Test(
        arguments: [
            (50, 1, String(repeating: "饭", count: 50)), (51, 2, String(repeating: "饭", count: 51)),
            (128, 2, String(repeating: "饭", count: 128)), (129, 2, String(repeating: "饭", count: 127) + "…"),
        ])
    func aLongTextHasAnotherStyleAndIsCutAtItsEnd(length: Int, style: Int, content: String) throws {
        let notification = try Self.notification(
            of: NoticeSample.notice {
                $0.title = String(repeating: "饭", count: length)
                $0.subtitle = $0.title
                $0.text = $0.title
            })
        #expect(notification["style"] as? Int == style)
        #expect(notification["content"] as? String == content)
        #expect((notification["title"] as? String)?.count == 50)
        #expect((notification["sub_title"] as? String)?.count == 10)
    }

    @Test func aSilentNoticeCannotBe() throws {
        let thrown = #expect(throws: PushRefusal.self) {
            try Self.request(for: NoticeSample.notice { $0.isSilent = true })
        }
        #expect(thrown?.reason == "OPPO's phones show every notice")
    }

    @Test func aSendersOwnFieldsAreThereButNotAnotherReceiver() throws {
        let notice = NoticeSample.notice {
            var special = PushSpecial()
            special.fields = Array(#"{"target_value":"other","notification":{"show_ttl":9}}"#.utf8)
            $0.special[.oppo] = special
        }
        #expect(try Self.notification(of: notice)["show_ttl"] as? Int == 9)
    }

    @Test func withAnAddressOfItsOwnEverythingGoesThere() async throws {
        let adapter = try Self.adapter(url: "http://127.0.0.1:9/oppo")
        #expect(try await VendorSample.asked(adapter).url == "http://127.0.0.1:9/oppo/server/v1/auth")
        let request = try adapter.request(for: NoticeSample.notice(), with: nil, at: NoticeSample.now)
        #expect(request.url == "http://127.0.0.1:9/oppo/server/v1/message/notification/unicast")
    }

    // MARK: Verdicts

    @Test(
        arguments: [
            (0, .accepted(id: "m1")), (11, .unauthorized("11 m")), (29, .unauthorized("29 m")),
            (-2, .later("-2 m", afterMilliseconds: nil)), (-1, .later("-1 m", afterMilliseconds: nil)),
            (13, .later("13 m", afterMilliseconds: nil)), (55, .later("55 m", afterMilliseconds: nil)),
            (10000, .unregistered), (14, .refused("14 m")), (27, .refused("27 m")), (28, .refused("28 m")),
            (30, .refused("30 m")), (33, .refused("33 m")), (40, .refused("40 m")), (41, .refused("41 m")),
            (67, .refused("67 m")),
        ] as [(Int, PushVerdict)])
    func aCodeSaysWhatBecameOfIt(code: Int, verdict: PushVerdict) throws {
        let answer = NoticeSample.answer(200, #"{"code":\#(code),"message":"m","data":{"messageId":"m1"}}"#)
        #expect(try Self.adapter().verdict(on: answer, at: NoticeSample.now) == verdict)
    }

    @Test func troubleIsForLater() throws { VendorSample.expectTroubleToBeForLater(try Self.adapter()) }
}
