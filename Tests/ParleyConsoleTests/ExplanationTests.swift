import Crypto
import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyServer
import ParleyTesting
import Testing

@testable import ParleyConsole

/// Why a call was refused.
struct ExplanationTests {
    private static func rong(
        _ house: House, nonce: String = "14314", timestamp: String = "1700000000000", signature: String,
        key: String = "parley-demo", path: String = "/user/info.json", body: String = "userId=alice"
    ) -> WireRequest {
        WireRequest(
            method: .POST, target: path,
            headers: ["App-Key": key, "Nonce": nonce, "Timestamp": timestamp, "Signature": signature],
            body: Array(body.utf8), receivedAt: house.bench.clock.now())
    }

    private static func detail(_ call: JSON, _ name: String) -> String? {
        let details = call.get("explanation", "details")?.array ?? []
        return details.first { $0.array?[0].string == name }?.array?[1].string
    }

    private static func sha1(_ text: String) -> String { Insecure.SHA1.hash(data: Array(text.utf8)).hex }

    @Test func aRongCloudSignatureShowsWhatWasToBeSigned() async throws {
        let house = try await House.make()
        let call = try await house.outside("rongcloud", Self.rong(house, signature: Self.sha1("no")))
        #expect(call.get("explanation", "check")?.string == "proof")
        #expect(Self.detail(call, "which is") == "********143141700000000000")
        #expect(Self.detail(call, "it looks like") == nil)
        #expect(call["status"]?.int == 401)
        #expect(call["code"]?.string == "1004")
    }

    @Test(arguments: [
        ("14314" + Demo.secret + "1700000000000", "SHA-1 of Nonce + App Secret + Timestamp"),
        ("14314" + "1700000000000" + Demo.secret, "SHA-1 of Nonce + Timestamp + App Secret"),
        ("143141700000000000", "SHA-1 of Nonce + Timestamp, without the App Secret"),
    ])
    func aFrequentMistakeIsNamed(_ signed: String, _ mistake: String) async throws {
        let house = try await House.make()
        let call = try await house.outside("rongcloud", Self.rong(house, signature: Self.sha1(signed)))
        #expect(Self.detail(call, "it looks like") == mistake)
    }

    @Test func anUnknownAppAndAMissingHeaderAreNamed() async throws {
        let house = try await House.make()
        let unknown = try await house.outside("rongcloud", Self.rong(house, signature: "x", key: "nobody"))
        #expect(unknown.get("explanation", "check")?.string == "app")
        #expect(Self.detail(unknown, "App-Key") == "nobody")
        var request = Self.rong(house, signature: "x")
        request.headers.remove(name: "Timestamp")
        let missing = try await house.outside("rongcloud", request)
        #expect(missing.get("explanation", "reason")?.string?.contains("Timestamp") == true)
    }

    @Test(arguments: [
        (
            "rongcloud", "POST", "/message/group/publish.json", "fromUserId=alice&objectName=RC%3ATxtMsg&content=x",
            "application/x-www-form-urlencoded", "toGroupId"
        ),
        (
            "tencent", "POST", "/v4/openim/sendmsg", #"{"To_Account":"bob","MsgRandom":1}"#, "application/json",
            "MsgBody"
        ),
        (
            "easemob", "POST", "/{org_name}/{app_name}/messages/chatgroups", #"{"from":"alice","type":"txt"}"#,
            "application/json", "to"
        ),
    ])
    func whatCannotBeReadIsNamed(
        _ dialect: String, _ method: String, _ path: String, _ body: String, _ type: String, _ field: String
    ) async throws {
        let house = try await House.make()
        let call = try await house.recorded(dialect, method, path, body, contentType: type)
        #expect(call.get("explanation", "check")?.string == "request", "\(call.text)")
        #expect(Self.detail(call, "field") == field)
        #expect(call["endpoint"]?.string?.isEmpty == false)
    }

