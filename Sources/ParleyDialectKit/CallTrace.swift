package import ParleyCore
import Synchronization

/// What is found out about one call while it is answered, for those who look on: there is one only while somebody does, so that nobody else pays for it.
///
/// The dialects write to it in the places that every call passes. What is written holds no secret: whoever writes it masks them (``Explanation/mask``).
package final class CallTrace: Sendable {
    package struct Findings: Sendable {
        package var app: AppID?
        package var endpoint: EndpointDescription?
        package var explanation: Explanation?
        /// Of messages that the call put into the log.
        package var messages: [MessageID] = []
        /// Of the first of them: who says it, and where.
        package var sender: UserID?
        package var target: Conversation?
    }

    private let state = Mutex(Findings())

    package init() {}

    package var findings: Findings { self.state.withLock { $0 } }

    package func found(_ app: App) { self.state.withLock { $0.app = app.id } }
    package func found(_ endpoint: EndpointDescription) { self.state.withLock { $0.endpoint = endpoint } }

    /// The first explanation stays: it is the nearest to what went wrong.
    package func refused(_ explanation: Explanation) {
        self.state.withLock { findings in
            if findings.explanation == nil { findings.explanation = explanation }
        }
    }

    /// A rate is spent.
    package func refused(by limit: RateLimiter.Limit, of app: App) {
        let count = app.settings.rates[limit.name] ?? limit.count
        self.refused(
            Explanation(
                .rate, "More than \(count) in \(limit.seconds == 1 ? "a second" : "\(limit.seconds) seconds").",
                [
                    ("limit", "\(count) per \(limit.seconds) s"),
                    ("change it", "parley app set \(app.id) rate.\(limit.name)=…"),
                ]))
    }

    /// No more than so many are remembered of one call.
    private static let messageLimit = 1000

    fileprivate func appending(_ drafts: [Draft]) {
        guard let draft = drafts.first, case .message(let message) = draft.body else { return }
        self.state.withLock { findings in
            guard findings.target == nil else { return }
            (findings.sender, findings.target) = (message.sender, draft.conversation.conversation)
        }
    }

    fileprivate func appended(_ receipts: [Receipt]) {
        self.state.withLock { findings in
            for receipt in receipts where !receipt.isRepeat && findings.messages.count < Self.messageLimit {
                findings.messages.append(receipt.id)
            }
        }
    }
}

/// Why a call was refused: which check said no, and what it looked at. For people, in English.
package struct Explanation: Hashable, Sendable {
    package var check: Check
    /// One sentence.
    package var reason: String
    package var details: [Detail]

    package enum Check: String, Hashable, Sendable, CaseIterable {
        /// There is no such endpoint, or not with this method.
        case route
        /// Which App it is.
        case app
        /// The proof that the call comes from the App's backend: a signature or a token.
        case proof
        case rate
        /// It cannot be read, or passes one of the vendor's limits.
        case request
        /// The rules say no.
        case rules
        /// The server failed; its log says more.
        case fault
    }

    package struct Detail: Hashable, Sendable {
        package var name: String
        package var value: String
    }

    package init(_ check: Check, _ reason: String, _ details: KeyValuePairs<String, String> = [:]) {
        self.check = check
        self.reason = reason
        self.details = details.map { Detail(name: $0, value: $1) }
    }

    package init(_ check: Check, _ reason: String, _ details: [(String, String)]) {
        self.check = check
        self.reason = reason
        self.details = details.map { Detail(name: $0, value: $1) }
    }

    /// Stands where a secret was.
    package static let mask = "********"

    /// The beginning of what proves something, so that it can be told from another: never more than a third of it, and at most 6 characters.
    package static func masked(_ proof: String) -> String {
        proof.isEmpty ? "" : proof.prefix(min(6, proof.count / 3)) + Self.mask
    }
}

extension Explanation {
    package init(_ malformed: Malformed) {
        let field = malformed.field.isEmpty ? "The body" : "`\(malformed.field)`"
        let words =
            switch malformed.reason {
            case .missing: "is missing"
            case .invalid: "has not the type or one of the values that it may have"
            case .tooLong(let limit): "is longer than \(limit)"
            case .tooMany(let limit): "has more items than \(limit)"
            case .notAllowed(let other): "does not go together with `\(other)`"
            case .unreadable: "cannot be read"
            }
        self.init(.request, "\(field) \(words).", malformed.field.isEmpty ? [] : [("field", malformed.field)])
    }

    package init(_ rejection: Rejection) { self.init(.rules, rejection.words) }

    package static let fault = Explanation(.fault, "The server failed; its log says more.")
}

