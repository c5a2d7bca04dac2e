import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// 拉取会话列表: a user's conversations, pinned ones first, then by the time of what was last said.
///
/// The vendor's cursors are a time and an index for either part of the list; here `StartIndex` holds the rest of the place in the list beside the
/// seconds in `TimeStamp`. Clients hand them back as they got them.
struct GetRecentContacts: Command {
    static let description = EndpointDescription(
        "POST", "/v4/recentcontact/get_list", "List a user's conversations", page: "facts/tencent-im.md 4.6",
        .partial("AssistFlags change nothing; what the App says to a user (system conversations) is not listed"))

    var user: UserID
    var bookmark: ConversationPage.Bookmark?

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.user = try fields.account("From_Account")
        _ = try fields.uint32("AssistFlags")
        let pinned = try Self.bookmark(fields, "TopTimeStamp", "TopStartIndex", isPinned: true)
        // Who has come to the others is done with the pinned ones.
        self.bookmark = try Self.bookmark(fields, "TimeStamp", "StartIndex", isPinned: false) ?? pinned
    }

    /// Nil: 0 or absent.
    private static func bookmark(
        _ fields: Fields, _ time: String, _ index: String, isPinned: Bool
    ) throws(Malformed) -> ConversationPage.Bookmark? {
        guard let seconds = try fields.uint32(time), seconds > 0, let rest = try fields.integer(index) else {
            return nil
        }
        guard rest >= 0 else { throw Malformed(fields.name(index), .invalid) }
        return ConversationPage.Bookmark(
            isPinned: isPinned, moment: Timestamp(milliseconds: Int64(seconds) * 1000 + rest % 1000),
            number: rest / 1000)
    }

    func perform(in context: DialectContext, by caller: Caller) async throws -> ConversationPage {
        guard try await context.core.directory.user(self.user, in: caller.app.id) != nil else {
            throw Rejection.userNotFound(self.user)
        }
        return try await context.core.places.conversations(
            of: self.user, in: caller.app.id, from: self.bookmark, limit: Limits.conversationsListed)
    }

    func encode(_ page: ConversationPage) -> Envelope {
        let listed = page.summaries.filter { $0.place.conversation.isListed }
        return .ok {
            $0.objects("SessionItem", listed) { json, summary in
                switch summary.place.conversation {
                case .direct(let pair):
                    json.field("Type", 1)
                    json.field("To_Account", pair.peer(of: self.user).rawValue)
                case .group(let group):
                    json.field("Type", 2)
                    json.field("GroupId", group.rawValue)
                case .room, .system: break
                }
                json.field("MsgTime", summary.activeAt.seconds)
                json.field("TopFlag", summary.place.pinnedAt == nil ? 0 : 1)
            }
            $0.field("CompleteFlag", page.next == nil ? 1 : 0)
            $0.cursor("TimeStamp", "StartIndex", page.next.flatMap { $0.isPinned ? nil : $0 })
            $0.cursor("TopTimeStamp", "TopStartIndex", page.next.flatMap { $0.isPinned ? $0 : nil })
        }
    }
}

extension Conversation {
    fileprivate var isListed: Bool {
        switch self {
        case .direct, .group: true
        case .room, .system: false
        }
    }
}

extension JSONWriter {
    fileprivate mutating func cursor(_ time: String, _ index: String, _ bookmark: ConversationPage.Bookmark?) {
        self.field(time, bookmark?.moment.seconds ?? 0)
        self.field(index, bookmark.map { $0.number * 1000 + $0.moment.milliseconds % 1000 } ?? 0)
    }
}
