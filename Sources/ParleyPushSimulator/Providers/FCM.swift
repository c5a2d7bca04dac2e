import CryptoExtras
import ParleyCore
import ParleyJSON

/// Google's HTTP v1 API: firebase.google.com/docs/reference/fcm/rest/v1/projects.messages, .../ErrorCode, and "Using OAuth 2.0 for server to server
/// applications" (developers.google.com/identity/protocols/oauth2/service-account).
struct FCM: SimulatedProvider {
    static let kind = PushProvider.Kind.fcm

    private static let grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    private static let scopes: Set<Substring> = [
        "https://www.googleapis.com/auth/firebase.messaging", "https://www.googleapis.com/auth/cloud-platform",
    ]
    private static let audiences = [
        "https://oauth2.googleapis.com/token", "https://www.googleapis.com/oauth2/v4/token",
        "https://accounts.google.com/o/oauth2/token",
    ]
    private static let lifetimeSeconds: Int64 = 3600
    /// A clock that is a little ahead.
    private static let leewaySeconds: Int64 = 60
    private static let longestPayload = 4096

    private let desk: Desk
    private let key: WebToken.Key?

    init(_ desk: Desk) throws {
        self.desk = desk
        self.key = try desk.key(of: .fcm).map { .rs256(try _RSA.Signing.PublicKey(pemRepresentation: $0)) }
    }

    func hear(_ request: SimulatorRequest, _ notice: inout Notice) throws(Refusal) -> Hearing {
        let parts = request.parts
        if parts == ["token"] {
            notice.purpose = .access
            return .access(try self.grant(request))
        }
        guard parts.count == 4, parts.prefix(2) == ["v1", "projects"], parts[3] == "messages:send" else {
            throw Refusal(.text(404, "The requested URL was not found on this server.\n"), "no such path")
        }
        guard request.method == "POST" else { throw Self.refusal(.notFound, "the method is POST") }
        let message = try self.message(request, &notice)
        try self.admit(request, &notice)
        try self.check(message, request, &notice)
        notice.id = "projects/\(parts[2])/messages/0:\(self.desk.now.milliseconds)%\(Desk.random())"
        return .notice
    }

    func answer(_ outcome: Outcome, to notice: Notice) -> SimulatorAnswer {
        switch outcome {
        case .accepted: .json(200, code: "") { $0.field("name", notice.id) }
        case .unregistered: Self.answer(.unregistered, "Requested entity was not found.")
        case .throttled:
            Self.answer(
                .quotaExceeded, "Quota exceeded for quota metric 'API requests'.",
                headers: [("Retry-After", "\(self.desk.configuration.retryAfterSeconds)")])
        case .broken: Self.answer(.unavailable, "The service is currently unavailable.")
        case .unauthorized: Self.answer(.unauthenticated, "Request had invalid authentication credentials.")
        case .refused(let reason): Self.answer(.invalidArgument, reason)
        }
    }
}

// MARK: Google's errors

extension FCM {
    enum Trouble {
        case invalidArgument
        case unregistered
        case quotaExceeded
        case unavailable
        case unauthenticated
        case notFound

        var status: Int {
            switch self {
            case .invalidArgument: 400
            case .unauthenticated: 401
            case .unregistered, .notFound: 404
            case .quotaExceeded: 429
            case .unavailable: 503
            }
        }

        var name: String {
            switch self {
            case .invalidArgument: "INVALID_ARGUMENT"
            case .unauthenticated: "UNAUTHENTICATED"
            case .unregistered, .notFound: "NOT_FOUND"
            case .quotaExceeded: "RESOURCE_EXHAUSTED"
            case .unavailable: "UNAVAILABLE"
            }
        }

        /// FCM's own, in the details; nil where it is not FCM that says no.
        var errorCode: String? {
            switch self {
            case .invalidArgument: "INVALID_ARGUMENT"
            case .unregistered: "UNREGISTERED"
            case .quotaExceeded: "QUOTA_EXCEEDED"
            case .unavailable: "UNAVAILABLE"
            case .unauthenticated, .notFound: nil
            }
        }
    }

    private static func answer(
        _ trouble: Trouble, _ message: String, field: String = "", headers: [(name: String, value: String)] = []
    ) -> SimulatorAnswer {
        .json(trouble.status, code: trouble.errorCode ?? trouble.name, headers: headers) { json in
            json.field("error") { json in
                json.object { json in
                    json.field("code", trouble.status)
                    json.field("message", message)
                    json.field("status", trouble.name)
                    guard let code = trouble.errorCode else { return }
                    json.field("details") { json in
                        json.array { json in
                            json.object { json in
                                json.field("@type", "type.googleapis.com/google.firebase.fcm.v1.FcmError")
                                json.field("errorCode", code)
                            }
                            if !field.isEmpty { Self.write(violation: message, of: field, to: &json) }
                        }
                    }
                }
            }
        }
    }

