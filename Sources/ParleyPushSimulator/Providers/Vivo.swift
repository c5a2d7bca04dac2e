import ParleyCore
import ParleyJSON

/// vivo's push service: dev.vivo.com.cn, "vivo消息推送服务端API接口文档": `/message/auth`, `/message/send`, 返回码.
///
/// Everything is answered with HTTP status 200 and a `result`.
struct Vivo: SimulatedProvider {
    static let kind = PushProvider.Kind.vivo

    private static let lifetimeSeconds: Int64 = 24 * 3600
    /// vivo does not say how far the time may be off.
    private static let leewayMilliseconds: Int64 = 600_000

    private let desk: Desk

    init(_ desk: Desk) { self.desk = desk }

    func hear(_ request: SimulatorRequest, _ notice: inout Notice) throws(Refusal) -> Hearing {
        let isAuth = request.parts == ["message", "auth"]
        if isAuth { notice.purpose = .access }
        guard isAuth || request.parts == ["message", "send"], request.method == "POST" else {
            throw Refusal(.text(404, "Not Found\n"), "no such path")
        }
        let body = try? JSON(parsing: request.body)
        if isAuth { return .access(try self.grant(body, request)) }
        notice.tokens = (body?["regId"]?.string).map { [$0] } ?? []
        notice.title = body?["title"]?.string ?? ""
        notice.text = body?["content"]?.string ?? ""
        let grant = try self.admit(request, &notice)
        try Self.check(body, request, grant, &notice)
        notice.id = "\(self.desk.now.milliseconds)\(Desk.random().prefix(6))"
        return .notice
    }

    func answer(_ outcome: Outcome, to notice: Notice) -> SimulatorAnswer {
        switch outcome {
        case .accepted: Self.answer(0, "请求成功") { $0.field("taskId", notice.id) }
        case .unregistered(let gone):
            Self.answer(10302, "regId不合法") { json in
                json.field("invalidUser") { json in
                    json.object { json in
                        json.field("status", 1)
                        json.field("userid", gone.first ?? "")
                    }
                }
            }
        case .throttled: Self.answer(10072, "推送速度过快")
        case .broken: Self.answer(500, "系统错误", status: 500)
        case .unauthorized: Self.answer(10000, "权限认证失败")
        case .refused(let reason): Self.answer(10054, "notifyType不合法: \(reason)")
        }
    }

    private static func answer(
        _ code: Int, _ words: String, status: Int = 200, _ more: (inout JSONWriter) -> Void = { _ in }
    ) -> SimulatorAnswer {
        .json(status, code: "\(code)") { json in
            json.field("result", code)
            json.field("desc", words)
            more(&json)
        }
    }

    private static func refusal(_ code: Int, _ words: String, _ verdict: Notice.Verdict = .refused) -> Refusal {
        Refusal(self.answer(code, words), words, verdict)
    }
}

extension Vivo {
    /// `sign` is the MD5 of app id, app key, time and app secret, one after the other.
    private func grant(_ body: JSON?, _ request: SimulatorRequest) throws(Refusal) -> SimulatorAnswer {
        guard request.mediaType == "application/json", let body else {
            throw Self.refusal(10000, "the body is not JSON", .unauthorized)
        }
        guard let app = body["appId"]?.digits else { throw Self.refusal(10200, "appId不能为空", .unauthorized) }
        guard let key = body["appKey"]?.string, !key.isEmpty else {
            throw Self.refusal(10201, "appKey不能为空", .unauthorized)
        }
        guard let time = body["timestamp"]?.digits else {
            throw Self.refusal(10203, "timestamp不能为空", .unauthorized)
        }
        guard let sign = body["sign"]?.string, !sign.isEmpty else {
            throw Self.refusal(10204, "sign不能为空", .unauthorized)
        }
        guard let moment = Int64(time), abs(self.desk.now.milliseconds - moment) <= Self.leewayMilliseconds else {
            throw Self.refusal(10207, "timestamp不合法", .unauthorized)
        }
        let isRight = self.desk.key(of: .vivo).map { Digests.md5(app + key + time + $0) == sign.lowercased() }
        guard isRight ?? Digests.isHex(sign, 32) else { throw Self.refusal(10206, "sign不正确", .unauthorized) }
        let token = self.desk.issue("", by: .vivo, to: app, seconds: Self.lifetimeSeconds)
        return Self.answer(0, "请求成功") { $0.field("authToken", token) }
    }

