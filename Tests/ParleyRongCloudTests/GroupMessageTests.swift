import ParleyCore
import ParleyRongCloud
import Testing

/// What is said in a group is spelled once, and is for each member what it would be for him alone.
struct GroupMessageTests {
    private static let alice = UserID("alice")
    private static let bob = UserID("bob")
    private static let group = ConversationID(app: AppID("demo"), .group(GroupID("g")))
    private static let id = MessageID(sentAt: Timestamp(milliseconds: 1_700_000_000_123), slot: 5)

    private static func message(_ text: String = "hi") -> Message {
        var options = MessageOptions()
        options.push.text = "push"
        options.isExpandable = true
        options.expansion = ["k": "v"]
        return Message(
            sender: self.alice, content: .text(text), native: Native(dialect: .parley, payload: Array("{}".utf8)),
            options: options)
    }

    private static func entry(
        _ body: Entry.Body, in conversation: ConversationID = Self.group, _ fate: Entry.Fate = Entry.Fate()
    ) -> Entry { Entry(conversation: conversation, sequence: 3, id: self.id, body: body, fate: fate) }

    private static let mark = EditMark(by: Self.alice, at: Timestamp(milliseconds: 1_700_000_001_000), count: 1)
    private static let shared: [Entry] = [
        Self.entry(.message(Self.message())),
        Self.entry(.message(Self.message("🙂"))),
        Self.entry(.message(Self.message()), Entry.Fate(edit: Self.mark)),
        Self.entry(.recall(Recall(target: Self.id, by: Self.alice))),
        Self.entry(.recall(Recall(target: Self.id, by: Self.alice, byAdministrator: true))),
        Self.entry(.edit(Edit(target: Self.id, message: Self.message(), mark: Self.mark))),
    ]

    @Test(arguments: Self.shared) func itsBytesAreTheMessages(_ entry: Entry) throws {
        let shared = try #require(GroupMessage(entry))
        #expect(shared.sender == Self.alice)
        for time in [0, 127, 128, 1_700_000_000_123, 1_700_000_000_124, Int64.max] {
            let alone = try #require(ClientSpelling.downStream(entry, for: Self.bob, dataTime: time))
            #expect(shared.bytes(dataTime: time) == alone.wireBytes)
        }
    }

    @Test func whatOldSDKsCannotReadIsKnown() throws {
        #expect(try #require(GroupMessage(Self.shared[0])).isLong == false)
        #expect(try #require(GroupMessage(Self.shared[1])).isLong)
    }

    @Test func whatDiffersIsNotShared() {
        let message = Entry.Body.message(Self.message())
        let app = AppID("demo")
        #expect(GroupMessage(Self.entry(message, in: ConversationID(app: app, .direct(Self.alice, Self.bob)))) == nil)
        #expect(GroupMessage(Self.entry(message, in: ConversationID(app: app, .chatRoom("r")))) == nil)
        #expect(GroupMessage(Self.entry(message, in: ConversationID(app: app, .system(Self.bob)))) == nil)
        let nobodys = Recall(target: Self.id, by: UserID(""), byAdministrator: true)
        #expect(GroupMessage(Self.entry(.recall(nobodys))) == nil)
    }
}
