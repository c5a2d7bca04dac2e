import ParleyCore
import ParleyHub
import ParleyJSON
import ParleyTesting
import Testing

/// Reading, looking, and what a user makes of his conversations.
struct ViewingTests {
    private let g = Conversation.group(GroupID("demo-group"))
    private static let group = #""conversation":"group:demo-group""#

    @Test func historyGoesInPagesBothWays() async throws {
        let harness = try await Harness()
        for number in 1...7 { try await harness.say("\(number)", in: self.g, from: "bob") }
        let (alice, _) = try await harness.openUntilReady("alice")
        func page(_ more: String) async throws -> ([String?], Int64?) {
            let page = try await alice.ask("history", Self.group + more)
            return (page["messages"]!.array!.map { $0["content"]?["text"]?.string }, page["next"]?.int)
        }
        #expect(try await page(#","limit":3"#) == (["7", "6", "5"], 5))
        #expect(try await page(#","limit":3,"before":5"#) == (["4", "3", "2"], 2))
        #expect(try await page(#","limit":3,"before":2"#) == (["1"], nil))
        #expect(try await page(#","limit":5,"after":0"#) == (["1", "2", "3", "4", "5"], 5))
        #expect(try await page(#","limit":5,"after":5"#) == (["6", "7"], nil))
        let message = try await alice.ask("history", Self.group + #","limit":1"#)["messages"]?.array?.first
        #expect(message?["conversation"] == nil)
        #expect(message?["type"]?.string == "message")
    }

    @Test func aPageIsBoundedInBytes() async throws {
        let harness = try await Harness()
        let text = String(repeating: "x", count: 100_000)
        for _ in 0..<10 { try await harness.say(text, in: self.g, from: "bob") }
        let (alice, _) = try await harness.openUntilReady("alice")
        let page = try await alice.ask("history", Self.group)
        #expect(page["messages"]?.count == 6)
        #expect(page["next"]?.int == 5)
    }

    @Test func whatWasRecalledIsALineWithoutWords() async throws {
        let harness = try await Harness()
        let receipt = try await harness.say("x", in: self.g, from: "bob")
        let (bob, _) = try await harness.openUntilReady("bob")
        try await bob.ask("recall", #""message":"\#(receipt.id)""#)
        let message = try await bob.ask("history", Self.group)["messages"]?.array?.first
        #expect(message?["recalled"]?.bool == true)
        #expect(message?["from"]?.string == "bob")
        #expect(message?["content"] == nil)
        #expect(message?["native"] == nil)
    }

    @Test(arguments: [
        ("history", #""conversation":"group:nowhere""#, "unknownConversation"),
        ("history", #""conversation":"room:x""#, "unknownConversation"),
        ("history", #""conversation":"direct:nobody""#, "unknownConversation"),
        ("history", #""conversation":"group:demo-group""#, "notMember"),
        ("members", #""conversation":"group:demo-group""#, "notMember"),
        ("members", #""conversation":"group:nowhere""#, "unknownConversation"),
        ("members", #""conversation":"direct:bob""#, "badField"),
        ("read", #""conversation":"group:demo-group""#, "notMember"),
        ("read", #""conversation":"direct:nobody""#, "unknownConversation"),
        ("receipt", #""conversation":"group:demo-group","messages":["1"]"#, "notMember"),
        ("conversation", #""conversation":"group:demo-group","pinned":true"#, "notMember"),
        ("conversation", #""conversation":"direct:nobody","pinned":true"#, "unknownConversation"),
        ("typing", #""conversation":"group:demo-group""#, "notMember"),
        ("typing", #""conversation":"system""#, "unknownConversation"),
    ])
    func othersConversationsAreNotOnes(command: String, members: String, code: String) async throws {
        let harness = try await Harness()
        let (erin, _) = try await harness.openUntilReady("erin")
        #expect(try await erin.ask(command, members)["code"]?.string == code)
    }

    @Test func theListShowsWhatIsNew() async throws {
        let harness = try await Harness()
        let (alice, _) = try await harness.openUntilReady("alice")
        try await harness.say("one", in: self.g, from: "bob")
        harness.bench.clock.advance(seconds: 1)
        try await harness.say("two", in: .direct(UserID("alice"), UserID("bob")), from: "bob")
        let first = try await alice.ask("conversations", #""limit":1"#)
        let summary = try #require(first["conversations"]?.array?.first)
        #expect(summary["conversation"]?.string == "direct:bob")
        #expect(summary["unread"]?.int == 1)
        #expect(summary["last"]?["content"]?["text"]?.string == "two")
        #expect(summary["last"]?["conversation"] == nil)
        let next = try #require(first["next"]?.string)
        let second = try await alice.ask("conversations", #""from":"\#(next)""#)
        #expect(second["conversations"]?.array?.map { $0["conversation"]?.string } == ["group:demo-group"])
        #expect(second["next"] == nil)
        let unread = try await alice.ask("unread")
        #expect(unread["messages"]?.int == 2)
        #expect(unread["conversations"]?.int == 2)
        try await alice.ask("read", Self.group)
        #expect(try await alice.ask("unread")["messages"]?.int == 1)
    }

    @Test func aUsersViewIsTheSameOnAllDevices() async throws {
        let harness = try await Harness()
        let (phone, _) = try await harness.openUntilReady("alice", device: "phone")
        let (web, _) = try await harness.openUntilReady("alice", device: "web")
        try await harness.say("one", in: self.g, from: "bob")
        let state = try await phone.ask("conversation", Self.group + #","pinned":true,"muted":true"#)
        #expect(state["pinnedAt"]?.int == harness.bench.clock.now().milliseconds)
        #expect(state["muted"]?.bool == true)
        #expect(state["readSeq"]?.int == 0)
        let told = try await web.next("conversation")
        #expect(told["pinnedAt"]?.int == state["pinnedAt"]?.int)
        let group = try #require(
            try await harness.bench.core.directory.group(GroupID("demo-group"), in: harness.bench.app.id))
        #expect(group.members[UserID("alice")]?.delivery == .silent)

        try await phone.ask("conversation", Self.group + #","pinned":false,"muted":false,"removed":true"#)
        var after = try await web.next("conversation")
        #expect(after["pinnedAt"] == nil)
        #expect(after["muted"] == nil)
        #expect(after["removed"]?.bool == true)
        #expect(try await phone.ask("conversations")["conversations"]?.count == 0)
        try await harness.say("two", in: self.g, from: "bob")
        // It is back, and a change says so.
        try await phone.ask("conversation", Self.group + #","cleared":true"#)
        after = try await web.next("conversation")
        #expect(after["removed"] == nil)
        #expect(after["clearedSeq"]?.int == 2)
        #expect(after["readSeq"]?.int == 2)
        #expect(try await phone.ask("history", Self.group)["messages"]?.count == 0)
    }

    @Test func theGroupsOfAUserComeInPagesAlsoTheSilentOnes() async throws {
        let harness = try await Harness()
        for name in ["a", "b", "c"] {
            let group = Group(
                id: GroupID(name), type: .public, name: "Group \(name)", owner: UserID("alice"),
                createdAt: harness.bench.clock.now())
            try await harness.bench.core.createGroup(CreateGroup(app: harness.bench.app.id, group: group, members: []))
        }
        let (alice, _) = try await harness.openUntilReady("alice")
        let first = try await alice.ask("groups", #""limit":2"#)
        #expect(first["groups"]?.array?.compactMap { $0["conversation"]?.string } == ["group:a", "group:b"])
        #expect(first["groups"]?.array?.first?["role"]?.string == "owner")
        let next = try #require(first["next"]?.string)
        let rest = try await alice.ask("groups", #""after":"\#(next)""#)
        #expect(rest["groups"]?.array?.compactMap { $0["name"]?.string } == ["Group c", "Demo group"])
        #expect(rest["next"] == nil)
    }

    @Test func membersComeInPages() async throws {
        let harness = try await Harness()
        let (alice, _) = try await harness.openUntilReady("alice")
        let all = try await alice.ask("members", Self.group)
        let users = all["members"]?.array?.compactMap { $0["user"]?.string } ?? []
        #expect(users == users.sorted())
        #expect(all["count"]?.int == Int64(users.count))
        #expect(all["owner"]?.string == "alice")
        #expect(all["next"] == nil)
        let page = try await alice.ask("members", Self.group + #","limit":1"#)
        #expect(page["next"]?.string == users[0])
        let rest = try await alice.ask("members", Self.group + #","after":"\#(users[0])""#)
        #expect(rest["members"]?.array?.compactMap { $0["user"]?.string } == Array(users.dropFirst()))
    }

    @Test func everyMemberOfALargeGroupIsOnOnePage() async throws {
        let harness = try await Harness()
        try await harness.change { transaction in
            for number in 0..<700 {
                try transaction.save(
                    Member(user: UserID("m\(number)"), joinedAt: transaction.now), of: GroupID("demo-group"))
            }
        }
        let (alice, _) = try await harness.openUntilReady("alice")
        for limit in [7, 500] {
            var users: [String] = []
            var next = ""
            repeat {
                let page = try await alice.ask("members", Self.group + #","limit":\#(limit)\#(next)"#)
                users += page["members"]?.array?.compactMap { $0["user"]?.string } ?? []
                next = page["next"]?.string.map { #","after":"\#($0)""# } ?? ""
            } while !next.isEmpty
            #expect(users == users.sorted() && Set(users).count == users.count)
            #expect(users.filter { $0.hasPrefix("m") }.count == 700 && users.contains("alice"))
        }
    }

    @Test func usersThatAreNotKnownAreLeftOut() async throws {
        let harness = try await Harness()
        let (alice, _) = try await harness.openUntilReady("alice")
        let answer = try await alice.ask("users", #""users":["bob","nobody"]"#)
        #expect(answer["users"]?.array?.map { $0["user"]?.string } == ["bob"])
    }

    // MARK: Receipts

    @Test func onlyTheSenderIsToldWhoHasRead() async throws {
        let harness = try await Harness()
        let (alice, _) = try await harness.openUntilReady("alice")
        let (bob, _) = try await harness.openUntilReady("bob")
        let plain = try await harness.say("x", in: self.g, from: "alice")
        let sent = try await alice.ask(
            "send", Self.group + #","kind":"text","content":{"text":"?"},"options":{"wantsReadReceipts":true}"#)
        let id = try #require(sent["message"]?.string)
        #expect(try await alice.ask("receipts", #""message":"\#(plain.id)""#)["code"]?.string == "noReceipts")
        #expect(try await bob.ask("receipts", #""message":"\#(id)""#)["code"]?.string == "notPermitted")
        try await bob.ask("read", Self.group)
        let receipt = try await alice.next("receipt")
        #expect(receipt["message"]?.string == id)
        #expect(receipt["by"]?.string == "bob")
        let receipts = try await alice.ask("receipts", #""message":"\#(id)""#)
        #expect(receipts["readers"]?.array?.map { $0["user"]?.string } == ["bob"])
        #expect(receipts["readCount"]?.int == 1)
    }

    // MARK: Who is there

    @Test func watchersAreToldUntilTheyHaveHeardEnough() async throws {
        var configuration = HubConfiguration()
        configuration.watchLimit = 2
        let harness = try await Harness(configuration)
        let (alice, _) = try await harness.openUntilReady("alice")
        #expect(try await alice.ask("watch", #""users":["bob","carol"]"#)["type"]?.string == "done")
        #expect(try await alice.ask("watch", #""users":["dave"]"#)["code"]?.string == "tooMany")
        let (bob, _) = try await harness.openUntilReady("bob")
        var presence = try await alice.next("presence")
        while presence["user"]?.string != "bob" || presence["online"]?.bool != true {
            presence = try await alice.next("presence")
        }
        #expect(presence["platforms"]?.array?.map(\.string) == ["Web"])
        try await bob.hangUp()
        #expect(try await alice.next("presence")["online"]?.bool == false)
        #expect(try await alice.ask("unwatch", #""users":["bob"]"#)["type"]?.string == "done")
    }

    @Test func typingIsLimited() async throws {
        let harness = try await Harness(limitsRates: true)
        let (alice, _) = try await harness.openUntilReady("alice")
        for _ in 0..<11 { try await alice.order("typing", Self.group) }
        #expect(try await alice.nextJSON()["code"]?.string == "tooFast")
    }
}
