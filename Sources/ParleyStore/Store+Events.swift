package import ParleyCore

extension Store {
    /// Where nothing has to be written, nothing is: that the device was here is noted once a day.
    package func beginEvents(
        of device: DeviceID, of user: UserID, in app: AppID, retainedSince: Timestamp
    ) async throws -> EventBeginning {
        let known = try await self.database.read {
            try $0.eventBeginning(of: device, of: user, in: app, retainedSince: retainedSince)
        }
        if let known, known.seenAt > self.clock.now().adding(seconds: -24 * 3600) { return known.beginning }
        return try await self.writer.run(.isolated) { batch in
            try batch.begin(device, of: user, in: app)
            let begun = try batch.connection.eventBeginning(
                of: device, of: user, in: app, retainedSince: retainedSince)
            return begun!.beginning
        }
    }

    package func events(
        of user: UserID, in app: AppID, after: MessageID, limit: Int
    ) async throws -> (events: [KeptEvent], through: MessageID, hasMore: Bool) {
        try await self.database.read { try $0.events(of: user, in: app, after: after, limit: max(1, limit)) }
    }

    /// Some with each batch: when thousands confirm at once, no sender waits for all of them.
    package func confirmEvents(_ cursors: [EventCursor]) async throws {
        for start in stride(from: 0, to: cursors.count, by: 256) {
            let some = cursors[start..<min(start + 256, cursors.count)]
            try await self.writer.run(.plain, mustBeDurable: false) { batch in
                for cursor in some { try batch.connection.confirm(cursor, now: batch.now) }
            }
        }
    }

    package func announce(_ announcement: Announcement) async throws {
        try await self.writer.run(.isolated, mustBeDurable: false) { try $0.announce(announcement) }
    }
}
