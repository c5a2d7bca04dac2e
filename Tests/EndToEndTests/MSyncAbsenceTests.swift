import Foundation
import NIOHTTP1
import ParleyClient
import ParleyCore
import ParleyEasemob
import ParleyJSON
import ParleyServer
import Testing

/// What Easemob's clients are told that were away when it happened.
@Suite(.timeLimit(minutes: 3))
struct MSyncAbsenceTests {
    /// The client has everything, and is gone.
    private func leave(_ client: MSyncClient, _ live: LiveServer) async {
        await client.settled()
        await client.close()
        await client.until { $0.hasEnded }
        let (user, device) = (ParleyCore.UserID(client.user), DeviceID(await client.resource))
        func devices() async -> [DeviceID] {
            await live.server.core.presence.connections(of: user, in: live.app.id).map(\.device)
        }
        while await devices().contains(device) { await Task.yield() }
    }

    /// Comes, gets what is there, and goes again.
    private func visit(
        _ live: LiveServer, _ user: String, _ resource: String = "one", expecting count: Int = 0
    ) async throws -> MSyncClient {
        let client = try await MSyncClient.connect(live, user, resource: resource)
        await client.until { $0.signs.count + $0.others.count >= count }
        await self.leave(client, live)
        return client
    }

    /// `type:message` of each receipt.
    private func receipts(_ client: MSyncClient) async -> [String] {
        await client.signs.map { "\($0.body.type):\($0.body.ackMessageID)" }
    }

    private func operations(_ client: MSyncClient) async -> [String] {
        await client.others.compactMap { meta in
            let payload = Array(meta.payload)
            return switch meta.ns {
            case 2: WireMUCBody.parse(payload).map { "\($0.mucName) \($0.operation)" }
            case 3: WireRosterBody.parse(payload).map { "\($0.from.name) \($0.operation)" }
            default: nil
            }
        }
    }

    // MARK: Receipts

    @Test func receiptsWaitForWhoseMessagesTheyAreAbout() async throws {
        try await withServer { live in
            let alice = try await MSyncClient.connect(live, "alice", resource: "one")
            let bob = try await MSyncClient.connect(live, "bob")
            let carol = try await MSyncClient.connect(live, "carol")
            let first = try #require(await alice.say("first", to: "bob")).id
            let second = try #require(await alice.say("second", to: "bob")).id
            var body = await alice.body(2, to: "demo-group")
            body.contents = [WireContent()]
            body.contents[0].text = "who reads?"
            body.msgConfig.allowGroupAck = true
            let counted = try #require(await alice.uplink(await alice.meta(body, to: "demo-group", inGroup: true))).id
            _ = await bob.texts(3)
            _ = await carol.texts(1)
            await self.leave(alice, live)
            for message in [first, second] { #expect(await bob.sign(5, of: message, to: "alice")?.code == 0) }
            #expect(await bob.sign(4, of: first, to: "alice")?.code == 0)
            for reader in [bob, carol] {
                #expect(await reader.sign(4, of: counted, to: "demo-group", inGroup: true)?.code == 0)
            }
            // Said again, it is no other receipt.
            #expect(await bob.sign(5, of: first, to: "alice")?.code == 0)
            #expect(await bob.sign(7, of: 0, to: "alice")?.code == 0)
            let again = try await self.visit(live, "alice", expecting: 5)
            #expect(
                await self.receipts(again) == ["5:\(first)", "5:\(second)", "4:\(first)", "4:\(counted)", "7:0"])
            #expect(await again.signs[3].body.ext.first?.stringValue == #"{"\#(counted)":2}"#)
            #expect(await again.signs.map(\.from) == ["bob", "bob", "bob", "carol", "bob"])
            #expect(await self.receipts(try await self.visit(live, "alice")) == [])
        }
    }

