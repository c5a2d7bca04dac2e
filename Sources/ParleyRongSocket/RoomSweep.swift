package import ParleyCore

/// Looks once through all chat rooms for those who are in them and not connected: whoever was when an earlier process ended, and has not come back.
package struct RoomSweep: Sendable {
    private let core: Core
    private static let page = 100
    /// Others' writes wait for one of these.
    private static let batch = 200

    package init(core: Core) { self.core = core }

    package func run() async throws {
        for app in try await self.core.directory.apps() {
            var last: GroupID?
            repeat {
                let groups = try await self.core.directory.groups(in: app.id, after: last, limit: Self.page)
                for group in groups where group.type.rules.isRoom { try await self.sweep(group.id, of: app.id) }
                last = groups.last?.id
            } while last != nil
        }
    }

    private func sweep(_ room: GroupID, of app: AppID) async throws {
        var gone: [UserID] = []
        for user in (try await self.core.directory.group(room, in: app)?.members ?? [:]).keys {
            if await !self.core.presence.isOnline(user, in: app) { gone.append(user) }
        }
        while !gone.isEmpty {
            let some = Array(gone.suffix(Self.batch))
            gone.removeLast(some.count)
            do {
                try await self.core.removeMembers(
                    RemoveMembers(app: app, group: room, users: some, owner: .mayLeave))
            } catch Rejection.groupNotFound { return }
        }
    }
}