    @Test func whatTheRulesRefuseIsSaidInWords() async throws {
        let house = try await House.make()
        let tencent = try await house.recorded(
            "tencent", "POST", "/v4/openim/sendmsg",
            #"{"From_Account":"alice","To_Account":"nobody","MsgRandom":1,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"x"}}]}"#
        )
        #expect(tencent.get("explanation", "check")?.string == "rules", "\(tencent.text)")
        #expect(tencent.get("explanation", "reason")?.string == "There is no user nobody.")
        let easemob = try await house.recorded(
            "easemob", "GET", "/{org_name}/{app_name}/chatgroups/none/admin", "")
        #expect(easemob.get("explanation", "reason")?.string == "There is no group none.")
    }

    @Test func aPathThatThereIsNotIsNamed() async throws {
        let house = try await House.make()
        for (dialect, path) in [
            ("rongcloud", "/user/none.json"), ("tencent", "/v4/openim/none"),
            ("easemob", "/{org_name}/{app_name}/none/none"),
        ] {
            let call = try await house.recorded(dialect, "POST", path, "{}")
            #expect(call.get("explanation", "check")?.string == "route", "\(dialect) \(call.text)")
        }
    }

    @Test func aRateIsNamed() async throws {
        let house = try await House.make(rates: true)
        for (dialect, path, body) in [
            ("tencent", "/v4/im_open_login_svc/account_check", #"{"CheckItem":[{"UserID":"alice"}]}"#),
            ("rongcloud", "/user/info.json", "userId=alice"),
            ("easemob", "/{org_name}/{app_name}/users/alice/status", ""),
        ] {
            var refused: JSON?
            for _ in 0..<250 where refused == nil {
                let call = try await house.recorded(
                    dialect, dialect == "easemob" ? "GET" : "POST", path, body,
                    contentType: dialect == "rongcloud" ? "application/x-www-form-urlencoded" : "application/json")
                if call["explanation"] != nil { refused = call }
            }
            let call = try #require(refused)
            #expect(call.get("explanation", "check")?.string == "rate", "\(call.text)")
            #expect(Self.detail(call, "limit")?.hasSuffix("per 1 s") == true, "\(call.text)")
            #expect(Self.detail(call, "change it")?.hasPrefix("parley app set demo rate.\(dialect).") == true)
        }
    }

    @Test func aUserSigShowsWhatIsSigned() async throws {
        let house = try await House.make()
        let signature = Demo.signature(now: house.bench.clock.now(), key: "another-secret")
        let call = try await house.outside(
            "tencent",
            WireRequest(
                method: .POST,
                target:
                    "/v4/openim/sendmsg?sdkappid=1400000000&identifier=administrator&usersig=\(signature)&random=1",
                headers: [:], body: Array("{}".utf8), receivedAt: house.bench.clock.now()))
        #expect(call.get("explanation", "check")?.string == "proof")
        #expect(
            Self.detail(call, "signed is")?.hasPrefix("TLS.identifier:administrator\\nTLS.sdkappid:1400000000") == true)
        #expect(Self.detail(call, "with") == "HMAC-SHA256, key ********")
        #expect(!call.text.contains(signature))
    }

    @Test func anEasemobTokenShowsWhatItIs() async throws {
        let house = try await House.make()
        let app = try #require(try await house.bench.core.directory.app(Demo.appID))
        let easemob = try #require(house.dialects.first { type(of: $0).name.rawValue == "easemob" })
        let user = try easemob.token(for: UserID("alice"), in: app, lifetimeSeconds: 60)
        func call(_ authorization: String?) async throws -> JSON {
            var headers: HTTPHeaders = [:]
            if let authorization { headers.add(name: "Authorization", value: authorization) }
            return try await house.outside(
                "easemob",
                WireRequest(
                    method: .POST, target: "/parley/demo/messages/chatgroups", headers: headers,
                    body: Array("{}".utf8), receivedAt: house.bench.clock.now()))
        }
        let none = try await call(nil)
        #expect(none.get("explanation", "reason")?.string == "The header Authorization is missing.")
        let garbage = try await call("Bearer abc")
        #expect(Self.detail(garbage, "it is") == "no token of this server")
        house.bench.clock.advance(seconds: 61)
        let old = try await call("Bearer \(user)")
        #expect(Self.detail(old, "it is") == "a token of the user alice")
        #expect(old.get("explanation", "reason")?.string == "The token has expired, or was made void.")
        #expect(!old.text.contains(user))
    }
}
