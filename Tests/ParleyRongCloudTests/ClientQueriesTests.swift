import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyRongCloud
import ParleyTesting
import Testing

/// A client of the demo app, as its SDK asks.
struct Querier {
    let bench: Bench
    let caller: ClientCaller

    /// - Parameter rates: nil: none is limited.
    init(_ user: String, on bench: Bench, rates: RateLimiter? = nil) {
        self.bench = bench
        self.caller = ClientCaller(
            core: bench.core, app: bench.app, user: UserID(user), device: DeviceID("web"),
            rates: rates ?? RateLimiter(clock: bench.clock, isOn: false))
    }

    func bytes(_ topic: String, target: String? = nil, _ payload: [UInt8] = []) async throws -> [UInt8] {
        try await ClientQueries.answer(
            topic, target: target ?? self.caller.user.rawValue, payload: payload, from: self.caller)
    }

    func ask<Request: ProtobufMessage, Reply: ProtobufMessage>(
        _ topic: String, target: String? = nil, _ request: Request, _: Reply.Type = Reply.self
    ) async throws -> Reply {
        let reply = try await self.bytes(topic, target: target, request.wireBytes)
        let message = try #require(Reply.parse(reply))
        #expect(message.isComplete, "SDKs require more")
        return message
    }

    func tell<Request: ProtobufMessage>(_ topic: String, target: String? = nil, _ request: Request) async throws {
        #expect(try await self.bytes(topic, target: target, request.wireBytes).isEmpty)
    }

    /// The status of a QUERYACK; 0: it was answered.
    func status(_ topic: String, target: String? = nil, _ payload: [UInt8] = []) async throws -> UInt16 {
        do {
            _ = try await self.bytes(topic, target: target, payload)
            return 0
        } catch let refusal as ClientRefusal {
            return refusal.status
        }
    }

    func status<Request: ProtobufMessage>(_ topic: String, target: String? = nil, _ request: Request) async throws
        -> UInt16
    {
        try await self.status(topic, target: target, request.wireBytes)
    }
}

extension Bench {
    static let direct = Conversation.direct(UserID("alice"), UserID("bob"))
    static let group = Conversation.group(GroupID("demo-group"))

    @discardableResult
    func say(
        _ text: String, from sender: String, in conversation: Conversation,
        _ change: (inout Message) -> Void = { _ in }
    ) async throws -> Receipt {
        var message = Message(
            sender: UserID(sender), content: .text(text),
            native: RongCloudText(text).native)
        change(&message)
        return try await self.core.send(Send(app: self.app.id, conversation: conversation, message: message))
    }

    func place(of user: String, in conversation: Conversation) async throws -> Place {
        try await self.core.places.place(
            of: UserID(user), in: ConversationID(app: self.app.id, conversation))
    }
}

/// `RC:TxtMsg`, as an SDK writes it.
struct RongCloudText {
    let native: Native

    init(_ text: String) {
        let content = String(decoding: JSONWriter.object { $0.field("content", text) }, as: UTF8.self)
        self.native = WireMessage(objectName: "RC:TxtMsg", content: content).native
    }
}

extension WireDownStreamMessage {
    var said: String? { (try? JSON(parsing: self.contentBytes))?["content"]?.string }
}

