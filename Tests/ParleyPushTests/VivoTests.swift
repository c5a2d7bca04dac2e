import Foundation
import ParleyCore
import ParleyOutbound
import Testing

@testable import ParleyPush

@Suite struct VivoTests {
    private static let account = ["app-id": "10004", "app-key": "vivo-key", "app-secret": "vivo-secret"]

    private static func adapter(url: String? = nil, _ more: [String: String] = [:]) throws -> Vivo {
        try Vivo(VendorSample.provider(.vivo, url: url, Self.account.merging(more) { $1 }))
    }

    private static func request(for notice: PushNotice, _ more: [String: String] = [:]) throws -> OutboundRequest {
        try Self.adapter(more).request(for: notice, with: VendorSample.grant, at: NoticeSample.now)
    }

    private static func body(_ notice: PushNotice, _ more: [String: String] = [:]) throws -> NSDictionary {
        try NoticeSample.object(try Self.request(for: notice, more).body)
    }

    @Test func anAccountNamesTheAppAndItsSecrets() {
        VendorSample.expectEachFieldToBeMissed(Vivo.self, Self.account)
        let thrown = #expect(throws: AccountFault.self) { try Self.adapter(["classification": "2"]) }
        #expect(thrown?.description == "classification is neither 0 nor 1")
    }

    // MARK: Access

