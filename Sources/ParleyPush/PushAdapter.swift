package import ParleyCore
package import ParleyOutbound

/// One provider's API: what is sent, and what its answers mean. No I/O, and nothing remembered: who has a token of the provider's, and until when, is kept
/// by ``PushFollowing``. One file each, in `Providers/`.
package protocol PushAdapter: Sendable {
    static var kind: PushProvider.Kind { get }
    /// What ``PushProvider/account`` must and may hold.
    static var fields: [AccountField] { get }
    /// What may be under way at once, how long an answer may take, what is tried again.
    static var policy: PushPolicy { get }

    /// Reads the account once.
    ///
    /// - Throws: what is wrong with it, for the one who wrote it; never with a secret in it.
    init(_ provider: PushProvider) throws(AccountFault)

    /// What every request needs before it: nothing, something made here (APNs' JWT), or something to ask the provider for.
    func access(at now: Timestamp) async throws(AccountFault) -> PushAccess
    /// Reads the answer to ``PushAccess/ask(_:)``. Nil: it is none.
    func grant(from answer: OutboundAnswer, at now: Timestamp) -> PushGrant?

    /// - Throws: why the provider would not take it: it is too large even with its text cut short. Nothing is sent then.
    func request(
        for notice: PushNotice, with grant: PushGrant?, at now: Timestamp
    ) throws(PushRefusal) -> OutboundRequest
    func verdict(on answer: OutboundAnswer, at now: Timestamp) -> PushVerdict
}

/// One member of an account: `push.NAME.FIELD` in an App's settings.
package struct AccountField: Hashable, Sendable {
    package var name: String
    package var isRequired: Bool
    /// Never shown.
    package var isSecret: Bool
    /// For people, and where the provider shows it.
    package var doc: String

    package init(_ name: String, isRequired: Bool = true, isSecret: Bool = false, _ doc: String) {
        self.name = name
        self.isRequired = isRequired
        self.isSecret = isSecret
        self.doc = doc
    }
}

package struct AccountFault: Error, Hashable, Sendable, CustomStringConvertible {
    package var field: String
    package var reason: String

    package init(_ field: String, _ reason: String) {
        self.field = field
        self.reason = reason
    }

    package var description: String { "\(self.field) \(self.reason)" }
}

/// A notice that is not sent. ``PushVerdict/refused(_:)``, without having asked.
package struct PushRefusal: Error, Hashable, Sendable {
    package var reason: String

    package init(_ reason: String) { self.reason = reason }
}

package enum PushAccess: Sendable {
    case open
    case made(PushGrant)
    case ask(OutboundRequest)
}

/// What a provider lets in: a bearer token, an `authToken` …
package struct PushGrant: Hashable, Sendable {
    package var token: String
    /// It is renewed before that.
    package var expiresAt: Timestamp

    package init(token: String, expiresAt: Timestamp) {
        self.token = token
        self.expiresAt = expiresAt
    }
}

package enum PushVerdict: Hashable, Sendable {
    /// The provider has it. Its own id of the notice, where it says one.
    case accepted(id: String?)
    /// The token leads nowhere any more: it is forgotten.
    case unregistered
    /// Not this one, and not the next time either.
    case refused(String)
    /// The grant is no longer good: another is fetched, and this is sent again.
    case unauthorized(String)
    /// Later: too many, or the provider has a bad moment. Nil: after what the policy says.
    case later(String, afterMilliseconds: Int64?)
}

package struct PushPolicy: Hashable, Sendable {
    package var calls: Int
    package var timeoutMilliseconds: Int64
    package var retry: RetryPolicy

    package init(
        calls: Int = 16, timeoutMilliseconds: Int64 = 10_000,
        retry: RetryPolicy = RetryPolicy(
            attempts: 5, retryAfterMilliseconds: 1000, failuresBeforePause: 20, failureWindowMilliseconds: 30_000,
            pausesMilliseconds: [5000, 15_000, 60_000])
    ) {
        self.calls = calls
        self.timeoutMilliseconds = timeoutMilliseconds
        self.retry = retry
    }
}

extension PushProvider {
    func timeout(_ adapter: any PushAdapter) -> Int64 {
        self.timeoutMilliseconds ?? type(of: adapter).policy.timeoutMilliseconds
    }

    /// - Throws: that the field is not there.
    package func required(_ field: String) throws(AccountFault) -> String {
        guard let value = self.account[field], !value.isEmpty else { throw AccountFault(field, "is missing") }
        return value
    }

    package func optional(_ field: String) -> String? { self.account[field].flatMap { $0.isEmpty ? nil : $0 } }

    /// ``url`` without a slash at its end, or else the provider's own.
    package func base(_ usual: String) -> String {
        var base = self.url ?? usual
        while base.hasSuffix("/") { base.removeLast() }
        return base
    }
}
