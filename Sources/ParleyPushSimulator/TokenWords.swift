/// What a device token asks for: words anywhere in it, so that a failure can be had from a test or by hand with nothing but a token.
///
/// | in the token | what becomes of a notice to it |
/// |---|---|
/// | `unregistered` | the device is gone, as the provider says it |
/// | `throttled` | too many requests |
/// | `broken` | the provider has a fault |
/// | `flaky-N` | a fault N times, then taken |
/// | `slow-MS` | answered that many milliseconds later, at most 60,000 |
/// | `unauthorized` | once: the access token is no longer good; another has to be fetched |
/// | `refused` | an argument is wrong |
/// | `accepted` | nothing: for a provider that would not take such a token (APNs wants hexadecimal digits) |
///
/// A token may have several: `slow-200-unregistered`.
struct TokenWords: Sendable {
    private let token: String

    init(_ token: String) { self.token = token }

    private static let words = [
        "unregistered", "throttled", "broken", "flaky-", "slow-", "unauthorized", "refused", "accepted",
    ]
    private static let slowest = 60_000

    /// Such a token is not the provider's to judge.
    var isMarked: Bool { Self.words.contains { self.token.contains($0) } }

    var faults: Int { self.number(after: "flaky-") ?? 0 }
    var delayMilliseconds: Int { min(self.number(after: "slow-") ?? 0, Self.slowest) }
    var isUnauthorizedOnce: Bool { self.token.contains("unauthorized") }

    /// What happens each time.
    var verdict: Notice.Verdict {
        if self.token.contains("unregistered") { return .unregistered }
        if self.token.contains("throttled") { return .throttled }
        if self.token.contains("broken") { return .broken }
        if self.token.contains("refused") { return .refused }
        return .accepted
    }

    private func number(after word: String) -> Int? {
        guard let start = self.token.range(of: word)?.upperBound else { return nil }
        return Int(self.token[start...].prefix { $0.isASCII && $0.isNumber }.prefix(6))
    }
}

extension String {
    fileprivate func range(of word: String) -> Range<Index>? {
        var start = self.startIndex
        while start < self.endIndex {
            if self[start...].hasPrefix(word) { return start..<self.index(start, offsetBy: word.count) }
            start = self.index(after: start)
        }
        return nil
    }
}
