import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyTesting
import Testing

@testable import ParleyEasemob

/// Clients' lists of conversations, and what their users make of them.
struct ConversationTests {
    private static let alice = UserID("alice")
    private static let token = [("Authorization", "Bearer <user:alice>")]

    private func call(_ calls: Calls, _ method: HTTPMethod, _ target: String, _ body: String = "") async throws -> JSON
    {
        let response = await calls.call(method, target, headers: Self.token, body)
        try #require(response.status == .ok, "\(response.text)")
        return try #require(response.json?["data"])
    }

    private func list(_ calls: Calls, _ query: String = "") async throws -> JSON {
        try await self.call(calls, .GET, "/sdk/user/alice/user_channels/list\(query)")
    }

    private func names(_ list: JSON) -> [String] {
        list["channel_infos"]?.array?.compactMap { ($0["session_to"] ?? $0["channel_id"])?.string } ?? []
    }

    /// As a client says it: what backends send moves no conversation up.
    private func say(_ text: String, _ calls: Calls, to other: String) async throws -> Receipt {
        calls.bench.clock.advance(seconds: 1)
        let payload = #"{"type":"txt","body":{"msg":"\#(text)"},"ext":{"k":[1]}}"#
        return try await calls.bench.core.send(
            Send(
                app: AppID("demo"), conversation: .direct(Self.alice, UserID(other)),
                message: Message(
                    sender: Self.alice, content: .text(text),
                    native: Native(dialect: Easemob.name, payload: Array(payload.utf8)), origin: .client),
                isEphemeral: false, checks: [], deduplication: nil))
    }

    // MARK: Pages

