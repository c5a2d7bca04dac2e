extension Core {
    /// Of a user whose last connection has ended: he is in no chat room any more, but for those that keep him (``Standing/protected``). Groups of other kinds
    /// do not ask who is there.
    ///
    /// Who has connected since, or does meanwhile, stays where he comes in again.
    package func leaveAllRooms(_ user: UserID, in app: AppID) async throws {
        let rooms = try await self.directory.groups(of: user, in: app).filter { $0.group.type.rules.isRoom }
        // Asked after the rooms are known: who is not here now, and comes in after this, comes in at another moment than is known.
        guard !rooms.isEmpty, await !self.presence.isOnline(user, in: app) else { return }
        for (room, member) in rooms { try await self.leave(room.id, [member], in: app) }
    }

    /// Takes those out of a chat room who are no longer connected, as they were in it before that was asked: who has come in again since is there from another
    /// moment on, and stays; so does whom the room keeps.
    package func leave(_ room: GroupID, _ members: [Member], in app: AppID) async throws {
        try await self.directory.write(in: app) { transaction in
            let gone = try members.filter { member in
                try transaction.member(member.user, of: room)?.joinedAt == member.joinedAt
                    && !transaction.has(member.user, as: .protected, in: room)
            }
            guard !gone.isEmpty else { return }
            try transaction.remove(
                RemoveMembers(app: app, group: room, users: gone.map(\.user), owner: .mayLeave, cause: .disconnected))
        }
    }
}
