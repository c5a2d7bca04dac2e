import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyServer
import ParleyTesting
import Testing

@testable import ParleyConsole

/// What is secret does not leave through the journal.
struct SecretTests {
    /// Everything that the API shows of what was called.
    private static func shown(_ house: House) async throws -> String {
        let feed = try await house.get("apps/demo/feed?after=0&limit=500")
        var text = feed.text
        for item in feed["items"]?.array ?? [] where item["kind"]?.string == "call" {
            text += try await house.get("apps/demo/calls/\(item["n"]?.int ?? 0)").text
        }
        return text
    }

    @Test func tokensOfEveryDialectAreMasked() async throws {
        let house = try await House.make()
        let app = try #require(try await house.bench.core.directory.app(Demo.appID))
        var secrets = [Demo.secret]
        let now = house.bench.clock.now()
        for dialect in house.dialects {
            let token = try dialect.token(for: UserID("alice"), in: app, lifetimeSeconds: 3600)
            secrets.append(token)
            // Signed as the backend, and with the token everywhere that one could put it.
            let signed = try dialect.signed(
                WireRequest(
                    method: .POST, target: "/x/y/z?token=\(Form.encoded(token))&usersig=\(Form.encoded(token))",
                    headers: ["Authorization": "Bearer \(token)", "Cookie": "session=\(token)", "X-Other": token],
                    body: Array(
                        #"{"token":"\#(token)","nested":{"deep":"\#(token)"},"text":"{\"access_token\":\"\#(token)\"}"}"#
                            .utf8), receivedAt: now), for: app)
            for name in ["Signature", "Authorization"] {
                secrets += signed.headers[name].map { $0.replacing("Bearer ", with: "") }
            }
            _ = await house.console.journal.answer(signed, by: dialect)
        }
        let text = try await Self.shown(house)
        for secret in secrets where secret.count > 8 {
            #expect(!text.contains(secret), "\(secret.prefix(12))…")
            #expect(!text.contains(Form.encoded(secret)), "\(secret.prefix(12))…")
        }
        #expect(text.contains("********"))
    }

    @Test func whatLoginsSayAndAnswerIsMasked() async throws {
        let house = try await House.make()
        let form = "application/x-www-form-urlencoded"
        let grant =
            #"{"grant_type":"client_credentials","client_id":"parley-demo-client","client_secret":"parley-demo-secret"}"#
        let calls = [
            try await house.recorded("easemob", "POST", "/{org_name}/{app_name}/token", grant),
            try await house.recorded(
                "easemob", "POST", "/{org_name}/{app_name}/token",
                #"{"grant_type":"password","username":"alice","password": "hunter2-long"}"#),
            try await house.recorded(
                "easemob", "POST", "/{org_name}/{app_name}/users", #"[{"username":"zoe","password":"hunter2-long"}]"#),
            try await house.recorded(
                "easemob", "PUT", "/{org_name}/{app_name}/users/alice/password", #"{"newpassword" : "hunter2-long"}"#),
            try await house.recorded(
                "rongcloud", "POST", "/user/getToken.json", "userId=zoe&name=Zoe", contentType: form),
        ]
        for call in calls {
            for secret in [Demo.secret, "hunter2-long", "YWMt", "RC1_"] where secret.count > 4 {
                #expect(!call.text.contains(secret), "\(call["path"]?.string ?? "") \(secret)")
            }
        }
        // The answers are there, but for the tokens in them.
        #expect(calls[0].get("response", "body")?.string?.contains(#""access_token":"********""#) == true)
        #expect(calls[4].get("response", "body")?.string?.contains(#""token":"********""#) == true)
        #expect(calls[4].get("response", "body")?.string?.contains(#""userId":"zoe""#) == true)
    }

    @Test(arguments: [
        (#"{"password":"a\"b","x":1}"#, #"{"password":"********","x":1}"#),
        (#"{"Password" : "abc" , "y":2}"#, #"{"Password" : "********" , "y":2}"#),
        ("a=1&password=abc&b=2", "a=1&password=********&b=2"),
        ("password=", "password="),
        (#"{"text":"{\"token\":\"abc\",\"z\":1}"}"#, #"{"text":"{\"token\":\"********\",\"z\":1}"}"#),
        (#"{"passwords":"abc","mytoken":"x"}"#, #"{"passwords":"abc","mytoken":"x"}"#),
        (#"{"token":{"id":"abc"}}"#, #"{"token":{"id":"abc"}}"#),
        (#"{"client_secret":"cut off"#, #"{"client_secret":"********"#),
        ("x: ordinary text, nothing else", "x: ordinary text, nothing else"),
    ])
    func valuesAreMaskedByTheirNames(_ text: String, _ masked: String) {
        #expect(Mask(nil).text(text) == masked)
    }

    @Test(arguments: [
        ("Authorization", "Basic cGFybGV5OmRlbW8=", "Basic ********"),
        ("Authorization", "hunter2-long and more", "hunter********"),
        ("Cookie", "session=hunter2-long; other=hunter2-long", "sessio********"),
        ("Set-Cookie", "session=hunter2-long; Path=/; HttpOnly", "sessio********"),
        ("X-Auth-Token", "hunter2-long", "hunt********"),
        ("Api-Key", "hunter2-long", "hunt********"),
        ("App-Key", "parley-demo", "parley-demo"),
    ])
    func headersAreMasked(_ name: String, _ value: String, _ masked: String) {
        #expect(Mask(nil).headers([name: value]).map(\.value) == [masked])
    }

    @Test func anAppsSecretIsMaskedWhereverAndHoweverItStands() async throws {
        let bench = try await Bench.make()
        var app = try #require(try await bench.core.directory.app(Demo.appID))
        app.credentials = app.credentials.map { credential in
            var credential = credential
            credential.secret = "sl/ash+plus"
            return credential
        }
        let text = "/a/sl/ash+plus?x=\(Form.encoded("sl/ash+plus"))"
        #expect(Mask(app).text(text) == "/a/********?x=********")
    }
}
