import ParleyCore
import ParleyJSON

/// Xiaomi's push service: dev.mi.com, "推送服务: 服务器API地址以及参数" (`/v2/message/regid`, `/v3/message/regid`), and its error codes.
///
/// Errors come with HTTP status 200, as everything is documented by the code in the body.
struct Xiaomi: SimulatedProvider {
    static let kind = PushProvider.Kind.xiaomi

    private static let mostTokens = 1000
    private static let longestPayload = 4096
    private static let longestTitle = 50
    private static let longestText = 128
    private static let mostExtras = 10
    private static let longestExtras = 1024
    private static let longestLifetimeMilliseconds: Int64 = 14 * 24 * 3_600_000
    private static let farthestMilliseconds: Int64 = 7 * 24 * 3_600_000

    private let desk: Desk

    init(_ desk: Desk) { self.desk = desk }

    func hear(_ request: SimulatorRequest, _ notice: inout Notice) throws(Refusal) -> Hearing {
        let parts = request.parts
        guard parts == ["v3", "message", "regid"] || parts == ["v2", "message", "regid"] else {
            throw Refusal(.text(404, "Not Found\n"), "no such path")
        }
        guard request.method == "POST" else { throw self.refusal(10012, "the method is POST") }
        let form = FormFields(request.body + (request.query.isEmpty ? [] : Array("&\(request.query)".utf8)))
        notice.tokens = (form["registration_id"] ?? "").split(separator: ",").map(String.init)
        notice.title = form["title"] ?? ""
        notice.text = form["description"] ?? ""
        try self.admit(request)
        guard request.mediaType == "application/x-www-form-urlencoded" || request.body.isEmpty else {
            throw self.refusal(10012, "the body is not a form")
        }
        try self.check(form, &notice)
        notice.id = "scm" + Desk.random()
        return .notice
    }

    func answer(_ outcome: Outcome, to notice: Notice) -> SimulatorAnswer {
        switch outcome {
        case .accepted: self.accepted(notice, gone: [])
        case .unregistered(let gone):
            gone.count == notice.tokens.count
                ? self.answer(20301, "No valid targets!") : self.accepted(notice, gone: gone)
        case .throttled: self.answer(200_002, "Push QPS exceeds the limit")
        case .broken: self.answer(10001, "System error")
        case .unauthorized: self.answer(21301, "Invalid application credentials.")
        case .refused(let reason): self.answer(10017, reason)
        }
    }

    private func accepted(_ notice: Notice, gone: [String]) -> SimulatorAnswer {
        .json(200, code: "0") { json in
            json.field("result", "ok")
            json.field("trace_id", "Xcm" + Desk.random())
            json.field("code", 0)
            json.field("data") { json in
                json.object { json in
                    json.field("id", notice.id)
                    if !gone.isEmpty { json.field("bad_regids", gone.joined(separator: ",")) }
                }
            }
            json.field("description", "成功")
            json.field("info", "Received push messages for \(notice.tokens.count - gone.count) REGID")
        }
    }

    private func answer(_ code: Int, _ reason: String) -> SimulatorAnswer {
        .json(200, code: "\(code)") { json in
            json.field("result", "error")
            json.field("reason", reason)
            json.field("trace_id", "Xcm" + Desk.random())
            json.field("code", code)
            json.field("description", Self.descriptions[code] ?? "")
        }
    }

    private static let descriptions = [
        10001: "系统错误", 10012: "非法请求", 10016: "缺失必选参数", 10017: "参数值非法", 20301: "发送消息失败", 21301: "认证失败",
        65009: "消息内容太长", 200_002: "推送QPS超限额",
    ]

    private func refusal(_ code: Int, _ reason: String, _ verdict: Notice.Verdict = .refused) -> Refusal {
        Refusal(self.answer(code, reason), reason, verdict)
    }
}

extension Xiaomi {
    /// `Authorization: key=SECRET`, the word in lower case.
    private func admit(_ request: SimulatorRequest) throws(Refusal) {
        guard let given = request.header("Authorization"), given.hasPrefix("key="), given.utf8.count > 4,
            self.desk.key(of: .xiaomi).map({ "key=\($0)" == given }) ?? true
        else { throw self.refusal(21301, "Invalid application credentials.", .unauthorized) }
    }

