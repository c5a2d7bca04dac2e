import Foundation
import NIOHTTP1
import ParleyClient
import ParleyCore
import ParleyJSON
import ParleyRongCloud
import Testing

@testable import ParleyEasemob

/// What the backend does through each vendor's API, as clients see it; and what clients do, as the vendors' APIs see it.
@Suite(.timeLimit(minutes: 2))
struct EveryDialectTests {
    /// A message's name in the API that sent it.
    private struct Name {
        var dialect: String
        var id: String
    }

    private static func say(_ text: String, through dialect: String, _ backend: Backend) async throws -> Name {
        switch dialect {
        case "rongcloud":
            let answer = try await backend.rongCloud(
                "/message/group/publish.json",
                "fromUserId=bob&toGroupId=demo-group&objectName=RC:TxtMsg&needReadReceipt=1&content="
                    + "%7B%22content%22%3A%22\(text)%22%7D")
            return Name(
                dialect: dialect,
                id: try #require(answer["messageUIDs"]?.array?.first?["messageUID"]?.string, "\(answer.text ?? "")"))
        case "easemob":
            let answer = try await backend.easemob(
                "/messages/chatgroups",
                #"{"from":"bob","to":["demo-group"],"type":"txt","body":{"msg":"\#(text)"},"need_group_ack":true}"#)
            return Name(dialect: dialect, id: try #require(answer["data"]?["demo-group"]?.string))
        default:
            let answer = try await backend.tencent(
                "group_open_http_svc/send_group_msg",
                #"{"GroupId":"demo-group","From_Account":"bob","Random":\#(UInt32.random(in: 0...UInt32.max)),"NeedReadReceipt":1,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"\#(text)"}}]}"#
            )
            return Name(dialect: dialect, id: String(try #require(answer["MsgSeq"]?.int)))
        }
    }

    private static func edit(_ name: Name, to text: String, _ backend: Backend) async throws -> Bool {
        switch name.dialect {
        case "rongcloud":
            try await backend.rongCloud(
                "/message/group/modify.json",
                "fromUserId=bob&groupId=demo-group&msgUID=\(name.id)&objectName=RC:TxtMsg&content="
                    + "%7B%22content%22%3A%22\(text)%22%7D")["code"]?.int == 200
        case "easemob":
            try await backend.easemob(
                "/messages/rewrite/\(name.id)", #"{"user":"bob","new_msg":{"type":"txt","msg":"\#(text)"}}"#,
                method: .PUT)["error"] == nil
        default:
            try await backend.tencent(
                "openim/modify_group_msg",
                #"{"GroupId":"demo-group","MsgSeq":\#(name.id),"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"\#(text)"}}]}"#
            )["ErrorCode"]?.int == 0
        }
    }

    private static func recall(_ name: Name, _ backend: Backend) async throws -> Bool {
        switch name.dialect {
        case "rongcloud":
            try await backend.rongCloud(
                "/message/recall.json",
                "fromUserId=bob&conversationType=3&targetId=demo-group&messageUID=\(name.id)&sentTime=1&isAdmin=0")[
                    "code"]?.int == 200
        case "easemob":
            try await backend.easemob(
                "/messages/batch_recall",
                #"{"msgs":[{"msg_id":"\#(name.id)","to":"demo-group","chat_type":"groupchat","from":"bob","force":true}]}"#
            )["error"] == nil
        default:
            try await backend.tencent(
                "group_open_http_svc/group_msg_recall",
                #"{"GroupId":"demo-group","MsgSeqList":[{"MsgSeq":\#(name.id)}]}"#)["RecallRetList"]?.array?.first?[
                    "RetCode"]?.int == 0
        }
    }

    private static func ask(_ listener: Listener, _ members: String) async throws -> JSON {
        let request = UUID().uuidString
        listener.socket.send(#"{"request":"\#(request)",\#(members)}"#)
        return try #require(try await listener.frames { $0["request"]?.string == request }.last)
    }

    private static func next(_ type: String, _ listener: Listener) async throws -> JSON {
        let frame = try await listener.frames { $0["type"]?.string == type }.last
        return try #require(frame?["type"]?.string == type ? frame : nil)
    }

    @Test(arguments: ["rongcloud", "easemob", "tencent"])
    func whatAVendorSaysEditsAndRecallsIsSeenAtOnceAndInHistory(_ dialect: String) async throws {
        try await withServer { live in
            let alice = try await live.listen("easemob", "alice")
            _ = try await alice.missed()
            let backend = try await live.backend()
            let name = try await Self.say("helo", through: dialect, backend)
            let message = try await Self.next("message", alice)
            #expect(message.text == "helo")

            #expect(try await Self.edit(name, to: "hello", backend))
            let edit = try await Self.next("edit", alice)
            #expect(edit.text == "hello")
            #expect(edit["target"]?.string == message["id"]?.string)
            #expect(edit["targetSeq"]?.int == message["seq"]?.int)
            #expect(edit["native"]?["dialect"]?.string == dialect)
            let history = #""type":"history","conversation":"group:demo-group""#
            let edited = try #require(try await Self.ask(alice, history)["messages"]?.array)
            #expect(edited.map(\.text) == ["hello"])
            #expect(edited[0]["edited"]?["count"]?.int == 1)

            #expect(try await Self.recall(name, backend))
            let recall = try await Self.next("recall", alice)
            #expect(recall["target"]?.string == message["id"]?.string)
            let recalled = try #require(try await Self.ask(alice, history)["messages"]?.array)
            #expect(recalled.map { $0["recalled"]?.bool } == [true])
            #expect(recalled[0]["content"] == nil)
            // Who comes only now is told nothing of it.
            #expect(try await live.listen("tencent", "carol").missed().isEmpty)
        }
    }

    @Test func whatAClientSaysIsFoundAndTakenBackByEveryVendorsApi() async throws {
        try await withServer { live in
            let (alice, carol) = (
                try await live.listen("tencent", "alice"), try await live.listen("rongcloud", "carol")
            )
            _ = try await (alice.missed(), carol.missed())
            let backend = try await live.backend()
            for (sequence, dialect) in [(1, "rongcloud"), (3, "easemob"), (5, "tencent")] {
                let sent = try await Self.ask(
                    alice, #""type":"send","conversation":"group:demo-group","kind":"text","content":{"text":"s"}"#)
                #expect(sent["seq"]?.int == Int64(sequence))
                let id = try #require(sent["message"]?.string.flatMap { MessageID($0) })
                let found = try await backend.tencent(
                    "group_open_http_svc/group_msg_get_simple", #"{"GroupId":"demo-group","ReqMsgNumber":1}"#)
                let newest = try #require(found["RspMsgList"]?.array?.first)
                #expect(newest["MsgSeq"]?.int == Int64(sequence))
                #expect(newest["From_Account"]?.string == "alice")
                #expect(newest["MsgBody"]?.array?.first?["MsgContent"]?["Text"]?.string == "s")
                let name =
                    switch dialect {
                    case "rongcloud": MessageUID(id, in: .group, target: "demo-group").description
                    case "easemob": id.easemob
                    default: String(sequence)
                    }
                #expect(try await Self.recall(Name(dialect: dialect, id: name), backend))
                let recall = try await Self.next("recall", carol)
                #expect(recall["target"]?.string == id.description, "\(dialect)")
                #expect(recall["seq"]?.int == Int64(sequence) + 1)
            }
        }
    }

    @Test func whatIsDeletedForOneUserIsGoneOnHisDevicesAndNobodyElses() async throws {
        try await withServer { live in
            let phone = try await live.listen("easemob", "alice", query: "&device=phone")
            let bob = try await live.listen("easemob", "bob")
            _ = try await (phone.missed(), bob.missed())
            let backend = try await live.backend()
            let easemob = try await backend.easemob(
                "/messages/users",
                #"{"from":"bob","to":["alice"],"type":"txt","body":{"msg":"one"},"sync_device":true}"#)
            let first = try await Self.next("message", phone)
            let id = try #require(easemob["data"]?["alice"]?.string)
            #expect(
                try await backend.easemob(
                    "/rest/message/roaming/chat/user/alice?userId=bob&msgIdList=\(id)", "", method: .DELETE)[
                        "requestStatusCode"]?.string == "ok")
            let deleted = try await Self.next("deleted", phone)
            #expect(deleted["conversation"]?.string == "direct:bob")
            #expect(deleted["messages"]?.array?.map(\.string) == [first["id"]?.string])

            let tencent = try await backend.tencent(
                "openim/sendmsg",
                #"{"From_Account":"bob","To_Account":"alice","MsgRandom":5,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"two"}}]}"#
            )
            let second = try await Self.next("message", phone)
            let key = try #require(tencent["MsgKey"]?.string)
            #expect(
                try await backend.tencent(
                    "openim/delete_c2c_msg_ramble",
                    #"{"Operator_Account":"alice","Peer_Account":"bob","MsgKeyList":["\#(key)"]}"#)["ErrorCode"]?.int
                    == 0)
            #expect(
                try await Self.next("deleted", phone)["messages"]?.array?.map(\.string) == [second["id"]?.string])

            #expect(
                try await backend.rongCloud(
                    "/message/private/publish.json",
                    "fromUserId=bob&toUserId=alice&isIncludeSender=1&objectName=RC:TxtMsg&content=%7B%22content%22%3A%22three%22%7D"
                )[
                    "code"]?.int == 200)
            #expect(try await Self.next("message", phone).text == "three")
            #expect(
                try await backend.rongCloud(
                    "/conversation/message/history/clean.json", "fromUserId=alice&conversationType=1&targetId=bob")[
                        "code"]?.int == 200)
            #expect(try await Self.next("conversation", phone)["clearedSeq"]?.int == 3)

            let hers = try await Self.ask(phone, #""type":"history","conversation":"direct:bob""#)
            #expect(hers["messages"]?.array?.isEmpty == true)
            let his = try await Self.ask(bob, #""type":"history","conversation":"direct:alice""#)
            #expect(his["messages"]?.array?.map(\.text) == ["three", "two", "one"])
        }
    }

    @Test func aReadMarkOfTheBackendsIsToldToTheReadersDevicesAndToTheOther() async throws {
        try await withServer { live in
            let phone = try await live.listen("easemob", "alice", query: "&device=phone")
            let tablet = try await live.listen("tencent", "alice", query: "&device=tablet")
            let bob = try await live.listen("rongcloud", "bob")
            _ = try await (phone.missed(), tablet.missed(), bob.missed())
            let backend = try await live.backend()
            for text in ["one", "two"] {
                _ = try await Self.ask(
                    bob, #""type":"send","conversation":"direct:alice","kind":"text","content":{"text":"\#(text)"}"#)
            }
            let unread = try await backend.tencent("openim/get_c2c_unread_msg_num", #"{"To_Account":"alice"}"#)
            #expect(unread["AllC2CUnreadMsgNum"]?.int == 2)
            #expect(
                try await backend.tencent(
                    "openim/admin_set_msg_read", #"{"Report_Account":"alice","Peer_Account":"bob"}"#)["ErrorCode"]?.int
                    == 0)
            for device in [phone, tablet] {
                let state = try await Self.next("conversation", device)
                #expect(state["conversation"]?.string == "direct:bob")
                #expect(state["readSeq"]?.int == 2)
            }
            let read = try await Self.next("read", bob)
            #expect(read["conversation"]?.string == "direct:alice")
            #expect((read["by"]?.string, read["seq"]?.int) == ("alice", 2))
            #expect(try await Self.ask(phone, #""type":"unread""#)["messages"]?.int == 0)
            let after = try await backend.tencent("openim/get_c2c_unread_msg_num", #"{"To_Account":"alice"}"#)
            #expect(after["AllC2CUnreadMsgNum"]?.int == 0)
        }
    }

    @Test func receiptsThatAnyVendorsMessageAskedForReachTheSenderAndAgree() async throws {
        try await withServer { live in
            let alice = try await live.listen("easemob", "alice")
            let bob = try await live.listen("rongcloud", "bob")
            _ = try await (alice.missed(), bob.missed())
            let backend = try await live.backend()
            for dialect in ["rongcloud", "easemob", "tencent"] {
                _ = try await Self.say("read-me", through: dialect, backend)
            }
            let messages = try await alice.messages(3)
            #expect(messages.allSatisfy { $0["options"]?["wantsReadReceipts"]?.bool == true })
            #expect(
                try await Self.ask(alice, #""type":"read","conversation":"group:demo-group""#)["type"]?.string == "done"
            )
            var receipts: [JSON] = []
            for _ in 0..<3 { receipts.append(try await Self.next("receipt", bob)) }
            #expect(Set(receipts.map { $0["message"]?.string }) == Set(messages.map { $0["id"]?.string }))
            #expect(receipts.allSatisfy { $0["by"]?.string == "alice" && $0["readCount"]?.int == 1 })

            // And what another vendor's backend acknowledges for a user counts the same.
            #expect(
                try await backend.tencent(
                    "group_open_http_svc/group_msg_receipt",
                    #"{"GroupId":"demo-group","From_Account":"carol","MsgSeqList":[{"MsgSeq":1}]}"#)["ErrorCode"]?.int
                    == 0)
            let second = try await Self.next("receipt", bob)
            #expect((second["by"]?.string, second["readCount"]?.int, second["seq"]?.int) == ("carol", 2, 1))
            let counts = try await backend.tencent(
                "group_open_http_svc/get_group_msg_receipt",
                #"{"GroupId":"demo-group","MsgSeqList":[{"MsgSeq":1},{"MsgSeq":2},{"MsgSeq":3}]}"#)
            let list = try #require(counts["GroupMsgReceiptList"]?.array)
            #expect(list.map { $0["ReadNum"]?.int } == [2, 1, 1])
            #expect(list.map { $0["UnreadNum"]?.int } == [1, 2, 2])
            let own = try await Self.ask(bob, #""type":"receipts","message":"\#(messages[0]["id"]?.string ?? "")""#)
            #expect((own["readCount"]?.int, own["unreadCount"]?.int) == (2, 1))
            #expect(own["readers"]?.array?.map { $0["user"]?.string } == ["alice", "carol"])
        }
    }

    @Test func presenceAgreesWithAllThreeStatusApis() async throws {
        try await withServer { live in
            let backend = try await live.backend()
            func statuses() async throws -> [String?] {
                let rongCloud = try await backend.rongCloud("/user/checkOnline.json", "userId=bob")
                let easemob = try await backend.easemob("/users/batch/status", #"{"usernames":["bob"]}"#)
                let tencent = try await backend.tencent("openim/query_online_status", #"{"To_Account":["bob"]}"#)
                return [
                    rongCloud["status"]?.string, easemob["data"]?.array?.first?["bob"]?.string,
                    tencent["QueryResult"]?.array?.first?["Status"]?.string,
                ]
            }
            let alice = try await live.listen("easemob", "alice")
            _ = try await alice.missed()
            alice.socket.send(#"{"type":"watch","users":["bob"]}"#)
            #expect(try await Self.next("presence", alice)["online"]?.bool == false)
            let offline = try await statuses()
            #expect(offline.prefix(2) == ["0", "offline"] && offline[2] != "Online")
            let phone = try await live.listen("tencent", "bob", query: "&device=phone&platform=iPhone")
            let there = try await Self.next("presence", alice)
            #expect(there["online"]?.bool == true)
            #expect(there["platforms"]?.array?.map(\.string) == ["iPhone"])
            #expect(try await statuses() == ["1", "online", "Online"])
            await phone.socket.close()
            #expect(try await Self.next("presence", alice)["online"]?.bool == false)
            #expect(try await statuses() == offline)
        }
    }
}
