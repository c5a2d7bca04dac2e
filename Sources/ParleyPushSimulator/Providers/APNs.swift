import Crypto
import ParleyCore
import ParleyJSON

/// Apple's provider API: developer.apple.com/documentation/usernotifications, "Sending notification requests to APNs", "Establishing a token-based
/// connection", "Generating a remote notification", "Handling notification responses from APNs".
///
/// Over TLS by HTTP/2 alone, as Apple; in the clear HTTP/1.1 will do, for `curl`. A client that shows a certificate needs no provider token.
/// Apple does not say what becomes of a payload with fields of the wrong type: it is taken here, with a warning.
struct APNs: SimulatedProvider {
    static let kind = PushProvider.Kind.apns

    private static let longestPayload = 4096
    private static let longestCall = 5120
    private static let longestCollapseID = 64
    private static let oldestTokenMilliseconds: Int64 = 3_600_000

    private let desk: Desk
    private let key: WebToken.Key?

    init(_ desk: Desk) throws {
        self.desk = desk
        self.key = try desk.key(of: .apns).map { .es256(try P256.Signing.PublicKey(pemRepresentation: $0)) }
    }

    func hear(_ request: SimulatorRequest, _ notice: inout Notice) throws(Refusal) -> Hearing {
        notice.id = request.header("apns-id") ?? Digests.uuid()
        guard !request.isEncrypted || request.isHTTP2 else {
            throw Refusal(.text(505, "APNs speaks HTTP/2 only\n"), "came by HTTP/1.1")
        }
        let parts = request.parts
        guard parts.prefix(2) == ["3", "device"], parts.count <= 3 else { throw self.refusal(.badPath, notice) }
        guard request.method == "POST" else { throw self.refusal(.methodNotAllowed, notice) }
        guard let token = parts.dropFirst(2).first else { throw self.refusal(.missingDeviceToken, notice) }
        notice.tokens = [token]
        self.read(request.body, &notice)
        try self.admit(request, &notice)
        guard Digests.isHex(token) || TokenWords(token).isMarked else { throw self.refusal(.badDeviceToken, notice) }
        let type = try self.checkHeaders(request, notice)
        try self.checkPayload(request.body, type, &notice)
        return .notice
    }

    func answer(_ outcome: Outcome, to notice: Notice) -> SimulatorAnswer {
        switch outcome {
        case .accepted: self.accepted(notice)
        case .unregistered: self.answer(.unregistered, notice)
        case .throttled: self.answer(.tooManyRequests, notice)
        case .broken: self.answer(.internalServerError, notice)
        case .unauthorized: self.answer(.expiredProviderToken, notice)
        // Apple's table has no general word for an argument.
        case .refused: self.answer(.badTopic, notice)
        }
    }

    private func accepted(_ notice: Notice) -> SimulatorAnswer {
        var headers = [("apns-id", notice.id)]
        if self.desk.configuration.isSandbox { headers.append(("apns-unique-id", Digests.uuid())) }
        return SimulatorAnswer(200, code: "", headers: headers)
    }
}

// MARK: Apple's table

extension APNs {
    enum Reason: String {
        case badCollapseID = "BadCollapseId"
        case badDeviceToken = "BadDeviceToken"
        case badExpirationDate = "BadExpirationDate"
        case badMessageID = "BadMessageId"
        case badPriority = "BadPriority"
        case badTopic = "BadTopic"
        case duplicateHeaders = "DuplicateHeaders"
        case invalidPushType = "InvalidPushType"
        case missingDeviceToken = "MissingDeviceToken"
        case missingTopic = "MissingTopic"
        case payloadEmpty = "PayloadEmpty"
        case expiredProviderToken = "ExpiredProviderToken"
        case invalidProviderToken = "InvalidProviderToken"
        case missingProviderToken = "MissingProviderToken"
        case badPath = "BadPath"
        case methodNotAllowed = "MethodNotAllowed"
        case unregistered = "Unregistered"
        case payloadTooLarge = "PayloadTooLarge"
        case tooManyRequests = "TooManyRequests"
        case internalServerError = "InternalServerError"