    private func check(_ form: FormFields, _ notice: inout Notice) throws(Refusal) {
        guard form.isReadable else { throw self.refusal(10017, "the form is badly escaped") }
        guard !notice.tokens.isEmpty else { throw self.refusal(10016, "registration_id is missing") }
        guard notice.tokens.count <= Self.mostTokens else { throw self.refusal(10017, "more than 1000 regids") }
        guard form["restricted_package_name"] != nil else {
            throw self.refusal(10016, "restricted_package_name is missing")
        }
        let isSilent = form["pass_through"] == "1"
        if !isSilent {
            try self.checkShown("title", form, longest: Self.longestTitle)
            try self.checkShown("description", form, longest: Self.longestText)
        } else if form["payload"] == nil {
            throw self.refusal(10016, "payload is missing")
        }
        guard (form["payload"] ?? "").utf8.count <= Self.longestPayload else {
            throw self.refusal(65009, "payload is longer than 4 KB")
        }
        for (name, rule) in Self.numbers { try self.checkNumber(name, form, rule) }
        try self.checkExtras(form)
        let known =
            Self.numbers.map(\.name) + [
                "registration_id", "restricted_package_name", "title", "description", "payload",
            ]
        for (name, _) in form.fields where !known.contains(name) && !name.hasPrefix("extra.") {
            notice.warn([Fault(.unknown, name, "is not a documented field")])
        }
    }

    private func checkShown(_ name: String, _ form: FormFields, longest: Int) throws(Refusal) {
        guard let value = form[name], value.contains(where: { !$0.isWhitespace }) else {
            throw self.refusal(10016, "\(name) is missing or blank")
        }
        guard value.unicodeScalars.count < longest else {
            throw self.refusal(10017, "\(name) has \(longest) characters or more")
        }
    }

    /// Both -1 (all) and the sum of 1 (sound), 2 (vibration), 4 (light).
    private static let numbers: [(name: String, range: ClosedRange<Int64>)] = [
        ("pass_through", 0...1), ("notify_type", -1...7), ("notify_id", 0...Int64(Int32.max)),
        ("time_to_live", 1...longestLifetimeMilliseconds), ("time_to_send", 0...Int64.max),
    ]

    private func checkNumber(
        _ name: String, _ form: FormFields, _ range: ClosedRange<Int64>
    ) throws(Refusal) {
        guard let text = form[name] else { return }
        guard let value = Int64(text), range.contains(value) else {
            throw self.refusal(10017, "\(name) is \(text)")
        }
        if name == "time_to_send", value > self.desk.now.milliseconds + Self.farthestMilliseconds {
            throw self.refusal(10017, "time_to_send is more than seven days ahead")
        }
    }

    private static let switches = ["extra.notify_foreground": ["0", "1"], "extra.notify_effect": ["1", "2", "3"]]
    /// What belongs to the service, and does not count as the app's own.
    private static let ownExtras: Set<String> = [
        "sound_uri", "ticker", "notify_foreground", "notify_effect", "intent_uri", "web_uri", "flow_control",
        "jobkey", "callback", "callback.param", "callback.type", "channel_id", "channel_name", "locale",
        "locale_not_in", "model", "model_not_in", "app_version", "app_version_not_in", "connpt",
        "only_send_once", "notification_style_type", "notification_large_icon_uri", "notification_bigPic_uri",
        "notification_style_button_left_name", "template_id", "fcm.collapse_key",
    ]

    private func checkExtras(_ form: FormFields) throws(Refusal) {
        for (name, values) in Self.switches {
            if let value = form[name], !values.contains(value) { throw self.refusal(10017, "\(name) is \(value)") }
        }
        if form["extra.notify_effect"] == "2", form["extra.intent_uri"] == nil {
            throw self.refusal(10016, "extra.intent_uri is missing")
        }
        if form["extra.notify_effect"] == "3", form["extra.web_uri"] == nil {
            throw self.refusal(10016, "extra.web_uri is missing")
        }
        let own = form.fields.filter { field in
            field.name.hasPrefix("extra.") && !Self.ownExtras.contains(String(field.name.dropFirst(6)))
        }
        let characters = own.reduce(0) { $0 + $1.name.count - 6 + $1.value.count }
        guard own.count <= Self.mostExtras, characters < Self.longestExtras else {
            throw self.refusal(10017, "more than ten extras, or 1024 characters of them")
        }
    }
}
