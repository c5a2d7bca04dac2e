import Logging
import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Somebody thinks that a message should not be there. Who runs the server finds it in its log; what is in the message he looks up.
///
/// Source: facts/easemob-client.md 6 (SDKs).
struct ReportMessage: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/user/{username}/moderation/report/message", "Report a message (clients)",
        page: "facts/easemob-client.md 6 (SDKs)")
    static let callers = Callers.applicationOrOneself
    static let area = Area.conversations

    static let callLimit = CallLimit(10, perSeconds: 60, of: .user)

    /// Of all users together: the log is not theirs to fill.
    private static let reports = RateLimiter.Limit("easemob.reports", 100, perSeconds: 60)
    private static let maximumCharacters = 512

    let message: MessageID
    /// What kind of report it is, and why: as the user's app has them.
    let kind: String
    let reason: String

    init(_ call: Call) throws {
        let json = try call.object()
        guard let id = try json.textOrNumber("msgId"), !id.isEmpty else { throw Malformed("msgId", .missing) }
        guard let message = MessageID(easemob: id) else { throw Rejection.messageNotFound }
        self.message = message
        self.kind = try Self.text("reportType", json)
        self.reason = try Self.text("reportReason", json)
    }

    private static func text(_ name: String, _ json: JSON) throws(Malformed) -> String {
        let text = try json.textOrNumber(name) ?? ""
        guard text.count <= Self.maximumCharacters else {
            throw Malformed(name, .tooLong(limit: Self.maximumCharacters))
        }
        return text
    }

    /// Nobody reports what he does not see.
    func perform(_ call: Call) async throws {
        let user = try await call.existingUser(call.user()).id
        guard let entry = try await call.core.log.entry(self.message, in: call.app.id), let sequence = entry.sequence,
            entry.message != nil
        else { throw Rejection.messageNotFound }
        var query = HistoryQuery(
            app: call.app.id, conversation: entry.conversation.conversation, user: user, from: .after(sequence - 1),
            limit: 1)
        let id = entry.id
        query.includes = { $0.id == id }
        query.until = entry.sentAt
        guard try await !call.core.history(query).entries.isEmpty else { throw Rejection.messageNotFound }
        guard call.admits(1, of: Self.reports) else { throw Refusal.reachedLimit }
        call.easemob.context.logger.notice(
            "a message was reported",
            metadata: [
                "app": "\(call.app.id)", "by": "\(user)", "message": "\(entry.id)",
                "sender": "\(entry.message?.sender ?? user)", "type": "\(self.kind)", "reason": "\(self.reason)",
                "request": "\(call.request.requestID)",
            ])
    }

    func encode(_: Void, _ call: Call) -> Answer {
        .data { json in json.object { $0.field("result", "ok") } }
    }
}
