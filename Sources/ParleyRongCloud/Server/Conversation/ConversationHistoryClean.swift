import ParleyCore
import ParleyDialectKit

/// Clears a conversation for one of its users, up to a moment; the others still have it.
///
/// Source: facts/rongcloud-server.md 3.4. Without `msgTimestamp`: all that was said so far.
struct ConversationHistoryClean: Endpoint {
    static let description = EndpointDescription(
        "POST", "/conversation/message/history/clean.json", "Clear a user's conversation",
        page: VendorPage.list)

    let own: OwnConversation
    let msgTimestamp: Timestamp?

    init(_ parameters: Parameters) throws(Malformed) {
        self.own = try OwnConversation(of: parameters.requiredUser("fromUserId"), parameters)
        self.msgTimestamp = try parameters.integer("msgTimestamp", in: 0...(1 << 50)).map {
            Timestamp(milliseconds: $0)
        }
    }

    func perform(_ call: Call) async throws {
        let conversation = ConversationID(app: call.app.id, self.own.conversation)
        let through =
            if let moment = self.msgTimestamp {
                try await call.core.log.sequence(reachedAt: moment, in: conversation)
            } else {
                UInt64.max
            }
        try await call.core.changePlace(in: self.own.conversation, of: self.own.user, in: call.app.id) {
            place, last, _ in
            place.clearedThrough = max(place.clearedThrough, min(through, last))
        }
    }
}
