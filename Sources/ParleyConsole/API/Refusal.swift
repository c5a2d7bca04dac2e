import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// The console's API says no: `{"error":{"code":"…","message":"…"}}`.
struct Refusal: Error, Hashable, Sendable {
    var status: HTTPResponseStatus
    /// For programs.
    var code: Code
    /// For people.
    var message: Wording

    enum Code: String, CaseIterable, Sendable {
        case notFound, badField, unknownApp, unknownUser, unknownGroup, unknownConversation, unknownMessage, unknownCall
        case unknownDialect, unknownRecord
        case signedOut, wrongPassword, tooManyGuesses, noPassword, foreignPage, wrongMethod
        case noMessageYet, noSimulator, refused, busy, fault
    }

    init(_ status: HTTPResponseStatus, _ code: Code, _ message: Wording) {
        self.status = status
        self.code = code
        self.message = message
    }

    func body(in language: Wording.Language) -> [UInt8] {
        JSONWriter.object { json in
            json.field("error") { json in
                json.object {
                    $0.field("code", self.code.rawValue)
                    $0.field("message", self.message(in: language))
                }
            }
        }
    }

    static let notFound = Refusal(
        .notFound, .notFound,
        Wording(
            "The console's API has no such path: see docs/console-api.json.", "控制台 API 没有此路径：见 docs/console-api.json。"))
    static let signedOut = Refusal(
        .unauthorized, .signedOut, Wording("Sign in with the administrator's password.", "请用管理员密码登录。"))
    static let foreignPage = Refusal(
        .forbidden, .foreignPage,
        Wording(
            "Only the console's own page may do this: it sends X-Parley-Console: 1, from its own origin.",
            "只有控制台页面可以这样做：它从自己的来源发送 X-Parley-Console: 1。"))
    static let fault = Refusal(
        .internalServerError, .fault, Wording("The server failed; its log says more.", "服务器内部错误，详见服务器日志。"))
    static let busy = Refusal(.serviceUnavailable, .busy, Wording("Too many wait already: try again.", "等待者过多，请重试。"))

    static func badField(_ name: String, _ reason: Wording) -> Refusal {
        Refusal(.badRequest, .badField, Wording("\(name): \(reason.english)", "\(name)：\(reason.chinese)"))
    }
}
