import NIOHTTP1
import ParleyCore
import ParleyJSON

/// The console's API says no: `{"error":{"code":"…","message":"…"}}`.
struct Refusal: Error, Hashable, Sendable {
    var status: HTTPResponseStatus
    /// For programs.
    var code: Code
    /// For people.
    var message: String

    enum Code: String, CaseIterable, Sendable {
        case notFound, badField, unknownApp, unknownUser, unknownGroup, unknownConversation, unknownMessage, unknownCall
        case unknownDialect, unknownRecord
        case signedOut, wrongPassword, tooManyGuesses, noPassword, foreignPage, wrongMethod
        case noMessageYet, noSimulator, refused, busy, fault
    }

    init(_ status: HTTPResponseStatus, _ code: Code, _ message: String) {
        self.status = status
        self.code = code
        self.message = message
    }

    var body: [UInt8] {
        JSONWriter.object { json in
            json.field("error") { json in
                json.object {
                    $0.field("code", self.code.rawValue)
                    $0.field("message", self.message)
                }
            }
        }
    }

    static let notFound = Refusal(
        .notFound, .notFound, "The console's API has no such path: see docs/console-api.json.")
    static let signedOut = Refusal(.unauthorized, .signedOut, "Sign in with the administrator's password.")
    static let foreignPage = Refusal(
        .forbidden, .foreignPage,
        "Only the console's own page may do this: it sends X-Parley-Console: 1, from its own origin.")
    static let fault = Refusal(.internalServerError, .fault, "The server failed; its log says more.")
    static let busy = Refusal(.serviceUnavailable, .busy, "Too many wait already: try again.")

    static func badField(_ name: String, _ reason: String) -> Refusal {
        Refusal(.badRequest, .badField, "\(name): \(reason)")
    }
}
