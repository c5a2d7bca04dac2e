import ParleyCore
import ParleyDialectKit
import ParleyJSON

// What rings, and when it is quiet: in one conversation, or in all (`user/self`, or the user's own id). Source: facts/easemob-server.md 3.2.

/// Only what is named changes. Quiet hours hold for all conversations alone; those of one are read and not kept.
struct SetNotificationSettings: Endpoint {
    static let description = EndpointDescription(
        "PUT", "/{org_name}/{app_name}/users/{username}/notification/{chattype}/{key}",
        "Set what rings, and when it is quiet", page: "设置离线推送 (push_settings_set)")
    static let callers = Callers.applicationOrOneself
    static let area = Area.push

    private static let maximumMilliseconds: Int64 = 7 * 24 * 3600 * 1000

    let scope: PushScope
    /// Nil: as it is.
    let type: NotificationType?
    let interval: QuietInterval?
    let milliseconds: Int64?

    init(_ call: Call) throws {
        self.scope = try call.notificationScope()
        let json = try call.object()
        self.type = try json.text("type").map { (text) throws(Malformed) in
            guard let type = NotificationType(rawValue: text) else { throw Malformed("type", .invalid) }
            return type
        }
        guard self.type != .standard || self.scope != .everywhere else { throw Malformed("type", .invalid) }
        self.interval = try json.text("ignoreInterval").map { (text) throws(Malformed) in
            guard let interval = QuietInterval(text) else { throw Malformed("ignoreInterval", .invalid) }
            return interval
        }
        self.milliseconds = try json.number("ignoreDuration")
        guard (0...Self.maximumMilliseconds).contains(self.milliseconds ?? 0) else {
            throw Malformed("ignoreDuration", .invalid)
        }
    }

    func perform(_ call: Call) async throws -> NotificationSettings {
        let user = try await call.existingUser(call.user()).id
        if case .conversation(let conversation) = self.scope {
            try await call.requireParty(user, to: conversation)
            if let type = self.type {
                try await call.core.setPushLevel(type.level, of: conversation, for: user, in: call.app.id)
            }
        }
        let now = call.now
        try await call.core.push.changePushPreferences(of: user, for: self.scope, in: call.app.id) { preferences in
            if self.scope == .everywhere {
                if let type = self.type { preferences.level = type.level }
                if let interval = self.interval { preferences.quietHours = interval.hours }
            }
            if let milliseconds = self.milliseconds {
                preferences.quietUntil = milliseconds == 0 ? nil : now.adding(milliseconds: milliseconds)
            }
        }
        return try await call.notificationSettings(of: user, in: self.scope)
    }

    func encode(_ settings: NotificationSettings, _ call: Call) -> Answer { .settings(settings) }
}

struct GetNotificationSettings: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/users/{username}/notification/{chattype}/{key}",
        "Ask what rings, and when it is quiet", page: "查询离线推送设置 (push_settings_query)")
    static let callers = Callers.applicationOrOneself
    static let area = Area.push

    let scope: PushScope

    init(_ call: Call) throws { self.scope = try call.notificationScope() }

    func perform(_ call: Call) async throws -> NotificationSettings {
        let user = try await call.existingUser(call.user()).id
        return try await call.notificationSettings(of: user, in: self.scope)
    }

    func encode(_ settings: NotificationSettings, _ call: Call) -> Answer { .settings(settings) }
}

/// Of several conversations: `?user=a,b&group=1`.
struct GetSettingsOfConversations: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/users/{username}/notification",
        "Ask what rings in several conversations (clients)",
        page: "facts/easemob-client.md 6 (SDKs)")
    static let callers = Callers.applicationOrOneself
    static let area = Area.push

    private static let maximum = 20

    let users: [String]
    let groups: [String]

    init(_ call: Call) throws {
        self.users = call.names("user")
        self.groups = call.names("group")
        guard self.users.count + self.groups.count <= Self.maximum else { throw Malformed("user", .invalid) }
    }

    typealias Named = [(name: String, settings: NotificationSettings)]

    func perform(_ call: Call) async throws -> (users: Named, groups: Named) {
        let user = try await call.existingUser(call.user()).id
        func settings(_ names: [String], _ conversation: (String) -> Conversation) async throws -> Named {
            var named: Named = []
            for name in names {
                let scope = PushScope.conversation(conversation(name))
                named.append((name, try await call.notificationSettings(of: user, in: scope)))
            }
            return named
        }
        return (
            try await settings(self.users) { .direct(user, UserID(easemob: $0)) },
            try await settings(self.groups) { .group(GroupID(easemob: $0)) }
        )
    }

    func encode(_ found: (users: Named, groups: Named), _ call: Call) -> Answer {
        .data { json in
            json.object { json in
                for (kind, named) in [("user", found.users), ("group", found.groups)] {
                    json.field(kind) { json in
                        json.object { json in
                            for one in named { json.field(one.name) { $0.settings(one.settings) } }
                        }
                    }
                }
            }
        }
    }
}

