import Crypto
import ParleyCore
import ParleyJSON
import ParleyOutbound
import ParleyPushSimulator
import ParleyTesting
import Testing

@Suite struct APNsSimulatorTests {
    private static let token = String(repeating: "0f", count: 32)
    private static let alert =
        #"{"aps":{"alert":{"title":"Ann","body":"Hi"},"badge":1,"sound":"default"},"rc":{"cType":"PR"}}"#

    private func bearer(
        _ stage: Stage, header: String = #"{"alg":"ES256","kid":"ABCDE12345"}"#, team: String = "TEAM123456",
        age: Int64 = 0
    ) -> String {
        "bearer " + Signed.es256(header, #"{"iss":"\#(team)","iat":\#(stage.seconds - age)}"#)
    }

    private func push(
        _ stage: Stage, to token: String = Self.token, _ headers: [String: String?] = [:], _ body: String = Self.alert,
        secure: Bool = false, http2: Bool = false
    ) async throws -> Stage.Answer {
        let usual: [String: String?] = [
            "authorization": self.bearer(stage), "apns-topic": "org.example.app", "apns-push-type": "alert",
            "apns-priority": "10",
        ]
        return try await stage.send(
            "POST", "/apns/3/device/\(token)", secure: secure, http2: http2,
            usual.merging(headers) { $1 }.compactMapValues { $0 }, body)
    }

    @Test func anAlertIsTakenByHTTP2OverTLSAndKept() async throws {
        try await Stage.run { stage async throws in
            let id = "123e4567-e89b-12d3-a456-4266554400a0"
            let answer = try await self.push(stage, ["apns-id": id], secure: true, http2: true)
            #expect(answer.status == 200)
            #expect(answer.text.isEmpty)
            #expect(answer.headers["apns-id"] == id)
            #expect(answer.headers["apns-unique-id"] != nil)
            let notice = try #require(stage.simulator.inbox(.apns).first)
            #expect(notice.token == Self.token)
            #expect(notice.title == "Ann")
            #expect(notice.text == "Hi")
            #expect(notice.version == "HTTP/2")
            #expect(notice.verdict == .accepted)
            #expect(notice.warnings.isEmpty)
            #expect(notice.headers["apns-topic"] == "org.example.app")
        }
    }

    @Test func overTLSWithHTTP1APNsDoesNotSpeak() async throws {
        try await Stage.run { stage async throws in
            #expect(try await self.push(stage, secure: true).status == 505)
            #expect(try await self.push(stage).status == 200)
        }
    }

    @Test(arguments: [
        ("apns-id", "1", "BadMessageId"), ("apns-expiration", "soon", "BadExpirationDate"),
        ("apns-priority", "7", "BadPriority"), ("apns-push-type", "loud", "InvalidPushType"),
        ("apns-topic", nil, "MissingTopic"), ("apns-topic", "a b", "BadTopic"),
        ("apns-collapse-id", String(repeating: "x", count: 65), "BadCollapseId"),
        ("apns-push-type", "background", "BadPriority"), ("apns-push-type", "voip", "BadTopic"),
        ("authorization", nil, "MissingProviderToken"), ("authorization", "bearer x", "InvalidProviderToken"),
    ])
    func aHeaderThatIsWrongHasApplesReason(name: String, value: String?, reason: String) async throws {
        try await Stage.run { stage async throws in
            let answer = try await self.push(stage, [name: value])
            #expect(answer.status == (reason.hasSuffix("ProviderToken") ? 403 : 400))
            #expect(answer["reason"]?.string == reason)
            #expect(stage.simulator.inbox(.apns).first?.code == reason)
        }
    }

    @Test func aPayloadIsNotEmptyNotLongAndOfItsType() async throws {
        try await Stage.run { stage async throws in
            let long = #"{"aps":{"alert":"\#(String(repeating: "x", count: 4096))"}}"#
            #expect(try await self.push(stage, [:], long)["reason"]?.string == "PayloadTooLarge")
            #expect(try await self.push(stage, [:], "")["reason"]?.string == "PayloadEmpty")
            #expect(try await self.push(stage, [:], "{")["reason"]?.string == "PayloadEmpty")
            let silent = #"{"aps":{"content-available":1}}"#
            let background: [String: String?] = ["apns-push-type": "background", "apns-priority": "5"]
            #expect(try await self.push(stage, [:], silent)["reason"]?.string == "InvalidPushType")
            #expect(try await self.push(stage, background)["reason"]?.string == "InvalidPushType")
            #expect(try await self.push(stage, background, silent).status == 200)
        }
    }

    @Test func aFieldOfAnotherTypeIsTakenWithAWarningAndRefusedWhenStrict() async throws {
        let odd = #"{"aps":{"alert":{"titel":"x","body":3},"badge":"1"}}"#
        try await Stage.run { stage async throws in
            #expect(try await self.push(stage, [:], odd).status == 200)
            #expect(stage.simulator.inbox(.apns)[0].warnings.count == 3)
        }
        try await Stage.run {
            $0.isStrict = true
        } _: { stage async throws in
            #expect(try await self.push(stage, [:], odd).status == 400)
            #expect(try await self.push(stage).status == 200)
        }
    }

    @Test func tokensMethodsAndPathsAreApples() async throws {
        try await Stage.run { stage async throws in
            #expect(try await self.push(stage, to: "phone")["reason"]?.string == "BadDeviceToken")
            #expect(try await self.push(stage, to: "")["reason"]?.string == "MissingDeviceToken")
            #expect(try await self.push(stage, to: "accepted-by-hand").status == 200)
            #expect(try await stage.send("GET", "/apns/3/device/00")["reason"]?.string == "MethodNotAllowed")
            #expect(try await stage.send("POST", "/apns/2/device/00")["reason"]?.string == "BadPath")
        }
    }

    @Test func aProviderTokenIsOfTheLastHour() async throws {
        try await Stage.run { stage async throws in
            let old = try await self.push(stage, ["authorization": self.bearer(stage, age: 3601)])
            #expect(old.status == 403)
            #expect(old["reason"]?.string == "ExpiredProviderToken")
            #expect(try await self.push(stage, ["authorization": self.bearer(stage, age: 3599)]).status == 200)
            for wrong in [
                self.bearer(stage, header: #"{"alg":"HS256","kid":"ABCDE12345"}"#),
                self.bearer(stage, header: #"{"alg":"ES256","kid":"short"}"#), self.bearer(stage, team: "me"),
            ] {
                #expect(
                    try await self.push(stage, ["authorization": wrong])["reason"]?.string == "InvalidProviderToken")
            }
        }
    }

    @Test func withAPublicKeyTheSignatureIsVerified() async throws {
        try await Stage.run {
            $0.keys[.apns] = Signed.curve.publicKey.pemRepresentation
        } _: { stage async throws in
            #expect(try await self.push(stage).status == 200)
            let other = Signed.es256(
                #"{"alg":"ES256","kid":"ABCDE12345"}"#, #"{"iss":"TEAM123456","iat":\#(stage.seconds)}"#,
                with: P256.Signing.PrivateKey())
            let answer = try await self.push(stage, ["authorization": "bearer \(other)"])
            #expect(answer["reason"]?.string == "InvalidProviderToken")
        }
    }

    @Test func whoShowsACertificateNeedsNoProviderToken() async throws {
        let certificate = TestCertificate.first
        let identity = ClientIdentity(certificate: certificate.certificate, key: certificate.key)
        try await Stage.run { stage async throws in
            for (shown, status) in [(identity, 200), (nil, 403)] {
                let answer = try await stage.send(
                    "POST", "/apns/3/device/\(Self.token)", secure: true, http2: true, as: shown,
                    ["apns-push-type": "alert", "apns-topic": "org.example.app"], Self.alert)
                #expect(answer.status == status)
            }
        }
    }

    @Test func whoIsGoneIsGoneSinceAMoment() async throws {
        try await Stage.run { stage async throws in
            let gone = try await self.push(stage, to: "unregistered")
            #expect(gone.status == 410)
            #expect(gone["reason"]?.string == "Unregistered")
            #expect(gone["timestamp"]?.int == stage.clock.now().milliseconds)
            #expect(try await self.push(stage, to: "throttled")["reason"]?.string == "TooManyRequests")
            #expect(try await self.push(stage, to: "broken").status == 500)
            #expect(try await self.push(stage, to: "refused").status == 400)
        }
    }

    @Test func aProviderTokenThatWasWithdrawnStaysSo() async throws {
        try await Stage.run { stage async throws in
            let bearer = self.bearer(stage)
            let first = try await self.push(stage, to: "unauthorized", ["authorization": bearer])
            #expect(first["reason"]?.string == "ExpiredProviderToken")
            #expect(try await self.push(stage, to: "unauthorized", ["authorization": bearer]).status == 403)
            #expect(try await self.push(stage, to: "unauthorized").status == 200)
        }
    }
}
