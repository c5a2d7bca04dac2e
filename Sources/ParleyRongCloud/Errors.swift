import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// A refusal in the vendor's words. Codes, statuses and texts: facts/rongcloud-server.md 1.5; texts quoted there as
/// seen on the real server are literal, because clients' tests match on them, mistakes of grammar and all. The others
/// follow their pattern.
struct Failure: Error, Hashable, Sendable {
    var code: Int
    var status: HTTPResponseStatus
    var text: String

    init(_ code: Int, _ status: HTTPResponseStatus, _ text: String) {
        self.code = code
        self.status = status
        self.text = text
    }

    /// Exactly these three members; the HTTP status is not repeated in the body.
    func response(url: String) -> WireResponse {
        WireResponse(
            status: self.status,
            body: JSONWriter.object {
                $0.field("url", url)
                $0.field("code", self.code)
                $0.field("errorMessage", self.text)
            })
    }
}

// MARK: - Before there is a call

extension Failure {
    static let noSuchAPI = Failure(404, .notFound, "the API does not exist.")
    /// 1003 is "no POST data", which is what a GET has.
    static let notPosted = Failure(1003, .badRequest, "no POST data.")
    static let unknownApp = Failure(1002, .badRequest, "invalid App-Key.")
    static let wrongSignature = Failure(1004, .unauthorized, "签名错误，请检查。")
    static let tooFrequent = Failure(1008, .tooManyRequests, "the rate limit is exceeded.")
    static let internalError = Failure(1000, .internalServerError, "internal error.")

    init(_ fault: TransportFault) {
        switch fault {
        case .bodyTooLarge(let limit):
            self.init(1005, .payloadTooLarge, "the length of the body should less than \(limit).")
        case .timedOut: self.init(1002, .requestTimeout, "the request did not arrive in time.")
        case .unreadable: self.init(1002, .badRequest, "the request is unreadable.")
        // SDKs repeat a call elsewhere when the status is 500 or more, which is right here: nothing was done.
        case .overloaded: self.init(1050, .serviceUnavailable, "the service is busy, try again.")
        }
    }
}

// MARK: - What cannot be read

extension Failure {
    init(_ malformed: Malformed) {
        let field = malformed.field
        switch malformed.reason {
        case .missing: self.init(1002, .badRequest, "\(field) is required.")
        case .invalid: self.init(1002, .badRequest, "\(field) is invalid.")
        case .tooMany(let limit): self.init(1002, .badRequest, "the number of \(field) should less than \(limit).")
        case .tooLong(let limit): self.init(1005, .badRequest, "the length of \(field) should less than \(limit).")
        case .notAllowed(let other): self.init(1002, .badRequest, "\(field) is not allowed with \(other).")
        case .unreadable: self.init(1002, .badRequest, "the body is unreadable.")
        }
    }
}

// MARK: - What the rules refuse

extension Failure {
    init(_ rejection: Rejection) {
        switch rejection {
        case .userNotFound(let user): self.init(1002, .badRequest, "userId\(user) is not exist.")
        case .userExists(let user): self.init(1002, .badRequest, "userId\(user) is exist.")
        case .userInactive(let user): self.init(1007, .unauthorized, "userId\(user) is blocked.")

        case .groupNotFound(let group) where group.chatRoom != nil:
            self.init(1002, .badRequest, "chatroomId is not exist.")
        case .groupNotFound(let group): self.init(1002, .badRequest, "groupId\(group) is not exist.")
        case .groupExists(let group, _): self.init(1002, .badRequest, "groupId\(group) is exist.")
        // 405 is in the vendor's table of statuses for this alone.
        case .groupFull(_, let capacity):
            self.init(405, .methodNotAllowed, "the number of members should less than \(capacity).")
        case .notMember(let user, let group):
            self.init(1002, .badRequest, "userId\(user) is not in groupId\(group).")
        case .alreadyMember(let user, let group):
            self.init(1002, .badRequest, "userId\(user) is in groupId\(group).")
        case .keptOut(let user, let group):
            self.init(1007, .unauthorized, "userId\(user) is blocked in groupId\(group).")
        case .notSupported: self.init(1007, .unauthorized, "the group does not support the operation.")
        case .notPermitted: self.init(1007, .unauthorized, "the operation is not permitted.")
        case .ownerMayNotLeave: self.init(1007, .unauthorized, "the owner may not leave the group.")
        case .contactsFull(_, let limit):
            self.init(1005, .badRequest, "the number of friends should less than \(limit).")
        case .pinsFull(let limit):
            self.init(1005, .badRequest, "the number of pinned messages should less than \(limit).")
        case .reactionExists: self.init(1002, .badRequest, "there is such a reaction already.")
        case .reactionsFull(let limit):
            self.init(1005, .badRequest, "the number of kinds of reactions should less than \(limit).")
        case .threadsFull(let limit), .threadMembershipsFull(_, let limit):
            self.init(1005, .badRequest, "the number of threads should less than \(limit).")

        case .senderMuted: self.init(1007, .unauthorized, "fromUserId is muted.")
        case .groupMuted: self.init(1007, .unauthorized, "the group is muted.")
        case .groupDisabled: self.init(1007, .unauthorized, "the group is disabled.")
        case .senderNotMember: self.init(1007, .unauthorized, "fromUserId is not in the group.")
        case .blockedByRecipient: self.init(1007, .unauthorized, "fromUserId is in the blacklist.")
        case .tooFrequent: self = .tooFrequent
        // The vendor has no code for what a callback refuses: there it is dropped, and the call succeeds. Other
        // dialects' backends and an App's own setting can refuse; that is one more thing that is not allowed.
        case .refusedByCallback(_, let reason):
            self.init(1007, .unauthorized, reason ?? "the message is refused by the callback.")
        // "Internal service timeout". SDKs repeat a call with 500 or more, which is right: nothing was done.
        case .callbackFailed: self.init(1050, .gatewayTimeout, "the callback does not answer, try again.")

        case .messageNotFound: self.init(1002, .badRequest, "messageUID is not exist.")
        case .alreadyRecalled: self.init(1002, .badRequest, "the message is recalled.")
        case .recallWindowPassed: self.init(1002, .badRequest, "the message is too old to be recalled.")
        case .notRecallable: self.init(1002, .badRequest, "the message may not be recalled.")
        case .notEditable: self.init(1002, .badRequest, "the message may not be modified.")
        case .editLimitReached: self.init(1002, .badRequest, "the message was modified too often.")
        case .expansionFull(let limit):
            self.init(1005, .badRequest, "the number of extraKeyVal should less than \(limit).")
        case .noReceipts: self.init(1002, .badRequest, "the message has no read receipts.")

        case .fileNotFound, .fileExpired: self.init(1002, .badRequest, "the file is not exist.")
        case .fileSecretWrong: self.init(1007, .unauthorized, "the file is restricted.")
        case .fileTooLarge(let limit):
            self.init(1005, .badRequest, "the length of the file should less than \(limit).")
        case .fileUnreadable: self.init(1002, .badRequest, "the file is unreadable.")

        case .overloaded: self.init(TransportFault.overloaded)
        }
    }
}
