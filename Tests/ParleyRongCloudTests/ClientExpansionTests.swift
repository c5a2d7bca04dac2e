import ParleyCore
import ParleyJSON
import ParleyRongCloud
import ParleyTesting
import Testing

/// `RC:MsgExMsg`, and who is taken for having said what a client says.
@Suite struct ClientExpansionTests {
    private func publish(_ client: Client, _ uid: MessageUID, _ members: String) async throws -> UInt16 {
        try await client.status(
            "ppMsgP", to: client.user == UserID("alice") ? "bob" : "alice", "RC:MsgExMsg",
            #"{"mid":"\#(uid)",\#(members)}"#)
    }

    @Test func changesWhatIsKeptAndIsHandedOn() async throws {
        let alice = try await Client.make()
        let bob = alice.other("bob")
        let sent = try #require(
            try await alice.publish("ppMsgP", to: "bob", flags: 0x43) { $0.extraContent = #"{"k":{"v":"1"}}"# })
        #expect(try await self.publish(bob, sent.uid, #""put":{"l":"2","m":{"v":"3"}}"#) == 0)
        #expect(try await self.publish(alice, sent.uid, #""del":["k"]"#) == 0)
        let kept = try #require(try await alice.bench.core.log.entry(sent.id, in: alice.bench.app.id)?.message)
        #expect(kept.options.expansion == ["l": "2", "m": "3"])
        #expect(alice.messages.count == 3)
        let told = try #require(alice.told(alice.entries[1]))
        #expect(told.classname == "RC:MsgExMsg" && told.fromUserID == "bob" && told.direction == 0)
        #expect(told.json?["mid"]?.string == sent.uid.description && told.json?["put"]?["l"]?.string == "2")
        #expect(alice.messages.dropFirst().allSatisfy { !$0.options.keptInHistory && !$0.options.countsAsUnread })
    }

    @Test func whatMayNotBeIsRefusedInTheVendorsNumbers() async throws {
        let alice = try await Client.make()
        let plain = try #require(try await alice.publish("ppMsgP", to: "bob"))
        #expect(try await self.publish(alice, plain.uid, #""put":{"k":"v"}"#) == 22202)
        let sent = try #require(try await alice.publish("ppMsgP", to: "bob", flags: 0x43))
        for members in [
            #""put":{}"#, #""put":[]"#, #""put":{"not a key":"v"}"#, #""del":"k""#, #""del":[1]"#, #""x":1"#,
        ] {
            #expect(try await self.publish(alice, sent.uid, members) == 22203, "\(members)")
        }
        let unknown = MessageUID(
            MessageID(sentAt: Timestamp(milliseconds: 1_700_000_000_000), slot: 999), in: .direct, target: "bob")
        #expect(try await self.publish(alice, unknown, #""put":{"k":"v"}"#) == 22201)
        #expect(try await alice.status("ppMsgP", to: "bob", "RC:MsgExMsg", "{}") == 22201)
        // It is not in that conversation.
        let content = #"{"mid":"\#(sent.uid)","put":{"k":"v"}}"#
        #expect(try await alice.status("ppMsgP", to: "carol", "RC:MsgExMsg", content) == 22201)
        for number in 0..<3 {
            let pairs = (0..<100).map { #""k\#(number)-\#($0)":"v""# }.joined(separator: ",")
            #expect(try await self.publish(alice, sent.uid, #""put":{\#(pairs)}"#) == 0)
        }
        #expect(try await self.publish(alice, sent.uid, #""put":{"k":"v"}"#) == 22203)
        try await alice.bench.core.directory.write(in: alice.bench.app.id) {
            try $0.block(UserID("alice"), by: UserID("bob"))
        }
        #expect(try await self.publish(alice, sent.uid, #""del":["k0-0"]"#) == 405)
        #expect(alice.entries.count == 5)
    }

    @Test func aReceiptRequestMakesReadersCount() async throws {
        let alice = try await Client.make()
        let bob = alice.other("bob")
        let sent = try #require(try await alice.publish("pgMsgP", to: "demo-group"))
        let group = Conversation.group(GroupID("demo-group"))
        // Another's question about it changes nothing, and is handed on like any.
        #expect(try await bob.status("pgMsgP", to: "demo-group", "RC:RRReqMsg", #"{"messageUId":"\#(sent.uid)"}"#) == 0)
        await #expect(throws: Rejection.noReceipts) {
            try await alice.bench.core.receipts(of: .id(sent.id), for: nil, app: alice.bench.app.id)
        }
        try await alice.publish("pgMsgP", to: "demo-group", "RC:RRReqMsg", #"{"messageUId":"\#(sent.uid)"}"#)
        // One answers as the SDKs do, one reads as everyone else does.
        try await bob.publish(
            "pgMsgP", to: "demo-group", "RC:RRRspMsg", #"{"receiptMessageDic":{"alice":["\#(sent.uid)"]}}"#)
        try await alice.bench.core.read(group, through: 10, by: UserID("carol"), in: alice.bench.app.id)
        let receipts = try await alice.bench.core.receipts(of: .id(sent.id), for: nil, app: alice.bench.app.id)
        #expect(receipts.readers.map(\.user) == [UserID("bob"), UserID("carol")])
    }

    @Test func whatAClientSaysIsAClients() async throws {
        let alice = try await Client.make()
        let sent = try #require(try await alice.publish("ppMsgP", to: "bob"))
        #expect(alice.messages.first?.origin == .client)
        #expect(
            try await alice.bench.core.log.entry(sent.id, in: alice.bench.app.id)?.message?.origin == .client)
        try await alice.publish("ppMsgS", to: "bob")
        #expect(alice.bench.signals.ephemerals.first?.entry.message?.origin == .client)
        let replaced = try CallbackTests.replacement(CallbackTests.stars, of: try #require(alice.messages.first))
        #expect(replaced.origin == .client)
        #expect(WireMessage(replaced.native)?.content == #"{"content":"***","extra":"e"}"#)
    }
}
