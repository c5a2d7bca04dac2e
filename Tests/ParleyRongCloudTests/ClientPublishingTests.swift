import ParleyCore
import ParleyJSON
import ParleyRongCloud
import ParleyTesting
import Testing

/// What a client's PUBLISH leaves behind, and what it is told.
@Suite struct ClientPublishingTests {
    private static let direct = Conversation.direct(UserID("alice"), UserID("bob"))
    private static let group = Conversation.group(GroupID("demo-group"))

    // MARK: Topics

    @Test func aPrivateMessageIsStoredAndAnsweredWithItsID() async throws {
        let alice = try await Client.make()
        let receipt = try #require(try await alice.publish("ppMsgP", to: "bob"))
        let entry = try #require(alice.entries.first)
        #expect(entry.conversation.conversation == Self.direct)
        #expect(receipt.id == entry.id && receipt.sentAt == entry.sentAt && !receipt.isRepeat)
        #expect(receipt.uid == MessageUID(entry.id, in: .direct, target: "bob"))
        let message = try #require(entry.message)
        #expect(message.sender == alice.user && message.audience == .everyone)
        #expect(message.content == .text("hi"))
        #expect(WireMessage(message) == WireMessage(objectName: "RC:TxtMsg", content: #"{"content":"hi"}"#))
        #expect(message.options == MessageOptions())
    }

    @Test func aGroupMessageIsStoredOnce() async throws {
        let alice = try await Client.make()
        let receipt = try #require(try await alice.publish("pgMsgP", to: "demo-group"))
        #expect(alice.entries.map(\.conversation.conversation) == [Self.group])
        #expect(receipt.uid == MessageUID(receipt.id, in: .group, target: "demo-group"))
    }

    @Test func aChatRoomMessageIsOfTheRoom() async throws {
        let alice = try await Client.make()
        #expect(try await alice.status("chatMsg", to: "r1") == 23410)
        let now = alice.bench.clock.now()
        try await alice.bench.core.createGroup(
            CreateGroup(
                app: alice.bench.app.id,
                group: Group(id: GroupID(chatRoom: "r1"), type: .chatRoom, name: "", owner: nil, createdAt: now),
                members: [Member(user: alice.user, joinedAt: now)]))
        let receipt = try #require(try await alice.publish("chatMsg", to: "r1"))
        #expect(receipt.uid == MessageUID(receipt.id, in: .room, target: "r1"))
        #expect(alice.entries.last?.conversation.conversation == .chatRoom("r1"))
        #expect(try await alice.other("bob").status("chatMsg", to: "r1") == 23406)
        let down = try #require(alice.other("bob").told(alice.entries.last))
        #expect(down.type == 4 && down.groupID == "r1" && down.fromUserID == "alice")
    }

    @Test(arguments: [("ppMsgS", "bob"), ("pgMsgS", "demo-group")])
    func statusMessagesReachThoseOnlineAndAreNotAcknowledged(_ topic: String, _ target: String) async throws {
        let alice = try await Client.make()
        #expect(try await alice.publish(topic, to: target) == nil)
        #expect(alice.entries.isEmpty)
        let ephemeral = try #require(alice.bench.signals.ephemerals.first)
        #expect(ephemeral.entry.sequence == nil && ephemeral.entry.message?.content == .text("hi"))
        // Nor is a refusal.
        #expect(try await alice.publish(topic, to: "nobody") == nil)
        #expect(alice.bench.signals.ephemerals.count == 1)
    }

    @Test func aTopicWithoutPushRingsNobody() async throws {
        let alice = try await Client.make()
        try await alice.publish("ppMsgN", to: "bob")
        #expect(alice.messages.first?.options.push.isDisabled == true)
    }

    @Test(
        arguments: [
            ("pdMsgP", 20407), ("pcMsgP", 20606), ("pcuMsgP", 20606), ("pmcMsgN", 20606), ("pmpMsgN", 20606),
            ("prMsgP", 20606), ("ugMsg", 24401), ("operate", 24401), ("noSuchTopic", 20606), ("", 20606),
        ] as [(String, UInt16)])
    func whatThisServerDoesNotHaveIsRefused(_ topic: String, _ status: UInt16) async throws {
        let alice = try await Client.make()
        #expect(try await alice.status(topic, to: "bob") == status)
        #expect(alice.entries.isEmpty)
    }

