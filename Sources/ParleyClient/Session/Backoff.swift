extension Chat {
    /// How long to wait between attempts to connect: doubling from `initial` to `maximum`, each time between half of that and all of it, so that
    /// a server that comes back is not met by all its clients at once.
    public struct Backoff: Hashable, Sendable {
        public var initial: Duration
        public var maximum: Duration

        public init(initial: Duration = .milliseconds(500), maximum: Duration = .seconds(30)) {
            self.initial = initial
            self.maximum = maximum
        }

        /// - Parameters:
        ///   - attempt: how many have failed before, from 0.
        ///   - random: 0 to 1.
        func delay(attempt: Int, random: Double) -> Duration {
            let doubled = self.initial * (1 << min(attempt, 16))
            return min(doubled, self.maximum) * (0.5 + random / 2)
        }
    }
}
