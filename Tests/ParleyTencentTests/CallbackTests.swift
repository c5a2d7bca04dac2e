import Foundation
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import Testing

@testable import ParleyTencent

/// The bodies are the vendor's samples (intl.cloud.tencent.com/document/product/1047/34364 and after), with our times and numbers, and with EventTime
/// as a number.
@Suite struct CallbackTests {
    // MARK: What has happened

    @Test func aGroupMessageIsToldAsTheVendorsSampleHasIt() throws {
        let call = try #require(Self.call(about: .message(Self.message())))
        #expect(
            call.url
                == "https://www.example.com?SdkAppid=1400000000&CallbackCommand=Group.CallbackAfterSendMsg&contenttype=json&ClientIP=127.0.0.1&OptPlatform=RESTAPI"
        )
        #expect(call.contentType == "application/json")
        #expect(call.name == "Group.CallbackAfterSendMsg")
        try Self.expect(
            call,
            """
            {"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"@TGS#2J4SZEAEL","Type":"Public","From_Account":"jared",
            "Operator_Account":"admin","Random":123456,"MsgSeq":123,"MsgTime":1670574414,"OnlineOnlyFlag":0,
            "MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"red packet"}}],
            "CloudCustomData":"your cloud custom data","EventTime":1670574414123}
            """)
    }

    @Test func aDirectMessageIsToldWithItsKey() throws {
        let call = try #require(Self.call(about: .message(Self.message()), in: .direct("jared", "Jonh"), unread: 7))
        #expect(call.url.contains("&CallbackCommand=C2C.CallbackAfterSendMsg&"))
        try Self.expect(
            call,
            """
            {"CallbackCommand":"C2C.CallbackAfterSendMsg","From_Account":"jared","To_Account":"Jonh","MsgSeq":123,
            "MsgRandom":123456,"MsgTime":1670574414,"MsgKey":"123_123456_1670574414","SendMsgResult":0,
            "ErrorInfo":"send msg succeed","UnreadMsgNum":7,"OnlineOnlyFlag":0,
            "MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"red packet"}}],
            "CloudCustomData":"your cloud custom data","EventTime":1670574414123}
            """)
    }

    /// He is his own operator, and what his client runs on is not known.
    @Test func aClientsMessageIsItsSendersOwn() throws {
        let call = try #require(Self.call(about: .message(Self.clientMessage)))
        #expect(call.url.hasSuffix("&OptPlatform=Unknown"))
        try Self.expect(
            call,
            """
            {"CallbackCommand":"Group.CallbackAfterSendMsg","GroupId":"@TGS#2J4SZEAEL","Type":"Public","From_Account":"jared",
            "Operator_Account":"jared","Random":0,"MsgSeq":123,"MsgTime":1670574414,"OnlineOnlyFlag":0,
            "MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hello"}}],"CloudCustomData":"","EventTime":1670574414123}
            """)
    }

    @Test func thoseMentionedAreNamed() throws {
        var message = Self.message()
        message.options.mention = .everyoneAnd([UserID("tommy")])
        let call = try #require(Self.call(about: .message(message)))
        let told = try JSON(parsing: call.body)["GroupAtInfo"]
        #expect(
            told.map { String(decoding: $0.raw, as: UTF8.self) }
                == #"[{"GroupAtAllFlag":1},{"GroupAtAllFlag":0,"GroupAt_Account":"tommy"}]"#)
    }

    @Test func aRecallInAGroupNamesTheSequence() throws {
        let recall = Recall(target: Self.id, targetSequence: 130, by: UserID("admin"), byAdministrator: true)
        let call = try #require(Self.call(about: .recall(recall)))
        #expect(call.url.hasSuffix("&OptPlatform=RESTAPI"))
        try Self.expect(
            call,
            """
            {"CallbackCommand":"Group.CallbackAfterRecallMsg","Operator_Account":"admin","Type":"Public",
            "GroupId":"@TGS#2J4SZEAEL","MsgSeqList":[{"MsgSeq":130}],"EventTime":1670574414123}
            """)
    }

    @Test func aDirectRecallNamesTheMessageBySenderAndKey() throws {
        let target = Entry(
            conversation: ConversationID(app: Self.app.id, .direct("jared", "Jonh")), sequence: 48374,
            id: MessageID(sentAt: Timestamp(seconds: 1_557_481_126), slot: 0), body: .message(Self.message()))
        let recall = Recall(target: target.id, targetSequence: 48374, by: UserID("jared"))
        let call = try #require(
            Self.call(about: .recall(recall), in: .direct("jared", "Jonh"), target: target, unread: 7))
        #expect(call.url.hasSuffix("&OptPlatform=Unknown"))
        try Self.expect(
            call,
            """
            {"CallbackCommand":"C2C.CallbackAfterMsgWithDraw","From_Account":"jared","To_Account":"Jonh",
            "MsgKey":"48374_123456_1557481126","UnreadMsgNum":7,"EventTime":1670574414123}
            """)
        #expect(Self.call(about: .recall(recall), in: .direct("jared", "Jonh")) == nil)
    }

    @Test(arguments: [
        (
            GroupHappening.Kind.joined(["jared", "tommy"].map { UserID($0) }, count: 3), "leckie" as String?,
            #""CallbackCommand":"Group.CallbackAfterNewMemberJoin","JoinType":"Invited","Operator_Account":"leckie","NewMemberList":[{"Member_Account":"jared"},{"Member_Account":"tommy"}]"#
        ),
        (
            .joined([UserID("jared")], count: 2), "jared",
            #""CallbackCommand":"Group.CallbackAfterNewMemberJoin","JoinType":"Apply","Operator_Account":"jared","NewMemberList":[{"Member_Account":"jared"}]"#
        ),
        (
            .joined([UserID("jared")], count: 2), nil,
            #""CallbackCommand":"Group.CallbackAfterNewMemberJoin","JoinType":"Apply","Operator_Account":"jared","NewMemberList":[{"Member_Account":"jared"}]"#
        ),
        (
            .left([UserID("jared")]), nil,
            #""CallbackCommand":"Group.CallbackAfterMemberExit","ExitType":"Quit","Operator_Account":"jared","ExitMemberList":[{"Member_Account":"jared"}]"#
        ),
        (
            .removed(["jared", "tommy"].map { UserID($0) }), "leckie",
            #""CallbackCommand":"Group.CallbackAfterMemberExit","ExitType":"Kicked","Operator_Account":"leckie","ExitMemberList":[{"Member_Account":"jared"},{"Member_Account":"tommy"}]"#
        ),
        (
            .removed([UserID("jared")]), nil,
            #""CallbackCommand":"Group.CallbackAfterMemberExit","ExitType":"Kicked","Operator_Account":"admin","ExitMemberList":[{"Member_Account":"jared"}]"#
        ),
        (
            .changed(
                from: Group(
                    id: GroupID("@TGS#2J4SZEAEL"), type: .public, name: "lunch", owner: nil, createdAt: .distantPast)),
            "leckie",
            #""CallbackCommand":"Group.CallbackAfterGroupInfoChanged","Operator_Account":"leckie","Notification":"NewNotification""#
        ),
        (
            .created([UserID("leckie"), UserID("bob")], administrators: []), nil,
            #""CallbackCommand":"Group.CallbackAfterCreateGroup","Operator_Account":"admin","Owner_Account":"leckie","Name":"lunch","MemberList":[{"Member_Account":"leckie"},{"Member_Account":"bob"}]"#
        ),
        (
            .dissolved([UserID("leckie"), UserID("bob")]), "leckie",
            #""CallbackCommand":"Group.CallbackAfterGroupDestroyed","Operator_Account":"leckie","Owner_Account":"leckie","Name":"lunch","MemberList":[{"Member_Account":"leckie"},{"Member_Account":"bob"}]"#
        ),
        (
            .owner(from: UserID("bob")), nil,
            #""CallbackCommand":"Group.CallbackAfterChangeGroupOwner","Operator_Account":"admin","OldOwner_Account":"bob","NewOwner_Account":"leckie""#
        ),
    ])
    func whatHappensToAGroupIsTold(kind: GroupHappening.Kind, by: String?, members: String) throws {
        let happening = GroupHappening(kind, in: Self.group, by: by.map { UserID($0) })
        let call = try #require(Self.call(about: .group(happening)))
        #expect(call.url.contains("&CallbackCommand=\(call.name)&"))
        #expect(call.url.hasSuffix("&OptPlatform=RESTAPI"))
        try Self.expect(
            call, #"{"GroupId":"@TGS#2J4SZEAEL","Type":"Public",\#(members),"EventTime":1670574414123}"#)
    }

    @Test func aFullGroupIsToldByItsNameAlone() throws {
        let call = try #require(Self.call(about: .group(GroupHappening(.full, in: Self.group, by: nil))))
        try Self.expect(
            call,
            #"{"CallbackCommand":"Group.CallbackAfterGroupFull","GroupId":"@TGS#2J4SZEAEL","EventTime":1670574414123}"#)
    }

    @Test func ofACommunityThatEndedTheMembersAreNotTold() throws {
        var group = Self.group
        group.type = .community
        let call = try #require(
            Self.call(about: .group(GroupHappening(.dissolved([UserID("bob")]), in: group, by: nil))))
        #expect(try JSON(parsing: call.body)["MemberList"] == nil)
    }

    @Test func whatTheVendorOnlyTellsMembersIsNotTold() {
        var same = Self.group
        same.capacity = 7
        for kind: GroupHappening.Kind in [
            .muted([UserID("bob")], until: .distantFuture), .unmuted([]), .administrators([], added: true),
            .changed(from: same),
        ] {
            #expect(Self.call(about: .group(GroupHappening(kind, in: Self.group, by: nil))) == nil)
        }
        let reading = Reading(
            of: Self.id, from: UserID("bob"), in: .direct("jared", "bob"), by: UserID("jared"))
        #expect(Self.call(about: .read(reading)) == nil)
    }

    @Test(arguments: [
        (PresenceHappening.Change.online(replaced: []), "Login", "Register", ""),
        (
            .online(replaced: ["Windows", "Android"]), "Login", "Register",
            #","KickedDevice":[{"Platform":"Windows"},{"Platform":"Android"}]"#
        ),
        (.offline(.closed), "Disconnect", "LinkClose", ""), (.offline(.interrupted), "Disconnect", "LinkClose", ""),
        (.offline(.lost), "Disconnect", "TimeOut", ""), (.offline(.kicked), "Logout", "Unregister", ""),
    ])
    func whoComesAndGoesIsTold(
        _ change: PresenceHappening.Change, _ action: String, _ reason: String, _ more: String
    ) throws {
        let call = try #require(Self.call(about: .presence(Self.presence(change, address: "192.0.2.7"))))
        #expect(call.url.hasSuffix("&ClientIP=192.0.2.7&OptPlatform=IOS"))
        try Self.expect(
            call,
            """
            {"CallbackCommand":"State.StateChange","EventTime":1670574414123,
            "Info":{"Action":"\(action)","To_Account":"jared","Reason":"\(reason)"}\(more)}
            """)
    }

    @Test func aDeviceThatWasReplacedIsNamedByTheOtherAlone() {
        for reason: PresenceHappening.Reason in [.replaced, .renewed] {
            #expect(Self.call(about: .presence(Self.presence(.offline(reason)))) == nil)
        }
    }

    @Test func noPartOfAURLIsTheClients() throws {
        var presence = Self.presence(.online(replaced: []), address: "fe80::1%eth0")
        presence.platform = "a&b=c"
        let call = try #require(Self.call(about: .presence(presence)))
        #expect(call.url.hasSuffix("&ClientIP=fe80::1&OptPlatform=Unknown"))
    }

    private static func presence(
        _ change: PresenceHappening.Change, address: String? = nil
    ) -> PresenceHappening {
        PresenceHappening(
            change, of: UserID("jared"), on: DeviceID("d"), platform: "iPhone", session: "s-1", address: address)
    }

    @Test func aMessageThatWasNotTakenIsToldWithTheCodeThatTheSenderGot() throws {
        let send = RefusedSend(
            conversation: Self.conversation, message: Self.message(), isEphemeral: true, cause: .tooFrequent)
        try Self.expect(
            try #require(Self.call(about: .refused(send))),
            """
            {"CallbackCommand":"Group.CallbackSendMsgException","GroupId":"@TGS#2J4SZEAEL","Type":"Public","From_Account":"jared",
            "Operator_Account":"admin","Random":123456,"OnlineOnlyFlag":1,
            "MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"red packet"}}],
            "CloudCustomData":"your cloud custom data","ErrorCode":10023,
            "ErrorInfo":"msg count exceeds limit,please retry later","EventTime":1670574414123}
            """)
        let direct = RefusedSend(
            conversation: .direct("jared", "bob"), message: Self.message(), isEphemeral: false,
            cause: .blockedByRecipient(UserID("bob")))
        #expect(Self.call(about: .refused(direct)) == nil)
    }

    private static func refused(_ request: String, _ failure: Failure) throws -> RefusedSend? {
        let caller = Caller(app: self.app, sdkAppID: "1400000000", identifier: UserID("admin"))
        return RefusedSend(try JSON(parsing: request), failure, by: caller)
    }

    @Test func whatCannotBeReadIsToldAsFarAsItCan() throws {
        let send = try #require(
            try Self.refused(
                #"{"GroupId":"@TGS#2J4SZEAEL","From_Account":"jared","Random":7,"OnlineOnlyFlag":1,"CloudCustomData":"c","MsgBody":[{"MsgType":1}]}"#,
                Failure(10004, "MsgBody[0].MsgType: of the wrong type, or not a value that is allowed")))
        try Self.expect(
            try #require(Self.call(about: .refused(send))),
            """
            {"CallbackCommand":"Group.CallbackSendMsgException","GroupId":"@TGS#2J4SZEAEL","Type":"Public","From_Account":"jared",
            "Operator_Account":"admin","Random":7,"OnlineOnlyFlag":1,"MsgBody":[{"MsgType":1}],"CloudCustomData":"c",
            "ErrorCode":10004,"ErrorInfo":"MsgBody[0].MsgType: of the wrong type, or not a value that is allowed",
            "EventTime":1670574414123}
            """)
    }

    /// Who speaks for the App, nothing, and no body: none, or one that was too long to be taken.
    @Test(arguments: [
        #"{"GroupId":"@TGS#2J4SZEAEL"}"#,
        #"{"GroupId":"@TGS#2J4SZEAEL","From_Account":8,"Random":"8","OnlineOnlyFlag":-1,"CloudCustomData":{},"MsgBody":null}"#,
        #"{"GroupId":"@TGS#2J4SZEAEL","MsgBody":""# + String(repeating: "x", count: 12_288) + #""}"#,
    ])
    func whatIsNotThereIsToldAsTheLeastThatThereCanBe(request: String) throws {
        let send = try #require(try Self.refused(request, Failure(10004, "Random: missing")))
        try Self.expect(
            try #require(Self.call(about: .refused(send))),
            """
            {"CallbackCommand":"Group.CallbackSendMsgException","GroupId":"@TGS#2J4SZEAEL","Type":"Public","From_Account":"admin",
            "Operator_Account":"admin","Random":0,"OnlineOnlyFlag":0,"MsgBody":[],"CloudCustomData":"","ErrorCode":10004,
            "ErrorInfo":"Random: missing","EventTime":1670574414123}
            """)
    }

    @Test(arguments: ["[]", "{}", #"{"GroupId":7}"#, #"{"GroupId":""}"#, #"{"GroupId":"群"}"#])
    func withoutAGroupThereIsNothingToTell(request: String) throws {
        #expect(try Self.refused(request, Failure(10004, "")) == nil)
    }

    @Test func editsRoomsAndTheAppsOwnWordsAreNotTold() {
        let edit = Edit(
            target: Self.id, message: Self.message(),
            mark: EditMark(by: UserID("jared"), at: Self.id.sentAt, count: 1))
        #expect(Self.call(about: .edit(edit)) == nil)
        let recall = Recall(target: Self.id, targetSequence: 1, by: UserID("jared"))
        for conversation in [Conversation.room(RoomID("r")), .system(UserID("jared"))] {
            #expect(Self.call(about: .message(Self.message()), in: conversation) == nil)
            #expect(Self.call(about: .recall(recall), in: conversation) == nil)
            #expect(Self.call(about: .notice(.changed(by: nil)), in: conversation) == nil)
            #expect(Self.call(before: Self.message(), in: conversation) == nil)
        }
        #expect(!TencentCallbacks.topics.contains(.edit))
    }

    @Test(arguments: [
        (200, "{}", true), (200, #"{"ActionStatus":"FAIL","ErrorInfo":"","ErrorCode":1}"#, true), (200, "", false),
        (200, "ok", false), (200, "[]", false), (204, "{}", false), (500, #"{"ErrorCode":0}"#, false),
    ])
    func anObjectWithStatus200IsAnAnswer(status: Int, body: String, isAccepted: Bool) {
        #expect(TencentCallbacks.accepts(CallbackAnswer(status: status, body: Array(body.utf8))) == isAccepted)
    }

    // MARK: The URL

    /// The manual's own example has another digest, which is not that of its text (facts/tencent-im.md 2.5).
    @Test func aTokenSignsTheTimeOfTheRequest() throws {
        var rule = Self.rule
        rule.url = "https://www.example.com/hook?tenant=7"
        rule.secret = "xxxyyy"
        let subject = CallbackSubject(
            app: Self.app, entry: Self.entry(.message(Self.message()), in: Self.conversation), group: Self.group)
        let call = try #require(
            TencentCallbacks.call(about: subject, for: rule, at: Timestamp(milliseconds: 1_669_872_112_999)))
        #expect(
            call.url
                == "https://www.example.com/hook?tenant=7&SdkAppid=1400000000&CallbackCommand=Group.CallbackAfterSendMsg&contenttype=json&ClientIP=127.0.0.1&OptPlatform=RESTAPI&Sign=e78a85473bed2cdc8d6fa8c4d5a4ba4735fd64156e15a99516b9890293e135de&RequestTime=1669872112"
        )
    }

    // MARK: What is about to happen

    @Test func aBackendIsAskedAboutAGroupMessageAsTheVendorsSampleHasIt() throws {
        let call = try #require(Self.call(before: Self.message(), isEphemeral: true))
        #expect(call.url.contains("&CallbackCommand=Group.CallbackBeforeSendMsg&"))
        try Self.expect(
            call,
            """
            {"CallbackCommand":"Group.CallbackBeforeSendMsg","GroupId":"@TGS#2J4SZEAEL","Type":"Public","From_Account":"jared",
            "Operator_Account":"admin","Random":123456,"OnlineOnlyFlag":1,
            "MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"red packet"}}],
            "CloudCustomData":"your cloud custom data","EventTime":1670574414123}
            """)
    }

    @Test func aLiveGroupHasNoMessagesForThoseOnlineOnly() throws {
        var group = Self.group
        group.type = .avChatRoom
        let attempt = SendAttempt(
            app: Self.app,
            send: Send(app: Self.app.id, conversation: Self.conversation, message: Self.message(), isEphemeral: true),
            group: group, id: Self.id)
        let call = try #require(TencentCallbacks.call(before: attempt, for: Self.rule, at: Self.id.sentAt))
        #expect(try JSON(parsing: call.body)["OnlineOnlyFlag"]?.int == 0)
    }

    @Test func aBackendIsAskedAboutADirectMessageUnderANameOfItsOwn() throws {
        let call = try #require(Self.call(before: Self.message(), in: .direct("jared", "Jonh")))
        #expect(call.url.contains("&CallbackCommand=C2C.CallbackBeforeSendMsg&"))
        let number = UInt32(truncatingIfNeeded: Self.id.rawValue)
        try Self.expect(
            call,
            """
            {"CallbackCommand":"C2C.CallbackBeforeSendMsg","From_Account":"jared","To_Account":"Jonh","MsgSeq":\(number),
            "MsgRandom":123456,"MsgTime":1670574414,"MsgKey":"\(number)_123456_1670574414","OnlineOnlyFlag":0,
            "MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"red packet"}}],
            "CloudCustomData":"your cloud custom data","EventTime":1670574414123}
            """)
    }

    @Test func aMessageMayForbidItsCallbacks() {
        var message = Self.message()
        message.options.forbiddenCallbacks = [.beforeSend]
        #expect(Self.call(before: message) == nil)
        #expect(Self.call(about: .message(message)) != nil)
        message.options.forbiddenCallbacks = [.afterSend]
        #expect(Self.call(before: message) != nil)
        #expect(Self.call(about: .message(message)) == nil)
    }

    // MARK: Replies

    @Test(arguments: [
        (#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}"#, "deliver"),
        (#"{"ErrorCode":0,"MsgBody":null,"CloudCustomData":null}"#, "deliver"),
        (#"{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":1}"#, "refuse nil nil"),
        (#"{"ErrorCode":1,"ErrorInfo":"no"}"#, "refuse nil no"),
        (#"{"ErrorCode":2,"ErrorInfo":"no"}"#, "drop"),
        (#"{"ErrorCode":10099,"ErrorInfo":"no"}"#, "refuse nil no"),
        (#"{"ErrorCode":10100,"ErrorInfo":"no"}"#, "refuse 10100 no"),
        (#"{"ErrorCode":10200,"ErrorInfo":"no"}"#, "refuse 10200 no"),
        (#"{"ErrorCode":10201}"#, "refuse nil nil"),
        (#"{"ErrorCode":120001}"#, "refuse nil nil"),
        (#"{"ErrorCode":-1}"#, "refuse nil nil"),
        (#"{"ErrorCode":"0"}"#, "none"), ("{}", "none"), ("", "none"), ("[]", "none"), ("<html>", "none"),
        (#"{"ErrorCode":0,"MsgBody":[]}"#, "none"), (#"{"ErrorCode":0,"MsgBody":"x"}"#, "none"),
        (#"{"ErrorCode":0,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{}}]}"#, "none"),
        (#"{"ErrorCode":0,"CloudCustomData":{}}"#, "none"),
    ])
    func everyReplyAboutAGroupMessageHasItsMeaning(reply: String, meaning: String) {
        #expect(Self.words(Self.decision(reply)) == meaning)
    }

    @Test(arguments: [
        (1, "refuse nil no"), (2, "drop"), (10100, "refuse nil no"), (120_000, "refuse nil no"),
        (120_001, "refuse 120001 no"), (130_000, "refuse 130000 no"), (130_001, "refuse nil no"),
    ])
    func directMessagesHaveCodesOfTheirOwn(code: Int, meaning: String) {
        let decision = Self.decision(
            #"{"ErrorCode":\#(code),"ErrorInfo":"no"}"#, in: .direct("jared", "Jonh"))
        #expect(Self.words(decision) == meaning)
    }

    /// "Two seconds", "not sent again", also what an API sent.
    @Test func theVendorsHabits() {
        let policy = TencentCallbacks.policy
        #expect(policy.timeoutMilliseconds == 2000 && policy.timeoutBeforeMilliseconds == 2000)
        #expect(policy.attempts == 1)
        #expect(policy.origins == [.client, .server] && policy.originsBefore == [.client, .server])
    }

    @Test func whatDoesNotComeWithStatus200IsNoAnswer() {
        #expect(Self.words(Self.decision(#"{"ErrorCode":1}"#, status: 500)) == "none")
    }

    @Test func aBodyInTheReplyTakesTheMessagesPlace() throws {
        var message = Self.message()
        message.audience = .only([UserID("tommy")])
        message.options.priority = .high
        let reply = #"{"ErrorCode":0,"MsgBody":[{"MsgType":"TIMCustomElem","MsgContent":{"Data":"d","Ext":"e"}}]}"#
        let changed = try #require(Self.replacement(reply, of: message))
        var expected = message
        expected.content = .custom(type: "TIMCustomElem", data: "d")
        expected.native = Native(
            dialect: Tencent.name,
            payload: Array(
                #"{"MsgBody":[{"MsgType":"TIMCustomElem","MsgContent":{"Data":"d","Ext":"e"}}],"CloudCustomData":"your cloud custom data"}"#
                    .utf8))
        #expect(changed == expected)
    }

    @Test func customDataInTheReplyLeavesTheBodyAsItWas() throws {
        let changed = try #require(Self.replacement(#"{"ErrorCode":0,"CloudCustomData":"new"}"#, of: Self.message()))
        #expect(changed == Self.message(attached: "new"))
    }

    /// Or rules for clients' messages would not be told of it.
    @Test func aClientsMessageStaysAClientsWhenItIsReplaced() throws {
        let reply = #"{"ErrorCode":0,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"***"}}]}"#
        let changed = try #require(Self.replacement(reply, of: Self.clientMessage))
        #expect(changed.origin == .client)
        #expect(changed.content == .text("***"))
        #expect(String(decoding: changed.native.payload, as: UTF8.self) == #"{"kind":"text","content":{"text":"***"}}"#)
    }

    // MARK: What the sender is told

    @Test func aRefusalHasTheBackendsCodeOnlyWhereTheVendorLetsItHaveOne() {
        let sender = UserID("jared")
        let own = Rejection.refusedByCallback(code: 10150, reason: "no")
        #expect(Errors.failure(for: own, in: .groups) == Failure(10150, "no"))
        #expect(Errors.failure(for: own, in: .directMessage(from: sender)) == Failure(20006, "no"))
        let direct = Rejection.refusedByCallback(code: 120_001, reason: nil)
        #expect(Errors.failure(for: direct, in: .directMessage(from: sender)).code == 120_001)
        #expect(Errors.failure(for: direct, in: .groups).code == 10016)
        // Another vendor's rule may guard this App too.
        #expect(Errors.failure(for: .refusedByCallback(code: 0, reason: nil), in: .groups).code == 10016)
        #expect(Errors.failure(for: .refusedByCallback(code: nil, reason: nil), in: .messages).code == 20006)
        #expect(Errors.failure(for: .callbackFailed, in: .groups).code == 80003)
        #expect(Errors.failure(for: .callbackFailed, in: .directMessage(from: sender)).code == 80003)
    }
}

// MARK: What the tests are about

extension CallbackTests {
    private static let id = MessageID(sentAt: Timestamp(milliseconds: 1_670_574_414_123), slot: 5)
    private static let rule = CallbackRule(
        name: "hook", dialect: Tencent.name, url: "https://www.example.com", topics: Set(CallbackTopic.allCases))
    private static let conversation = Conversation.group(GroupID("@TGS#2J4SZEAEL"))

    private static let app = App(
        id: AppID("demo"),
        credentials: [
            Credential(
                dialect: Tencent.name, key: "1400000000", secret: "s", details: ["administrators": "admin, other"])
        ], createdAt: .distantPast)

    private static let group: Group = {
        var group = Group(
            id: GroupID("@TGS#2J4SZEAEL"), type: .public, name: "lunch", owner: UserID("leckie"),
            createdAt: .distantPast)
        group.announcement = "NewNotification"
        return group
    }()

    private static func message(attached: String = "your cloud custom data") -> Message {
        let body = #"[{"MsgType":"TIMTextElem","MsgContent":{"Text":"red packet"}}]"#
        var options = MessageOptions()
        options.random = 123456
        options.attachment = attached
        return Message(
            sender: UserID("jared"), content: .text("red packet"),
            native: Native(try! JSON(parsing: body), cloudCustomData: attached), options: options)
    }

    private static let clientMessage = Message(
        sender: UserID("jared"), content: .text("hello"),
        native: Native(dialect: .parley, payload: Array(#"{"kind":"text","content":{"text":"hello"}}"#.utf8)))

    private static func entry(_ body: Entry.Body, in conversation: Conversation) -> Entry {
        Entry(
            conversation: ConversationID(app: self.app.id, conversation), sequence: 123, id: self.id, body: body)
    }

    private static func call(
        about body: Entry.Body, in conversation: Conversation = Self.conversation, target: Entry? = nil,
        unread: Int? = nil
    ) -> CallbackCall? {
        var subject = CallbackSubject(
            app: self.app, entry: self.entry(body, in: conversation), group: self.group, target: target)
        subject.unread = unread
        return TencentCallbacks.call(about: subject, for: self.rule, at: self.id.sentAt.adding(seconds: 60))
    }

    private static func call(about body: Happening.Body) -> CallbackCall? {
        TencentCallbacks.call(
            about: CallbackSubject(
                app: self.app, occurrence: .happening(Happening(id: self.id, app: self.app.id, body: body)),
                group: self.group),
            for: self.rule, at: self.id.sentAt.adding(seconds: 60))
    }

    private static func attempt(
        _ message: Message, in conversation: Conversation = Self.conversation, isEphemeral: Bool = false
    ) -> SendAttempt {
        SendAttempt(
            app: self.app,
            send: Send(app: self.app.id, conversation: conversation, message: message, isEphemeral: isEphemeral),
            group: self.group, id: self.id)
    }

    private static func call(
        before message: Message, in conversation: Conversation = Self.conversation, isEphemeral: Bool = false
    ) -> CallbackCall? {
        TencentCallbacks.call(
            before: self.attempt(message, in: conversation, isEphemeral: isEphemeral), for: self.rule,
            at: self.id.sentAt)
    }

    private static func decision(
        _ reply: String, status: Int = 200, on message: Message? = nil,
        in conversation: Conversation = Self.conversation
    ) -> CallbackDecision? {
        TencentCallbacks.decision(
            from: CallbackAnswer(status: status, body: Array(reply.utf8)),
            on: self.attempt(message ?? self.message(), in: conversation))
    }

    private static func replacement(_ reply: String, of message: Message) -> Message? {
        if case .replace(let changed) = self.decision(reply, on: message) { changed } else { nil }
    }

    private static func words(_ decision: CallbackDecision?) -> String {
        switch decision {
        case .deliver: "deliver"
        case .replace: "replace"
        case .refuse(let code, let reason): "refuse \(code.map(String.init) ?? "nil") \(reason ?? "nil")"
        case .drop: "drop"
        case nil: "none"
        }
    }

    /// The order of members does not matter.
    private static func expect(
        _ call: CallbackCall, _ expected: String, at location: SourceLocation = #_sourceLocation
    ) throws {
        #expect(
            try self.sorted(Data(call.body)) == self.sorted(Data(expected.utf8)), sourceLocation: location)
    }

    private static func sorted(_ json: Data) throws -> String {
        let object = try JSONSerialization.jsonObject(with: json)
        return String(
            decoding: try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys]), as: UTF8.self)
    }
}

extension Conversation {
    fileprivate static func direct(_ one: String, _ other: String) -> Conversation {
        .direct(UserID(one), UserID(other))
    }
}
