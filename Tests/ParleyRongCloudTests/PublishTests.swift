import ParleyCore
import ParleyJSON
import ParleyRongCloud
import ParleyTesting
import Testing

/// What becomes of a message: what is stored, what is broadcast, and how each option shows.
@Suite struct PublishTests {
    static let group = "/message/group/publish.json"
    static let text = #"fromUserId=alice&objectName=RC:TxtMsg&content={"content":"hi","extra":"e"}"#
    static let toGroup = text + "&toGroupId=demo-group"

    static func options(_ parameters: String, to target: String = "toGroupId=demo-group") async throws -> MessageOptions
    {
        let backend = try await Backend()
        let answer = await backend.post(Self.group, "\(Self.text)&\(target)&\(parameters)")
        #expect(answer.status == 200, "\(answer.body)")
        return try #require(backend.messages.first).options
    }

    @Test func aGroupMessageIsStoredOnceWithTheIdThatIsAnswered() async throws {
        let backend = try await Backend()
        let answer = await backend.post(Self.group, Self.toGroup)
        let entry = try #require(backend.bench.signals.entries.first)
        #expect(backend.bench.signals.entries.count == 1)
        #expect(entry.conversation == ConversationID(app: backend.bench.app.id, .group(GroupID("demo-group"))))
        #expect(entry.sequence == 1)
        #expect(answer.uids == [MessageUID(entry.id, in: .group, target: "demo-group").description])
        let message = try #require(entry.message)
        #expect(message.sender == UserID("alice"))
        #expect(message.audience == .everyone)
        #expect(message.content == .text("hi"))
        #expect(
            String(decoding: message.native.payload, as: UTF8.self)
                == #"{"objectName":"RC:TxtMsg","content":"{\"content\":\"hi\",\"extra\":\"e\"}"}"#)
    }

    @Test func defaultsAreThePages() async throws {
        var expected = MessageOptions()
        expected.reachesSender = false
        expected.attachment = "e"
        #expect(try await Self.options("") == expected)
    }

    @Test func eachOptionIsKeptWithTheMessage() async throws {
        #expect(try await Self.options("isIncludeSender=1").reachesSender)
        #expect(try await !Self.options("isPersisted=0").keptInHistory)
        #expect(try await !Self.options("isCounted=0").countsAsUnread)
        #expect(try await !Self.options("disableUpdateLastMsg=true").updatesConversation)
        #expect(try await Self.options("needReadReceipt=1").wantsReadReceipts)
        #expect(try await Self.options("contentAvailable=1").push.isSilent)
        #expect(try await Self.options("pushContent=a+b&pushData=d").push.text == "a b")
        #expect(try await Self.options("pushContent=a+b&pushData=d").push.data == "d")
        #expect(try await Self.options("disablePush=true").push.isDisabled)
        #expect(try await Self.options("expansion=true").isExpandable)
        #expect(try await Self.options(#"expansion=1&extraContent={"a":"1","b":2}"#).expansion == ["a": "1", "b": "2"])
    }

    @Test func pushExtIsKeptAsItWasWritten() async throws {
        let pushExt = #"{ "title":"T\u4f60" ,"pushConfigs":[{"HW":{"channelId":"c"}}],"new":1.0 }"#
        let push = try await Self.options("pushExt=" + pushExt.percentEncoded).push
        #expect(push.title == "T你")
        #expect(push.native == Array(pushExt.utf8))
        #expect(try await Self.options("disablePush=1&pushExt={}").push.native == nil)
    }

