import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import Testing

@testable import ParleyEasemob

/// What backends are sent, member for member, and what their answers mean. The signatures were made with another program.
struct CallbackTests {
    private static let sentAt = Timestamp(milliseconds: 1_600_060_847_294)
    private static let id = MessageID(sentAt: Self.sentAt, slot: 16)
    private static let target = MessageID(sentAt: Timestamp(milliseconds: 1_600_060_840_000), slot: 16)
    private static let group = Conversation.group(GroupID("262246968131585"))
    private static let direct = Conversation.direct(UserID("user1"), UserID("user2"))

    private static var app: App {
        App(
            id: AppID("demo"),
            credentials: [Credential(dialect: Easemob.name, key: "parley#demo", secret: "the app's")],
            createdAt: Self.sentAt)
    }

    private static var rule: CallbackRule {
        var rule = CallbackRule(
            name: "r", dialect: Easemob.name, url: "https://backend.example/im?a=1", topics: Set(CallbackTopic.allCases)
        )
        rule.secret = "s3cret"
        return rule
    }

    private static func said(_ content: Content, attachment: String? = nil) -> Message {
        var options = MessageOptions()
        options.attachment = attachment
        return Message(
            sender: UserID("user1"), content: content, native: Native(dialect: .parley, payload: Array("{}".utf8)),
            options: options)
    }

    private static func easemob(_ payload: String) -> Message {
        Message(
            sender: UserID("user1"), content: .text("as its own dialect has it"),
            native: Native(dialect: Easemob.name, payload: Array(payload.utf8)))
    }

    private static func call(
        _ body: Entry.Body, in conversation: Conversation = Self.group, app: App = Self.app, of group: Group? = nil,
        target: Message? = nil
    ) -> CallbackCall? {
        func entry(_ id: MessageID, _ body: Entry.Body) -> Entry {
            Entry(conversation: ConversationID(app: app.id, conversation), sequence: 1, id: id, body: body)
        }
        let subject = CallbackSubject(
            app: app, entry: entry(Self.id, body), group: group,
            target: target.map { entry(Self.target, .message($0)) })
        return EasemobCallbacks.call(
            about: subject, for: Self.rule, at: Timestamp(milliseconds: 1_700_000_000_000))
    }