        var status: Int {
            switch self {
            case .badCollapseID, .badDeviceToken, .badExpirationDate, .badMessageID, .badPriority, .badTopic,
                .duplicateHeaders, .invalidPushType, .missingDeviceToken, .missingTopic, .payloadEmpty:
                400
            case .expiredProviderToken, .invalidProviderToken, .missingProviderToken: 403
            case .badPath: 404
            case .methodNotAllowed: 405
            case .unregistered: 410
            case .payloadTooLarge: 413
            case .tooManyRequests: 429
            case .internalServerError: 500
            }
        }
    }

    private func answer(_ reason: Reason, _ notice: Notice) -> SimulatorAnswer {
        .json(reason.status, code: reason.rawValue, headers: [("apns-id", notice.id)]) { json in
            json.field("reason", reason.rawValue)
            // When Apple learned that the token is gone: only then is it to be forgotten.
            if reason.status == 410 { json.field("timestamp", self.desk.now.milliseconds) }
        }
    }

    private func refusal(_ reason: Reason, _ notice: Notice, _ why: String = "") -> Refusal {
        Refusal(
            self.answer(reason, notice), why.isEmpty ? reason.rawValue : why,
            reason.status == 403 ? .unauthorized : .refused)
    }
}

// MARK: Provider tokens

extension APNs {
    private func admit(_ request: SimulatorRequest, _ notice: inout Notice) throws(Refusal) {
        guard let text = request.bearer else {
            guard !request.hasCertificate else { return }
            throw self.refusal(.missingProviderToken, notice)
        }
        guard let token = WebToken(text) else { throw self.refusal(.invalidProviderToken, notice, "is no web token") }
        if let fault = self.fault(of: token) { throw self.refusal(.invalidProviderToken, notice, fault) }
        guard let madeAt = token.claims["iat"]?.int else {
            throw self.refusal(.invalidProviderToken, notice, "has no iat")
        }
        let age = self.desk.now.milliseconds - Timestamp(seconds: madeAt).milliseconds
        guard age <= Self.oldestTokenMilliseconds, !self.desk.isRevoked(text, of: .apns) else {
            throw self.refusal(.expiredProviderToken, notice)
        }
        guard age >= -Self.oldestTokenMilliseconds else {
            throw self.refusal(.invalidProviderToken, notice, "iat is in the future")
        }
        notice.grant = text
    }

    private func fault(of token: WebToken) -> String? {
        guard token.header["alg"]?.string == "ES256" else { return "alg is not ES256" }
        guard Self.isAppleID(token.header["kid"]?.string) else { return "kid is not a key id of ten characters" }
        guard Self.isAppleID(token.claims["iss"]?.string) else { return "iss is not a team id of ten characters" }
        if let key = self.key, !token.isSigned(with: key) { return "the signature is not the key's" }
        return nil
    }

    private static func isAppleID(_ text: String?) -> Bool {
        guard let text, text.utf8.count == 10 else { return false }
        return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
    }
}

// MARK: Headers

extension APNs {
    /// The types of notices, and what the topic of each ends in.
    private static let types: [String: String] = [
        "alert": "", "background": "", "controls": ".push-type.controls", "location": ".location-query",
        "voip": ".voip", "complication": ".complication", "fileprovider": ".pushkit.fileprovider", "mdm": "",
        "liveactivity": ".push-type.liveactivity", "pushtotalk": ".voip-ptt", "widgets": ".push-type.widgets",
    ]

    /// - Returns: the type of the notice.
    private func checkHeaders(_ request: SimulatorRequest, _ notice: Notice) throws(Refusal) -> String? {
        let names = Set(request.headers.map { $0.name.lowercased() }.filter { $0.hasPrefix("apns-") })
        guard names.allSatisfy({ request.count(of: $0) == 1 }) else { throw self.refusal(.duplicateHeaders, notice) }
        if let id = request.header("apns-id"), !Digests.isUUID(id) { throw self.refusal(.badMessageID, notice) }
        if let date = request.header("apns-expiration"), !Self.isDate(date) {
            throw self.refusal(.badExpirationDate, notice)
        }
        if let priority = request.header("apns-priority"), !["1", "5", "10"].contains(priority) {
            throw self.refusal(.badPriority, notice)
        }
        if let id = request.header("apns-collapse-id"), id.utf8.count > Self.longestCollapseID {
            throw self.refusal(.badCollapseID, notice)
        }
        let type = request.header("apns-push-type")
        if let type, Self.types[type] == nil { throw self.refusal(.invalidPushType, notice) }
        try self.checkTopic(request, type ?? "alert", notice)
        // "Always use priority 5. Using priority 10 is an error."
        if type == "background", request.header("apns-priority") ?? "10" == "10" {
            throw self.refusal(.badPriority, notice, "a background notice has priority 5")
        }
        return type
    }

