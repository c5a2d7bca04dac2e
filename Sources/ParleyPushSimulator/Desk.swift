import ParleyCore
import Synchronization

/// What the providers have in common: the time, who was let in, and which failures are due.
final class Desk: Sendable {
    struct Failure: Sendable {
        var verdict: Notice.Verdict
        /// Nil: as the provider has it.
        var status: Int?
    }

    struct Grant: Sendable {
        /// Whom it was granted.
        var subject: String
        var expiresAt: Timestamp
    }

    private struct Key: Hashable {
        var provider: PushProvider.Kind
        var text: String
    }

    private struct State {
        var failures: [PushProvider.Kind: (left: Int, failure: Failure)] = [:]
        var grants: [Key: Grant] = [:]
        var revoked: Set<Key> = []
        /// How often a token has failed so far, by the words in it.
        var faults: [Key: Int] = [:]
        var next = 1
    }

    /// Of each: so many are held before all are forgotten.
    private static let limit = 10_000

    let configuration: PushSimulator.Configuration
    private let state = Mutex(State())
    private let places = Mutex<[String]>([])

    init(_ configuration: PushSimulator.Configuration) { self.configuration = configuration }

    var now: Timestamp { self.configuration.now() }

    /// Where this simulator is: `http://…` and `https://…`.
    var urls: [String] {
        get { self.places.withLock { $0 } }
        set { self.places.withLock { $0 = newValue } }
    }

    func key(of provider: PushProvider.Kind) -> String? { self.configuration.keys[provider] }
}

// MARK: Grants

extension Desk {
    func issue(_ prefix: String, by provider: PushProvider.Kind, to subject: String, seconds: Int64) -> String {
        let token = prefix + Self.random()
        let grant = Grant(subject: subject, expiresAt: self.now.adding(seconds: seconds))
        self.state.withLock { state in
            if state.grants.count >= Self.limit { state.grants = [:] }
            state.grants[Key(provider: provider, text: token)] = grant
        }
        return token
    }

    /// Nil: it was never granted, or taken back.
    func grant(_ token: String, of provider: PushProvider.Kind) -> Grant? {
        self.state.withLock { $0.grants[Key(provider: provider, text: token)] }
    }

    /// Whether a token that is not granted here but made by the client (a web token) was taken back.
    func isRevoked(_ token: String, of provider: PushProvider.Kind) -> Bool {
        self.state.withLock { $0.revoked.contains(Key(provider: provider, text: token)) }
    }

    private func revoke(_ token: String, of provider: PushProvider.Kind) {
        self.state.withLock { state in
            let key = Key(provider: provider, text: token)
            if state.grants.removeValue(forKey: key) == nil {
                if state.revoked.count >= Self.limit { state.revoked = [] }
                state.revoked.insert(key)
            }
        }
    }

    func expireGrants(of provider: PushProvider.Kind) {
        self.state.withLock { state in
            for key in state.grants.keys where key.provider == provider { state.grants[key]?.expiresAt = .distantPast }
        }
    }

    static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<4).map { _ in String(generator.next() as UInt32, radix: 16) }.joined()
    }
}

// MARK: Failures

extension Desk {
    func fail(_ provider: PushProvider.Kind, next count: Int, _ failure: Failure) {
        self.state.withLock { $0.failures[provider] = count > 0 ? (count, failure) : nil }
    }

    /// What becomes of a notice that is right in itself.
    func outcome(of notice: Notice) -> (outcome: Outcome, status: Int?, delayMilliseconds: Int) {
        let words = notice.tokens.map(TokenWords.init)
        let delay = words.map(\.delayMilliseconds).max() ?? 0
        if let failure = self.dueFailure(of: notice.provider) {
            let outcome = Outcome(failure.verdict, notice)
            if failure.verdict == .unauthorized { self.withdrawGrant(of: notice) }
            return (outcome, failure.status, delay)
        }
        return (self.outcome(of: notice, words), nil, delay)
    }

    private func outcome(of notice: Notice, _ words: [TokenWords]) -> Outcome {
        for (token, words) in zip(notice.tokens, words) {
            if words.isUnauthorizedOnce, self.fails(token, of: notice.provider, as: "unauthorized", atMost: 1) {
                self.withdrawGrant(of: notice)
                return .unauthorized
            }
            if self.fails(token, of: notice.provider, as: "flaky", atMost: words.faults) { return .broken }
        }
        let verdicts = words.map(\.verdict)
        let gone = zip(notice.tokens, verdicts).filter { $0.1 == .unregistered }.map(\.0)
        if !gone.isEmpty { return .unregistered(gone) }
        return Outcome(verdicts.first { $0 != .accepted } ?? .accepted, notice)
    }

    private func dueFailure(of provider: PushProvider.Kind) -> Failure? {
        self.state.withLock { state in
            guard let due = state.failures[provider] else { return nil }
            state.failures[provider] = due.left > 1 ? (due.left - 1, due.failure) : nil
            return due.failure
        }
    }

    private func fails(_ token: String, of provider: PushProvider.Kind, as word: String, atMost limit: Int) -> Bool {
        self.state.withLock { state in
            let key = Key(provider: provider, text: word + " " + token)
            let count = state.faults[key, default: 0]
            guard count < limit else { return false }
            if state.faults.count >= Self.limit { state.faults = [:] }
            state.faults[key] = count + 1
            return true
        }
    }

    /// Keys that never change are not taken back: nobody could come again.
    private func withdrawGrant(of notice: Notice) {
        if !notice.grant.isEmpty { self.revoke(notice.grant, of: notice.provider) }
    }
}
