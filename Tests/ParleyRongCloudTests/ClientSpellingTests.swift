import ParleyCore
import ParleyJSON
import ParleyRongCloud
import ParleyTesting
import Testing

/// What clients are told, whoever said it.
@Suite struct ClientSpellingTests {
    private static let alice = UserID("alice")
    private static let bob = UserID("bob")
    private static let carol = UserID("carol")
    private static let app = AppID("demo")
    private static let direct = ConversationID(app: Self.app, .direct(Self.alice, Self.bob))
    private static let group = ConversationID(app: Self.app, .group(GroupID("g")))
    private static let id = MessageID(sentAt: Timestamp(milliseconds: 1_700_000_000_123), slot: 5)

    private static func message(
        _ content: Content = .text("hi"), from sender: UserID = Self.alice, dialect: String = "tencent",
        _ change: (inout MessageOptions) -> Void = { _ in }
    ) -> Message {
        var options = MessageOptions()
        change(&options)
        return Message(
            sender: sender, content: content,
            native: Native(dialect: DialectName(dialect), payload: Array("{}".utf8)), options: options)
    }

    private static func entry(
        _ message: Message, in conversation: ConversationID = Self.direct, sequence: UInt64? = 1,
        _ fate: Entry.Fate = Entry.Fate()
    ) -> Entry {
        Entry(conversation: conversation, sequence: sequence, id: Self.id, body: .message(message), fate: fate)
    }

    private static func told(_ entry: Entry, _ user: UserID = Self.bob) -> WireDownStreamMessage? {
        ClientSpelling.downStream(entry, for: user, dataTime: 77)
    }

    // MARK: Addresses

    @Test func aPrivateMessageIsFromThePeerWhoeverSentIt() throws {
        let entry = Self.entry(Self.message())
        let received = try #require(Self.told(entry))
        #expect(received.type == 1 && received.fromUserID == "alice" && !received.hasGroupID && !received.hasDirection)
        let own = try #require(Self.told(entry, Self.alice))
        #expect(own.type == 1 && own.fromUserID == "bob" && own.groupID == "bob" && own.direction == 1)
        let uid = MessageUID(Self.id, in: .direct, target: "bob").description
        #expect(received.msgID == uid && own.msgID == uid)
        #expect(ClientSpelling.uid(of: entry).description == uid)
        #expect(received.dataTime == 77 && received.isComplete)
    }

    @Test func groupsRoomsAndTheAppHaveTypesOfTheirOwn() throws {
        let inGroup = try #require(Self.told(Self.entry(Self.message(), in: Self.group)))
        #expect(inGroup.type == 3 && inGroup.fromUserID == "alice" && inGroup.groupID == "g")
        let own = try #require(Self.told(Self.entry(Self.message(), in: Self.group), Self.alice))
        #expect(own.direction == 1 && own.fromUserID == "alice")
        let room = ConversationID(app: Self.app, .chatRoom("r"))
        let inRoom = try #require(Self.told(Self.entry(Self.message(), in: room)))
        #expect(inRoom.type == 4 && inRoom.groupID == "r")
        #expect(inRoom.msgID == MessageUID(Self.id, in: .room, target: "r").description)
        let live = ClientSpelling.downStream(
            Self.entry(Self.message(), in: Self.group), for: Self.bob, dataTime: 1, isChatRoom: true)
        #expect(live?.type == 4 && live?.groupID == "g")
        let system = ConversationID(app: Self.app, .system(Self.bob))
        let fromApp = try #require(Self.told(Self.entry(Self.message(), in: system)))
        #expect(fromApp.type == 6 && fromApp.fromUserID == "alice")
    }

    // MARK: Contents

    @Test func whatItsOwnDialectSaidIsVerbatim() throws {
        let wire = WireMessage(objectName: "App:Order", content: "no { JSON")
        let message = Message(sender: Self.alice, content: wire.reading.content, native: wire.native)
        let down = try #require(Self.told(Self.entry(message)))
        #expect(down.classname == "App:Order" && down.text == "no { JSON")
    }

    @Test(arguments: [
        (Content.text("x"), "RC:TxtMsg"), (.image(Media(url: "u")), "RC:ImgMsg"),
        (.voice(Media(url: "u")), "RC:HQVCMsg"), (.video(Media(url: "u")), "RC:SightMsg"),
        (.file(Media(url: "u", name: "a.txt")), "RC:FileMsg"),
        (.location(Location(latitude: 1, longitude: 2, address: nil)), "RC:LBSMsg"),
        (.command(name: "n", data: "d"), "RC:CmdMsg"), (.combined([.text("a"), .text("b")]), "RC:TxtMsg"),
        (.custom(type: "App:Own", data: "d"), "App:Own"), (.custom(type: "", data: "d"), "Parley:Custom"),
        (.face(index: 1, data: ""), "Parley:Face"),
    ])
    func otherDialectsMessagesAreOfTheNearestType(_ content: Content, _ objectName: String) throws {
        for dialect in ["tencent", "easemob", "parley"] {
            let down = try #require(Self.told(Self.entry(Self.message(content, dialect: dialect))))
            #expect(down.classname == objectName)
        }
    }

