import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Whom a user knows. Newest first everywhere. Source: facts/easemob-server.md 3.4, facts/easemob-client.md 6.

/// All of them: their names, or, for clients that ask for remarks, both.
struct ListContacts: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/users/{username}/contacts/users", "List a user's contacts",
        page: "一次性获取好友列表 (user_friend_list_obtain)")
    static let callers = Callers.applicationOrOneself
    static let area = Area.contacts

    let showsRemarks: Bool

    init(_ call: Call) { self.showsRemarks = call.isTrue("needReturnRemark") }

    func perform(_ call: Call) async throws -> [Contact] {
        let user = try await call.existingUser(call.user()).id
        return try await call.core.directory.contacts(of: user, in: call.app.id, before: nil, limit: Contact.limit)
    }

    func encode(_ contacts: [Contact], _ call: Call) -> Answer {
        let answer =
            self.showsRemarks
            ? Answer.entities(contacts) { $0.contact($1) }
            : Answer.data { json in json.array(contacts) { $0.string($1.user.rawValue) } }.noEntities()
        return answer.count(contacts.count)
    }
}

/// Remarks where they are asked for, as clients always want them.
struct ListContactsPage<Path: CallPath>: Endpoint {
    static var description: EndpointDescription {
        EndpointDescription("GET", Path.path, "List a user's contacts, page by page\(Path.note)", page: Path.page)
    }
    static var callers: Callers { Path.callers }
    static var area: Area { .contacts }

    private static var maximum: Int { 50 }

    let limit: Int
    let before: Int64?
    let showsRemarks: Bool

    init(_ call: Call) throws {
        guard call.number("limit", default: 10, in: 1...Int.max) <= Self.maximum else {
            throw Refusal.illegalArgument("getContacts page size more than max limit : \(Self.maximum)")
        }
        self.limit = call.number("limit", default: 10, in: 1...Self.maximum)
        self.before = try call.cursor().map { text in
            guard let position = Int64(text) else { throw Refusal.illegalArgument("cursor is illegal") }
            return position
        }
        self.showsRemarks = Path.self == ContactsOfClients.self || call.isTrue("needReturnRemark")
    }

    func perform(_ call: Call) async throws -> Page<Contact> {
        let user = try await call.existingUser(call.user()).id
        return Page(
            try await call.core.directory.contacts(
                of: user, in: call.app.id, before: self.before, limit: self.limit + 1),
            limit: self.limit, cursor: { String($0.position) })
    }

    func encode(_ page: Page<Contact>, _ call: Call) -> Answer { .contacts(page, showsRemarks: self.showsRemarks) }
}

enum ContactsOfServer: CallPath {
    static let path = "/{org_name}/{app_name}/user/{username}/contacts"
    static let page = "分页获取好友列表 (user_friend_list_obtain_page)"
    static let callers = Callers.applicationOrOneself
}

enum ContactsOfClients: ClientCallPath {
    static let path = "/{org_name}/{app_name}/users/{username}/contacts"
}

/// Which of some users are a user's contacts.
struct CheckContacts: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/contacts/check", "Which of some users are a user's contacts",
        page: "校验好友 (user_friend_check)")
    static let area = Area.contacts

    let check: RelationCheck

    init(_ call: Call) throws { self.check = try RelationCheck(call) }

    func perform(_ call: Call) async throws -> Set<UserID> {
        try await call.core.directory.contacts(of: self.check.user, in: call.app.id, among: self.check.others)
    }

    func encode(_ contacts: Set<UserID>, _ call: Call) -> Answer {
        self.check.answer { contacts.contains($0) ? "friend" : "not_friend" }
    }
}

/// A user, and those of whom it is asked what they are to him.
struct RelationCheck: Sendable {
    private static let maximum = 100

    let user: UserID
    let others: [UserID]

    init(_ call: Call) throws {
        let json = try call.object()
        guard let name = try json.textOrNumber("username"), !name.isEmpty else {
            throw Refusal.illegalArgument("username cannot be blank")
        }
        let others = try json.users("check_list") ?? []
        guard (1...Self.maximum).contains(others.count) else {
            throw Refusal.illegalArgument("check_list size must be between 1 and \(Self.maximum)")
        }
        self.user = UserID(easemob: name)
        self.others = others
    }

    func answer(_ relation: (UserID) -> String) -> Answer {
        .entities(self.others) { json, other in
            json.object { json in
                json.field("username", other.rawValue)
                json.field("relation", relation(other))
            }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func contact(_ contact: Contact, showsRemark: Bool = true) {
        self.object { json in
            json.field("username", contact.user.rawValue)
            guard showsRemark else { return }
            json.field("remark") { json in
                if let remark = contact.remark { json.string(remark) } else { json.null() }
            }
        }
    }
}

extension Answer {
    /// The cursor stands where backends look for it, and where clients do.
    fileprivate static func contacts(_ page: Page<Contact>, showsRemarks: Bool) -> Answer {
        Answer.data { json in
            json.object { json in
                json.field("contacts") { json in
                    json.array(page.items) { $0.contact($1, showsRemark: showsRemarks) }
                }
                if let cursor = page.cursor { json.field("cursor", Answer.cursorText(cursor)) }
            }
        }
        .noEntities().count(page.items.count).cursor(page.cursor)
    }
}
