import Foundation
import Logging
import NIOHTTP1
import ParleyCallbacks
import ParleyClient
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyServer
import ParleyStore
import Synchronization
import Testing

/// A backend that is called, by a real server over real sockets.
@Suite(.timeLimit(minutes: 2))
struct CallbackTests {
    /// What was said, whoever's form it came in.
    private func text(_ call: Receiver.Call) -> String? {
        switch call.path {
        case "/rongcloud": (try? JSON(parsing: call.form["content"] ?? ""))?["content"]?.string
        case "/easemob": call.json?["payload"]?["bodies"]?.array?.first?["msg"]?.string
        default: call.json?["MsgBody"]?.array?.first?["MsgContent"]?["Text"]?.string
        }
    }

    private func change(_ live: LiveServer, _ change: @escaping (inout AppSettings) -> Void) async throws {
        var app = try #require(try await live.server.core.directory.app(Demo.appID))
        change(&app.settings)
        // What is not about time must not depend on it, on a machine that is busy with a thousand other tests.
        for index in app.settings.callbacks.indices where app.settings.callbacks[index].timeoutMilliseconds == nil {
            app.settings.callbacks[index].timeoutMilliseconds = 30_000
        }
        try await live.server.core.directory.save(app)
        await live.server.callbacks.look(live.server.core, live.server.store, logger: Logger(label: "test"))
    }