    private static func options(_ change: (inout MessageOptions) -> Void) -> MessageOptions {
        var options = MessageOptions()
        change(&options)
        return options
    }

    private static let treatments: [(Int64, MessageOptions)] = [
        (0x30, MessageOptions()), (0x20, Self.options { $0.keptInHistory = false }),
        (0x20, Self.options { $0.isLiveOnly = true }), (0x10, Self.options { $0.countsAsUnread = false }),
        (0x70, Self.options { $0.mention = .everyone }), (0x230, Self.options { $0.push.isDisabled = true }),
        (0x430, Self.options { $0.isExpandable = true }),
    ]

    @Test(arguments: Self.treatments)
    func treatmentIsInTheStatus(_ status: Int64, _ options: MessageOptions) throws {
        let entry = Self.entry(Self.message { $0 = options })
        #expect(Self.told(entry)?.status == status)
        #expect(ClientSpelling.upStream(entry, by: Self.alice)?.message.sessionID == Int32(status >> 4))
    }

    @Test func whatNeverRingsIsNotSilenced() throws {
        // No App said so: it is of a type that has no text to show.
        let message = Self.message(.custom(type: "App:Own", data: "d")) { $0.push.isDisabled = true }
        #expect(Self.told(Self.entry(message))?.status == 0x30)
    }

    @Test func pushTextAndExpansionComeAlong() throws {
        let message = Self.message(.text("hi")) {
            $0.push.text = "look"
            $0.isExpandable = true
            $0.expansion = ["b": "2", "a": "1"]
        }
        let down = try #require(Self.told(Self.entry(message)))
        #expect(down.pushContent == "look" && down.extraContent == #"{"a":{"v":"1"},"b":{"v":"2"}}"#)
    }

    // MARK: What became of it

    @Test func anEditIsTheMessageAgainAsModified() throws {
        let edit = Edit(
            target: Self.id, message: Self.message(.text("new")),
            mark: EditMark(by: Self.alice, at: .distantPast, count: 1))
        let later = MessageID(sentAt: Timestamp(milliseconds: 1_700_000_009_000), slot: 0)
        let entry = Entry(conversation: Self.direct, sequence: 2, id: later, body: .edit(edit))
        let down = try #require(Self.told(entry))
        #expect(down.msgID == MessageUID(Self.id, in: .direct, target: "bob").description)
        #expect(down.extStatus == 4 && down.json?["content"]?.string == "new")
        #expect(ClientSpelling.upStream(entry, by: Self.alice) == nil)
        let edited = Self.entry(
            Self.message(), Entry.Fate(edit: EditMark(by: Self.alice, at: .distantPast, count: 1)))
        #expect(Self.told(edited)?.extStatus == 4)
        #expect(Self.told(Self.entry(Self.message()))?.hasExtStatus == false)
    }

    @Test func aRecallIsTheVendorsCommand() throws {
        var recall = Recall(target: Self.id, targetSequence: 1, by: Self.alice, attachment: "why")
        recall.leavesNoTrace = true
        let entry = Entry(conversation: Self.direct, sequence: 2, id: Self.id, body: .recall(recall))
        let uid = MessageUID(Self.id, in: .direct, target: "bob").description
        for (user, direction) in [(Self.bob, Int32(0)), (Self.alice, 1)] {
            let down = try #require(Self.told(entry, user))
            #expect(down.classname == "RC:RcCmd" && down.direction == direction && down.status == 0)
            #expect(down.fromUserID == (user == Self.bob ? "alice" : "bob"))
            #expect(down.json?["messageUId"]?.string == uid && down.json?["conversationType"]?.int == 1)
            #expect(down.json?["targetId"]?.string == "bob" && down.json?["extra"]?.string == "why")
            #expect(down.json?["isDelete"]?.bool == true && down.json?["isAdmin"]?.bool == false)
            #expect(down.json?["sentTime"]?.int == Self.id.sentAt.milliseconds)
        }
        let echo = try #require(ClientSpelling.upStream(entry, by: Self.alice))
        #expect(echo.topic == "recallMsg" && echo.target == "alice" && echo.message.classname == "RC:RcCmd")
        #expect(ClientSpelling.upStream(entry, by: Self.bob) == nil)
    }

