package import ParleyCore

extension Store: PushBook {
    // MARK: Devices

    /// A token is one, whichever of its provider's names it is registered under.
    package func register(_ device: PushDevice, in app: AppID) async throws {
        let providers = try await self.app(app)?.settings.pushProviders ?? []
        let names = providers.filter { $0.answers(to: device.provider) }.flatMap { [$0.name] + $0.aliases }
        try await self.writer.run(.plain) { batch in
            try batch.connection.register(device, under: Set(names + [device.provider]), in: app)
        }
    }

    @discardableResult
    package func unregister(_ device: String, of user: UserID, in app: AppID) async throws -> Bool {
        try await self.writer.run(.plain) { try $0.connection.unregister(device, of: user, in: app) }
    }

    package func forget(_ device: PushDevice, in app: AppID) async throws {
        try await self.writer.run(.plain) { try $0.connection.forget(device, in: app) }
    }

    package func pushDevices(of user: UserID, in app: AppID) async throws -> [PushDevice] {
        try await self.database.read { try $0.pushDevices(of: user, in: app) }
    }

    package func pushDevices(
        in conversation: ConversationID, at providers: [String], largestGroup: Int, limit: Int
    ) async throws -> [PushDevice] {
        try await self.database.read {
            try $0.pushDevices(in: conversation, at: providers, largestGroup: largestGroup, limit: limit)
        }
    }

    // MARK: Preferences

    package func pushPreferences(of user: UserID, in app: AppID) async throws -> [PushScope: PushPreferences] {
        try await self.database.read { try $0.pushPreferences(of: user, in: app) }
    }

    package func save(
        _ preferences: PushPreferences, of user: UserID, for scope: PushScope, in app: AppID
    ) async throws {
        try await self.writer.run(.plain) { try $0.connection.save(preferences, of: user, for: scope, in: app) }
    }

    package func changePushPreferences(
        of user: UserID, for scope: PushScope, in app: AppID,
        _ change: @escaping @Sendable (inout PushPreferences) -> Void
    ) async throws -> PushPreferences {
        try await self.writer.run(.plain) { batch in
            var preferences = try batch.connection.pushPreferences(of: user, in: app)[scope] ?? PushPreferences()
            change(&preferences)
            try batch.connection.save(preferences, of: user, for: scope, in: app)
            return preferences
        }
    }

    // MARK: Templates

    package func pushTemplates(_ name: String?, in app: AppID) async throws -> [PushTemplate] {
        try await self.database.read { try $0.pushTemplates(name, in: app) }
    }

    package func save(_ template: PushTemplate, in app: AppID) async throws {
        try await self.writer.run(.plain) { try $0.connection.save(template, in: app) }
    }

    @discardableResult
    package func deletePushTemplate(_ name: String, in app: AppID) async throws -> Bool {
        try await self.writer.run(.plain) { try $0.connection.deletePushTemplate(name, in: app) }
    }

    // MARK: What was pushed

    package func pushProgress(of provider: String, in app: AppID) async throws -> MessageID? {
        try await self.database.read { try $0.pushProgress(of: provider, in: app) }
    }

    package func note(
        _ progress: MessageID?, of provider: String, in app: AppID, _ records: [PushRecord]
    ) async throws {
        guard progress != nil || !records.isEmpty else { return }
        let settings = try await self.app(app)?.settings ?? AppSettings()
        let byteCount = records.reduce(0) {
            $0 + $1.title.utf8.count + $1.text.utf8.count + $1.detail.utf8.count
        }
        // What was pushed must not be pushed again after a crash; how far all is done costs only a look.
        try await self.writer.run(.plain, byteCount: byteCount, mustBeDurable: !records.isEmpty) { batch in
            if let progress { try batch.connection.advancePush(provider, in: app, through: progress) }
            try batch.connection.note(records, in: app, offsetMinutes: settings.pushOffsetMinutes)
        }
    }

    package func pushed(
        _ messages: ClosedRange<MessageID>, by provider: String, in app: AppID
    ) async throws -> Set<PushRecord.Key> {
        try await self.database.read { try $0.pushed(messages, by: provider, in: app) }
    }

    package func pushRecords(
        in app: AppID, provider: String?, outcome: PushRecord.Outcome?, user: UserID?, before: Int64?, limit: Int
    ) async throws -> [PushRecord] {
        try await self.database.read {
            try $0.pushes(
                in: app, provider: provider, outcome: outcome, user: user, before: before, limit: limit)
        }
    }

    package func pushCounts(in app: AppID, from: Timestamp, to: Timestamp) async throws -> [PushCount] {
        try await self.database.read { try $0.pushCounts(in: app, from: from, to: to) }
    }
}
