import Foundation
import NIOHTTP1
import ParleyClient
import ParleyCore
import ParleyJSON
import ParleyServer
import Testing

/// Two Apps on one server, with users, groups and sequences of the same names: nothing of one is to be had with all that the other has.
@Suite(.timeLimit(minutes: 2))
struct TwoAppsTests {
    private struct Stage {
        let live: LiveServer
        let demo: Tenant
        let other: Tenant
        /// Of what was said in the demo app, by dialect.
        var ids: [String: String] = [:]

        /// The demo app has said something through each vendor's API; the other app nothing.
        init(_ live: LiveServer) async throws {
            self.live = live
            self.demo = try await Tenant(app: live.app, on: live)
            self.other = try await Tenant.other(on: live)
            let form =
                "fromUserId=bob&toGroupId=demo-group&objectName=RC:TxtMsg&content=%7B%22content%22%3A%22private%22%7D"
            let published = try await self.demo.rongCloud("/message/group/publish.json", form)
            self.ids["rongcloud"] = published["messageUIDs"]?.array?.first?["messageUID"]?.string
            let body = #"{"from":"bob","to":["demo-group"],"type":"txt","body":{"msg":"private"}}"#
            let sent = try JSON(parsing: try await self.demo.easemob(.POST, "/messages/chatgroups", body).body)
            self.ids["easemob"] = sent["data"]?["demo-group"]?.string
            let said = try await self.demo.tencent(
                "group_open_http_svc/send_group_msg",
                #"{"GroupId":"demo-group","From_Account":"bob","Random":1,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"private"}}]}"#
            )
            self.ids["tencent"] = said["MsgSeq"]?.int.map(String.init)
            #expect(self.ids.count == 3)
        }

        /// What the demo app's members find: all three, not recalled.
        var isUntouched: Bool {
            get async throws {
                try await self.live.listen("tencent", "carol", query: "&device=\(UUID().uuidString)").missed()
                    .compactMap(\.text) == ["private", "private", "private"]
            }
        }
    }

    @Test func historyOfTheOtherAppIsNotRead() async throws {
        try await withServer { live in
            let stage = try await Stage(live)
            let query =
                "userId=alice&targetId=demo-group&startTime=0&endTime=4000000000000&includeStart=true&pageSize=100"
            let simple = #"{"GroupId":"demo-group","ReqMsgNumber":20}"#
            for (tenant, count) in [(stage.demo, 3), (stage.other, 0)] {
                let rongCloud = try await tenant.rongCloud("/v3/message/group/query.json", query)
                #expect(
                    String(decoding: rongCloud.raw, as: UTF8.self).components(separatedBy: "private").count - 1 == count
                )
                let tencent = try await tenant.tencent("group_open_http_svc/group_msg_get_simple", simple)
                #expect(tencent["RspMsgList"]?.array?.count == count)
                let socket = try await Listener.connect(port: tenant.port, token: try tenant.userSig("alice"))
                let missed = try await socket.missed()
                #expect(missed.count == count)
                socket.socket.send(#"{"type":"history","request":1,"conversation":"group:demo-group"}"#)
                let page = try await socket.frames { $0["request"]?.int == 1 }.last
                #expect(page?["messages"]?.array?.count == count)
            }
        }
    }

    @Test func messagesOfTheOtherAppAreNotRecalledOrChanged() async throws {
        try await withServer { live in
            let stage = try await Stage(live)
            let (uid, id) = (try #require(stage.ids["rongcloud"]), try #require(stage.ids["easemob"]))
            _ = try await stage.other.rongCloud(
                "/message/recall.json",
                "fromUserId=bob&conversationType=3&targetId=demo-group&messageUID=\(uid)&sentTime=1")
            _ = try await stage.other.easemob(
                .POST, "/messages/msg_recall",
                #"{"msg_id":"\#(id)","to":"demo-group","chat_type":"groupchat","force":true}"#)
            _ = try await stage.other.easemob(
                .PUT, "/messages/rewrite/\(id)", #"{"user":"bob","new_msg":{"type":"txt","msg":"changed"}}"#)
            _ = try await stage.other.tencent(
                "group_open_http_svc/group_msg_recall",
                #"{"GroupId":"demo-group","MsgSeqList":[{"MsgSeq":1},{"MsgSeq":2},{"MsgSeq":3}]}"#)
            #expect(try await stage.isUntouched)
            // The same calls of the App's own backend do take it back.
            let own = try await stage.demo.rongCloud(
                "/message/recall.json",
                "fromUserId=bob&conversationType=3&targetId=demo-group&messageUID=\(uid)&sentTime=1")
            #expect(own["code"]?.int == 200)
            #expect(try await !stage.isUntouched)
        }
    }

    @Test func theOtherAppsNameWithOnesOwnProofIsRefused() async throws {
        try await withServer { live in
            let stage = try await Stage(live)
            let other = stage.other
            let rongCloud = try await other.rongCloud("/user/checkOnline.json", "userId=alice", key: "parley-demo")
            #expect(rongCloud["code"]?.int == 1004)
            let foreignPath = try await other.easemob(.GET, "/users/alice", at: "/parley/demo/users/alice")
            #expect(foreignPath.status == 401)
            // The query's SDKAppID, and then the signature's too.
            let named = try await other.tencent("im_open_login_svc/account_check", "{}", sdkAppID: "1400000000")
            #expect(named["ActionStatus"]?.string == "FAIL")
            let claimed = try other.userSig("administrator", sdkAppID: "1400000000")
            let forged = try await other.tencent(
                "im_open_login_svc/account_check", "{}", sdkAppID: "1400000000", signed: claimed)
            #expect(forged["ErrorCode"]?.int == 70009)
            let refused = await #expect(throws: SocketClient.Refused.self) {
                try await Listener.connect(port: other.port, token: claimed)
            }
            #expect(refused?.status == 401)
            #expect(try await stage.isUntouched)
        }
    }

    @Test func filesOfTheOtherAppAreNotThere() async throws {
        try await withServer { live in
            let stage = try await Stage(live)
            let owner = ("Authorization", "Bearer \(try stage.demo.userSig("alice"))")
            let upload = try await stage.demo.http.send(
                .POST, "/v1/files?name=a.txt", headers: [owner], body: Array("private".utf8))
            let url = try #require(try JSON(parsing: upload.body)["url"]?.string)
            let id = String(try #require(url.firstMatch(of: /files\/([0-9a-f-]{36})/)).1)
            let secret = String(try #require(url.firstMatch(of: /secret=([^&]+)/)).1)
            let stranger = ("Authorization", "Bearer \(try stage.other.userSig("alice"))")
            #expect(try await stage.demo.http.send(.GET, "/v1/files/\(id)", headers: [owner]).text == "private")
            #expect(try await stage.other.http.send(.GET, "/v1/files/\(id)", headers: [stranger]).status == 404)
            // Under the other App's path not even with the secret.
            let path = "/chatfiles/\(id)"
            let there = try await stage.other.easemob(.GET, path, headers: [("share-secret", secret)])
            #expect(there.status == 404)
            let foreign = try await stage.other.easemob(
                .GET, path, at: "/parley/demo" + path, headers: [("share-secret", secret)])
            #expect(foreign.status == 401)
        }
    }
}
