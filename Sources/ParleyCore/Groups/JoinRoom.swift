/// Brings a user into a chat room, at his own wish.
package struct JoinRoom: Sendable {
    package var app: AppID
    package var user: UserID
    /// As it begins, where he is the first.
    package var room: Group
    /// He only comes back: where the room has ended meanwhile, it stays so.
    package var mustExist: Bool

    package enum Outcome: Hashable, Sendable {
        case joined(at: Timestamp)
        case keptOut(until: Timestamp)
    }

    package init(app: AppID, user: UserID, room: Group, mustExist: Bool) {
        self.app = app
        self.user = user
        self.room = room
        self.mustExist = mustExist
    }
}

extension Core {
    /// Who is in the room already is in it from now on: whoever was about to take him out of it, as one who has gone, does not (``leave(_:_:in:)``).
    ///
    /// - Throws: ``Rejection/groupNotFound(_:)``, ``Rejection/groupFull(_:capacity:)``.
    package func joinRoom(_ command: JoinRoom) async throws -> JoinRoom.Outcome {
        try await self.directory.write(in: command.app) { transaction in
            let (room, user) = (command.room.id, command.user)
            if command.mustExist, try transaction.group(room) == nil { throw Rejection.groupNotFound(room) }
            if let until = try transaction.standing(.keptOut, of: user, in: room), until > transaction.now {
                return .keptOut(until: until)
            }
            if var member = try transaction.member(user, of: room) {
                member.joinedAt = max(transaction.now, member.joinedAt.adding(milliseconds: 1))
                try transaction.save(member, of: room)
                return .joined(at: member.joinedAt)
            }
            let member = Member(
                user: user, joinedAt: transaction.now, delivery: command.room.type.rules.defaultDelivery)
            try transaction.create(
                CreateGroup(app: command.app, group: command.room, members: [member], ifExists: .join, by: user))
            return .joined(at: member.joinedAt)
        }
    }
}
