/// When something that failed is sent again, and when who fails is left alone.
package struct RetryPolicy: Hashable, Sendable {
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
        attempts: Int, retryAfterMilliseconds: Int64, failuresBeforePause: Int, failureWindowMilliseconds: Int64,
        pausesMilliseconds: [Int64]
    ) {
        self.attempts = attempts
        self.retryAfterMilliseconds = retryAfterMilliseconds
        self.failuresBeforePause = failuresBeforePause
        self.failureWindowMilliseconds = failureWindowMilliseconds
        self.pausesMilliseconds = pausesMilliseconds
    }
}
