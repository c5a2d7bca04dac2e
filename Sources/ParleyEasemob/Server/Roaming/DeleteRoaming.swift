import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Messages that one user no longer wants to see, on any device; everyone else still has them. His devices are told, with or without `isNotify`.
// Source: facts/easemob-server.md 3.6.

struct DeleteRoamingOfChat: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/rest/message/roaming/chat/user/{username}",
        "Delete direct messages for one user", page: "单向删除漫游消息 (message_delete)",
        .partial("isNotify=false tells the user's devices too"))
    static let area = Area.roaming

    let messages: [MessageID]
    let conversation: Conversation

    init(_ call: Call) throws {
        self.conversation = try call.roamingChat()
        self.messages = try call.roamingMessages()
    }

    func perform(_ call: Call) async throws {
        try await call.core.delete(self.messages, of: self.conversation, for: call.user(), in: call.app.id)
    }

    func encode(_: Void, _ call: Call) -> Answer { .roaming }
}

struct DeleteRoamingOfGroup: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/rest/message/roaming/group/user/{username}",
        "Delete a group's messages for one user", page: "单向删除漫游消息 (message_delete)",
        .partial("isNotify=false tells the user's devices too"))
    static let area = Area.roaming

    let messages: [MessageID]
    let conversation: Conversation

    init(_ call: Call) throws {
        self.conversation = try call.roamingGroup()
        self.messages = try call.roamingMessages()
    }

    func perform(_ call: Call) async throws {
        try await call.core.delete(self.messages, of: self.conversation, for: call.user(), in: call.app.id)
    }

    func encode(_: Void, _ call: Call) -> Answer { .roaming }
}

struct DeleteRoamingOfChatByTime: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/rest/message/roaming/chat/user/{username}/time",
        "Clear a direct conversation for one user", page: "单向删除漫游消息 (message_delete)",
        .partial("isNotify=false tells the user's devices too"))
    static let area = Area.roaming

    let conversation: Conversation
    let moment: Timestamp

    init(_ call: Call) throws {
        self.conversation = try call.roamingChat()
        self.moment = try call.roamingMoment()
    }

    func perform(_ call: Call) async throws { try await call.clear(self.conversation, upTo: self.moment) }
    func encode(_: Void, _ call: Call) -> Answer { .roaming }
}

struct DeleteRoamingOfGroupByTime: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/rest/message/roaming/group/user/{username}/time",
        "Clear a group for one user", page: "单向删除漫游消息 (message_delete)",
        .partial("isNotify=false tells the user's devices too"))
    static let area = Area.roaming

    let conversation: Conversation
    let moment: Timestamp

    init(_ call: Call) throws {
        self.conversation = try call.roamingGroup()
        self.moment = try call.roamingMoment()
    }

    func perform(_ call: Call) async throws { try await call.clear(self.conversation, upTo: self.moment) }
    func encode(_: Void, _ call: Call) -> Answer { .roaming }
}

/// Clears all conversations of a user.
struct DeleteAllRoaming: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/rest/message/roaming/user/{username}/delete/all",
        "Clear all conversations of a user", page: "清空漫游消息 (message_delete)")
    static let area = Area.roaming

    init(_ call: Call) {}

    func perform(_ call: Call) async throws {
        let user = try await call.existingUser(call.user())
        try await call.core.clearAll(of: user.id, in: call.app.id)
    }

    func encode(_: Void, _ call: Call) -> Answer { .roaming }
}

extension Call {
    static let roamingMessages = 50

    fileprivate func roamingChat() throws(Malformed) -> Conversation {
        guard let peer = self.query["userId"], !peer.isEmpty else { throw Malformed("userId", .missing) }
        return .direct(self.user(), UserID(easemob: peer))
    }

    fileprivate func roamingGroup() throws(Malformed) -> Conversation {
        guard let group = self.query["groupId"], !group.isEmpty else { throw Malformed("groupId", .missing) }
        return .group(GroupID(group))
    }

    /// Ids that this server cannot have made are of no message here.
    fileprivate func roamingMessages() throws(Malformed) -> [MessageID] {
        let ids = (self.query["msgIdList"] ?? "").split(separator: ",").map { $0.trimmingSpaces() }
            .filter { !$0.isEmpty }
        guard !ids.isEmpty else { throw Malformed("msgIdList", .missing) }
        guard ids.count <= Self.roamingMessages else {
            throw Malformed("msgIdList", .tooMany(limit: Self.roamingMessages))
        }
        return ids.compactMap { MessageID(easemob: $0) }
    }

    fileprivate func roamingMoment() throws(Malformed) -> Timestamp {
        guard let text = self.query["delTime"], !text.isEmpty else { throw Malformed("delTime", .missing) }
        guard let milliseconds = Int64(text), (0...(1 << 50)).contains(milliseconds) else {
            throw Malformed("delTime", .invalid)
        }
        return Timestamp(milliseconds: milliseconds)
    }

    fileprivate func clear(_ conversation: Conversation, upTo moment: Timestamp) async throws {
        let through = try await self.core.log.sequence(
            reachedAt: moment, in: ConversationID(app: self.app.id, conversation))
        try await self.core.changePlace(in: conversation, of: self.user(), in: self.app.id) { place, _, _ in
            place.clearedThrough = max(place.clearedThrough, through)
        }
    }
}

extension Answer {
    fileprivate static let roaming = Answer(.timed).with("requestStatusCode") { $0.string("ok") }
}
