package import ParleyCore
import ParleyDialectKit
import ParleyEasemob
import ParleyRongCloud
import ParleyTencent

/// The demo app of `parley demo`: one truth that three dialects share. Its names and credentials are relied upon (shared/contract.md).
package enum Demo {
    package static let appID = AppID("demo")
    package static let group = GroupID("demo-group")
    package static let room = GroupID(chatRoom: "demo-room")
    package static let users = ["alice", "bob", "carol", "dave"].map { UserID($0) }
    package static let secret = "parley-demo-secret"

    /// Easemob's password of each is the user's id. Made once in a process: hashing is meant to be slow.
    private static let passwordHashes = Dictionary(
        uniqueKeysWithValues: (Demo.users + [UserID("administrator")]).map { ($0, Password.hash($0.rawValue)) })

    package static let credentials = [
        Credential(dialect: DialectName("rongcloud"), key: "parley-demo", secret: secret),
        Credential(
            dialect: DialectName("easemob"), key: "parley#demo", secret: secret,
            details: ["clientID": "parley-demo-client"]),
        Credential(
            dialect: DialectName("tencent"), key: "1400000000", secret: secret,
            details: ["administrators": "administrator"]),
    ]

    /// A UserSig of one of the demo app's users, good for a day: for tools that have no server at hand. With another key than the app's, it is a forgery.
    package static func signature(
        of user: String = "administrator", now: Timestamp, key: String = Self.secret
    ) -> String {
        UserSig(identifier: user, sdkAppID: 1_400_000_000, issuedAt: now, lifetimeSeconds: 86_400, key: key).text
    }

    /// What RongCloud's client SDKs show for one of the demo app's users: for tools that have no server at hand.
    package static func rongCloudToken(of user: String, now: Timestamp) -> String {
        UserToken(appKey: "parley-demo", user: UserID(user), issuedAt: now).signed(with: self.secret)
    }

    /// Easemob's App token, for the request that the demo prints.
    package static func easemobToken(_ server: Server, lifetimeSeconds: Int64) async throws -> String {
        guard let app = try await server.core.directory.app(self.appID),
            let easemob = server.dialects.lazy.compactMap({ $0 as? Easemob }).first
        else { return "" }
        return try easemob.appToken(for: app, lifetimeSeconds: lifetimeSeconds)
    }

    package static func isLoopback(_ host: String) -> Bool { ["127.0.0.1", "::1", "localhost"].contains(host) }

    /// The demo's secrets are public: a folder that has them is served on loopback only.
    ///
    /// - Throws: ``ConfigurationError``.
    package static func refuseOnNetwork(_ core: Core, host: String) async throws {
        guard !self.isLoopback(host) else { return }
        for app in try await core.directory.apps() where app.credentials.contains(where: { $0.secret == self.secret }) {
            throw ConfigurationError(
                key: "http.host",
                reason: "is \(host), and the app '\(app.id)' has the demo's public secret: use another data folder, "
                    + "or `parley app rotate` its secrets")
        }
    }

    /// Has a backend on this machine called about everything that is said and done, in each vendor's form, at `URL/rongcloud`, `URL/easemob` and
    /// `URL/tencent`. Nil: nobody is called. Rules that somebody else made stay.
    package static func callBack(_ url: String?, _ core: Core) async throws {
        guard var app = try await core.directory.app(self.appID) else { return }
        let before = app
        app.settings.callbacks.removeAll { $0.name.hasPrefix(self.rulePrefix) }
        if let url {
            let base = url.hasSuffix("/") ? String(url.dropLast()) : url
            for dialect in Dialects.all {
                var rule = CallbackRule(
                    name: self.rulePrefix + dialect.name.rawValue, dialect: dialect.name,
                    url: "\(base)/\(dialect.name)", topics: dialect.callbacks.topics.subtracting([.beforeMessage]))
                rule.origins = Set(MessageOrigin.allCases)
                app.settings.callbacks.append(rule)
            }
        }
        if app != before { try await core.directory.save(app) }
    }

    private static let rulePrefix = "demo-"

    /// Makes what is missing, and leaves alone what is there: safe at every start.
    @discardableResult
    package static func seed(_ core: Core) async throws -> App {
        var app = App(id: self.appID, credentials: self.credentials, createdAt: core.clock.now())
        for index in app.credentials.indices where app.credentials[index].dialect == DialectName("easemob") {
            // SDKs may register users themselves, as at the vendor.
            app.credentials[index].details["registration"] = "open"
        }
        // Everything in the demo is on one machine.
        app.settings.callbackNetworks = ["loopback"]
        if let existing = try await core.directory.app(self.appID) {
            app = existing
        } else {
            try await core.directory.save(app)
        }
        for id in self.users + [UserID("administrator")] {
            guard try await core.directory.user(id, in: app.id) == nil else { continue }
            try await core.importUser(id, in: app.id) { user in
                user.name = id.rawValue
                user.passwordHash = self.passwordHashes[id]
            }
        }
        guard try await core.directory.group(self.group, in: app.id) == nil else { return app }
        let now = core.clock.now()
        var group = Group(id: self.group, type: .public, name: "Demo group", owner: self.users[0], createdAt: now)
        group.attributes["public"] = "true"
        try await core.createGroup(
            CreateGroup(
                app: app.id, group: group,
                members: self.users.dropFirst().map { Member(user: $0, joinedAt: now, delivery: .notify) }))
        return app
    }

    /// A chat room for the console's examples, in which bob is: made again where it has gone.
    package static func seedRoom(_ core: Core) async throws {
        guard try await core.directory.group(self.room, in: self.appID) == nil else { return }
        let now = core.clock.now()
        try await core.createGroup(
            CreateGroup(
                app: self.appID,
                group: Group(id: self.room, type: .chatRoom, name: "Demo room", owner: self.users[0], createdAt: now),
                members: [Member(user: self.users[1], joinedAt: now, delivery: .silent)]))
    }
}