/// What is the same for all topics.
@Suite struct ClientQueriesTests {
    @Test func whoAsksTooMuchIsToldSoAndNobodyElse() async throws {
        let bench = try await Bench.make()
        let rates = RateLimiter(clock: bench.clock)
        let (alice, bob) = (Querier("alice", on: bench, rates: rates), Querier("bob", on: bench, rates: rates))
        for _ in 0..<100 { #expect(try await alice.status("reportsdk") == 0) }
        #expect(try await alice.status("reportsdk") == 20604)
        #expect(try await alice.status("noSuchTopic") == 20606)
        #expect(try await bob.status("reportsdk") == 0)
        bench.clock.advance(seconds: 1)
        #expect(try await alice.status("reportsdk") == 0)
    }

    @Test(arguments: ["", "noSuchTopic", "ppMsgP", "qnTkn", "qrySessions", "userInf", "pullUgSes"])
    func whatIsNotOfferedIsRefused(_ topic: String) async throws {
        let alice = Querier("alice", on: try await Bench.make())
        #expect(try await alice.status(topic) == 20606)
    }

    @Test(arguments: ["crDiz", "invtDiz", "quitDiz", "evctDiz", "dizInf", "pdOpen", "rename", "qryDPush", "blkDPush"])
    func thereAreNoDiscussions(_ topic: String) async throws {
        let alice = Querier("alice", on: try await Bench.make())
        #expect(try await alice.status(topic) == 20407)
    }

    private static let readers = [
        "qryPMsg", "qryGMsg", "qrySMsg", "qryDMsg", "qryRelation", "qryRelationR", "delRelation", "delMsg", "cleanPMsg",
        "cleanGMsg", "cleanSMsg", "pullSeAtts", "setSeAtt", "qryPPush", "blkPPush", "unblkPPush", "pullUS", "rrMsg",
        "rrList", "addBlack", "rmBlack", "blackStat",
    ]

    @Test(arguments: Self.readers)
    func whatIsNoProtobufIsRefused(_ topic: String) async throws {
        let alice = Querier("alice", on: try await Bench.make())
        for bytes: [UInt8] in [[0xFF], [0x0A, 0x7F, 0x61], Array("{}".utf8)] {
            #expect(try await alice.status(topic, bytes) == 33003)
        }
    }

    /// `qryRelationR` has none.
    @Test(arguments: Self.readers.filter { $0 != "qryRelationR" && $0 != "qryDMsg" })
    func whatLacksAFieldThatItCannotDoWithoutIsRefused(_ topic: String) async throws {
        let alice = Querier("alice", on: try await Bench.make())
        #expect(try await alice.status(topic) == 33003)
    }

    @Test(arguments: ["\u{0}", "a\nb", String(repeating: "x", count: 257)])
    func whatIsNoIDIsRefused(_ id: String) async throws {
        let alice = Querier("alice", on: try await Bench.make())
        #expect(try await alice.status("addBlack", WireAdd2BlackListInput.with { $0.userID = id }) == 33003)
        #expect(try await alice.status("qryGMsg", WireHistoryMsgInput.with { $0.targetID = id }) == 33003)
        // Not even a text.
        #expect(try await alice.status("qryGMsg", [0x0A, 0x02, 0xC3, 0x28]) == 33003)
    }

    @Test func whatSDKsSendAtTheirStartIsAnswered() async throws {
        let alice = Querier("alice", on: try await Bench.make())
        let states: WireSessionStates = try await alice.ask("pullSeAtts", WireSessionReq.with { $0.time = 0 })
        #expect(states.state.isEmpty && states.version == alice.bench.clock.now().milliseconds - 1)
        let settings: WirePullUserSettingOutput = try await alice.ask(
            "pullUS", WirePullUserSettingInput.with { $0.version = 7 })
        #expect(settings.items.isEmpty && settings.version == 7)
        try await alice.tell("reportsdk", WireReportSDKInput.with { $0.sdkInfo = "{}" })
        try await alice.tell(
            "setOfflineMsgDur",
            WireSetUserSettingInput.with {
                $0.version = 0
                $0.value = "3"
            })
    }

    @Test(arguments: ["addTag", "delTag", "disTag", "addSeTag", "delSeTag"])
    func tagsAreAccepted(_ topic: String) async throws {
        let alice = Querier("alice", on: try await Bench.make())
        let reply = try await alice.bytes(topic)
        let output = try #require(WireSetUserSettingOutput.parse(reply))
        #expect(output.version == alice.bench.clock.now().milliseconds)
        // What `addSeTag` may expect.
        #expect(WireSessionStateModifyResp.parse(reply)?.version == output.version)
    }

    @Test func aBlockListIsTheUsersOwn() async throws {
        let bench = try await Bench.make()
        let (alice, bob) = (Querier("alice", on: bench), Querier("bob", on: bench))
        let status = WireBlackListStatusInput.with { $0.userID = "bob" }
        #expect(try await alice.status("blackStat", status) == 101)
        for user in ["carol", "bob"] {
            bench.clock.advance(seconds: 1)
            try await alice.tell("addBlack", target: user, WireAdd2BlackListInput.with { $0.userID = user })
        }
        #expect(try await alice.status("blackStat", status) == 0)
        #expect(
            try await bob.status("blackStat", WireBlackListStatusInput.with { $0.userID = "alice" }) == 101)
        let nothing = WireQueryBlackListInput.with { $0.nothing = 0 }
        #expect(try await alice.ask("getBlack", nothing, WireQueryBlackListOutput.self).userIds == ["bob", "carol"])
        try await alice.tell("rmBlack", target: "bob", WireRemoveFromBlackListInput.with { $0.userID = "bob" })
        #expect(try await alice.status("blackStat", status) == 101)
        #expect(try await bob.ask("getBlack", nothing, WireQueryBlackListOutput.self).userIds.isEmpty)
    }

