import Crypto
import JWTKit
package import ParleyCore
import ParleyDialectKit
import ParleyJSON
package import ParleyOutbound

/// Apple's phones, tablets and Macs.
///
/// The pages are those under https://developer.apple.com/documentation/usernotifications/:
/// `sending-notification-requests-to-apns` (headers), `generating-a-remote-notification` (payload),
/// `establishing-a-token-based-connection-to-apns`, `establishing-a-certificate-based-connection-to-apns` and
/// `handling-notification-responses-from-apns` (verdicts). Not there: push types other than `alert` and `background`.
package struct APNs: PushAdapter {
    package static let kind = PushProvider.Kind.apns
    package static let fields = [
        AccountField(
            "key", isRequired: false, isSecret: true,
            "Token authentication: the text of the AuthKey_….p8 file (Certificates, Identifiers & Profiles > Keys)"),
        AccountField("key-id", isRequired: false, "The key's id, ten characters; beside it on the same page"),
        AccountField("team", isRequired: false, "The team id, ten characters (Membership details)"),
        AccountField("certificate", isRequired: false, "In place of key: the certificate of the push service, PEM"),
        AccountField("certificate-key", isRequired: false, isSecret: true, "The certificate's private key, PEM"),
        AccountField("topic", isRequired: false, "The app's bundle id, for devices that do not say theirs"),
        AccountField("environment", isRequired: false, "production (unless said otherwise) or sandbox"),
    ]
    /// All of them share a connection or two.
    package static let policy = PushPolicy(calls: 100)

    /// "No more than once every 20 minutes and no less than once every 60 minutes".
    static let tokenMilliseconds: Int64 = 50 * 60 * 1000
    static let largestPayload = 4096

    private let base: String
    private let topic: String?
    private let proof: Proof

    package init(_ provider: PushProvider) throws(AccountFault) {
        let environment = provider.optional("environment") ?? Environment.production.rawValue
        guard let environment = Environment(rawValue: environment) else {
            throw AccountFault("environment", "is neither production nor sandbox")
        }
        self.base = provider.base(environment.url)
        self.topic = provider.optional("topic")
        self.proof = try Proof(provider)
    }

    package func access(at now: Timestamp) async throws(AccountFault) -> PushAccess {
        switch self.proof {
        case .certificate: return .open
        case .key(let key, let id, let team):
            do {
                let keys = await JWTKeyCollection().add(ecdsa: key)
                let token = try await keys.sign(APNsClaims(iss: team, iat: now.seconds), header: ["kid": .string(id)])
                let expiresAt = now.milliseconds + Self.tokenMilliseconds
                return .made(PushGrant(token: token, expiresAt: Timestamp(milliseconds: expiresAt)))
            } catch { throw AccountFault("key", "does not sign") }
        }
    }

    /// Nothing is asked for.
    package func grant(from answer: OutboundAnswer, at now: Timestamp) -> PushGrant? { nil }

    package func request(
        for notice: PushNotice, with grant: PushGrant?, at now: Timestamp
    ) throws(PushRefusal) -> OutboundRequest {
        let look = notice.look.seen(at: Self.kind)
        let body = Fitting.fit(look.text, within: Self.largestPayload) {
            APNsPayload(notice: notice, look: look, text: $0).bytes
        }
        guard let body else { throw PushRefusal("the payload is larger than \(Self.largestPayload) bytes") }
        var request = OutboundRequest(
            "POST", "\(self.base)/3/device/\(URLEncoding.component(notice.device.token))",
            headers: self.headers(for: notice, look, with: grant, at: now), body: body, identity: self.proof.identity,
            needsHTTP2: true)
        request.account = self.proof.account
        return request
    }

    private func headers(
        for notice: PushNotice, _ look: PushLook, with grant: PushGrant?, at now: Timestamp
    ) -> [(name: String, value: String)] {
        let expiration = look.lifetime == 0 ? 0 : now.seconds + look.lifetime
        var headers = [
            ("apns-id", Self.id(of: notice)),
            ("apns-expiration", "\(expiration)"),
            // Of a background notice, 10 is an error.
            ("apns-priority", look.mayWait ? "5" : "10"),
            ("apns-push-type", look.isSilent ? "background" : "alert"),
            ("content-type", "application/json"),
        ]
        if let grant { headers.insert(("authorization", "bearer \(grant.token)"), at: 0) }
        if let topic = self.topic(of: notice.device) { headers.append(("apns-topic", topic)) }
        if let id = look.collapseID, !id.isEmpty { headers.append(("apns-collapse-id", Self.collapseID(id))) }
        return headers.map { (name: $0.0, value: $0.1) }
    }

    /// A bundle id is letters, digits, hyphens and periods. What a device says is not trusted to be one.
    private func topic(of device: PushDevice) -> String? {
        guard let bundle = device.bundle, !bundle.isEmpty, URLEncoding.component(bundle) == bundle else {
            return self.topic
        }
        return bundle
    }

    /// The same for each attempt, so that Apple's logs and ours can be laid side by side.
    static func id(of notice: PushNotice) -> String {
        let names = [notice.app.rawValue, "\(notice.message)", notice.device.user.rawValue, notice.device.device]
        let name = names.map { "\($0.utf8.count):\($0)" }.joined()
        var bytes = Array(SHA256.hash(data: Array(name.utf8)).prefix(16))
        // RFC 9562, version 8: a UUID whose content is the maker's affair.
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { bytes[$0].hex }.joined(separator: "-")
    }

    /// At most 64 bytes, and a header's value. For what is not, its hash does as well: it is compared, never shown.
    static func collapseID(_ id: String) -> String {
        let isPlain = id.utf8.count <= 64 && id.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        return isPlain ? id : SHA256.hash(data: Array(id.utf8)).hex
    }

    /// `handling-notification-responses-from-apns`, the tables of status codes and of error strings.
    package func verdict(on answer: OutboundAnswer, at now: Timestamp) -> PushVerdict {
        if answer.status == 200 { return .accepted(id: answer.headers["apns-id"]) }
        let reason = (try? JSON(parsing: answer.body))?["reason"]?.string ?? "status \(answer.status)"
        let after = answer.retryAfterMilliseconds
        switch (answer.status, reason) {
        // Unregistered, ExpiredToken. BadDeviceToken and DeviceTokenNotForTopic are what a wrong environment or topic in our settings makes of every token: they
        // are refused, and none is forgotten.
        case (410, _): return .unregistered
        case (403, "ExpiredProviderToken"), (403, "InvalidProviderToken"): return .unauthorized(reason)
        // The connection's fault, not the notice's.
        case (400, "IdleTimeout"): return .later(reason, afterMilliseconds: after)
        // Apple's engineers say that the connection is of no use until "enough time has passed" (developer forums, thread 675879); another token would
        // only make it longer.
        case (429, "TooManyProviderTokenUpdates"): return .later(reason, afterMilliseconds: after ?? 60_000)
        // TooManyRequests; InternalServerError; ServiceUnavailable, Shutdown.
        case (429, _), (500..., _): return .later(reason, afterMilliseconds: after)
        // The other reasons of 400 and 403; BadPath, MethodNotAllowed, PayloadTooLarge.
        case (_, _): return .refused(reason)
        }
    }
}

