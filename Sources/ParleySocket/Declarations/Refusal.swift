import ParleyCore
import ParleyJSON

/// Why a command did nothing. The connection stays.
struct Refusal: Error, Hashable, Sendable {
    /// As docs/protocol.md has them.
    enum Code: String, CaseIterable, Sendable {
        case notJSON, badField, unknownType
        case unknownConversation, notMember, unknownUser, unknownMessage
        case muted, groupMuted, blocked, notPermitted
        case refusedByCallback, callbackFailed
        case tooLarge, tooFast, tooMany
        case alreadyRecalled, tooLate, notRecallable, notEditable, editLimitReached, noReceipts
        case overloaded, fault
    }

    var code: Code
    /// For people.
    var message: String
    /// When it may be tried again, if that is known.
    var until: Timestamp?

    init(_ code: Code, _ message: String, until: Timestamp? = nil) {
        self.code = code
        self.message = message
        self.until = until
    }

    static let fault = Refusal(
        .fault,
        "The server failed. It is not known whether the command was done; sending again with the same id is safe.")
}

extension Refusal {
    /// No `default`: a new rejection does not compile until clients have an answer.
    init(_ rejection: Rejection) {
        self =
            switch rejection {
            case .userNotFound(let user): Refusal(.unknownUser, "There is no user \(user).")
            case .groupNotFound(let group): Refusal(.unknownConversation, "There is no group \(group).")
            case .notMember(let user, let group), .senderNotMember(let user, let group):
                Refusal(.notMember, "\(user) is not a member of the group \(group).")
            case .senderMuted(.distantFuture): Refusal(.muted, "You may not speak here.")
            case .senderMuted(let until):
                Refusal(.muted, "You may not speak here until \(until.milliseconds).", until: until)
            case .groupMuted:
                Refusal(.groupMuted, "Nobody but the owner and the administrators may speak in this group now.")
            case .groupDisabled: Refusal(.groupMuted, "Nobody may speak in this group now.")
            case .blockedByRecipient(let user): Refusal(.blocked, "\(user) does not want messages from you.")
            case .tooFrequent: .tooFast
            case .refusedByCallback(let code, let reason): .byCallback(code: code, reason: reason)
            case .callbackFailed:
                Refusal(.callbackFailed, "The App's backend could not be asked. Try again a little later.")
            case .notPermitted: Refusal(.notPermitted, "You may not do this.")
            case .messageNotFound: .unknownMessage
            case .alreadyRecalled: Refusal(.alreadyRecalled, "The message was recalled before.")
            case .recallWindowPassed: Refusal(.tooLate, "The message is too old to be recalled.")
            case .notRecallable: Refusal(.notRecallable, "This cannot be recalled: it is not a message.")
            case .notEditable: Refusal(.notEditable, "This cannot be edited: it is not a message.")
            case .editLimitReached(let limit):
                Refusal(.editLimitReached, "The message was edited \(limit) times, which is as often as may be.")
            case .noReceipts: Refusal(.noReceipts, "The message did not ask for read receipts.")
            case .overloaded: Refusal(.overloaded, "The server takes no more just now. Try again a little later.")
            case .userInactive: Refusal(.notPermitted, "The user may not log in.")
            // Of what clients cannot ask for.
            case .userExists, .groupExists, .groupFull, .alreadyMember, .keptOut, .notSupported, .ownerMayNotLeave,
                .contactsFull, .pinsFull, .reactionExists, .reactionsFull, .threadsFull, .threadMembershipsFull,
                .expansionFull, .fileNotFound, .fileExpired, .fileSecretWrong, .fileTooLarge,
                .fileUnreadable:
                Refusal(.notPermitted, "You may not do this.")
            }
    }

    /// The backend's own words where it has some: they are meant for the user. Its code stands behind them.
    private static func byCallback(code: Int?, reason: String?) -> Refusal {
        let words = reason ?? "The App's backend refused the message."
        return Refusal(.refusedByCallback, code.map { "\(words) (\($0))" } ?? words)
    }

    static let tooFast = Refusal(.tooFast, "This is more than is allowed in a second. Try again a little later.")
    static let unknownMessage = Refusal(.unknownMessage, "There is no such message in your conversations.")
    static let unknownConversation = Refusal(.unknownConversation, "This is not a conversation of yours.")
}

extension Frame {
    static let error = Frame(
        "error", "A command was refused: it did nothing, and the connection stays.", isAnswer: true,
        [
            Schema.Member("code", .choice(Refusal.Code.allCases.map(\.rawValue))),
            Schema.Member("message", .text, "for people"),
            .optional("until", .moment, "when it may be tried again, milliseconds since 1970"),
        ])
}

extension Answer {
    static func refused(_ refusal: Refusal) -> Answer {
        Answer(.error) { json in
            json.field("code", refusal.code.rawValue)
            json.field("message", refusal.message)
            if let until = refusal.until { json.field("until", until.milliseconds) }
        }
    }
}
