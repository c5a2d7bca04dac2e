/// A moment, in milliseconds since 1970-01-01T00:00:00Z.
package struct Timestamp: Hashable, Comparable, Sendable {
    package var milliseconds: Int64
    package init(milliseconds: Int64) { self.milliseconds = milliseconds }
    package init(seconds: Int64) { self.milliseconds = seconds * 1000 }

    /// Whole seconds since 1970, rounded down.
    package var seconds: Int64 { self.milliseconds / 1000 }

    package static let distantPast = Timestamp(milliseconds: 0)
    /// Later than any moment that will be compared with it: "for ever".
    package static let distantFuture = Timestamp(milliseconds: Int64.max)

    package static func < (one: Timestamp, other: Timestamp) -> Bool { one.milliseconds < other.milliseconds }

    /// Saturates, so that a caller's "for ever" durations cannot overflow in either direction.
    package func adding(milliseconds: Int64) -> Timestamp {
        let (sum, overflow) = self.milliseconds.addingReportingOverflow(milliseconds)
        guard overflow else { return Timestamp(milliseconds: sum) }
        return milliseconds > 0 ? .distantFuture : .distantPast
    }

    package func adding(seconds: Int64) -> Timestamp {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        guard overflow else { return self.adding(milliseconds: product) }
        return seconds > 0 ? .distantFuture : .distantPast
    }
}

/// Where the present comes from. Injected, so that no test sleeps.
package protocol WallClock: Sendable {
    func now() -> Timestamp
}
