import ParleyCore
import ParleyDialectKit
import ParleyJSON

// What was said in a conversation between two moments, oldest first, as one of its users may see it.
//
// Source: facts/rongcloud-server.md 3.4. Numbers come as numbers and as texts: SDKs differ. What was recalled is not there.

struct MessagePrivateQuery: Endpoint {
    static let description = EndpointDescription(
        "POST", "/v3/message/private/query.json", "Read a private conversation's history",
        page: VendorPage.list, .partial("busChannel is ignored"))

    let query: MessageQuery

    init(_ parameters: Parameters) throws(Malformed) { self.query = try MessageQuery(parameters, of: .direct) }
    func perform(_ call: Call) async throws -> MessageQuery.Found { try await self.query.perform(call) }
    static func encode(_ outcome: MessageQuery.Found, to json: inout JSONWriter) { outcome.encode(to: &json) }
}

struct MessageGroupQuery: Endpoint {
    static let description = EndpointDescription(
        "POST", "/v3/message/group/query.json", "Read a group's history",
        page: VendorPage.list, .partial("busChannel is ignored"))

    let query: MessageQuery

    init(_ parameters: Parameters) throws(Malformed) { self.query = try MessageQuery(parameters, of: .group) }
    func perform(_ call: Call) async throws -> MessageQuery.Found { try await self.query.perform(call) }
    static func encode(_ outcome: MessageQuery.Found, to json: inout JSONWriter) { outcome.encode(to: &json) }
}

/// Of a chat room: what was said in it since it was made, as everybody may see it. One that is not there has nothing to show.
struct MessageChatRoomQuery: Endpoint {
    static let description = EndpointDescription(
        "POST", "/v3/message/chatroom/query.json", "Read a chat room's history", page: VendorPage.list)

    let query: MessageQuery

    init(_ parameters: Parameters) throws(Malformed) { self.query = try MessageQuery(parameters, of: .room) }
    func perform(_ call: Call) async throws -> MessageQuery.Found { try await self.query.perform(call) }
    static func encode(_ outcome: MessageQuery.Found, to json: inout JSONWriter) { outcome.encode(to: &json) }
}

struct MessageQuery: Sendable {
    /// Nil: of a chat room, it is nobody's.
    let userId: UserID?
    let conversation: Conversation
    let targetId: String
    let type: ConversationType
    let startTime: Timestamp
    let endTime: Timestamp
    let pageSize: Int
    let includeStart: Bool

    init(_ parameters: Parameters, of type: ConversationType) throws(Malformed) {
        let user = type == .room ? nil : try parameters.requiredUser("userId")
        self.userId = user
        self.targetId = try parameters.requiredID("targetId")
        self.conversation =
            switch (type, user) {
            case (.room, _): .chatRoom(self.targetId)
            case (.direct, let user?): .direct(user, UserID(self.targetId))
            default: .group(GroupID(self.targetId))
            }
        self.type = type
        self.startTime = Timestamp(milliseconds: try parameters.requiredInteger("startTime", in: 0...(1 << 50)))
        self.endTime = Timestamp(milliseconds: try parameters.requiredInteger("endTime", in: 0...(1 << 50)))
        self.pageSize = Int(try parameters.integer("pageSize", in: 1...100) ?? 10)
        _ = try parameters.required("includeStart")
        self.includeStart = try parameters.flag("includeStart")
    }

    func perform(_ call: Call) async throws -> Found {
        let start = self.includeStart ? self.startTime.adding(milliseconds: -1) : self.startTime
        let id = ConversationID(app: call.app.id, self.conversation)
        var position = try await call.core.log.sequence(reachedAt: start, in: id)
        let end = try await call.core.log.sequence(reachedAt: self.endTime, in: id)
        var found: [Entry] = []
        repeat {
            let page = try await call.core.history(
                HistoryQuery(
                    app: call.app.id, conversation: self.conversation, user: self.userId, from: .after(position),
                    limit: self.pageSize))
            found += page.entries.filter { !$0.isRecalled && $0.sentAt <= self.endTime }
            position = page.next ?? end
        } while position < end && found.count < self.pageSize
        return Found(entries: Array(found.prefix(self.pageSize)), query: self)
    }

    struct Found: Sendable {
        var entries: [Entry]
        var query: MessageQuery

        func encode(to json: inout JSONWriter) {
            json.field("data") { json in
                json.array(self.entries) { json, entry in
                    json.object { self.query.write(entry, to: &$0) }
                }
            }
        }
    }

    /// `targetId` is whom the message went to: in a private conversation not always the one whom the call names.
    private func write(_ entry: Entry, to json: inout JSONWriter) {
        guard let message = entry.message else { return }
        let wire = WireMessage(message)
        let isOwn = message.sender == self.userId
        let target = self.type == .direct && !isOwn ? self.userId?.rawValue ?? "" : self.targetId
        json.field("targetId", target)
        json.field("fromUserId", message.sender.rawValue)
        json.field("messageUID", MessageUID(entry.id, in: self.type, target: target).description)
        json.field("msgTime", entry.sentAt.milliseconds)
        json.field("objectName", wire.objectName)
        json.field("content", wire.content)
        json.field("expansion", message.options.isExpandable)
        json.field("extraContent", Self.text(message.options.expansion))
        json.field("busChannel", "")
    }

    private static func text(_ expansion: [String: String]) -> String {
        guard !expansion.isEmpty else { return "" }
        let json = JSONWriter.object { json in
            for (key, value) in expansion.sorted(by: { $0.key < $1.key }) { json.field(key, value) }
        }
        return String(decoding: json, as: UTF8.self)
    }
}
