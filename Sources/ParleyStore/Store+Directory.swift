package import ParleyCore

extension Store {
    package func apps() async throws -> [App] { try await self.database.read { try $0.apps() } }

    package func app(_ id: AppID) async throws -> App? {
        await self.lookForOthersIfDue()
        if let app = self.cache.apps.app(id) { return app }
        return try await self.load { try $0.app(id) }
    }

    /// A key that is not known is looked for in the database each time: the App may just have been made by another process.
    package func app(dialect: DialectName, key: String) async throws -> App? {
        await self.lookForOthersIfDue()
        if let app = self.cache.apps.app(dialect: dialect, key: key) { return app }
        return try await self.load { try $0.app(dialect: dialect, key: key) }
    }

    private func load(_ read: @escaping @Sendable (SQLConnection) throws -> App?) async throws -> App? {
        let version = self.cache.apps.version
        guard let app = try await self.database.read(read) else { return nil }
        self.cache.apps.keep(app, readAt: version)
        return app
    }

    /// Every batch begins by asking whether another process has written; an empty one asks just that. What is known stays good enough
    /// when the writer has no time for it: others will ask.
    private func lookForOthersIfDue() async {
        guard case .folder = self.configuration.location, self.cache.apps.isDue() else { return }
        try? await self.writer.lookForOthers()
    }

    package func save(_ app: App) async throws {
        try await self.writer.run(.isolated) { batch in
            try batch.connection.save(app)
            batch.record(.app(app))
        }
    }

    @discardableResult
    package func changeApp(
        _ id: AppID, _ change: @escaping @Sendable (inout App) throws -> Void
    ) async throws -> App? {
        try await self.writer.run(.isolated) { batch in
            guard let before = try batch.connection.app(id) else { return nil }
            var app = before
            try change(&app)
            guard app != before else { return app }
            try batch.connection.save(app)
            batch.record(.app(app))
            return app
        }
    }

    package func user(_ id: UserID, in app: AppID) async throws -> User? {
        try await self.cache.users.value(for: DirectoryCache.UserKey(app: app, user: id)) {
            try await self.database.read { try $0.user(id, in: app) }
        }
    }

    package func users(in app: AppID, after: UserID?, limit: Int) async throws -> [User] {
        try await self.database.read { try $0.users(in: app, after: after, limit: max(0, limit)) }
    }

    package func usersMuted(
        in app: AppID, at moment: Timestamp, offset: Int, limit: Int
    ) async throws -> [User] {
        try await self.database.read {
            try $0.usersMuted(in: app, at: moment, offset: max(0, offset), limit: max(0, limit))
        }
    }

    package func group(_ id: GroupID, in app: AppID) async throws -> GroupSnapshot? {
        try await self.cache.groups.value(for: DirectoryCache.GroupKey(app: app, group: id)) {
            let now = self.clock.now()
            return try await self.database.read { try $0.snapshot(of: id, in: app, now: now) }
        }
    }

    package func groups(in app: AppID, after: GroupID?, limit: Int) async throws -> [Group] {
        try await self.database.read { try $0.groups(in: app, after: after, limit: max(0, limit)) }
    }

    package func groups(of user: UserID, in app: AppID) async throws -> [(group: Group, member: Member)] {
        try await self.database.read { try $0.groups(of: user, in: app) }
    }

    package func hasBlocked(_ user: UserID, _ other: UserID, in app: AppID) async throws -> Bool {
        try await self.cache.blocks.value(for: DirectoryCache.UserKey(app: app, user: user)) {
            try await self.database.read { Set(try $0.blocked(by: user, in: app)) }
        }.contains(other)
    }

    package func blocked(by user: UserID, in app: AppID) async throws -> [UserID] {
        try await self.database.read { try $0.blocked(by: user, in: app) }
    }

    package func write<Result: Sendable>(
        in app: AppID, _ body: @escaping @Sendable (any DirectoryTransaction) throws -> Result
    ) async throws -> Result {
        try await self.writer.run(.isolated) { batch in try Transaction.run(in: batch, app, body) }
    }
}
