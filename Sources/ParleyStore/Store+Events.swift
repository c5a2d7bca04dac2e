package import ParleyCore

extension Store {
    /// Where nothing has to be written, nothing is: that the device was here is noted once a day. How much waits is looked up beside the writer, for that may be
    /// much.
    package func beginEvents(
        of device: DeviceID, of user: UserID, in app: AppID, retainedSince: Timestamp
    ) async throws -> EventBeginning {
        func begun() async throws -> (beginning: EventBeginning, seenAt: Timestamp)? {
            try await self.database.read {
                try $0.eventBeginning(of: device, of: user, in: app, retainedSince: retainedSince)
            }
        }
        if let known = try await begun() {
            // Who was away for too long has been here when he confirms what he is told.
            let isDue = known.seenAt <= self.clock.now().adding(seconds: -24 * 3600)
            if isDue, known.seenAt >= retainedSince {
                try await self.writer.run(.plain, mustBeDurable: false) { try $0.begin(device, of: user, in: app) }
            }
            return known.beginning
        }
        try await self.writer.run(.isolated) { try $0.begin(device, of: user, in: app) }
        // Nil: the user was deleted meanwhile.
        return try await begun()?.beginning
            ?? EventBeginning(after: MessageID(sentAt: retainedSince, slot: 0), isNew: true)
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