struct NotificationSettings: Hashable, Sendable {
    var type: NotificationType
    var quietHours: QuietHours?
    var quietUntil: Timestamp?
}

enum NotificationType: String, Sendable {
    /// As in all conversations.
    case standard = "DEFAULT"
    case all = "ALL"
    case mentions = "AT"
    case nothing = "NONE"

    init(_ level: PushLevel?, in scope: PushScope) {
        self =
            switch level {
            case nil: scope == .everywhere ? .all : .standard
            case .all?: .all
            case .mentions?, .mentionsByName?, .mentionsOfEveryone?: .mentions
            case PushLevel.none?: .nothing
            }
    }

    var level: PushLevel? {
        switch self {
        case .standard: nil
        case .all: .all
        case .mentions: .mentions
        case .nothing: PushLevel.none
        }
    }
}

/// `21:30-08:00`, also past midnight; `8:30-8:30` is the whole day. Clients say `00:00-00:00` for none, backends an empty text.
struct QuietInterval: Hashable, Sendable {
    let hours: QuietHours?

    init(_ hours: QuietHours?) { self.hours = hours }

    init?(_ text: String) {
        guard !text.isEmpty else {
            self.hours = nil
            return
        }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map(Self.minutes)
        guard ends.count == 2, let start = ends[0], let end = ends[1] else { return nil }
        if start == 0, end == 0 {
            self.hours = nil
        } else {
            let minutes = end > start ? end - start : end - start + 24 * 60
            self.hours = QuietHours(start: start * 60, seconds: minutes * 60)
        }
    }

    private static func minutes(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let hour = Self.number(parts[0], below: 24),
            let minute = Self.number(parts[1], below: 60)
        else { return nil }
        return hour * 60 + minute
    }

    private static func number(_ text: Substring, below limit: Int) -> Int? {
        guard (1...2).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text).flatMap { $0 < limit ? $0 : nil }
    }

    var text: String {
        guard let hours = self.hours else { return "" }
        return "\(Self.clock(hours.start))-\(Self.clock(hours.start + hours.seconds))"
    }

    private static func clock(_ seconds: Int) -> String {
        [seconds / 3600 % 24, seconds / 60 % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }
}

extension Call {
    /// The names in a query's value such as `a,b`.
    fileprivate func names(_ name: String) -> [String] {
        (self.query[name] ?? "").split(separator: ",").map { $0.trimmingSpaces() }.filter { !$0.isEmpty }.uniqued()
    }

    /// - Throws: 404 "url is invalid".
    fileprivate func notificationScope() throws -> PushScope {
        let key = self.parameter("key")
        switch self.parameter("chattype") {
        case "user":
            let other = UserID(easemob: key)
            return other == self.user() || other == UserID("self")
                ? .everywhere : .conversation(.direct(self.user(), other))
        case "chatgroup": return .conversation(.group(GroupID(easemob: key)))
        default: throw Refusal.pushURLInvalid
        }
    }

    /// - Throws: ``Rejection``: there is no such conversation of the user.
    fileprivate func requireParty(_ user: UserID, to conversation: Conversation) async throws {
        switch conversation {
        case .direct(let pair): _ = try await self.existingUser(pair.peer(of: user))
        case .group(let id):
            guard let group = try await self.core.directory.group(id, in: self.app.id) else {
                throw Rejection.groupNotFound(id)
            }
            guard group.members[user] != nil else { throw Rejection.notMember(user, of: id) }
        case .room, .system: throw Rejection.notPermitted
        }
    }

    fileprivate func notificationSettings(of user: UserID, in scope: PushScope) async throws -> NotificationSettings {
        let preferences =
            try await self.core.push.pushPreferences(of: user, in: self.app.id)[scope] ?? PushPreferences()
        var level = preferences.level
        if case .conversation(let conversation) = scope {
            level = try await self.core.pushLevel(of: conversation, for: user, in: self.app.id)
        }
        let now = self.now
        return NotificationSettings(
            type: NotificationType(level, in: scope), quietHours: preferences.quietHours,
            quietUntil: preferences.quietUntil.flatMap { $0 > now ? $0 : nil })
    }
}

extension Answer {
    fileprivate static func settings(_ settings: NotificationSettings) -> Answer {
        var answer = Answer.data { $0.settings(settings) }
        answer.path = "/users"
        return answer
    }
}

extension JSONWriter {
    fileprivate mutating func settings(_ settings: NotificationSettings) {
        self.object { json in
            json.field("type", settings.type.rawValue)
            json.field("ignoreInterval", QuietInterval(settings.quietHours).text)
            json.field("ignoreDuration", settings.quietUntil?.milliseconds ?? 0)
        }
    }
}