    private static func write(violation: String, of field: String, to json: inout JSONWriter) {
        json.object { json in
            json.field("@type", "type.googleapis.com/google.rpc.BadRequest")
            json.field("fieldViolations") { json in
                json.array { json in
                    json.object { json in
                        json.field("field", field)
                        json.field("description", violation)
                    }
                }
            }
        }
    }

    private static func refusal(_ trouble: Trouble, _ message: String, field: String = "") -> Refusal {
        Refusal(
            self.answer(trouble, message, field: field), field.isEmpty ? message : "\(field): \(message)",
            trouble.status == 401 ? .unauthorized : .refused)
    }
}

// MARK: Access

extension FCM {
    private func grant(_ request: SimulatorRequest) throws(Refusal) -> SimulatorAnswer {
        guard request.method == "POST", request.mediaType == "application/x-www-form-urlencoded" else {
            throw Self.denied("invalid_request", "a form has to be posted")
        }
        let form = FormFields(request.body)
        guard form["grant_type"] == Self.grantType else {
            throw Self.denied("unsupported_grant_type", "Invalid grant_type: \(form["grant_type"] ?? "")")
        }
        guard let token = form["assertion"].flatMap(WebToken.init) else {
            throw Self.denied("invalid_grant", "Bad Request")
        }
        if let fault = self.fault(of: token) { throw Self.denied(fault.error, fault.reason) }
        let access = self.desk.issue(
            "ya29.", by: .fcm, to: token.claims["iss"]?.string ?? "", seconds: Self.lifetimeSeconds)
        return .json(200, code: "") { json in
            json.field("access_token", access)
            json.field("expires_in", Self.lifetimeSeconds - 1)
            json.field("token_type", "Bearer")
        }
    }

