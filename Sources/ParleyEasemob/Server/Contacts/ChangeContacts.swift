import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Backends make contacts and part them; nobody is asked. Source: facts/easemob-server.md 3.4.

/// Two users become each other's contacts.
struct AddContact: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/users/{username}/contacts/users/{friend_username}", "Make two users contacts",
        page: "添加好友 (user_friend_add)")
    static let area = Area.contacts

    init(_ call: Call) {}

    func perform(_ call: Call) async throws -> User {
        try await call.core.addContact(call.friend, to: call.user(), in: call.app.id)
        return try await call.existingUser(call.friend)
    }

    func encode(_ friend: User, _ call: Call) -> Answer { .users([friend], call) }
}

/// Clients do it at the same path.
struct RemoveContact: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/users/{username}/contacts/users/{friend_username}", "Part two contacts",
        page: "删除单个好友 (user_friend_remove)")
    static let callers = Callers.applicationOrOneself
    static let area = Area.contacts

    init(_ call: Call) {}

    func perform(_ call: Call) async throws -> User {
        try await call.core.removeContact(call.friend, of: call.user(), in: call.app.id)
        return try await call.existingUser(call.friend)
    }

    func encode(_ friend: User, _ call: Call) -> Answer { .users([friend], call) }
}

struct RemoveAllContacts: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/contacts/users/{username}", "Part a user from all contacts",
        page: "删除所有好友 (user_friend_remove_all)")
    static let area = Area.contacts

    init(_ call: Call) {}

    func perform(_ call: Call) async throws {
        try await call.core.removeAllContacts(of: call.user(), in: call.app.id)
    }

    func encode(_: Void, _ call: Call) -> Answer { Answer().noEntities() }
}

/// Up to ten at once, each for itself. Clients hear of it only where `isSendNotice` says so.
struct ImportContacts: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/users/{username}/contacts/import", "Give a user contacts",
        page: "导入好友列表 (user_friend_import)")
    static let area = Area.contacts

    private static let maximum = 10

    let friends: [UserID]
    let isAnnounced: Bool

    init(_ call: Call) throws {
        guard let friends = try call.object().users("usernames"), !friends.isEmpty else {
            throw Malformed("usernames", .missing)
        }
        guard friends.count <= Self.maximum else {
            throw Refusal.illegalArgument("request user over flow limit:\(Self.maximum).")
        }
        self.friends = friends
        self.isAnnounced = call.isTrue("isSendNotice")
    }

    func perform(_ call: Call) async throws -> [Result<Void, Rejection>] {
        do {
            return try await call.core.addContacts(
                self.friends, to: call.user(), in: call.app.id, isAnnounced: self.isAnnounced)
        } catch Rejection.contactsFull {
            throw Refusal.exceedsLimit("Inviter's contact max count.")
        }
    }

    func encode(_ outcomes: [Result<Void, Rejection>], _ call: Call) -> Answer {
        var lists: [String: [UserID]] = [:]
        for (friend, outcome) in zip(self.friends, outcomes) { lists[Self.list(outcome), default: []].append(friend) }
        var answer = Answer(.timed).with("status") { $0.string("ok") }.with("data") { json in
            json.object { json in
                for list in ["success", "NotExistFailed", "UnKnowFailed", "maxLimitFailed"] {
                    json.field(list, (lists[list] ?? []).lazy.map(\.rawValue))
                }
            }
        }
        answer.action = "post"
        return answer
    }

    private static func list(_ outcome: Result<Void, Rejection>) -> String {
        switch outcome {
        case .success: "success"
        case .failure(.userNotFound): "NotExistFailed"
        case .failure(.contactsFull): "maxLimitFailed"
        case .failure: "UnKnowFailed"
        }
    }
}

extension Call {
    var friend: UserID { self.user("friend_username") }
}