    private func body(_ call: CallbackCall?) throws -> JSON { try JSON(parsing: try #require(call).body) }

    // MARK: Messages

    @Test func aGroupsMessageIsTold() throws {
        let call = Self.call(.message(Self.easemob(#"{"type":"txt","body":{"msg":"rr"},"ext":{"k":1}}"#)))
        #expect(call?.url == Self.rule.url)
        #expect(call?.contentType == "application/json")
        #expect(call?.name == "groupchat")
        #expect(
            try Plain(
                #"""
                {"callId":"parley#demo_783814554747408384","eventType":"chat","timestamp":1600060847294,
                "chat_type":"groupchat","group_id":"262246968131585","from":"user1","to":"262246968131585",
                "msg_id":"783814554747408384",
                "payload":{"from":"user1","to":"262246968131585","type":"groupchat","ext":{"k":1},
                    "bodies":[{"msg":"rr","type":"txt"}]},
                "securityVersion":"1.0.0","security":"9c2a0cddbef4855ebf74aae075b7efcb","appkey":"parley#demo",
                "host":"parley","content_type":"chat:group:text"}
                """#) == Plain(self.body(call)))
    }

    @Test func whatAClientSaysToOneUserIsTold() throws {
        let body = try self.body(Self.call(.message(Self.said(.text("你好"))), in: Self.direct))
        #expect(body["chat_type"]?.string == "chat")
        #expect(body["group_id"] == nil)
        #expect(body["to"]?.string == "user2")
        #expect(body["content_type"]?.string == "chat:user:text")
        #expect(
            try Plain(
                #"{"from":"user1","to":"user2","type":"chat","ext":{},"bodies":[{"type":"txt","msg":"你好"}]}"#)
                == Plain(try #require(body["payload"])))
    }

    @Test func aMessageForNamedMembersGoesToTheGroup() throws {
        var message = Self.said(.text("psst"))
        message.audience = .only([UserID("user2")])
        let body = try self.body(Self.call(.message(message)))
        #expect(body["to"]?.string == "262246968131585")
    }

    @Test(arguments: [
        (#"{"type":"txt","body":{"msg":"a"}}"#, "text", #"{"type":"txt","msg":"a"}"#),
        (
            #"{"type":"txt","body":{"msg":"old","subType":"sub_combine","title":"t"}}"#, "txt",
            #"{"type":"txt","msg":"old","subType":"sub_combine","title":"t"}"#
        ),
        (
            #"{"type":"img","body":{"url":"u","size":{"width":746,"height":1325},"secret":"s","file_length":9}}"#,
            "image",
            #"{"type":"img","url":"u","size":{"width":746,"height":1325},"secret":"s","file_length":9}"#
        ),
        (#"{"type":"audio","body":{"url":"u","length":4}}"#, "voice", #"{"type":"audio","url":"u","length":4}"#),
        (#"{"type":"video","body":{"url":"u","thumb":"t"}}"#, "video", #"{"type":"video","url":"u","thumb":"t"}"#),
        (#"{"type":"file","body":{"url":"u","type":"x"}}"#, "file", #"{"type":"file","url":"u"}"#),
        (
            #"{"type":"loc","body":{"lat":"39.966","lng":" -116.322","addr":"北京"}}"#, "location",
            #"{"type":"loc","lat":39.966,"lng":-116.322,"addr":"北京"}"#
        ),
        (
            #"{"type":"loc","body":{"lat":39.966,"lng":"?","addr":""}}"#, "location",
            #"{"type":"loc","lat":39.966,"lng":"?","addr":""}"#
        ),
        (#"{"type":"cmd","body":{"action":"run"}}"#, "command", #"{"type":"cmd","action":"run"}"#),
        (
            #"{"type":"custom","body":{"customEvent":"gift_1","customExts":{"name":"flower","size":"16"}}}"#, "custom",
            #"""
            {"type":"custom","customEvent":"gift_1","v2:customExts":{"name":"flower","size":"16"},
            "customExts":[{"name":"flower"},{"size":"16"}]}
            """#
        ),
        (
            #"{"type":"custom","body":{"customEvent":"e","customExts":[{"k":"v"}],"v2:customExts":{"k":"v"}}}"#,
            "custom", #"{"type":"custom","customEvent":"e","customExts":[{"k":"v"}],"v2:customExts":{"k":"v"}}"#
        ),
        (#"{"type":"new","body":{"a":1}}"#, "unknown", #"{"type":"new","a":1}"#),
    ])
    func bodiesAreAsTheVendorShowsThem(_ native: String, _ contentType: String, _ shown: String) throws {
        let body = try self.body(Self.call(.message(Self.easemob(native))))
        #expect(body["content_type"]?.string == "chat:group:\(contentType)")
        let bodies = try #require(body["payload"]?["bodies"]?.array)
        #expect(bodies.count == 1)
        #expect(try Plain(shown) == Plain(bodies[0]))
    }

    @Test func roomsAndWhatTheAppSaysToOneUserAreNotTold() {
        let message = Self.said(.text("a"))
        #expect(Self.call(.message(message), in: .room(RoomID("r"))) == nil)
        #expect(Self.call(.message(message), in: .system(UserID("user1"))) == nil)
        #expect(Self.call(.notice(.left([UserID("user1")])), in: Self.direct) == nil)
    }

    @Test func anAppWithoutACredentialHasNoNameToBeToldBy() {
        var app = Self.app
        app.credentials = []
        #expect(Self.call(.message(Self.said(.text("a"))), app: app) == nil)
    }

    @Test func withoutASecretOfItsOwnARuleSignsWithTheApps() throws {
        var rule = Self.rule
        rule.secret = nil
        let stamp = try #require(Stamp("x", in: Self.app, for: rule, at: Self.sentAt))
        rule.secret = "the app's"
        #expect(stamp.security == Stamp("x", in: Self.app, for: rule, at: Self.sentAt)?.security)
        rule.secret = "another"
        #expect(stamp.security != Stamp("x", in: Self.app, for: rule, at: Self.sentAt)?.security)
    }

    // MARK: What becomes of them

    @Test func aRecallIsTold() throws {
        let recall = Recall(target: Self.target, by: UserID("boss"), byAdministrator: true, attachment: "why")
        let call = Self.call(.recall(recall), target: Self.said(.text("rr")))
        #expect(call?.name == "recall")
        #expect(
            try Plain(
                #"""
                {"chat_type":"recall","callId":"parley#demo_783814554747408384",
                "security":"9c2a0cddbef4855ebf74aae075b7efcb",
                "payload":{"ext":{},"ack_message_id":"\#(Self.target.easemob)","bodies":[]},
                "host":"parley","appkey":"parley#demo","from":"user1","recall_id":"\#(Self.target.easemob)",
                "to":"262246968131585","group_id":"262246968131585","eventType":"chat",
                "msg_id":"783814554747408384","timestamp":1600060847294,"securityVersion":"1.0.0"}
                """#) == Plain(self.body(call)))
    }

    @Test func ofAMessageThatIsGoneTheRecallIsFromWhoTookItBack() throws {
        let body = try self.body(Self.call(.recall(Recall(target: Self.target, by: UserID("user2"))), in: Self.direct))
        #expect(body["from"]?.string == "user2")
        #expect(body["to"]?.string == "user1")
        #expect(body["group_id"] == nil)
    }

    @Test(arguments: [
        ("user1", true, "easemob_rest_app_admin"), ("user1", false, "user1"), ("boss", true, "boss"),
    ])
    func anEditIsTold(by user: String, asAdministrator: Bool, operatorName: String) throws {
        let mark = EditMark(by: UserID(user), at: Timestamp(milliseconds: 1_600_060_847_290), count: 2)
        let edit = Edit(
            target: Self.target, message: Self.said(.text("rest消息"), attachment: #"{"k":1}"#), mark: mark,
            byAdministrator: asAdministrator)
        let call = Self.call(.edit(edit), in: Self.direct)
        #expect(call?.name == "edit")
        #expect(
            try Plain(
                #"""
                {"callId":"parley#demo_783814554747408384","timestamp":1600060847294,"appkey":"parley#demo",
                "from":"user1","to":"user2","msg_id":"783814554747408384","chat_type":"edit",
                "payload":{"bodies":[{"msg":"rest消息","type":"txt"}],"edit_message_id":"\#(Self.target.easemob)",
                    "from":"user1","to":"user2","type":"edit",
                    "meta":{"edit_msg":{"count":2,"edit_time":1600060847290,"operator":"\#(operatorName)",
                        "send_time":1600060840000,"sender":"user1"}}},
                "securityVersion":"1.0.0","security":"9c2a0cddbef4855ebf74aae075b7efcb"}
                """#) == Plain(self.body(call)))
    }

    // MARK: Groups

    @Test(arguments: [
        (Notice.joined([UserID("a"), UserID("b")], by: UserID("admin")), "JOIN", "DIRECT", "@ppAdmin", #"["a","b"]"#),
        (.joined([UserID("a")], by: nil), "JOIN", "DIRECT", "@ppAdmin", #"["a"]"#),
        (.joined([UserID("a")], by: UserID("a")), "JOIN", "DIRECT", "a", #"["a"]"#),
        (.joined([UserID("a")], by: UserID("c")), "JOIN", "INVITE", "c", #"["a"]"#),
        (.left([UserID("a")]), "LEAVE", "QUIT", "a", #"["a"]"#),
        (.removed([UserID("a"), UserID("b")], by: UserID("c")), "LEAVE", "KICK", "c", #"["a","b"]"#),
        (.removed([UserID("a")], by: UserID("admin")), "LEAVE", "KICK", "@ppAdmin", #"["a"]"#),
    ])
    func whoComesAndGoesIsTold(
        _ notice: Notice, _ operation: String, _ type: String, _ by: String, _ members: String
    ) throws {
        let call = Self.call(.notice(notice))
        #expect(call?.name == "group \(operation) \(type)")
        #expect(
            try Plain(
                #"""
                {"callId":"parley#demo_899faefb-2c6b-170d-a80b-a76a68b12048",
                "security":"943c391029b0e9410287ee8457d2aded","payload":{"member":\#(members),"type":"\#(type)"},
                "appkey":"parley#demo","id":"262246968131585","type":"GROUP","event":"group_op_event",
                "operation":"\#(operation)","operator":"\#(by)","timestamp":1600060847294}
                """#) == Plain(self.body(call)))
    }

    @Test func aGroupsNewProfileIsTold() throws {
        var group = Group(
            id: GroupID("262246968131585"), type: .public, name: "测试01", owner: UserID("tst"),
            createdAt: Timestamp(milliseconds: 1_729_496_598_199))
        group.summary = "描述"
        group.avatar = "https://a"
        group.capacity = 200
        group.isPublic = true
        group.membersMayInvite = false
        let body = try self.body(Self.call(.notice(.changed(by: nil)), of: group))
        #expect(body["operation"]?.string == "UPDATE")
        #expect(body["operator"]?.string == "@ppAdmin")
        #expect(
            try Plain(
                #"""
                {"type":"INFO","info":{"owner":"parley#demo_tst","created":"1729496598199","custom":"",
                "description":"描述","mute":"false","mute_duration":0,"avatar":"https://a","title":"测试01",
                "max_users":"200","invite_need_confirm":"true","public":"true","allow_user_invites":"false",
                "disabled":"false","last_modified":"1729496598199"}}
                """#) == Plain(try #require(body["payload"])))
    }

    // MARK: Before a message is taken

    private static func attempt(_ message: Message, in conversation: Conversation = Self.group) -> SendAttempt {
        SendAttempt(
            app: Self.app, send: Send(app: Self.app.id, conversation: conversation, message: message), id: Self.id)
    }

    private static func question(_ message: Message, in conversation: Conversation = Self.group) -> CallbackCall? {
        EasemobCallbacks.call(
            before: self.attempt(message, in: conversation), for: Self.rule,
            at: Timestamp(milliseconds: 1_700_000_000_000))
    }

    @Test func aClientsMessageIsAskedAbout() throws {
        let call = Self.question(Self.said(.text("welcome to easemob!")))
        #expect(call?.url == Self.rule.url)
        #expect(
            try Plain(
                #"""
                {"callId":"parley#demo_899faefb-2c6b-170d-a80b-a76a68b12048","timestamp":1600060847294,
                "chat_type":"groupchat","group_id":"262246968131585","from":"user1","to":"262246968131585",
                "msg_id":"783814554747408384",
                "payload":{"ext":{},"bodies":[{"msg":"welcome to easemob!","type":"txt"}],
                    "msg":"welcome to easemob!","type":"txt"},
                "securityVersion":"1.0.0","security":"943c391029b0e9410287ee8457d2aded"}
                """#) == Plain(self.body(call)))
    }

    @Test func backendsMessagesAndThoseForNamedMembersAreNotAskedAbout() {
        #expect(Self.question(Self.easemob(#"{"type":"txt","body":{"msg":"a"}}"#)) == nil)
        var targeted = Self.said(.text("a"))
        targeted.audience = .only([UserID("user2")])
        #expect(Self.question(targeted) == nil)
        #expect(Self.question(Self.said(.text("a")), in: .room(RoomID("r"))) == nil)
    }

    private static func decision(
        _ body: String, status: Int = 200, on message: Message = Self.said(.text("bad word"))
    ) -> CallbackDecision? {
        EasemobCallbacks.decision(
            from: CallbackAnswer(status: status, body: Array(body.utf8)), on: self.attempt(message))
    }

    @Test(arguments: [
        (500, #"{"valid":true}"#), (204, ""), (200, ""), (200, "ok"), (200, "[true]"), (200, "{}"),
        (200, #"{"valid":"true"}"#), (200, #"{"valid":1}"#), (200, #"{"valid":null}"#),
    ])
    func whatDoesNotSayWhetherItIsValidIsNoAnswer(_ status: Int, _ body: String) {
        #expect(Self.decision(body, status: status) == nil)
    }

    @Test(arguments: [
        (#"{"valid":false}"#, "custom logic denied"), (#"{"valid":false,"code":null}"#, "custom logic denied"),
        (#"{"valid":false,"code":""}"#, "Message blocked by external logic"),
        (#"{"valid":false,"code":"HX:10000","payload":{"msg":"x","type":"txt"}}"#, "HX:10000"),
        (#"{"valid":false,"code":10000}"#, "10000"),
    ])
    func aRefusalHasTheBackendsWordsOrTheVendors(_ body: String, _ words: String) {
        guard case .refuse(let code, let reason) = Self.decision(body) else {
            Issue.record("not refused")
            return
        }
        #expect(code == nil)
        #expect(reason == words)
    }

    @Test(arguments: [
        #"{"valid":true}"#, #"{"valid":true,"code":"HX:10000","chatroom_msg_level":"high"}"#,
        #"{"valid":true,"payload":null}"#, #"{"valid":true,"payload":"x"}"#, #"{"valid":true,"payload":{}}"#,
        #"{"valid":true,"payload":{"bodies":[]}}"#, #"{"valid":true,"payload":{"type":"img","url":"u"}}"#,
        #"{"valid":true,"payload":{"type":"txt"}}"#, #"{"valid":true,"payload":{"msg":"no type"}}"#,
        #"{"valid":true,"payload":{"ext":{},"bodies":[{"type":"txt","msg":"bad word"}]}}"#,
    ])
    func whatIsNotUnderstoodOrNotNewIsDeliveredAsItWas(_ body: String) {
        guard case .deliver = Self.decision(body) else {
            Issue.record("not delivered")
            return
        }
    }

    @Test(arguments: [
        #"{"type":"txt","msg":"***"}"#, #"{"bodies":[{"msg":"***","type":"txt"}]}"#,
        #"{"bodies":[{"msg":"***","type":"txt"}],"type":"txt","msg":"bad word"}"#,
        #"{"bodies":[{"msg":"bad word","type":"txt"}],"type":"txt","msg":"***"}"#,
    ])
    func anotherTextIsDeliveredInstead(_ payload: String) throws {
        let old = Self.said(.text("bad word"), attachment: "a")
        guard case .replace(let message) = Self.decision(#"{"valid":true,"payload":\#(payload)}"#, on: old) else {
            Issue.record("not replaced")
            return
        }
        #expect(message.content == .text("***"))
        #expect(message.native.dialect == .parley)
        #expect(message.origin == .client)
        #expect(
            String(decoding: message.native.payload, as: UTF8.self) == #"{"kind":"text","content":{"text":"***"}}"#)
        #expect(message.sender == old.sender && message.audience == old.audience && message.options == old.options)
    }

    @Test(
        arguments: [
            (#"{"k":[1]}"#, #"{"k":[1]}"#), (#"{"attachment":"b"}"#, "b"), ("{}", nil),
        ] as [(String, String?)])
    func whatIsAttachedMayBeChangedToo(_ ext: String, _ attachment: String?) {
        let old = Self.said(.text("hi"), attachment: "a")
        let body = #"{"valid":true,"payload":{"ext":\#(ext),"bodies":[{"type":"txt","msg":"hi"}]}}"#
        guard case .replace(let message) = Self.decision(body, on: old) else {
            Issue.record("not replaced")
            return
        }
        #expect(message.options.attachment == attachment)
        #expect(message.content == old.content && message.native == old.native)
    }

    @Test func commandsAreNeverChangedAndForwardedConversationsNotByAnEcho() {
        let command = Self.decision(
            #"{"valid":true,"payload":{"type":"txt","msg":"***"}}"#, on: Self.said(.command(name: "go", data: "")))
        guard case .deliver = command else {
            Issue.record("a command was changed")
            return
        }
        let echo = Self.decision(
            #"{"valid":true,"payload":{"type":"txt","msg":"ab"}}"#, on: Self.said(.combined([.text("a"), .text("b")])))
        guard case .deliver = echo else {
            Issue.record("an echo changed a message")
            return
        }
    }

    // MARK: The rest

    @Test func onlyTwoHundredIsAccepted() {
        #expect(EasemobCallbacks.accepts(CallbackAnswer(status: 200, body: Array("anything".utf8))))
        #expect(!EasemobCallbacks.accepts(CallbackAnswer(status: 204, body: [])))
        #expect(!EasemobCallbacks.accepts(CallbackAnswer(status: 500, body: [])))
    }

    @Test func theVendorsHabits() {
        #expect(EasemobCallbacks.topics == Set(CallbackTopic.allCases))
        let policy = EasemobCallbacks.policy
        #expect(policy.originsBefore == [.client])
        #expect((policy.attempts, policy.retryAfterMilliseconds) == (2, 0))
        #expect((policy.failuresBeforePause, policy.failureWindowMilliseconds) == (90, 30_000))
        #expect(policy.pausesMilliseconds == [300_000, 600_000, 900_000, 1_200_000, 1_500_000])
    }

    @Test func theSenderIsToldWhy() {
        func words(_ rejection: Rejection) -> String {
            let refusal = Refusal(rejection, in: .messages)
            #expect(refusal.status == .forbidden && refusal.error == "message_send_error")
            return refusal.description
        }
        #expect(words(.refusedByCallback(code: 7, reason: "HX:10000")) == "HX:10000")
        #expect(words(.refusedByCallback(code: nil, reason: nil)) == "custom logic denied")
        #expect(words(.callbackFailed) == "custom internal error")
    }
}

/// A JSON value without the order of its members and the way it is written.
private indirect enum Plain: Hashable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([Plain])
    case object([String: Plain])

    init(_ text: String) throws { self.init(try JSON(parsing: text)) }

    init(_ json: JSON) {
        self =
            switch json.kind {
            case .null: .null
            case .bool: .bool(json.bool!)
            case .number: .number(json.double!)
            case .string: .string(json.string!)
            case .array: .array(json.array!.map { Plain($0) })
            // Traps where a member is written twice.
            case .object: .object(Dictionary(uniqueKeysWithValues: json.members!.map { ($0.key, Plain($0.value)) }))
            }
    }
}
