import ParleyCore
import ParleyDialectKit
import ParleyJSON

// A user's list: pinned conversations first, then by the time of what was last said. Source: facts/easemob-client.md 6.

struct ListConversations: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/sdk/user/{username}/user_channels/list", "A user's conversations (clients)",
        page: "facts/easemob-client.md 6")
    static let callers = Callers.applicationOrOneself
    static let area = Area.conversations

    let range: ConversationRange
    let onlyPinned: Bool

    init(_ call: Call) throws {
        self.range = try ConversationRange(call)
        self.onlyPinned = call.isTrue("is_top")
    }

    func perform(_ call: Call) async throws -> ConversationRange.Found {
        var page = try await call.core.places.conversations(
            of: call.user(), in: call.app.id, from: self.range.start, limit: self.range.limit)
        if self.onlyPinned {
            let pinned = page.summaries.prefix { $0.place.pinnedAt != nil }
            if pinned.count < page.summaries.count { page = ConversationPage(summaries: Array(pinned), next: nil) }
        }
        return try await ConversationRange.Found(page, call)
    }

    func encode(_ found: ConversationRange.Found, _ call: Call) -> Answer { .sessions(found) }
}

/// Those that have a mark.
struct FindMarkedConversations: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/sdk/user/{username}/user_channels/mark/search",
        "A user's conversations that have a mark (clients)", page: "facts/easemob-client.md 6 (SDKs)")
    static let callers = Callers.applicationOrOneself
    static let area = Area.conversations

    let range: ConversationRange
    let mark: Marks

    init(_ call: Call) throws {
        self.range = try ConversationRange(call)
        guard let name = call.query["mark"], !name.isEmpty else { throw Malformed("mark", .missing) }
        guard let mark = Marks(easemob: name) else { throw Malformed("mark", .invalid) }
        self.mark = mark
    }

    func perform(_ call: Call) async throws -> ConversationRange.Found {
        let page = try await call.core.places.conversations(
            of: call.user(), in: call.app.id, marked: self.mark, from: self.range.start, limit: self.range.limit)
        return try await ConversationRange.Found(page, call)
    }

    func encode(_ found: ConversationRange.Found, _ call: Call) -> Answer { .sessions(found) }
}

/// The same list for the App's backend: the newest ``GetUserChannels/maximum``, in clients' form. The vendor's page of 2023 names the call and not its answer.
struct GetConversationsOfUser: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/user/{username}/user_channels", "A user's conversations",
        page: "facts 3.6 (获取会话列表)")
    static let callers = Callers.applicationOrOneself
    static let callLimit = CallLimit(5, perSeconds: 60, of: .user)
    static let area = Area.conversations

    init(_ call: Call) {}

    func perform(_ call: Call) async throws -> ConversationRange.Found {
        let user = try await call.existingUser(call.user()).id
        let page = try await call.core.places.conversations(
            of: user, in: call.app.id, from: nil, limit: GetUserChannels.maximum)
        return try await ConversationRange.Found(ConversationPage(summaries: page.summaries, next: nil), call)
    }

    func encode(_ found: ConversationRange.Found, _ call: Call) -> Answer { .sessions(found) }
}

/// Which piece of the list is wanted.
struct ConversationRange: Sendable {
    private static let maximum = 50

    let start: ConversationPage.Bookmark?
    let limit: Int

    init(_ call: Call) throws {
        self.start = try call.cursor().map { text in
            guard let bookmark = ConversationPage.Bookmark(easemob: text) else {
                throw Refusal.illegalArgument("cursor is illegal")
            }
            return bookmark
        }
        self.limit = call.number("limit", default: 20, in: 1...Self.maximum)
    }

    struct Found: Sendable {
        let conversations: [ListedConversation]
        /// Empty on the last page.
        let cursor: String

        init(_ page: ConversationPage, _ call: Call) async throws {
            self.conversations = try await ListedConversation.list(page.summaries, call)
            self.cursor = page.next.map { Answer.cursorText($0.easemob) } ?? ""
        }
    }
}

/// As SDKs before 4.2 ask for it: all at once, which is not more than ``maximum``.
struct GetUserChannels: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/users/{username}/user_channels", "A user's conversations (older clients)",
        page: "facts/easemob-client.md 6")
    static let callers = Callers.applicationOrOneself
    static let area = Area.conversations

    /// The vendor's server has no more of one user.
    static let maximum = 100

    init(_ call: Call) {}

    func perform(_ call: Call) async throws -> [ListedConversation] {
        let page = try await call.core.places.conversations(
            of: call.user(), in: call.app.id, from: nil, limit: Self.maximum)
        return try await ListedConversation.list(page.summaries, call)
    }

    func encode(_ conversations: [ListedConversation], _ call: Call) -> Answer { .channels(conversations) }
}

/// The same in pages of numbers, which move when something is said.
struct GetUserChannelsPage: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/users/{username}/user_channels/page",
        "A page of a user's conversations (older clients)", page: "facts/easemob-client.md 6")
    static let callers = Callers.applicationOrOneself
    static let area = Area.conversations

    let wanted: Range<Int>

    init(_ call: Call) {
        let maximum = GetUserChannels.maximum
        let size = call.number("pageSize", default: 20, in: 1...maximum)
        let first = (call.number("pageNum", default: 1, in: 1...maximum + 1) - 1) * size
        self.wanted = min(first, maximum)..<min(first + size, maximum)
    }

    func perform(_ call: Call) async throws -> [ListedConversation] {
        guard !self.wanted.isEmpty else { return [] }
        let page = try await call.core.places.conversations(
            of: call.user(), in: call.app.id, from: nil, limit: self.wanted.upperBound)
        return try await ListedConversation.list(Array(page.summaries.dropFirst(self.wanted.lowerBound)), call)
    }

    func encode(_ conversations: [ListedConversation], _ call: Call) -> Answer { .channels(conversations) }
}

extension Answer {
    fileprivate static func sessions(_ found: ConversationRange.Found) -> Answer {
        .data { json in
            json.object { json in
                json.field("channel_infos") { json in
                    json.array(found.conversations) { json, conversation in
                        json.conversation(conversation) { json in
                            json.field("session_to", conversation.named.name)
                            json.field("session_type", conversation.named.kind.rawValue)
                        }
                    }
                }
                json.field("cursor", found.cursor)
            }
        }
    }

    fileprivate static func channels(_ conversations: [ListedConversation]) -> Answer {
        .data { json in
            json.object { json in
                json.field("channel_infos") { json in
                    json.array(conversations) { json, conversation in
                        json.conversation(conversation) { $0.field("channel_id", conversation.named.address) }
                    }
                }
            }
        }
    }
}

extension ConversationPage.Bookmark {
    fileprivate var easemob: String { "\(self.isPinned ? 1 : 0).\(self.moment.milliseconds).\(self.number)" }

    fileprivate init?(easemob text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Int64($0) }
        guard parts.count == 3, let isPinned = parts[0], (0...1).contains(isPinned), let moment = parts[1],
            let number = parts[2]
        else { return nil }
        self.init(isPinned: isPinned == 1, moment: Timestamp(milliseconds: moment), number: number)
    }
}