    /// Interactions 1 and 2 of facts/rongcloud-server.md 2.1.
    @Test(arguments: ["toGroupId=demo-group&toGroupId=b", "toGroupId=demo-group&toUserId=bob"])
    func whatOneGroupAloneOffersIsIgnoredElsewhere(_ target: String) async throws {
        let options = try await Self.options(
            #"expansion=true&extraContent={"a":"1"}&disablePush=true&pushExt={"title":"t"}"#, to: target)
        #expect(!options.isExpandable)
        #expect(options.expansion.isEmpty)
        #expect(!options.push.isDisabled)
        #expect(options.push.title == nil)
        #expect(options.push.native == nil)
    }

    @Test func extraContentNeedsExpansion() async throws {
        #expect(try await Self.options(#"extraContent={"a":"1"}"#).expansion.isEmpty)
    }

    @Test func aMentionIsInTheContentAndNeedsItsFlag() async throws {
        let content = #"content={"content":"hi","mentionedInfo":{"type":2,"userIdList":["bob"]}}"#
        let plain = "fromUserId=alice&objectName=RC:TxtMsg&toGroupId=demo-group&"
        let backend = try await Backend()
        _ = await backend.post(Self.group, plain + content + "&isMentioned=1")
        _ = await backend.post(Self.group, plain + content)
        _ = await backend.post(Self.group, plain + #"content={"content":"hi"}&isMentioned=1&mentionedInfo={"type":1}"#)
        _ = await backend.post(
            Self.group, plain + content.replacing("\"type\":2", with: "\"type\":1") + "&isMentioned=1")
        #expect(backend.messages.map(\.options.mention) == [.users([UserID("bob")]), nil, nil, .everyone])
    }

    @Test func aDirectedMessageReachesThoseNamedAndIsNotInHistory() async throws {
        let backend = try await Backend()
        _ = await backend.post(Self.group, Self.toGroup + "&toUserId=bob&toUserId=carol&isPersisted=1")
        let entry = try #require(backend.bench.signals.entries.first)
        #expect(entry.message?.audience == .only([UserID("bob"), UserID("carol")]))
        for user in ["bob", "carol"] {
            #expect(entry.isVisible(to: Viewer(user: UserID(user)), for: .delivery))
            #expect(!entry.isVisible(to: Viewer(user: UserID(user)), for: .history))
        }
        for user in ["alice", "dave"] {
            #expect(!entry.isVisible(to: Viewer(user: UserID(user)), for: .delivery))
        }
    }

    @Test func anAppMayKeepDirectedMessagesInHistory() async throws {
        let backend = try await Backend()
        var app = backend.bench.app
        app.settings.keepsTargetedHistory = true
        try await backend.bench.core.directory.save(app)
        _ = await backend.post(Self.group, Self.toGroup + "&toUserId=bob")
        _ = await backend.post(Self.group, Self.toGroup + "&toUserId=bob&isPersisted=0")
        #expect(backend.messages.map(\.options.keptInHistory) == [true, false])
    }

    /// "Only valid with one group": the message is for everyone then.
    @Test func namesAreIgnoredWithSeveralGroups() async throws {
        let backend = try await Backend()
        _ = await backend.post(Self.group, Self.toGroup + "&toGroupId=b&toUserId=bob")
        #expect(backend.messages.map(\.audience) == [.everyone, .everyone])
    }

    /// Notices, commands and an App's own types are pushed only with a text; user content has one of the vendor's.
    @Test(arguments: [
        ("RC:TxtMsg", false), ("RC:FileMsg", false), ("RC:InfoNtf", true), ("RC:CmdMsg", true), ("App:Order", true),
    ])
    func whatHasNothingToPushIsNotPushed(objectName: String, isDisabled: Bool) async throws {
        let backend = try await Backend()
        let form = "fromUserId=alice&toGroupId=demo-group&content={}&objectName=\(objectName)"
        _ = await backend.post(Self.group, form)
        _ = await backend.post(Self.group, form + "&pushContent=look")
        #expect(backend.messages.map(\.options.push.isDisabled) == [isDisabled, false])
    }

    @Test func aRepeatOfMsgRandomIsAnsweredAndNotSentAgain() async throws {
        let backend = try await Backend()
        let form = Self.toGroup + "&toGroupId=b&msgRandom=77"
        let first = await backend.post(Self.group, form)
        backend.bench.clock.advance(seconds: 59)
        let second = await backend.post(Self.group, form)
        #expect(first.uids == second.uids)
        #expect(backend.messages.count == 2)
        backend.bench.clock.advance(seconds: 2)
        let third = await backend.post(Self.group, form)
        #expect(Set(third.uids).isDisjoint(with: first.uids))
        #expect(backend.messages.count == 4)
    }

    /// The backend decides who may write; mutes are for clients.
    @Test func mutesAndMembershipDoNotConcernTheBackend() async throws {
        let backend = try await Backend()
        _ = await backend.post("/group/user/gag/add.json", "userId=alice&groupId=demo-group&minute=0")
        _ = await backend.post("/group/user/gag/add.json", "userId=stranger&minute=0")
        let muted = await backend.post(Self.group, Self.toGroup)
        let stranger = await backend.post(Self.group, Self.toGroup.replacing("alice", with: "stranger"))
        let nowhere = await backend.post(Self.group, Self.text + "&toGroupId=nowhere")
        #expect([muted, stranger, nowhere].map(\.uids.count) == [1, 1, 1])
        #expect(backend.messages.count == 3)
    }

    @Test func aPrivateMessageIsOneForEachRecipient() async throws {
        let backend = try await Backend()
        let answer = await backend.post(
            "/message/private/publish.json", Self.text + "&toUserId=bob&toUserId=carol&isIncludeSender=1")
        let entries = backend.bench.signals.entries
        #expect(
            entries.map(\.conversation.conversation) == [
                .direct(UserID("alice"), UserID("bob")), .direct(UserID("alice"), UserID("carol")),
            ])
        #expect(
            answer.uids == [
                MessageUID(entries[0].id, in: .direct, target: "bob").description,
                MessageUID(entries[1].id, in: .direct, target: "carol").description,
            ])
        #expect(entries.allSatisfy { $0.message?.options.reachesSender == true })
    }

    @Test(arguments: ["/message/private/publish.json", "/statusmessage/private/publish.json"])
    func whoeverBlockedTheSenderGetsNothingAndTheSenderIsNotTold(_ path: String) async throws {
        let backend = try await Backend()
        _ = await backend.post("/user/blacklist/add.json", "userId=bob&blackUserId=alice")
        let form = Self.text + "&toUserId=bob&toUserId=carol"
        let checked = await backend.post(path, form + "&verifyBlacklist=1")
        #expect(Set(checked.uids).count == 2)
        let carol = Conversation.direct(UserID("alice"), UserID("carol"))
        let reached = backend.bench.signals.entries + backend.bench.signals.ephemerals.map(\.entry)
        #expect(reached.map(\.conversation.conversation) == [carol])
        let unchecked = await backend.post(path, form)
        #expect(unchecked.uids.count == 2)
        #expect(backend.bench.signals.entries.count + backend.bench.signals.ephemerals.count == 3)
    }
}
