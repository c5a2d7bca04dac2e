import CryptoExtras
import ParleyCore
import ParleyJSON

/// Huawei's Push Kit for HarmonyOS 5 and later: developer.huawei.com, HarmonyOS, Push Kit, "REST API: 场景化消息" (request structure, parameters, result
/// codes), and "基于服务账号生成鉴权令牌" for the service account's web token.
struct Harmony: SimulatedProvider {
    static let kind = PushProvider.Kind.harmony

    private static let audience = "https://oauth-login.cloud.huawei.com/oauth2/v3/token"
    private static let longestTokenSeconds: Int64 = 24 * 3600
    private static let leewaySeconds: Int64 = 300
    /// Without the tokens.
    private static let longestMessage = 4096
    private static let mostTokens = 1000
    private static let mostTestTokens = 10
    /// Notices, cards, spoken, in the background, live views, calls.
    private static let types = ["0", "1", "2", "6", "7", "10"]

    private let desk: Desk
    private let key: WebToken.Key?

    init(_ desk: Desk) throws {
        self.desk = desk
        self.key = try desk.key(of: .harmony).map { .ps256(try _RSA.Signing.PublicKey(pemRepresentation: $0)) }
    }

    func hear(_ request: SimulatorRequest, _ notice: inout Notice) throws(Refusal) -> Hearing {
        notice.id = "\(self.desk.now.milliseconds)\(Desk.random().prefix(8))"
        let parts = request.parts
        guard parts.count == 3, parts[0] == "v3", parts[2] == "messages:send", request.method == "POST" else {
            throw Refusal(.text(404, "Not Found\n"), "no such path")
        }
        let body = try? JSON(parsing: request.body)
        notice.tokens = body?["target"]?["token"]?.array?.compactMap(\.string) ?? []
        notice.title = body?["payload"]?["notification"]?["title"]?.string ?? ""
        notice.text = body?["payload"]?["notification"]?["body"]?.string ?? ""
        try self.admit(request, &notice)
        try self.check(body, request, &notice)
        return .notice
    }

    func answer(_ outcome: Outcome, to notice: Notice) -> SimulatorAnswer {
        switch outcome {
        case .accepted: Self.answer(200, "80000000", "Success", notice)
        case .unregistered(let gone):
            gone.count == notice.tokens.count
                ? Self.answer(400, "80300007", Self.illegal(gone, of: notice), notice)
                : Self.answer(200, "80100000", Self.illegal(gone, of: notice), notice)
        case .throttled: Self.answer(503, "503", "Flow control", notice)
        case .broken: Self.answer(500, "81000001", "Inner Error", notice)
        case .unauthorized: Self.answer(401, "80200005", "Jwt token expired", notice)
        case .refused(let reason): Self.answer(400, "80100001", "Check Parameter Error: \(reason)", notice)
        }
    }

    private static func answer(_ status: Int, _ code: String, _ message: String, _ notice: Notice) -> SimulatorAnswer {
        .json(status, code: code) { json in
            json.field("code", code)
            json.field("msg", message)
            json.field("requestId", notice.id)
        }
    }

    /// Huawei puts JSON into the message.
    private static func illegal(_ gone: [String], of notice: Notice) -> String {
        var json = JSONWriter()
        json.object { json in
            json.field("success", notice.tokens.count - gone.count)
            json.field("failure", gone.count)
            json.field("illegalTokens") { json in json.object { $0.field("tokenFormatError", gone) } }
        }
        return String(decoding: json.bytes, as: UTF8.self)
    }

    private static func refusal(
        _ status: Int, _ code: String, _ message: String, _ notice: Notice, _ verdict: Notice.Verdict = .refused
    ) -> Refusal { Refusal(self.answer(status, code, message, notice), message, verdict) }
}

extension Harmony {
    private func admit(_ request: SimulatorRequest, _ notice: inout Notice) throws(Refusal) {
        guard let text = request.bearer, let token = WebToken(text) else {
            throw Self.refusal(401, "80200001", "Authentication Error", notice, .unauthorized)
        }
        if let fault = self.fault(of: token) {
            throw Self.refusal(401, "80200001", "Authentication Error: \(fault)", notice, .unauthorized)
        }
        let (issued, expires) = (token.claims["iat"]?.int ?? 0, token.claims["exp"]?.int ?? 0)
        guard expires > self.desk.now.seconds, !self.desk.isRevoked(text, of: .harmony) else {
            throw Self.refusal(401, "80200005", "Jwt token expired", notice, .unauthorized)
        }
        guard expires - issued <= Self.longestTokenSeconds else {
            throw Self.refusal(401, "80300036", "JWT expire period over threshold", notice, .unauthorized)
        }
        notice.grant = text
    }

