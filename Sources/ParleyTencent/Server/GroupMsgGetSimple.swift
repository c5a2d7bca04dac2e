import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// 拉取群历史消息: what was said in a group, newest first, up to 20 at a time, as an administrator sees it: targeted messages too.
///
/// A message that is not kept in history, or was recalled, leaves its place (`IsPlaceMsg`) and nothing else; what is no message (a
/// recall) is not there at all.
struct GroupMsgGetSimple: Command {
    static let description = EndpointDescription(
        "POST", "/v4/group_open_http_svc/group_msg_get_simple", "Read a group's history", page: Page.groups,
        .partial("TopicId is refused: there are no topics"))

    var group: GroupID
    var count: Int
    var upTo: UInt64?
    var withRecalled: Bool
    var hasTopic: Bool

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.group = try fields.group()
        // "At best no more than 20": more is cut, not refused.
        self.count = min(Int(try fields.requiredUInt32("ReqMsgNumber")), Limits.historyPage)
        self.upTo = try fields.uint32("ReqMsgSeq").flatMap { $0 == 0 ? nil : UInt64($0) }
        self.withRecalled = try fields.flag("WithRecalledMsg")
        self.hasTopic = try fields.hasTopic
    }

    func perform(in context: DialectContext, by caller: Caller) async throws -> (entries: [Entry], isFinished: Bool) {
        guard !self.hasTopic else { throw Refusal.topicsNotEnabled }
        _ = try await context.core.knownGroup(self.group, of: caller, with: \.keepsMessages)
        let conversation = ConversationID(app: caller.app.id, .group(self.group))
        var found: [Entry] = []
        var upTo = self.upTo
        while found.count <= self.count {
            // One more than asked for tells whether there is more.
            let page = try await context.core.log.entries(of: conversation, upTo: upTo, limit: self.count + 1)
            found += page.filter(\.hasPlaceInHistory)
            guard page.count > self.count, let last = page.last?.sequence, last > 1 else { break }
            upTo = last - 1
        }
        return (Array(found.prefix(self.count)), found.count <= self.count)
    }

    func encode(_ outcome: (entries: [Entry], isFinished: Bool)) -> Envelope {
        .ok {
            $0.field("GroupId", self.group.rawValue)
            $0.field("IsFinished", outcome.isFinished ? 1 : 0)
            $0.objects("RspMsgList", outcome.entries) { json, entry in
                switch entry.body {
                case .message(let message): self.write(message, of: entry, into: &json)
                case .notice(let notice): json.members(of: notice, in: entry)
                case .recall, .edit: break
                }
            }
        }
    }

    private func write(_ message: Message, of entry: Entry, into json: inout JSONWriter) {
        let place = Place(of: message, in: entry, withRecalled: self.withRecalled)
        json.field("From_Account", message.sender.rawValue)
        json.field("IsPlaceMsg", place.number)
        json.field("MsgBody") { place.isEmpty ? $0.array { _ in } : $0.msgBody(of: message) }
        if !place.isEmpty, let data = message.options.attachment { json.field("CloudCustomData", data) }
        json.field("MsgPriority", message.options.priority.rawValue)
        json.field("MsgRandom", message.options.random ?? 0)
        json.field("MsgSeq", entry.sequence ?? 0)
        json.field("MsgTimeStamp", entry.sentAt.seconds)
    }
}

/// What is left of a message in history.
private enum Place {
    case whole
    /// Deleted, expired or never kept.
    case empty
    case recalled(isShown: Bool)

    init(of message: Message, in entry: Entry, withRecalled: Bool) {
        if entry.isRecalled {
            self = .recalled(isShown: withRecalled)
        } else {
            self = message.options.keptInHistory ? .whole : .empty
        }
    }

    var number: Int {
        switch self {
        case .whole: 0
        case .empty: 1
        case .recalled: 2
        }
    }

    var isEmpty: Bool {
        switch self {
        case .whole, .recalled(isShown: true): false
        case .empty, .recalled(isShown: false): true
        }
    }
}

extension Entry {
    fileprivate var hasPlaceInHistory: Bool {
        switch self.body {
        case .message, .notice: true
        case .recall, .edit: false
        }
    }
}

extension JSONWriter {
    /// A notice, as the vendor's group tips are found in history: a system message.
    fileprivate mutating func members(of notice: Notice, in entry: Entry) {
        self.field("From_Account", notice.by?.rawValue ?? "")
        self.field("IsPlaceMsg", 0)
        self.field("IsSystemMsg", 1)
        self.objects("MsgBody", [notice]) { json, notice in
            json.field("MsgType", "TIMGroupTipElem")
            json.field("MsgContent") { json in
                json.object {
                    $0.field("OpType", notice.operation)
                    $0.field("Operator_Account", notice.by?.rawValue ?? "")
                    $0.field("Member_List", notice.users.lazy.map(\.rawValue))
                }
            }
        }
        self.field("MsgPriority", Priority.normal.rawValue)
        self.field("MsgRandom", 0)
        self.field("MsgSeq", entry.sequence ?? 0)
        self.field("MsgTimeStamp", entry.sentAt.seconds)
    }
}

extension Notice {
    fileprivate var by: UserID? {
        switch self {
        case .joined(_, let by), .removed(_, let by), .changed(let by): by
        case .left(let users): users.first
        }
    }

    fileprivate var users: [UserID] {
        switch self {
        case .joined(let users, _), .left(let users), .removed(let users, _): users
        case .changed: []
        }
    }

    /// The numbers of the vendor's group tips in its client SDKs: joined, quit, kicked, information changed.
    fileprivate var operation: Int {
        switch self {
        case .joined: 1
        case .left: 2
        case .removed: 3
        case .changed: 6
        }
    }
}
