import Crypto
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyRongCloud
import Testing

@Suite struct CallbackTests {
    static let form = RongCloud.callbacks
    static let now = Timestamp(milliseconds: 1_700_000_000_500)
    static let id = MessageID(sentAt: Timestamp(milliseconds: 1_700_000_000_000), slot: 1)
    static let app = App(
        id: AppID("demo"), credentials: [Credential(dialect: RongCloud.name, key: "key+1", secret: "app-secret")],
        createdAt: .distantPast)
    static let rule = CallbackRule(
        name: "r", dialect: RongCloud.name, url: "https://e.com/hook?a=b", topics: [.message, .recall])
    static let bob = Conversation.direct(UserID("alice"), UserID("bob"))
    static let group = Conversation.group(GroupID("g1"))

    // MARK: What they are about

    /// As ParleySocket keeps what a client says.
    static func said(_ text: String, to audience: Audience = .everyone) -> Message {
        Message(
            sender: UserID("alice"), audience: audience, content: .text(text),
            native: Native(
                dialect: .parley,
                payload: JSONWriter.object {
                    $0.field("kind", "text")
                    $0.field("content") { $0.content(.text(text)) }
                }))
    }

    static func published(_ objectName: String, _ content: String) -> Message {
        let wire = WireMessage(objectName: objectName, content: content)
        return Message(sender: UserID("alice"), content: wire.reading.content, native: wire.native)
    }

    static func subject(
        _ body: Entry.Body, in conversation: Conversation, id: MessageID = id, target: Entry? = nil
    ) -> CallbackSubject {
        CallbackSubject(
            app: Self.app,
            entry: Entry(conversation: ConversationID(app: Self.app.id, conversation), sequence: 7, id: id, body: body),
            target: target)
    }

    // `#require` and `#expect` take a metatype's members for an instance's: these are called instead.

    static func told(
        _ subject: CallbackSubject, under rule: CallbackRule = rule, at now: Timestamp = now
    ) -> CallbackCall? {
        Self.form.call(about: subject, for: rule, at: now)
    }

    static func asked(_ attempt: SendAttempt, under rule: CallbackRule = rule) -> CallbackCall? {
        Self.form.call(before: attempt, for: rule, at: Self.now)
    }

    static func route(_ message: Message, in conversation: Conversation) throws -> CallbackCall {
        try #require(
            Self.told(Self.subject(.message(message), in: conversation)))
    }

    static func attempt(_ message: Message, in conversation: Conversation = bob) -> SendAttempt {
        SendAttempt(
            app: Self.app, send: Send(app: Self.app.id, conversation: conversation, message: message), id: Self.id)
    }

    static func ask(_ message: Message, in conversation: Conversation = bob) throws -> CallbackCall {
        try #require(
            Self.asked(Self.attempt(message, in: conversation)))
    }

    static func decision(_ body: String, status: Int = 200, on message: Message) -> CallbackDecision? {
        Self.form.decision(
            from: CallbackAnswer(status: status, body: Array(body.utf8)), on: Self.attempt(message))
    }

    static func replacement(_ body: String, of message: Message) throws -> Message {
        guard case .replace(let message) = Self.decision(body, on: message) else { throw NothingReplaced() }
        return message
    }

    struct NothingReplaced: Error {}

    static func text(_ call: CallbackCall) -> String { String(decoding: call.body, as: UTF8.self) }
}

// MARK: - The URL

