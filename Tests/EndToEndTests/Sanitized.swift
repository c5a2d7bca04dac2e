import Foundation
import ParleyTesting
import Testing

/// A server looks for leaks when it ends; the tests' own process does not: what they set up is not taken apart.
let serversSanitizer: [String: String] =
    ProcessInfo.processInfo.environment["PARLEY_TEST_SERVER_ASAN_OPTIONS"].map { ["ASAN_OPTIONS": $0] } ?? [:]

extension Trait where Self == TimeLimitTrait {
    /// Ten times as many under a sanitizer.
    static func timeLimit(minutes: Int) -> Self { .timeLimit(.minutes(isSanitized ? 10 * minutes : minutes)) }
}