    @Test func eachDeviceIsToldAndANewOneIsNotToldWhatTheOthersHave() async throws {
        try await withServer { live in
            let bob = try await MSyncClient.connect(live, "bob")
            var said: [UInt64] = []
            let alice = try await MSyncClient.connect(live, "alice", resource: "one")
            for number in 1...3 { said.append(try #require(await alice.say("\(number)", to: "bob")).id) }
            await self.leave(alice, live)
            _ = try await self.visit(live, "alice", "two")
            _ = await bob.texts(3)
            func deliver(_ index: Int) async { #expect(await bob.sign(5, of: said[index], to: "alice")?.code == 0) }
            await deliver(0)
            let one = try await MSyncClient.connect(live, "alice", resource: "one")
            await one.until { $0.signs.count == 1 }
            // Told as it happens, and had.
            await deliver(1)
            await one.until { $0.signs.count == 2 }
            await self.leave(one, live)
            let three = try await self.visit(live, "alice", "three")
            #expect(await self.receipts(three) == [])
            await deliver(2)
            #expect(await self.receipts(try await self.visit(live, "alice", "one", expecting: 1)) == ["5:\(said[2])"])
            #expect(await self.receipts(try await self.visit(live, "alice", "three", expecting: 1)) == ["5:\(said[2])"])
            let two = try await self.visit(live, "alice", "two", expecting: 3)
            #expect(await self.receipts(two) == said.map { "5:\($0)" })
        }
    }

    @Test func whatWasToldAndNotAcknowledgedComesAgainByTheSameId() async throws {
        try await withServer { live in
            let bob = try await MSyncClient.connect(live, "bob")
            let alice = try await MSyncClient.connect(live, "alice", resource: "one")
            let said = try #require(await alice.say("hi", to: "bob")).id
            _ = await bob.texts(1)
            await alice.settled()
            await alice.mute()
            #expect(await bob.sign(5, of: said, to: "alice")?.code == 0)
            await alice.until { $0.signs.count == 1 }
            await alice.close()
            await alice.until { $0.hasEnded }
            let again = try await MSyncClient.connect(live, "alice", resource: "one")
            await again.until { $0.signs.count == 1 }
            #expect(await again.signs.map(\.meta.id) == alice.signs.map(\.meta.id))
            #expect(await again.signs.map(\.meta.timestamp) == alice.signs.map(\.meta.timestamp))
        }
    }

    // MARK: Groups

    @Test func membersAreToldWhatBecameOfTheirGroups() async throws {
        try await withServer { live in
            let backend = try await live.backend()
            func group(_ name: String) async throws -> String {
                let made = try await backend.easemob(
                    "/chatgroups", #"{"groupname":"\#(name)","public":true,"owner":"alice","members":["bob","carol"]}"#)
                return try #require(made["data"]?["groupid"]?.string)
            }
            _ = try await self.visit(live, "bob")
            let (staying, leaving, ending) = (try await group("s"), try await group("l"), try await group("e"))
            _ = try await backend.easemob("/chatgroups/\(leaving)/announcement", #"{"announcement":"news"}"#)
            _ = try await backend.easemob("/chatgroups/\(leaving)/users/bob,carol", "", method: .DELETE)
            _ = try await backend.easemob("/chatgroups/\(staying)/announcement", #"{"announcement":"news"}"#)
            _ = try await backend.easemob("/chatgroups/\(leaving)/ban", "")
            _ = try await backend.easemob("/chatgroups/\(ending)", "", method: .DELETE)
            _ = try await backend.easemob("/chatgroups/\(staying)/users/dave", "")
            let expected = ["s 19", "l 10", "s 25", "e 1", "s 17"]
            let bob = try await self.visit(live, "bob", expecting: expected.count)
            #expect(await self.operations(bob) == expected)
            #expect(await self.operations(try await self.visit(live, "bob")) == [])
            // Who came last is not told what was before; who was never here finds what there is of him.
            let dave = try await self.visit(live, "dave", expecting: 1)
            #expect(await self.operations(dave) == ["s 19"])
        }
    }

    // MARK: Contacts

    private func roster(
        _ client: MSyncClient, _ operation: Int32, _ other: String, reason: String = ""
    ) async throws {
        var (body, jid, meta) = (WireRosterBody(), WireJID(), WireMeta())
        jid.name = other
        (body.operation, body.reason, body.to) = (operation, reason, [jid])
        (meta.id, meta.ns, meta.payload) = (await client.nextLocalID(), 3, Data(body.wireBytes))
        #expect(await client.uplink(meta)?.code == 0)
    }

    @Test func anInvitationIsToldToEachDeviceOnceAndItsAnswerWaits() async throws {
        try await withServer { live in
            let (alice, carol) = (
                try await MSyncClient.connect(live, "alice", resource: "one"),
                try await MSyncClient.connect(live, "carol")
            )
            try await self.roster(alice, 2, "bob", reason: "hello")
            let new = try await self.visit(live, "bob", "one", expecting: 1)
            #expect(await self.operations(new) == ["alice 2"])
            try await self.roster(carol, 2, "bob")
            await self.leave(alice, live)
            #expect(await self.operations(try await self.visit(live, "bob", "one", expecting: 1)) == ["carol 2"])
            #expect(await self.operations(try await self.visit(live, "bob", "one")) == [])
            // Neither has been answered: a device that is new is told of both, once.
            let other = try await self.visit(live, "bob", "two", expecting: 2)
            #expect(await self.operations(other) == ["alice 2", "carol 2"])
            #expect(await self.operations(try await self.visit(live, "bob", "two")) == [])
            let bob = try await MSyncClient.connect(live, "bob", resource: "one")
            try await self.roster(bob, 4, "alice")
            #expect(await self.operations(try await self.visit(live, "alice", expecting: 1)) == ["bob 8"])
            // He agreed elsewhere.
            #expect(await self.operations(try await self.visit(live, "bob", "two", expecting: 1)) == ["alice 4"])
        }
    }

    @Test func anInvitationThatWasNotAcknowledgedComesAgain() async throws {
        try await withServer { live in
            // From before anybody read what is kept.
            try await live.server.core.invite([UserID("bob")], by: UserID("alice"), in: live.app.id, reason: "")
            for isMute in [true, false] {
                let bob = try await MSyncClient.connect(live, "bob", resource: "one", syncs: false)
                if isMute { await bob.mute() }
                await bob.unread()
                await bob.until { $0.others.count == 1 }
                #expect(await self.operations(bob) == ["alice 2"])
                if isMute {
                    await bob.close()
                    await bob.until { $0.hasEnded }
                } else {
                    await self.leave(bob, live)
                }
            }
            #expect(await self.operations(try await self.visit(live, "bob")) == [])
        }
    }

    // MARK: Many

    /// So many receipts for messages of alice's, without the messages.
    private func deliver(_ numbers: ClosedRange<UInt64>, _ live: LiveServer) async throws -> [String] {
        let (app, alice, bob) = (live.app.id, ParleyCore.UserID("alice"), ParleyCore.UserID("bob"))
        return try await numbers.mapInOrder { number in
            let id = MessageID(rawValue: number << 4)
            try await live.server.core.directory.announce(
                Announcement(app: app, event: .delivered(.direct(alice, bob), id, to: bob), recipients: .users([alice]))
            )
            return "5:\(id.easemobNumber)"
        }
    }

    @Test func ofSixHundredEventsTheNewestFiveHundredComeInOrder() async throws {
        try await withServer { live in
            _ = try await self.visit(live, "alice")
            let receipts = try await self.deliver(1...600, live)
            let alice = try await self.visit(live, "alice", expecting: 500)
            #expect(await self.receipts(alice) == Array(receipts.suffix(500)))
            #expect(await self.receipts(try await self.visit(live, "alice")) == [])
        }
    }

    @Test func whoReadsSlowlyIsToldEverything() async throws {
        try await withServer { live in
            let alice = try await MSyncClient.connect(live, "alice", resource: "one")
            await alice.settled()
            await alice.mute()
            let receipts = try await self.deliver(1...1700, live)
            await alice.until { !$0.signs.isEmpty }
            await alice.unmute()
            await alice.until { $0.signs.count >= receipts.count }
            #expect(await self.receipts(alice) == receipts)
            await self.leave(alice, live)
            #expect(await self.receipts(try await self.visit(live, "alice")) == [])
        }
    }

    // MARK: Kills

    @Test func aKilledServerHasWhatItHadSaidItTook() async throws {
        let folder = try TemporaryFolder()
        let off = ["PARLEY_LIMITS_RATES": "off"]
        func token(_ user: String) async throws -> String {
            try await ParleyProcess.run(
                ["token", "--app", "demo", "--user", user, "--dialect", "easemob", "--data", folder.url.path]
            ).output.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        var server = try await ParleyProcess.demo(folder: folder.url, environment: off)
        let (hers, his) = (try await token("alice"), try await token("bob"))
        func connect(_ user: String) async throws -> MSyncClient {
            try await MSyncClient.connect(
                port: server.port, user, resource: "one", token: user == "alice" ? hers : his)
        }
        func killed() async throws {
            _ = await server.killed()
            server = try await ParleyProcess.demo(folder: folder.url, environment: off)
        }
        var said: [UInt64] = []
        let alice = try await connect("alice")
        for number in 1...3 { said.append(try #require(await alice.say("\(number)", to: "bob")).id) }
        await alice.settled()
        await alice.close()
        await alice.until { $0.hasEnded }
        let bob = try await connect("bob")
        _ = await bob.texts(3)
        for message in said.prefix(2) { #expect(await bob.sign(5, of: message, to: "alice")?.code == 0) }
        try await killed()
        let back = try await connect("alice")
        await back.until { $0.signs.count >= 2 }
        #expect(await self.receipts(back) == said.prefix(2).map { "5:\($0)" })
        try await killed()
        let bobAgain = try await connect("bob")
        #expect(await bobAgain.sign(5, of: said[2], to: "alice")?.code == 0)
        try await killed()
        let last = try await connect("alice")
        let expected = said.map { "5:\($0)" }
        let third = said[2]
        await last.until { client in client.signs.contains { $0.body.ackMessageID == third } }
        // What she had acknowledged a moment before the kill may come once more.
        let received = await self.receipts(last)
        #expect(received == Array(expected.suffix(received.count)))
        #expect(await server.terminate() == 0)
    }
}

extension ClosedRange<UInt64> {
    fileprivate func mapInOrder<Result>(_ body: (UInt64) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for number in self { results.append(try await body(number)) }
        return results
    }
}
