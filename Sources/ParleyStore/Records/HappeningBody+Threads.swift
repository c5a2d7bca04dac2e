import ParleyCore
import ParleyJSON

// Reactions, and what was said in threads.

extension ReactionChange {
    func write(to json: inout JSONWriter) {
        self.conversation.write(to: &json)
        json.field("message", self.message.rawValue)
        json.field("reaction", self.kind)
        json.field("isAdded", self.isAdded)
        json.field("by", self.by.rawValue)
        json.field("at", self.at.milliseconds)
        json.field("reactions") { json in
            json.array(self.reactions) { json, reaction in json.object { reaction.write(to: &$0) } }
        }
    }

    init?(record: JSON) {
        guard let conversation = Conversation(record: record), let message = record["message"]?.int,
            let kind = record["reaction"]?.string, let by = record["by"]?.string, let at = record["at"]?.int
        else { return nil }
        self.init(
            kind, isAdded: record["isAdded"]?.bool ?? true, to: MessageID(rawValue: UInt64(clamping: message)),
            in: conversation, by: UserID(by), at: Timestamp(milliseconds: at),
            reactions: record["reactions"]?.array?.compactMap { Reaction(record: $0) } ?? [])
    }
}

extension Reaction {
    fileprivate func write(to json: inout JSONWriter) {
        json.field("kind", self.kind)
        json.field("count", self.count)
        json.field("users", self.users.lazy.map(\.rawValue))
        json.field("isOwn", self.isOwn)
        json.field("first", self.firstAt.milliseconds)
        json.field("last", self.lastAt.milliseconds)
    }

    fileprivate init?(record: JSON) {
        guard let kind = record["kind"]?.string, let first = record["first"]?.int, let last = record["last"]?.int else {
            return nil
        }
        self.init(
            kind: kind, count: Int(record["count"]?.int ?? 0),
            users: record["users"]?.array?.compactMap { $0.string.map { UserID($0) } } ?? [],
            isOwn: record["isOwn"]?.bool ?? false, firstAt: Timestamp(milliseconds: first),
            lastAt: Timestamp(milliseconds: last))
    }
}

extension ThreadChange {
    func write(to json: inout JSONWriter) {
        json.field("thread") { $0.object { self.thread.write(to: &$0) } }
        if let by { json.field("by", by.rawValue) }
        guard case .said(let overview) = self.kind else { return }
        json.field("count", overview.messageCount)
        guard let last = overview.last else { return }
        json.field("last", last.id.rawValue)
        last.message.writeWhole(to: &json)
    }

    /// Only what was said is noted.
    init?(record: JSON) {
        guard let thread = record["thread"].flatMap({ Group(record: $0) }) else { return nil }
        let last: ThreadOverview.LastMessage? =
            if let id = record["last"]?.int, let message = Message(whole: record) {
                ThreadOverview.LastMessage(MessageID(rawValue: UInt64(clamping: id)), message)
            } else { nil }
        let overview = ThreadOverview(messageCount: Int(record["count"]?.int ?? 0), last: last)
        self.init(.said(overview), of: thread, by: record["by"]?.string.map { UserID($0) })
    }
}
