/// Milliseconds since some moment before the process began, of a clock that does not jump.
package let uptime: @Sendable () -> Int64 = {
    let elapsed = ContinuousClock.now - origin
    return elapsed.components.seconds * 1000 + elapsed.components.attoseconds / 1_000_000_000_000_000 + 1_000_000
}

private let origin = ContinuousClock.now
