import ParleyCore
import ParleyDialectKit

/// What a user has to be in a group for something there. The App may do everything.
enum Right: Sendable {
    /// Nobody in particular: it is looked at otherwise, or not at all.
    case anyone
    case member
    /// An administrator, or a member where members may invite.
    case inviter
    /// An administrator, or the owner.
    case administrator
    case owner
}

/// A call about one group or chat room. That there is one, and that who calls may do this there, is looked at here for all of them.
protocol GroupEndpoint: Endpoint {
    associatedtype Kind: GroupKind

    var right: Right { get }

    func perform(_ call: Call, in group: GroupSnapshot) async throws -> Output
}

extension GroupEndpoint {
    static var callers: Callers { .applicationOrUser }
    static var area: Area { Kind.area }

    func perform(_ call: Call) async throws -> Output {
        let group = try await call.existing(Kind.self)
        try call.require(self.right, in: group)
        return try await self.perform(call, in: group)
    }
}

extension Call {
    /// Nil: the App calls.
    var callingUser: UserID? { if case .user(let user) = self.caller { user } else { nil } }

    /// Who adds and removes members: where the App does, the vendor's name for its administrator.
    var actor: UserID { self.callingUser ?? .groupOperator }

    /// - Throws: ``Rejection/groupNotFound(_:)``
    func existing<Kind: GroupKind>(_: Kind.Type) async throws -> GroupSnapshot {
        let id = GroupID(easemob: self.parameter(Kind.parameter))
        guard let group = try await self.core.directory.group(id, in: self.app.id), Kind.includes(group.group) else {
            throw Rejection.groupNotFound(id)
        }
        return group
    }

    /// - Throws: ``Rejection/notMember(_:of:)``, ``Rejection/notPermitted``.
    func require(_ right: Right, in group: GroupSnapshot) throws(Rejection) {
        guard let user = self.callingUser else { return }
        if case .anyone = right { return }
        guard let role = group.rank(of: user) else { throw .notMember(user, of: group.group.id) }
        let isEnough =
            switch right {
            case .anyone, .member: true
            case .inviter: role >= .administrator || group.group.membersMayInvite
            case .administrator: role >= .administrator
            case .owner: role == .owner
            }
        guard isEnough else { throw .notPermitted }
    }

    /// An administrator has no power over the owner and other administrators.
    ///
    /// - Throws: ``Rejection/notPermitted``
    func requirePower(over users: [UserID], in group: GroupSnapshot) throws(Rejection) {
        guard let user = self.callingUser, let rank = group.rank(of: user) else { return }
        for other in users where other != user {
            if let others = group.rank(of: other), others > .member, others >= rank { throw .notPermitted }
        }
    }

    /// - Throws: ``Rejection/userNotFound(_:)`` for the first who is not known.
    func requireUsers(_ users: [UserID]) async throws {
        for user in users { _ = try await self.existingUser(user) }
    }

    /// How the vendor spells users where it gives the App's name with them: `org#app_user`.
    func qualified(_ user: UserID?) -> String { user.map { "\(self.target.appKey)_\($0)" } ?? "" }
}

extension GroupSnapshot {
    /// Nil: he is not in it. A chat room is its owner's also while he is not there.
    func rank(of user: UserID) -> Member.Role? { self.group.owner == user ? .owner : self.members[user]?.role }
}

extension UserID {
    /// Who changed a group when the App's backend did.
    static let groupOperator = UserID("admin")
}
