import ParleyCore
import ParleyJSON

/// Huawei's Push Kit for Android: developer.huawei.com, HMS Core, Push Kit, "REST API": "Downlink message sending" (v1), its result codes, and "OAuth 2.0:
/// client credentials".
///
/// Which HTTP status goes with which result code is documented by class alone (200, 400, 401, 500, 503): a notice none of whose tokens is good is answered
/// 400 here.
struct Huawei: SimulatedProvider {
    static let kind = PushProvider.Kind.huawei

    private static let lifetimeSeconds: Int64 = 3600
    /// Without the tokens.
    private static let longestMessage = 4096
    private static let mostTokens = 1000

    private let desk: Desk

    init(_ desk: Desk) { self.desk = desk }

    func hear(_ request: SimulatorRequest, _ notice: inout Notice) throws(Refusal) -> Hearing {
        let parts = request.parts
        if parts == ["oauth2", "v3", "token"] || parts == ["oauth2", "v2", "token"] {
            notice.purpose = .access
            return .access(try self.grant(request))
        }
        guard parts.count == 3, parts[0] == "v1" || parts[0] == "v2", parts[2] == "messages:send",
            request.method == "POST"
        else { throw Refusal(.text(404, "Not Found\n"), "no such path") }
        let body = try? JSON(parsing: request.body)
        self.read(body, &notice)
        try self.admit(request, &notice)
        try self.check(body, request, &notice)
        notice.id = "\(self.desk.now.milliseconds)\(Desk.random().prefix(8))"
        return .notice
    }

    func answer(_ outcome: Outcome, to notice: Notice) -> SimulatorAnswer {
        switch outcome {
        case .accepted: Self.answer(200, "80000000", "Success", notice)
        case .unregistered(let gone):
            gone.count == notice.tokens.count
                ? Self.answer(400, "80300007", "All the tokens are invalid", notice)
                : Self.answer(200, "80100000", Self.partial(gone, of: notice), notice)
        case .throttled: Self.answer(503, "503", "Flow control", notice)
        case .broken: Self.answer(500, "81000001", "System inner error", notice)
        case .unauthorized: Self.answer(401, "80200003", "OAuth token expired", notice)
        case .refused(let reason): Self.answer(400, "80100001", "Parameter error: \(reason)", notice)
        }
    }

    private static func answer(_ status: Int, _ code: String, _ message: String, _ notice: Notice) -> SimulatorAnswer {
        .json(status, code: code) { json in
            json.field("code", code)
            json.field("msg", message)
            json.field("requestId", notice.id)
        }
    }

    private static func partial(_ gone: [String], of notice: Notice) -> String {
        var json = JSONWriter()
        json.object { json in
            json.field("success", notice.tokens.count - gone.count)
            json.field("failure", gone.count)
            json.field("illegal_tokens", gone)
        }
        return String(decoding: json.bytes, as: UTF8.self)
    }

    private static func refusal(
        _ status: Int, _ code: String, _ message: String, _ notice: Notice, _ verdict: Notice.Verdict = .refused
    ) -> Refusal {
        Refusal(self.answer(status, code, message, notice), message, verdict)
    }
}

// MARK: Access

extension Huawei {
    private func grant(_ request: SimulatorRequest) throws(Refusal) -> SimulatorAnswer {
        let client = try ClientCredentials.read(request, secret: self.desk.key(of: .huawei)) { fault in
            .json(400, code: "1101") { json in
                json.field("error", 1101)
                json.field("sub_error", 20001)
                json.field("error_description", fault)
            }
        }
        let token = self.desk.issue("DQEBA", by: .huawei, to: client, seconds: Self.lifetimeSeconds)
        return ClientCredentials.answer(token, seconds: Self.lifetimeSeconds)
    }

    private func admit(_ request: SimulatorRequest, _ notice: inout Notice) throws(Refusal) {
        guard let token = request.bearer, let grant = self.desk.grant(token, of: .huawei) else {
            throw Self.refusal(401, "80200001", "OAuth authentication error", notice, .unauthorized)
        }
        guard grant.expiresAt > self.desk.now else {
            throw Self.refusal(401, "80200003", "OAuth token expired", notice, .unauthorized)
        }
        notice.grant = token
    }
}

// MARK: Messages

extension Huawei {
    private func read(_ body: JSON?, _ notice: inout Notice) {
        let message = body?["message"]
        notice.tokens = message?["token"]?.array?.compactMap(\.string) ?? []
        let shown = [message?["android"]?["notification"], message?["notification"]].compactMap { $0 }
        notice.title = shown.lazy.compactMap { $0["title"]?.string }.first ?? ""
        notice.text = shown.lazy.compactMap { $0["body"]?.string }.first ?? ""
    }

