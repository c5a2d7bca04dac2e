import ParleyCore
import ParleyDialectKit
import ParleyJSON
import SwiftProtobuf
import Testing

@testable import ParleyEasemob

/// What clients are told of reactions and threads. Source: facts/easemob-client.md 4 and 5.
@Suite struct ClientThreadTests {
    private static let alice = UserID("alice")
    private static let bob = UserID("bob")
    private static let now = Timestamp(milliseconds: 1_700_000_000_123)
    private static let id = MessageID(sentAt: Self.now, slot: 1)
    private static let said = MessageID(sentAt: Self.now.adding(milliseconds: -5), slot: 2)
    private static let thread = Group(
        thread: GroupID("900"), on: ThreadOrigin(group: GroupID("g"), message: Self.said), name: "topic",
        owner: Self.bob, createdAt: Self.now)
    private static let entry = Entry(
        conversation: ConversationID(app: AppID("demo"), .group(GroupID("900"))), sequence: 1, id: Self.id,
        body: .message(Self.message))
    private static let message = Message(
        sender: Self.bob, content: .text("hi"), native: Native(dialect: .parley, payload: Array("{}".utf8)))

    private let spelling = ClientSpelling(appKey: "parley#demo", user: Self.alice)

    private func one(_ event: Event) throws -> WireMeta {
        let metas = self.spelling.metas(of: event, id: Self.id)
        #expect(metas.count == 1)
        return try #require(metas.first)
    }

    /// The one note in it.
    private func notification(_ event: Event, _ type: String) throws -> JSON {
        let meta = try self.one(event)
        #expect(meta.ns == 5 && meta.payload.allSatisfy { $0 >= 0x10 }, "SDKs could not read it")
        let json = try JSON(parsing: Array(meta.payload))
        #expect(json["type"]?.string == type)
        return try #require(json["data"])
    }

    private static func reaction(_ kind: String, _ users: [UserID]) -> Reaction {
        Reaction(
            kind: kind, count: users.count, users: users, isOwn: false, firstAt: Self.now, lastAt: Self.now)
    }

    // MARK: Reactions

    @Test func aReactionIsToldWithAllThatTheMessageHas() throws {
        let change = ReactionChange(
            "👍", isAdded: true, to: Self.said, in: .group(GroupID("g")), by: Self.bob, at: Self.now,
            reactions: [Self.reaction("a", [Self.alice]), Self.reaction("👍", [Self.alice, Self.bob])])
        let data = try self.notification(.reacted(change), "reaction")
        let expected =
            #"[{"from":"bob","to":"g","channel_type":"groupchat","messageId":"\#(Self.said.easemob)","reactions":["#
            + #"{"reaction":"a","count":1,"userList":["alice"]},{"reaction":"👍","count":2,"#
            + #""userList":["alice","bob"],"op":[{"reactionType":"create","operator":"bob"}]}],"ts":1700000000123}]"#
        #expect(try Plain(expected) == Plain(data))
    }

    @Test(arguments: [(Self.alice, "bob"), (Self.bob, "alice")])
    func theLastOneTakenBackIsToldAsNone(by user: UserID, to other: String) throws {
        let change = ReactionChange(
            "👍", isAdded: false, to: Self.said, in: .direct(Self.alice, Self.bob), by: user, at: Self.now, reactions: []
        )
        let data = try self.notification(.reacted(change), "reaction")
        #expect(data.array?[0]["to"]?.string == other && data.array?[0]["channel_type"]?.string == "chat")
        let expected =
            #"[{"reaction":"👍","count":0,"userList":[],"op":[{"reactionType":"delete","operator":"\#(user)"}]}]"#
        #expect(try Plain(expected) == Plain(#require(data.array?[0]["reactions"])))
    }

    // MARK: Threads

    private static let overview = ThreadOverview(
        messageCount: 3, last: ThreadOverview.LastMessage(Self.id, Self.message))

