import ParleyCore
import ParleyDialectKit
import ParleyJSON

// What members of a chat room are tagged with, so that all who are can be muted at once. A tag is gone when its bearer leaves.
// Source: facts/easemob-server.md 3.10 (chatroom_label_mute).

/// Tags of members, among their attributes, where they are no other dialect's, nor ours to show.
struct RoomTags: Sendable {
    private static let prefix = "easemob-tag."

    static let maximumTags = 10
    private static let maximumCharacters = 32

    /// - Throws: `exceed_limit`.
    static func check(_ tag: String) throws(Refusal) {
        guard !tag.isEmpty, tag.count <= Self.maximumCharacters else {
            throw .exceedsLimit("tag length exceeds limit!")
        }
    }

    static func of(_ member: Member) -> [String] {
        member.attributes.keys.filter { $0.hasPrefix(Self.prefix) }.map { String($0.dropFirst(Self.prefix.count)) }
            .sorted()
    }

    static func set(_ tags: [String], on member: inout Member) {
        member.attributes = member.attributes.filter { !$0.key.hasPrefix(Self.prefix) }
        for tag in tags { member.attributes[Self.prefix + tag] = "1" }
    }
}

/// In the place of those that he had.
struct SetRoomTags: GroupEndpoint {
    typealias Kind = ChatRooms

    static let description = EndpointDescription(
        "PUT", "\(Kind.path)/users/{username}/tag", "Tag a member of a chat room",
        page: "设置用户在聊天室中的标签 (chatroom_user_tag_set)")
    static let callers = Callers.application

    let right = Right.anyone
    let tags: [String]

    init(_ call: Call) throws {
        guard let tags = try call.object().value("tags")?.array else {
            throw Refusal.invalidParameter("tags should be type of List")
        }
        self.tags = try tags.map { tag in
            guard let text = tag.string else { throw Refusal.invalidParameter("tags should be type of List") }
            try RoomTags.check(text)
            return text
        }
        .uniqued()
        guard self.tags.count <= RoomTags.maximumTags else {
            throw Refusal.exceedsLimit("user group tag count exceed limit")
        }
    }

    func perform(_ call: Call, in group: GroupSnapshot) async throws {
        let user = call.user()
        try await call.core.changeMember(user, of: group.group.id, in: call.app.id) { member, _ in
            RoomTags.set(self.tags, on: &member)
        }
        let until = self.tags.compactMap { group.group.muteEnd(of: $0, at: call.now) }.max()
        if let until {
            try await call.core.mute([user], in: group.group.id, of: call.app.id, until: until, by: nil)
        }
    }

    func encode(_: Void, _ call: Call) -> Answer { .tagged }
}

/// With the moment until which those who bear it may not speak: 0 where they may, -1 for ever.
struct GetRoomTags: GroupEndpoint {
    typealias Kind = ChatRooms

    static let description = EndpointDescription(
        "GET", "\(Kind.path)/users/{username}/tag", "Get the tags of a member of a chat room",
        page: "获取用户聊天室标签 (chatroom_user_tag_get)")
    static let callers = Callers.application

    let right = Right.anyone

    init(_ call: Call) {}

    func perform(_ call: Call, in group: GroupSnapshot) throws -> [(key: String, value: String)] {
        guard let member = group.members[call.user()] else {
            throw Rejection.notMember(call.user(), of: group.group.id)
        }
        return RoomTags.of(member).map { tag in
            switch group.group.muteEnd(of: tag, at: call.now) {
            case nil: (tag, "0")
            case .distantFuture?: (tag, "-1")
            case let end?: (tag, String(end.milliseconds))
            }
        }
    }

    func encode(_ tags: [(key: String, value: String)], _ call: Call) -> Answer {
        Answer.data { $0.texts(tags) }.noEntities()
    }
}

/// All who bear a tag, and who get it while it is muted, are among the muted of the room.
struct MuteRoomTag: GroupEndpoint {
    typealias Kind = ChatRooms

    static let description = EndpointDescription(
        "PUT", "\(Kind.path)/tag/mute", "Mute the members of a chat room who have a tag",
        page: "聊天室用户标签禁言 (chatroom_user_tag_mute)")
    static let callers = Callers.application

    let right = Right.anyone
    let tag: String
    let seconds: Int64

    init(_ call: Call) throws {
        let json = try call.object()
        guard let tag = try json.text("tag") else { throw Malformed("tag", .missing) }
        try RoomTags.check(tag)
        guard let seconds = try json.number("mute_duration") else { throw Malformed("mute_duration", .missing) }
        guard (-1...Int64(Int32.max)).contains(seconds) else { throw Malformed("mute_duration", .invalid) }
        self.tag = tag
        self.seconds = seconds
    }

    func perform(_ call: Call, in group: GroupSnapshot) async throws {
        let bearers = group.membersInOrder.filter { RoomTags.of($0).contains(self.tag) }.map(\.user)
        guard !bearers.isEmpty || group.group.note(of: self.tag, in: .mutedTags) != nil else {
            throw Refusal.resourceNotFound("group tag not found")
        }
        let until: Timestamp? =
            switch self.seconds {
            case 0: nil
            case -1: .distantFuture
            default: call.now.adding(seconds: self.seconds)
            }
        try await call.core.changeGroup(group.group.id, in: call.app.id) { group in
            group.setMuteEnd(until, of: self.tag)
        }
        if !bearers.isEmpty {
            try await call.core.mute(bearers, in: group.group.id, of: call.app.id, until: until, by: nil)
        }
    }

    func encode(_: Void, _ call: Call) -> Answer { .tagged }
}

extension Group {
    /// Nil: who bears it may speak.
    fileprivate func muteEnd(of tag: String, at now: Timestamp) -> Timestamp? {
        self.note(of: tag, in: .mutedTags).flatMap { Int64($0) }.map { Timestamp(milliseconds: $0) }
            .flatMap { $0 > now ? $0 : nil }
    }

    fileprivate mutating func setMuteEnd(_ until: Timestamp?, of tag: String) {
        if let until {
            self.enlist(tag, in: .mutedTags, String(until.milliseconds))
        } else {
            self.strike(tag, from: .mutedTags)
        }
    }
}

extension Answer {
    fileprivate static var tagged: Answer {
        Answer.data { json in json.object { $0.field("result", true) } }.noEntities()
    }
}
