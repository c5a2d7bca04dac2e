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
                .rate,
                Wording(
                    "More than \(count) in \(limit.seconds == 1 ? "a second" : "\(limit.seconds) seconds").",
                    "\(limit.seconds) 秒内超过了 \(count) 次。"),
                [
                    .limit("\(count) per \(limit.seconds) s", "每 \(limit.seconds) 秒 \(count) 次"),
                    .init("change it", "修改方法", "parley app set \(app.id) rate.\(limit.name)=…"),
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

    func reached(by users: [UserID], in conversation: ConversationID) async throws -> [UserID: UInt64] {
        try await self.log.reached(by: users, in: conversation)
    }

    func confirm(_ cursors: [Cursor]) async throws { try await self.log.confirm(cursors) }
}
