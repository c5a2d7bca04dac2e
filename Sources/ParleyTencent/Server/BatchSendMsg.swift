import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// 批量发单聊消息: writes the same to up to 500 users. There is one MsgKey for all of them, the first recipient's; no callbacks are made.
struct BatchSendMsg: Command {
    static let description = EndpointDescription(
        "POST", "/v4/openim/batchsendmsg", "Send a message to many accounts", page: Page.messages,
        .partial("MsgLifeTime other than 0 is the App's retention"))

    var recipients: [UserID]
    var direct: DirectMessageFields

    struct Outcome: Sendable {
        var firstReceipt: Receipt
        var refused: [(user: UserID, code: Int)]
    }

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        var seen: Set<UserID> = []
        self.recipients = try fields.requiredAccounts("To_Account", limit: Limits.recipients)
            .filter { seen.insert($0).inserted }
        self.direct = try DirectMessageFields(fields, by: caller)
        self.direct.fields.forbiddenCallbacks = [.beforeSend, .afterSend]
    }

    var area: Area { .directMessage(from: self.direct.sender) }

    func perform(in context: DialectContext, by caller: Caller) async throws -> Outcome {
        let now = context.now
        let results = try await context.core.send(
            self.recipients.map { self.direct.send(to: $0, by: caller, now: now) })
        var receipts: [Receipt] = []
        var refused: [(UserID, Int)] = []
        for (recipient, result) in zip(self.recipients, results) {
            switch result {
            case .success(let receipt): receipts.append(receipt)
            // Nobody can be written to by a sender who is not there.
            case .failure(.userNotFound(self.direct.sender)) where recipient != self.direct.sender:
                throw Rejection.userNotFound(self.direct.sender)
            case .failure(let rejection):
                refused.append((recipient, Errors.failure(for: rejection, in: .accounts).code))
            }
        }
        guard let first = receipts.first else { throw Refusal.noRecipientExists }
        return Outcome(firstReceipt: first, refused: refused)
    }

    func encode(_ outcome: Outcome) -> Envelope {
        let key = MsgKey(outcome.firstReceipt, random: self.direct.random).description
        guard !outcome.refused.isEmpty else { return .ok { $0.field("MsgKey", key) } }
        return .someError {
            $0.field("MsgKey", key)
            $0.objects("ErrorList", outcome.refused) { json, item in
                json.field("To_Account", item.user.rawValue)
                json.field("ErrorCode", item.code)
            }
        }
    }
}
