import ParleyCore
import ParleyJSON

/// Meizu's push service: github.com/MEIZUPUSH/PushAPI, "pushId推送接口（通知栏消息）".
///
/// Everything is answered with HTTP status 200 and a code; devices that are gone with code 200 and their ids.
struct Meizu: SimulatedProvider {
    static let kind = PushProvider.Kind.meizu

    private static let path = ["garcia", "api", "server", "push", "varnished", "pushByPushId"]
    private static let mostTokens = 1000

    private let desk: Desk

    init(_ desk: Desk) { self.desk = desk }

    func hear(_ request: SimulatorRequest, _ notice: inout Notice) throws(Refusal) -> Hearing {
        guard request.parts == Self.path else { throw Refusal(.text(404, "Not Found\n"), "no such path") }
        let form = FormFields(request.body)
        let message = form["messageJson"].flatMap { try? JSON(parsing: $0) }
        notice.tokens = (form["pushIds"] ?? "").split(separator: ",").map(String.init)
        notice.title = message?["noticeBarInfo"]?["title"]?.string ?? ""
        notice.text = message?["noticeBarInfo"]?["content"]?.string ?? ""
        guard request.method == "POST", request.mediaType == "application/x-www-form-urlencoded", form.isReadable
        else { throw Self.refusal("1005", "a form has to be posted") }
        try self.admit(form)
        try Self.check(message, form, &notice)
        notice.id = Desk.random()
        return .notice
    }

    func answer(_ outcome: Outcome, to notice: Notice) -> SimulatorAnswer {
        switch outcome {
        case .accepted: Self.answer("200", "", id: notice.id)
        case .unregistered(let gone): Self.answer("200", "", id: notice.id, gone: gone)
        case .throttled: Self.answer("110010", "应用请求频率超过限制")
        case .broken: Self.answer("1001", "系统错误")
        case .unauthorized: Self.answer("1006", "签名认证失败")
        case .refused(let reason): Self.answer("1005", "参数错误: \(reason)")
        }
    }

    /// - Parameter id: nil: nothing was sent, and the value is an empty string.
    private static func answer(
        _ code: String, _ message: String, id: String? = nil, gone: [String] = []
    ) -> SimulatorAnswer {
        .json(200, code: gone.isEmpty ? code : "110002") { json in
            json.field("code", code)
            json.field("message", message)
            json.field("redirect", "")
            guard let id else {
                json.field("value", "")
                return
            }
            json.field("value") { json in
                json.object { json in
                    if !gone.isEmpty { json.field("110002", gone) }
                }
            }
            json.field("msgId", id)
        }
    }

    private static func refusal(_ code: String, _ reason: String, _ verdict: Notice.Verdict = .refused) -> Refusal {
        Refusal(self.answer(code, reason), reason, verdict)
    }
}

extension Meizu {
    /// `sign` is the MD5 of `name=value` of all other fields, in the order of their names and not escaped, and of the secret.
    private func admit(_ form: FormFields) throws(Refusal) {
        guard let sign = form["sign"] else { throw Self.refusal("110004", "sign is missing", .unauthorized) }
        guard form["appId"] != nil else { throw Self.refusal("110000", "appId is missing", .unauthorized) }
        let signed = form.fields.filter { $0.name != "sign" }.sorted { $0.name < $1.name }
            .map { "\($0.name)=\($0.value)" }.joined()
        let isRight = self.desk.key(of: .meizu).map { Digests.md5(signed + $0) == sign.lowercased() }
        guard isRight ?? Digests.isHex(sign, 32) else { throw Self.refusal("1006", "签名认证失败", .unauthorized) }
    }

    private static func check(_ message: JSON?, _ form: FormFields, _ notice: inout Notice) throws(Refusal) {
        guard !notice.tokens.isEmpty else { throw Self.refusal("110004", "pushIds is missing") }
        guard notice.tokens.count <= Self.mostTokens else { throw Self.refusal("1005", "more than 1000 pushIds") }
        guard form["messageJson"] != nil else { throw Self.refusal("110004", "messageJson is missing") }
        guard let message else { throw Self.refusal("1005", "messageJson is not JSON") }
        let (grave, light) = Self.message.faults(in: message).split { $0.kind == .unknown }
        notice.warn(light)
        if let fault = grave.first ?? Self.fault(of: message) {
            throw Self.refusal(fault.kind == .missing ? "110004" : "1005", "\(fault)")
        }
        for (name, _) in form.fields where !["appId", "pushIds", "sign", "messageJson"].contains(name) {
            notice.warn([Fault(.unknown, name, "is not a documented field")])
        }
    }

    /// What is needed because of what else is there.
    private static func fault(of message: JSON) -> Fault? {
        let tap = message["clickTypeInfo"]
        let needed = [1: "activity", 2: "url", 3: "customAttribute"]
        if let field = (tap?["clickType"]?.int).flatMap({ needed[Int($0)] }), (tap?[field]?.string ?? "").isEmpty {
            return Fault(.missing, "clickTypeInfo.\(field)", "is missing")
        }
        let expanded = message["noticeExpandInfo"]
        if expanded?["noticeExpandType"]?.int == 1, (expanded?["noticeExpandContent"]?.string ?? "").isEmpty {
            return Fault(.missing, "noticeExpandInfo.noticeExpandContent", "is missing")
        }
        return nil
    }

    private static let message = Shape(
        [
            "noticeBarInfo": .object(bar), "noticeExpandInfo": .object(expanded), "clickTypeInfo": .object(tap),
            "pushTimeInfo": .object(time), "advanceInfo": .object(advanced), "extra": .object(extra),
        ], required: ["noticeBarInfo"])
    private static let bar = Shape(
        ["noticeBarType": .integer(0...2), "title": .text(1...32), "content": .text(1...100)],
        required: ["title", "content"])
    private static let expanded = Shape(["noticeExpandType": .bit, "noticeExpandContent": .text])
    private static let tap = Shape([
        "clickType": .integer(0...3), "url": .text, "parameters": .members, "activity": .text,
        "customAttribute": .like("at most 1000 bytes") { $0.utf8.count <= 1000 },
    ])
    private static let time = Shape(["offLine": .bit, "validTime": .integer(1...72)])
    private static let advanced = Shape([
        "suspend": .bit, "clearNoticeBar": .bit, "fixDisplay": .bit, "fixStartDisplayTime": .text,
        "fixEndDisplayTime": .text, "notificationType": .object(alarms), "notifyKey": key,
    ])
    private static let alarms = Shape(["vibrate": .bit, "lights": .bit, "sound": .bit])
    private static let extra = Shape([
        "callback": .text(0...128), "callback.param": .text(0...64), "callback.type": .any,
    ])
    private static let key = Rule.like("at most 8 of 0-9, a-z, A-Z, _ and -") { text in
        text.count <= 8
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
    }
}
