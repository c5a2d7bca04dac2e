import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyTesting
import Testing

@testable import ParleyEasemob

/// What a message is, once it is in the log or on its way to those online.
struct MessageTests {
    private static func group(_ more: String = "") -> String {
        #"{"from":"alice","to":["demo-group"],"type":"txt","body":{"msg":"hi"}\#(more)}"#
    }

    @Test func anOrdinaryMessageIsStoredForEveryone() async throws {
        let calls = try await Calls.make()
        let entry = try await calls.send(Self.group())
        let message = try #require(entry.message)
        #expect(entry.conversation == ConversationID(app: AppID("demo"), .group(GroupID("demo-group"))))
        #expect(entry.sequence == 1)
        #expect(message.sender == UserID("alice"))
        #expect(message.audience == .everyone)
        #expect(message.content == .text("hi"))
        var expected = MessageOptions()
        expected.updatesConversation = false
        #expect(message.options == expected, "nothing but the vendor's rule for what the server API sends")
        let stored = try await calls.bench.core.log.entries(of: entry.conversation, after: 0, limit: 10)
        #expect(stored.map(\.id) == [entry.id])
    }

    @Test func theIdInTheAnswerIsTheEntrys() async throws {
        let calls = try await Calls.make()
        let response = await calls.call(.POST, "/messages/chatgroups", Self.group())
        let id = try #require(response.json?["data"]?["demo-group"]?.string)
        let entry = try #require(calls.bench.signals.entries.first)
        #expect(MessageID(easemob: id) == entry.id)
    }