extension APNs {
    private enum Environment: String {
        case production
        case sandbox

        var url: String {
            switch self {
            case .production: "https://api.push.apple.com"
            case .sandbox: "https://api.sandbox.push.apple.com"
            }
        }
    }

    /// Who Apple is told that we are.
    private enum Proof: Sendable {
        case key(ES256PrivateKey, id: String, team: String)
        case certificate(ClientIdentity)

        init(_ provider: PushProvider) throws(AccountFault) {
            switch (provider.optional("key"), provider.optional("certificate")) {
            case (nil, nil): throw AccountFault("key", "is missing, and so is certificate")
            case (.some, .some): throw AccountFault("certificate", "and key are there: one of them")
            case (.some(let pem), nil):
                guard let key = try? ES256PrivateKey(pem: pem) else {
                    throw AccountFault("key", "is no private key of the curve P-256 in PEM")
                }
                self = .key(key, id: try provider.required("key-id"), team: try provider.required("team"))
            case (nil, .some(let certificate)):
                guard certificate.contains("-----BEGIN CERTIFICATE-----") else {
                    throw AccountFault("certificate", "is no certificate in PEM")
                }
                let key = try provider.required("certificate-key")
                guard key.contains("PRIVATE KEY-----") else {
                    throw AccountFault("certificate-key", "is no private key in PEM")
                }
                self = .certificate(ClientIdentity(certificate: certificate, key: key))
            }
        }

        /// Apple refuses a token of another key on a connection that has seen one.
        var account: String? {
            switch self {
            case .key(_, let id, let team): "\(team)/\(id)"
            case .certificate: nil
            }
        }

        var identity: ClientIdentity? {
            switch self {
            case .key: nil
            case .certificate(let identity): identity
            }
        }
    }
}

struct APNsClaims: JWTPayload {
    let iss: String
    let iat: Int64

    func verify(using algorithm: some JWTAlgorithm) {}
}

/// `generating-a-remote-notification`, table "Payload key reference".
private struct APNsPayload {
    let notice: PushNotice
    let look: PushLook
    let text: String

    var bytes: [UInt8] {
        let ours = JSONWriter.object { json in
            json.field("aps") { $0.object { self.look.isSilent ? self.writeBackground(&$0) : self.writeAlert(&$0) } }
            for field in self.notice.payload where field.name != "aps" { json.field(field.name, raw: field.value) }
            // Apple has no word for it: the app's extension fetches what it finds there.
            if let image = self.image { json.field("image", image) }
        }
        return Merging.merge(self.look.special[.apns]?.fields, into: ours)
    }

    /// "Don't include the alert, badge, or sound keys".
    private func writeBackground(_ json: inout JSONWriter) { json.field("content-available", 1) }

    private func writeAlert(_ json: inout JSONWriter) {
        json.field("alert") {
            $0.object {
                if !self.look.title.isEmpty { $0.field("title", self.look.title) }
                if let subtitle = self.look.subtitle, !subtitle.isEmpty { $0.field("subtitle", subtitle) }
                $0.field("body", self.text)
            }
        }
        if let badge = self.notice.badge { json.field("badge", badge) }
        self.writeSound(&json)
        if let category = self.look.category { json.field("category", category) }
        if let thread = self.look.threadID { json.field("thread-id", thread) }
        if self.look.isMutable || self.image != nil { json.field("mutable-content", 1) }
        if let level = self.look.interruptionLevel { json.field("interruption-level", level) }
    }

    /// A critical alert's sound is an object.
    private func writeSound(_ json: inout JSONWriter) {
        let sound = self.look.sound ?? "default"
        guard !sound.isEmpty else { return }
        guard self.look.interruptionLevel == "critical" else { return json.field("sound", sound) }
        json.field("sound") {
            $0.object {
                $0.field("critical", 1)
                $0.field("name", sound)
                $0.field("volume", 1)
            }
        }
    }

    private var image: String? {
        self.look.isSilent || self.notice.payload.contains { $0.name == "image" } ? nil : self.look.image
    }
}