    @Test func everyVendorsFormTellsWhatIsSaidThroughEveryVendorsAPI() async throws {
        let receiver = try await Receiver.start()
        try await withServer { live in
            try await Demo.callBack(receiver.url, live.server.core)
            try await self.change(live) { settings in
                for index in settings.callbacks.indices { settings.callbacks[index].topics = [.message] }
            }
            let backend = try await live.backend()
            for dialect in ["rongcloud", "easemob", "tencent"] {
                #expect(try await backend.say("from-\(dialect)", through: dialect))
            }
            let calls = await receiver.next(9)
            for path in ["/rongcloud", "/easemob", "/tencent"] {
                #expect(
                    calls.filter { $0.path == path }.compactMap(self.text) == [
                        "from-rongcloud", "from-easemob", "from-tencent",
                    ])
            }
        }
        await receiver.stop()
    }

    @Test func whatWasSaidWhileNobodyListenedComesInOrderAfterARestart() async throws {
        let folder = try TemporaryFolder()
        let gone = try await Receiver.start()
        await gone.stop()
        try await withServer(in: folder) { live in
            try await self.change(live) { settings in
                settings.callbacks = [
                    CallbackRule(
                        name: "route", dialect: DialectName("tencent"), url: gone.url + "/tencent", topics: [.message])
                ]
                settings.callbacks[0].attempts = 10
            }
            let backend = try await live.backend()
            for number in 1...30 { #expect(try await backend.say("n\(number)", through: "rongcloud")) }
        }
        let receiver = try await Receiver.start(port: gone.port)
        try await withServer(in: folder) { _ in
            let calls = await receiver.calls { self.text($0) == "n30" }
            // At least once, and in order: what was under way when the server stopped may come again.
            var seen: [String] = []
            for text in calls.compactMap(self.text) where !seen.contains(text) { seen.append(text) }
            #expect(seen == (1...30).map { "n\($0)" })
        }
        await receiver.stop()
    }

    /// Neither one that is gone, nor one that takes a call and says nothing.
    @Test func whoDoesNotAnswerDelaysNobodyElse() async throws {
        let gone = try await Receiver.start()
        await gone.stop()
        let silent = try await Receiver.start { _ in nil }
        let receiver = try await Receiver.start()
        try await withServer { live in
            try await self.change(live) { settings in
                settings.callbacks = [gone, silent, receiver].enumerated().map {
                    CallbackRule(
                        name: "r\($0.offset)", dialect: DialectName("easemob"), url: $0.element.url + "/easemob",
                        topics: [.message])
                }
            }
            let backend = try await live.backend()
            for number in 1...30 { #expect(try await backend.say("n\(number)", through: "rongcloud")) }
            #expect(await receiver.next(30).compactMap(self.text) == (1...30).map { "n\($0)" })
            #expect(await silent.next(1).count == 1)
            // So that nobody is waited for when the server stops.
            await silent.stop()
        }
        await receiver.stop()
    }

    @Test func aBackendDecidesBeforeAMessageIsTaken() async throws {
        let receiver = try await Receiver.start { call in
            let text = call.json?["MsgBody"]?.array?.first?["MsgContent"]?["Text"]?.string ?? ""
            switch text {
            case "refuse": return .init(body: #"{"ActionStatus":"OK","ErrorCode":1,"ErrorInfo":""}"#)
            case "own": return .init(body: #"{"ActionStatus":"OK","ErrorCode":10120,"ErrorInfo":"not here"}"#)
            case "drop": return .init(body: #"{"ActionStatus":"OK","ErrorCode":2,"ErrorInfo":""}"#)
            case "change":
                let body = #"[{"MsgType":"TIMTextElem","MsgContent":{"Text":"changed"}}]"#
                return .init(body: #"{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","MsgBody":\#(body)}"#)
            default: return .init()
            }
        }
        try await withServer { live in
            try await self.change(live) {
                $0.callbacks = [
                    CallbackRule(
                        name: "ask", dialect: DialectName("tencent"), url: receiver.url, topics: [.beforeMessage])
                ]
            }
            let backend = try await live.backend()
            let bob = try await live.listen("rongcloud", "carol")
            func code(_ text: String, _ random: UInt32) async throws -> JSON {
                let body =
                    #"{"GroupId":"demo-group","From_Account":"bob","Random":\#(random),"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"\#(text)"}}]}"#
                return try await backend.tencent("group_open_http_svc/send_group_msg", body)
            }
            #expect(try await code("refuse", 1)["ErrorCode"]?.int == 10016)
            let own = try await code("own", 2)
            #expect(own["ErrorCode"]?.int == 10120)
            #expect(own["ErrorInfo"]?.string == "not here")
            #expect(try await code("drop", 3)["ErrorCode"]?.int == 0)
            #expect(try await code("change", 4)["ErrorCode"]?.int == 0)
            #expect(try await code("fine", 5)["ErrorCode"]?.int == 0)
            #expect(try await bob.messages(2).compactMap(\.text) == ["changed", "fine"])
        }
        await receiver.stop()
    }

    @Test func whoDoesNotAnswerInTimeHindersNobodyUnlessTheAppWantsSo() async throws {
        let receiver = try await Receiver.start { _ in nil }
        try await withServer { live in
            func rule(_ whenUnanswered: CallbackRule.WhenUnanswered) -> CallbackRule {
                var rule = CallbackRule(
                    name: "ask", dialect: DialectName("tencent"), url: receiver.url, topics: [.beforeMessage])
                rule.timeoutMilliseconds = 50
                rule.whenUnanswered = whenUnanswered
                return rule
            }
            let backend = try await live.backend()
            try await self.change(live) { $0.callbacks = [rule(.deliver)] }
            #expect(try await backend.say("taken", through: "tencent"))
            try await self.change(live) { $0.callbacks = [rule(.refuse)] }
            let answer = try await backend.tencent(
                "group_open_http_svc/send_group_msg",
                #"{"GroupId":"demo-group","From_Account":"bob","Random":9,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"x"}}]}"#
            )
            #expect(answer["ErrorCode"]?.int == 80003)
        }
        await receiver.stop()
    }

    @Test func whatWasGivenUpIsListedAndSentAgain() async throws {
        let isBroken = Mutex(true)
        let receiver = try await Receiver.start { _ in
            isBroken.withLock { $0 } ? .init(status: .internalServerError, body: "") : .init()
        }
        try await withServer { live in
            try await self.change(live) {
                $0.callbacks = [
                    CallbackRule(
                        name: "route", dialect: DialectName("tencent"), url: receiver.url, topics: [.message])
                ]
            }
            #expect(try await live.backend().say("lost", through: "tencent"))
            _ = await receiver.next(1)
            var records: [CallbackRecord] = []
            while records.isEmpty {
                records = try await live.server.store.records(
                    in: Demo.appID, rule: nil, outcome: .givenUp, before: nil, limit: 10)
                await Task.yield()
            }
            #expect(records.map(\.call) == ["Group.CallbackAfterSendMsg"])
            #expect(records[0].status == 500)
            isBroken.withLock { $0 = false }
            #expect(try await live.server.store.sendAgain(in: Demo.appID, rule: "route", records: nil) == 1)
            let again = await receiver.next(1)
            #expect(again.compactMap(self.text) == ["lost"])
            while try await !live.server.store.records(
                in: Demo.appID, rule: nil, outcome: .givenUp, before: nil, limit: 10
            ).isEmpty { await Task.yield() }
        }
        await receiver.stop()
    }

    private func rules(_ receiver: Receiver, _ topics: Set<CallbackTopic>) -> [CallbackRule] {
        ["rongcloud", "easemob", "tencent"].map { dialect in
            CallbackRule(
                name: dialect, dialect: DialectName(dialect), url: "\(receiver.url)/\(dialect)", topics: topics)
        }
    }

    @Test func whatBecomesOfAGroupIsTold() async throws {
        let receiver = try await Receiver.start()
        try await withServer { live in
            try await self.change(live) { $0.callbacks = self.rules(receiver, [.group]) }
            let backend = try await live.backend()
            func tencent(_ command: String, _ body: String) async throws {
                let answer = try await backend.tencent("group_open_http_svc/\(command)", body)
                #expect(answer["ErrorCode"]?.int == 0)
            }
            try await tencent(
                "create_group",
                #"{"Type":"Public","Name":"n","GroupId":"told","Owner_Account":"alice","MaxMemberCount":2}"#)
            try await tencent("add_group_member", #"{"GroupId":"told","MemberList":[{"Member_Account":"bob"}]}"#)
            try await tencent("modify_group_base_info", #"{"GroupId":"told","Name":"new"}"#)
            try await tencent("delete_group_member", #"{"GroupId":"told","MemberToDel_Account":["bob"]}"#)
            try await tencent("destroy_group", #"{"GroupId":"told"}"#)
            var seen: [String: [String]] = [:]
            _ = await receiver.calls { call in
                let word =
                    call.json?["operation"]?.string
                    ?? call.query["CallbackCommand"]?.replacingOccurrences(of: "Group.Callback", with: "")
                seen[call.path, default: []].append(word ?? "?")
                return seen.values.reduce(0) { $0 + $1.count } == 12
            }
            #expect(
                seen == [
                    "/tencent": [
                        "AfterCreateGroup", "AfterNewMemberJoin", "AfterGroupFull", "AfterGroupInfoChanged",
                        "AfterMemberExit", "AfterGroupDestroyed",
                    ],
                    "/easemob": ["CREATE", "JOIN", "UPDATE", "LEAVE", "LEAVE", "DELETE"],
                ])
        }
        await receiver.stop()
    }

    @Test func whoComesAndGoesIsToldByEveryVendorsForm() async throws {
        let receiver = try await Receiver.start()
        try await withServer { live in
            try await self.change(live) { $0.callbacks = self.rules(receiver, [.presence]) }
            let bob = try await live.listen("tencent", "bob", query: "&platform=Android&device=phone")
            _ = try await bob.missed()
            func words(_ call: Receiver.Call) -> String? {
                call.json?["Info"]?["Action"]?.string ?? call.json?["reason"]?.string
                    ?? call.json?.array?.first?["status"]?.string
            }
            let arrivals = await receiver.next(3)
            #expect(Set(arrivals.compactMap(words)) == ["0", "login", "Login"])
            #expect(arrivals.first { $0.path == "/tencent" }?.query["OptPlatform"] == "Android")
            #expect(arrivals.first { $0.path == "/tencent" }?.query["ClientIP"] == "127.0.0.1")
            await bob.socket.close()
            #expect(Set(await receiver.next(3).compactMap(words)) == ["1", "logout", "Disconnect"])
        }
        await receiver.stop()
    }

    @Test func whomAMessageWaitsForAndWhatWasNotTakenIsTold() async throws {
        let receiver = try await Receiver.start()
        try await withServer { live in
            try await self.change(live) {
                $0.callbacks = [
                    CallbackRule(
                        name: "e", dialect: DialectName("easemob"), url: receiver.url + "/easemob", topics: [.offline]),
                    CallbackRule(
                        name: "t", dialect: DialectName("tencent"), url: receiver.url + "/tencent", topics: [.refused]),
                ]
            }
            let alice = try await live.listen("tencent", "alice")
            _ = try await alice.missed()
            let backend = try await live.backend()
            #expect(try await backend.say("hello", through: "tencent"))
            let absent = Set(Demo.users.map(\.rawValue)).subtracting(["alice", "bob"])
            let offline = await receiver.next(absent.count)
            #expect(Set(offline.compactMap { $0.json?["to"]?.string }) == absent)
            #expect(offline.allSatisfy { $0.json?["eventType"]?.string == "chat_offline" })
            let answer = try await backend.tencent(
                "group_open_http_svc/send_group_msg",
                #"{"GroupId":"nowhere","From_Account":"bob","Random":9,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"x"}}]}"#
            )
            let refused = await receiver.next(1)
            #expect(refused.first?.query["CallbackCommand"] == "Group.CallbackSendMsgException")
            #expect(refused.first?.json?["ErrorCode"]?.int == answer["ErrorCode"]?.int)
        }
        await receiver.stop()
    }

    /// As the sender is told, whatever is wrong: what is missing, of a wrong type, too long, or not for groups of that type.
    @Test func whatCannotBeTakenIsToldWithTheCodeThatTheSenderGot() async throws {
        let receiver = try await Receiver.start()
        try await withServer { live in
            try await self.change(live) {
                $0.callbacks = [
                    CallbackRule(name: "t", dialect: DialectName("tencent"), url: receiver.url, topics: [.refused])
                ]
            }
            let backend = try await live.backend()
            let text = #"[{"MsgType":"TIMTextElem","MsgContent":{"Text":"x"}}]"#
            let long = #"[{"MsgType":"TIMTextElem","MsgContent":{"Text":"\#(String(repeating: "x", count: 13_000))"}}]"#
            let requests = [
                (#""MsgBody":\#(text)"#, 10004), (#""Random":1"#, 10004), (#""Random":1,"MsgBody":[]"#, 10004),
                (#""Random":1,"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{}}]"#, 10004),
                (#""Random":1,"MsgBody":\#(long)"#, 80002), (#""From_Account":8,"Random":1,"MsgBody":\#(text)"#, 60015),
                (#""TopicId":"t","Random":1,"MsgBody":\#(text)"#, 11000),
            ]
            for (fields, code) in requests {
                let answer = try await backend.tencent(
                    "group_open_http_svc/send_group_msg", #"{"GroupId":"demo-group",\#(fields)}"#)
                #expect(answer["ErrorCode"]?.int == Int64(code), "\(fields.prefix(60))")
                let told = await receiver.next(1).first
                #expect(told?.query["CallbackCommand"] == "Group.CallbackSendMsgException")
                #expect(told?.json?["GroupId"]?.string == "demo-group")
                #expect(told?.json?["ErrorCode"]?.int == Int64(code))
                #expect(told?.json?["ErrorInfo"]?.string == answer["ErrorInfo"]?.string)
            }
        }
        await receiver.stop()
    }

    @Test func howMuchTheRecipientHasNotReadIsToldWithADirectMessage() async throws {
        let receiver = try await Receiver.start()
        try await withServer { live in
            try await self.change(live) {
                $0.callbacks = [
                    CallbackRule(
                        name: "t", dialect: DialectName("tencent"), url: receiver.url, topics: [.message, .recall])
                ]
            }
            let backend = try await live.backend()
            var key = ""
            for (number, sender) in ["alice", "bob", "alice"].enumerated() {
                let answer = try await backend.tencent(
                    "openim/sendmsg",
                    #"{"From_Account":"\#(sender)","To_Account":"carol","MsgRandom":\#(number),"MsgBody":[{"MsgType":"TIMTextElem","MsgContent":{"Text":"x"}}]}"#
                )
                key = try #require(answer["MsgKey"]?.string)
                #expect(await receiver.next(1).first?.json?["UnreadMsgNum"]?.int == Int64(number + 1))
            }
            let recall = #"{"From_Account":"alice","To_Account":"carol","MsgKey":"\#(key)"}"#
            #expect(try await backend.tencent("openim/admin_msgwithdraw", recall)["ErrorCode"]?.int == 0)
            let told = await receiver.next(1).first
            #expect(told?.query["CallbackCommand"] == "C2C.CallbackAfterMsgWithDraw")
            #expect(told?.json?["UnreadMsgNum"]?.int == 2)
        }
        await receiver.stop()
    }

    /// By whichever vendor's API he does it.
    @Test func whatAUserDeletesForHimselfIsAMessageOperation() async throws {
        let receiver = try await Receiver.start()
        try await withServer { live in
            try await self.change(live) {
                $0.callbacks = [
                    CallbackRule(name: "r", dialect: DialectName("rongcloud"), url: receiver.url, topics: [.deletion])
                ]
            }
            let backend = try await live.backend()
            let sent = try await backend.easemob(
                "/messages/chatgroups", #"{"from":"bob","to":["demo-group"],"type":"txt","body":{"msg":"hello"}}"#)
            let id = try #require(sent["data"]?["demo-group"]?.string)
            _ = try await backend.easemob(
                "/rest/message/roaming/group/user/alice?groupId=demo-group&msgIdList=\(id)", "", method: .DELETE)
            let one = await receiver.next(1).first?.json
            #expect(one?["eventType"]?.int == 2)
            #expect(one?["fromUserId"]?.string == "alice")
            #expect(one?["conversationInfo"]?["targetId"]?.string == "demo-group")
            #expect(one?["deleteMsgInfo"]?["deleteType"]?.int == 1)
            let cleared = try await backend.rongCloud(
                "/conversation/message/history/clean.json", "conversationType=3&fromUserId=carol&targetId=demo-group")
            #expect(cleared["code"]?.int == 200)
            let all = await receiver.next(1).first?.json
            #expect(all?["fromUserId"]?.string == "carol")
            #expect(all?["deleteMsgInfo"]?["deleteType"]?.int == 2)
            #expect(all?["deleteMsgInfo"]?["msgTimestamp"]?.int == one?["originalMsgInfo"]?["messageTime"]?.int)
        }
        await receiver.stop()
    }

    @Test func theProgramCallsAndListsAsItsUserSeesIt() async throws {
        let receiver = try await Receiver.start()
        let folder = try TemporaryFolder()
        let server = try await ParleyProcess.demo(folder: folder.url, more: ["--callbacks", receiver.url])
        let userSig = try await ParleyProcess.run(
            ["token", "--app", "demo", "--user", "administrator", "--dialect", "tencent", "--data", folder.url.path]
        ).output.trimmingCharacters(in: .whitespacesAndNewlines)
        let backend = try await Backend.connect(port: server.port, userSig: userSig)
        #expect(try await backend.say("hello", through: "easemob"))
        // Whom it waits for is told too.
        var paths: Set<String> = []
        let calls = await receiver.calls { call in
            if self.text(call) == "hello" { paths.insert(call.path) }
            return paths.count == 3
        }
        #expect(Set(calls.compactMap(self.text)) == ["hello"])
        #expect(await server.terminate() == 0)
        let list = try await ParleyProcess.run(["callbacks", "list", "demo", "--data", folder.url.path])
        #expect(list.status == 0)
        #expect(list.output.contains("demo-tencent  Group.CallbackAfterSendMsg  accepted"))
        await receiver.stop()
    }
}
