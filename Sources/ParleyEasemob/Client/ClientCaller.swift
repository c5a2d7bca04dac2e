package import ParleyCore
package import ParleyDialectKit

/// Who speaks: the user of a connected client SDK, and what his commands are done with.
package struct ClientCaller: Sendable {
    package let core: Core
    package let app: App
    package let user: UserID
    /// The connection's resource.
    package let device: DeviceID
    package let rates: RateLimiter

    package init(core: Core, app: App, user: UserID, device: DeviceID, rates: RateLimiter) {
        self.core = core
        self.app = app
        self.user = user
        self.device = device
        self.rates = rates
    }
}

/// What an acknowledgement says of what was taken.
package struct ClientReceipt: Sendable {
    package var id: MessageID
    /// What receivers get as the time: the SDK shows the same.
    package var sentAt: Timestamp { self.id.sentAt }
    /// It was taken before: this is the first one's receipt.
    package var isRepeat = false
    /// What clients want told besides (of an edit, of a room).
    package var metas: [WireMeta] = []
    /// How far the user has read by this, and in which conversation: his other devices are told, this one knows.
    package var reading: (conversation: Conversation, through: UInt64)?

    init(_ id: MessageID) { self.id = id }
}

/// Why a client may not log in, which SDKs take as final. Source: facts/easemob-client.md 2.3.
package struct ProvisionRefusal: Error, Hashable, Sendable {
    package var code: Int32
    package var reason: String

    package static let tokenWrong = Self(code: 1, reason: "Sorry, token or password does not match login info")
    package static let tokenExpired = Self(code: 1, reason: "Sorry, token expired")
    package static let userNotFound = Self(code: 1, reason: "Sorry, user not found")
    package static let appNotFound = Self(code: 1, reason: "Sorry, appkey not found")
    package static let forbidden = Self(code: 12, reason: "Sorry, user is forbidden to log in")
    package static let fault = Self(code: 1, reason: "Sorry, the server could not look you up")
}

/// Why something was not taken. The SDKs make their error types of code and reason (facts/easemob-client.md 3.3), and of a reason with code 1 they
/// expect a text.
package struct ClientRefusal: Error, Hashable, Sendable {
    package var code: Int32
    package var reason: String

    init(_ code: Int32, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    static func failed(_ reason: String) -> Self { Self(1, reason) }
    static func denied(_ reason: String) -> Self { Self(7, reason) }

    package static let fault = Self.failed("server error")
    static let tooLarge = Self.denied("Sorry, data is too large")
    static let tooFrequent = Self.denied("traffic limit")
    static let noSuchMessage = Self.failed("Sorry, message does not exist")
    static let unreadable = Self.failed("Sorry, format is incorrect")
    static let unsupported = Self.failed("Sorry, not supported")
}

extension ClientRefusal {
    /// No `default`: a new rejection does not compile until the SDKs' users have an answer.
    init(_ rejection: Rejection, isEdit: Bool = false) {
        self =
            switch rejection {
            case .userNotFound(let user): .failed("username \(user) doesn't exist!")
            case .groupNotFound(let group):
                .failed(group.isEasemobRoom ? "grpID \(group.easemob) does not exist!" : "group not found")
            case .notMember, .senderNotMember: .failed("not in group or chatroom")
            case .blockedByRecipient: .failed("blocked")
            case .senderMuted, .groupMuted: Self(15, "you were muted")
            case .tooFrequent, .overloaded: .tooFrequent
            case .groupFull: .failed("group member list is full!")
            case .refusedByCallback(_, let reason): .failed(reason ?? "custom logic denied")
            case .callbackFailed: .failed("custom internal error")
            case .messageNotFound, .alreadyRecalled: .noSuchMessage
            case .recallWindowPassed: .failed("exceed recall time limit")
            case .notRecallable: .failed("message recall disabled")
            case .notEditable: .failed("Sorry, edit is not available")
            case .editLimitReached: .failed("Sorry, edit limit reached")
            case .notPermitted, .keptOut: .failed("Sorry, You do not have permission")
            case .groupDisabled: .failed("group is disabled")
            case .userInactive: .denied("user is forbidden")
            case .userExists, .groupExists, .alreadyMember, .notSupported, .ownerMayNotLeave, .expansionFull,
                .noReceipts, .contactsFull, .pinsFull, .reactionExists, .reactionsFull, .threadsFull,
                .threadMembershipsFull, .fileNotFound, .fileExpired, .fileSecretWrong, .fileTooLarge,
                .fileUnreadable:
                isEdit ? .failed("Sorry, edit fail") : .unsupported
            }
    }
}
