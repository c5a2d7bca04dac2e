package import ParleyCore

/// Looks once through all chat rooms for those who are in them and not connected: whoever was when an earlier process ended, and has not come back.
package struct RoomSweep: Sendable {
    private let core: Core
    /// Others' writes wait for the removal of so many; and who comes back while they are removed is seen with the next.
    private static let batch = 200

    package init(core: Core) { self.core = core }

    package func run() async throws {
        for app in try await self.core.directory.apps() {
            // Their ids all at once: rooms that end meanwhile would move the pages.
            let rooms = try await self.core.directory.rooms(in: app.id, .all, offset: 0, limit: .max)
            for room in rooms { try await self.sweep(room, of: app.id) }
        }
    }

    private func sweep(_ room: GroupID, of app: AppID) async throws {
        var rest = Array((try await self.core.directory.group(room, in: app)?.members ?? [:]).values)
        while !rest.isEmpty {
            try Task.checkCancellation()
            let some = rest.suffix(Self.batch)
            rest.removeLast(some.count)
            let gone = await self.absent(some, in: app)
            if !gone.isEmpty { try await self.core.leave(room, gone, in: app) }
        }
    }

    private func absent(_ members: ArraySlice<Member>, in app: AppID) async -> [Member] {
        var absent: [Member] = []
        for member in members where await !self.core.presence.isOnline(member.user, in: app) { absent.append(member) }
        return absent
    }
}
