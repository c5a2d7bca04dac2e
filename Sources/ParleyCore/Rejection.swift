/// The core's refusal, in the core's words. Each dialect has one table from it to its own codes and texts, without a `default`: a new
/// refusal does not compile until every vendor has an answer.
package enum Rejection: Error, Hashable, Sendable {
    case userNotFound(UserID)
    case userExists(UserID)
    /// The user may not log in.
    case userInactive(UserID)

    case groupNotFound(GroupID)
    case groupExists(GroupID, owner: UserID?)
    case groupFull(GroupID, capacity: Int)
    case notMember(UserID, of: GroupID)
    case alreadyMember(UserID, of: GroupID)
    /// The user may not come in.
    case keptOut(UserID, of: GroupID)
    /// Groups of this type do not have the operation.
    case notSupported(by: GroupType)
    /// The one who asks has not the role for it.
    case notPermitted
    case ownerMayNotLeave(GroupID)
    /// The user has as many contacts as may be.
    case contactsFull(UserID, limit: Int)

    /// The sender may not speak here until then.
    case senderMuted(until: Timestamp)
    case groupMuted(GroupID)
    case groupDisabled(GroupID)
    case senderNotMember(UserID, of: GroupID)
    case blockedByRecipient(UserID)
    case tooFrequent
    /// The backend was asked, and said no: with its own code and words, where it gave some.
    case refusedByCallback(code: Int?, reason: String?)
    /// The backend was asked, did not answer as it should, and the App wants such messages refused.
    case callbackFailed

    case messageNotFound
    case alreadyRecalled
    case recallWindowPassed
    case notRecallable
    /// The conversation has as many pinned messages as may be.
    case pinsFull(limit: Int)
    /// It is no message, or not one whose content can be changed.
    case notEditable
    case editLimitReached(Int)
    /// The user has reacted to the message in just this way.
    case reactionExists
    /// The message has as many kinds of reactions as may be.
    case reactionsFull(limit: Int)
    /// The App has as many threads as may be.
    case threadsFull(limit: Int)
    /// The user is in as many threads as may be.
    case threadMembershipsFull(UserID, limit: Int)
    /// The message's expansion would have more keys.
    case expansionFull(limit: Int)
    /// The message did not ask for read receipts.
    case noReceipts

    case fileNotFound
    case fileExpired
    case fileSecretWrong
    case fileTooLarge(limitBytes: Int)
    case fileUnreadable

    /// The server takes no more work just now; nothing was done.
    case overloaded
}
