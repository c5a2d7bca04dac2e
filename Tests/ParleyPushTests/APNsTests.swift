import Crypto
import Foundation
import ParleyCore
import ParleyOutbound
import Testing

@testable import ParleyPush

@Suite struct APNsTests {
    private static let key = P256.Signing.PrivateKey()
    private static let grant = PushGrant(token: "a.b.c", expiresAt: .distantFuture)

    private static func adapter(
        url: String? = nil, _ fields: [String: String] = [:]
    ) throws -> APNs {
        var account = [
            "key": Self.key.pemRepresentation, "key-id": "ABC123DEFG", "team": "DEF123GHIJ",
            "topic": "com.example.chat",
        ]
        account.merge(fields) { $1 }
        return try APNs(PushProvider(name: "mine", kind: .apns, url: url, account: account))
    }

    private static func certified() throws -> APNs {
        let account = [
            "certificate": "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----",
            "certificate-key": "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----",
        ]
        return try APNs(PushProvider(name: "mine", kind: .apns, account: account))
    }

    private static func request(for notice: PushNotice) throws -> OutboundRequest {
        try Self.adapter().request(for: notice, with: Self.grant, at: NoticeSample.now)
    }

    private static func payload(of notice: PushNotice) throws -> NSDictionary {
        try NoticeSample.object(try Self.request(for: notice).body)
    }

    // MARK: The account

    @Test(
        arguments: [
            (["key": "secret words"], "key is no private key of the curve P-256 in PEM"),
            (["key-id": ""], "key-id is missing"),
            (["team": ""], "team is missing"), (["key": ""], "key is missing, and so is certificate"),
            (["certificate": "x"], "certificate and key are there: one of them"),
            (["key": "", "certificate": "x"], "certificate is no certificate in PEM"),
            (["key": "", "certificate": "-----BEGIN CERTIFICATE-----"], "certificate-key is missing"),
            (
                ["key": "", "certificate": "-----BEGIN CERTIFICATE-----", "certificate-key": "secret words"],
                "certificate-key is no private key in PEM"
            ),
            (["environment": "development"], "environment is neither production nor sandbox"),
        ] as [([String: String], String)])
    func aWrongAccountIsNamedWithoutItsSecrets(fields: [String: String], fault: String) {
        let thrown = #expect(throws: AccountFault.self) { try Self.adapter(fields) }
        #expect(thrown?.description == fault)
    }

    @Test func theTokenIsSignedForApple() async throws {
        guard case .made(let grant) = try await Self.adapter().access(at: NoticeSample.now) else {
            Issue.record("nothing was made")
            return
        }
        let token = try TokenParts(grant.token)
        #expect(token.header["alg"] as? String == "ES256")
        #expect(token.header["kid"] as? String == "ABC123DEFG")
        #expect(try token.claims == NoticeSample.object(#"{"iss":"DEF123GHIJ","iat":1700000000}"#))
        let signature = try P256.Signing.ECDSASignature(rawRepresentation: token.signature)
        #expect(Self.key.publicKey.isValidSignature(signature, for: token.signed))
    }

    @Test func theTokenIsRenewedBetween20And60Minutes() async throws {
        guard case .made(let grant) = try await Self.adapter().access(at: NoticeSample.now) else {
            Issue.record("nothing was made")
            return
        }
        let minutes = (grant.expiresAt.milliseconds - NoticeSample.now.milliseconds) / 60_000
        #expect(minutes == 50)
    }

    @Test func aCertificateIsShownInPlaceOfAToken() async throws {
        let adapter = try Self.certified()
        guard case .open = try await adapter.access(at: NoticeSample.now) else {
            Issue.record("something is asked for")
            return
        }
        let request = try adapter.request(for: NoticeSample.notice(), with: nil, at: NoticeSample.now)
        #expect(request.identity?.certificate.hasPrefix("-----BEGIN CERTIFICATE-----") == true)
        #expect(request.identity?.key.hasPrefix("-----BEGIN PRIVATE KEY-----") == true)
        #expect(request.header("authorization") == nil)
        #expect(request.header("apns-topic") == nil)
    }

    // MARK: Where it goes