    // MARK: How

    @Test(
        arguments: [
            (0, false, false), (1, true, false), (2, false, true), (3, true, true),
        ] as [(Int32, Bool, Bool)])
    func flagsSayWhatIsKeptAndCounted(_ flags: Int32, _ isKept: Bool, _ isCounted: Bool) async throws {
        let alice = try await Client.make()
        try await alice.publish("ppMsgP", to: "bob", flags: flags)
        let options = try #require(alice.messages.first?.options)
        #expect(options.keptInHistory == isKept)
        #expect(options.countsAsUnread == isCounted)
    }

    @Test func aMentionCountsWhereTheFlagSaysSo() async throws {
        let alice = try await Client.make()
        let content = #"{"content":"@bob","mentionedInfo":{"type":2,"userIdList":["bob"],"mentionedContent":""}}"#
        try await alice.publish("pgMsgP", to: "demo-group", "RC:TxtMsg", content, flags: 7)
        try await alice.publish("pgMsgP", to: "demo-group", "RC:TxtMsg", content, flags: 3)
        #expect(alice.messages.map(\.options.mention) == [.users([UserID("bob")]), nil])
    }

    @Test func pushOptionsAreTheServerAPIs() async throws {
        let alice = try await Client.make()
        try await alice.publish("ppMsgP", to: "bob") {
            $0.pushWords = "look"
            $0.pushData = "data"
            $0.configFlag = 0x08
            $0.pushExt.title = "T"
            $0.pushExt.pushConfigs = #"[{"HW":{"channelId":"c"}}]"#
        }
        let push = try #require(alice.messages.first?.options.push)
        #expect(push.text == "look" && push.data == "data" && push.title == "T" && !push.isDisabled)
        let kept = try JSON(parsing: try #require(push.native))
        #expect(kept["forceShowPushContent"]?.string == "1")
        #expect(kept["pushConfigs"]?.array?.first?["HW"]?["channelId"]?.string == "c")

        try await alice.publish("ppMsgP", to: "bob", flags: 0x23) { $0.pushExt.pushConfigs = "no JSON" }
        #expect(alice.messages.last?.options.push.isDisabled == true)
    }

    @Test func anExpansionIsKeptWithoutItsWrapping() async throws {
        let alice = try await Client.make()
        try await alice.publish("ppMsgP", to: "bob", flags: 0x43) { $0.extraContent = #"{"k":{"v":"1"},"l":"2"}"# }
        let options = try #require(alice.messages.first?.options)
        #expect(options.isExpandable && options.expansion == ["k": "1", "l": "2"])
        #expect(alice.other("bob").told(alice.entries.first)?.extraContent == #"{"k":{"v":"1"},"l":{"v":"2"}}"#)
        let refusal = await #expect(throws: ClientRefusal.self) {
            try await alice.publish("ppMsgP", to: "bob", flags: 0x43) { $0.extraContent = "[]" }
        }
        #expect(refusal?.status == 22203)
    }

    @Test func aDirectedMessageIsForThoseWhomItNames() async throws {
        let alice = try await Client.make()
        try await alice.publish("pgMsgP", to: "demo-group") { $0.userID = ["bob"] }
        let message = try #require(alice.messages.first)
        #expect(message.audience == .only([UserID("bob")]))
        #expect(!message.options.keptInHistory)
    }

    @Test func whatIsSentAgainIsOneMessage() async throws {
        let alice = try await Client.make()
        let first = try #require(try await alice.publish("ppMsgP", to: "bob") { $0.clientUniqueID = 7 })
        let again = try #require(try await alice.publish("ppMsgP", to: "bob") { $0.clientUniqueID = 7 })
        #expect(again.isRepeat && again.id == first.id && again.uid == first.uid)
        try await alice.publish("ppMsgP", to: "bob", "RC:TxtMsg", #"{"content":"other"}"#) { $0.clientUniqueID = 7 }
        try await alice.other("bob").publish("ppMsgP", to: "alice") { $0.clientUniqueID = 7 }
        try await alice.publish("ppMsgP", to: "bob")
        try await alice.publish("ppMsgP", to: "bob")
        #expect(alice.entries.count == 5)
    }

    @Test func surrogatesOfOldSDKsAreMended() async throws {
        let alice = try await Client.make()
        try await alice.publish("ppMsgP", to: "bob") {
            $0.contentBytes = Array(#"{"content":""#.utf8) + [0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80] + Array(#""}"#.utf8)
            $0.pushText = .init([0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80])
        }
        #expect(alice.messages.first?.content == .text("😀"))
        #expect(alice.messages.first?.options.push.text == "\u{1F600}")
    }

    // MARK: Refusals

    @Test func theRulesHoldAsForAnyClient() async throws {
        let alice = try await Client.make()
        let bench = alice.bench
        try await bench.core.directory.write(in: bench.app.id) { transaction in
            try transaction.block(UserID("alice"), by: UserID("bob"))
            try transaction.mute(UserID("carol"), in: GroupID("demo-group"), until: .distantFuture)
        }
        #expect(try await alice.status("ppMsgP", to: "bob") == 405)
        #expect(try await alice.status("ppMsgP", to: "bob", "RC:TypSts", "{}") == 405)
        #expect(try await alice.status("ppMsgP", to: "nobody") == 24366)
        #expect(try await alice.status("pgMsgP", to: "no-group") == 22406)
        #expect(try await alice.other("administrator").status("pgMsgP", to: "demo-group") == 22406)
        #expect(try await alice.other("carol").status("pgMsgP", to: "demo-group") == 22408)
        #expect(alice.entries.isEmpty && bench.signals.announcements.isEmpty)
    }

    @Test func whatCannotBeReadIsRefused() async throws {
        let alice = try await Client.make()
        let caller = try await alice.caller()
        for payload in [[], [0xFF], [0x08, 0x03]] as [[UInt8]] {
            let refusal = await #expect(throws: ClientRefusal.self) {
                try await ClientPublishing.take(topic: "ppMsgP", target: "bob", payload: payload, from: caller)
            }
            #expect(refusal?.status == 33003)
        }
        #expect(try await alice.status("ppMsgP", to: "") == 33003)
        #expect(try await alice.status("ppMsgP", to: "bob", "") == 33003)
        #expect(try await alice.status("ppMsgP", to: "bob", String(repeating: "x", count: 33)) == 33003)
        let long = String(repeating: "x", count: 128 << 10)
        #expect(try await alice.status("ppMsgP", to: "bob", "App:x", long) == 0)
        #expect(try await alice.status("ppMsgP", to: "bob", "App:x", long + "x") == 30016)
        #expect(alice.entries.count == 1)
    }

    @Test func tooManyAtOnceAreRefused() async throws {
        let alice = try await Client.make()
        let caller = try await alice.caller(rates: true)
        var message = WireUpStreamMessage()
        message.sessionID = 3
        message.classname = "RC:TxtMsg"
        message.contentBytes = Array(#"{"content":"hi"}"#.utf8)
        let payload = message.wireBytes
        var statuses: Set<UInt16> = []
        for _ in 0..<60 {
            do {
                _ = try await ClientPublishing.take(topic: "ppMsgP", target: "bob", payload: payload, from: caller)
            } catch let refusal as ClientRefusal { statuses.insert(refusal.status) }
        }
        #expect(statuses == [20604])
        #expect(alice.entries.count == 50)
    }

    // MARK: Receipts and typing

    @Test func aReadReceiptIsTheCoresAndStoresNothing() async throws {
        let alice = try await Client.make()
        let bob = alice.other("bob")
        let first = try #require(try await alice.publish("ppMsgP", to: "bob"))
        try await alice.publish("ppMsgP", to: "bob")
        let content = #"{"messageUId":"\#(first.uid)","lastMessageSendTime":\#(first.sentAt.milliseconds),"type":1}"#
        let receipt = try #require(try await bob.publish("ppMsgP", to: "alice", "RC:ReadNtf", content, flags: 0))
        #expect(receipt.conversation == Self.direct && receipt.readThrough == 1)
        #expect(alice.entries.count == 2)
        #expect(try await bob.place(in: Self.direct).readThrough == 1)
        let event = try #require(alice.announcements.first { $0.recipients == .users([alice.user]) }?.event)

        let subject = try await ClientSpelling.subject(
            of: event, for: alice.user, in: alice.bench.app.id, alice.bench.core)
        let down = try #require(
            ClientSpelling.downStream(event, subject: subject, for: alice.user, dataTime: 9))
        #expect(down.classname == "RC:ReadNtf" && down.type == 1 && down.fromUserID == "bob" && down.direction == 0)
        #expect(down.json?["messageUId"]?.string == first.uid.description)
        #expect(down.json?["lastMessageSendTime"]?.int == first.sentAt.milliseconds)
        #expect(down.json?["type"]?.int == 1 && down.dataTime == 9 && down.status == 0)

        // Whoever is further says no more than he said.
        try await bob.bench.core.read(Self.direct, through: 2, by: bob.user, in: bob.bench.app.id)
        #expect(try await bob.publish("ppMsgP", to: "alice", "RC:ReadNtf", content, flags: 0)?.readThrough == 1)
        #expect(first.readThrough == nil)
    }

    @Test func aReadReceiptCanSayAMoment() async throws {
        let alice = try await Client.make()
        let receipt = try #require(try await alice.publish("ppMsgP", to: "bob"))
        alice.bench.clock.advance(seconds: 1)
        try await alice.publish("ppMsgP", to: "bob")
        let bob = alice.other("bob")
        let content = #"{"messageUId":"2223-N9YU-YNRV-2223","lastMessageSendTime":"\#(receipt.sentAt.milliseconds)"}"#
        try await bob.publish("ppMsgP", to: "alice", "RC:ReadNtf", content, flags: 0)
        #expect(try await bob.place(in: Self.direct).readThrough == 1)
        for content in ["{}", "[]", "x", #"{"lastMessageSendTime":true}"#] {
            #expect(try await bob.status("ppMsgP", to: "alice", "RC:ReadNtf", content) == 33003)
        }
    }

    @Test func aReadStateReachesTheUsersOtherDevices() async throws {
        let alice = try await Client.make()
        let bob = alice.other("bob")
        let receipt = try #require(try await alice.publish("pgMsgP", to: "demo-group"))
        let content = #"{"lastMessageSendTime":\#(receipt.sentAt.milliseconds)}"#
        try await bob.publish("pgMsgP", to: "demo-group", "RC:SRSMsg", content, flags: 0) { $0.userID = ["bob"] }
        #expect(alice.messages.count == 1)
        let event = try #require(alice.announcements.last?.event)
        let app = alice.bench.app.id
        let subject = try await ClientSpelling.subject(of: event, for: bob.user, in: app, alice.bench.core)
        let down = try #require(ClientSpelling.downStream(event, subject: subject, for: bob.user, dataTime: 9))
        #expect(down.classname == "RC:SRSMsg" && down.type == 3 && down.groupID == "demo-group" && down.direction == 1)
        #expect(down.text == content)
        // Without knowing what was read nothing is said.
        #expect(ClientSpelling.downStream(event, for: bob.user, dataTime: 9) == nil)
    }

    @Test func groupReceiptsAreHandedOnAndTold() async throws {
        let alice = try await Client.make()
        let bob = alice.other("bob")
        var options = MessageOptions()
        options.wantsReadReceipts = true
        let asked = try await alice.bench.core.send(
            Send(
                app: alice.bench.app.id, conversation: Self.group,
                message: Message(
                    sender: alice.user, content: .text("?"),
                    native: Native(dialect: DialectName("tencent"), payload: Array("{}".utf8)), options: options)))
        let uid = MessageUID(asked.id, in: .group, target: "demo-group")
        try await alice.publish("pgMsgP", to: "demo-group", "RC:RRReqMsg", #"{"messageUId":"\#(uid)"}"#)
        let request = try #require(alice.messages.last?.options)
        #expect(!request.keptInHistory && !request.countsAsUnread && request.push.isDisabled)

        let response = #"{"receiptMessageDic":{"alice":["\#(uid)"]}}"#
        try await bob.publish("pgMsgP", to: "demo-group", "RC:RRRspMsg", response) { $0.userID = ["alice"] }
        let message = try #require(alice.messages.last)
        #expect(message.audience == .only([alice.user]) && !message.options.keptInHistory)
        let event = try #require(alice.announcements.last?.event)
        guard case .acknowledged(_, let acknowledgement, by: bob.user, _) = event else {
            Issue.record("not acknowledged")
            return
        }
        #expect(acknowledgement.id == asked.id)
        // As it is told of readers of other dialects.
        let down = try #require(ClientSpelling.downStream(event, for: alice.user, dataTime: 9))
        #expect(down.classname == "RC:RRRspMsg" && down.fromUserID == "bob" && down.groupID == "demo-group")
        #expect(down.text == response)
    }

    @Test(arguments: ["ppMsgP", "ppMsgS"])
    func typingIsTheCores(_ topic: String) async throws {
        let alice = try await Client.make()
        let receipt = try await alice.publish(topic, to: "bob", "RC:TypSts", #"{"typingContentType":"RC:TxtMsg"}"#)
        #expect((receipt == nil) == (topic == "ppMsgS"))
        #expect(alice.entries.isEmpty && alice.bench.signals.ephemerals.isEmpty)
        let announcement = try #require(alice.announcements.first)
        #expect(announcement.recipients == .users([UserID("bob")]))
        let down = try #require(ClientSpelling.downStream(announcement.event, for: UserID("bob"), dataTime: 9))
        #expect(down.classname == "RC:TypSts" && down.fromUserID == "alice" && down.type == 1)
        #expect(down.text == #"{"typingContentType":"RC:TxtMsg"}"#)
        let end = Event.typing(Self.direct, from: alice.user, isTyping: false)
        #expect(ClientSpelling.downStream(end, for: UserID("bob"), dataTime: 9) == nil)
    }

    // MARK: Recall

    private static func command(_ uid: MessageUID, type: Int = 1, target: String = "bob") -> String {
        #"{"conversationType":\#(type),"targetId":"\#(target)","messageUId":"\#(uid)","sentTime":1}"#
    }

    @Test(arguments: ["recallMsg", "ppMsgP"])
    func aRecallTakesBackWhatItsBodyNames(_ topic: String) async throws {
        let alice = try await Client.make()
        let sent = try #require(try await alice.publish("ppMsgP", to: "bob"))
        // The frame's target is the user himself.
        let receipt = try #require(
            try await alice.publish(topic, to: "alice", "RC:RcCmd", Self.command(sent.uid), flags: 0))
        let entry = try #require(alice.entries.last)
        guard case .recall(let recall) = entry.body else {
            Issue.record("no recall")
            return
        }
        #expect(receipt.id == entry.id)
        #expect(recall.target == sent.id && recall.by == alice.user && !recall.byAdministrator)
        #expect(alice.entries.count == 2)
        // Again: as it was.
        #expect(try await alice.status("recallMsg", to: "alice", "RC:RcCmd", Self.command(sent.uid)) == 0)
        #expect(alice.entries.count == 2)
    }

    @Test func anothersMessageAndAnOldOneStay() async throws {
        let alice = try await Client.make()
        let bob = alice.other("bob")
        let sent = try #require(try await bob.publish("pgMsgP", to: "demo-group"))
        let command = Self.command(sent.uid, type: 3, target: "demo-group")
        #expect(try await alice.other("carol").status("recallMsg", to: "carol", "RC:RcCmd", command) == 25107)
        alice.bench.clock.advance(seconds: 121)
        #expect(try await bob.status("recallMsg", to: "bob", "RC:RcCmd", command) == 25101)
        // The owner of the group may.
        #expect(try await alice.status("recallMsg", to: "alice", "RC:RcCmd", command) == 0)
        for body in ["{}", "x", #"{"messageUId":"CBPV-IMG0-002C-035A"}"#, #"{"messageUId":1}"#] {
            #expect(try await alice.status("recallMsg", to: "alice", "RC:RcCmd", body) == 25101)
        }
        #expect(try await alice.status("recallMsg", to: "alice") == 25101)
    }
}
