internal import ParleyJSON

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

extension ConversationState {
    init?(_ json: JSON) {
        guard let conversation = json["conversation"]?.conversation else { return nil }
        self.init(
            conversation: conversation, readSequence: json["readSeq"]?.int ?? 0,
            clearedSequence: json["clearedSeq"]?.int ?? 0, pinnedAt: json["pinnedAt"]?.date,
            isMuted: json["muted"]?.bool ?? false, isRemoved: json["removed"]?.bool ?? false)
    }
}

extension ConversationSummary {
    init?(_ json: JSON) {
        guard let conversation = json["conversation"]?.conversation else { return nil }
        self.init(
            conversation: conversation, name: json["name"]?.string, sequence: json["seq"]?.int ?? 0,
            activeAt: json["activeAt"]?.date, unread: Int(json["unread"]?.int ?? 0),
            mentionSequence: json["mentionSeq"]?.int, readSequence: json["readSeq"]?.int ?? 0,
            clearedSequence: json["clearedSeq"]?.int ?? 0, pinnedAt: json["pinnedAt"]?.date,
            isMuted: json["muted"]?.bool ?? false, peerReadSequence: json["peerReadSeq"]?.int,
            last: json["last"].flatMap { Message($0, in: conversation) })
    }
}

extension ConversationPage {
    init?(_ json: JSON) {
        guard let list = json["conversations"]?.array else { return nil }
        self.init(conversations: list.compactMap { ConversationSummary($0) }, next: json["next"]?.string)
    }
}

extension HistoryPage {
    init?(_ json: JSON) {
        guard let list = json["messages"]?.array else { return nil }
        let conversation = json["conversation"]?.conversation
        self.init(messages: list.compactMap { Message($0, in: conversation) }, next: json["next"]?.int)
    }
}

extension Unread {
    init?(_ json: JSON) {
        guard let messages = json["messages"]?.int, let conversations = json["conversations"]?.int else { return nil }
        self.init(messages: Int(messages), conversations: Int(conversations))
    }
}

extension GroupPage {
    init?(_ json: JSON) {
        guard let list = json["groups"]?.array else { return nil }
        self.init(groups: list.compactMap { Group($0) }, next: json["next"]?.string)
    }
}

extension Group {
    fileprivate init?(_ json: JSON) {
        guard let conversation = json["conversation"]?.conversation else { return nil }
        self.init(
            conversation: conversation, name: json["name"]?.string ?? "", owner: json["owner"]?.user,
            role: json["role"]?.string ?? "member", joinedAt: json["joinedAt"]?.date)
    }
}

extension MemberPage {
    init?(_ json: JSON) {
        guard let list = json["members"]?.array else { return nil }
        self.init(
            name: json["name"]?.string, owner: json["owner"]?.user, count: Int(json["count"]?.int ?? 0),
            members: list.compactMap { Member($0) }, next: json["next"]?.user)
    }
}

extension Member {
    fileprivate init?(_ json: JSON) {
        guard let user = json["user"]?.user else { return nil }
        self.init(
            user: user, role: json["role"]?.string ?? "member", nameCard: json["nameCard"]?.string,
            joinedAt: json["joinedAt"]?.date)
    }
}

extension User {
    init?(_ json: JSON) {
        guard let user = json["user"]?.user else { return nil }
        self.init(user: user, name: json["name"]?.string, portrait: json["portrait"]?.string)
    }
}

extension Presence {
    init?(_ json: JSON) {
        guard let user = json["user"]?.user else { return nil }
        self.init(
            user: user, isOnline: json["online"]?.bool ?? false,
            platforms: json["platforms"]?.array?.compactMap(\.string) ?? [])
    }
}

extension ReadMark {
    init?(_ json: JSON) {
        guard let conversation = json["conversation"]?.conversation, let by = json["by"]?.user,
            let sequence = json["seq"]?.int
        else { return nil }
        self.init(conversation: conversation, by: by, sequence: sequence, at: json["at"]?.date ?? .now)
    }
}

extension Receipt {
    init?(_ json: JSON) {
        guard let conversation = json["conversation"]?.conversation, let message = json["message"]?.messageID,
            let by = json["by"]?.user
        else { return nil }
        self.init(
            conversation: conversation, message: message, sequence: json["seq"]?.int, by: by,
            at: json["at"]?.date ?? .now, readCount: Int(json["readCount"]?.int ?? 0))
    }
}

extension Receipts {
    init?(_ json: JSON) {
        guard let conversation = json["conversation"]?.conversation, let message = json["message"]?.messageID
        else { return nil }
        self.init(
            conversation: conversation, message: message, sequence: json["seq"]?.int,
            readCount: Int(json["readCount"]?.int ?? 0), unreadCount: Int(json["unreadCount"]?.int ?? 0),
            readers: (json["readers"]?.array ?? []).compactMap { reader in
                guard let user = reader["user"]?.user, let at = reader["at"]?.date else { return nil }
                return Reader(user: user, at: at)
            })
    }
}

extension Sent {
    init?(_ json: JSON) {
        guard let conversation = json["conversation"]?.conversation, let message = json["message"]?.messageID
        else { return nil }
        self.init(
            conversation: conversation, message: message, sequence: json["seq"]?.int,
            sentAt: json["sentAt"]?.date ?? .now, id: json["id"]?.string ?? "", isRepeat: json["repeat"]?.bool ?? false)
    }
}

extension Change {
    init(_ json: JSON) { self.init(id: json["id"]?.messageID, sequence: json["seq"]?.int) }
}

extension Refusal {
    init(_ json: JSON) {
        self.init(
            code: Code(rawValue: json["code"]?.string ?? "fault"), message: json["message"]?.string ?? "",
            until: json["until"]?.date)
    }
}