    @Test func aUsersStatusTellsWhatHeIsConnectedWith() async throws {
        let bench = try await Bench.make()
        bench.signals.setOnline(UserID("bob"), platform: "Web")
        let alice = Querier("alice", on: bench)
        let nothing = WireGetUserStatusInput.with { $0.nothing = 0 }
        let bob: WireGetUserStatusOutput = try await alice.ask("getUserStatus", target: "bob", nothing)
        #expect(bob.status == #"{"us":[{"o":1,"p":"Web","s":0}]}"#)
        #expect(bob.subUserID == "bob")
        let nobody: WireGetUserStatusOutput = try await alice.ask("getUserStatus", target: "nobody", nothing)
        #expect(nobody.status == #"{"us":[]}"#)
    }

    @Test func whatAUserSaysOfHimselfIsToldAsLongAsHeIsOnline() async throws {
        let bench = try await Bench.make()
        let (alice, bob) = (Querier("alice", on: bench), Querier("bob", on: bench))
        let own: WireSetUserStatusOutput = try await bob.ask(
            "setUserStatus", WireSetUserStatusInput.with { $0.status = 20 })
        #expect(own.nothing == 0)
        func status() async throws -> String {
            let answer: WireGetUserStatusOutput = try await alice.ask(
                "getUserStatus", target: "bob", WireGetUserStatusInput.with { $0.nothing = 0 })
            return answer.status
        }
        #expect(try await status() == #"{"us":[]}"#)
        bench.signals.setOnline(UserID("bob"), platform: "Web")
        #expect(try await status() == #"{"us":[{"o":1,"p":"Web","s":20}]}"#)
        _ = try await bob.ask(
            "setUserStatus", WireSetUserStatusInput.with { $0.status = 0 }, WireSetUserStatusOutput.self)
        #expect(try await status() == #"{"us":[{"o":1,"p":"Web","s":0}]}"#)
    }

    @Test func whoIsWatchedIsNamedInTheSubscription() throws {
        func watched(_ users: [String]) throws -> [UserID] {
            try ClientPresence.watched(WireSubUserStatusInput.with { $0.userid = users }.wireBytes)
        }
        #expect(try watched(["bob", "carol"]) == [UserID("bob"), UserID("carol")])
        #expect(WireSubUserStatusOutput.parse(ClientPresence.accepted)?.isComplete == true)
        for users in [[], ["a\nb"], [""], (0...1000).map { "u\($0)" }] {
            #expect(throws: ClientRefusal.unreadable) { try watched(users) }
        }
        #expect(throws: ClientRefusal.unreadable) { try ClientPresence.watched([0xFF]) }
    }

    @Test func groupReceiptsReachWhoAskedForThem() async throws {
        let bench = try await Bench.make()
        let (alice, bob) = (Querier("alice", on: bench), Querier("bob", on: bench))
        let sent = try await bench.say("read this", from: "alice", in: Bench.group) {
            $0.options.wantsReadReceipts = true
        }
        let uid = MessageUID(sent.id, in: .group, target: "demo-group").description
        let read = WireGrpReadReceiptMsg.with {
            $0.msgID = [uid, "not-one-of-ours"]
            $0.channelID = "demo-group"
        }
        let question = WireGrpReadReceiptQryReq.with { $0.msgID = [uid] }
        bench.clock.advance(seconds: 1)
        try await bob.tell("rrMsg", target: "demo-group", read)
        let readers: WireGrpReadReceiptQryResp = try await alice.ask("rrList", target: "demo-group", question)
        #expect(readers.totalMemberNum == 3)
        #expect(readers.list.map(\.userID) == ["bob"])
        #expect(readers.list.map(\.readTime) == [bench.clock.now().milliseconds])
        // It is its sender's to know.
        #expect(try await bob.status("rrList", target: "demo-group", question) == 20406)
        #expect(try await Querier("eve", on: bench).status("rrMsg", target: "demo-group", read) == 22406)
        #expect(try await Querier("eve", on: bench).status("rrList", target: "demo-group", question) == 20406)
        #expect(
            try await bob.status(
                "rrMsg", WireGrpReadReceiptMsg.with { $0.msgID = Array(repeating: uid, count: 101) }) == 33003)
    }
}
