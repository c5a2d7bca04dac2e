import ParleyCore
import ParleyJSON

extension Command {
    static let pushRegister = Command(
        "push.register", "This device rings from now on when the user is not connected with it.",
        required("provider", Shapes.text(1...256), "one of the App's, by name"),
        required("token", Shapes.text(1...4096), "as the provider gave it to the device"),
        optional("bundle", Shapes.text(1...256), "the app at the provider, where one provider serves several"),
        answer: .done
    ) { provider, token, bundle in
        .effect { asker in
            let device = PushDevice(
                user: asker.user, device: asker.device.rawValue, provider: provider, token: token, dialect: .parley,
                bundle: bundle, registeredAt: asker.core.clock.now())
            try await asker.core.registerForPush(device, in: asker.app)
            return .done
        }
    }

    static let pushUnregister = Command("push.unregister", "This device rings no more.", answer: .done) {
        .effect { asker in
            try await asker.core.push.unregister(asker.device.rawValue, of: asker.user, in: asker.app)
            return .done
        }
    }

    static let pushPreferences = Command(
        "push.preferences",
        "What rings, and when it is quiet, on all of the user's devices. Only what is named changes; with nothing named, nothing does.",
        optional("scope", Shapes.pushScope, default: .everywhere),
        optional("level", Shapes.pushLevel, "which messages ring; `inherit`: as the wider scope has it"),
        optional("quietHours", Shapes.quietHours, "a time of each day; `seconds` 0: none"),
        optional("quietUntil", Shapes.moment, "quiet until then; 0: no longer"),
        optional(
            "language", Shapes.text(0...32), "of texts and templates, everywhere alone; empty: none in particular"),
        optional("showsDetails", Shapes.flag, "whether names and texts are shown, everywhere alone"),
        answer: .pushPreferences
    ) { (scope, level, hours, until, language, showsDetails) throws(Refusal) in
        for (name, isNamed) in [("language", language != nil), ("showsDetails", showsDetails != nil)]
        where isNamed && scope != .everywhere {
            throw Refusal(.badField, "\(name): only where the scope is everywhere")
        }
        guard level != nil || hours != nil || until != nil || language != nil || showsDetails != nil else {
            return .lookup { try await $0.pushPreferences(in: scope) }
        }
        return .effect { asker in
            try await asker.requireOwn(scope)
            if let level, case .conversation(let conversation) = scope {
                try await asker.core.setPushLevel(level.level, of: conversation, for: asker.user, in: asker.app)
            }
            try await asker.core.push.changePushPreferences(of: asker.user, for: scope, in: asker.app) { preferences in
                if let level { preferences.level = level.level }
                if let hours { preferences.quietHours = hours.seconds == 0 ? nil : hours }
                if let until { preferences.quietUntil = until > .distantPast ? until : nil }
                if let language { preferences.language = language.isEmpty ? nil : language }
                if let showsDetails { preferences.showsDetails = showsDetails }
            }
            return try await asker.pushPreferences(in: scope)
        }
    }
}

extension Asker {
    fileprivate func pushPreferences(in scope: PushScope) async throws -> Answer {
        try await self.requireOwn(scope)
        var preferences = try await self.core.push.pushPreferences(of: self.user, in: self.app)[scope] ?? .init()
        if case .conversation(let conversation) = scope {
            // It may have been muted or unmuted elsewhere.
            preferences.level = try await self.core.pushLevel(of: conversation, for: self.user, in: self.app)
        }
        if let until = preferences.quietUntil, until <= self.core.clock.now() { preferences.quietUntil = nil }
        let (name, found) = (scope.name(for: self.user), preferences)
        return Answer(.pushPreferences) { $0.members(of: found, in: name) }
    }

    /// - Throws: ``Refusal``, ``ParleyCore/Rejection``: the conversation is not the user's.
    fileprivate func requireOwn(_ scope: PushScope) async throws {
        guard case .conversation(let conversation) = scope else { return }
        try await self.requireConversation(conversation)
        _ = try await self.core.viewer(self.user, of: self.id(conversation))
    }
}

// MARK: Shapes

/// A level, or that there is none.
struct PushLevelChoice: Hashable, Sendable {
    static let inherit = "inherit"

    let level: PushLevel?
}

extension Shapes {
    fileprivate static let pushScope = Shape<PushScope>(schema: .pushScope) { json, user in
        json.string.flatMap { PushScope(name: $0, of: user) }
    }
    fileprivate static let pushLevel = Shape<PushLevelChoice>(
        schema: .choice(PushLevel.allCases.map(\.rawValue) + [PushLevelChoice.inherit])
    ) { json, _ in json.string.map { PushLevelChoice(level: PushLevel(rawValue: $0)) } }
    fileprivate static let quietHours = Shape<QuietHours>(schema: .quietHours) { json, _ in
        guard let start = json["start"]?.int, let seconds = json["seconds"]?.int else { return nil }
        return QuietHours(
            start: Int(start), seconds: Int(seconds),
            level: json["level"]?.string.flatMap { PushLevel(rawValue: $0) } ?? .none)
    }
    fileprivate static let moment = Shape<Timestamp>(schema: .sequence) { json, _ in
        json.int.map { Timestamp(milliseconds: $0) }
    }
}

extension Schema {
    fileprivate static let pushScope = Schema(
        .string(1...300), "`everywhere`, `direct`, `groups`, or a conversation's name; the narrower goes first")
    fileprivate static let pushLevel = Schema.choice(PushLevel.allCases.map(\.rawValue))
    fileprivate static let quietHours = Schema.object(
        [
            Member("start", Schema(.integer(0...86_399)), "seconds after midnight, in the App's time zone"),
            Member("seconds", Schema(.integer(0...86_400)), "how long, also past midnight"),
            .optional("level", .pushLevel, "what rings even then; `none` unless told"),
        ], others: .refused)
}

extension PushScope {
    fileprivate init?(name: String, of user: UserID) {
        switch name {
        case "everywhere": self = .everywhere
        case "direct": self = .direct
        case "groups": self = .groups
        default:
            guard let conversation = Conversation(name: name, of: user) else { return nil }
            self = .conversation(conversation)
        }
    }

    fileprivate func name(for user: UserID) -> String {
        switch self {
        case .everywhere: "everywhere"
        case .direct: "direct"
        case .groups: "groups"
        case .conversation(let conversation): conversation.name(for: user)
        }
    }
}

// MARK: The answer

extension JSONWriter {
    fileprivate mutating func members(of preferences: PushPreferences, in scope: String) {
        self.field("scope", scope)
        if let level = preferences.level { self.field("level", level.rawValue) }
        if let hours = preferences.quietHours {
            self.field("quietHours") { json in
                json.object { json in
                    json.field("start", hours.start)
                    json.field("seconds", hours.seconds)
                    json.field("level", hours.level.rawValue)
                }
            }
        }
        if let until = preferences.quietUntil { self.field("quietUntil", until.milliseconds) }
        if let language = preferences.language { self.field("language", language) }
        if let showsDetails = preferences.showsDetails { self.field("showsDetails", showsDetails) }
    }
}

extension Frame {
    static let pushPreferences = Frame(
        "push.preferences",
        "What rings in a scope, and when it is quiet. What is left out is as the wider scope has it.",
        isAnswer: true,
        [
            Schema.Member("scope", .pushScope), .optional("level", .pushLevel),
            .optional("quietHours", .quietHours), .optional("quietUntil", .moment), .optional("language", .text),
            .optional("showsDetails", .boolean),
        ])
}
