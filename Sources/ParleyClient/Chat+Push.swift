internal import ParleyJSON

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension Chat {
    /// This device rings from now on when the user is not connected with it. For a chat that names its device (``Configuration/device``); again, when there is
    /// a new token.
    /// - Parameters:
    ///   - provider: one of the App's push providers, by name.
    ///   - bundle: the app at the provider, where one provider serves several.
    public func registerForPush(
        provider: String, token: String, bundle: String? = nil
    ) async throws(ChatError) {
        _ = try await self.command("push.register") { json in
            json.field("provider", provider)
            json.field("token", token)
            json.field("bundle", ifAny: bundle)
        }
    }

    /// This device rings no more: before somebody else logs in on it.
    public func unregisterFromPush() async throws(ChatError) { _ = try await self.command("push.unregister") { _ in } }

    public func pushPreferences(in scope: PushScope = .everywhere) async throws(ChatError) -> PushPreferences {
        PushPreferences(try await self.command("push.preferences") { $0.field("scope", scope.name) })
    }

    /// Changes what is not nil, on all of the user's devices.
    /// - Parameters:
    ///   - quietHours: ``QuietHours/off`` takes them away.
    ///   - quietUntil: a moment that has passed: no longer.
    ///   - language: an empty one takes it away. Only in ``PushScope/everywhere``, as `showsDetails`.
    @discardableResult
    public func changePushPreferences(
        in scope: PushScope = .everywhere, level: PushLevel? = nil, quietHours: QuietHours? = nil,
        quietUntil: Date? = nil, language: String? = nil, showsDetails: Bool? = nil
    ) async throws(ChatError) -> PushPreferences {
        PushPreferences(
            try await self.command("push.preferences") { json in
                json.field("scope", scope.name)
                json.field("level", ifAny: level?.rawValue)
                if let quietHours { json.field("quietHours") { $0.quietHours(quietHours) } }
                if let quietUntil { json.field("quietUntil", quietUntil.milliseconds) }
                json.field("language", ifAny: language)
                if let showsDetails { json.field("showsDetails", showsDetails) }
            })
    }
}

extension PushScope {
    fileprivate var name: String {
        switch self {
        case .everywhere: "everywhere"
        case .direct: "direct"
        case .groups: "groups"
        case .conversation(let conversation): conversation.name
        }
    }
}

extension PushPreferences {
    fileprivate init(_ json: JSON) {
        self.init(
            level: PushLevel(json["level"]) ?? .inherit, quietHours: json["quietHours"].flatMap { QuietHours($0) },
            quietUntil: json["quietUntil"]?.date, language: json["language"]?.string,
            showsDetails: json["showsDetails"]?.bool)
    }
}

extension QuietHours {
    fileprivate init?(_ json: JSON) {
        guard let start = json["start"]?.int, let seconds = json["seconds"]?.int else { return nil }
        self.init(start: Int(start), seconds: Int(seconds), level: PushLevel(json["level"]) ?? .nothing)
    }
}

extension PushLevel {
    fileprivate init?(_ json: JSON?) {
        guard let level = json?.string.flatMap({ PushLevel(rawValue: $0) }) else { return nil }
        self = level
    }
}

extension Date {
    /// Since 1970, of what a number can hold.
    fileprivate var milliseconds: Int64 { Int64(min(max(self.timeIntervalSince1970 * 1000, 0), 1e15)) }
}

extension JSONWriter {
    fileprivate mutating func quietHours(_ hours: QuietHours) {
        self.object { json in
            json.field("start", hours.start)
            json.field("seconds", hours.seconds)
            if hours.level != .inherit { json.field("level", hours.level.rawValue) }
        }
    }
}