    @Test func aRecallByTheAppNamesTheMessageAsItsSenderDid() async throws {
        let client = try await Client.make()
        let sent = try #require(try await client.publish("ppMsgP", to: "bob"))
        try await client.bench.core.recall(
            RecallMessage(app: client.bench.app.id, target: .id(sent.id), by: Self.bob, byAdministrator: true))
        let entry = try #require(client.entries.last)
        let subject = try await ClientSpelling.subject(of: entry, in: client.bench.core)
        let down = try #require(
            ClientSpelling.downStream(entry, subject: subject, for: Self.alice, dataTime: 1))
        #expect(down.json?["messageUId"]?.string == sent.uid.description)
        #expect(down.json?["isAdmin"]?.bool == true && down.fromUserID == "bob" && down.direction == 0)
    }

    @Test func inHistoryARecallLeavesALineUnlessItWasToLeaveNone() throws {
        let recalled = Self.entry(Self.message(), Entry.Fate(isRecalled: true))
        let down = try #require(ClientSpelling.history(recalled, for: Self.bob, dataTime: 77))
        #expect(down.classname == "RC:RcNtf" && down.json?["operatorId"]?.string == "alice")
        #expect(down.json?["originalObjectName"]?.string == "RC:TxtMsg" && !down.text.contains("hi"))
        #expect(down.msgID == MessageUID(Self.id, in: .direct, target: "bob").description && down.status == 0x10)
        let gone = Self.entry(Self.message(), Entry.Fate(isRecalled: true, leavesNoTrace: true))
        #expect(ClientSpelling.history(gone, for: Self.bob, dataTime: 77) == nil)
        let there = Self.entry(Self.message())
        #expect(ClientSpelling.history(there, for: Self.bob, dataTime: 77) == Self.told(there))
    }

    @Test func noticesAreNotTold() {
        let entry = Entry(
            conversation: Self.group, sequence: 1, id: Self.id, body: .notice(.joined([Self.carol], by: nil)))
        #expect(Self.told(entry) == nil)
        #expect(ClientSpelling.history(entry, for: Self.bob, dataTime: 1) == nil)
        #expect(ClientSpelling.upStream(entry, by: Self.carol) == nil)
    }

    // MARK: Other devices

    @Test func ownMessagesComeBackAsTheyWereSaid() async throws {
        let client = try await Client.make()
        try await client.publish("pgMsgP", to: "demo-group", flags: 0x43) {
            $0.pushWords = "look"
            $0.pushData = "data"
            $0.userID = ["bob"]
            $0.extraContent = #"{"k":{"v":"1"}}"#
        }
        let entry = try #require(client.entries.first)
        let echo = try #require(ClientSpelling.upStream(entry, by: Self.alice))
        #expect(echo.topic == "pgMsgP" && echo.target == "demo-group")
        #expect(echo.message.classname == "RC:TxtMsg")
        #expect(echo.message.contentBytes == Array(#"{"content":"hi"}"#.utf8))
        #expect(echo.message.pushWords == "look" && echo.message.pushData == "data" && echo.message.userID == ["bob"])
        #expect(echo.message.extraContent == #"{"k":{"v":"1"}}"#)
        // Directed messages are not kept, unless the App says so.
        #expect(echo.message.sessionID == 0x42)
        #expect(ClientSpelling.upStream(entry, by: Self.bob) == nil)
    }

    @Test(
        arguments: [
            (Self.direct.conversation, 1, "ppMsgP", "bob"), (Self.direct.conversation, nil, "ppMsgS", "bob"),
            (Self.group.conversation, 1, "pgMsgP", "g"), (Self.group.conversation, nil, "pgMsgS", "g"),
            (.chatRoom("r"), 1, "chatMsg", "r"), (.system(Self.alice), 1, nil, ""),
        ] as [(Conversation, UInt64?, String?, String)])
    func theTopicFollowsTheConversation(
        _ conversation: Conversation, _ sequence: UInt64?, _ topic: String?, _ target: String
    ) {
        let entry = Self.entry(
            Self.message(), in: ConversationID(app: Self.app, conversation), sequence: sequence)
        let echo = ClientSpelling.upStream(entry, by: Self.alice)
        #expect(echo?.topic == topic && (echo?.target ?? "") == target)
        if let topic { #expect(ClientTopic.isAcknowledged(topic) == (sequence != nil)) }
    }

    // MARK: Events

    @Test func otherEventsAreNotToldAsMessages() {
        let conversation = Self.direct.conversation
        let acknowledgement = Acknowledgement(id: Self.id, sequence: 1, sender: Self.alice, readCount: 1)
        let place = Place(user: Self.bob, conversation: conversation)
        for event in [
            Event.membership(Self.group.conversation, isMember: true), .deleted(conversation, [Self.id]),
            .presence(Self.bob, []), .acknowledged(conversation, acknowledgement, by: Self.bob, at: .distantPast),
            .typing(Self.group.conversation, from: Self.bob, isTyping: true),
            .place(PlaceChange(place, before: place)),
        ] {
            #expect(ClientSpelling.downStream(event, for: Self.alice, dataTime: 1) == nil)
        }
    }

    @Test func aReadingIsToldWithItsMomentWhereTheMessageIsNotKnown() throws {
        let event = Event.read(
            Self.direct.conversation, by: Self.bob, through: 1, at: Timestamp(milliseconds: 55))
        let down = try #require(ClientSpelling.downStream(event, for: Self.alice, id: Self.id, dataTime: 77))
        #expect(down.json?["lastMessageSendTime"]?.int == 55 && down.json?["messageUId"]?.string == "")
        #expect(down.msgID == MessageUID(Self.id, in: .direct, target: "alice").description)
    }
}
