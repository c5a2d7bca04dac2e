/// When a chat room ends by itself.
package enum Lifetime: Hashable, Sendable {
    /// When nobody has spoken, come or gone for so long.
    case idle(seconds: Int64)
    /// So long after it was made.
    case fixed(seconds: Int64)

    package var seconds: Int64 {
        switch self {
        case .idle(let seconds), .fixed(let seconds): seconds
        }
    }
}

extension Core {
    private static let roomsAtOnce = 100

    /// Ends the chat rooms whose time is over (``Group/lifetime``). To be called now and then: the server does every minute.
    package func endRooms() async throws {
        var rooms: [(app: AppID, room: GroupID)]
        repeat {
            try Task.checkCancellation()
            rooms = try await self.directory.roomsOver(at: self.clock.now(), limit: Self.roomsAtOnce)
            for (app, room) in rooms { try await self.end(room, of: app) }
        } while rooms.count == Self.roomsAtOnce
    }

    /// Unless something has happened in it since.
    private func end(_ room: GroupID, of app: AppID) async throws {
        try await self.directory.write(in: app) { transaction in
            guard try transaction.isOver(room), let group = try transaction.group(room) else { return }
            try transaction.dissolve(group, by: nil, cause: .over)
        }
    }
}
