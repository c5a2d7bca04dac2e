import Crypto
import Foundation
import ParleyCore
import ParleyDialectKit
import ParleyOutbound
import Testing

@testable import ParleyPush

@Suite struct WebhookPushTests {
    private static func adapter(url: String? = "https://example.com/push", secret: String? = nil) throws -> WebhookPush
    {
        try WebhookPush(
            PushProvider(name: "mine", kind: .webhook, url: url, account: secret.map { ["secret": $0] } ?? [:]))
    }

    private static func request(
        for notice: PushNotice = NoticeSample.notice(), secret: String? = nil
    ) throws -> OutboundRequest {
        try Self.adapter(secret: secret).request(for: notice, with: nil, at: NoticeSample.now)
    }

    @Test(arguments: [nil, ""] as [String?]) func aURLIsNeeded(url: String?) {
        #expect(throws: AccountFault("url", "is missing")) { try Self.adapter(url: url) }
    }

    @Test func nothingIsNeededBefore() async throws {
        guard case .open = try await Self.adapter(secret: "s").access(at: NoticeSample.now) else {
            Issue.record("something is asked for")
            return
        }
    }

    @Test func aPlainNoticeIsPostedAsJSON() throws {
        let request = try Self.request()
        #expect(request.method == "POST")
        #expect(request.url == "https://example.com/push")
        #expect(
            request.headers.map { "\($0.name): \($0.value)" } == [
                "Content-Type: application/json", "X-Parley-Timestamp: 1700000000",
            ])
        #expect(
            try NoticeSample.object(request.body)
                == NoticeSample.object(
                    """
                    {"app":"demo","messageId":"\(NoticeSample.message)","conversation":{"type":"direct","id":"ann"},
                    "sender":"ann","user":"ben","device":{"id":"phone","token":"00fc13adff78","provider":"mine",
                    "dialect":"parley"},"title":"Ann","text":"Lunch?","silent":false,"sentAt":1699999999000,"payload":{}}
                    """))
    }

    @Test func everythingThatIsSaidOfANoticeIsThere() throws {
        var special = PushSpecial()
        special.title = "Ann!"
        special.fields = Array(#"{"user":"carl"}"#.utf8)
        var notice = NoticeSample.notice(
            bundle: "com.example.chat", payload: [NoticeSample.field("rc", #"{"fId":"ann"}"#)], badge: 0
        ) {
            $0.subtitle = "from work"
            $0.isSilent = true
            $0.category = "INVITE"
            $0.threadID = "t1"
            $0.collapseID = "lunch"
            $0.image = "https://example.com/a.png"
            $0.special[.webhook] = special
        }
        notice.conversation = .group(GroupID("team"))
        #expect(
            try NoticeSample.object(try Self.request(for: notice).body)
                == NoticeSample.object(
                    """
                    {"app":"demo","messageId":"\(NoticeSample.message)","conversation":{"type":"group","id":"team"},
                    "sender":"ann","user":"ben","device":{"id":"phone","token":"00fc13adff78","provider":"mine",
                    "dialect":"parley","bundle":"com.example.chat"},"title":"Ann!","text":"Lunch?",
                    "subtitle":"from work","badge":0,"silent":true,"category":"INVITE","threadId":"t1",
                    "collapseId":"lunch","image":"https://example.com/a.png","sentAt":1699999999000,
                    "payload":{"rc":{"fId":"ann"},"user":"carl"}}
                    """))
    }

    @Test(
        arguments: [
            (Conversation.room(RoomID("hall")), "room", "hall"), (.system(UserID("ben")), "system", "ben"),
        ] as [(Conversation, String, String)])
    func everyConversationHasAName(conversation: Conversation, type: String, id: String) throws {
        var notice = NoticeSample.notice()
        notice.conversation = conversation
        let json = try NoticeSample.object(try Self.request(for: notice).body)
        #expect(try json["conversation"] as? NSDictionary == NoticeSample.object(#"{"type":"\#(type)","id":"\#(id)"}"#))
    }

    @Test func theTimeAndTheBodyAreSigned() throws {
        let request = try Self.request(secret: "sesame")
        let signed = Data("1700000000.".utf8) + Data(request.body)
        let expected = HMAC<SHA256>.authenticationCode(
            for: signed, using: SymmetricKey(data: Data("sesame".utf8)))
        #expect(request.header("X-Parley-Signature") == expected.map { String(format: "%02x", $0) }.joined())
    }

    @Test(
        arguments: [
            (200, PushVerdict.accepted(id: nil)), (204, .accepted(id: nil)), (410, .unregistered),
            (301, .refused("status 301")), (400, .refused("status 400")), (401, .refused("status 401")),
            (403, .refused("status 403")), (404, .refused("status 404")),
            (408, .later("status 408", afterMilliseconds: nil)), (425, .later("status 425", afterMilliseconds: nil)),
            (429, .later("status 429", afterMilliseconds: nil)), (500, .later("status 500", afterMilliseconds: nil)),
            (503, .later("status 503", afterMilliseconds: nil)),
        ] as [(Int, PushVerdict)])
    func everyStatusHasItsVerdict(status: Int, verdict: PushVerdict) throws {
        #expect(try Self.adapter().verdict(on: NoticeSample.answer(status), at: NoticeSample.now) == verdict)
    }

    @Test func retryAfterIsHeeded() throws {
        let answer = NoticeSample.answer(503, retryAfter: "12")
        #expect(
            try Self.adapter().verdict(on: answer, at: NoticeSample.now)
                == .later("status 503", afterMilliseconds: 12_000))
    }
}
