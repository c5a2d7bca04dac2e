import JWTKit
package import ParleyCore
import ParleyJSON
package import ParleyOutbound

/// Android phones with Google's services: Firebase Cloud Messaging, HTTP v1.
///
/// The pages: https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages (the message),
/// https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode and https://firebase.google.com/docs/cloud-messaging/error-codes (verdicts),
/// https://developers.google.com/identity/protocols/oauth2/service-account ("HTTP/REST", access). Not there: topics, conditions, web push, and iPhones by way
/// of FCM's `apns`.
package struct FCM: PushAdapter {
    package static let kind = PushProvider.Kind.fcm
    package static let fields = [
        AccountField(
            "service-account", isSecret: true,
            "The text of the service account's key file, JSON (Firebase console > Project settings > Service accounts)")
    ]
    package static let policy = PushPolicy(calls: 32)

    /// What may be kept of a notice's text and data. Without the token.
    static let largestMessage = 4096
    /// Who a message goes to is not a sender's to say.
    private static let ours: Set<String> = ["name", "token", "topic", "condition"]

    private let account: ServiceAccount
    private let tokenURL: String
    private let sendURL: String

    package init(_ provider: PushProvider) throws(AccountFault) {
        let account = try ServiceAccount(try provider.required("service-account"))
        self.account = account
        self.tokenURL = provider.url == nil ? account.tokenURL : provider.base("") + "/token"
        let base = provider.base("https://fcm.googleapis.com")
        self.sendURL = "\(base)/v1/projects/\(URLEncoding.component(account.project))/messages:send"
    }

    package func access(at now: Timestamp) async throws(AccountFault) -> PushAccess {
        let form = [
            (name: "grant_type", value: "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            (name: "assertion", value: try await self.account.assertion(at: now)),
        ]
        return .ask(
            OutboundRequest(
                "POST", self.tokenURL, headers: [("Content-Type", "application/x-www-form-urlencoded")],
                body: URLEncoding.form(form)))
    }

    package func grant(from answer: OutboundAnswer, at now: Timestamp) -> PushGrant? {
        guard answer.status == 200, let json = try? JSON(parsing: answer.body),
            let token = json["access_token"]?.string, !token.isEmpty,
            let seconds = json["expires_in"]?.int, seconds > 0
        else { return nil }
        // Google's last an hour; no answer makes one last for ever.
        let milliseconds = min(seconds, 86400) * 1000
        return PushGrant(token: token, expiresAt: Timestamp(milliseconds: now.milliseconds + milliseconds))
    }

    package func request(
        for notice: PushNotice, with grant: PushGrant?, at now: Timestamp
    ) throws(PushRefusal) -> OutboundRequest {
        let look = notice.look.seen(at: Self.kind)
        let special = look.special[Self.kind]
        // Google counts the keys and values of text and data; the whole is a little more, so that what passes here passes there.
        let message = Fitting.fit(look.text, within: Self.largestMessage + notice.device.token.utf8.count) {
            let ours = FCMMessage(notice: notice, look: look, special: special, text: $0).bytes
            return Merging.merge(special?.fields, into: ours, keeping: Self.ours)
        }
        guard let message else { throw PushRefusal("the message is larger than \(Self.largestMessage) bytes") }
        var headers = [(name: "Content-Type", value: "application/json; charset=UTF-8")]
        if let grant { headers.append(("Authorization", "Bearer \(grant.token)")) }
        return OutboundRequest(
            "POST", self.sendURL, headers: headers, body: JSONWriter.object { $0.field("message", raw: message) })
    }

    /// The pages `ErrorCode` and `error-codes`. Google's own status is in `error.status`; FCM's code is in one of the details, and where there is none the
    /// fault is with the account or the project, not with the token.
    package func verdict(on answer: OutboundAnswer, at now: Timestamp) -> PushVerdict {
        let json = try? JSON(parsing: answer.body)
        if answer.status == 200 { return .accepted(id: json?["name"]?.string) }
        let error = json?["error"]
        let code = Self.code(in: error)
        let reason = code ?? error?["status"]?.string ?? "status \(answer.status)"
        let after = answer.retryAfterMilliseconds
        switch (answer.status, code) {
        // SENDER_ID_MISMATCH is refused: another project's account in our settings would make every device go.
        case (404, "UNREGISTERED"): return .unregistered
        // INVALID_ARGUMENT says that something is wrong, and only this sentence that it is the token.
        case (400, "INVALID_ARGUMENT") where error?["message"]?.string == Self.badToken: return .unregistered
        // Google cannot get into APNs or a browser's service: nothing that another access token would change.
        case (401, "THIRD_PARTY_AUTH_ERROR"): return .refused(reason)
        case (401, _): return .unauthorized(reason)
        // "Use exponential backoff with a minimum initial delay of 1 minute".
        case (429, _): return .later(reason, afterMilliseconds: after ?? 60_000)
        // INTERNAL; UNAVAILABLE.
        case (500..., _): return .later(reason, afterMilliseconds: after)
        case (_, _): return .refused(Self.text(reason, of: error))
        }
    }

    /// As in the second example of `error-codes`.
    private static let badToken = "The registration token is not a valid FCM registration token"

    private static func code(in error: JSON?) -> String? {
        let details = error?["details"]?.array ?? []
        return details.lazy.compactMap { $0["errorCode"]?.string }.first
    }

    /// Which field it does not like is in the message alone.
    private static func text(_ reason: String, of error: JSON?) -> String {
        error?["message"]?.string.map { "\(reason): \($0)" } ?? reason
    }
}

/// What Google's key file says, and what is signed with it.
private struct ServiceAccount: Sendable {
    let project: String
    let email: String
    let keyID: String?
    let key: Insecure.RSA.PrivateKey
    let tokenURL: String

    init(_ text: String) throws(AccountFault) {
        guard let json = try? JSON(parsing: text), json.kind == .object else {
            throw AccountFault("service-account", "is not the JSON text of a key file")
        }
        func required(_ member: String) throws(AccountFault) -> String {
            guard let value = json[member]?.string, !value.isEmpty else {
                throw AccountFault("service-account", "has no \(member)")
            }
            return value
        }
        self.project = try required("project_id")
        self.email = try required("client_email")
        guard let key = try? Insecure.RSA.PrivateKey(pem: try required("private_key")) else {
            throw AccountFault("service-account", "has a private_key that is no RSA key in PEM")
        }
        self.key = key
        self.keyID = json["private_key_id"]?.string
        self.tokenURL = json["token_uri"]?.string ?? "https://oauth2.googleapis.com/token"
    }

    /// The simulator is asked with the audience that Google would be asked with: the assertion is the same, wherever it goes.
    func assertion(at now: Timestamp) async throws(AccountFault) -> String {
        let claims = FCMClaims(
            iss: self.email, scope: "https://www.googleapis.com/auth/firebase.messaging", aud: self.tokenURL,
            iat: now.seconds, exp: now.seconds + 3600)
        do {
            let keys = await JWTKeyCollection().add(rsa: self.key, digestAlgorithm: .sha256)
            return try await keys.sign(claims, header: self.keyID.map { ["kid": .string($0)] } ?? [:])
        } catch { throw AccountFault("service-account", "has a private_key that does not sign") }
    }
}

struct FCMClaims: JWTPayload {
    let iss: String
    let scope: String
    let aud: String
    let iat: Int64
    let exp: Int64

    func verify(using algorithm: some JWTAlgorithm) {}
}

/// `projects.messages`: Message, Notification, AndroidConfig, AndroidNotification.
private struct FCMMessage {
    let notice: PushNotice
    let look: PushLook
    let special: PushSpecial?
    let text: String

    var bytes: [UInt8] {
        JSONWriter.object { json in
            json.field("token", self.notice.device.token)
            if !self.look.isSilent { json.field("notification") { $0.object(self.writeNotification) } }
            let data = self.data
            if !data.isEmpty {
                json.field("data") { $0.object { json in data.forEach { json.field($0.name, $0.value) } } }
            }
            json.field("android") { $0.object(self.writeAndroid) }
        }
    }

    private func writeNotification(_ json: inout JSONWriter) {
        if !self.look.title.isEmpty { json.field("title", self.look.title) }
        json.field("body", self.text)
        if let image = self.look.image { json.field("image", image) }
    }

    private func writeAndroid(_ json: inout JSONWriter) {
        if let id = self.look.collapseID, !id.isEmpty { json.field("collapse_key", id) }
        let isUrgent = !self.look.mayWait && ["HIGH", nil].contains(self.special?.importance)
        json.field("priority", isUrgent ? "HIGH" : "NORMAL")
        json.field("ttl", "\(self.look.lifetime)s")
        if !self.look.isSilent { json.field("notification") { $0.object(self.writeAndroidNotification) } }
    }

    private func writeAndroidNotification(_ json: inout JSONWriter) {
        if let channel = self.special?.channel { json.field("channel_id", channel) }
        let sound = self.look.sound ?? "default"
        if !sound.isEmpty { json.field("sound", sound) }
        if let image = self.look.image { json.field("image", image) }
        if let badge = self.notice.badge { json.field("notification_count", badge) }
        if let id = self.look.collapseID, !id.isEmpty { json.field("tag", id) }
    }

    /// Values are texts: what is none is the text of its JSON. A key that Google keeps for itself would have the whole message refused: it is left out.
    private var data: [(name: String, value: String)] {
        self.notice.payload.filter { !Self.isReserved($0.name) }.map { field in
            let text = (try? JSON(parsing: field.value))?.string
            return (field.name, text ?? String(decoding: field.value, as: UTF8.self))
        }
    }

    /// "from", "message_type", or any word starting with "google" or "gcm"; of those two, newer editions of the page have `google.` and `gcm.notification.`.
    private static func isReserved(_ key: String) -> Bool {
        key == "from" || key == "message_type" || key.hasPrefix("google") || key.hasPrefix("gcm")
    }
}
