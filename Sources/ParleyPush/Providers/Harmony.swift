import Crypto
import CryptoExtras
package import ParleyCore
import ParleyDialectKit
import ParleyJSON
package import ParleyOutbound

/// Huawei's Push Kit for HarmonyOS from 5.0 on.
///
/// Requests: https://developer.huawei.com/consumer/cn/doc/harmonyos-references/push-scenariozed-api-request-struct and …/push-scenariozed-api-request-param;
/// tokens: https://developer.huawei.com/consumer/cn/doc/harmonyos-guides/push-jwt-token
package struct Harmony: PushAdapter {
    package static let kind = PushProvider.Kind.harmony
    package static let policy = PushPolicy()
    package static let fields = [
        AccountField(
            "service-account", isSecret: true,
            "What is in the key file of a service account for Push Kit: Huawei's API Console, credentials."),
        AccountField("category", isRequired: false, "The category of messages that name none. Without it: IM."),
        AccountField(
            "action", isRequired: false, "The action of the ability that a tap opens. Without it: the app itself."),
        AccountField("test", isRequired: false, "true: test messages, which need no right to a category. 1000 a day."),
    ]

    private let url: String
    private let keyID: String
    private let subAccount: String
    private let key: _RSA.Signing.PrivateKey
    private let account: PushProvider

    package init(_ provider: PushProvider) throws(AccountFault) {
        let field = "service-account"
        guard let file = try? JSON(parsing: try provider.required(field)), file.kind == .object else {
            // Missing, or no JSON.
            _ = try provider.required(field)
            throw AccountFault(field, "is no JSON object")
        }
        func member(_ name: String) throws(AccountFault) -> String {
            guard let value = file[name]?.scalar, !value.isEmpty else { throw AccountFault(field, "has no \(name)") }
            return value
        }
        self.account = provider
        self.keyID = try member("key_id")
        self.subAccount = try member("sub_account")
        let project = try member("project_id")
        self.url =
            "\(provider.base("https://push-api.cloud.huawei.com"))/v3/\(URLEncoding.component(project))/messages:send"
        let pem = try member("private_key")
        do { self.key = try _RSA.Signing.PrivateKey(pemRepresentation: pem) } catch {
            throw AccountFault(field, "has a private_key that is no RSA key of 2048 bits or more")
        }
    }

    // MARK: Access

    package func access(at now: Timestamp) async throws(AccountFault) -> PushAccess {
        // "An hour is advised", and more than a day refused.
        let expiresAt = now.adding(seconds: 3600)
        let header = JSONWriter.object {
            $0.field("kid", self.keyID)
            $0.field("typ", "JWT")
            $0.field("alg", "PS256")
        }
        let claims = JSONWriter.object {
            // This, wherever the request goes.
            $0.field("aud", "https://oauth-login.cloud.huawei.com/oauth2/v3/token")
            $0.field("iss", self.subAccount)
            $0.field("exp", expiresAt.seconds)
            $0.field("iat", now.seconds)
        }
        let signed = "\(Base64.url.encoded(header)).\(Base64.url.encoded(claims))"
        do {
            // RSASSA-PSS with SHA-256 and a salt as long as the hash: what RFC 7518, 3.5 calls PS256.
            let signature = try self.key.signature(for: SHA256.hash(data: Array(signed.utf8)), padding: .PSS)
            let token = "\(signed).\(Base64.url.encoded(Array(signature.rawRepresentation)))"
            return .made(PushGrant(token: token, expiresAt: expiresAt))
        } catch { throw AccountFault("service-account", "has a private_key that does not sign") }
    }

    /// Nothing is asked for.
    package func grant(from answer: OutboundAnswer, at now: Timestamp) -> PushGrant? { nil }

    // MARK: Request

    package func request(
        for notice: PushNotice, with grant: PushGrant?, at now: Timestamp
    ) throws(PushRefusal) -> OutboundRequest {
        let notice = VendorNotice(notice, at: Self.kind)
        return OutboundRequest(
            "POST", self.url,
            headers: [
                ("Content-Type", "application/json"), ("Authorization", "Bearer \(grant?.token ?? "")"),
                // 0: is shown. 6: goes to the app, now if it is in front, when it is opened if not.
                ("push-type", notice.look.isSilent ? "6" : "0"),
            ],
            body: try notice.body {
                Merging.merge(notice.special.fields, into: self.body(for: notice, text: $0), keeping: ["target"])
            })
    }

    package func verdict(on answer: OutboundAnswer, at now: Timestamp) -> PushVerdict {
        PushKitCode.verdict(on: answer)
    }

    private func body(for notice: VendorNotice, text: String) -> [UInt8] {
        JSONWriter.object {
            $0.field("payload") {
                $0.object {
                    if notice.look.isSilent {
                        $0.field("extraData", String(decoding: notice.payload(), as: UTF8.self))
                    } else {
                        $0.field("notification") { $0.object { self.notification(notice, text, &$0) } }
                    }
                }
            }
            $0.field("target") { $0.object { $0.field("token", [notice.token]) } }
            $0.field("pushOptions") {
                $0.object {
                    $0.field("testMessage", self.account.optional("test") == "true")
                    $0.field("ttl", notice.lifetimeSeconds(in: 1...1_296_000))
                }
            }
        }
    }

    private func notification(_ notice: VendorNotice, _ text: String, _ json: inout JSONWriter) {
        json.field("category", notice.category ?? self.account.optional("category") ?? "IM")
        json.field("title", notice.title)
        json.field("body", text)
        json.field("clickAction") { $0.object { self.clickAction(notice, &$0) } }
        if let image = notice.look.image { json.field("image", image) }
        if let badge = notice.badge { json.field("badge") { $0.object { $0.field("setNum", badge) } } }
        if let sound = notice.look.sound, !sound.isEmpty { json.field("sound", sound) }
        if let number = notice.replacementNumber { json.field("notifyId", number) }
        json.field("appMessageId", notice.id)
    }

    private func clickAction(_ notice: VendorNotice, _ json: inout JSONWriter) {
        if let action = self.account.optional("action") {
            json.field("actionType", 1)
            json.field("action", action)
        } else {
            json.field("actionType", 0)
        }
        if notice.hasPayload { json.field("data", raw: notice.payload()) }
    }
}
