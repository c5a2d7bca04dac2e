import ParleyCore

extension Store {
    /// Removes what nobody needs any more: to be called now and then (the server: every hour). In small steps, so that sends get in between.
    package func maintain() async throws {
        let now = self.clock.now()
        try await self.purgeFiles(at: now)
        try await self.repeatedly { try $0.purgeRepeats(at: now, limit: 1000) }
        try await self.purgeCursors(at: now)
        try await self.purgeDevices(at: now)
        try await self.repeatedly { try $0.purgeSubscriptions(at: now, limit: 1000) }
        try await self.repeatedly { try $0.purgeRetired(limit: 1000) }
        try await self.repeatedly { try $0.purgeEndedGroups(limit: 1000) }
        if let retention = self.configuration.historyRetentionSeconds {
            let bound = MessageID(sentAt: now.adding(seconds: -retention), slot: 0)
            try await self.repeatedly { try $0.purgeEntries(before: bound, limit: 1000) }
        }
        try await self.purgePlaces { try $0.outdatedPlaces(limit: 1000) }
        try await self.purgePlaces { try $0.outdatedDeletions(limit: 1000) }
        try await self.purgeCalls(at: now)
        try await self.purgePushes(at: now)
        try await self.purgeHappenings(at: now)
        try await self.purgeEvents(at: now)
    }

    /// - Parameter step: how many rows it removed; 0 ends it.
    private func repeatedly(_ step: @escaping @Sendable (SQLConnection) throws -> Int) async throws {
        // A server that stops does not wait for what can be done at its next start.
        while try await self.writer.run(.isolated, { try step($0.connection) }) > 0 { try Task.checkCancellation() }
    }

    /// The bytes first: a row without bytes is found again the next time.
    private func purgeFiles(at now: Timestamp) async throws {
        let vault = self.vault
        while true {
            try Task.checkCancellation()
            let expired = try await self.database.read { try $0.filesExpired(at: now, limit: 100) }
            guard !expired.isEmpty else { return }
            try await self.fileLanes.run {
                for file in expired {
                    for thumbnail in [true, false] {
                        if let name = VaultName(id: file.id, thumbnail: thumbnail) { try vault.remove(name) }
                    }
                }
            }
            try await self.writer.run(.isolated) { batch in
                for file in expired { try batch.connection.deleteFile(file.id) }
            }
        }
    }

    /// There is no index for it (it would cost every confirmation something): a reader looks for them, beside the writer.
    private func purgeCursors(at now: Timestamp) async throws {
        let bound = now.adding(seconds: -self.configuration.cursorRetentionSeconds)
        while true {
            try Task.checkCancellation()
            let outdated = try await self.database.read { try $0.outdatedCursors(before: bound, limit: 1000) }
            guard !outdated.isEmpty else { return }
            try await self.writer.run(.isolated) { batch in
                for cursor in outdated { try batch.connection.delete(cursor) }
            }
        }
    }

    /// As with cursors, there is no index for it.
    private func purgeDevices(at now: Timestamp) async throws {
        let bound = now.adding(seconds: -self.configuration.cursorRetentionSeconds)
        try await self.purgeDevices {
            try $0.eventReaders(notSeenSince: bound, limit: 1000)
        } by: {
            try $1.forgetEventCursor(of: $0, notSeenSince: bound)
        }
        try await self.purgeDevices {
            try $0.devices(notSeenSince: bound, limit: 1000)
        } by: {
            try $1.forget($0, notSeenSince: bound)
        }
    }

    private func purgeDevices(
        _ find: @escaping @Sendable (SQLConnection) throws -> [KnownDevice],
        by forget: @escaping @Sendable (KnownDevice, SQLConnection) throws -> Void
    ) async throws {
        while true {
            try Task.checkCancellation()
            let outdated = try await self.database.read(find)
            guard !outdated.isEmpty else { return }
            try await self.writer.run(.isolated) { batch in
                for device in outdated { try forget(device, batch.connection) }
            }
        }
    }

    private func purgePlaces(
        _ find: @escaping @Sendable (SQLConnection) throws -> [OutdatedPlace]
    ) async throws {
        while true {
            try Task.checkCancellation()
            let outdated = try await self.database.read(find)
            guard !outdated.isEmpty else { return }
            try await self.writer.run(.isolated) { batch in
                for place in outdated { try batch.connection.delete(place) }
            }
        }
    }

    /// They are kept as long as the calls about them, and as many: who has not been told by then hears no more of it.
    private func purgeHappenings(at now: Timestamp) async throws {
        let bound = MessageID(sentAt: now.adding(seconds: -self.configuration.callbackRetentionSeconds), slot: 0)
        try await self.repeatedly { try $0.purgeHappenings(before: bound, limit: 1000) }
        let limit = self.configuration.callbackRecordLimit
        for app in try await self.apps() {
            let surplus = try await self.database.read { try $0.newestSurplusHappening(in: app.id, keeping: limit) }
            guard let surplus else { continue }
            try await self.repeatedly { try $0.purgeHappenings(in: app.id, through: surplus, limit: 1000) }
        }
    }

    /// They are kept as long as the App with the longest patience keeps messages for devices; of what is older than its own patience, an App's devices are told
    /// nothing.
    private func purgeEvents(at now: Timestamp) async throws {
        let patience = try await self.apps().map(\.settings.offlineRetentionSeconds).max() ?? 0
        let bound = MessageID(sentAt: now.adding(seconds: -patience), slot: 0)
        try await self.repeatedly { try $0.purgeEvents(before: bound, limit: 1000) }
        while true {
            try Task.checkCancellation()
            let recipients = try await self.database.read { try $0.recipientsWithSurplus(limit: 100) }
            guard !recipients.isEmpty else { return }
            try await self.writer.run(.isolated) { batch in
                for recipient in recipients { try batch.connection.purgeSurplus(of: recipient) }
            }
        }
    }

    /// What is too many first: then what a reader has to look through is bounded.
    private func purgeCalls(at now: Timestamp) async throws {
        let limit = self.configuration.callbackRecordLimit
        for app in try await self.apps() {
            let surplus = try await self.database.read { try $0.newestSurplusCall(in: app.id, keeping: limit) }
            guard let surplus else { continue }
            try await self.repeatedly { try $0.purgeCalls(in: app.id, through: surplus, limit: 1000) }
        }
        let bound = now.adding(seconds: -self.configuration.callbackRetentionSeconds)
        while true {
            try Task.checkCancellation()
            let outdated = try await self.database.read { try $0.outdatedCalls(before: bound, limit: 1000) }
            guard !outdated.isEmpty else { return }
            try await self.writer.run(.isolated) { batch in
                for number in outdated { try batch.connection.deleteCall(number, ifBefore: bound) }
            }
        }
    }

    /// As calls.
    private func purgePushes(at now: Timestamp) async throws {
        let limit = self.configuration.pushRecordLimit
        for app in try await self.apps() {
            let surplus = try await self.database.read { try $0.newestSurplusPush(in: app.id, keeping: limit) }
            guard let surplus else { continue }
            try await self.repeatedly { try $0.purgePushes(in: app.id, through: surplus, limit: 1000) }
        }
        let bound = now.adding(seconds: -self.configuration.pushRetentionSeconds)
        while true {
            try Task.checkCancellation()
            let outdated = try await self.database.read { try $0.outdatedPushes(before: bound, limit: 1000) }
            guard !outdated.isEmpty else { return }
            try await self.writer.run(.isolated) { batch in
                for number in outdated { try batch.connection.deletePush(number, ifBefore: bound) }
            }
        }
    }
}