    private func admit(_ request: SimulatorRequest, _ notice: inout Notice) throws(Refusal) -> Desk.Grant {
        guard let token = request.header("authToken"), let grant = self.desk.grant(token, of: .vivo),
            grant.expiresAt > self.desk.now
        else { throw Self.refusal(10000, "权限认证失败", .unauthorized) }
        notice.grant = token
        return grant
    }

    private static func check(
        _ body: JSON?, _ request: SimulatorRequest, _ grant: Desk.Grant, _ notice: inout Notice
    ) throws(Refusal) {
        guard request.mediaType == "application/json", let body, body.kind == .object else {
            throw Self.refusal(10054, "the body is not JSON")
        }
        if let app = body["appId"]?.digits, app != grant.subject { throw Self.refusal(10094, "appId与鉴权信息不一致") }
        if let fault = Self.faultOfText(body) ?? Self.faultOfTap(body) { throw Self.refusal(fault.code, fault.words) }
        let custom = body["clientCustomMap"]
        guard custom?.count ?? 0 <= 10, custom?.raw.count ?? 0 <= 1024 else {
            throw Self.refusal(10067, "clientCustomMap has more than ten members, or 1024 characters")
        }
        let (grave, light) = Self.message.faults(in: body).split { $0.kind == .unknown }
        notice.warn(light)
        if let fault = grave.first {
            throw Self.refusal(Self.codes[String(fault.path.prefix { $0 != "." })] ?? 10067, "\(fault)")
        }
    }

    private static func faultOfText(_ body: JSON) -> (code: Int, words: String)? {
        func length(_ field: String) -> Int { (body[field]?.string ?? "").width }
        if (body["regId"]?.string ?? "").isEmpty, body["alias"] == nil { return (10050, "regId不能为空") }
        if length("title") == 0 { return (10055, "title不能为空") }
        if length("title") > 40 { return (10056, "title不能超过40字符") }
        if length("content") == 0 { return (10057, "content不能为空") }
        if length("content") > 100 { return (10058, "content不能超过100字符") }
        if length("requestId") == 0 { return (10352, "requestId不能为空") }
        return length("requestId") > 64 ? (10353, "requestId不能超过64字符") : nil
    }

    /// 1 opens the app; what the others open has to be said.
    private static func faultOfTap(_ body: JSON) -> (code: Int, words: String)? {
        guard let type = body["skipType"]?.int, (1...4).contains(type) else { return (10060, "skipType不合法") }
        guard type > 1, (body["skipContent"]?.string ?? "").isEmpty else { return nil }
        return (10061, "skipContent is missing for skipType \(type)")
    }

    private static let codes = [
        "notifyType": 10054, "timeToLive": 10059, "skipType": 10060, "skipContent": 10061, "networkType": 10065,
        "clientCustomMap": 10067, "notifyId": 10095, "category": 10096, "classification": 10051, "extra": 10304,
    ]
    private static let message = Shape(
        [
            "appId": .either(.integer, .text), "regId": .text, "alias": .text, "notifyType": .integer(1...4),
            "title": .text, "content": .text, "timeToLive": .integer(60...604_800), "skipType": .integer(1...4),
            "skipContent": .text(0...1024), "networkType": .integer(-1...1), "classification": .bit,
            "clientCustomMap": .map, "extra": .object(extra), "requestId": .text, "pushMode": .bit,
            "category": .text, "profileId": .text(0...64), "notifyId": .integer(0...Int64(Int32.max)),
            "sendOnline": .flag, "foregroundShow": .flag, "addBadge": .flag, "auditReview": .any,
            "messageType": .any, "deeplink": .text,
        ], required: ["notifyType"])
    private static let extra = Shape([
        "callback": .text(0...128), "callback.param": .text(0...192), "callback.id": .text,
    ])
}

extension JSON {
    /// A number, or one in a string.
    fileprivate var digits: String? {
        if let number = self.int { return String(number) }
        return self.string.flatMap { $0.isEmpty ? nil : $0 }
    }
}

extension String {
    /// A Chinese character is as wide as two Latin ones.
    fileprivate var width: Int { self.unicodeScalars.reduce(0) { $0 + ($1.isASCII ? 1 : 2) } }
}
