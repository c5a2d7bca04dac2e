/// How far each rule's backend has been called, and what became of each call.
package protocol CallbackBook: Sendable {
    /// The next things in the log of an App, whatever the conversation, and what happened beside it, in the order in which it was so: with ids greater
    /// than `after`. Looks at no more than `limit` things of all Apps, so that there may be fewer, or none, and more behind them.
    ///
    /// - Returns: `through`, up to where it has looked: `after`, when there is nothing more.
    func occurrences(
        in app: AppID, after: MessageID, limit: Int
    ) async throws -> (occurrences: [Occurrence], through: MessageID)

    /// Nil: it is past keeping.
    func occurrence(_ id: MessageID, in app: AppID) async throws -> Occurrence?

    /// The greatest id that was given: where a rule begins that never was.
    func end() async throws -> MessageID

    /// Up to where the rule's backend has been called. Nil: the rule is new.
    func progress(of rule: String, in app: AppID) async throws -> MessageID?

    /// Notes how far a rule has come (nil: no further), and what was called. In one transaction; after a crash, some of it may have to be done again.
    func note(
        _ progress: MessageID?, of rule: String, in app: AppID, _ records: [CallbackRecord]
    ) async throws

    /// The newest first, of one rule or of all, before the record `before` (nil: from the newest).
    func records(
        in app: AppID, rule: String?, outcome: CallbackRecord.Outcome?, before: Int64?, limit: Int
    ) async throws -> [CallbackRecord]

    /// What was given up is to be sent again: all of it, one rule's, or these records only.
    /// - Returns: how many.
    func sendAgain(in app: AppID, rule: String?, records: [Int64]?) async throws -> Int

    /// What is to be sent again, the oldest first.
    func awaitingAnother(of rule: String, in app: AppID, limit: Int) async throws -> [CallbackRecord]
}

extension CallbackBook {
    /// The same as ``occurrences(in:after:limit:)``, of what was said alone.
    package func entries(
        in app: AppID, after: MessageID, limit: Int
    ) async throws -> (entries: [Entry], through: MessageID) {
        let (occurrences, through) = try await self.occurrences(in: app, after: after, limit: limit)
        return (occurrences.compactMap(\.entry), through)
    }
}

/// One call of a backend, with all its attempts.
package struct CallbackRecord: Hashable, Sendable {
    /// Nil: not noted yet.
    package var id: Int64?
    package var rule: String
    /// What the vendor calls it (`Group.CallbackAfterSendMsg`).
    package var call: String
    /// What it was about. Of a call before a message: what the attempt was called by.
    package var entry: MessageID
    /// When it was sent first.
    package var sentAt: Timestamp
    /// From then to its end.
    package var milliseconds: Int64
    package var attempts: Int
    package var outcome: Outcome
    /// The HTTP status of the last answer, where there was one.
    package var status: Int?
    /// In a few words, what went wrong or what was decided; empty otherwise.
    package var detail: String

    package enum Outcome: String, Hashable, Sendable, CaseIterable {
        case accepted
        case givenUp = "given-up"
        /// Of calls before a message: the message went on, as it was or changed.
        case delivered
        case refused
        case dropped
        /// Of calls before a message: no answer, or not one that can be read.
        case unanswered
    }

    package init(
        id: Int64? = nil, rule: String, call: String, entry: MessageID, sentAt: Timestamp, milliseconds: Int64,
        attempts: Int, outcome: Outcome, status: Int? = nil, detail: String = ""
    ) {
        self.id = id
        self.rule = rule
        self.call = call
        self.entry = entry
        self.sentAt = sentAt
        self.milliseconds = milliseconds
        self.attempts = attempts
        self.outcome = outcome
        self.status = status
        self.detail = detail
    }
}