extension CallbackTests {
    @Test func theURLIsSignedWithTheAppsSecret() throws {
        let call = try Self.route(Self.said("x"), in: Self.bob)
        #expect(
            call.url
                == "https://e.com/hook?a=b&appKey=key%2B1&nonce=d69ac2870bebe105&timestamp=1700000000500"
                + "&signTimestamp=1700000000500&signature=c0be0b41dd64f92ca6a4d6f32d4dad864fec26b8")
    }

    @Test func theRulesOwnSecretComesFirst() throws {
        var rule = Self.rule
        rule.secret = "rule-secret"
        let call = try #require(Self.asked(Self.attempt(Self.said("x")), under: rule))
        #expect(call.url.hasSuffix("&signature=91e33bc27c1ae30e85f38d217e0139902918de6d"))
    }

    /// As a backend does it.
    @Test func whatIsSentAgainHasANonceOfItsOwnAndASignatureThatVerifies() throws {
        let subject = Self.subject(.message(Self.said("x")), in: Self.bob)
        var nonces: Set<String> = []
        for attempt in 0..<4 {
            let now = Self.now.adding(milliseconds: Int64(attempt) * 500)
            let call = try #require(Self.told(subject, at: now))
            let query = try Form(query: String(call.url.drop { $0 != "?" }.dropFirst()))
            let (nonce, timestamp) = (try #require(query["nonce"]), try #require(query["signTimestamp"]))
            #expect(nonce.utf8.count <= 18)
            #expect(timestamp == String(now.milliseconds))
            let signature = Insecure.SHA1.hash(data: Array("app-secret\(nonce)\(timestamp)".utf8)).hex
            #expect(query["signature"] == signature)
            nonces.insert(nonce)
        }
        #expect(nonces.count == 4)
    }
}

// MARK: - After

