import ParleyCore
import ParleyJSON

/// Honor's push service: developer.honor.com, "推送服务": 获取鉴权接口, 下行消息接口, 下行消息响应码.
///
/// Its documentation gives business codes (`80300007`) and HTTP-like ones (403, 503) in one table; here the first come with HTTP status 200, the second with
/// the status that they name.
struct Honor: SimulatedProvider {
    static let kind = PushProvider.Kind.honor

    private static let lifetimeSeconds: Int64 = 3600
    private static let longestMessage = 4096
    private static let mostTokens = 1000
    /// How far the time of a request may be from ours.
    private static let leewayMilliseconds: Int64 = 600_000
    private static let tokenPaths = [["auth", "token"], "auth/realms/developer/protocol/openid-connect/token".parts]

    private let desk: Desk

    init(_ desk: Desk) { self.desk = desk }

    func hear(_ request: SimulatorRequest, _ notice: inout Notice) throws(Refusal) -> Hearing {
        let parts = request.parts
        if Self.tokenPaths.contains(parts) {
            notice.purpose = .access
            return .access(try self.grant(request))
        }
        guard parts.count == 4, parts.prefix(2) == ["api", "v1"], parts[3] == "sendMessage", request.method == "POST"
        else { throw Self.refusal(404, 404, "no such path") }
        let body = try? JSON(parsing: request.body)
        notice.tokens = body?["token"]?.array?.compactMap(\.string) ?? []
        let shown = [body?["android"]?["notification"], body?["notification"]].compactMap { $0 }
        notice.title = shown.lazy.compactMap { $0["title"]?.string }.first ?? ""
        notice.text = shown.lazy.compactMap { $0["body"]?.string }.first ?? ""
        try self.admit(request, &notice)
        try self.check(body, request, &notice)
        notice.id = Desk.random()
        return .notice
    }

    func answer(_ outcome: Outcome, to notice: Notice) -> SimulatorAnswer {
        switch outcome {
        case .accepted: Self.answer(200, 200, "success", id: notice.id)
        case .unregistered(let gone):
            gone.count == notice.tokens.count
                ? Self.answer(200, 80_300_007, "all tokens are invalid", id: notice.id, expired: gone, isSent: false)
                : Self.answer(200, 80_100_000, "some tokens are invalid", id: notice.id, expired: gone)
        case .throttled: Self.answer(503, 503, "too many requests")
        case .broken: Self.answer(500, 500, "internal error")
        case .unauthorized: Self.answer(403, 403, "authentication failed")
        case .refused(let reason): Self.answer(400, 400, "parameter error: \(reason)")
        }
    }

    /// - Parameter id: nil: nothing was sent, and no data is there.
    private static func answer(
        _ status: Int, _ code: Int, _ message: String, id: String? = nil, expired: [String] = [], isSent: Bool = true
    ) -> SimulatorAnswer {
        .json(status, code: "\(code)") { json in
            json.field("code", code)
            json.field("message", message)
            guard let id else { return }
            json.field("data") { json in
                json.object { json in
                    json.field("sendResult", isSent)
                    json.field("requestId", id)
                    json.field("failTokens", [String]())
                    json.field("expireTokens", expired)
                }
            }
        }
    }

    private static func refusal(
        _ status: Int, _ code: Int, _ message: String, _ verdict: Notice.Verdict = .refused
    ) -> Refusal { Refusal(self.answer(status, code, message), message, verdict) }
}

extension Honor {
    private func grant(_ request: SimulatorRequest) throws(Refusal) -> SimulatorAnswer {
        let client = try ClientCredentials.read(request, secret: self.desk.key(of: .honor)) { fault in
            .json(401, code: "invalid_client") { json in
                json.field("error", "invalid_client")
                json.field("error_description", fault)
            }
        }
        let token = self.desk.issue("CF3X", by: .honor, to: client, seconds: Self.lifetimeSeconds)
        return ClientCredentials.answer(token, seconds: Self.lifetimeSeconds)
    }

