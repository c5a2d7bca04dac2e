import CryptoExtras
import ParleyCore
import ParleyJSON
import ParleyPushSimulator
import ParleyTesting
import Testing

@Suite struct FCMSimulatorTests {
    private static let grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    private static let path = "/fcm/v1/projects/demo/messages:send"

    private func assertion(
        _ stage: Stage, alg: String = "RS256", scope: String = "https://www.googleapis.com/auth/firebase.messaging",
        aud: String = "https://oauth2.googleapis.com/token", seconds: Int64 = 3600, age: Int64 = 0
    ) -> String {
        let issued = stage.seconds - age
        return Signed.rsa(
            #"{"alg":"\#(alg)","typ":"JWT"}"#,
            #"{"iss":"push@demo.iam.gserviceaccount.com","scope":"\#(scope)","aud":"\#(aud)","iat":\#(issued),"exp":\#(issued + seconds)}"#,
            .insecurePKCS1v1_5)
    }

    private func access(_ stage: Stage, _ assertion: String? = nil) async throws -> Stage.Answer {
        try await stage.postForm(
            "/fcm/token", ["grant_type": Self.grantType, "assertion": assertion ?? self.assertion(stage)])
    }

    private func bearer(_ stage: Stage) async throws -> [String: String] {
        let token = try await self.access(stage)["access_token"]?.string
        return ["Authorization": "Bearer \(try #require(token))"]
    }

    @Test func aMessageWithAGrantedTokenIsTakenAndKept() async throws {
        try await Stage.run { stage async throws in
            let body = #"""
                {"message":{"token":"phone","notification":{"title":"Ann","body":"Hi"},"data":{"a":"1"},
                "android":{"priority":"HIGH","ttl":"86400s","collapse_key":"c","notification":{"channelId":"im","notification_count":3}}}}
                """#
            let answer = try await stage.postJSON(Self.path, try await self.bearer(stage), body)
            #expect(answer.status == 200)
            #expect(answer["name"]?.string?.hasPrefix("projects/demo/messages/") == true)
            let notice = try #require(stage.simulator.inbox(.fcm).first)
            #expect(notice.token == "phone")
            #expect(notice.title == "Ann")
            #expect(notice.text == "Hi")
            #expect(stage.simulator.inbox(.fcm, purpose: .access).count == 1)
        }
    }

    @Test func anAssertionIsCheckedAsGoogleDoes() async throws {
        try await Stage.run { stage async throws in
            let cases = [
                (self.assertion(stage, alg: "HS256"), "invalid_grant"),
                (self.assertion(stage, scope: "email"), "invalid_scope"),
                (self.assertion(stage, aud: "https://example.org"), "invalid_grant"),
                (self.assertion(stage, seconds: 3601), "invalid_grant"),
                (self.assertion(stage, age: 3600), "invalid_grant"), ("x", "invalid_grant"),
            ]
            for (assertion, error) in cases {
                let answer = try await self.access(stage, assertion)
                #expect(answer.status == 400)
                #expect(answer["error"]?.string == error)
            }
            let other = try await stage.postForm("/fcm/token", ["grant_type": "password", "assertion": "x"])
            #expect(other["error"]?.string == "unsupported_grant_type")
            let here = self.assertion(stage, aud: stage.simulator.url + "/fcm/token")
            #expect(try await self.access(stage, here).status == 200)
        }
    }

    @Test func withAPublicKeyTheAssertionsSignatureIsVerified() async throws {
        for (key, status) in [(Signed.rsa.publicKey.pemRepresentation, 200), (Signed.otherRSA, 400)] {
            try await Stage.run {
                $0.keys[.fcm] = key
            } _: { stage async throws in
                #expect(try await self.access(stage).status == status)
            }
        }
    }

    @Test func aTokenIsGoodForAnHour() async throws {
        try await Stage.run { stage async throws in
            let bearer = try await self.bearer(stage)
            let body = #"{"message":{"token":"phone","data":{}}}"#
            #expect(try await stage.postJSON(Self.path, bearer, body).status == 200)
            stage.clock.advance(seconds: 3600)
            let late = try await stage.postJSON(Self.path, bearer, body)
            #expect(late.status == 401)
            #expect(late["error", "status"]?.string == "UNAUTHENTICATED")
            #expect(try await stage.postJSON(Self.path, body).status == 401)
        }
    }

    @Test(arguments: [
        #"{"message":{"token":"t","data":{"a":1}}}"#, #"{"message":{"token":"t","surprise":1}}"#,
        #"{"message":{"data":{}}}"#, #"{"message":{"token":"t","topic":"u"}}"#, #"{"message":{"token":""}}"#,
        #"{"message":{"token":"t","data":{"google.x":"1"}}}"#, #"{"message":{"token":"t","data":{"from":"1"}}}"#,
        #"{"message":{"token":"t","android":{"priority":"URGENT"}}}"#,
        #"{"message":{"token":"t","android":{"ttl":"1h"}}}"#,
        #"{"message":{"token":"t","android":{"ttl":"2419201s"}}}"#,
        #"{"message":{"token":"t","android":{"notification":{"color":"red"}}}}"#,
        #"{"message":{"token":"t","android":{"notification":{"notification_priority":"HIGH"}}}}"#,
        #"{"message":{"token":"t","data":{"a":"\#(String(repeating: "x", count: 4100))"}}}"#, "{}", "[",
    ])
    func aMessageThatGoogleWouldNotTakeIsAnInvalidArgument(body: String) async throws {
        try await Stage.run { stage async throws in
            let answer = try await stage.postJSON(Self.path, try await self.bearer(stage), body)
            #expect(answer.status == 400)
            #expect(answer["error", "status"]?.string == "INVALID_ARGUMENT")
            let details = answer["error", "details"]?.array?.first
            #expect(details?["errorCode"]?.string == "INVALID_ARGUMENT")
        }
    }

    @Test(arguments: [
        ("unregistered", 404, "UNREGISTERED"), ("throttled", 429, "QUOTA_EXCEEDED"), ("broken", 503, "UNAVAILABLE"),
        ("refused", 400, "INVALID_ARGUMENT"),
    ])
    func aWordInTheTokenChoosesGooglesError(word: String, status: Int, code: String) async throws {
        try await Stage.run { stage async throws in
            let body = #"{"message":{"token":"phone-\#(word)"}}"#
            let answer = try await stage.postJSON(Self.path, try await self.bearer(stage), body)
            #expect(answer.status == status)
            #expect(answer["error", "details"]?.array?.first?["errorCode"]?.string == code)
            #expect((answer.headers["retry-after"] != nil) == (word == "throttled"))
        }
    }

    @Test func aTokenThatWasWithdrawnHasToBeFetchedAgain() async throws {
        try await Stage.run { stage async throws in
            let bearer = try await self.bearer(stage)
            let body = #"{"message":{"token":"unauthorized"}}"#
            #expect(try await stage.postJSON(Self.path, bearer, body).status == 401)
            #expect(try await stage.postJSON(Self.path, bearer, body).status == 401)
            #expect(try await stage.postJSON(Self.path, try await self.bearer(stage), body).status == 200)
        }
    }
}