    private func check(_ body: JSON?, _ request: SimulatorRequest, _ notice: inout Notice) throws(Refusal) {
        guard request.mediaType == "application/json", let body, let message = body["message"], message.kind == .object
        else { throw Self.refusal(400, "80100003", "Illegal payload", notice) }
        let (grave, light) = Self.request.faults(in: body).split { $0.kind == .unknown }
        notice.warn(light)
        if let fault = grave.first { throw Self.refusal(400, "80100001", "Parameter error: \(fault)", notice) }
        try Self.checkTargets(message, notice)
        let tokens = message["token"]?.raw.count ?? 0
        guard request.body.count - tokens <= Self.longestMessage else {
            throw Self.refusal(400, "80300008", "The message size exceeds the limit", notice)
        }
        if let fault = Self.fault(of: message) {
            throw Self.refusal(400, "80100003", "Illegal payload: \(fault)", notice)
        }
    }

    private static func checkTargets(_ message: JSON, _ notice: Notice) throws(Refusal) {
        guard ["token", "topic", "condition"].count(where: { message[$0] != nil }) == 1 else {
            throw Self.refusal(400, "80100001", "Parameter error: one of token, topic, condition", notice)
        }
        guard message["token"] == nil || (1...Self.mostTokens).contains(notice.tokens.count) else {
            throw Self.refusal(400, "80300010", "The number of tokens is not 1 to 1000", notice)
        }
    }

    /// It shows something that can be tapped, or it is data for the app.
    private static func fault(of message: JSON) -> String? {
        guard let shown = message["android"]?["notification"] else {
            return message["data"]?.string ?? message["android"]?["data"]?.string == nil
                ? "neither data nor android.notification" : nil
        }
        for field in ["title", "body"] where shown[field] == nil && message["notification"]?[field] == nil {
            return "\(field) is missing"
        }
        guard let tap = shown["click_action"] else { return "click_action is missing" }
        switch tap["type"]?.int {
        case 1:
            return tap["intent"] == nil && tap["action"] == nil ? "click_action of type 1 has intent or action" : nil
        case 2: return tap["url"] == nil ? "click_action of type 2 has url" : nil
        default: return nil
        }
    }
}

// MARK: What a message may hold

extension Huawei {
    private static let request = Shape(
        ["validate_only": .flag, "message": .object(message)], required: ["message"])
    private static let message = Shape([
        "data": .text, "notification": .object(Shape(["title": .text, "body": .text, "image": .text])),
        "android": .object(android), "apns": .any, "webpush": .any, "token": .list(.text(1...4096), 0...Int.max),
        "topic": .text, "condition": .text, "receipt_id": .text,
    ])
    private static let android = Shape([
        "collapse_key": .integer(-1...100), "urgency": .choice(["HIGH", "NORMAL"]), "category": .text,
        "ttl": lifetime, "bi_tag": .text, "receipt_id": .text, "fast_app_target": .integer(1...2), "data": .text,
        "notification": .object(notification), "target_user_type": .bit,
    ])
    private static let notification = Shape([
        "title": .text, "body": .text, "icon": .text, "color": color, "sound": .text, "default_sound": .flag,
        "tag": .text, "click_action": .object(tap), "body_loc_key": .text, "body_loc_args": .texts,
        "title_loc_key": .text, "title_loc_args": .texts, "multi_lang_key": .any, "channel_id": .text,
        "notify_summary": .text, "image": .text, "style": .integer(0...3), "big_title": .text, "big_body": .text,
        "auto_clear": .integer, "notify_id": .integer(0...Int64(Int32.max)), "group": .text, "badge": .object(badge),
        "ticker": .text, "auto_cancel": .flag, "when": .text, "local_only": .flag,
        "importance": .choice(["LOW", "NORMAL", "HIGH"]), "use_default_vibrate": .flag, "use_default_light": .flag,
        "vibrate_config": .texts,
        "visibility": .choice(["VISIBILITY_UNSPECIFIED", "PRIVATE", "PUBLIC", "SECRET"]), "light_settings": .any,
        "foreground_show": .flag, "profile_id": .text, "inbox_content": .list(.text, 0...5),
        "buttons": .list(.any, 0...3),
    ])
    private static let tap = Shape(
        ["type": .integer(1...3), "intent": .text, "url": .text, "action": .text, "rich_resource": .text],
        required: ["type"])
    private static let badge = Shape(["add_num": .integer(1...99), "set_num": .integer(0...99), "class": .text])

    private static let color = Rule.like("a color: #RRGGBB") {
        $0.hasPrefix("#") && Digests.isHex(String($0.dropFirst()), 6)
    }
    /// Fifteen days at most.
    private static let lifetime = Rule.like("1 second to 15 days: 86400s") {
        guard $0.hasSuffix("s"), let seconds = Int64($0.dropLast()) else { return false }
        return (1...1_296_000).contains(seconds)
    }
}
