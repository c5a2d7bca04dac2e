#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Where a setting of pushes holds. The narrower goes first.
public enum PushScope: Hashable, Sendable {
    case everywhere
    /// All direct conversations.
    case direct
    case groups
    case conversation(Conversation)
}

/// What makes this user's devices ring, and when they are quiet: ``Chat/pushPreferences(in:)``.
public struct PushPreferences: Hashable, Sendable {
    public var level: PushLevel
    public var quietHours: QuietHours?
    /// Quiet until then.
    public var quietUntil: Date?
    /// Of texts and templates. ``PushScope/everywhere`` alone.
    public var language: String?
    /// Whether names and texts are shown; nil: as the App has it. ``PushScope/everywhere`` alone.
    public var showsDetails: Bool?
}

/// Which messages ring.
public enum PushLevel: String, Hashable, Sendable, CaseIterable {
    /// As the wider scope has it; in the widest: all of them.
    case inherit
    case all
    /// Those that mention the user, by name or with everyone.
    case mentions
    case mentionsByName = "mentions-by-name"
    case mentionsOfEveryone = "mentions-of-everyone"
    case nothing = "none"
}

/// A time of each day, in the App's time zone.
public struct QuietHours: Hashable, Sendable {
    /// Seconds after midnight.
    public var start: Int
    /// Also past midnight; at most a day.
    public var seconds: Int
    /// What rings even then.
    public var level: PushLevel

    public init(start: Int, seconds: Int, level: PushLevel = .nothing) {
        self.start = start
        self.seconds = seconds
        self.level = level
    }

    /// Takes quiet hours away.
    public static let off = QuietHours(start: 0, seconds: 0)
}
