import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyTesting
import Testing

@testable import ParleyTencent

/// What is stored, and what those online are told, for each option of send_group_msg.
@Suite struct SendGroupMsgTests {
    @Test func anOrdinaryMessageIsStoredOnceWithItsElementsByteForByte() async throws {
        let stage = try await Stage.make()
        let elements = #"[ {"MsgType":"TIMTextElem", "MsgContent":{"Text":"\u7ea2 \/"}} ]"#
        let answer = try await stage.call(
            "group_open_http_svc/send_group_msg",
            #"{"GroupId":"@TGS#2C5SZEAEF","Random":4294967295,"MsgBody":\#(elements),"CloudCustomData":"a\"b"}"#)
        #expect(answer["MsgSeq"]?.int == 1)
        #expect(answer["MsgDropReason"] == nil)
        let message = try #require(stage.messages.first)
        #expect(stage.messages.count == 1)
        #expect(message.sender == UserID("administrator"))
        #expect(message.content == .text("红 /"))
        #expect(message.audience == .everyone)
        #expect(message.native.dialect == Tencent.name)
        #expect(
            String(decoding: message.native.payload, as: UTF8.self)
                == #"{"MsgBody":\#(elements),"CloudCustomData":"a\"b"}"#)
        var options = MessageOptions()
        options.attachment = "a\"b"
        options.random = 4_294_967_295
        #expect(message.options == options)
        let entry = try await stage.bench.core.log.entry(
            1, of: ConversationID(app: stage.bench.app.id, .group(Stage.page)))
        #expect(entry?.message == message)
    }

    @Test func everyOptionReachesTheMessage() async throws {
        let stage = try await Stage.make()
        try await stage.send(
            """
            ,"From_Account":"tommy","MsgPriority":"Lowest","SendMsgControl":["NoUnread","NoLastMsg"],
            "ForbidCallbackControl":["ForbidBeforeSendMsgCallback"],"SupportMessageExtension":1,"NeedReadReceipt":1,
            "GroupAtInfo":[{"GroupAtAllFlag":1},{"GroupAtAllFlag":0,"GroupAt_Account":"brennanli"},{"GroupAt_Account":"leckie"}],
            "OfflinePushInfo":{"PushFlag":1,"Title":"t","Desc":"d","Ext":"e"}
            """)
        let message = try #require(stage.messages.first)
        #expect(message.sender == UserID("tommy"))
        let options = message.options
        #expect(options.priority == .lowest)
        #expect(!options.countsAsUnread && !options.updatesConversation)
        #expect(options.forbiddenCallbacks == [.beforeSend])
        #expect(options.isExpandable && options.wantsReadReceipts)
        #expect(options.mention == .everyoneAnd([UserID("brennanli"), UserID("leckie")]))
        #expect(options.push.isDisabled)
        #expect(options.push.title == "t" && options.push.text == "d" && options.push.data == "e")
        #expect(options.push.native == Array(#"{"PushFlag":1,"Title":"t","Desc":"d","Ext":"e"}"#.utf8))
        #expect(options.keptInHistory && options.reachesSender && !options.isLiveOnly)
    }

    @Test func aTargetedMessageIsForThoseNamedAndIsNotUnread() async throws {
        let stage = try await Stage.make()
        try await stage.send(#","To_Account":["brennanli2","brennanli3"]"#)
        let message = try #require(stage.messages.first)
        #expect(message.audience == .only([UserID("brennanli2"), UserID("brennanli3")]))
        #expect(!message.options.countsAsUnread)
        #expect(!message.options.reachesSender)
    }

    @Test(arguments: [1, 2, 100])
    func anOnlineOnlyMessageIsToldAndNotStored(flag: Int) async throws {
        let stage = try await Stage.make()
        let answer = try await stage.send(#","OnlineOnlyFlag":\#(flag)"#)
        #expect(answer["MsgSeq"]?.int == 0)
        #expect(stage.bench.signals.entries.isEmpty)
        let entry = try #require(stage.bench.signals.ephemerals.first).entry
        #expect(entry.message?.content == .text("hi"))
        #expect(entry.conversation.conversation == .group(Stage.page))
        let conversation = ConversationID(app: stage.bench.app.id, .group(Stage.page))
        #expect(try await stage.bench.core.log.lastSequence(of: conversation) == 0)
    }

    @Test func anAVChatRoomNumbersWhatOnlyThoseOnlineGet() async throws {
        let stage = try await Stage.make()
        let answer = try await stage.send(#","OnlineOnlyFlag":1,"SupportMessageExtension":1"#, to: GroupID("live"))
        #expect(answer["MsgSeq"]?.int == 1)
        let message = try #require(stage.messages.first)
        #expect(message.options.isLiveOnly && !message.options.countsAsUnread && !message.options.isExpandable)
    }

    @Test func aMeetingDoesNotCountUnreadMessages() async throws {
        let stage = try await Stage.make()
        try await stage.send(to: GroupID("meeting"))
        #expect(stage.messages.first?.options.countsAsUnread == false)
    }

    @Test func aRepeatIsNeitherStoredNorTold() async throws {
        let stage = try await Stage.make()
        let first = try await stage.send(random: 5)
        let second = try await stage.send(random: 5)
        #expect(first["MsgSeq"]?.int == second["MsgSeq"]?.int)
        #expect(first["MsgTime"]?.int == second["MsgTime"]?.int)
        #expect(stage.messages.count == 1)
    }

    @Test func aMutedAdministratorOfTheAppStillSpeaks() async throws {
        let stage = try await Stage.make()
        try await stage.call(
            "group_open_http_svc/forbid_send_msg",
            #"{"GroupId":"@TGS#2C5SZEAEF","Members_Account":["administrator"],"MuteTime":60}"#)
        #expect(try await stage.send().errorCode == 0)
    }

    @Test func whoIsMutedInAllGroupsIsMuted() async throws {
        let stage = try await Stage.make()
        let until = stage.bench.clock.now().adding(seconds: 60)
        try await stage.bench.core.changeUser(UserID("tommy"), in: stage.bench.app.id) { $0.mutedInGroupsUntil = until }
        #expect(try await stage.send(#","From_Account":"tommy""#).errorCode == 10017)
        stage.bench.clock.advance(seconds: 60)
        #expect(try await stage.send(#","From_Account":"tommy""#).errorCode == 0)
    }

    @Test func theDemoGroupIsAGroupLikeAnyOther() async throws {
        let stage = try await Stage.make()
        #expect(try await stage.send(#","From_Account":"alice""#, to: GroupID("demo-group"))["MsgSeq"]?.int == 1)
    }
}

/// 40 messages a second in a group; what is too many is dropped, and the caller sees a success (facts 2.3).
@Suite struct FrequencyTests {
    @Test func whatIsTooManyIsDroppedAndSaidToBe() async throws {
        let stage = try await Stage.make()
        for number in 1...40 {
            let answer = try await stage.send(random: number)
            #expect(answer["MsgSeq"]?.int == Int64(number))
            #expect(answer["MsgDropReason"] == nil)
        }
        let answer = try await stage.send(random: 41)
        #expect(answer.errorCode == 0)
        #expect(answer["ActionStatus"]?.string == "OK")
        #expect(answer["MsgDropReason"]?.string == "MsgFreqCtrl")
        #expect(answer["MsgSeq"]?.int == 0)
        #expect(stage.messages.count == 40)
        // Other groups and the next second have counts of their own.
        #expect(try await stage.send(random: 42, to: GroupID("public"))["MsgSeq"]?.int == 1)
        stage.bench.clock.advance(seconds: 1)
        #expect(try await stage.send(random: 41)["MsgSeq"]?.int == 41)
    }

    @Test func higherPrioritiesStillPass() async throws {
        let stage = try await Stage.make(limits: CoreLimits(groupMessagesPerSecond: 2))
        func isDropped(_ priority: String, _ random: Int) async throws -> Bool {
            try await stage.send(#","MsgPriority":"\#(priority)""#, random: random)["MsgDropReason"] != nil
        }
        #expect(try await !isDropped("Low", 1))
        #expect(try await !isDropped("Low", 2))
        #expect(try await isDropped("Low", 3))
        #expect(try await !isDropped("Normal", 4))
        #expect(try await !isDropped("Normal", 5))
        #expect(try await isDropped("Normal", 6))
        #expect(try await isDropped("Low", 7))
        #expect(try await !isDropped("High", 8))
        #expect(try await !isDropped("High", 9))
        #expect(try await isDropped("High", 10))
        #expect(try await isDropped("Normal", 11))
    }

    /// "first" is no priority: SDKs' tests send it, and it is Normal.
    @Test func anUnknownPriorityIsNormal() async throws {
        let stage = try await Stage.make()
        try await stage.send(#","MsgPriority":"first""#)
        try await stage.send(#","MsgPriority":"high""#, random: 2)
        #expect(stage.messages.map(\.options.priority) == [.normal, .normal])
    }
}

@Suite struct DirectMessageTests {
    @Test(arguments: [("1", true), ("2", false)])
    func theSenderHasACopyUnlessToldOtherwise(value: String, reachesSender: Bool) async throws {
        let stage = try await Stage.make()
        try await self.send(stage, #","SyncOtherMachine":\#(value)"#)
        #expect(stage.messages.first?.options.reachesSender == reachesSender)
    }

    @Test func theMessageIsInTheConversationOfTheTwo() async throws {
        let stage = try await Stage.make()
        try await self.send(stage, #","From_Account":"alice","MsgLifeTime":604800"#)
        let entry = try #require(stage.bench.signals.entries.first)
        #expect(entry.conversation.conversation == .direct(UserID("alice"), UserID("bob")))
        #expect(entry.message?.sender == UserID("alice"))
        #expect(entry.message?.options.random == 7)
    }

    @Test func aLifeOfZeroIsForThoseOnlineOnly() async throws {
        let stage = try await Stage.make()
        try await self.send(stage, #","MsgLifeTime":0"#)
        #expect(stage.bench.signals.entries.isEmpty)
        #expect(stage.bench.signals.ephemerals.count == 1)
    }

    @Test func blacklistsAndMutesAreNotAskedAbout() async throws {
        let stage = try await Stage.make()
        let until = stage.bench.clock.now().adding(seconds: 60)
        try await stage.bench.core.changeUser(UserID("alice"), in: stage.bench.app.id) { $0.mutedInGroupsUntil = until }
        try await stage.bench.core.directory.write(in: stage.bench.app.id) {
            try $0.block(UserID("alice"), by: UserID("bob"))
        }
        #expect(try await self.send(stage, #","From_Account":"alice""#).errorCode == 0)
    }

    @Test func aBatchIsOneMessageForEachAndMakesNoCallbacks() async throws {
        let stage = try await Stage.make()
        try await stage.call(
            "openim/batchsendmsg",
            #"{"To_Account":["bob","carol"],"MsgRandom":7,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"x"}}]}"#
        )
        #expect(stage.messages.count == 2)
        #expect(stage.messages.allSatisfy { $0.options.forbiddenCallbacks == [.beforeSend, .afterSend] })
    }

    @discardableResult
    private func send(_ stage: Stage, _ fields: String) async throws -> JSON {
        try await stage.call(
            "openim/sendmsg",
            #"{"To_Account":"bob","MsgRandom":7,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"x"}}]\#(fields)}"#
        )
    }
}

@Suite struct HistoryTests {
    /// As a RongCloud or Easemob backend's message is shown to a Tencent backend.
    @Test func messagesOfOtherDialectsAreShownAsElements() async throws {
        let stage = try await Stage.make()
        var options = MessageOptions()
        options.keptInHistory = false
        let native = Native(dialect: DialectName("rongcloud"), payload: Array(#"{"content":"x"}"#.utf8))
        for (content, options) in [(Content.text("hello"), MessageOptions()), (.text("gone"), options)] {
            _ = try await stage.bench.core.send(
                Send(
                    app: stage.bench.app.id, conversation: .group(Stage.page),
                    message: Message(sender: UserID("bob"), content: content, native: native, options: options)))
        }
        let history = try await stage.call(
            "group_open_http_svc/group_msg_get_simple", #"{"GroupId":"@TGS#2C5SZEAEF","ReqMsgNumber":20}"#)
        let list = try #require(history["RspMsgList"]?.array)
        #expect(list.count == 2)
        // What history does not keep leaves its place.
        #expect(list[0]["IsPlaceMsg"]?.int == 1)
        #expect(list[0]["MsgBody"]?.array?.isEmpty == true)
        #expect(list[1]["MsgBody"]?.array?.first?["MsgType"]?.string == "TIMTextElem")
        #expect(list[1]["MsgBody"]?.array?.first?["MsgContent"]?["Text"]?.string == "hello")
        #expect(list[1]["MsgRandom"]?.int == 0)
    }

    @Test func pagesLeadThroughWhateverLiesBetween() async throws {
        let stage = try await Stage.make(limits: CoreLimits(groupMessagesPerSecond: 0))
        for number in 1...25 { try await stage.send(random: number) }
        for number in 1...24 {
            try await stage.call(
                "group_open_http_svc/group_msg_recall",
                #"{"GroupId":"@TGS#2C5SZEAEF","MsgSeqList":[{"MsgSeq":\#(number)}]}"#)
        }
        var seen: [Int64] = []
        var next: Int64 = 0
        for _ in 0..<100 {
            let page = try await stage.call(
                "group_open_http_svc/group_msg_get_simple",
                #"{"GroupId":"@TGS#2C5SZEAEF","ReqMsgNumber":7,"ReqMsgSeq":\#(next)}"#)
            let sequences = try #require(page["RspMsgList"]?.array).compactMap { $0["MsgSeq"]?.int }
            seen += sequences
            next = (sequences.last ?? 1) - 1
            if page["IsFinished"]?.int == 1 { break }
        }
        #expect(seen == (1...25).reversed().map { Int64($0) })
    }
}
