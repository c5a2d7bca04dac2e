import ParleyCore
import ParleyDialectKit
import ParleyJSON

// How clients make contacts: one asks, the other agrees or does not; each hears of it on his connections. Source: facts/easemob-client.md 6.

struct InviteContacts: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/users/{username}/contacts/apply", "Ask users to be a user's contacts",
        page: "facts/easemob-client.md 6")
    static let callers = Callers.applicationOrOneself
    static let area = Area.contacts

    private static let maximumUsers = 100
    private static let maximumReasonBytes = 1024

    let others: [UserID]
    let reason: String

    init(_ call: Call) throws {
        let json = try call.object()
        guard let others = try json.users("usernames"), !others.isEmpty else { throw Malformed("usernames", .missing) }
        guard others.count <= Self.maximumUsers else {
            throw Malformed("usernames", .tooMany(limit: Self.maximumUsers))
        }
        self.others = others
        self.reason = try json.text("reason") ?? ""
        guard self.reason.utf8.count <= Self.maximumReasonBytes else {
            throw Malformed("reason", .tooLong(limit: Self.maximumReasonBytes))
        }
    }

    func perform(_ call: Call) async throws {
        try await call.core.invite(self.others, by: call.user(), in: call.app.id, reason: self.reason)
    }

    func encode(_: Void, _ call: Call) -> Answer { .done }
}

/// What is said to an invitation.
protocol InvitationReply: Sendable {
    /// In the path.
    static var word: String { get }
    static var title: String { get }
    static func give(to other: UserID, by user: UserID, in app: AppID, _ core: Core) async throws
}

enum Acceptance: InvitationReply {
    static let word = "accept"
    static let title = "Agree to be a user's contact"

    static func give(to other: UserID, by user: UserID, in app: AppID, _ core: Core) async throws {
        try await core.acceptInvitation(from: other, by: user, in: app)
    }
}

enum Decline: InvitationReply {
    static let word = "decline"
    static let title = "Decline to be a user's contact"

    static func give(to other: UserID, by user: UserID, in app: AppID, _ core: Core) async throws {
        try await core.declineInvitation(from: other, by: user, in: app)
    }
}

struct ReplyToInvitation<Reply: InvitationReply>: Endpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "POST", "/{org_name}/{app_name}/users/{username}/contacts/\(Reply.word)/users/{friend_username}",
            Reply.title, page: "facts/easemob-client.md 6")
    }
    static var callers: Callers { .applicationOrOneself }
    static var area: Area { .contacts }

    init(_ call: Call) {}

    func perform(_ call: Call) async throws {
        try await Reply.give(to: call.friend, by: call.user(), in: call.app.id, call.core)
    }

    func encode(_: Void, _ call: Call) -> Answer { .done }
}

extension Answer {
    fileprivate static let done = Answer.data { json in json.object { $0.field("result", true) } }.noEntities()
}
