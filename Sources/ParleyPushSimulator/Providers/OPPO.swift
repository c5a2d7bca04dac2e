import ParleyCore
import ParleyJSON

/// OPPO's push service: open.oppomobile.com, "服务端API": 鉴权, 单点推送, 消息体, 返回码.
///
/// Everything is answered with HTTP status 200 and a code.
struct OPPO: SimulatedProvider {
    static let kind = PushProvider.Kind.oppo

    private static let lifetimeSeconds: Int64 = 24 * 3600
    private static let leewayMilliseconds: Int64 = 600_000

    private let desk: Desk

    init(_ desk: Desk) { self.desk = desk }

    func hear(_ request: SimulatorRequest, _ notice: inout Notice) throws(Refusal) -> Hearing {
        let parts = request.parts
        let isAuth = parts == ["server", "v1", "auth"]
        if isAuth { notice.purpose = .access }
        guard isAuth || parts == ["server", "v1", "message", "notification", "unicast"] else {
            throw Self.refusal(20, "Invalid Method")
        }
        guard request.method == "POST" else { throw Self.refusal(12, "Http Action Not Allowed") }
        let form = FormFields(request.body)
        guard request.mediaType == "application/x-www-form-urlencoded", form.isReadable else {
            throw Self.refusal(25, "Invalid Encoding")
        }
        if isAuth { return .access(try self.grant(form)) }
        let message = form["message"].flatMap { try? JSON(parsing: $0) }
        notice.tokens = (message?["target_value"]?.string).map { [$0] } ?? []
        notice.title = message?["notification"]?["title"]?.string ?? ""
        notice.text = message?["notification"]?["content"]?.string ?? ""
        try self.admit(request, form, &notice)
        try Self.check(message, form, &notice)
        notice.id = Desk.random()
        return .notice
    }

    func answer(_ outcome: Outcome, to notice: Notice) -> SimulatorAnswer {
        switch outcome {
        case .accepted:
            Self.answer(0, "Success") { json in
                json.field("data") { json in json.object { $0.field("messageId", notice.id) } }
            }
        case .unregistered: Self.answer(10000, "Invalid RegistrationId")
        case .throttled: Self.answer(13, "App Call Limited")
        case .broken: Self.answer(-1, "Service Currently Unavailable")
        case .unauthorized: Self.answer(11, "Invalid AuthToken")
        case .refused(let reason): Self.answer(41, "Invalid Arguments: \(reason)")
        }
    }

    private static func answer(
        _ code: Int, _ message: String, _ more: (inout JSONWriter) -> Void = { _ in }
    ) -> SimulatorAnswer {
        .json(200, code: "\(code)") { json in
            json.field("code", code)
            json.field("message", message)
            more(&json)
        }
    }

    private static func refusal(_ code: Int, _ message: String, _ verdict: Notice.Verdict = .refused) -> Refusal {
        Refusal(self.answer(code, message), message, verdict)
    }
}

extension OPPO {
    /// `sign` is the SHA-256 of app key, time and master secret, one after the other.
    private func grant(_ form: FormFields) throws(Refusal) -> SimulatorAnswer {
        guard let app = form["app_key"] else { throw Self.refusal(15, "Missing App Key", .unauthorized) }
        guard let sign = form["sign"] else { throw Self.refusal(17, "Missing Signature", .unauthorized) }
        guard let time = form["timestamp"] else { throw Self.refusal(18, "Missing Timestamp", .unauthorized) }
        guard let moment = Int64(time), abs(self.desk.now.milliseconds - moment) <= Self.leewayMilliseconds else {
            throw Self.refusal(19, "Invalid Timestamp", .unauthorized)
        }
        let isRight = self.desk.key(of: .oppo).map { Digests.sha256(app + time + $0) == sign.lowercased() }
        guard isRight ?? Digests.isHex(sign, 64) else { throw Self.refusal(16, "Invalid Signature", .unauthorized) }
        let token = self.desk.issue("", by: .oppo, to: app, seconds: Self.lifetimeSeconds)
        return Self.answer(0, "Success") { json in
            json.field("data") { json in
                json.object { json in
                    json.field("auth_token", token)
                    json.field("create_time", self.desk.now.milliseconds)
                }
            }
        }
    }