    private func admit(_ request: SimulatorRequest, _ notice: inout Notice) throws(Refusal) {
        guard let token = request.bearer, let grant = self.desk.grant(token, of: .honor),
            grant.expiresAt > self.desk.now
        else { throw Self.refusal(403, 403, "authentication failed", .unauthorized) }
        notice.grant = token
    }

    private func check(_ body: JSON?, _ request: SimulatorRequest, _ notice: inout Notice) throws(Refusal) {
        guard let time = request.header("timestamp") else { throw Self.refusal(200, 10001, "timestamp is empty") }
        guard let time = Int64(time), abs(self.desk.now.milliseconds - time) <= Self.leewayMilliseconds else {
            throw Self.refusal(200, 10207, "timestamp is not valid")
        }
        guard request.mediaType == "application/json", let body, body.kind == .object else {
            throw Self.refusal(200, 80_100_003, "illegal message body")
        }
        guard !notice.tokens.isEmpty else { throw Self.refusal(200, 10300, "push token is empty") }
        guard notice.tokens.count <= Self.mostTokens else { throw Self.refusal(200, 80_300_010, "too many tokens") }
        guard Set(notice.tokens).count == notice.tokens.count else {
            throw Self.refusal(200, 80_300_006, "a push token is repeated")
        }
        let (grave, light) = Self.message.faults(in: body).split { $0.kind == .unknown }
        notice.warn(light)
        if let fault = grave.first { throw Self.refusal(200, 80_100_003, "illegal message body: \(fault)") }
        guard request.body.count - (body["token"]?.raw.count ?? 0) <= Self.longestMessage else {
            throw Self.refusal(200, 80_300_008, "the message is too long")
        }
        if let fault = Self.fault(of: body) { throw Self.refusal(200, 80_100_003, "illegal message body: \(fault)") }
    }

    private static func fault(of body: JSON) -> String? {
        guard let shown = body["android"]?["notification"] else {
            return body["data"] == nil && body["android"]?["data"] == nil
                ? "neither data nor android.notification" : nil
        }
        for field in ["title", "body"] where shown[field] == nil && body["notification"]?[field] == nil {
            return "\(field) is missing"
        }
        guard let tap = shown["clickAction"] else { return "clickAction is missing" }
        switch tap["type"]?.int {
        case 1: return tap["intent"] == nil && tap["action"] == nil ? "clickAction of type 1 has intent or action" : nil
        case 2: return tap["url"] == nil ? "clickAction of type 2 has url" : nil
        default: return nil
        }
    }

    private static let message = Shape([
        "data": .text, "notification": .object(Shape(["title": .text, "body": .text, "image": .text])),
        "android": .object(android), "token": .list(.text(1...4096), 0...Int.max),
    ])
    private static let android = Shape([
        "ttl": lifetime, "biTag": .text, "receiptId": .text, "data": .text, "notification": .object(notification),
        "targetUserType": .bit,
    ])
    private static let notification = Shape([
        "title": .text, "body": .text, "clickAction": .object(tap), "image": .text, "style": .integer(0...1),
        "bigTitle": .text, "bigBody": .text, "importance": .choice(["LOW", "NORMAL"]), "when": .text,
        "buttons": .list(.any, 0...3), "badge": .object(badge), "notifyId": .integer(0...Int64(Int32.max)),
        "tag": .text, "group": .text, "notifySummary": .text, "foregroundShow": .flag,
    ])
    private static let tap = Shape(
        ["type": .integer(1...3), "intent": .text, "url": .text, "action": .text], required: ["type"])
    private static let badge = Shape(["addNum": .integer(1...99), "setNum": .integer(0...99), "badgeClass": .text])

    /// Fifteen days at most.
    private static let lifetime = Rule.like("1 second to 15 days: 86400s") {
        guard $0.hasSuffix("s"), let seconds = Int64($0.dropLast()) else { return false }
        return (1...1_296_000).contains(seconds)
    }
}

extension String {
    fileprivate var parts: [String] { self.split(separator: "/").map(String.init) }
}
