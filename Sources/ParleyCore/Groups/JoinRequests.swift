// Coming into a group that one does not simply come into: whoever wants to asks, or is asked.

/// What came of asking somebody to come in.
package enum GroupInvitation: Hashable, Sendable {
    /// The group does not want that he is asked: he is in it.
    case joined
    /// He is to answer.
    case waiting
    case alreadyMember
    case unknownUser
    case keptOut
}

extension Core {
    /// Comes in, where everybody may. Where somebody has to say yes first, those who may are told that he wants to.
    ///
    /// - Returns: whether he is in.
    /// - Throws: ``Rejection/groupNotFound(_:)``, ``Rejection/alreadyMember(_:of:)``, ``Rejection/keptOut(_:of:)``,
    ///   ``Rejection/groupFull(_:capacity:)``, ``Rejection/notPermitted`` (only those who are asked come in).
    package func apply(_ user: UserID, to id: GroupID, in app: AppID, reason: String) async throws -> Bool {
        let leaders = try await self.directory.group(id, in: app)?.leaders ?? []
        return try await self.directory.write(in: app) { transaction in
            guard var group = try transaction.group(id) else { throw Rejection.groupNotFound(id) }
            guard try transaction.member(user, of: id) == nil else { throw Rejection.alreadyMember(user, of: id) }
            guard try !transaction.has(user, as: .keptOut, in: id) else { throw Rejection.keptOut(user, of: id) }
            switch group.joinPolicy {
            case .disabled: throw Rejection.notPermitted
            case .free:
                try transaction.add(AddMembers(app: app, group: id, users: [user], by: user, isAnnounced: true))
                return true
            case .approval:
                group.wait(user, in: .applicants, since: transaction.now, by: nil)
                try transaction.save(group)
                try transaction.note(GroupHappening(.applied(user, reason: reason), in: group, by: user), to: leaders)
                return false
            }
        }
    }

    /// - Returns: false: the user does not wait for an answer.
    /// - Throws: ``Rejection/groupNotFound(_:)``, ``Rejection/groupFull(_:capacity:)``.
    package func answerApplication(
        of user: UserID, to id: GroupID, in app: AppID, isAccepted: Bool, reason: String, by: UserID
    ) async throws -> Bool {
        try await self.directory.write(in: app) { transaction in
            guard try transaction.stopWaiting(user, in: .applicants, of: id) != nil,
                let group = try transaction.group(id)
            else { return false }
            let kind = GroupHappening.Kind.applicationAnswered(user, isAccepted: isAccepted, reason: reason)
            try transaction.note(GroupHappening(kind, in: group, by: by))
            if isAccepted {
                try transaction.add(AddMembers(app: app, group: id, users: [user], by: user, isAnnounced: true))
            }
            return true
        }
    }

    /// - Parameter asksThem: else they are brought in.
    /// - Returns: what came of it for each, in the order of `users`.
    /// - Throws: ``Rejection/groupNotFound(_:)``, ``Rejection/groupFull(_:capacity:)`` (then nobody was brought in).
    package func invite(
        _ users: [UserID], to id: GroupID, in app: AppID, by: UserID, asksThem: Bool, reason: String
    ) async throws -> [GroupInvitation] {
        try await self.directory.write(in: app) { transaction in
            guard var group = try transaction.group(id) else { throw Rejection.groupNotFound(id) }
            let outcomes = try users.map { user -> GroupInvitation in
                if try transaction.member(user, of: id) != nil { return .alreadyMember }
                if try transaction.user(user) == nil { return .unknownUser }
                if try transaction.has(user, as: .keptOut, in: id) { return .keptOut }
                return asksThem ? .waiting : .joined
            }
            let wanted = zip(users, outcomes).filter { $0.1 == .waiting || $0.1 == .joined }.map(\.0)
            guard !wanted.isEmpty else { return outcomes }
            guard asksThem else {
                try transaction.add(AddMembers(app: app, group: id, users: wanted, by: by, isAnnounced: true))
                return outcomes
            }
            for user in wanted { group.wait(user, in: .invited, since: transaction.now, by: by) }
            try transaction.save(group)
            try transaction.note(GroupHappening(.invited(wanted, reason: reason), in: group, by: by))
            return outcomes
        }
    }

    /// - Returns: false: the user was not asked.
    /// - Throws: ``Rejection/groupNotFound(_:)``, ``Rejection/groupFull(_:capacity:)``.
    package func answerInvitation(
        of user: UserID, to id: GroupID, in app: AppID, isAccepted: Bool, reason: String
    ) async throws -> Bool {
        try await self.directory.write(in: app) { transaction in
            guard let inviter = try transaction.stopWaiting(user, in: .invited, of: id),
                let group = try transaction.group(id)
            else { return false }
            let kind = GroupHappening.Kind.invitationAnswered(user, isAccepted: isAccepted, reason: reason)
            try transaction.note(GroupHappening(kind, in: group, by: user), to: [UserID(inviter)])
            if isAccepted {
                try transaction.add(AddMembers(app: app, group: id, users: [user], by: user, isAnnounced: true))
            }
            return true
        }
    }
}

extension DirectoryTransaction {
    /// - Returns: by whom he was asked to come in, if he was. Nil: he does not wait.
    fileprivate func stopWaiting(_ user: UserID, in list: GroupList, of id: GroupID) throws -> String? {
        guard var group = try self.group(id) else { throw Rejection.groupNotFound(id) }
        guard let note = group.note(of: user.rawValue, in: list) else { return nil }
        group.strike(user.rawValue, from: list)
        try self.save(group)
        return note.split(separator: " ", maxSplits: 1).dropFirst().first.map(String.init) ?? ""
    }
}

extension Group {
    /// The newest so many of those who wait are remembered.
    private static let waitingLimit = 500

    /// `1700000000000 alice`: since when, and by whom.
    fileprivate mutating func wait(_ user: UserID, in list: GroupList, since moment: Timestamp, by: UserID?) {
        self.enlist(user.rawValue, in: list, "\(moment.milliseconds) \(by?.rawValue ?? "")")
        let waiting = self.listed(in: list)
        guard waiting.count > Self.waitingLimit else { return }
        let oldest = waiting.min { Self.moment($0.value) < Self.moment($1.value) }
        if let oldest { self.strike(oldest.key, from: list) }
    }

    private static func moment(_ note: String) -> Int64 {
        note.split(separator: " ").first.flatMap { Int64($0) } ?? 0
    }
}
