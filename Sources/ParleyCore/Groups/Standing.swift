/// What a group says of a user until a moment, whether or not he is in it: it outlives that he leaves and comes back, as a mute does.
package enum Standing: String, Hashable, Sendable, CaseIterable {
    /// He may not come in, and is not in it.
    case keptOut
    /// He may speak although the group is muted.
    case speaker
    /// Of a chat room: he is one of its administrators whenever he is in it.
    case administrator
    /// He stays in a chat room when his last connection ends, and nothing that he says is dropped where too much is said.
    case protected
}

extension GroupSnapshot {
    /// Those whose time is not over.
    package func users(being standing: Standing, at now: Timestamp) -> [UserID: Timestamp] {
        self.standings[standing]?.filter { $0.value > now } ?? [:]
    }

    package func has(_ user: UserID, as standing: Standing, at now: Timestamp) -> Bool {
        (self.standings[standing]?[user]).map { $0 > now } ?? false
    }
}

extension DirectoryTransaction {
    func has(_ user: UserID, as standing: Standing, in group: GroupID) throws -> Bool {
        try self.standing(standing, of: user, in: group).map { $0 > self.now } ?? false
    }
}

extension Core {
    /// - Parameter until: nil or a moment that has passed: no longer. Who is kept out leaves at once.
    /// - Throws: ``Rejection/groupNotFound(_:)``.
    package func set(
        _ standing: Standing, of users: [UserID], in id: GroupID, of app: AppID, until: Timestamp?, by: UserID? = nil
    ) async throws {
        try await self.directory.write(in: app) { transaction in
            guard let group = try transaction.group(id) else { throw Rejection.groupNotFound(id) }
            for user in users { try transaction.set(standing, of: user, in: id, until: until) }
            let until = until.flatMap { $0 > transaction.now ? $0 : nil }
            let kind: GroupHappening.Kind? =
                switch standing {
                case .keptOut: .keptOut(users, until: until)
                case .speaker: .speakers(users, added: until != nil)
                case .administrator, .protected: nil
                }
            if let kind { try transaction.note(GroupHappening(kind, in: group, by: by)) }
            guard standing == .keptOut, until != nil else { return }
            try transaction.remove(
                RemoveMembers(app: app, group: id, users: users, by: by, owner: .mayLeave, cause: .keptOut))
        }
    }
}
