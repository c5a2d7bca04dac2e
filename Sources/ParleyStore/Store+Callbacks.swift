package import ParleyCore

extension Store: CallbackBook {
    package func occurrences(
        in app: AppID, after: MessageID, limit: Int
    ) async throws -> (occurrences: [Occurrence], through: MessageID) {
        if let recent = self.writer.recent.occurrences(in: app, after: after, limit: max(0, limit)) { return recent }
        return try await self.database.read { try $0.occurrences(in: app, after: after, limit: limit) }
    }

    package func occurrence(_ id: MessageID, in app: AppID) async throws -> Occurrence? {
        try await self.database.read { connection in
            if let entry = try connection.entry(id, in: app) { return .entry(entry) }
            return try connection.happening(id, in: app).map { .happening($0) }
        }
    }

    package func end() async throws -> MessageID {
        try await self.database.read { try $0.greatestID() ?? MessageID(rawValue: 0) }
    }

    package func progress(of rule: String, in app: AppID) async throws -> MessageID? {
        try await self.database.read { try $0.progress(of: rule, in: app) }
    }

    /// Does not make the disk flush: what a crash takes is called again.
    package func note(
        _ progress: MessageID?, of rule: String, in app: AppID, _ records: [CallbackRecord]
    ) async throws {
        guard progress != nil || !records.isEmpty else { return }
        let byteCount = records.reduce(0) { $0 + $1.detail.utf8.count }
        try await self.writer.run(.plain, byteCount: byteCount, mustBeDurable: false) { batch in
            if let progress { try batch.connection.advance(rule, in: app, through: progress) }
            for record in records { try batch.connection.note(record, in: app) }
        }
    }

    package func records(
        in app: AppID, rule: String?, outcome: CallbackRecord.Outcome?, before: Int64?, limit: Int
    ) async throws -> [CallbackRecord] {
        try await self.database.read {
            try $0.calls(in: app, rule: rule, outcome: outcome, before: before, limit: limit)
        }
    }

    package func sendAgain(in app: AppID, rule: String?, records: [Int64]?) async throws -> Int {
        guard let records else { return try await self.sendAllAgain(in: app, rule: rule) }
        var count = 0
        for start in stride(from: 0, to: records.count, by: Self.step) {
            let some = records[start..<min(start + Self.step, records.count)]
            count += try await self.writer.run(.isolated) { batch in
                try batch.connection.wantAgain(some, in: app, rule: rule)
            }
        }
        return count
    }

    private func sendAllAgain(in app: AppID, rule: String?) async throws -> Int {
        // Onwards only: what is given up once more meanwhile is not asked for again.
        var (count, last) = (0, Int64(0))
        while true {
            let (from, step) = (last, Self.step)
            let numbers = try await self.writer.run(.isolated) { batch in
                let numbers = try batch.connection.callsGivenUp(in: app, rule: rule, after: from, limit: step)
                _ = try batch.connection.wantAgain(numbers, in: app, rule: rule)
                return numbers
            }
            count += numbers.count
            guard numbers.count == step, let greatest = numbers.last else { return count }
            last = greatest
        }
    }

    /// So that a server's sends get in between.
    private static var step: Int { 1000 }

    package func awaitingAnother(of rule: String, in app: AppID, limit: Int) async throws -> [CallbackRecord] {
        try await self.database.read { try $0.callsWantedAgain(of: rule, in: app, limit: limit) }
    }
}
