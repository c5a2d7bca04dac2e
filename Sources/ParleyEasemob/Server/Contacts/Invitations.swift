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

struct AcceptInvitation: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/users/{username}/contacts/accept/users/{friend_username}",
        "Agree to be a user's contact", page: "facts/easemob-client.md 6")
    static let callers = Callers.applicationOrOneself
    static let area = Area.contacts

    init(_ call: Call) {}

    func perform(_ call: Call) async throws {
        try await call.core.acceptInvitation(from: call.friend, by: call.user(), in: call.app.id)
    }

    func encode(_: Void, _ call: Call) -> Answer { .done }
}

struct DeclineInvitation: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/users/{username}/contacts/decline/users/{friend_username}",
        "Decline to be a user's contact", page: "facts/easemob-client.md 6")
    static let callers = Callers.applicationOrOneself
    static let area = Area.contacts

    init(_ call: Call) {}

    func perform(_ call: Call) async throws {
        try await call.core.declineInvitation(from: call.friend, by: call.user(), in: call.app.id)
    }

    func encode(_: Void, _ call: Call) -> Answer { .done }
}

extension Answer {
    fileprivate static let done = Answer.data { json in json.object { $0.field("result", true) } }.noEntities()
}
