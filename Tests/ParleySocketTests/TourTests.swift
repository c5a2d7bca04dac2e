import ParleyCore
import ParleyHub
import ParleyJSON
import ParleyTesting
import Testing

/// Everything once: no command and no frame is in the document that cannot be had.
struct TourTests {
    @Test func aTourMeetsEveryCommandAndEveryFrame() async throws {
        let harness = try await Harness()
        let (alice, first) = try await harness.openUntilReady("alice")
        let (bob, _) = try await harness.openUntilReady("bob")
        #expect(first[0]["now"]?.int == harness.bench.clock.now().milliseconds)

        try await alice.ask("ping")
        try await alice.ask("watch", #""users":["carol"]"#)
        let sent = try await alice.ask(
            "send",
            #""conversation":"group:demo-group","id":"a","kind":"text","content":{"text":"hello"},"options":{"wantsReadReceipts":true}"#
        )
        let message = try #require(sent["message"]?.string)
        #expect(try await bob.next("message")["id"]?.string == message)

        try await bob.ask("receipt", #""conversation":"group:demo-group","messages":["\#(message)"]"#)
        #expect(try await alice.next("receipt")["readCount"]?.int == 1)
        try await alice.ask("receipts", #""message":"\#(message)""#)
        try await bob.ask("read", #""conversation":"group:demo-group","seq":1"#)
        #expect(try await bob.ask("unread")["messages"]?.int == 0)

        try await alice.ask("edit", #""message":"\#(message)","kind":"text","content":{"text":"hello!"}"#)
        #expect(try await bob.next("edit")["content"]?["text"]?.string == "hello!")
        try await alice.ask("recall", #""message":"\#(message)","reason":"typo""#)
        #expect(try await bob.next("recall")["reason"]?.string == "typo")

        let direct = try await alice.ask("send", #""conversation":"direct:bob","kind":"text","content":{"text":"hi"}"#)
        try await bob.ask("read", #""conversation":"direct:alice""#)
        #expect(try await alice.next("read")["seq"]?.int == 1)
        try await bob.order("typing", #""conversation":"direct:alice""#)
        #expect(try await alice.next("typing")["typing"]?.bool == true)
        try await bob.ask(
            "delete", #""conversation":"direct:alice","messages":["\#(try #require(direct["message"]?.string))"]"#)
        if !bob.seen.contains("deleted") { _ = try await bob.next("deleted") }
        try await alice.ask("history", #""conversation":"direct:bob""#)
        #expect(try await alice.ask("history", #""conversation":"group:nowhere""#)["type"]?.string == "error")
        try await alice.ask("conversations")
        try await alice.ask("conversation", #""conversation":"direct:bob","pinned":true"#)
        try await alice.ask("groups")
        try await alice.ask("members", #""conversation":"group:demo-group""#)
        try await alice.ask("users", #""users":["bob","nobody"]"#)
        try await alice.ask("push.register", #""provider":"ios","token":"abc""#)
        try await alice.ask("push.unregister")
        try await alice.ask("push.preferences", #""language":"en""#)
        try await alice.order("ack", #""conversation":"group:demo-group","seq":1"#)
        try await alice.order("sync", #""cursors":{"group:demo-group":0}"#)
        _ = try await alice.next("recall")

        let (carol, _) = try await harness.openUntilReady("carol")
        while try await alice.next("presence")["online"]?.bool != true {}
        try await alice.ask("unwatch", #""users":["carol"]"#)
        _ = try await harness.bench.core.addMembers(
            AddMembers(
                app: harness.bench.app.id, group: GroupID("demo-group"), users: [UserID("erin")], by: UserID("alice"),
                isAnnounced: true))
        _ = try await alice.next("notice")

        var late = harness.client("carol", device: "tablet")
        late.catchUpLimit = 0
        let tablet = try await harness.open(late)
        _ = try await tablet.next("gap")
        try await harness.bench.core.removeMembers(
            RemoveMembers(app: harness.bench.app.id, group: GroupID("demo-group"), users: [UserID("bob")]))
        #expect(try await bob.next("membership")["member"]?.bool == false)
        harness.hub.disconnect(Disconnect(UserID("alice"), in: harness.bench.app.id, because: .kicked))
        _ = try await alice.next("closing")

        let sockets = [alice, bob, carol, tablet]
        let seen = sockets.reduce(into: Set(first.compactMap { $0["type"]?.string })) { $0.formUnion($1.seen) }
        #expect(Contract.shared.types(of: "server").subtracting(seen) == [])
        let ordered = sockets.reduce(into: Set()) { $0.formUnion($1.ordered) }
        #expect(Contract.shared.types(of: "client").subtracting(ordered) == [])
    }
}
