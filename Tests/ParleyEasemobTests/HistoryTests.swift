import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyTesting
import Testing

@testable import ParleyEasemob

/// Clients' history, page by page: nothing twice, and nothing left out, whatever is asked for.
struct HistoryTests {
    private static let alice = UserID("alice")
    private static let bob = UserID("bob")
    private static let pair = Conversation.direct(Self.alice, Self.bob)
    private static let token = [("Authorization", "Bearer <user:alice>")]

    /// As an SDK finds them in the metas.
    private struct Shown: Equatable {
        var id: UInt64
        var from: String
        var text: String
        var type: Int32
    }

    private struct Page {
        var metas: [WireMeta]
        var next: String
        var isLast: Bool

        var shown: [Shown] {
            self.metas.compactMap { meta in
                WireMessageBody.parse(Array(meta.payload)).map { body in
                    Shown(
                        id: meta.id, from: body.from.name, text: body.contents.first?.text ?? "",
                        type: body.contents.first?.type ?? -1)
                }
            }
        }
    }

    private func page(
        _ calls: Calls, _ members: String, start: String = #""start":-1"#, queue: String = "bob@easemob.com"
    ) async throws -> Page {
        let response = await calls.call(
            .POST, "/users/alice/messageroaming", headers: Self.token, #"{"queue":"\#(queue)",\#(start)\#(members)}"#)
        let data = try #require(response.json?["data"], "\(response.text)")
        let metas = try #require(data["msgs"]?.array).map { message in
            let bytes = try #require(message["msg"]?.string.flatMap { Base64.standard.decoded($0.utf8) })
            return try #require(WireMeta.parse(bytes))
        }
        return Page(
            metas: metas, next: try #require(data["next_key"]?.string),
            isLast: try #require(data["is_last"]?.bool as Bool?))
    }

    /// All pages, as a client asks for them.
    private func all(_ calls: Calls, _ members: String, limit: Int, forwards: Bool = false) async throws -> [Shown] {
        var (found, start) = ([Shown](), #""start":-1"#)
        for _ in 0..<1000 {
            let page = try await self.page(
                calls, #","pull_number":\#(limit),"is_positive":\#(forwards)\#(members)"#, start: start)
            #expect(page.metas.count <= limit)
            found += page.shown
            if page.isLast { return found }
            #expect(!page.next.isEmpty)
            start = #""start":"\#(page.next)""#
        }
        Issue.record("it never ends")
        return found
    }

    // MARK: Filters

    /// Texts and others of both, some recalled, some for others only, some of no history.
    private func fill(_ calls: Calls) async throws -> [Entry] {
        for number in 0..<120 {
            calls.bench.clock.advance(seconds: 1)
            let (sender, other) = number % 3 == 0 ? ("bob", "alice") : ("alice", "bob")
            let (type, body) =
                switch number % 7 {
                case 2: ("custom", #"{"customEvent":"e\#(number)"}"#)
                case 4: ("loc", #"{"lat":"1","lng":"2","addr":"a"}"#)
                case 5: ("txt", #"{"msg":"\#(number)","subType":"sub_combine","url":"u"}"#)
                default: ("txt", #"{"msg":"\#(number)"}"#)
                }
            let ignored = number % 11 == 6 ? #","roam_ignore_users":["alice"]"# : ""
            let entry = try await calls.send(
                #"{"from":"\#(sender)","to":["\#(other)"],"type":"\#(type)","body":\#(body)\#(ignored),"sync_device":true}"#,
                to: "/messages/users")
            if number % 13 == 5 {
                try await calls.bench.core.recall(
                    RecallMessage(app: AppID("demo"), target: .id(entry.id), by: Self.bob, byAdministrator: true))
            }
        }
        let page = try await calls.bench.core.history(
            HistoryQuery(app: AppID("demo"), conversation: Self.pair, user: Self.alice, from: .after(0), limit: 500))
        return page.entries.filter { !$0.isRecalled }
    }

    @Test func pagesTogetherAreAllThatIsAskedForOnce() async throws {
        let calls = try await Calls.make(rates: false)
        let seen = try await self.fill(calls)
        func kind(_ entry: Entry) -> String {
            let payload = entry.message.flatMap { try? JSON(parsing: $0.native.payload) }
            return payload?["body"]?["subType"] == nil ? payload?["type"]?.string ?? "" : "combine"
        }
        let (early, late) = (seen[10].sentAt, seen[60].sentAt)
        let cases: [(String, (Entry) -> Bool)] = [
            ("", { _ in true }),
            (#","msgType":"txt""#, { kind($0) == "txt" }),
            (#","msgType":" custom , location,""#, { ["custom", "loc"].contains(kind($0)) }),
            (#","msgType":"combine""#, { kind($0) == "combine" }),
            (#","msgType":"img""#, { _ in false }),
            (#","userId":"BOB""#, { $0.message?.sender == Self.bob }),
            (#","userIds":["bob","carol"]"#, { $0.message?.sender == Self.bob }),
            (#","startTime":\#(early.milliseconds)"#, { $0.sentAt >= early }),
            (#","endTime":"\#(late.milliseconds)""#, { $0.sentAt <= late }),
            (
                #","startTime":\#(early.milliseconds),"endTime":\#(late.milliseconds),"msgType":"txt","userId":"alice""#,
                { $0.sentAt >= early && $0.sentAt <= late && kind($0) == "txt" && $0.message?.sender == Self.alice }
            ),
            (#","startTime":-1,"endTime":-1,"msgType":"","userId":"""#, { _ in true }),
        ]
        for (members, isMeant) in cases {
            let expected = seen.filter(isMeant).map(\.id.easemobNumber)
            for limit in members.isEmpty ? [1, 7, 50] : [4, 50] {
                #expect(try await self.all(calls, members, limit: limit, forwards: true).map(\.id) == expected)
                #expect(try await self.all(calls, members, limit: limit).map(\.id) == expected.reversed())
            }
        }
    }

    @Test func whatIsSaidMeanwhileDoesNotMoveThePages() async throws {
        let calls = try await Calls.make(rates: false)
        var expected: [UInt64] = []
        for number in 1...9 {
            expected.append(try await self.say("\(number)", calls).id.easemobNumber)
        }
        var (found, start) = ([UInt64](), #""start":-1"#)
        while true {
            let page = try await self.page(calls, #","pull_number":2"#, start: start)
            found += page.metas.map(\.id)
            if page.isLast { break }
            try await self.say("new", calls)
            start = #""start":"\#(page.next)""#
        }
        #expect(found == expected.reversed())
    }

    @discardableResult
    private func say(_ text: String, _ calls: Calls, from sender: String = "alice", to other: String = "bob")
        async throws -> Entry
    {
        calls.bench.clock.advance(seconds: 1)
        return try await calls.send(
            #"{"from":"\#(sender)","to":["\#(other)"],"type":"txt","body":{"msg":"\#(text)"},"sync_device":true}"#,
            to: "/messages/users")
    }

    /// A page may then hold nothing and still lead on.
    @Test func whatIsRareIsFoundHoweverFarBackItIs() async throws {
        let calls = try await Calls.make(rates: false)
        let rare = try await calls.send(
            #"{"from":"bob","to":["alice"],"type":"custom","body":{"customEvent":"e"}}"#, to: "/messages/users")
        let text = Send(
            app: AppID("demo"), conversation: Self.pair,
            message: Message(
                sender: Self.alice, content: .text("x"),
                native: Native(dialect: Easemob.name, payload: Array(#"{"type":"txt","body":{"msg":"x"}}"#.utf8))),
            isEphemeral: false, checks: [], deduplication: nil)
        for _ in 0..<9 { _ = try await calls.bench.core.send(Array(repeating: text, count: 500)) }
        let last = try await calls.send(
            #"{"from":"bob","to":["alice"],"type":"custom","body":{"customEvent":"e"}}"#, to: "/messages/users")
        let expected = [last.id, rare.id].map(\.easemobNumber)
        #expect(try await self.all(calls, #","msgType":"custom""#, limit: 10).map(\.id) == expected)
        #expect(try await self.all(calls, #","msgType":"custom""#, limit: 1).map(\.id) == expected)
        #expect(
            try await self.all(calls, #","msgType":"custom""#, limit: 10, forwards: true).map(\.id)
                == expected.reversed())
    }

    // MARK: Where it begins

    @Test func itGoesOnFromAMessageThatIsNoLongerThere() async throws {
        let calls = try await Calls.make(rates: false)
        var entries: [Entry] = []
        for number in 1...5 { entries.append(try await self.say("\(number)", calls)) }
        try await calls.bench.core.recall(
            RecallMessage(app: AppID("demo"), target: .id(entries[2].id), by: Self.bob, byAdministrator: true))
        func texts(_ id: String, _ forwards: Bool) async throws -> [String] {
            try await self.page(calls, #","is_positive":\#(forwards)"#, start: #""start":\#(id)"#).shown.map(\.text)
        }
        #expect(try await texts("\"\(entries[2].id.easemob)\"", false) == ["2", "1"])
        #expect(try await texts(entries[2].id.easemob, true) == ["4", "5"])
        // Of another conversation, and one that was never here: their moments stand for them.
        let elsewhere = try await self.say("elsewhere", calls, to: "carol")
        try await self.say("6", calls)
        #expect(try await texts(elsewhere.id.easemob, false) == ["5", "4", "2", "1"])
        #expect(try await texts(elsewhere.id.easemob, true) == ["6"])
        let foreign = EasemobMessageID(entries[3].id.easemobNumber | 0xFF0)
        #expect(foreign != nil)
        #expect(try await texts(String(entries[3].id.easemobNumber | 0xFF0), false) == ["4", "2", "1"])
    }

    @Test func pagesAreOfFiftyAtMost() async throws {
        let calls = try await Calls.make(rates: false)
        for number in 1...60 { try await self.say("\(number)", calls) }
        for (asked, got) in [("1000", 50), ("0", 1), ("-5", 1), ("9223372036854775807", 50)] {
            #expect(try await self.page(calls, #","pull_number":\#(asked)"#).metas.count == got)
        }
        #expect(try await self.page(calls, "").metas.count == 20)
    }

    // MARK: What it shows

    @Test func messagesAreWhatClientsGetLiveAndAsTheyAreNow() async throws {
        let calls = try await Calls.make(rates: false)
        let kept = try await calls.send(
            #"{"from":"bob","to":["alice"],"type":"txt","body":{"msg":"before"},"ext":{"k":1}}"#, to: "/messages/users")
        try await calls.bench.core.edit(
            EditMessage(
                app: AppID("demo"), target: .id(kept.id), by: Self.bob, byAdministrator: false, content: .text("after"),
                native: Native(
                    dialect: Easemob.name, payload: Array(#"{"type":"txt","body":{"msg":"after"},"ext":{"k":1}}"#.utf8))
            ))
        let meta = try #require(try await self.page(calls, "").metas.first)
        #expect(meta.id == kept.id.easemobNumber && meta.ns == 1)
        #expect(meta.timestamp == UInt64(kept.sentAt.milliseconds))
        #expect(meta.from.name == "bob" && meta.to.name == "alice" && meta.to.domain == "easemob.com")
        #expect(meta.from.appKey == "parley#demo")
        let body = try #require(WireMessageBody.parse(Array(meta.payload)))
        #expect(body.type == 1 && body.contents.map(\.text) == ["after"] && body.ext.first?.varintValue == 1)
        let edit = try JSON(parsing: body.meta)["edit_msg"]
        #expect(edit?["count"]?.int == 1 && edit?["operator"]?.string == "bob" && edit?["chat_type"]?.string == "chat")
    }

    @Test func aGroupIsReadByThoseWhoAreInItFromWhenTheyCame() async throws {
        let calls = try await Calls.make(rates: false)
        let queue = "demo-group@conference.easemob.com"
        let sent = try await calls.send(
            #"{"from":"bob","to":["demo-group"],"type":"txt","body":{"msg":"1"}}"#)
        let page = try await self.page(calls, "", queue: queue)
        #expect(page.metas.map(\.id) == [sent.id.easemobNumber])
        #expect(page.metas.first?.to.domain == "conference.easemob.com" && page.metas.first?.to.name == "demo-group")
        _ = try await calls.bench.core.removeMembers(
            RemoveMembers(app: AppID("demo"), group: GroupID("demo-group"), users: [Self.alice], owner: .mayLeave))
        let refused = await calls.call(
            .POST, "/users/alice/messageroaming", headers: Self.token, #"{"queue":"\#(queue)"}"#)
        #expect(refused.status == .forbidden)
    }
}