extension CallbackTests {
    @Test func aClientsDirectMessageIsRouted() throws {
        let call = try Self.route(Self.said("你 好+&="), in: Self.bob)
        #expect(call.contentType == "application/x-www-form-urlencoded")
        #expect(call.name == "PERSON")
        #expect(
            Self.text(call)
                == "fromUserId=alice&toUserId=bob&objectName=RC%3ATxtMsg"
                + "&content=%7B%22content%22%3A%22%E4%BD%A0%20%E5%A5%BD%2B%26%3D%22%7D&channelType=PERSON"
                + "&msgTimestamp=1700000000000&timestamp=1700000000000&msgUID=CBPV-IMG0-0024-2VDL&originalMsgUID="
                + "&sensitiveType=0&source=Websocket&busChannel=&clientIp=")
    }

    @Test func whatTheAPISentToNamedMembersIsRoutedVerbatimWithTheirNames() throws {
        var message = Self.published("App:Order", #"{ "n":1.0 }"#)
        message.audience = .only([UserID("bob"), UserID("c d")])
        let call = try Self.route(message, in: Self.group)
        #expect(call.name == "GROUP")
        #expect(
            Self.text(call)
                == "fromUserId=alice&toUserId=g1&objectName=App%3AOrder&content=%7B%20%22n%22%3A1.0%20%7D"
                + "&channelType=GROUP&msgTimestamp=1700000000000&timestamp=1700000000000&msgUID=CBPV-IMG0-002C-035A"
                + "&originalMsgUID=&sensitiveType=0&source=Server&busChannel=&groupUserIds=bob&groupUserIds=c%20d&clientIp="
        )
    }

    @Test(arguments: [
        (Conversation.system(UserID("bob")), "NOTIFY", "bob", "CBPV-IMG0-002O-2VDL"),
        (Conversation.room(RoomID("r1")), "TEMPGROUP", "r1", "CBPV-IMG0-002G-03FV"),
    ])
    func theTypeOfConversationHasTheVendorsName(
        conversation: Conversation, name: String, target: String, uid: String
    ) throws {
        let form = try Form(Self.route(Self.said("x"), in: conversation).body)
        #expect(form["channelType"] == name)
        #expect(form["toUserId"] == target)
        #expect(form["msgUID"] == uid)
    }

    static func operation(_ recall: Recall, target: Entry?, in conversation: Conversation = bob) throws -> CallbackCall
    {
        let id = MessageID(sentAt: Timestamp(milliseconds: 1_700_000_000_400), slot: 2)
        return try #require(
            Self.told(Self.subject(.recall(recall), in: conversation, id: id, target: target)))
    }

    @Test func aRecallIsAMessageOperation() throws {
        let target = Self.subject(.message(Self.said("x")), in: Self.bob).entry
        var recall = Recall(target: Self.id, by: UserID("alice"))
        (recall.leavesNoTrace, recall.attachment) = (true, "why")
        let call = try Self.operation(recall, target: target)
        #expect(call.contentType == "application/json")
        #expect(call.name == "recall")
        #expect(
            Self.text(call)
                == #"{"eventType":1,"fromUserId":"alice","optTime":1700000000400,"conversationInfo":{"conversationType":1,"#
                + #""targetId":"bob","busChannel":""},"originalMsgInfo":{"messageId":"CBPV-IMG0-0024-2VDL","#
                + #""messageTime":1700000000000},"recallMsgInfo":{"isDelete":1,"isAdmin":0,"extra":"why"}}"#)
        #expect(try Self.operation(recall, target: nil).body == call.body)
    }

    /// The message is known by whom it went to, the conversation by whom the one who took it back writes to.
    @Test(arguments: [("bob", "alice"), ("administrator", "bob")])
    func aMessageTakenBackByAnotherKeepsItsUID(by user: String, targetId: String) throws {
        let target = Self.subject(.message(Self.said("x")), in: Self.bob).entry
        let recall = Recall(target: Self.id, by: UserID(user), byAdministrator: true)
        let json = try JSON(parsing: Self.operation(recall, target: target).body)
        #expect(json["fromUserId"]?.string == user)
        #expect(json["conversationInfo"]?["targetId"]?.string == targetId)
        #expect(json["originalMsgInfo"]?["messageId"]?.string == "CBPV-IMG0-0024-2VDL")
        #expect(json["recallMsgInfo"]?["isAdmin"]?.int == 1)
    }

    @Test func aRecallInAGroupNamesTheGroup() throws {
        let json = try JSON(
            parsing: Self.operation(Recall(target: Self.id, by: UserID("x")), target: nil, in: Self.group).body)
        #expect(json["conversationInfo"]?["conversationType"]?.int == 3)
        #expect(json["conversationInfo"]?["targetId"]?.string == "g1")
        #expect(json["originalMsgInfo"]?["messageId"]?.string == "CBPV-IMG0-002C-035A")
    }

    @Test func editsAndNoticesAreNotTold() {
        let edit = Edit(
            target: Self.id, message: Self.said("y"), mark: EditMark(by: UserID("alice"), at: Self.now, count: 1))
        for body: Entry.Body in [.edit(edit), .notice(.left([UserID("bob")]))] {
            #expect(Self.told(Self.subject(body, in: Self.group)) == nil)
        }
        #expect(Self.form.topics == [.beforeMessage, .message, .recall, .deletion, .presence, .group])
    }

    static func told(_ body: Happening.Body, target: Entry? = nil) -> CallbackCall? {
        Self.told(
            CallbackSubject(
                app: Self.app, occurrence: .happening(Happening(id: Self.id, app: Self.app.id, body: body)),
                target: target))
    }

    /// The message has the same id as in a recall, and the conversation is that of the one who deletes.
    @Test(arguments: [("alice", "bob"), ("bob", "alice")])
    func aDeletionIsAMessageOperation(by user: String, targetId: String) throws {
        let target = Self.subject(.message(Self.said("x")), in: Self.bob).entry
        let deletion = Deletion(of: .message(Self.id), in: Self.bob, by: UserID(user))
        let call = try #require(Self.told(.deleted(deletion), target: target))
        #expect(call.contentType == "application/json")
        #expect(call.name == "deletion")
        #expect(call.url.contains("&signature="))
        #expect(
            Self.text(call)
                == #"{"eventType":2,"fromUserId":"\#(user)","optTime":1700000000000,"conversationInfo":{"conversationType":1,"#
                + #""targetId":"\#(targetId)","busChannel":""},"originalMsgInfo":{"messageId":"CBPV-IMG0-0024-2VDL","#
                + #""messageTime":1700000000000},"deleteMsgInfo":{"deleteType":1}}"#)
    }

    @Test func allThatWasDeletedUntilATimeIsToldByTheTime() throws {
        let deletion = Deletion(
            of: .through(Timestamp(milliseconds: 1_699_999_999_999)), in: Self.group, by: UserID("bob"))
        let call = try #require(Self.told(.deleted(deletion)))
        #expect(
            Self.text(call)
                == #"{"eventType":2,"fromUserId":"bob","optTime":1700000000000,"conversationInfo":{"conversationType":3,"#
                + #""targetId":"g1","busChannel":""},"deleteMsgInfo":{"deleteType":2,"msgTimestamp":1699999999999}}"#)
    }

    static func presence(_ change: PresenceHappening.Change, platform: String = "iPhone") -> Happening.Body {
        .presence(
            PresenceHappening(
                change, of: UserID("alice"), on: DeviceID("d"), platform: platform, session: "p-7",
                address: "192.0.2.7"))
    }

    @Test(arguments: [
        (PresenceHappening.Change.online(replaced: []), "0"), (.offline(.closed), "1"), (.offline(.lost), "1"),
        (.offline(.interrupted), "1"), (.offline(.replaced), "2"), (.offline(.kicked), "2"),
    ])
    func whoComesAndGoesIsToldInAnArray(_ change: PresenceHappening.Change, _ status: String) throws {
        let call = try #require(Self.told(Self.presence(change)))
        #expect(call.contentType == "application/json")
        #expect(call.url.contains("&signature="))
        #expect(
            Self.text(call)
                == #"[{"userid":"alice","status":"\#(status)","os":"iOS","time":1700000000000,"clientIp":"192.0.2.7","sessionId":"p-7"}]"#
        )
    }

    @Test(arguments: [
        ("Web", "Websocket"), ("Android", "Android"), ("Mac", "PC"), ("MiniProgram", "MiniProgram"),
        ("toaster", "Websocket"),
    ])
    func whatAClientRunsOnHasTheVendorsName(_ platform: String, _ os: String) throws {
        let call = try #require(Self.told(Self.presence(.online(replaced: []), platform: platform)))
        #expect(Self.text(call).contains(#""os":"\#(os)""#))
    }

    @Test func aDeviceThatOnlyConnectedAgainIsNoNews() {
        #expect(Self.told(Self.presence(.offline(.renewed))) == nil)
    }

    @Test(arguments: [
        (GroupHappening.Kind.created([UserID("a")], administrators: []), 0), (.joined([UserID("a")], count: 2), 1),
        (.left([UserID("a")]), 2), (.removed([UserID("a")]), 2), (.dissolved([UserID("a")]), 3),
    ])
    func whatHappensToALiveGroupIsAChatRoomsStatus(_ kind: GroupHappening.Kind, _ type: Int) throws {
        var group = Group(id: GroupID("live"), type: .avChatRoom, name: "", owner: nil, createdAt: .distantPast)
        let call = try #require(Self.told(.group(GroupHappening(kind, in: group, by: nil))))
        #expect(
            Self.text(call)
                == #"[{"chatRoomId":"live","userIds":["a"],"status":0,"type":\#(type),"time":1700000000000}]"#)
        group.type = .public
        #expect(Self.told(.group(GroupHappening(kind, in: group, by: nil))) == nil)
    }

    @Test(arguments: zip([nil] + GroupHappening.Cause.allCases, [0, 1, 2, 3]))
    func whyItHappenedInAChatRoomIsTold(_ cause: GroupHappening.Cause?, _ status: Int) throws {
        let room = Group(
            id: GroupID(chatRoom: "r1"), type: .chatRoom, name: "", owner: nil, createdAt: Timestamp(seconds: 0))
        let happening = GroupHappening(.left(["a"].map { UserID($0) }), in: room, by: nil, cause: cause)
        #expect(
            Self.text(try #require(Self.told(.group(happening))))
                == #"[{"chatRoomId":"r1","userIds":["a"],"status":\#(status),"type":2,"time":1700000000000}]"#)
    }

    static func accepts(_ status: Int, _ body: String = "") -> Bool {
        Self.form.accepts(CallbackAnswer(status: status, body: Array(body.utf8)))
    }

    @Test func anySuccessIsAnAnswer() {
        for status in [200, 201, 204, 299] { #expect(Self.accepts(status, "no")) }
        for status in [199, 301, 400, 404, 500, 503] { #expect(!Self.accepts(status)) }
    }
}

// MARK: - Before

extension CallbackTests {
    @Test func aClientsMessageIsAskedAbout() throws {
        let call = try Self.ask(Self.said("hi"))
        #expect(call.contentType == "application/x-www-form-urlencoded")
        #expect(call.name == "before PERSON")
        #expect(
            Self.text(call)
                == "appKey=key%2B1&fromUserId=alice&targetId=bob&toUserIds=&msgType=RC%3ATxtMsg"
                + "&content=%7B%22content%22%3A%22hi%22%7D&pushContent=&disablePush=false&pushExt=&expansion=false"
                + "&extraContent=&channelType=PERSON&msgTimeStamp=1700000000500&messageId=CBPV-IMG0-0024-2VDL"
                + "&originalMsgUID=&os=Websocket&busChannel=&clientIp=")
    }

    @Test func theWholeOfAMessageIsAskedAbout() throws {
        var message = Self.published("RC:TxtMsg", #"{"content":"hi"}"#)
        message.audience = .only([UserID("bob"), UserID("carol")])
        message.options.push.text = "new"
        message.options.push.isDisabled = true
        message.options.push.native = Array(#"{"title":"t"}"#.utf8)
        message.options.isExpandable = true
        message.options.expansion = ["b": "2", "a": "1"]
        #expect(
            Self.text(try Self.ask(message, in: Self.group))
                == "appKey=key%2B1&fromUserId=alice&targetId=g1&toUserIds=bob%2Ccarol&msgType=RC%3ATxtMsg"
                + "&content=%7B%22content%22%3A%22hi%22%7D&pushContent=new&disablePush=true"
                + "&pushExt=%7B%22title%22%3A%22t%22%7D&expansion=true&extraContent=%7B%22a%22%3A%221%22%2C%22b%22%3A%222%22%7D"
                + "&channelType=GROUP&msgTimeStamp=1700000000500&messageId=CBPV-IMG0-002C-035A&originalMsgUID="
                + "&os=Server&busChannel=&clientIp=")
    }

    @Test func ofAnotherDialectsPushOnlyTheTitleIsShown() throws {
        var message = Self.said("hi")
        message.options.push.title = "t"
        message.options.push.native = Array(#"{"em_push_name":"x"}"#.utf8)
        #expect(try Form(Self.ask(message).body)["pushExt"] == #"{"title":"t"}"#)
    }

    @Test func whatPassesIsDelivered() {
        for body in [#"{"pass":1}"#, #"{"pass":"1","replaceContent":"not asked for"}"#] {
            guard case .deliver = Self.decision(body, on: Self.said("x")) else {
                Issue.record("\(body) was not delivered")
                continue
            }
        }
    }

    @Test func whatDoesNotPassIsDropped() {
        for body in [#"{"pass":0}"#, #"{"pass":"0","extra":"why"}"#] {
            guard case .drop = Self.decision(body, on: Self.said("x")) else {
                Issue.record("\(body) was not dropped")
                continue
            }
        }
    }

    @Test(arguments: [
        "", "OK", "{}", "[]", #"{"pass":3}"#, #"{"pass":-1}"#, #"{"pass":true}"#, #"{"pass":null}"#,
        #"{"pass":{"a":0}}"#, #"{"Pass":0}"#,
    ])
    func anythingElseIsNoAnswer(_ body: String) {
        #expect(Self.decision(body, on: Self.said("x")) == nil)
    }

    @Test(arguments: [201, 204, 302, 400, 500])
    func onlyA200IsAnAnswer(_ status: Int) {
        #expect(Self.decision(#"{"pass":0}"#, status: status, on: Self.said("x")) == nil)
    }

    @Test func contentThatIsTooLongIsNoAnswer() {
        let long = String(repeating: "x", count: 128 << 10)
        #expect(Self.decision(#"{"pass":2,"replaceContent":"\#(long)"}"#, on: Self.said("x")) != nil)
        #expect(Self.decision(#"{"pass":2,"replaceContent":"\#(long)x"}"#, on: Self.said("x")) == nil)
    }
}

// MARK: - Replacing

extension CallbackTests {
    static let stars = #"{"pass":2,"replaceContent":"{\"content\":\"***\",\"extra\":\"e\"}"}"#

    @Test func aClientsMessageThatIsReplacedRemainsAClients() throws {
        var message = Self.said("bad", to: .only([UserID("bob")]))
        message.options.countsAsUnread = false
        message.options.attachment = "old"
        let replaced = try Self.replacement(Self.stars, of: message)
        var expected = Self.said("***", to: .only([UserID("bob")]))
        expected.options.countsAsUnread = false
        expected.options.attachment = "e"
        #expect(replaced == expected)
        #expect(replaced.origin == .client)
    }

    @Test func aMessageOfRongCloudsIsReplacedByteForByte() throws {
        var message = Self.published("RC:TxtMsg", #"{"content":"bad"}"#)
        message.options.mention = .everyone
        let body =
            #"{"pass":2,"replaceContent":"{ \"content\":\"@bob\",\"mentionedInfo\":{\"type\":2,\"userIdList\":[\"bob\"]}}"}"#
        let replaced = try Self.replacement(body, of: message)
        #expect(
            WireMessage(replaced)
                == WireMessage(
                    objectName: "RC:TxtMsg",
                    content: #"{ "content":"@bob","mentionedInfo":{"type":2,"userIdList":["bob"]}}"#))
        #expect(replaced.content == .text("@bob"))
        #expect(replaced.options.mention == .users([UserID("bob")]))
    }

    @Test func anotherVendorsMessageBecomesRongClouds() throws {
        var message = Message(
            sender: UserID("alice"), content: .text("bad"),
            native: Native(dialect: DialectName("tencent"), payload: Array("{}".utf8)))
        message.options.push.native = Array(#"{"PushFlag":0}"#.utf8)
        message.options.push.title = "t"
        let replaced = try Self.replacement(Self.stars, of: message)
        #expect(replaced.content == .text("***"))
        #expect(WireMessage(replaced.native)?.content == #"{"content":"***","extra":"e"}"#)
        #expect(replaced.options.push.native == nil)
        #expect(replaced.options.push.title == "t")
        #expect(replaced.origin == .server)
    }

    @Test func someBackendsAnswerWithTheObjectItself() throws {
        let replaced = try Self.replacement(
            #"{"pass":"2","replaceContent":{"content":"***"}}"#, of: Self.published("RC:TxtMsg", "bad"))
        #expect(WireMessage(replaced).content == #"{"content":"***"}"#)
    }

    @Test func thePushAndTheExpansionAreReplacedAlone() throws {
        var message = Self.published("RC:TxtMsg", #"{"content":"fine"}"#)
        message.options.isExpandable = true
        message.options.expansion = ["a": "bad"]
        var expected = message
        expected.options.expansion = ["a": "1"]
        expected.options.push.text = "p"
        expected.options.push.isDisabled = true
        expected.options.push.title = "t"
        expected.options.push.native = Array(#"{"title":"t"}"#.utf8)
        let body =
            #"{"pass":2,"replaceContent":"","replacePushContent":"p","replaceDisablePush":true,"#
            + #""replacePushExt":"{\"title\":\"t\"}","replaceExtraContent":"{\"a\":1}"}"#
        #expect(try Self.replacement(body, of: message) == expected)
    }

    @Test func aMessageThatIsNotExpandableStaysSo() throws {
        let message = Self.said("x")
        let body = #"{"pass":2,"replaceExtraContent":"{\"a\":\"1\"}"}"#
        #expect(try Self.replacement(body, of: message) == message)
    }

    @Test func whatCannotBeReadBesideTheContentDoesNotSaveTheContent() throws {
        let body =
            #"{"pass":2,"replaceContent":"{\"content\":\"***\"}","replacePushExt":"{","replaceExtraContent":"["}"#
        let replaced = try Self.replacement(body, of: Self.published("RC:TxtMsg", #"{"content":"bad"}"#))
        #expect(replaced == Self.published("RC:TxtMsg", #"{"content":"***"}"#))
    }
}

// MARK: - What the vendor does unless told otherwise

extension CallbackTests {
    @Test func onlyWhatClientsSaidIsToldAndAskedAbout() {
        #expect(Self.form.policy.origins == [.client])
        #expect(Self.form.policy.originsBefore == [.client])
    }

    @Test func anAnswerMayTakeFiveSecondsAndThreeBeforeAMessage() {
        #expect(Self.form.policy.timeoutMilliseconds == 5000)
        #expect(Self.form.policy.timeoutBeforeMilliseconds == 3000)
    }

    @Test func threeTimesItIsTriedAgainAndForAMinuteThereIsRest() {
        #expect(Self.form.policy.attempts == 4)
        #expect(Self.form.policy.pausesMilliseconds == [60_000])
    }
}

extension CallbackSubject {
    fileprivate var entry: Entry? { if case .entry(let entry) = self.occurrence { entry } else { nil } }
}