    @Test func bodyAndExtAreKeptByteForByte() async throws {
        let calls = try await Calls.make()
        let body = #"{ "msg" : "\u4e2d\/" , "n":1e2}"#
        let ext = #"{ "k":[1, 2 ],"em_push_ext":{"title":"T"}}"#
        let entry = try await calls.send(
            #"{"to":["demo-group"],"type":"txt","body":\#(body),"ext":\#(ext),"env":"test1"}"#)
        let message = try #require(entry.message)
        #expect(
            String(decoding: message.native.payload, as: UTF8.self)
                == #"{"type":"txt","body":\#(body),"ext":\#(ext),"env":"test1"}"#)
        #expect(message.native.dialect == Easemob.name)
        #expect(message.options.attachment == ext)
        #expect(message.options.push.title == "T")
        #expect(message.content == .text("中/"))
    }

    @Test func withoutASenderItIsAdmins() async throws {
        let calls = try await Calls.make()
        let entry = try await calls.send(#"{"to":["demo-group"],"type":"txt","body":{"msg":"hi"}}"#)
        #expect(entry.message?.sender == UserID("admin"))
    }

    @Test func namesAreLowerCaseAndGroupIdsAreNot() async throws {
        let calls = try await Calls.make()
        let entry = try await calls.send(
            #"{"from":"ALICE","to":["Demo-Group"],"type":"txt","body":{"msg":"hi"},"roam_ignore_users":["BOB","bob"]}"#)
        #expect(entry.message?.sender == UserID("alice"))
        #expect(entry.conversation.conversation == .group(GroupID("Demo-Group")))
        #expect(entry.message?.options.hiddenFromHistoryOf == [UserID("bob")])
    }

    @Test func onlineOnlyLeavesNoTrace() async throws {
        let calls = try await Calls.make()
        let entry = try await calls.send(Self.group(#","routetype":"ROUTE_ONLINE""#))
        #expect(entry.sequence == nil)
        #expect(calls.bench.signals.ephemerals.count == 1)
        #expect(entry.message?.options.reachesSender == true)
        #expect(try await calls.bench.core.log.lastSequence(of: entry.conversation) == 0)
    }

    @Test func optionsOfThePageAreKept() async throws {
        let calls = try await Calls.make()
        let entry = try await calls.send(
            Self.group(
                #","need_group_ack":true,"roam_ignore_users":["bob"],"ext":{"em_ignore_notification":true,"em_at_list":"all"}"#
            ))
        let options = try #require(entry.message?.options)
        #expect(options.wantsReadReceipts)
        #expect(options.hiddenFromHistoryOf == [UserID("bob")])
        #expect(options.push.isDisabled)
        #expect(options.mention == .everyone)
        let message = try #require(entry.message)
        #expect(!message.isVisible(to: UserID("bob"), for: .history))
        #expect(message.isVisible(to: UserID("bob"), for: .delivery))
        #expect(message.isVisible(to: UserID("carol"), for: .history))
    }

    @Test func aTargetedMessageIsForThoseNamedAndLeavesListsAlone() async throws {
        let calls = try await Calls.make()
        let entry = try await calls.send(
            Self.group(#","users":["BOB","carol"]"#), to: "/messages/chatgroups/users")
        let message = try #require(entry.message)
        #expect(message.audience == .only([UserID("bob"), UserID("carol")]))
        #expect(!message.options.countsAsUnread)
        #expect(!message.options.updatesConversation)
        #expect(!message.options.keptInHistory)
        #expect(message.isVisible(to: UserID("alice"), for: .delivery), "the sender always has it")
        #expect(!message.isVisible(to: UserID("dave"), for: .delivery))
        #expect(entry.sequence == 1, "kept for members who are offline")
    }

    @Test func targetedHistoryIsTheAppsChoice() async throws {
        let calls = try await Calls.make { $0.settings.keepsTargetedHistory = true }
        let entry = try await calls.send(Self.group(#","users":["bob"]"#), to: "/messages/chatgroups/users")
        #expect(entry.message?.options.keptInHistory == true)
    }

    @Test func conversationListsAreTheAppsChoice() async throws {
        let calls = try await Calls.make { $0.credentials.setDetail(CredentialDetail.conversationList, "true") }
        let entry = try await calls.send(Self.group())
        #expect(entry.message?.options.updatesConversation == true)
    }

    @Test(arguments: [("", false), (#","sync_device":true"#, true), (#","sync_device":false"#, false)])
    func aMessageToAUserReachesItsSenderOnlyIfAsked(_ more: String, _ reaches: Bool) async throws {
        let calls = try await Calls.make()
        let entry = try await calls.send(
            #"{"from":"alice","to":["Bob"],"type":"txt","body":{"msg":"hi"}\#(more)}"#, to: "/messages/users")
        #expect(entry.conversation.conversation == .direct(UserID("alice"), UserID("bob")))
        #expect(entry.message?.options.reachesSender == reaches)
    }

    @Test func eachOfManyUsersGetsAMessageOfHisOwn() async throws {
        let calls = try await Calls.make()
        let response = await calls.call(
            .POST, "/messages/users",
            #"{"from":"alice","to":["bob","carol","BOB"],"type":"cmd","body":{"action":"go"}}"#)
        #expect(response.json?["data"]?.members?.map(\.key) == ["bob", "carol"])
        #expect(calls.bench.signals.entries.count == 2)
        #expect(Set(calls.bench.signals.entries.map(\.id)).count == 2)
    }

    @Test func mutesOfTheGroupDoNotHinderTheBackendAndTheGlobalMuteDoes() async throws {
        let calls = try await Calls.make()
        let (core, app) = (calls.bench.core, calls.bench.app.id)
        try await core.mute([UserID("bob")], in: GroupID("demo-group"), of: app, until: .distantFuture)
        try await core.changeGroup(GroupID("demo-group"), in: app) { $0.isMuted = true }
        let message = #"{"from":"bob","to":["demo-group"],"type":"txt","body":{"msg":"hi"}}"#
        try await calls.send(message)
        try await core.changeUser(UserID("bob"), in: app) { $0.mutedInGroupsUntil = .distantFuture }
        let response = await calls.call(.POST, "/messages/chatgroups", message)
        #expect(response.status == .forbidden)
        #expect(response.json?["error"]?.string == "message_send_error")
        #expect(calls.bench.signals.entries.count == 1)
    }

    @Test func anEphemeralMessageToAUserIsForTheTwoOfThem() async throws {
        let calls = try await Calls.make()
        let entry = try await calls.send(
            #"{"from":"alice","to":["bob"],"type":"txt","body":{"msg":"hi"},"routetype":"ROUTE_ONLINE"}"#,
            to: "/messages/users")
        #expect(entry.sequence == nil)
        #expect(entry.conversation.conversation == .direct(UserID("alice"), UserID("bob")))
    }

    @Test func theOldEndpointMakesTheSameMessages() async throws {
        let calls = try await Calls.make()
        let group = try await calls.send(
            #"{"target_type":"chatgroups","target":["demo-group"],"msg":{"type":"loc","lat":"1","lng":"2","addr":"x"},"from":"alice","ext":{"k":1}}"#,
            to: "/messages")
        #expect(group.message?.content == .location(Location(latitude: 1, longitude: 2, address: "x")))
        #expect(group.message?.options.attachment == #"{"k":1}"#)
        #expect(group.message?.options.reachesSender == true)
        let user = try await calls.send(
            #"{"target_type":"users","target":["bob"],"msg":{"type":"txt","msg":"x"},"from":"alice"}"#, to: "/messages")
        #expect(user.message?.options.reachesSender == false)
    }

    @Test func aRecallIsTheSendersWordsAndTheBackendsRight() async throws {
        let calls = try await Calls.make()
        let entry = try await calls.send(Self.group())
        let response = await calls.call(
            .POST, "/messages/msg_recall",
            #"{"msg_id":"\#(entry.id.easemob)","to":"demo-group","chat_type":"groupchat","from":"alice","force":true,"recallMessageExtensionInfo":"why"}"#
        )
        #expect(response.status == .ok)
        guard case .recall(let recall)? = calls.bench.signals.entries.last?.body else {
            Issue.record("no recall")
            return
        }
        #expect(recall.target == entry.id)
        #expect(recall.by == UserID("alice"))
        #expect(recall.attachment == "why")
    }

    @Test func raisingOneGroupLimitRaisesTheOther() async throws {
        for name in ["easemob.group-messages", "easemob.group-message-calls"] {
            let calls = try await Calls.make { $0.settings.rates[name] = 40 }
            for _ in 0..<40 { try await calls.send(Self.group()) }
            let refused = await calls.call(.POST, "/messages/chatgroups", Self.group())
            #expect(refused.status == .tooManyRequests)
        }
    }

    @Test func limitsCanBeOff() async throws {
        let calls = try await Calls.make(rates: false)
        for _ in 0..<50 { try await calls.send(Self.group()) }
    }

    @Test func whatIsRefusedIsNotStored() async throws {
        let calls = try await Calls.make()
        for more in [#","ext":[]"#, #","need_group_ack":1"#, #","roam_ignore_users":[{}]"#] {
            #expect(await calls.call(.POST, "/messages/chatgroups", Self.group(more)).status == .badRequest)
        }
        #expect(calls.bench.signals.entries.isEmpty && calls.bench.signals.ephemerals.isEmpty)
    }

    /// The page has one limit for targeted messages, and its answer is 403 also when every call has one message.
    @Test func theHundredAndFirstTargetedMessageOfASecondIsRefusedAsAMessage() async throws {
        let calls = try await Calls.make()
        let body = #"{"from":"bob","to":["demo-group"],"type":"txt","body":{"msg":"hi"},"users":["alice"]}"#
        for _ in 0..<100 {
            #expect(await calls.call(.POST, "/messages/chatgroups/users", body).status == .ok)
        }
        let refused = await calls.call(.POST, "/messages/chatgroups/users", body)
        #expect(refused.status == .forbidden)
        #expect(refused.json?["error_description"]?.string == "message send reach limit")
    }
}

extension [Credential] {
    mutating func setDetail(_ name: String, _ value: String) {
        for index in self.indices where self[index].dialect == Easemob.name { self[index].details[name] = value }
    }
}