    /// In the form; older documentation has it in a header.
    private func admit(_ request: SimulatorRequest, _ form: FormFields, _ notice: inout Notice) throws(Refusal) {
        guard let token = form["auth_token"] ?? request.header("auth_token") else {
            throw Self.refusal(29, "Missing Auth Token", .unauthorized)
        }
        guard let grant = self.desk.grant(token, of: .oppo), grant.expiresAt > self.desk.now else {
            throw Self.refusal(11, "Invalid AuthToken", .unauthorized)
        }
        notice.grant = token
    }

    private static func check(_ message: JSON?, _ form: FormFields, _ notice: inout Notice) throws(Refusal) {
        guard form["message"] != nil else { throw Self.refusal(40, "Missing Required Arguments: message") }
        guard let message else { throw Self.refusal(41, "Invalid Arguments: message is not JSON") }
        let (grave, light) = Self.message.faults(in: message).split { $0.kind == .unknown }
        notice.warn(light)
        if let fault = grave.first {
            throw fault.kind == .missing
                ? Self.refusal(40, "Missing Required Arguments: \(fault)")
                : Self.refusal(41, "Invalid Arguments: \(fault)")
        }
        guard message["target_value"]?.string?.contains(where: { $0 == ";" || $0 == "," }) == false else {
            throw Self.refusal(41, "Invalid Arguments: target_value takes one target")
        }
        if let shown = message["notification"], let fault = Self.fault(of: shown) {
            throw Self.refusal(41, "Invalid Arguments: \(fault)")
        }
    }

    private static func fault(of shown: JSON) -> String? {
        let length = shown["content"]?.string?.unicodeScalars.count ?? 0
        guard length <= (shown["style"]?.int == 2 ? 128 : 50) else { return "content is too long for its style" }
        switch shown["click_action_type"]?.int {
        case 1, 4:
            return shown["click_action_activity"]?.string?.isEmpty ?? true ? "click_action_activity is missing" : nil
        case 2, 5: return shown["click_action_url"]?.string?.isEmpty ?? true ? "click_action_url is missing" : nil
        default: break
        }
        if shown["notify_level"] != nil, shown["category"] == nil { return "notify_level needs a category" }
        return nil
    }

    private static let message = Shape(
        [
            "target_type": .integer(2...5), "target_value": .text(1...4096), "notification": .object(notification),
            "verify_registration_id": .flag,
        ], required: ["target_type", "target_value", "notification"])
    private static let notification = Shape(
        [
            "app_message_id": .text(0...64), "style": .integer(1...3), "big_picture_id": .text,
            "small_picture_id": .text, "title": .text(1...50), "sub_title": .text(0...10), "content": .text(1...128),
            "click_action_type": .integer(0...5), "click_action_activity": .text(0...1000),
            "click_action_url": .text(0...2000), "action_parameters": parameters, "show_time_type": .bit,
            "show_start_time": .integer, "show_end_time": .integer, "off_line": .flag,
            "off_line_ttl": .integer(0...864_000), "push_time_type": .bit, "push_start_time": .integer,
            "time_zone": .text, "fix_speed": .any, "fix_speed_rate": .integer, "network_type": .bit,
            "call_back_url": .text(0...200), "call_back_parameter": .text(0...100), "channel_id": .text(0...64),
            "show_ttl": .integer, "notify_id": .integer, "category": .text, "notify_level": level,
            "private_msg_template_id": .text, "private_title_parameters": .any, "private_content_parameters": .any,
        ], required: ["title", "content"])
    private static let parameters = Rule.like("JSON in a string of at most 4000 characters") { text in
        text.isEmpty || (text.count <= 4000 && (try? JSON(parsing: text))?.kind == .object)
    }
    private static let level = Rule.either(.integer(1...2), .integer(16...16))
}