    @Test func pagesTogetherAreTheList() async throws {
        let calls = try await Calls.make(rates: false)
        let others = (10...34).map { "user\($0)" }
        for other in others {
            try await calls.bench.core.importUser(UserID(other), in: AppID("demo"))
            _ = try await self.say("hi", calls, to: other)
        }
        for other in ["user12", "user30"] {
            calls.bench.clock.advance(seconds: 1)
            _ = try await self.call(
                calls, .POST, "/sdk/user/alice/user_channel/top", #"{"type":"chat","to":"\#(other)"}"#)
        }
        let expected = ["user30", "user12"] + others.reversed().filter { !["user12", "user30"].contains($0) }
        for limit in [1, 2, 7, 25, 50] {
            for (filter, expected) in [("", expected), ("&is_top=true", ["user30", "user12"])] {
                var (found, cursor) = ([String](), "")
                repeat {
                    let page = try await self.list(calls, "?limit=\(limit)&cursor=\(cursor)\(filter)")
                    #expect(self.names(page).count <= limit)
                    found += self.names(page)
                    cursor = try #require(page["cursor"]?.string)
                } while !cursor.isEmpty && found.count < 100
                #expect(found == expected)
            }
            var (found, number) = ([String](), 1)
            while true {
                let page = self.names(
                    try await self.call(
                        calls, .GET, "/users/alice/user_channels/page?pageNum=\(number)&pageSize=\(limit)"))
                if page.isEmpty { break }
                (found, number) = (found + page, number + 1)
            }
            #expect(found == expected.map { "\($0)@easemob.com" })
        }
        #expect(self.names(try await self.call(calls, .GET, "/users/alice/user_channels")).count == 25)
        for query in ["pageNum=0&pageSize=0", "pageNum=-7&pageSize=x"] {
            let page = try await self.call(calls, .GET, "/users/alice/user_channels/page?\(query)")
            #expect(self.names(page).first == "user30@easemob.com")
        }
        let far = try await self.call(calls, .GET, "/users/alice/user_channels/page?pageNum=9999999&pageSize=100")
        #expect(self.names(far).isEmpty)
    }

    // MARK: The last message

    @Test func theLastMessageIsInTheRESTForm() async throws {
        let calls = try await Calls.make(rates: false)
        let entry = try await self.say(#"hi \"you\""#, calls, to: "bob")
        let meta = try #require(try await self.list(calls)["channel_infos"]?.array?.first?["meta"])
        #expect(meta["id"]?.string == entry.id.easemob && meta["timestamp"]?.int == entry.sentAt.milliseconds)
        #expect(meta["from"]?.string == "alice@easemob.com" && meta["to"]?.string == "bob@easemob.com")
        let payload = try JSON(parsing: try #require(meta["payload"]?.string))
        #expect(
            payload["from"]?.string == "alice" && payload["to"]?.string == "bob" && payload["type"]?.string == "chat")
        #expect(payload["bodies"]?.array?.first?["msg"]?.string == "hi \"you\"")
        #expect(payload["bodies"]?.array?.first?["type"]?.string == "txt" && payload["ext"]?["k"]?.array?.count == 1)
        #expect(payload["meta"]?.members?.isEmpty == true)
        try await calls.bench.core.edit(
            EditMessage(
                app: AppID("demo"), target: .id(entry.id), by: Self.alice, byAdministrator: false,
                content: .text("edited"),
                native: Native(dialect: Easemob.name, payload: Array(#"{"type":"txt","body":{"msg":"edited"}}"#.utf8))))
        let edited = try #require(
            try await self.list(calls)["channel_infos"]?.array?.first?["meta"]?["payload"]?.string)
        #expect(try JSON(parsing: edited)["bodies"]?.array?.first?["msg"]?.string == "edited")
        #expect(try JSON(parsing: edited)["meta"]?["edit_msg"]?["count"]?.int == 1)
    }

    @Test func whatWasRecalledIsNotTheLastMessage() async throws {
        let calls = try await Calls.make(rates: false)
        let entries = [try await self.say("1", calls, to: "bob"), try await self.say("2", calls, to: "bob")]
        func last() async throws -> JSON? { try await self.list(calls)["channel_infos"]?.array?.first?["meta"] }
        for (recalled, shown) in [(entries[1], entries[0].id.easemob as String?), (entries[0], nil)] {
            try await calls.bench.core.recall(
                RecallMessage(app: AppID("demo"), target: .id(recalled.id), by: Self.alice, byAdministrator: false))
            #expect(try await last()?["id"]?.string == shown)
        }
        #expect(try await last()?.members?.isEmpty == true)
    }

    @Test func whatTheAppSaysToOneUserIsInNoList() async throws {
        let calls = try await Calls.make(rates: false)
        _ = try await calls.bench.core.send(
            Send(
                app: AppID("demo"), conversation: .system(Self.alice),
                message: Message(
                    sender: UserID("admin"), content: .text("x"),
                    native: Native(dialect: .parley, payload: Array("{}".utf8))),
                isEphemeral: false, checks: [], deduplication: nil))
        _ = try await self.say("hi", calls, to: "bob")
        #expect(self.names(try await self.list(calls)) == ["bob"])
    }

    // MARK: Which device did it

    @Test func theDeviceThatDoesSomethingIsNamed() async throws {
        let calls = try await Calls.make(rates: false)
        let entry = try await self.say("hi", calls, to: "bob")
        _ = try await self.call(
            calls, .POST, "/sdk/user/alice/user_channel/top?resource=web_1", #"{"type":"chat","to":"bob"}"#)
        _ = try await self.call(
            calls, .POST, "/sdk/user/alice/user_channels/mark?resource=web_1",
            #"{"mark":"mark_2","targets":[{"type":"chat","to":"bob"}]}"#)
        _ = try await self.call(
            calls, .DELETE, "/user/alice/user_channel?resource=web_1",
            #"{"channel":"bob","type":"chat","delete_roam":true}"#)
        let changes = calls.bench.signals.announcements.compactMap { announcement in
            if case .place(let change) = announcement.event { change } else { nil }
        }
        #expect(changes.map(\.device) == Array(repeating: DeviceID("web_1"), count: 3))
        #expect(changes.last?.clearedUpTo == entry.sentAt)
        let other = try await self.say("again", calls, to: "bob")
        _ = try await self.call(
            calls, .POST, "/sdk/user/alice/user_channel/pin?resource=\(String(repeating: "x", count: 256))",
            #"{"pin_msg_id":"\#(other.id.easemob)","to":"bob","type":"chat"}"#)
        guard case .pinned(let change) = calls.bench.signals.announcements.last?.event else {
            Issue.record("nobody was told")
            return
        }
        #expect(change.device == nil && change.message == other.id && change.by == Self.alice)
    }

    // MARK: Pinned messages

    @Test func aFullConversationTakesNoMorePins() async throws {
        let calls = try await Calls.make(rates: false)
        var ids: [String] = []
        for number in 0...PinnedMessage.limit {
            ids.append(try await self.say("\(number)", calls, to: "bob").id.easemob)
        }
        for id in ids.dropLast() {
            calls.bench.clock.advance(seconds: 1)
            _ = try await self.call(
                calls, .POST, "/sdk/user/alice/user_channel/pin", #"{"pin_msg_id":"\#(id)","to":"bob","type":"chat"}"#)
        }
        let refused = await calls.call(
            .POST, "/sdk/user/alice/user_channel/pin", headers: Self.token,
            #"{"pin_msg_id":"\#(ids.last!)","to":"bob","type":"chat"}"#)
        #expect(refused.status == .forbidden && refused.json?["error"]?.string == "exceed_limit")
        for limit in [1, 3, 20] {
            var (found, cursor) = ([String](), "")
            repeat {
                let page = try await self.call(
                    calls, .GET, "/sdk/user/alice/user_channel/pin?to=bob&type=chat&limit=\(limit)&cursor=\(cursor)")
                found += page["msg_infos"]?.array?.compactMap { $0["pin_msg_id"]?.string } ?? []
                cursor = try #require(page["cursor"]?.string)
            } while !cursor.isEmpty && found.count < 100
            #expect(found == ids.dropLast().reversed())
        }
    }
}
