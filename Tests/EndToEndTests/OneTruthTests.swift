import Foundation
import NIOPosix
import ParleyClient
import ParleyCore
import ParleyJSON
import ParleyServer
import Testing

@Suite(.timeLimit(minutes: 2))
struct OneTruthTests {
    @Test func threeVendorsMessagesReachEveryMemberInOneOrder() async throws {
        try await withServer { live in
            let listeners = [
                try await live.listen("rongcloud", "alice"), try await live.listen("easemob", "carol"),
                try await live.listen("tencent", "dave"),
            ]
            for listener in listeners { #expect(try await listener.missed().isEmpty) }
            let backend = try await live.backend()
            for dialect in ["rongcloud", "easemob", "tencent"] {
                #expect(try await backend.say("hello-from-\(dialect)", through: dialect))
            }
            for listener in listeners {
                let messages = try await listener.messages(3)
                #expect(messages.map { $0["seq"]?.int } == [1, 2, 3])
                #expect(messages.map(\.text) == ["hello-from-rongcloud", "hello-from-easemob", "hello-from-tencent"])
                #expect(messages.map { $0["native"]?["dialect"]?.string } == ["rongcloud", "easemob", "tencent"])
                #expect(messages.allSatisfy { $0["conversation"]?.string == "group:demo-group" })
                #expect(messages[0]["native"]?["payload"]?["objectName"]?.string == "RC:TxtMsg")
                #expect(messages[1]["native"]?["payload"]?["body"]?["msg"]?.string == "hello-from-easemob")
                #expect(messages[2]["native"]?["payload"]?["MsgBody"]?.array?.count == 1)
            }
        }
    }

    @Test func whoWasOfflineFindsEverythingOnConnectingAndOnlyOnce() async throws {
        try await withServer { live in
            let backend = try await live.backend()
            for number in 1...250 {
                #expect(try await backend.say("m\(number)", through: ["rongcloud", "easemob", "tencent"][number % 3]))
            }
            let first = try await live.listen("easemob", "dave", query: "&device=phone")
            #expect(try await first.missed().compactMap(\.text) == (1...250).map { "m\($0)" })
            // The pong that follows the last frame confirms; the next message shows that it came.
            #expect(try await backend.say("m251", through: "tencent"))
            #expect(try await first.messages(1).map(\.text) == ["m251"])
            await first.socket.close()
        }
    }

    @Test func aTargetedMessageReachesOnlyThoseNamed() async throws {
        try await withServer { live in
            let alice = try await live.listen("rongcloud", "alice")
            let dave = try await live.listen("tencent", "dave")
            _ = try await (alice.missed(), dave.missed())
            let backend = try await live.backend()
            let answer = try await backend.easemob(
                "/messages/chatgroups/users",
                #"{"from":"bob","to":["demo-group"],"type":"txt","body":{"msg":"psst"},"users":["dave"]}"#)
            #expect(answer["data"]?["demo-group"] != nil)
            #expect(try await backend.say("all", through: "rongcloud"))
            #expect(try await dave.messages(2).map(\.text) == ["psst", "all"])
            #expect(try await alice.messages(1).map(\.text) == ["all"])
        }
    }

    @Test func whatIsForThoseOnlineLeavesNoTrace() async throws {
        let folder = try TemporaryFolder()
        try await withServer(in: folder) { live in
            let alice = try await live.listen("rongcloud", "alice")
            _ = try await alice.missed()
            let backend = try await live.backend()
            _ = try await backend.rongCloud(
                "/statusmessage/group/publish.json",
                "fromUserId=bob&toGroupId=demo-group&objectName=RC:TypSts&content=%7B%22secret%22%3A%22zebra-one%22%7D")
            _ = try await backend.easemob(
                "/messages/chatgroups",
                #"{"from":"bob","to":["demo-group"],"type":"txt","body":{"msg":"zebra-two"},"routetype":"ROUTE_ONLINE"}"#
            )
            _ = try await backend.tencent(
                "group_open_http_svc/send_group_msg",
                #"{"GroupId":"demo-group","Random":7,"OnlineOnlyFlag":1,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"zebra-three"}}]}"#
            )
            let messages = try await alice.messages(3)
            #expect(messages.allSatisfy { $0["seq"] == nil })
            #expect(messages.dropFirst().map(\.text) == ["zebra-two", "zebra-three"])
            #expect(try await live.listen("easemob", "dave").missed().isEmpty)
        }
        for case let file as URL in try #require(
            FileManager.default.enumerator(at: folder.url, includingPropertiesForKeys: nil))
        where !file.hasDirectoryPath {
            let bytes = try Data(contentsOf: file)
            #expect(bytes.range(of: Data("zebra".utf8)) == nil, "\(file.lastPathComponent)")
        }
    }

    @Test func theThreeApisAgreeOnWhoIsOnline() async throws {
        try await withServer { live in
            let backend = try await live.backend()
            let alice = try await live.listen("rongcloud", "alice")
            _ = try await alice.missed()
            let rongCloud = try await backend.rongCloud("/user/checkOnline.json", "userId=alice")
            #expect(rongCloud["status"]?.string == "1")
            let easemob = try await backend.easemob("/users/batch/status", #"{"usernames":["alice","bob"]}"#)
            #expect(
                easemob["data"]?.array?.map { String(decoding: $0.raw, as: UTF8.self) } == [
                    #"{"alice":"online"}"#, #"{"bob":"offline"}"#,
                ])
            let tencent = try await backend.tencent("openim/query_online_status", #"{"To_Account":["alice","bob"]}"#)
            #expect(tencent["QueryResult"]?.array?.map { $0["Status"]?.string } == ["Online", "Offline"])
        }
    }

    @Test func aRecallThroughAnotherDialectIsSeen() async throws {
        try await withServer { live in
            let alice = try await live.listen("rongcloud", "alice")
            _ = try await alice.missed()
            let backend = try await live.backend()
            let sent = try await backend.easemob(
                "/messages/chatgroups", #"{"from":"bob","to":["demo-group"],"type":"txt","body":{"msg":"oops"}}"#)
            #expect(sent["data"]?["demo-group"]?.string != nil)
            let recalled = try await backend.tencent(
                "group_open_http_svc/group_msg_recall", #"{"GroupId":"demo-group","MsgSeqList":[{"MsgSeq":1}]}"#)
            #expect(recalled["RecallRetList"]?.array?.first?["RetCode"]?.int == 0)
            let frames = try await alice.frames { $0["type"]?.string == "recall" }
            #expect(frames.last?["targetSeq"]?.int == 1)
            #expect(try await live.listen("easemob", "dave").missed().isEmpty)
        }
    }

    @Test func whoIsBlockedIsDisconnectedAtOnceAndComesBackWhenItIsLifted() async throws {
        try await withServer { live in
            let backend = try await live.backend()
            let alice = try await live.listen("easemob", "alice")
            _ = try await alice.missed()
            let blocked = try await backend.rongCloud("/user/block.json", "userId=alice&minute=10")
            #expect(blocked["code"]?.int == 200)
            let last = try await alice.frames { _ in false }.last
            #expect(last?["type"]?.string == "closing")
            #expect(last?["reason"]?.string == "userInactive")
            for dialect in ["rongcloud", "easemob", "tencent"] {
                let refused = await #expect(throws: SocketClient.Refused.self) {
                    try await live.listen(dialect, "alice")
                }
                #expect(refused?.status == 401)
            }
            _ = try await backend.easemob("/users/alice/activate", "")
            #expect(try await live.listen("rongcloud", "alice").missed().isEmpty)
        }
    }

    @Test func aTokenOfEachDialectOpensTheSocketAndABadOneIsRefused() async throws {
        try await withServer { live in
            for dialect in ["rongcloud", "easemob", "tencent"] {
                let listener = try await live.listen(dialect, "alice")
                let welcome = try await listener.frames { _ in true }[0]
                #expect(welcome["type"]?.string == "welcome")
                #expect(welcome["app"]?.string == "demo")
                #expect(welcome["user"]?.string == "alice")
                #expect(welcome["device"]?.string != nil)
                #expect(welcome["session"]?.string != nil)
            }
            for token in ["", "nonsense", try live.token("rongcloud", "alice") + "x"] {
                let refused = await #expect(throws: SocketClient.Refused.self) {
                    try await Listener.connect(port: live.server.port, token: token)
                }
                #expect(refused?.status == 401)
            }
        }
    }
}