    @Test(arguments: [
        (ThreadChange.Kind.started, "create", ""), (.renamed(messageCount: 2), "update", #","message_count":2"#),
        (.ended, "delete", ""),
        (
            .said(ThreadOverview(messageCount: 0, last: nil)), "update_msg",
            #","message_count":0,"last_message":{}"#
        ),
    ])
    func whatBecomesOfAThreadIsTold(_ kind: ThreadChange.Kind, _ operation: String, _ more: String) throws {
        let data = try self.notification(.thread(ThreadChange(kind, of: Self.thread, by: Self.bob)), "thread")
        let expected =
            #"{"id":"900","name":"topic","muc_parent_id":"g","msg_parent_id":"\#(Self.said.easemob)","#
            + #""timestamp":1700000000123,"from":"bob","operation":"\#(operation)"\#(more)}"#
        #expect(try Plain(expected) == Plain(data))
    }

    @Test func theLastMessageOfAThreadIsInTheFormOfTheRESTAPI() throws {
        let data = try self.notification(
            .thread(ThreadChange(.said(Self.overview), of: Self.thread, by: nil)), "thread")
        #expect(data["from"]?.string == "admin" && data["message_count"]?.int == 3)
        let expected =
            #"{"id":"\#(Self.id.easemob)","from":"parley#demo_bob","to":"parley#demo_900","timestamp":1700000000123,"#
            + #""payload":{"from":"bob","to":"900","type":"groupchat","ext":{},"bodies":[{"type":"txt","msg":"hi"}],"#
            + #""meta":{"thread":{"msg_parent_id":"\#(Self.said.easemob)","muc_parent_id":"g","thread_name":"topic"}}}}"#
        #expect(try Plain(expected) == Plain(#require(data["last_message"])))
    }

    @Test(arguments: [
        (ThreadChange.Kind.own(.started), 33 as Int32), (.own(.ended), 34), (.own(.joined), 35), (.own(.left), 36),
        (.removed([Self.alice]), 37), (.own(.renamed), 38),
    ])
    func whatAUserDoesHisOtherDevicesAreTold(_ kind: ThreadChange.Kind, _ operation: Int32) throws {
        let meta = try self.one(.thread(ThreadChange(kind, of: Self.thread, by: Self.alice)))
        let body = try WireMUCBody(serializedBytes: Array(meta.payload))
        #expect(meta.ns == 2 && body.operation == operation)
        #expect(body.isThread && body.mucID.name == "900" && body.mucID.domain == "conference.easemob.com")
        #expect(body.mucParentID.name == "g" && body.mucParentID.domain == "conference.easemob.com")
        #expect(body.from.name == "alice" && body.to.map(\.name) == ["alice"] && body.mucName == "topic")
    }

    @Test func ofRemovalsOthersAreNotTold() {
        let change = ThreadChange(.removed([Self.bob]), of: Self.thread, by: nil)
        #expect(self.spelling.metas(of: .thread(change), id: Self.id).isEmpty)
    }

    // MARK: Messages

    private func notes(_ notes: MessageNotes) throws -> JSON? {
        let body = try WireMessageBody(
            serializedBytes: Array(#require(self.spelling.meta(of: Self.entry, notes)).payload))
        return body.meta.isEmpty ? nil : try JSON(parsing: body.meta)
    }

    @Test func aMessageSaysWhichThreadItIsIn() throws {
        #expect(try self.notes(MessageNotes()) == nil)
        let inThread = try #require(try self.notes(MessageNotes(in: Self.thread)))
        let expected =
            #"{"thread":{"msg_parent_id":"\#(Self.said.easemob)","muc_parent_id":"g","thread_name":"topic"}}"#
        #expect(try Plain(expected) == Plain(inThread))
        var group = Self.thread
        group.origin = nil
        #expect(try self.notes(MessageNotes(in: group)) == nil)
    }

    @Test func aMessageSaysWhatItHas() throws {
        var notes = MessageNotes()
        notes.started = (Self.thread, ThreadOverview(messageCount: 0, last: nil))
        var reaction = Self.reaction("a", [Self.alice])
        reaction.isOwn = true
        notes.reactions = [reaction]
        let expected =
            #"{"reaction":[{"reaction":"a","count":1,"userList":["alice"],"state":true}],"#
            + #""thread_overview":{"id":"900","muc_parent_id":"g","name":"topic","last_message":{},"#
            + #""create_timestamp":1700000000123,"update_timestamp":1700000000123,"message_count":0}}"#
        #expect(try Plain(expected) == Plain(#require(try self.notes(notes))))
    }
}
