import Foundation
import ParleyCore
import ParleyOutbound
import Testing

@testable import ParleyPush

@Suite struct XiaomiTests {
    private static let account = ["app-secret": "s1", "package": "com.example"]

    private static func adapter(url: String? = nil, _ more: [String: String] = [:]) throws -> Xiaomi {
        try Xiaomi(VendorSample.provider(.xiaomi, url: url, Self.account.merging(more) { $1 }))
    }

    private static func request(for notice: PushNotice, _ more: [String: String] = [:]) throws -> OutboundRequest {
        try Self.adapter(more).request(for: notice, with: nil, at: NoticeSample.now)
    }

    private static func form(_ notice: PushNotice, _ more: [String: String] = [:]) throws -> [String: String] {
        try VendorSample.form(try Self.request(for: notice, more).body)
    }

    @Test func anAccountNamesTheAppAndItsSecret() {
        VendorSample.expectEachFieldToBeMissed(Xiaomi.self, Self.account)
    }

    @Test func accessIsOpenToTheSecret() async throws {
        let adapter = try Self.adapter()
        guard case .open = try await adapter.access(at: NoticeSample.now) else {
            Issue.record("something is asked for")
            return
        }
        #expect(adapter.grant(from: NoticeSample.answer(200, "{}"), at: NoticeSample.now) == nil)
    }

    // MARK: Requests

    @Test func aNoticeIsAFormWithTheSecretInAHeader() throws {
        let request = try Self.request(for: NoticeSample.notice())
        #expect(request.method == "POST")
        #expect(request.url == "https://api.xmpush.xiaomi.com/v3/message/regid")
        #expect(request.header("Authorization") == "key=s1")
        #expect(request.header("Content-Type") == "application/x-www-form-urlencoded;charset=UTF-8")
    }

