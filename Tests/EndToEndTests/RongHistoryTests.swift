import Foundation
import ParleyCore
import ParleyJSON
import ParleyRongCloud
import ParleyServer
import ParleyTesting
import Testing

/// What RongCloud's client SDKs ask of what was said before, and of how their user sees it.
@Suite(.timeLimit(minutes: 2))
struct RongHistoryTests {
    // MARK: History

    /// All dialects, both sides, many in one millisecond: the texts, in the order in which they were said.
    private static func talk(
        _ live: LiveServer, _ clock: ManualClock, inGroup: Bool, _ alice: RongClient, _ bob: RongClient
    ) async throws -> [String] {
        let backend = try await live.backend()
        var said: [String] = []
        func next() -> String {
            said.append("m\(said.count)")
            return said[said.count - 1]
        }
        for round in 0..<9 {
            clock.advance(milliseconds: Int64(round % 3))
            for dialect in ["rongcloud", "easemob", "tencent"] {
                let text = next()
                #expect(
                    try await inGroup
                        ? backend.say(text, through: dialect) : backend.tell("alice", text, through: dialect))
            }
            let (own, others) = (next(), next())
            #expect(await alice.say(own, to: inGroup ? "demo-group" : "bob", inGroup: inGroup)?.status == 0)
            #expect(await bob.say(others, to: inGroup ? "demo-group" : "alice", inGroup: inGroup)?.status == 0)
        }
        clock.advance(milliseconds: 5)
        for _ in 0..<25 {
            #expect(await alice.say(next(), to: inGroup ? "demo-group" : "bob", inGroup: inGroup)?.status == 0)
        }
        return said
    }

    /// What bob's backend says for him he finds himself only where the vendor's API says so by itself: RongCloud's does not, nor Easemob's to one user.
    private static func reaching(_ said: [String], inGroup: Bool) -> [String] {
        said.enumerated().filter { $0.offset >= 45 || $0.offset % 5 > (inGroup ? 0 : 1) }.map(\.element)
    }

    @Test(arguments: [false, true])
    func historyIsPagedToItsEndsInBothDirections(_ inGroup: Bool) async throws {
        let clock = ManualClock()
        try await withServer(clock: clock) { live in
            let alice = try await RongClient.connect(live, "alice")
            let bob = try await RongClient.connect(live, "bob")
            let said = try await Self.talk(live, clock, inGroup: inGroup, alice, bob)
            for (reader, peer) in [(alice, "bob"), (bob, "alice")] {
                let target = inGroup ? "demo-group" : peer
                let seen = reader.user == "alice" ? said : Self.reaching(said, inGroup: inGroup)
                for way in HistoryWay.all {
                    let found = try await reader.history(inGroup ? "qryGMsg" : "qryPMsg", of: target, way)
                    #expect(found.compactMap(\.said) == (way.order == 0 ? seen.reversed() : seen), "\(way)")
                }
                let all = try await reader.history(inGroup ? "qryGMsg" : "qryPMsg", of: target, HistoryWay.all[0])
                #expect(Set(all.map(\.msgID)).count == seen.count)
                #expect(all.allSatisfy { $0.classname == "RC:TxtMsg" && (!inGroup || $0.groupID == target) })
                // 25, and one of every five; the other three are bob's.
                #expect(
                    all.count { $0.direction == 1 } == (reader.user == "alice" ? 34 : seen.count - 34))
                if !inGroup { #expect(all.allSatisfy { $0.fromUserID == peer }) }
            }
        }
    }

    // MARK: The list of conversations

    @Test(arguments: RongClient.Generation.allCases)
    func theListOfConversationsFollowsWhatIsSaidAndRead(_ generation: RongClient.Generation) async throws {
        try await withServer { live in
            let alice = try await RongClient.connect(live, "alice", generation)
            let bob = try await RongClient.connect(live, "bob", generation)
            let carol = try await RongClient.connect(live, "carol", generation)
            #expect(try await alice.relations().isEmpty)
            #expect(await carol.say("one", to: "alice")?.status == 0)
            #expect(await bob.say("two", to: "alice")?.status == 0)
            let last = try #require(await bob.say("three", to: "alice"))
            #expect(await carol.say("four", to: "demo-group", inGroup: true)?.status == 0)

            var list = try await alice.relations()
            #expect(list.map(\.userID) == ["demo-group", "bob", "carol"] && list.map(\.type) == [3, 1, 1])
            #expect(list.map(\.msg.said) == ["four", "three", "one"] && list.map(\.unreadCount) == [1, 2, 1])
            #expect(list[1].msg.msgID == last.uid && list[1].msg.dataTime == last.milliseconds)

            // On another of her devices. What is said by receipts themselves is RongMessageTests'.
            for conversation in [Conversation.group(GroupID("demo-group")), .direct(UserID("alice"), UserID("bob"))] {
                try await live.server.core.read(conversation, through: nil, by: UserID("alice"), in: live.app.id)
            }
            list = try await alice.relations()
            #expect(list.map(\.unreadCount) == [0, 0, 1])
            #expect(list[1].readMsgTime >= last.milliseconds)
            await bob.until { $0.received.contains { $0.message.classname == "RC:ReadNtf" } }
            await alice.until { $0.received.contains { $0.message.classname == "RC:SRSMsg" } }

            // What the user says himself is the last message too, and nothing that he has to read.
            #expect(await alice.say("five", to: "carol")?.status == 0)
            list = try await alice.relations()
            #expect(list.map(\.userID) == ["carol", "demo-group", "bob"])
            #expect(list[0].msg.direction == 1 && list[0].msg.fromUserID == "carol" && list[0].msg.said == "five")
        }
    }

    @Test(arguments: RongClient.Generation.allCases)
    func whatIsRemovedClearedOrDeletedIsGoneForOneUserOnly(_ generation: RongClient.Generation) async throws {
        try await withServer { live in
            let alice = try await RongClient.connect(live, "alice", generation)
            let bob = try await RongClient.connect(live, "bob", generation)
            var receipts: [RongClient.Acknowledgement] = []
            for number in 1...4 { receipts.append(try #require(await bob.say("m\(number)", to: "alice"))) }

            let deletion = WireDeleteMsgInput.with { input in
                input.type = 1
                input.conversationID = "bob"
                input.msgs = [
                    .with {
                        $0.msgID = receipts[3].uid
                        $0.msgDataTime = receipts[3].milliseconds
                        $0.direct = 0
                    }
                ]
            }
            #expect(await alice.query("delMsg", target: "alice", deletion.wireBytes)?.status == 0)
            #expect(try await alice.texts(with: "bob") == ["m1", "m2", "m3"])
            #expect(try await alice.relations().first?.msg.said == "m3")

            let clearing = WireCleanHisMsgInput.with {
                $0.targetID = "bob"
                $0.dataTime = receipts[1].milliseconds
                $0.conversationType = 1
            }
            #expect(await alice.query("cleanPMsg", target: "alice", clearing.wireBytes)?.status == 0)
            let left = try await alice.texts(with: "bob")
            // Messages of one millisecond go together.
            #expect(left == (receipts[2].milliseconds > receipts[1].milliseconds ? ["m3"] : []))

            let removal = WireRelationsInput.with { $0.type = 1 }
            #expect(await alice.query("delRelation", target: "bob", removal.wireBytes)?.status == 0)
            #expect(try await alice.relations().isEmpty)
            #expect(try await bob.texts(with: "alice") == ["m1", "m2", "m3", "m4"])
            #expect(try await bob.relations().map(\.userID) == ["alice"])

            #expect(await bob.say("m5", to: "alice")?.status == 0)
            #expect(try await alice.relations().map(\.msg.said) == ["m5"])
        }
    }

    // MARK: Pinned and muted

    @Test(arguments: [RongClient.Generation.v3, .v4, .imlibV4, .v5])
    func whatOneDevicePinsAndMutesTheOthersLearn(_ generation: RongClient.Generation) async throws {
        try await withServer { live in
            let phone = try await RongClient.connect(live, "alice", generation)
            let web = try await RongClient.connect(live, "alice", generation)
            let bob = try await RongClient.connect(live, "bob", generation)
            #expect(await bob.say("hello", to: "alice")?.status == 0)
            var version = try await web.sessionStates(since: 0).version

            for (type, target, items) in [
                (1, "bob", [(2, "1")]), (3, "demo-group", [(1, "1")]), (1, "bob", [(2, "0"), (1, "1")]),
            ] as [(Int32, String, [(Int32, String)])] {
                let noticed = await web.commands(3)
                try await phone.set(items, of: type, target)
                await web.until { $0.commands(3) > noticed }
                let states = try await web.sessionStates(since: version)
                let state = try #require(states.state.first { $0.channelID == target && $0.type == type })
                for (kind, value) in items {
                    #expect(state.stateItem.first { $0.sessionStateType == kind }?.value == value)
                }
                version = states.version
            }
            // One that was not there finds what is so.
            let third = try await RongClient.connect(live, "alice", generation)
            let states = try await third.sessionStates(since: 0).state
            #expect(Set(states.map(\.channelID)) == ["bob", "demo-group"])
            #expect(states.allSatisfy { $0.stateItem.map(\.value) == ["1", "0"] })
        }
    }

    // MARK: v2 alone

    @Test func whoIsBlockedIsNotHeardUntilHeIsNotBlockedAnyMore() async throws {
        try await withServer { live in
            let alice = try await RongClient.connect(live, "alice", .v2)
            let bob = try await RongClient.connect(live, "bob", .v2)
            func status(_ topic: String, _ payload: [UInt8]) async -> UInt16? {
                await alice.query(topic, target: "bob", payload)?.status
            }
            let named = WireBlackListStatusInput.with { $0.userID = "bob" }.wireBytes
            #expect(await status("blackStat", named) == 101)
            #expect(await status("addBlack", named) == 0)
            #expect(await status("blackStat", named) == 0)
            #expect(await bob.say("no", to: "alice")?.status == 405)
            let question = WireQueryBlackListInput.with { $0.nothing = 0 }.wireBytes
            let answer = try #require(await alice.query("getBlack", target: "alice", question))
            #expect(WireQueryBlackListOutput.parse(answer.payload)?.userIds == ["bob"])
            #expect(await status("rmBlack", named) == 0)
            #expect(await status("blackStat", named) == 101)
            #expect(await bob.say("yes", to: "alice")?.status == 0)
            #expect(await alice.texts(1) == ["yes"])
        }
    }

    @Test func whoAsksLearnsWhoIsOnlineAndWhatHeSaysOfHimself() async throws {
        try await withServer { live in
            let alice = try await RongClient.connect(live, "alice", .v2)
            #expect(try await alice.status(of: "bob") == #"{"us":[]}"#)
            let bob = try await RongClient.connect(live, "bob", .v2)
            #expect(try await alice.status(of: "bob") == #"{"us":[{"o":1,"p":"Web","s":0}]}"#)
            let busy = WireSetUserStatusInput.with { $0.status = 20 }
            #expect(await bob.query("setUserStatus", target: "bob", busy.wireBytes)?.status == 0)
            #expect(try await alice.status(of: "bob") == #"{"us":[{"o":1,"p":"Web","s":20}]}"#)
        }
    }
}

// MARK: - What apps do with an SDK

/// How an app goes through history.
private struct HistoryWay: CustomStringConvertible {
    var order: Int32
    var count: Int32
    /// v2 goes on from what the answer says; others from the last message that they have.
    var goesBySyncTime: Bool

    static let all = [0, 1].flatMap { order in
        [20, 1, 7, 100].flatMap { count in
            [true, false].map { HistoryWay(order: order, count: count, goesBySyncTime: $0) }
        }
    }

    var description: String { "order \(self.order), \(self.count) at a time, by sync time: \(self.goesBySyncTime)" }
}

extension RongClient {
    /// All of it, page by page: newest first for order 0, oldest first for order 1.
    fileprivate func history(
        _ topic: String, of target: String, _ way: HistoryWay
    ) async throws -> [WireDownStreamMessage] {
        var found: [WireDownStreamMessage] = []
        var time: Int64 = 0
        while true {
            let input = WireHistoryMsgInput.with {
                $0.targetID = target
                $0.time = time
                $0.count = way.count
                $0.order = way.order
            }
            let answer = try #require(await self.query(topic, target: self.user, input.wireBytes))
            #expect(answer.status == 0)
            let page = try #require(WireHistoryMsgOuput.parse(answer.payload))
            #expect(page.isComplete && page.list.map(\.dataTime) == page.list.map(\.dataTime).sorted(by: >))
            found += way.order == 0 ? page.list : page.list.reversed()
            guard page.hasMsg_p == 1 else { return found }
            let last = try #require(found.last)
            #expect(page.list.count >= way.count && page.syncTime != time)
            time = way.goesBySyncTime ? page.syncTime : last.dataTime
        }
    }

    /// Oldest first.
    fileprivate func texts(with peer: String) async throws -> [String] {
        let way = HistoryWay(order: 1, count: 20, goesBySyncTime: false)
        return try await self.history("qryPMsg", of: peer, way).compactMap(\.said)
    }

    fileprivate func relations() async throws -> [WireRelationInfo] {
        let answer: (status: UInt16, payload: [UInt8])?
        switch self.generation {
        case .v2, .v3:
            let input = WireRelationsInput.with {
                $0.type = 1
                $0.count = 100
            }
            answer = await self.query("qryRelation", target: self.user, input.wireBytes)
        case .v4, .imlibV4, .v5:
            let input = WireRelationQryInput.with {
                $0.type = 1
                $0.count = 100
                $0.startTime = 0
                $0.order = 0
            }
            answer = await self.query("qryRelationR", target: self.user, input.wireBytes)
        }
        #expect(answer?.status == 0)
        let output = try #require(WireRelationsOutput.parse(answer?.payload ?? [0xFF]))
        #expect(output.isComplete)
        return output.info
    }

    fileprivate func sessionStates(since version: Int64) async throws -> WireSessionStates {
        let request = WireSessionReq.with { $0.time = version }
        let answer = try #require(await self.query("pullSeAtts", target: self.user, request.wireBytes))
        #expect(answer.status == 0)
        let states = try #require(WireSessionStates.parse(answer.payload))
        #expect(states.isComplete && states.version >= version)
        return states
    }

    fileprivate func set(_ items: [(Int32, String)], of type: Int32, _ target: String) async throws {
        let request = WireSessionStateModifyReq.with { request in
            request.version = 0
            request.state = [
                .with {
                    $0.type = type
                    $0.channelID = target
                    $0.stateItem = items.map { item in
                        .with {
                            $0.sessionStateType = item.0
                            $0.value = item.1
                        }
                    }
                }
            ]
        }
        let answer = try #require(await self.query("setSeAtt", target: self.user, request.wireBytes))
        #expect(answer.status == 0)
        #expect(WireSessionStateModifyResp.parse(answer.payload)?.isComplete == true)
    }

    fileprivate func commands(_ type: Int32) -> Int {
        self.notices.count { $0.topic == "s_cmd" && $0.notice.type == type }
    }

    fileprivate func status(of user: String) async throws -> String {
        let question = WireGetUserStatusInput.with { $0.nothing = 0 }
        let answer = try #require(await self.query("getUserStatus", target: user, question.wireBytes))
        #expect(answer.status == 0)
        let output = try #require(WireGetUserStatusOutput.parse(answer.payload))
        #expect(output.subUserID == user)
        return output.status
    }
}

extension WireDownStreamMessage {
    fileprivate var said: String? { (try? JSON(parsing: self.contentBytes))?["content"]?.string }
}

extension Backend {
    /// Says something to one user, as bob.
    fileprivate func tell(_ user: String, _ text: String, through dialect: String) async throws -> Bool {
        switch dialect {
        case "rongcloud":
            let form =
                "fromUserId=bob&toUserId=\(user)&objectName=RC:TxtMsg&content=%7B%22content%22%3A%22\(text)%22%7D"
            return try await self.rongCloud("/message/private/publish.json", form)["code"]?.int == 200
        case "easemob":
            let body = #"{"from":"bob","to":["\#(user)"],"type":"txt","body":{"msg":"\#(text)"}}"#
            return try await self.easemob("/messages/users", body)["data"]?[user]?.string != nil
        default:
            let body =
                #"{"From_Account":"bob","To_Account":"\#(user)","MsgRandom":\#(UInt32.random(in: 1...UInt32.max)),"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"\#(text)"}}]}"#
            return try await self.tencent("openim/sendmsg", body)["ErrorCode"]?.int == 0
        }
    }
}
