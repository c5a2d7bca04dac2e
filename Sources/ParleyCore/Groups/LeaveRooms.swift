extension Core {
    /// Of a user whose last connection has ended: he is in no chat room any more. Groups of other kinds do not ask who is there.
    package func leaveAllRooms(_ user: UserID, in app: AppID) async throws {
        for (group, _) in try await self.directory.groups(of: user, in: app) where group.type.rules.isRoom {
            do {
                try await self.removeMembers(
                    RemoveMembers(app: app, group: group.id, users: [user], owner: .mayLeave))
            } catch Rejection.groupNotFound {}
        }
    }
}
