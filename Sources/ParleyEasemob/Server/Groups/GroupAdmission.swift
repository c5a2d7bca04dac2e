import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Coming into a group: whoever wants to asks, or is asked. Only client SDKs call these. Source: facts/easemob-client.md 5 and 6.

/// Comes in, or waits for an answer. Also into a chat room, as SDKs up to 4.1 do it.
struct Apply<Kind: GroupKind>: GroupEndpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "POST", "\(Kind.path)/apply", "Ask to come into a \(Kind.noun)",
            page: "facts/easemob-client.md 6 (SDKs)")
    }

    static var callers: Callers { .user }

    let right = Right.anyone
    let reason: String

    init(_ call: Call) throws {
        self.reason = call.request.body.isEmpty ? "" : try call.object().reason("message")
    }

    func perform(_ call: Call, in group: GroupSnapshot) async throws {
        if Kind.self == ChatRooms.self { return try await call.join(group) }
        _ = try await call.core.apply(call.actor, to: group.group.id, in: call.app.id, reason: self.reason)
    }

    func encode(_: Void, _ call: Call) -> Answer {
        Answer.data { $0.outcome("apply", of: call.actor, nil, id: ("id", call.parameter(Kind.parameter))) }
            .noEntities()
    }
}

/// Lets somebody in who has asked, or does not.
struct AnswerApplication: GroupEndpoint {
    typealias Kind = ChatGroups

    static let description = EndpointDescription(
        "POST", "\(Kind.path)/apply_verify", "Answer who asked to come into a group",
        page: "facts/easemob-client.md 6 (SDKs)")
    static let callers = Callers.user

    let right = Right.administrator
    let applicant: UserID
    let isAccepted: Bool
    let reason: String

    init(_ call: Call) throws {
        let json = try call.object()
        self.applicant = try json.requiredUser("applicant")
        self.isAccepted = try json.requiredFlag("verifyResult")
        self.reason = try json.reason("reason")
    }

    func perform(_ call: Call, in group: GroupSnapshot) async throws {
        let wasWaiting = try await call.core.answerApplication(
            of: self.applicant, to: group.group.id, in: call.app.id, isAccepted: self.isAccepted, reason: self.reason,
            by: call.actor)
        guard wasWaiting else {
            throw Refusal.forbiddenOperation(
                "user: \(self.applicant) has not applied to join group: \(group.group.id.easemob)")
        }
    }

    func encode(_: Void, _ call: Call) -> Answer { .done("apply_verify", of: self.applicant, Kind.self, call) }
}

/// Asks users to come in; where the group does not want that they are asked, brings them in.
struct Invite: GroupEndpoint {
    typealias Kind = ChatGroups

    static let description = EndpointDescription(
        "POST", "\(Kind.path)/invite", "Invite users to a group", page: "facts/easemob-client.md 6 (SDKs)")

    static let maximumUsers = 60

    let right = Right.inviter
    let users: [UserID]
    let reason: String

    init(_ call: Call) throws {
        self.users = try call.usernames()
        self.reason = try call.object().reason("welcome")
        guard self.users.count <= Self.maximumUsers else {
            throw Refusal.invalidParameter("addMembers: addMembers number more than maxSize : \(Self.maximumUsers)")
        }
    }

    func perform(_ call: Call, in group: GroupSnapshot) async throws -> [GroupInvitation] {
        try await call.core.invite(
            self.users, to: group.group.id, in: call.app.id, by: call.actor, asksThem: group.group.asksInvited,
            reason: self.reason)
    }

    func encode(_ invitations: [GroupInvitation], _ call: Call) -> Answer {
        Answer.data { json in
            json.array(zip(self.users, invitations)) { json, pair in
                json.outcome(
                    "invite", of: pair.0, pair.1.reason(pair.0, call.parameter(Kind.parameter)),
                    id: ("id", call.parameter(Kind.parameter)))
            }
        }
        .noEntities()
    }
}

extension GroupInvitation {
    /// Why not.
    fileprivate func reason(_ user: UserID, _ group: String) -> String? {
        switch self {
        case .joined, .waiting: nil
        case .alreadyMember: "user: \(user) already in group: \(group)"
        case .unknownUser: "username \(user) doesn't exist!"
        case .keptOut: "user: \(user) is in the blacklist of group: \(group)"
        }
    }
}

/// Of whoever was invited: he comes in, or does not.
struct AnswerInvitation: GroupEndpoint {
    typealias Kind = ChatGroups

    static let description = EndpointDescription(
        "POST", "\(Kind.path)/invite_verify", "Answer an invitation to a group",
        page: "facts/easemob-client.md 6 (SDKs)")
    static let callers = Callers.user

    let right = Right.anyone
    let isAccepted: Bool
    let reason: String

    init(_ call: Call) throws {
        let json = try call.object()
        guard try json.requiredUser("invitee") == call.actor else { throw Rejection.notPermitted }
        self.isAccepted = try json.requiredFlag("verifyResult")
        self.reason = try json.reason("reason")
    }

    func perform(_ call: Call, in group: GroupSnapshot) async throws {
        let wasInvited = try await call.core.answerInvitation(
            of: call.actor, to: group.group.id, in: call.app.id, isAccepted: self.isAccepted, reason: self.reason)
        guard wasInvited else {
            throw Refusal.forbiddenOperation(
                "user: \(call.actor) is not invited to group: \(group.group.id.easemob)")
        }
    }

    func encode(_: Void, _ call: Call) -> Answer { .done("invite_verify", of: call.actor, Kind.self, call) }
}

extension JSON {
    fileprivate static let maximumReasonCharacters = 1024

    fileprivate func reason(_ name: String) throws(Malformed) -> String {
        let reason = try self.textOrNumber(name) ?? ""
        guard reason.count <= Self.maximumReasonCharacters else {
            throw Malformed(name, .tooLong(limit: Self.maximumReasonCharacters))
        }
        return reason
    }

    fileprivate func requiredUser(_ name: String) throws(Malformed) -> UserID {
        guard let user = try self.textOrNumber(name), !user.isEmpty else { throw Malformed(name, .missing) }
        return UserID(easemob: user)
    }

    fileprivate func requiredFlag(_ name: String) throws(Malformed) -> Bool {
        guard let flag = try self.looseFlag(name) else { throw Malformed(name, .missing) }
        return flag
    }
}
