import ParleyCore
import ParleyDialectKit

/// What a client asks in a QUERY, and what its QUERYACK carries (facts/rongcloud-client.md, 7). ``table`` has them all but `pullMsg`, which is the
/// connection's: it reads the user's stream; and `subUserStatus`, which watches (``ClientPresence``).
///
/// To add a topic: a line in the table, and a function in the file of what it is about.
package enum ClientQueries {
    /// What a user's clients ask together. The vendor says of none; who joins rooms and pulls at each notice stays far below it.
    static let rate = RateLimiter.Limit("rongcloud.client-query", 100)

    /// - Parameter target: the frame's. Only few topics mean anything by it: mostly it is the user himself, and the payload says what is asked.
    /// - Returns: the payload of an answer with status 0; empty where clients expect none.
    /// - Throws: ``ClientRefusal``; anything else is a fault.
    package static func answer(
        _ topic: String, target: String, payload: [UInt8], from caller: ClientCaller
    ) async throws -> [UInt8] {
        guard let answer = self.table[topic] ?? self.chatRooms[topic] else { throw ClientRefusal.notOffered }
        guard caller.rates.admits(of: self.rate, for: caller.app, by: caller.user.rawValue) else {
            throw ClientRefusal.tooFrequent
        }
        do {
            return try await answer(ClientQuery(caller: caller, target: target, payload: payload))
        } catch let rejection as Rejection {
            throw ClientRefusal(rejection, in: .conversation)
        }
    }

    typealias Answer = @Sendable (ClientQuery) async throws -> [UInt8]

    /// Those about chat rooms are in ``chatRooms``.
    static let table: [String: Answer] = [
        "qryPMsg": { try await $0.history(of: .direct) },
        "qryGMsg": { try await $0.history(of: .group) },
        "qrySMsg": { try await $0.history(of: .system) },
        "qryDMsg": { try await $0.history(of: .discussion) },
        "qryCMsg": { try await $0.history(of: .customerService) },

        "qryRelation": { try await $0.conversationsOldSDK() },
        "qryRelationR": { try await $0.conversations() },
        "delRelation": { try await $0.removeConversation() },

        "delMsg": { try await $0.deleteMessages() },
        "cleanPMsg": { try await $0.clear(.direct) },
        "cleanGMsg": { try await $0.clear(.group) },
        "cleanSMsg": { try await $0.clear(.system) },
        "cleanDMsg": { try await $0.clear(.discussion) },
        "cleanCMsg": { try await $0.clear(.customerService) },

        "pullSeAtts": { try await $0.sessionStates() },
        "setSeAtt": { try await $0.setSessionStates() },
        "qryPPush": { try await $0.askWhetherMuted() },
        "blkPPush": { try await $0.mute(true) },
        "unblkPPush": { try await $0.mute(false) },

        "pullUS": { try $0.userSettings() },
        "addTag": { try $0.acceptTags() },
        "delTag": { try $0.acceptTags() },
        "disTag": { try $0.acceptTags() },
        "addSeTag": { try $0.acceptTags() },
        "delSeTag": { try $0.acceptTags() },
        "setOfflineMsgDur": { _ in [] },
        "reportsdk": { _ in [] },

        "rrMsg": { try await $0.acknowledge() },
        "rrList": { try await $0.readers() },

        "addBlack": { try await $0.block() },
        "rmBlack": { try await $0.unblock() },
        "getBlack": { try await $0.blocked() },
        "blackStat": { try await $0.askWhetherBlocked() },

        "getUserStatus": { try await $0.userStatus() },
        "setUserStatus": { try await $0.setUserStatus() },

        // There are no discussions here; v2 alone has them.
        "crDiz": { _ in throw ClientRefusal.noDiscussion },
        "invtDiz": { _ in throw ClientRefusal.noDiscussion },
        "quitDiz": { _ in throw ClientRefusal.noDiscussion },
        "evctDiz": { _ in throw ClientRefusal.noDiscussion },
        "dizInf": { _ in throw ClientRefusal.noDiscussion },
        "pdOpen": { _ in throw ClientRefusal.noDiscussion },
        "rename": { _ in throw ClientRefusal.noDiscussion },
        "qryDPush": { _ in throw ClientRefusal.noDiscussion },
        "blkDPush": { _ in throw ClientRefusal.noDiscussion },
        "unblkDPush": { _ in throw ClientRefusal.noDiscussion },
    ]
}

/// One query of a client, as its functions see it.
struct ClientQuery: Sendable {
    let caller: ClientCaller
    let target: String
    let payload: [UInt8]

    var core: Core { self.caller.core }
    var user: UserID { self.caller.user }
    var app: AppID { self.caller.app.id }
    var now: Timestamp { self.core.clock.now() }

    /// The payload. Without a field that the SDKs' own decoders require, it is unreadable here as it is there.
    func read<Message: ProtobufMessage>(_ type: Message.Type = Message.self) throws(ClientRefusal) -> Message {
        guard let message = Message.parse(self.payload), message.isComplete else { throw .unreadable }
        return message
    }

    /// Users, groups, rooms: whatever has an id.
    func id(_ text: String) throws(ClientRefusal) -> String { try Self.checked(id: text) }

    static func checked(id text: String) throws(ClientRefusal) -> String {
        guard (1...Self.longestID).contains(text.utf8.count), text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
        else { throw .unreadable }
        return text
    }

    /// Longer than the vendor's 64: users of the other dialects may have such.
    private static let longestID = 256

    /// The caller's conversation that a client names by its type and target. Nil: of a type that this server does not have, or that is not kept
    /// for each user (chat rooms).
    func conversation(_ type: Int32, _ target: String) throws(ClientRefusal) -> Conversation? {
        guard let type = UInt8(exactly: type).flatMap(ConversationType.init(rawValue:)) else { return nil }
        return try self.conversation(type, target)
    }

    func conversation(_ type: ConversationType, _ target: String) throws(ClientRefusal) -> Conversation? {
        switch type {
        case .direct: .direct(self.user, UserID(try self.id(target)))
        case .group: try self.group(target)
        // The target is whom the App said it through; all that it says to a user is one conversation here.
        case .system: .system(self.user)
        case .discussion, .room, .customerService, .ultraGroup: nil
        }
    }

    /// Chat rooms are groups to the core, but no conversations of their members.
    private func group(_ target: String) throws(ClientRefusal) -> Conversation? {
        let group = GroupID(try self.id(target))
        return group.chatRoom == nil ? .group(group) : nil
    }

    func id(of conversation: Conversation) -> ConversationID { ConversationID(app: self.app, conversation) }
}

extension ClientRefusal {
    /// Nothing that this server has. As for a PUBLISH.
    package static let notOffered = ClientRefusal(20606)
    /// It is no protobuf, or lacks or has what it should not. As for a PUBLISH.
    package static let unreadable = ClientRefusal(33003)
    static let noDiscussion = ClientRefusal(20407)
}
