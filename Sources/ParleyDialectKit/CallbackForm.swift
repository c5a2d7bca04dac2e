package import ParleyCore

/// How one vendor calls a backend: what it sends, and how it reads the answer. No I/O.
package protocol CallbackForm: Sendable {
    /// What this vendor calls about.
    static var topics: Set<CallbackTopic> { get }
    static var policy: CallbackPolicy { get }
    /// Whether it tells how much the recipient of a direct message has not read (``CallbackSubject/unread``), which takes a look at all his conversations.
    static var tellsUnread: Bool { get }

    /// Into how many calls the telling of something goes, beside those about the absent.
    static func parts(of occurrence: Occurrence, for rule: CallbackRule) -> [CallbackPart]
    /// What is sent when something has happened. Nil: this vendor does not tell that.
    static func call(about subject: CallbackSubject, for rule: CallbackRule, at now: Timestamp) -> CallbackCall?
    /// Whether the answer means that the backend has it.
    static func accepts(_ answer: CallbackAnswer) -> Bool
    /// Whether what was not accepted is sent again.
    static func mayRetry(after answer: CallbackAnswer) -> Bool

    /// What is sent before a message is taken. Nil: the vendor does not ask about this one.
    static func call(before attempt: SendAttempt, for rule: CallbackRule, at now: Timestamp) -> CallbackCall?
    /// Nil: that is no answer.
    static func decision(from answer: CallbackAnswer, on attempt: SendAttempt) -> CallbackDecision?
}

extension CallbackForm {
    package static var tellsUnread: Bool { false }
    package static func parts(of occurrence: Occurrence, for rule: CallbackRule) -> [CallbackPart] { [.whole] }
    package static func mayRetry(after answer: CallbackAnswer) -> Bool { true }
}

/// What a vendor does where a rule says nothing.
package struct CallbackPolicy: Hashable, Sendable {
    package var origins: Set<MessageOrigin>
    /// Whose messages the backend is asked about before they are taken.
    package var originsBefore: Set<MessageOrigin>
    package var timeoutMilliseconds: Int64
    package var timeoutBeforeMilliseconds: Int64
    /// How often one thing is sent at most.
    package var attempts: Int
    /// Between two attempts.
    package var retryAfterMilliseconds: Int64
    /// So many failures …
    package var failuresBeforePause: Int
    /// … within this time …
    package var failureWindowMilliseconds: Int64
    /// … and nothing is sent for this long: the first time, the second, and so on; the last for every further time.
    package var pausesMilliseconds: [Int64]

    package init(
        origins: Set<MessageOrigin>, originsBefore: Set<MessageOrigin>, timeoutMilliseconds: Int64,
        timeoutBeforeMilliseconds: Int64, attempts: Int, retryAfterMilliseconds: Int64, failuresBeforePause: Int,
        failureWindowMilliseconds: Int64, pausesMilliseconds: [Int64]
    ) {
        self.origins = origins
        self.originsBefore = originsBefore
        self.timeoutMilliseconds = timeoutMilliseconds
        self.timeoutBeforeMilliseconds = timeoutBeforeMilliseconds
        self.attempts = attempts
        self.retryAfterMilliseconds = retryAfterMilliseconds
        self.failuresBeforePause = failuresBeforePause
        self.failureWindowMilliseconds = failureWindowMilliseconds
        self.pausesMilliseconds = pausesMilliseconds
    }
}

/// A POST.
package struct CallbackCall: Hashable, Sendable {
    /// The rule's, with what the vendor adds to its query.
    package var url: String
    package var contentType: String
    package var body: [UInt8]
    /// What the vendor calls it: `Group.CallbackAfterSendMsg`, `chat`, `PERSON` … For people.
    package var name: String

    package init(url: String, contentType: String, body: [UInt8], name: String) {
        self.url = url
        self.contentType = contentType
        self.body = body
        self.name = name
    }
}

package struct CallbackAnswer: Hashable, Sendable {
    package var status: Int
    package var body: [UInt8]

    package init(status: Int, body: [UInt8]) {
        self.status = status
        self.body = body
    }
}

extension CallbackRule {
    /// What signs this rule's calls.
    package func secret(in app: App) -> String { self.secret ?? app.credential(in: self.dialect)?.secret ?? "" }

    /// The URL with more in its query. Names and values as they are to be sent: encoded.
    package func url(adding query: String) -> String {
        guard !query.isEmpty else { return self.url }
        // A fragment is no part of what is sent.
        let url = self.url.prefix { $0 != "#" }
        let separator = url.contains("?") ? (url.hasSuffix("?") || url.hasSuffix("&") ? "" : "&") : "?"
        return "\(url)\(separator)\(query)"
    }
}