    @Test func accessIsAskedForWithASignature() async throws {
        let request = try await VendorSample.asked(try Self.adapter())
        #expect(request.method == "POST")
        #expect(request.url == "https://api-push.vivo.com.cn/message/auth")
        #expect(request.header("Content-Type") == "application/json")
        #expect(
            try NoticeSample.object(request.body)
                == NoticeSample.object(
                    #"""
                    {"appId":"10004","appKey":"vivo-key","timestamp":1700000000000,
                     "sign":"6888c610abe88c9314b2845f88e7105a"}
                    """#))
    }

    @Test func aGrantIsRenewedEveryTwoHours() throws {
        let answer = NoticeSample.answer(200, #"{"result":0,"desc":"ok","authToken":"t1"}"#)
        #expect(
            try Self.adapter().grant(from: answer, at: NoticeSample.now)
                == PushGrant(token: "t1", expiresAt: NoticeSample.now.adding(seconds: 7200)))
    }

    @Test(arguments: [#"{"result":10201,"desc":"no"}"#, #"{"result":0}"#, "busy"])
    func whatIsNoGrantIsNone(body: String) throws {
        #expect(try Self.adapter().grant(from: NoticeSample.answer(200, body), at: NoticeSample.now) == nil)
    }

    // MARK: Requests

    @Test func aNoticeIsJSONWithTheTokenInAHeader() throws {
        let request = try Self.request(for: NoticeSample.notice())
        #expect(request.method == "POST")
        #expect(request.url == "https://api-push.vivo.com.cn/message/send")
        #expect(request.header("authToken") == "granted")
        #expect(request.header("Content-Type") == "application/json")
    }

    @Test func aPlainNoticeOpensTheApp() throws {
        #expect(
            try Self.body(NoticeSample.notice())
                == NoticeSample.object(
                    #"""
                    {"appId":"10004","regId":"00fc13adff78","notifyType":4,"title":"Ann","content":"Lunch?",
                     "timeToLive":86400,"skipType":1,"networkType":-1,"classification":1,
                     "requestId":"c77ae40485c19a4f8e1da1432a2fc850","pushMode":0}
                    """#))
    }

    @Test func allThatASenderSaysIsThere() throws {
        let notice = NoticeSample.notice(
            payload: [NoticeSample.field("rc", #"{"id":"m1"}"#), NoticeSample.field("appData", #""a\"b""#)]
        ) {
            $0.sound = ""
            $0.lifetimeSeconds = 10
            $0.collapseID = "chat-7"
            var special = PushSpecial()
            special.classification = 0
            special.category = "NEWS"
            $0.special[.vivo] = special
        }
        #expect(
            try Self.body(
                notice, ["category": "IM", "classification": "1", "intent": "intent:#Intent;end", "test": "true"])
                == NoticeSample.object(
                    #"""
                    {"appId":"10004","regId":"00fc13adff78","notifyType":3,"title":"Ann","content":"Lunch?",
                     "timeToLive":60,"skipType":4,"skipContent":"intent:#Intent;end","networkType":-1,
                     "classification":0,"category":"NEWS",
                     "clientCustomMap":{"rc":"{\"id\":\"m1\"}","appData":"a\"b"},
                     "requestId":"c77ae40485c19a4f8e1da1432a2fc850","pushMode":1,"notifyId":875966396}
                    """#))
    }

    @Test func theAccountsClassAndCategoryAreForMessagesThatNameNone() throws {
        let body = try Self.body(NoticeSample.notice(), ["category": "TODO", "classification": "0"])
        #expect(body["category"] as? String == "TODO")
        #expect(body["classification"] as? Int == 0)
    }

    @Test func titleAndTextAreAsShortAsVivoWantsThem() throws {
        let body = try Self.body(
            NoticeSample.notice {
                $0.title = String(repeating: "饭", count: 21)
                $0.text = String(repeating: "a", count: 101)
                $0.lifetimeSeconds = 2_000_000
            })
        #expect(body["title"] as? String == String(repeating: "饭", count: 19) + "…")
        #expect(body["content"] as? String == String(repeating: "a", count: 98) + "…")
        #expect(body["timeToLive"] as? Int == 604_800)
    }

    @Test func theAppFindsTenTextsOfAThousandCharactersAtMost() throws {
        let many = (0..<12).map { NoticeSample.field("k\($0)", "\($0)") }
        let map = try Self.body(NoticeSample.notice(payload: many))["clientCustomMap"] as? [String: String]
        #expect(map?.count == 10)
        let large = NoticeSample.field("x", "\"\(String(repeating: "y", count: 1024))\"")
        let rest = try Self.body(NoticeSample.notice(payload: [large, NoticeSample.field("rc", "1")]))
        #expect(rest["clientCustomMap"] as? [String: String] == ["rc": "1"])
    }

    @Test func aSilentNoticeCannotBe() throws {
        let thrown = #expect(throws: PushRefusal.self) {
            try Self.request(for: NoticeSample.notice { $0.isSilent = true })
        }
        #expect(thrown?.reason == "vivo's phones show every notice")
    }

    @Test func aSendersOwnFieldsAreThereButNotAnotherReceiver() throws {
        let notice = NoticeSample.notice {
            var special = PushSpecial()
            special.fields = Array(#"{"regId":"other","alias":"all","networkType":1}"#.utf8)
            $0.special[.vivo] = special
        }
        let body = try Self.body(notice)
        #expect(body["regId"] as? String == "00fc13adff78")
        #expect(body["alias"] == nil)
        #expect(body["networkType"] as? Int == 1)
    }

    @Test func withAnAddressOfItsOwnEverythingGoesThere() async throws {
        let adapter = try Self.adapter(url: "http://127.0.0.1:9/vivo")
        #expect(try await VendorSample.asked(adapter).url == "http://127.0.0.1:9/vivo/message/auth")
        let request = try adapter.request(for: NoticeSample.notice(), with: nil, at: NoticeSample.now)
        #expect(request.url == "http://127.0.0.1:9/vivo/message/send")
    }

    // MARK: Verdicts

    @Test(
        arguments: [
            (#"{"result":0,"desc":"ok","taskId":"t1"}"#, .accepted(id: "t1")),
            (#"{"result":10000,"desc":"d"}"#, .unauthorized("10000 d")),
            (#"{"result":10302,"desc":"d"}"#, .unregistered),
            (#"{"result":10302,"desc":"d","invalidUser":{"status":1,"userid":"x"}}"#, .unregistered),
            (#"{"result":10302,"desc":"d","invalidUser":{"status":2,"userid":"x"}}"#, .unregistered),
            (#"{"result":10302,"desc":"d","invalidUser":{"status":3,"userid":"x"}}"#, .unregistered),
            (#"{"result":10302,"desc":"d","invalidUser":{"status":4,"userid":"x"}}"#, .refused("10302 d")),
            (#"{"result":10072,"desc":"d"}"#, .later("10072 d", afterMilliseconds: nil)),
            (#"{"result":10070,"desc":"d"}"#, .refused("10070 d")),
            (#"{"result":10071,"desc":"d"}"#, .refused("10071 d")),
            (#"{"result":10073,"desc":"d"}"#, .refused("10073 d")),
            (#"{"result":10094,"desc":"d"}"#, .refused("10094 d")),
        ] as [(String, PushVerdict)])
    func anAnswerSaysWhatBecameOfIt(body: String, verdict: PushVerdict) throws {
        #expect(try Self.adapter().verdict(on: NoticeSample.answer(200, body), at: NoticeSample.now) == verdict)
    }

    @Test func troubleIsForLater() throws { VendorSample.expectTroubleToBeForLater(try Self.adapter()) }
}