extension Rejection {
    /// For people.
    fileprivate var words: String {
        switch self {
        case .userNotFound(let user): "There is no user \(user)."
        case .userExists(let user): "There is a user \(user) already."
        case .userInactive(let user): "The user \(user) may not log in."
        case .groupNotFound(let group): "There is no group \(group)."
        case .groupExists(let group, _): "There is a group \(group) already."
        case .groupFull(let group, let capacity): "The group \(group) has room for \(capacity) members, and is full."
        case .notMember(let user, let group), .senderNotMember(let user, let group):
            "\(user) is not a member of the group \(group)."
        case .alreadyMember(let user, let group): "\(user) is a member of the group \(group) already."
        case .keptOut(let user, let group): "\(user) is kept out of the group \(group)."
        case .notSupported(let type): "Groups of the type \(type) do not have this."
        case .notPermitted: "The one in whose name it is asked has not the role for it."
        case .ownerMayNotLeave(let group): "The owner may not leave the group \(group)."
        case .contactsFull(let user, let limit): "\(user) has \(limit) contacts, which is as many as may be."
        case .senderMuted(.distantFuture): "The sender is muted."
        case .senderMuted(let until): "The sender is muted until \(until.milliseconds) ms after 1970."
        case .groupMuted(let group): "All members of the group \(group) are muted."
        case .groupDisabled(let group): "The group \(group) is disabled."
        case .blockedByRecipient(let user): "\(user) has blocked the sender."
        case .tooFrequent: "Too many messages in a short time."
        case .refusedByCallback(let code, let reason):
            "The App's backend was asked, and refused: \(reason ?? "no reason given")"
                + (code.map { " (code \($0))." } ?? ".")
        case .callbackFailed: "The App's backend was to be asked, and did not answer as it should."
        case .messageNotFound: "There is no such message."
        case .alreadyRecalled: "The message was recalled before."
        case .recallWindowPassed: "The message is too old to be recalled."
        case .notRecallable: "It is not a message that can be recalled."
        case .pinsFull(let limit): "The conversation has \(limit) pinned messages, which is as many as may be."
        case .reactionExists: "The user has reacted to the message in this way already."
        case .reactionsFull(let limit): "The message has \(limit) kinds of reactions, which is as many as may be."
        case .threadsFull(let limit): "The App has \(limit) threads, which is as many as may be."
        case .threadMembershipsFull(let user, let limit): "\(user) is in \(limit) threads, which is as many as may be."
        case .notEditable: "It is not a message that can be changed."
        case .editLimitReached(let limit): "The message was changed \(limit) times, which is as often as may be."
        case .expansionFull(let limit): "The message's expansion may have \(limit) keys."
        case .noReceipts: "The message did not ask for read receipts."
        case .fileNotFound: "There is no such file."
        case .fileExpired: "The file is kept no longer."
        case .fileSecretWrong: "The file's secret is wrong."
        case .fileTooLarge(let limit): "The file is larger than \(limit) bytes."
        case .fileUnreadable: "The file cannot be read."
        case .overloaded: "The server takes no more work just now."
        }
    }
}

// MARK: What a call appends

extension DialectContext {
    /// The same, and what is appended through it is noted.
    package func traced(by trace: CallTrace) -> DialectContext {
        var context = self
        context.core = self.core.logging(to: TracedLog(log: self.core.log, trace: trace))
        return context
    }
}

private struct TracedLog: Log {
    let log: any Log
    let trace: CallTrace

    func append(_ drafts: [Draft]) async throws -> [Receipt] {
        self.trace.appending(drafts)
        let receipts = try await self.log.append(drafts)
        self.trace.appended(receipts)
        return receipts
    }

    func entries(of conversation: ConversationID, after: UInt64, limit: Int) async throws -> [Entry] {
        try await self.log.entries(of: conversation, after: after, limit: limit)
    }

    func entries(of conversation: ConversationID, upTo: UInt64?, limit: Int) async throws -> [Entry] {
        try await self.log.entries(of: conversation, upTo: upTo, limit: limit)
    }

    func ids(of conversation: ConversationID, upTo: UInt64?, limit: Int) async throws -> [EntryID] {
        try await self.log.ids(of: conversation, upTo: upTo, limit: limit)
    }

    func entry(_ id: MessageID, in app: AppID) async throws -> Entry? { try await self.log.entry(id, in: app) }

    func entry(_ sequence: UInt64, of conversation: ConversationID) async throws -> Entry? {
        try await self.log.entry(sequence, of: conversation)
    }

    func lastSequence(of conversation: ConversationID) async throws -> UInt64 {
        try await self.log.lastSequence(of: conversation)
    }

    func positions(
        of user: UserID, device: DeviceID, in app: AppID, retainedSince: Timestamp
    ) async throws -> [Position] {
        try await self.log.positions(of: user, device: device, in: app, retainedSince: retainedSince)
    }

    func begin(
        _ device: DeviceID, of user: UserID, in app: AppID, retainedSince: Timestamp
    ) async throws -> [Position] {
        try await self.log.begin(device, of: user, in: app, retainedSince: retainedSince)
    }

    func confirm(_ cursors: [Cursor]) async throws { try await self.log.confirm(cursors) }
}