    private func fault(of token: WebToken) -> (error: String, reason: String)? {
        guard token.header["alg"]?.string == "RS256" else { return ("invalid_grant", "alg is not RS256") }
        guard token.claims["iss"]?.string?.contains("@") == true else {
            return ("invalid_grant", "Invalid grant: iss is not the e-mail of a service account")
        }
        if let key = self.key, !token.isSigned(with: key) { return ("invalid_grant", "Invalid JWT Signature.") }
        let audience = token.claims["aud"]?.string ?? ""
        guard (Self.audiences + self.desk.urls.map { $0 + "/fcm/token" }).contains(audience) else {
            return ("invalid_grant", "Invalid JWT: Failed audience check. The right audience is \(Self.audiences[0])")
        }
        let scopes = (token.claims["scope"]?.string ?? "").split(separator: " ")
        guard scopes.contains(where: Self.scopes.contains) else {
            return ("invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        }
        guard let issued = token.claims["iat"]?.int, let expires = token.claims["exp"]?.int else {
            return ("invalid_grant", "Invalid JWT: iat and exp are whole seconds")
        }
        let now = self.desk.now.seconds
        guard issued <= now + Self.leewaySeconds, expires > now, expires - issued <= Self.lifetimeSeconds else {
            return (
                "invalid_grant",
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
            )
        }
        return nil
    }

    private static func denied(_ error: String, _ reason: String) -> Refusal {
        let answer = SimulatorAnswer.json(400, code: error) { json in
            json.field("error", error)
            json.field("error_description", reason)
        }
        return Refusal(answer, reason, .unauthorized)
    }

    private func admit(_ request: SimulatorRequest, _ notice: inout Notice) throws(Refusal) {
        let fault = "Request had invalid authentication credentials. Expected OAuth 2 access token."
        guard let token = request.bearer, let grant = self.desk.grant(token, of: .fcm), grant.expiresAt > self.desk.now
        else { throw Self.refusal(.unauthenticated, fault) }
        notice.grant = token
    }
}

// MARK: Messages

extension FCM {
    /// - Returns: the whole body.
    private func message(_ request: SimulatorRequest, _ notice: inout Notice) throws(Refusal) -> JSON {
        guard request.mediaType == "application/json", let body = try? JSON(parsing: request.body),
            body.kind == .object
        else { throw Self.refusal(.invalidArgument, "Invalid JSON payload received.") }
        let message = body["message"]
        notice.tokens = (message?["token"]?.string).map { [$0] } ?? []
        let shown = [message?["notification"], message?["android"]?["notification"]].compactMap { $0 }
        notice.title = shown.lazy.compactMap { $0["title"]?.string }.first ?? ""
        notice.text = shown.lazy.compactMap { $0["body"]?.string }.first ?? ""
        return body
    }

    private func check(_ body: JSON, _ request: SimulatorRequest, _ notice: inout Notice) throws(Refusal) {
        // Google takes no field that it does not know.
        if let fault = Self.request.faults(in: body).first {
            let message =
                fault.kind == .unknown
                ? "Invalid JSON payload received. Unknown name \"\(fault.path)\": Cannot find field."
                : "Invalid value: \(fault)"
            throw Self.refusal(.invalidArgument, message, field: fault.path)
        }
        let message = body["message"]
        let targets = ["token", "topic", "condition", "fid"].filter { message?[$0] != nil }
        guard targets.count == 1 else {
            throw Self.refusal(
                .invalidArgument, "Recipient of the message is not set, or is set more than once.", field: "message")
        }
        if let token = message?["token"], token.string?.isEmpty ?? true {
            throw Self.refusal(
                .invalidArgument, "The registration token is not a valid FCM registration token",
                field: "message.token")
        }
        try self.checkData(message)
    }

    private func checkData(_ message: JSON?) throws(Refusal) {
        let data = [message?["data"], message?["android"]?["data"]].compactMap { $0?.members }.flatMap { $0 }
        if let key = data.map(\.key).first(where: Self.isReserved) {
            throw Self.refusal(.invalidArgument, "Invalid data payload key: \(key)", field: "message.data")
        }
        let shown = [message?["notification"], message?["android"]?["notification"]].compactMap { $0?.raw.count }
        let bytes = data.reduce(0) { $0 + $1.key.utf8.count + ($1.value.string?.utf8.count ?? 0) }
        guard bytes + shown.reduce(0, +) <= Self.longestPayload else {
            throw Self.refusal(.invalidArgument, "Android message is too big", field: "message")
        }
    }

    private static func isReserved(_ key: String) -> Bool {
        key == "from" || key == "message_type" || key == "collapse_key" || key.hasPrefix("google.")
            || key.hasPrefix("gcm.notification.")
    }
}

// MARK: What a message may hold

extension FCM {
    private static func shape(_ fields: [String: Rule], required: [String] = []) -> Shape {
        Shape(fields, required: required, allowsCamelCase: true)
    }

    private static let request = shape(
        ["validate_only": .flag, "message": .object(message)], required: ["message"])
    private static let message = shape([
        "name": .text, "data": .map, "notification": .object(notification), "android": .object(android),
        "webpush": .members, "apns": .object(apns), "fcm_options": .object(options), "token": .text, "topic": .text,
        "condition": .text, "fid": .text,
    ])
    private static let notification = shape(["title": .text, "body": .text, "image": .text])
    private static let options = shape(["analytics_label": .text, "image": .text])
    private static let apns = shape([
        "headers": .map, "payload": .members, "fcm_options": .object(options), "live_activity_token": .text,
    ])
    private static let android = shape([
        "collapse_key": .text, "priority": .choice(["NORMAL", "HIGH", "normal", "high"]), "ttl": lifetime,
        "restricted_package_name": .text, "data": .map, "notification": .object(androidNotification),
        "fcm_options": .object(options), "direct_boot_ok": .flag, "bandwidth_constrained_ok": .flag,
        "restricted_satellite_ok": .flag,
    ])
    private static let androidNotification = shape([
        "title": .text, "body": .text, "icon": .text, "color": color, "sound": .text, "tag": .text,
        "click_action": .text, "body_loc_key": .text, "body_loc_args": .texts, "title_loc_key": .text,
        "title_loc_args": .texts, "channel_id": .text, "ticker": .text, "sticky": .flag, "event_time": .text,
        "local_only": .flag, "notification_priority": .choice(priorities), "default_sound": .flag,
        "default_vibrate_timings": .flag, "default_light_settings": .flag,
        "vibrate_timings": .list(duration, 0...Int.max), "visibility": .choice(visibilities),
        "notification_count": .integer(Int64(Int32.min)...Int64(Int32.max)), "light_settings": .object(light),
        "image": .text, "proxy": .choice(proxies), "bypass_proxy_notification": .flag, "id": .integer,
    ])
    private static let light = shape(
        ["color": .any, "light_on_duration": duration, "light_off_duration": duration],
        required: ["color", "light_on_duration", "light_off_duration"])

    private static let priorities = ["UNSPECIFIED", "MIN", "LOW", "DEFAULT", "HIGH", "MAX"].map { "PRIORITY_" + $0 }
    private static let visibilities = ["VISIBILITY_UNSPECIFIED", "PRIVATE", "PUBLIC", "SECRET"]
    private static let proxies = ["PROXY_UNSPECIFIED", "ALLOW", "DENY", "IF_PRIORITY_LOWERED"]

    private static let color = Rule.like("a color: #rrggbb") {
        $0.hasPrefix("#") && Digests.isHex(String($0.dropFirst()), 6)
    }
    private static let duration = Rule.like("a duration: 3.5s") { Self.seconds($0) != nil }
    /// Four weeks at most.
    private static let lifetime = Rule.like("a duration of at most four weeks: 3.5s") {
        Self.seconds($0).map { $0 <= 2_419_200 } ?? false
    }

    private static func seconds(_ text: String) -> Double? {
        guard text.hasSuffix("s"), let value = Double(text.dropLast()), value >= 0, value.isFinite else { return nil }
        return value
    }
}
