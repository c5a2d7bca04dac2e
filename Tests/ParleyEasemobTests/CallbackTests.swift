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
        #expect(Self.call(.notice(.left([UserID("user1")]))) == nil)
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

    private static func call(
        _ body: Happening.Body, _ part: CallbackPart = .whole, form: CallbackRule.GroupForm = .current
    ) -> CallbackCall? {
        var rule = Self.rule
        rule.groupForm = form
        var subject = CallbackSubject(
            app: Self.app, occurrence: .happening(Happening(id: Self.id, app: Self.app.id, body: body)))
        subject.part = part
        return EasemobCallbacks.call(about: subject, for: rule, at: Timestamp(milliseconds: 1_700_000_000_000))
    }

    /// All the calls about it, by their names.
    private static func names(_ kind: GroupHappening.Kind, form: CallbackRule.GroupForm = .current) -> [String] {
        var rule = Self.rule
        rule.groupForm = form
        let body = Happening.Body.group(GroupHappening(kind, in: Self.profile, by: nil))
        let occurrence = Occurrence.happening(Happening(id: Self.id, app: Self.app.id, body: body))
        return EasemobCallbacks.parts(of: occurrence, for: rule).compactMap {
            self.call(body, $0, form: form)?.name
        }
    }

    private static let profile: Group = {
        var group = Group(
            id: GroupID("262246968131585"), type: .public, name: "测试01", owner: UserID("tst"),
            createdAt: Timestamp(milliseconds: 1_729_496_598_199))
        group.summary = "描述"
        group.avatar = "https://a"
        group.capacity = 200
        group.isPublic = true
        group.membersMayInvite = false
        return group
    }()

    private static let info = #"""
        {"owner":"parley#demo_tst","created":"1729496598199","custom":"",
        "description":"描述","mute":"false","mute_duration":0,"avatar":"https://a","title":"测试01",
        "max_users":"200","invite_need_confirm":"true","public":"true","allow_user_invites":"false",
        "disabled":"false","last_modified":"1729496598199"}
        """#

    @Test(arguments: [
        (
            GroupHappening.Kind.joined([UserID("a"), UserID("b")], count: 4), "admin" as String?, "JOIN", "DIRECT",
            "@ppAdmin",
            #""member":["a","b"]"#
        ),
        (.joined([UserID("a")], count: 4), nil, "JOIN", "DIRECT", "@ppAdmin", #""member":["a"]"#),
        (.joined([UserID("a")], count: 4), "a", "JOIN", "DIRECT", "a", #""member":["a"]"#),
        (.joined([UserID("a")], count: 4), "c", "JOIN", "INVITE", "c", #""member":["a"]"#),
        (.left([UserID("a")]), nil, "LEAVE", "QUIT", "a", #""member":["a"]"#),
        (.removed([UserID("a"), UserID("b")]), "c", "LEAVE", "KICK", "c", #""member":["a","b"]"#),
        (.removed([UserID("a")]), "admin", "LEAVE", "KICK", "@ppAdmin", #""member":["a"]"#),
        (.owner(from: UserID("old")), nil, "UPDATE", "OWNER", "@ppAdmin", #""owner":"old","new_owner":"tst""#),
        (.administrators([UserID("a")], added: true), "tst", "ADMIN", "ADD", "tst", #""admin":["a"]"#),
        (.administrators([UserID("a")], added: false), nil, "ADMIN", "REMOVE", "@ppAdmin", #""admin":["a"]"#),
        (
            .muted([UserID("a")], until: Timestamp(milliseconds: 1_729_585_614_955)), nil, "MUTE", "ADD", "@ppAdmin",
            #""member":["a"],"expire_timestamp":1729585614955"#
        ),
        (
            .muted([UserID("a")], until: .distantFuture), nil, "MUTE", "ADD", "@ppAdmin",
            #""member":["a"],"expire_timestamp":-1"#
        ),
        (.unmuted([UserID("a")]), nil, "MUTE", "REMOVE", "@ppAdmin", #""member":["a"]"#),
    ])
    func whatHappensInAGroupIsTold(
        _ kind: GroupHappening.Kind, _ by: String?, _ operation: String, _ type: String, _ shown: String,
        _ members: String
    ) throws {
        let call = Self.call(.group(GroupHappening(kind, in: Self.profile, by: by.map { UserID($0) })))
        #expect(call?.name == "group \(operation) \(type)")
        let count = operation == "JOIN" ? #""member_count":4,"# : ""
        #expect(
            try Plain(
                #"""
                {"callId":"parley#demo_899faefb-2c6b-170d-a80b-a76a68b12048",
                "security":"943c391029b0e9410287ee8457d2aded","payload":{\#(members),"type":"\#(type)"},
                "appkey":"parley#demo","id":"262246968131585","type":"GROUP","event":"group_op_event",\#(count)
                "operation":"\#(operation)","operator":"\#(shown)","timestamp":1600060847294}
                """#) == Plain(self.body(call)))
    }

    @Test func aNewGroupIsToldWithItsRolesMembersAndProfile() throws {
        let users = ["tst", "abc", "d"].map { UserID($0) }
        let kind = GroupHappening.Kind.created(users, administrators: [UserID("abc")])
        let body = try self.body(Self.call(.group(GroupHappening(kind, in: Self.profile, by: UserID("tst")))))
        #expect(body["operation"]?.string == "CREATE" && body["operator"]?.string == "tst")
        #expect(
            try Plain(#"{"role":{"tst":"owner","abc":"admin"},"member":["abc","d"],"info":\#(Self.info)}"#)
                == Plain(try #require(body["payload"])))
    }

    @Test func aGroupsEndIsToldAsItsMembersDepartureAndItsOwn() throws {
        let kind = GroupHappening.Kind.dissolved([UserID("a"), UserID("b")])
        #expect(Self.names(kind) == ["group LEAVE DELETE", "group DELETE"])
        #expect(Self.names(.dissolved([])) == ["group DELETE"])
        let happening = Happening.Body.group(GroupHappening(kind, in: Self.profile, by: nil))
        let departure = try self.body(Self.call(happening, .side("LEAVE")))
        #expect(
            try Plain(#"{"member":["a","b"],"type":"DELETE"}"#) == Plain(try #require(departure["payload"])))
        let end = try self.body(Self.call(happening, .side("DELETE")))
        #expect(end["payload"] == nil && end["operation"]?.string == "DELETE")
        #expect(end["callId"]?.string != departure["callId"]?.string)
    }

    @Test func listsAndFilesAreToldAndWhatTheVendorHasNoWordForIsNot() {
        let one = [UserID("a")]
        #expect(Self.names(.speakers(one, added: true)) == ["group WHITE ADD"])
        #expect(Self.names(.speakers(one, added: false)) == ["group WHITE REMOVE"])
        #expect(Self.names(.keptOut(one, until: .distantFuture)) == ["group BLOCK ADD"])
        #expect(Self.names(.keptOut(one, until: nil)) == ["group BLOCK REMOVE"])
        #expect(Self.names(.file("f", isShared: true)) == ["group SHARE_FILE ADD"])
        #expect(Self.names(.file("f", isShared: false)) == ["group SHARE_FILE REMOVE"])
        #expect(Self.names(.applied(one[0], reason: "")) == [])
        #expect(Self.names(.attributesSet(["k": "v"])) == [])
    }

    @Test func aRoomIsToldByItsNumber() throws {
        var room = Self.profile
        (room.id, room.type) = (GroupID(easemob: "4503599627370497"), .chatRoom)
        let happening = GroupHappening(.left([UserID("a")]), in: room, by: nil)
        let body = try self.body(Self.call(.group(happening)))
        #expect(body["type"]?.string == "CHATROOM" && body["id"]?.string == "4503599627370497")
        let former = try self.body(Self.call(.group(happening), .user(UserID("a")), form: .former))
        #expect(former["payload"]?["is_chatroom"]?.bool == true)
        #expect(former["payload"]?["muc_id"]?.string == "parley#demo_4503599627370497@conference.easemob.com")
    }

    @Test func aGroupsNewProfileIsToldByItsSides() throws {
        var (before, after) = (Self.profile, Self.profile)
        before.name = "old"
        after.announcement = "公告"
        after.isMuted = true
        func body(_ side: String) throws -> JSON {
            let happening = GroupHappening(.changed(from: before), in: after, by: nil)
            return try self.body(Self.call(.group(happening), .side(side)))
        }
        #expect(Self.names(.changed(from: before)) == ["group UPDATE INFO"])
        #expect(
            GroupHappening(.changed(from: before), in: after, by: nil).sides
                == [.side("INFO"), .side("ANNOUNCEMENT"), .side("MUTE")])
        let announcement = try #require(try body("ANNOUNCEMENT")["payload"])
        let expected = try Plain(#"{"type":"ANNOUNCEMENT","announcement":"公告"}"#)
        #expect(Plain(announcement) == expected)
        let mute = try #require(try body("MUTE")["payload"])
        let muted = try Plain(#"{"type":"MUTE","mute":true}"#)
        #expect(Plain(mute) == muted)
        let happening = GroupHappening(.changed(from: before), in: Self.profile, by: nil)
        let info = try self.body(Self.call(.group(happening), .side("INFO")))
        #expect(try Plain(#"{"type":"INFO","info":\#(Self.info)}"#) == Plain(try #require(info["payload"])))
        // That it was changed at another time is no change.
        before = Self.profile
        before.updatedAt = .distantPast
        #expect(Self.names(.changed(from: before)) == [])
    }

    @Test func theFormerFormHasACallForEachMember() throws {
        let kind = GroupHappening.Kind.joined([UserID("a"), UserID("b")], count: 3)
        #expect(Self.names(kind, form: .former) == ["muc direct_joined a", "muc direct_joined b"])
        let call = Self.call(
            .group(GroupHappening(.removed([UserID("a")]), in: Self.profile, by: UserID("tst"))), .user(UserID("a")),
            form: .former)
        let body = try self.body(call)
        let security = try #require(body["security"]?.string)
        #expect(
            try Plain(
                #"""
                {"chat_type":"muc","callId":"parley#demo_783814554747408384","security":"\#(security)",
                "payload":{"muc_id":"parley#demo_262246968131585@conference.easemob.com","reason":"",
                    "is_chatroom":false,"operation":"kick","status":{"description":"","error_code":"ok"}},
                "group_id":"262246968131585","host":"parley","appkey":"parley#demo",
                "from":"parley#demo_tst@easemob.com","to":"a","eventType":"chat","msg_id":"783814554747408384",
                "timestamp":1600060847294}
                """#) == Plain(body))
    }

    @Test func theFormerFormHasItsOwnWords() {
        func names(_ kind: GroupHappening.Kind) -> [String] { Self.names(kind, form: .former) }
        let one = [UserID("a")]
        #expect(names(.created(one, administrators: [])) == ["muc create"])
        #expect(names(.dissolved(one)) == ["muc destroy"])
        #expect(names(.left(one)) == ["muc leave a"])
        #expect(names(.owner(from: UserID("a"))) == ["muc assing_owner"])
        #expect(names(.administrators(one, added: true)) == ["muc add_admin a"])
        #expect(names(.administrators(one, added: false)) == ["muc remove_admin a"])
        #expect(names(.muted(one, until: .distantFuture)) == ["muc add_mute a"])
        #expect(names(.unmuted(one)) == ["muc remove_mute a"])
        #expect(names(.speakers(one, added: true)) == ["muc add_user_white_list a"])
        #expect(names(.speakers(one, added: false)) == ["muc remove_user_white_list a"])
        #expect(names(.keptOut(one, until: .distantFuture)) == ["muc ban a"])
        #expect(names(.keptOut(one, until: nil)) == ["muc allow a"])
        #expect(names(.invited(one, reason: "")) == ["muc invite a"])
        #expect(names(.invitationAnswered(one[0], isAccepted: false, reason: "")) == ["muc invite_decline"])
        #expect(names(.applied(one[0], reason: "")) == ["muc apply"])
        #expect(names(.applicationAnswered(one[0], isAccepted: true, reason: "")) == ["muc apply_accept"])
        #expect(names(.file("f", isShared: true)) == ["muc upload_file"])
        #expect(names(.memberAttributes(one[0], [:])) == ["muc group_member_metadata_update"])
        #expect(names(.attributesSet([:])) == ["muc set_metadata"])
        #expect(names(.attributesRemoved([])) == ["muc delete_metadata"])
        #expect(names(.full) == [])
        var before = Self.profile
        before.announcement = "old"
        before.isMuted = true
        before.name = "old"
        #expect(
            names(.changed(from: before)) == ["muc update", "muc delete_announcement", "muc remove_ban_group"])
    }

    // MARK: Users

    @Test func whoReadAMessageIsTold() throws {
        func reading(_ conversation: Conversation) throws -> JSON {
            try self.body(
                Self.call(
                    .read(Reading(of: Self.target, from: UserID("user1"), in: conversation, by: UserID("user2")))))
        }
        let direct = try reading(Self.direct)
        let frame = #"""
            "chat_type":"read_ack","callId":"parley#demo_783814554747408384","eventType":"chat",
            "security":"9c2a0cddbef4855ebf74aae075b7efcb","host":"parley","appkey":"parley#demo","from":"user2",
            "msg_id":"783814554747408384","timestamp":1600060847294
            """#
        #expect(
            try Plain(
                #"""
                {\#(frame),"channel_channel":"parley#demo_user1@conference.easemob.com","to":"user1",
                "payload":{"ext":{},"ack_message_id":"\#(Self.target.easemob)","bodies":[]}}
                """#) == Plain(direct))
        #expect(
            try Plain(
                #"""
                {\#(frame),"channel_channel":"parley#demo_262246968131585@conference.easemob.com",
                "channel_user":"parley#demo_user2@easemob.com","content_type":"chat:ack:read","writed_channel":false,
                "to":"262246968131585","payload":{"ext":{},"ack_message_id":"\#(Self.target.easemob)",
                "msg_config":{"allow_group_ack":true},"type":"read_ack"}}
                """#) == Plain(try reading(Self.group)))
    }

    @Test(arguments: [
        (PresenceHappening.Change.online(replaced: []), "login", "online"), (.offline(.closed), "logout", "offline"),
        (.offline(.lost), "logout", "offline"), (.offline(.interrupted), "logout", "offline"),
        (.offline(.replaced), "replaced", "offline"), (.offline(.kicked), "replaced", "offline"),
    ])
    func whoComesAndGoesIsTold(
        _ change: PresenceHappening.Change, _ reason: String, _ status: String
    ) throws {
        let presence = PresenceHappening(
            change, of: UserID("user1"), on: DeviceID("6d58"), platform: "iPhone", session: "s", address: "192.0.2.7")
        #expect(
            try Plain(
                #"""
                {"callId":"parley#demo_899faefb-2c6b-170d-a80b-a76a68b12048","reason":"\#(reason)",
                "security":"943c391029b0e9410287ee8457d2aded","os":"ios","ip":"192.0.2.7","host":"parley",
                "appkey":"parley#demo","user":"parley#demo_user1@easemob.com/ios_6d58","version":"",
                "timestamp":1600060847294,"status":"\#(status)"}
                """#) == Plain(self.body(Self.call(.presence(presence)))))
    }

    @Test func aDeviceThatOnlyConnectedAgainIsNoNews() {
        let presence = PresenceHappening(
            .offline(.renewed), of: UserID("user1"), on: DeviceID("d"), platform: "Web", session: "s", address: nil)
        #expect(Self.call(.presence(presence)) == nil)
    }

    @Test(arguments: [
        (ContactChange.Kind.invited(reason: "hi"), CallbackPart.whole, "user1", "user2", #""reason":"hi""#, "add"),
        (.added, .whole, "user1", "user2", #""reason":"""#, "add"),
        (.agreed, .side("remote_accept"), "user1", "user2", #""roster_ver":"783814554747408384""#, "remote_accept"),
        (.agreed, .side("accept"), "user2", "user1", #""roster_ver":"783814554747408384""#, "accept"),
        (.declined, .side("remote_decline"), "user1", "user2", #""roster_ver":"783814554747408384""#, "remote_decline"),
        (.declined, .side("decline"), "user2", "user1", #""roster_ver":"783814554747408384""#, "decline"),
        (.removed, .whole, "user1", "user2", #""roster_ver":"783814554747408384""#, "remove"),
        (.blocked, .whole, "user1", "user2", #""status":{"error_code":"ok"}"#, "ban"),
        (.unblocked, .whole, "user1", "user2", #""status":{"error_code":"ok"}"#, "allow"),
    ])
    func whatBecomesOfContactsIsTold(
        _ kind: ContactChange.Kind, _ part: CallbackPart, _ from: String, _ to: String, _ detail: String,
        _ operation: String
    ) throws {
        let body = Happening.Body.contact(ContactChange(kind, from: UserID("user1"), to: UserID("user2")))
        let happening = Happening(id: Self.id, app: Self.app.id, body: body)
        #expect(EasemobCallbacks.parts(of: .happening(happening), for: Self.rule).contains(part))
        let call = try #require(Self.call(body, part))
        #expect(call.name == "roster \(operation)")
        #expect(
            try Plain(
                #"""
                {"chat_type":"roster","callId":"parley#demo_783814554747408384",
                "security":"9c2a0cddbef4855ebf74aae075b7efcb","payload":{\#(detail),"operation":"\#(operation)"},
                "host":"parley","appkey":"parley#demo","from":"parley#demo_\#(from)@easemob.com","to":"\#(to)",
                "eventType":"chat","msg_id":"783814554747408384","timestamp":1600060847294}
                """#) == Plain(self.body(call)))
    }

    @Test func anAnswerIsToldToBothAndAllElseOnce() {
        func names(_ kind: ContactChange.Kind) -> [String] {
            let body = Happening.Body.contact(ContactChange(kind, from: UserID("user1"), to: UserID("user2")))
            let happening = Happening(id: Self.id, app: Self.app.id, body: body)
            return EasemobCallbacks.parts(of: .happening(happening), for: Self.rule).compactMap {
                Self.call(body, $0)?.name
            }
        }
        #expect(names(.agreed) == ["roster remote_accept", "roster accept"])
        #expect(names(.declined) == ["roster remote_decline", "roster decline"])
        #expect(names(.removed) == ["roster remove"])
    }

    @Test func whomAMessageWaitsForIsTold() throws {
        let entry = Entry(
            conversation: ConversationID(app: Self.app.id, Self.group), sequence: 1, id: Self.id,
            body: .message(Self.said(.text("a"))))
        var subject = CallbackSubject(app: Self.app, entry: entry)
        subject.part = .absent(UserID("user7"))
        let call = EasemobCallbacks.call(about: subject, for: Self.rule, at: Self.sentAt)
        #expect(call?.name == "chat_offline user7")
        let body = try self.body(call)
        #expect(body["eventType"]?.string == "chat_offline" && body["to"]?.string == "user7")
        #expect(body["group_id"]?.string == "262246968131585")
        #expect(body["payload"]?["to"]?.string == "262246968131585")
    }

    @Test func aMessageThatNamesARouteIsToldThereAlone() {
        func isTold(_ payload: String, route: String?) -> Bool {
            var rule = Self.rule
            rule.route = route
            let entry = Entry(
                conversation: ConversationID(app: Self.app.id, Self.group), sequence: 1, id: Self.id,
                body: .message(Self.easemob(payload)))
            return EasemobCallbacks.call(
                about: CallbackSubject(app: Self.app, entry: entry), for: rule, at: Self.sentAt) != nil
        }
        let (named, usual) = (#"{"type":"txt","body":{"msg":"a"},"env":"dev"}"#, #"{"type":"txt","body":{"msg":"a"}}"#)
        #expect(isTold(named, route: "dev") && !isTold(named, route: nil) && !isTold(named, route: "test"))
        #expect(!isTold(usual, route: "dev") && isTold(usual, route: nil))
    }

    @Test func aRuleMayWantOnlyMessagesWithAKeyInTheirExt() {
        func isTold(_ attachment: String?) -> Bool {
            var rule = Self.rule
            rule.filter.attachedKeys = ["order", "price"]
            var message = Self.easemob(#"{"type":"txt","body":{"msg":"a"}}"#)
            message.options.attachment = attachment
            let entry = Entry(
                conversation: ConversationID(app: Self.app.id, Self.group), sequence: 1, id: Self.id,
                body: .message(message))
            return EasemobCallbacks.call(
                about: CallbackSubject(app: Self.app, entry: entry), for: rule, at: Self.sentAt) != nil
        }
        #expect(isTold(#"{"a":1,"price":null}"#))
        #expect(!isTold(#"{"a":{"price":1}}"#) && !isTold(nil) && !isTold("price"))
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

    // MARK: Reactions and threads

    @Test(arguments: [
        (Self.group, "262246968131585", "groupchat"), (Self.direct, "user2", "chat"),
    ])
    func aReactionIsToldAsClientsAreToldOfIt(_ conversation: Conversation, _ to: String, _ type: String) throws {
        let reaction = Reaction(
            kind: "a", count: 1, users: [UserID("user1")], isOwn: false, firstAt: Self.sentAt, lastAt: Self.sentAt)
        let change = ReactionChange(
            "a", isAdded: true, to: Self.target, in: conversation, by: UserID("user1"), at: Self.sentAt,
            reactions: [reaction])
        let call = Self.call(.reaction(change))
        #expect(call?.name == "notify:reaction")
        let body = try self.body(call)
        #expect(
            try Plain(
                #"""
                {"data":[{"messageId":"\#(Self.target.easemob)","from":"user1","to":"\#(to)",
                "channel_type":"\#(type)","ts":1600060847294,"reactions":[{"reaction":"a","count":1,"userList":["user1"],
                "op":[{"reactionType":"create","operator":"user1"}]}]}],"num":1,"channel_type":"\#(type)",
                "type":"reaction"}
                """#) == Plain(#require(body["payload"])))
        #expect(body["chat_type"]?.string == "notify" && body["eventType"]?.string == "chat")
        #expect(body["from"]?.string == "user1" && body["to"]?.string == to)
        #expect(body["appkey"]?.string == "parley#demo" && body["msg_id"]?.string == Self.id.easemob)
        #expect(body["security"]?.string?.count == 32 && body["callId"]?.string?.hasPrefix("parley#demo_") == true)
    }

    @Test func whatIsSaidInAThreadIsTold() throws {
        let thread = Group(
            thread: GroupID("900"), on: ThreadOrigin(group: GroupID("262246968131585"), message: Self.target),
            name: "topic", owner: UserID("user1"), createdAt: Self.sentAt)
        let overview = ThreadOverview(messageCount: 7, last: nil)
        let call = Self.call(.thread(ThreadChange(.said(overview), of: thread, by: UserID("user1"))))
        #expect(call?.name == "notify:thread")
        let body = try self.body(call)
        #expect(
            try Plain(
                #"""
                {"data":{"id":"900","name":"topic","muc_parent_id":"262246968131585",
                "msg_parent_id":"\#(Self.target.easemob)","timestamp":1600060847294,"from":"user1",
                "operation":"update_msg","message_count":7,"last_message":{}},"type":"thread"}
                """#) == Plain(#require(body["payload"])))
        #expect(body["from"]?.string == "admin" && body["to"]?.string == "262246968131585")
    }

    // MARK: The rest

    @Test func onlyTwoHundredIsAccepted() {
        #expect(EasemobCallbacks.accepts(CallbackAnswer(status: 200, body: Array("anything".utf8))))
        #expect(!EasemobCallbacks.accepts(CallbackAnswer(status: 204, body: [])))
        #expect(!EasemobCallbacks.accepts(CallbackAnswer(status: 500, body: [])))
    }

    @Test func theVendorsHabits() {
        #expect(EasemobCallbacks.topics == Set(CallbackTopic.allCases).subtracting([.refused, .deletion]))
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
indirect enum Plain: Hashable {
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