    @Test func aPlainNoticeOpensTheAppAndReplacesNoOther() throws {
        #expect(
            try Self.form(NoticeSample.notice()) == [
                "registration_id": "00fc13adff78", "restricted_package_name": "com.example", "pass_through": "0",
                "time_to_live": "86400000", "title": "Ann", "description": "Lunch?", "notify_type": "-1",
                "notify_id": "368143988", "extra.notify_effect": "1",
            ])
    }

    @Test func allThatASenderSaysIsThere() throws {
        let notice = NoticeSample.notice(
            bundle: "com.example.other", payload: [NoticeSample.field("rc", #"{"id":"m&1"}"#)]
        ) {
            $0.lifetimeSeconds = 60
            $0.collapseID = "chat-7"
            $0.image = "https://a.example/anyone.png"
            var special = PushSpecial()
            special.channel = "talk"
            special.image = "https://f.example/uploaded.png"
            special.sound = "bell"
            $0.special[.xiaomi] = special
        }
        #expect(
            try Self.form(notice, ["channel": "other", "intent": "intent:#Intent;end"]) == [
                "registration_id": "00fc13adff78", "restricted_package_name": "com.example.other",
                "pass_through": "0", "payload": #"{"rc":{"id":"m&1"}}"#, "time_to_live": "60000", "title": "Ann",
                "description": "Lunch?", "notify_type": "-1", "notify_id": "875966396",
                "extra.channel_id": "talk", "extra.notify_effect": "2", "extra.intent_uri": "intent:#Intent;end",
                "extra.notification_large_icon_uri": "https://f.example/uploaded.png",
                "extra.sound_uri": "android.resource://com.example.other/raw/bell",
            ])
    }

    @Test func withoutASoundItVibratesAndLights() throws {
        #expect(try Self.form(NoticeSample.notice { $0.sound = "" })["notify_type"] == "6")
    }

    @Test func theAccountsChannelIsForMessagesThatNameNone() throws {
        #expect(try Self.form(NoticeSample.notice(), ["channel": "talk"])["extra.channel_id"] == "talk")
    }

    @Test func aSilentNoticeIsPassedThrough() throws {
        let notice = NoticeSample.notice(payload: [NoticeSample.field("rc", "1")]) { $0.isSilent = true }
        #expect(
            try Self.form(notice) == [
                "registration_id": "00fc13adff78", "restricted_package_name": "com.example", "pass_through": "1",
                "payload": #"{"rc":1}"#, "time_to_live": "86400000",
            ])
    }

    @Test func titleAndTextAreAsShortAsXiaomiWantsThem() throws {
        let form = try Self.form(
            NoticeSample.notice {
                $0.title = String(repeating: "饭", count: 50)
                $0.text = String(repeating: "👍", count: 100)
            })
        #expect(form["title"] == String(repeating: "饭", count: 48) + "…")
        #expect(form["description"] == String(repeating: "👍", count: 63) + "…")
    }

    @Test func fieldsOfThePayloadThatDoNotFitAreLeftOut() throws {
        let large = NoticeSample.field("x", "\"\(String(repeating: "y", count: 4096))\"")
        let form = try Self.form(NoticeSample.notice(payload: [large, NoticeSample.field("rc", "1")]))
        #expect(form["payload"] == #"{"rc":1}"#)
    }

    @Test func aSendersOwnFieldsAreThereButNotAnotherReceiver() throws {
        let notice = NoticeSample.notice {
            var special = PushSpecial()
            special.fields = Array(
                #"{"registration_id":"other","extra.callback":"https://a.example","notify_type":2}"#.utf8)
            $0.special[.xiaomi] = special
        }
        let form = try Self.form(notice)
        #expect(form["registration_id"] == "00fc13adff78")
        #expect(form["extra.callback"] == "https://a.example")
        #expect(form["notify_type"] == "2")
    }

    @Test func withAnAddressOfItsOwnItGoesThere() throws {
        let request = try Self.adapter(url: "http://127.0.0.1:9/xiaomi")
            .request(for: NoticeSample.notice(), with: nil, at: NoticeSample.now)
        #expect(request.url == "http://127.0.0.1:9/xiaomi/v3/message/regid")
    }

    // MARK: Verdicts

    @Test(
        arguments: [
            (#"{"result":"ok","code":0,"data":{"id":"m1"}}"#, .accepted(id: "m1")),
            (#"{"result":"ok","code":0,"data":{"id":"m1","bad_regids":"00fc13adff78"}}"#, .unregistered),
            (#"{"result":"error","code":20301,"data":{"bad_regids":["00fc13adff78"]}}"#, .unregistered),
            (#"{"result":"ok","code":0,"data":{"id":"m1","bad_regids":""}}"#, .accepted(id: "m1")),
            (#"{"result":"error","code":10029,"reason":"r"}"#, .unregistered),
            (#"{"result":"error","code":20301,"reason":"r","description":"d"}"#, .refused("20301 r")),
            (#"{"result":"error","code":20301,"reason":"No valid targets!","description":"d"}"#, .unregistered),
            (#"{"result":"error","code":21301,"description":"d"}"#, .refused("21301 d")),
            (#"{"result":"error","code":22022,"description":"d"}"#, .refused("22022 d")),
            (#"{"result":"error","code":27001,"description":"d"}"#, .refused("27001 d")),
            (#"{"result":"error","code":10034,"description":"d"}"#, .refused("10034 d")),
        ] as [(String, PushVerdict)])
    func anAnswerSaysWhatBecameOfIt(body: String, verdict: PushVerdict) throws {
        #expect(try Self.adapter().verdict(on: NoticeSample.answer(200, body), at: NoticeSample.now) == verdict)
    }

    @Test(arguments: [-1, 1, 10001, 10002, 10003, 10027, 20607, 26003, 65029, 200_002])
    func aBadMomentIsForLater(code: Int) throws {
        let answer = NoticeSample.answer(200, #"{"result":"error","code":\#(code),"reason":"r"}"#)
        #expect(
            try Self.adapter().verdict(on: answer, at: NoticeSample.now)
                == .later("\(code) r", afterMilliseconds: nil))
    }

    @Test func troubleIsForLater() throws { VendorSample.expectTroubleToBeForLater(try Self.adapter()) }
}