    private func fault(of token: WebToken) -> String? {
        guard token.header["alg"]?.string == "PS256" else { return "alg is not PS256" }
        guard token.header["typ"]?.string == "JWT" else { return "typ is not JWT" }
        guard token.header["kid"]?.string?.isEmpty == false else { return "kid is missing" }
        guard token.claims["iss"]?.string?.isEmpty == false else { return "iss is missing" }
        guard token.claims["aud"]?.string == Self.audience else { return "aud is not \(Self.audience)" }
        guard let issued = token.claims["iat"]?.int, token.claims["exp"]?.int != nil else {
            return "iat and exp are whole seconds"
        }
        guard issued <= self.desk.now.seconds + Self.leewaySeconds else { return "iat is in the future" }
        if let key = self.key, !token.isSigned(with: key) { return "the signature is not the key's" }
        return nil
    }
}

extension Harmony {
    private func check(_ body: JSON?, _ request: SimulatorRequest, _ notice: inout Notice) throws(Refusal) {
        guard request.mediaType == "application/json", let body, body.kind == .object else {
            throw Self.refusal(400, "80100003", "Illegal payload", notice)
        }
        guard let type = request.header("push-type"), Self.types.contains(type) else {
            throw Self.refusal(400, "80100001", "Check Parameter Error: push-type", notice)
        }
        var faults = Self.message.faults(in: body)
        if let payload = body["payload"] { faults += Self.payload(of: type).faults(in: payload, at: "payload") }
        let (grave, light) = faults.split { $0.kind == .unknown }
        notice.warn(light)
        if let fault = grave.first {
            let code = fault.kind == .missing ? "80100003" : "80100001"
            throw Self.refusal(400, code, "Check Parameter Error: \(fault)", notice)
        }
        let isTest = body["pushOptions"]?["testMessage"]?.bool == true
        guard (1...Self.mostTokens).contains(notice.tokens.count) else {
            throw Self.refusal(400, "80300010", "token count should within 1 and 1000", notice)
        }
        guard !isTest || notice.tokens.count <= Self.mostTestTokens else {
            throw Self.refusal(400, "80300030", "When send test message, token count exceed limit", notice)
        }
        guard request.body.count - (body["target"]?["token"]?.raw.count ?? 0) <= Self.longestMessage else {
            throw Self.refusal(400, "80300008", "Push message size is too long", notice)
        }
        if let fault = Self.faultOfTap(body) { throw Self.refusal(400, "80100001", fault, notice) }
    }

    private static func faultOfTap(_ body: JSON) -> String? {
        guard let tap = body["payload"]?["notification"]?["clickAction"], tap["actionType"]?.int == 1 else {
            return nil
        }
        return tap["action"] == nil && tap["uri"] == nil ? "clickAction of type 1 has action or uri" : nil
    }

    /// Of a push type. What is in those that no messenger sends is not looked at.
    private static func payload(of type: String) -> Shape {
        switch type {
        case "0": Shape(["notification": .object(notification)], required: ["notification"])
        case "2":
            Shape(
                ["notification": .object(notification), "extraData": .text], required: ["notification", "extraData"])
        case "6", "10": Shape(["extraData": .text], required: ["extraData"])
        default: Shape(["moduleName": .any, "formId": .any, "activityId": .any, "operation": .any, "version": .any])
        }
    }

    private static let message = Shape(
        ["payload": .any, "pushOptions": .object(options), "target": .object(target)],
        required: ["payload", "target"])
    private static let target = Shape(["token": .list(.text(1...4096), 0...Int.max)], required: ["token"])
    private static let options = Shape([
        "testMessage": .flag, "ttl": .integer(1...1_296_000), "biTag": .text, "receiptId": .text,
        "collapseKey": .integer(-1...100), "backgroundMode": .integer,
    ])
    private static let notification = Shape(
        [
            "category": .text(1...64), "title": .text(1...Int.max), "body": .text(1...Int.max), "image": .text,
            "style": .integer(0...3), "inboxContent": .list(.text, 0...3), "bigBody": .text,
            "clickAction": .object(tap), "badge": .object(badge), "notifyId": .integer(0...Int64(Int32.max)),
            "appMessageId": .text(0...64), "profileId": .text(0...64), "foregroundShow": .flag, "sound": .text,
            "soundDuration": .integer(1...60), "lockScreen": .any, "buttons": .any, "overlayIcon": .any,
            "slotType": .any, "tag": .text, "entityId": .text, "notificationLevel": .any,
        ], required: ["category", "title", "body", "clickAction"])
    private static let tap = Shape(
        ["actionType": .integer(0...5), "action": .text, "uri": .text, "data": .any, "intentName": .any],
        required: ["actionType"])
    private static let badge = Shape(["addNum": .integer(1...99), "setNum": .integer(0...99)])
}
