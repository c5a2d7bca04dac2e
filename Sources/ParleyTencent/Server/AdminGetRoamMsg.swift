import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// 查询单聊消息: what two users said to each other between two moments, newest first, as one of them (`Operator_Account`) may see it.
///
/// Who wants what comes before asks again with `MaxTime` and `LastMsgKey` from the answer. A message that was recalled leaves its place
/// (`MsgFlagBits` 8), without its elements.
struct AdminGetRoamMsg: Command {
    static let description = EndpointDescription(
        "POST", "/v4/openim/admin_getroammsg", "Read two users' direct messages", page: Page.messages)

    var user: UserID
    var peer: UserID
    var count: Int
    /// Unix seconds, both included.
    var times: ClosedRange<UInt32>
    var last: MsgKey?

    init(_ fields: Fields, by caller: Caller) throws(Malformed) {
        self.user = try fields.account("Operator_Account", "From_Account")
        self.peer = try fields.account("Peer_Account", "To_Account")
        self.count = min(Int(try fields.requiredUInt32("MaxCnt")), Limits.directHistoryPage)
        guard self.count > 0 else { throw Malformed("MaxCnt", .invalid) }
        let from = try fields.requiredUInt32("MinTime")
        let to = try fields.requiredUInt32("MaxTime")
        guard from <= to else { throw Malformed("MinTime", .invalid) }
        self.times = from...to
        self.last = try fields.optionalString("LastMsgKey").flatMap { $0.isEmpty ? nil : $0 }
            .map { (text) throws(Malformed) in
                guard let key = MsgKey(text) else { throw Malformed("LastMsgKey", .invalid) }
                return key
            }
    }

    struct Outcome: Sendable {
        var entries: [Entry]
        var isComplete: Bool
        /// What whom it was written to has read, among the entries.
        var read: Set<UInt64>
    }

    func perform(in context: DialectContext, by caller: Caller) async throws -> Outcome {
        let core = context.core
        let conversation = ConversationID(app: caller.app.id, .direct(self.user, self.peer))
        let newest = try await self.newest(in: conversation, core)
        var found: [Entry] = []
        var position: UInt64? = newest + 1
        while let before = position {
            // One more than asked for tells whether there is more.
            let page = try await core.history(
                HistoryQuery(
                    app: caller.app.id, conversation: conversation.conversation, user: self.user, from: .before(before),
                    limit: self.count + 1 - found.count))
            let inTime = page.entries.filter { $0.sentAt.seconds >= Int64(self.times.lowerBound) }
            found += inTime
            position = inTime.count < page.entries.count || found.count > self.count ? nil : page.next
        }
        let entries = Array(found.prefix(self.count))
        return Outcome(
            entries: entries, isComplete: found.count <= self.count,
            read: try await self.read(of: entries, in: conversation, core))
    }

    /// By how far the recipient has read the conversation, or by a receipt for the message alone.
    private func read(of entries: [Entry], in conversation: ConversationID, _ core: Core) async throws -> Set<UInt64> {
        let peer = try await core.places.place(of: self.peer, in: conversation).readThrough
        let own = try await core.places.place(of: self.user, in: conversation).readThrough
        var read: Set<UInt64> = []
        for entry in entries {
            guard let sequence = entry.sequence, let message = entry.message else { continue }
            let isRead =
                if sequence <= (message.sender == self.user ? peer : own) {
                    true
                } else if message.options.wantsReadReceipts {
                    try await !core.places.readers(of: sequence, in: conversation).isEmpty
                } else {
                    false
                }
            if isRead { read.insert(sequence) }
        }
        return read
    }

    /// The greatest sequence in question.
    private func newest(in conversation: ConversationID, _ core: Core) async throws -> UInt64 {
        if let last = self.last, last.sequence > 0 {
            return min(last.sequence - 1, try await core.log.lastSequence(of: conversation))
        }
        let moment = Timestamp(milliseconds: Int64(self.times.upperBound) * 1000 + 999)
        return try await core.log.sequence(reachedAt: moment, in: conversation)
    }

    func encode(_ outcome: Outcome) -> Envelope {
        .ok {
            let last = outcome.entries.last
            $0.field("Complete", outcome.isComplete ? 1 : 0)
            $0.field("MsgCnt", outcome.entries.count)
            $0.field("LastMsgTime", last?.sentAt.seconds ?? 0)
            $0.field("LastMsgKey", last.map { MsgKey($0).description } ?? "")
            $0.objects("MsgList", outcome.entries) { json, entry in
                guard let message = entry.message else { return }
                let isOwn = message.sender == self.user
                json.field("From_Account", message.sender.rawValue)
                json.field("To_Account", (isOwn ? self.peer : self.user).rawValue)
                json.field("MsgSeq", entry.sequence ?? 0)
                json.field("MsgRandom", message.options.random ?? 0)
                json.field("MsgTimeStamp", entry.sentAt.seconds)
                json.field("MsgFlagBits", entry.isRecalled ? 8 : 0)
                json.field("IsPeerRead", outcome.read.contains(entry.sequence ?? 0) ? 1 : 0)
                json.field("MsgKey", MsgKey(entry).description)
                json.field("MsgBody") { entry.isRecalled ? $0.array { _ in } : $0.msgBody(of: message) }
                json.field("CloudCustomData", entry.isRecalled ? "" : message.options.attachment ?? "")
            }
        }
    }
}