    @Test(
        arguments: [
            ([:], nil, "https://api.push.apple.com"),
            (["environment": "production"], nil, "https://api.push.apple.com"),
            (["environment": "sandbox"], nil, "https://api.sandbox.push.apple.com"),
            (["environment": "sandbox"], "https://localhost:8443/", "https://localhost:8443"),
        ] as [([String: String], String?, String)])
    func theEnvironmentOrTheURLSaysWhere(fields: [String: String], url: String?, base: String) throws {
        let request = try Self.adapter(url: url, fields)
            .request(for: NoticeSample.notice(), with: Self.grant, at: NoticeSample.now)
        #expect(request.method == "POST")
        #expect(request.url == base + "/3/device/00fc13adff78")
        #expect(request.needsHTTP2)
        #expect(request.identity == nil)
    }

    @Test func aTokenCannotLeadToAnotherPath() throws {
        let request = try Self.request(for: NoticeSample.notice(token: "../4/é?x#y"))
        #expect(request.url == "https://api.push.apple.com/3/device/..%2F4%2F%C3%A9%3Fx%23y")
    }

    // MARK: Headers

    @Test func headersAreAllThere() throws {
        let request = try Self.request(
            for: NoticeSample.notice {
                $0.collapseID = "lunch"
                $0.lifetimeSeconds = 60
            })
        #expect(
            request.headers.map { "\($0.name): \($0.value)" } == [
                "authorization: bearer a.b.c", "apns-id: \(APNs.id(of: NoticeSample.notice()))",
                "apns-expiration: 1700000060", "apns-priority: 10", "apns-push-type: alert",
                "content-type: application/json", "apns-topic: com.example.chat", "apns-collapse-id: lunch",
            ])
    }

    @Test func theIdIsAUUIDOfTheMessageAndTheDevice() throws {
        let id = APNs.id(of: NoticeSample.notice())
        #expect(id.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
        #expect(id == APNs.id(of: NoticeSample.notice(token: "another", badge: 4)))
        var notice = NoticeSample.notice()
        notice.device.device = "tablet"
        #expect(id != APNs.id(of: notice))
        notice = NoticeSample.notice()
        notice.message = MessageID(sentAt: NoticeSample.now, slot: 1)
        #expect(id != APNs.id(of: notice))
    }

    @Test(arguments: [(nil, "1700604800"), (0, "0"), (-5, "0"), (Int64.max, "1702419200")] as [(Int64?, String)])
    func itIsKeptForItsLifetime(seconds: Int64?, expiration: String) throws {
        let request = try Self.request(for: NoticeSample.notice { $0.lifetimeSeconds = seconds })
        #expect(request.header("apns-expiration") == expiration)
    }

    @Test(
        arguments: [
            (false, nil, "10", "alert"), (false, "active", "10", "alert"), (false, "passive", "5", "alert"),
            (true, nil, "5", "background"),
        ] as [(Bool, String?, String, String)])
    func whatMayWaitHasPriorityFive(isSilent: Bool, level: String?, priority: String, type: String) throws {
        let request = try Self.request(
            for: NoticeSample.notice {
                $0.isSilent = isSilent
                $0.interruptionLevel = level
            })
        #expect(request.header("apns-priority") == priority)
        #expect(request.header("apns-push-type") == type)
    }

    @Test(
        arguments: [
            (nil, "com.example.chat"), ("com.example.other", "com.example.other"), ("", "com.example.chat"),
            ("com.example\r\nx: y", "com.example.chat"),
        ] as [(String?, String)])
    func theDevicesBundleIsTheTopic(bundle: String?, topic: String) throws {
        #expect(try Self.request(for: NoticeSample.notice(bundle: bundle)).header("apns-topic") == topic)
    }

    @Test func aCollapseIDThatAppleWouldNotTakeIsHashed() throws {
        let fits = String(repeating: "x", count: 64)
        #expect(APNs.collapseID(fits) == fits)
        for id in [fits + "x", "午饭", "a b", "a\r\nb"] {
            let hashed = APNs.collapseID(id)
            #expect(hashed.utf8.count == 64)
            #expect(hashed == APNs.collapseID(id))
            #expect(hashed.utf8.allSatisfy { (0x21...0x7E).contains($0) })
        }
        #expect(APNs.collapseID("午饭") != APNs.collapseID("晚饭"))
        #expect(try Self.request(for: NoticeSample.notice { $0.collapseID = "" }).header("apns-collapse-id") == nil)
    }

    // MARK: The payload

    @Test func aPlainNoticeIsAnAlertWithTheUsualSound() throws {
        #expect(
            try Self.payload(of: NoticeSample.notice())
                == NoticeSample.object(#"{"aps":{"alert":{"title":"Ann","body":"Lunch?"},"sound":"default"}}"#))
    }

    @Test func everythingThatIsSaidOfALookIsThere() throws {
        let notice = NoticeSample.notice(
            payload: [NoticeSample.field("rc", #"{"fId":"ann"}"#), NoticeSample.field("aps", "1")], badge: 3
        ) {
            $0.subtitle = "from work"
            $0.sound = "bell.caf"
            $0.category = "INVITE"
            $0.threadID = "t1"
            $0.interruptionLevel = "time-sensitive"
            $0.image = "https://example.com/a.png"
        }
        #expect(
            try Self.payload(of: notice)
                == NoticeSample.object(
                    """
                    {"aps":{"alert":{"title":"Ann","subtitle":"from work","body":"Lunch?"},"badge":3,"sound":"bell.caf",
                    "category":"INVITE","thread-id":"t1","mutable-content":1,"interruption-level":"time-sensitive"},
                    "rc":{"fId":"ann"},"image":"https://example.com/a.png"}
                    """))
    }

    @Test func aNoticeWithoutATitleOrSoundHasNone() throws {
        let notice = NoticeSample.notice(badge: 0) {
            $0.title = ""
            $0.sound = ""
            $0.isMutable = true
        }
        #expect(
            try Self.payload(of: notice)
                == NoticeSample.object(#"{"aps":{"alert":{"body":"Lunch?"},"badge":0,"mutable-content":1}}"#))
    }

    @Test func aCriticalSoundIsAnObject() throws {
        let payload = try Self.payload(of: NoticeSample.notice { $0.interruptionLevel = "critical" })
        let sound = (payload["aps"] as? NSDictionary)?["sound"] as? NSDictionary
        #expect(try sound == NoticeSample.object(#"{"critical":1,"name":"default","volume":1}"#))
    }

    @Test func aSilentNoticeShowsNothing() throws {
        let notice = NoticeSample.notice(payload: [NoticeSample.field("appData", #""x""#)], badge: 3) {
            $0.isSilent = true
            $0.sound = "bell.caf"
            $0.image = "https://example.com/a.png"
        }
        #expect(
            try Self.payload(of: notice)
                == NoticeSample.object(#"{"aps":{"content-available":1},"appData":"x"}"#))
    }

    @Test func whatIsSilentForAppleAloneIsSilentHere() throws {
        var special = PushSpecial()
        special.isSilent = true
        let notice = NoticeSample.notice { $0.special[.apns] = special }
        #expect(try Self.payload(of: notice) == NoticeSample.object(#"{"aps":{"content-available":1}}"#))
        #expect(try Self.request(for: notice).header("apns-push-type") == "background")
    }

    @Test func whatIsSaidForAppleAloneTakesThePlaceOfTheRest() throws {
        var special = PushSpecial()
        special.title = "Ann (iPhone)"
        special.text = "Eat?"
        special.sound = "fork.caf"
        special.category = "MEAL"
        special.fields = Array(
            #"{"aps":{"badge":9,"relevance-score":0.5,"alert":{"body":"Food?"}},"em_apns_ext":{"a":1}}"#.utf8)
        let notice = NoticeSample.notice(badge: 1) { $0.special[.apns] = special }
        #expect(
            try Self.payload(of: notice)
                == NoticeSample.object(
                    """
                    {"aps":{"alert":{"title":"Ann (iPhone)","body":"Food?"},"badge":9,"sound":"fork.caf","category":"MEAL",
                    "relevance-score":0.5},"em_apns_ext":{"a":1}}
                    """))
    }

    @Test(arguments: ["", "[1]", "{"]) func fieldsThatAreNoObjectChangeNothing(fields: String) throws {
        var special = PushSpecial()
        special.fields = Array(fields.utf8)
        #expect(
            try Self.payload(of: NoticeSample.notice { $0.special[.apns] = special })
                == Self.payload(of: NoticeSample.notice()))
    }

    // MARK: Its size

    /// A family is one character of 25 bytes; a quotation mark two bytes of JSON.
    @Test(arguments: ["x", "👨‍👩‍👧‍👦", "\""]) func aLongTextIsCutBetweenCharacters(character: String) throws {
        let text = String(repeating: character, count: 5000)
        let data = NoticeSample.field("appData", "\"" + String(repeating: "d", count: 2000) + "\"")
        let body = try Self.request(for: NoticeSample.notice(payload: [data]) { $0.text = text }).body
        #expect((4096 - 30)...4096 ~= body.count)
        let payload = try NoticeSample.object(body)
        let alert = (payload["aps"] as? NSDictionary)?["alert"] as? NSDictionary
        let cut = try #require(alert?["body"] as? String)
        #expect(cut.last == "…")
        #expect(text.hasPrefix(cut.dropLast()))
        #expect(cut.dropLast().allSatisfy { String($0) == character })
        #expect((payload["appData"] as? String)?.count == 2000)
    }

    @Test func aTextThatJustFitsIsWhole() throws {
        let empty = try Self.request(for: NoticeSample.notice { $0.text = "" }).body.count
        let text = String(repeating: "x", count: 4096 - empty)
        let body = try Self.request(for: NoticeSample.notice { $0.text = text }).body
        #expect(body.count == 4096)
        #expect(String(decoding: body, as: UTF8.self).contains(text))
    }

    @Test func aPayloadThatIsTooLargeByItselfIsRefused() {
        let data = NoticeSample.field("appData", "\"" + String(repeating: "d", count: 4096) + "\"")
        #expect(throws: PushRefusal("the payload is larger than 4096 bytes")) {
            try Self.request(for: NoticeSample.notice(payload: [data]))
        }
    }

    // MARK: Verdicts

    @Test func whatAppleTookHasItsId() throws {
        let answer = OutboundAnswer(status: 200, headers: ["apns-id": "an-id"])
        #expect(try Self.adapter().verdict(on: answer, at: NoticeSample.now) == .accepted(id: "an-id"))
    }

    @Test(arguments: [
        (410, "Unregistered"), (410, "ExpiredToken"),
    ])
    func aDeadTokenIsUnregistered(status: Int, reason: String) throws {
        #expect(try Self.verdict(status, reason) == .unregistered)
    }

    @Test(arguments: [
        (400, "BadDeviceToken"), (400, "DeviceTokenNotForTopic"), (400, "BadCollapseId"), (400, "BadExpirationDate"),
        (400, "BadMessageId"), (400, "BadPriority"),
        (400, "BadTopic"), (400, "DuplicateHeaders"), (400, "InvalidPushType"), (400, "MissingDeviceToken"),
        (400, "MissingTopic"), (400, "PayloadEmpty"), (400, "TopicDisallowed"), (403, "BadCertificate"),
        (403, "BadCertificateEnvironment"), (403, "Forbidden"), (403, "MissingProviderToken"),
        (403, "UnrelatedKeyIdInToken"), (403, "BadEnvironmentKeyIdInToken"), (404, "BadPath"),
        (405, "MethodNotAllowed"), (413, "PayloadTooLarge"),
    ])
    func whatIsWrongWithTheRequestIsRefused(status: Int, reason: String) throws {
        #expect(try Self.verdict(status, reason) == .refused(reason))
    }

    @Test(arguments: ["ExpiredProviderToken", "InvalidProviderToken"]) func aTokenOfOursThatIsNotGood(reason: String)
        throws
    {
        #expect(try Self.verdict(403, reason) == .unauthorized(reason))
    }

    @Test(
        arguments: [
            (429, "TooManyRequests", nil, nil), (429, "TooManyRequests", "7", 7000),
            (429, "TooManyProviderTokenUpdates", nil, 60_000), (500, "InternalServerError", nil, nil),
            (503, "ServiceUnavailable", nil, nil), (503, "Shutdown", "30", 30_000), (400, "IdleTimeout", nil, nil),
            (503, "Shutdown", "99999999999999999", 3_600_000), (503, "Shutdown", "-1", nil),
            (503, "Shutdown", "soon", nil),
        ] as [(Int, String, String?, Int64?)])
    func whatMayPassIsForLater(status: Int, reason: String, retryAfter: String?, after: Int64?) throws {
        #expect(try Self.verdict(status, reason, retryAfter: retryAfter) == .later(reason, afterMilliseconds: after))
    }

    @Test func anAnswerWithoutAReasonGoesByItsStatus() throws {
        let adapter = try Self.adapter()
        #expect(adapter.verdict(on: NoticeSample.answer(400), at: NoticeSample.now) == .refused("status 400"))
        let broken = NoticeSample.answer(502, "<html>")
        #expect(
            adapter.verdict(on: broken, at: NoticeSample.now) == .later("status 502", afterMilliseconds: nil))
    }

    private static func verdict(_ status: Int, _ reason: String, retryAfter: String? = nil) throws -> PushVerdict {
        let answer = NoticeSample.answer(status, #"{"reason":"\#(reason)","timestamp":1}"#, retryAfter: retryAfter)
        return try Self.adapter().verdict(on: answer, at: NoticeSample.now)
    }
}
