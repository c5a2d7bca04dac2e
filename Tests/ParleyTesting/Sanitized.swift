import Foundation

/// Memory and time are a sanitizer's, not the program's (scripts/sanitized).
package let isSanitized = ["ASAN_OPTIONS", "TSAN_OPTIONS"].contains { ProcessInfo.processInfo.environment[$0] != nil }