    private func checkTopic(_ request: SimulatorRequest, _ type: String, _ notice: Notice) throws(Refusal) {
        guard let topic = request.header("apns-topic"), !topic.isEmpty else {
            // A certificate says what its topic is.
            guard request.hasCertificate, request.bearer == nil else { throw self.refusal(.missingTopic, notice) }
            return
        }
        let isOne = topic.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") }
        guard isOne, topic.hasSuffix(Self.types[type] ?? "") else { throw self.refusal(.badTopic, notice) }
    }

    private static func isDate(_ text: String) -> Bool { Int64(text).map { $0 >= 0 } ?? false }
}

// MARK: Payload

extension APNs {
    private func read(_ body: [UInt8], _ notice: inout Notice) {
        guard let alert = (try? JSON(parsing: body))?["aps"]?["alert"] else { return }
        notice.title = alert["title"]?.string ?? ""
        notice.text = alert.string ?? alert["body"]?.string ?? ""
    }

    private func checkPayload(_ body: [UInt8], _ type: String?, _ notice: inout Notice) throws(Refusal) {
        guard body.count <= (type == "voip" ? Self.longestCall : Self.longestPayload) else {
            throw self.refusal(.payloadTooLarge, notice)
        }
        guard let payload = try? JSON(parsing: body), payload.kind == .object, payload.count > 0 else {
            throw self.refusal(.payloadEmpty, notice, "the body is not a JSON object with members")
        }
        if type == nil { notice.warn([Fault(.missing, "apns-push-type", "is missing")]) }
        guard let aps = payload["aps"] else {
            if type == nil || type == "alert" || type == "background" {
                throw self.refusal(.payloadEmpty, notice, "aps is missing")
            }
            return
        }
        notice.warn(Self.aps.faults(in: aps, at: "aps"))
        if let fault = Self.mismatch(of: aps, type) { throw self.refusal(.invalidPushType, notice, fault) }
    }

    /// "The value of this header must accurately reflect the contents of your notification's payload."
    private static func mismatch(of aps: JSON, _ type: String?) -> String? {
        let shows = ["alert", "badge", "sound"].contains { aps[$0] != nil }
        switch type {
        case "alert": return shows ? nil : "an alert without alert, badge and sound"
        case "background":
            if shows { return "a background notice with alert, badge or sound" }
            return aps["content-available"]?.int == 1 ? nil : "a background notice without content-available"
        default: return nil
        }
    }

    private static let aps = Shape([
        "alert": .either(.text, .object(alert)), "badge": .integer(0...Int64.max),
        "sound": .either(.text, .object(sound)), "thread-id": .text, "category": .text, "content-available": .bit,
        "mutable-content": .bit, "target-content-id": .text,
        "interruption-level": .choice(["passive", "active", "time-sensitive", "critical"]),
        "relevance-score": .number(-Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude),
        "filter-criteria": .text, "stale-date": .integer, "content-state": .any, "timestamp": .integer,
        "event": .choice(["start", "update", "end"]), "dismissal-date": .integer, "attributes-type": .text,
        "attributes": .any, "content-changed": .flag, "url-args": .texts,
    ])
    private static let alert = Shape([
        "title": .text, "subtitle": .text, "body": .text, "launch-image": .text, "title-loc-key": .text,
        "title-loc-args": .texts, "subtitle-loc-key": .text, "subtitle-loc-args": .texts, "loc-key": .text,
        "loc-args": .texts, "action-loc-key": .text, "summary-arg": .text, "summary-arg-count": .integer,
    ])
    private static let sound = Shape(["critical": .bit, "name": .text, "volume": .number(0...1)])
}
