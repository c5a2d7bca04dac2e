import ParleyCore
import ParleyJSON
import ParleyTesting
import Testing

/// recall, edit, delete: by whom, and until when.
struct ChangingTests {
    private let g = Conversation.group(GroupID("demo-group"))
    private static let edited = #""kind":"text","content":{"text":"new"}"#

    @Test func aSenderRecallsInTime() async throws {
        let harness = try await Harness()
        let (bob, _) = try await harness.openUntilReady("bob")
        let first = try await harness.say("one", in: self.g, from: "bob")
        let second = try await harness.say("two", in: self.g, from: "bob")
        let done = try await bob.ask("recall", #""message":"\#(first.id)""#)
        #expect(done["type"]?.string == "done")
        #expect(done["seq"]?.int == 3)
        #expect(try await bob.ask("recall", #""message":"\#(first.id)""#)["code"]?.string == "alreadyRecalled")
        harness.bench.clock.advance(seconds: 121)
        #expect(try await bob.ask("recall", #""message":"\#(second.id)""#)["code"]?.string == "tooLate")
        let recall = try #require(try await harness.entries().last)
        #expect(recall.body == .recall(Recall(target: first.id, targetSequence: 1, by: UserID("bob"))))
        #expect(try await bob.ask("recall", #""message":"\#(recall.id)""#)["code"]?.string == "notRecallable")
    }

    @Test func anAdministratorRecallsWhateverWasSaid() async throws {
        let harness = try await Harness()
        let (owner, _) = try await harness.openUntilReady("alice")
        let (member, _) = try await harness.openUntilReady("carol")
        let receipt = try await harness.say("old", in: self.g, from: "bob")
        let own = try await harness.say("own", in: self.g, from: "alice")
        harness.bench.clock.advance(seconds: 3600)
        #expect(try await member.ask("recall", #""message":"\#(receipt.id)""#)["code"]?.string == "notPermitted")
        try await owner.ask("recall", #""message":"\#(receipt.id)""#)
        #expect(try await member.next("recall")["byAdministrator"]?.bool == true)
        try await owner.ask("recall", #""message":"\#(own.id)""#)
        #expect(try await member.next("recall")["byAdministrator"]?.bool == true)
        let fresh = try await harness.say("fresh", in: self.g, from: "alice")
        try await owner.ask("recall", #""message":"\#(fresh.id)""#)
        #expect(try await member.next("recall")["byAdministrator"] == nil)
    }

    @Test func whatOneCannotSeeIsNotThere() async throws {
        let harness = try await Harness()
        let (carol, _) = try await harness.openUntilReady("carol")
        let between = try await harness.say("x", in: .direct(UserID("alice"), UserID("bob")), from: "bob")
        for members in [#""message":"\#(between.id)""#, #""message":"1""#] {
            #expect(try await carol.ask("recall", members)["code"]?.string == "unknownMessage")
            #expect(try await carol.ask("receipts", members)["code"]?.string == "unknownMessage")
            #expect(try await carol.ask("edit", "\(members),\(Self.edited)")["code"]?.string == "unknownMessage")
        }
    }

    @Test func anEditIsWhatTheMessageSaysNow() async throws {
        let harness = try await Harness()
        let (alice, _) = try await harness.openUntilReady("alice")
        let (bob, _) = try await harness.openUntilReady("bob")
        let receipt = try await harness.say("old", in: self.g, from: "bob")
        try await bob.ask("edit", #""message":"\#(receipt.id)","attachment":"why",\#(Self.edited)"#)
        let edit = try await alice.next("edit")
        #expect(edit["target"]?.string == receipt.id.description)
        #expect(edit["targetSeq"]?.int == 1)
        #expect(edit["count"]?.int == 1)
        #expect(edit["byAdministrator"] == nil)
        #expect(edit["options"]?["attachment"]?.string == "why")
        try await alice.ask("edit", #""message":"\#(receipt.id)",\#(Self.edited)"#)
        while try await bob.next("edit")["by"]?.string != "alice" {}
        let (_, missed) = try await harness.openUntilReady("carol")
        let message = try #require(missed.first { $0["type"]?.string == "message" })
        #expect(message["content"]?["text"]?.string == "new")
        #expect(message["edited"]?["by"]?.string == "alice")
        #expect(message["edited"]?["count"]?.int == 2)
        let page = try await bob.ask("history", #""conversation":"group:demo-group""#)
        #expect(page["messages"]?.array?.first?["edited"]?["count"]?.int == 2)
    }

    @Test func notEverybodyEditsEverything() async throws {
        let harness = try await Harness()
        let (carol, _) = try await harness.openUntilReady("carol")
        let receipt = try await harness.say("old", in: self.g, from: "bob")
        let members = #""message":"\#(receipt.id)",\#(Self.edited)"#
        #expect(try await carol.ask("edit", members)["code"]?.string == "notPermitted")
        let (bob, _) = try await harness.openUntilReady("bob")
        let until = harness.bench.clock.now().adding(seconds: 60)
        try await harness.change { try $0.mute(UserID("bob"), in: GroupID("demo-group"), until: until) }
        #expect(try await bob.ask("edit", members)["code"]?.string == "muted")
        harness.bench.clock.advance(seconds: 61)
        for _ in 0..<100 { #expect(try await bob.ask("edit", members)["type"]?.string == "done") }
        #expect(try await bob.ask("edit", members)["code"]?.string == "editLimitReached")
        let edit = try #require(try await harness.entries().last)
        #expect(try await bob.ask("edit", #""message":"\#(edit.id)",\#(Self.edited)"#)["code"]?.string == "notEditable")
        try await bob.ask("recall", #""message":"\#(receipt.id)""#)
        #expect(try await bob.ask("edit", members)["code"]?.string == "alreadyRecalled")
    }

    @Test func whatIsDeletedIsGoneForOneUserAlone() async throws {
        let harness = try await Harness()
        let (phone, _) = try await harness.openUntilReady("alice", device: "phone")
        let (web, _) = try await harness.openUntilReady("alice", device: "web")
        let receipt = try await harness.say("x", in: self.g, from: "bob")
        try await phone.ask("delete", #""conversation":"group:demo-group","messages":["\#(receipt.id)","1"]"#)
        #expect(try await web.next("deleted")["messages"]?.array?.map(\.string) == [receipt.id.description])
        let history = #""conversation":"group:demo-group""#
        #expect(try await web.ask("history", history)["messages"]?.count == 0)
        let (bob, _) = try await harness.openUntilReady("bob")
        #expect(try await bob.ask("history", history)["messages"]?.count == 1)
        let (erin, _) = try await harness.openUntilReady("erin")
        let refused = try await erin.ask("delete", #""conversation":"group:demo-group","messages":["\#(receipt.id)"]"#)
        #expect(refused["code"]?.string == "notMember")
    }
}
