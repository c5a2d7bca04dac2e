import Foundation
import NIOCore
import ParleyClient
import ParleyCore
import ParleyEasemob
import ParleyHub
import ParleyServer
import Testing

/// What no SDK of Easemob's sends: each gets a refusal or a close, and nobody else notices.
@Suite(.timeLimit(minutes: 2))
struct MSyncHostileTests {
    @Test(
        arguments: [
            [0xFF, 0xFF], [0x08], Array("hello".utf8), [0x40, 0x03, 0x4A, 0x05, 0x01], [0x40, 0x01],
        ] as [[UInt8]])
    func whoDoesNotSayWhoHeIsIsSentAway(_ first: [UInt8]) async throws {
        try await withServer { live in
            let socket = try await RawSocket.connect(port: live.server.port, target: "/websocket")
            await socket.send(ClientFrame(2, first))
            #expect(await socket.outcome().closeCode == 1002)
            #expect(live.server.hub.connectionCount == 0)
        }
    }

    @Test(arguments: [[0xFF, 0xFF], [0x08], [0x40, 0x00, 0x4A, 0x03, 0x0A, 0x7F, 0x01]] as [[UInt8]])
    func framesThatAreNoneEndTheConnectionAndNothingElse(_ bytes: [UInt8]) async throws {
        try await withServer { live in
            let alice = try await MSyncClient.connect(live, "alice")
            let bob = try await MSyncClient.connect(live, "bob")
            await alice.send(bytes)
            await alice.until { $0.hasEnded }
            #expect(await alice.closeCode == 1002)
            let carol = try await MSyncClient.connect(live, "carol")
            #expect(await carol.say("still here", to: "bob")?.code == 0)
            #expect(await bob.texts(1) == ["still here"])
        }
    }

    @Test func oddMetasAreRefusedAndTheConnectionStays() async throws {
        try await withServer { live in
            let alice = try await MSyncClient.connect(live, "alice")
            let bob = try await MSyncClient.connect(live, "bob")
            func answer(_ change: (inout WireMeta) -> Void) async -> MSyncClient.Answer? {
                var body = await alice.body(1, to: "bob")
                body.contents = [WireContent()]
                var meta = await alice.meta(body, to: "bob")
                change(&meta)
                return await alice.uplink(meta)
            }
            for namespace: Int32 in [4, 5, 6, 99, -1] { #expect(await answer { $0.ns = namespace }?.code == 1) }
            #expect(await answer { $0.payload = Data([0xFF]) }?.reason == "Sorry, format is incorrect")
            #expect(await answer { $0.payload = Data() }?.code == 1)
            #expect(
                await answer {
                    $0.clearTo(); $0.payload = Data([0x08, 0x01])
                }?.code == 1)
            #expect(await answer { $0.to.name = String(repeating: "x", count: 300) }?.code == 1)
            #expect(
                await answer { $0.directedUsers = (0..<100).map(String.init) }?.code == 0, "in no group: to the user")
            var large = await alice.body(1, to: "bob")
            var content = WireContent()
            content.text = String(repeating: "x", count: 70_000)
            large.contents = [content]
            let refused = await alice.uplink(await alice.meta(large, to: "bob"))
            #expect(refused?.code == 7 && refused?.reason == "Sorry, data is too large")
            var deep = await alice.body(1, to: "bob")
            content.text = "deep"
            deep.contents = [content]
            var pair = WireKeyValue()
            pair.key = "k"
            pair.type = 8
            pair.stringValue = String(repeating: "[", count: 20_000)
            deep.ext = [pair, pair]
            #expect(await alice.uplink(await alice.meta(deep, to: "bob"))?.code == 0)
            await bob.until { $0.received.contains { $0.text == "deep" } }
            #expect(await bob.received.last?.body.ext == [pair, pair])
        }
    }

    @Test func syncsOfWhatThereIsNotAreAnswered() async throws {
        try await withServer { live in
            let alice = try await MSyncClient.connect(live, "alice")
            var sync = WireCommSyncUL()
            for (name, domain) in [("nobody", "easemob.com"), ("9", "conference.easemob.com"), ("", ""), ("x", "y")] {
                sync.queue.name = name
                sync.queue.domain = domain
                for key: UInt64 in [0, 1, .max] {
                    sync.key = key
                    await alice.send(0, sync.wireBytes)
                }
            }
            for _ in 0..<500 { await alice.send(1, []) }
            // Once more who it is, an unknown command, and good-bye.
            await alice.send(3, WireProvision().wireBytes)
            await alice.send(77, [1, 2, 3])
            await alice.send(4, [])
            #expect(await alice.say("after all that", to: "bob")?.code == 0)
        }
    }

    @Test(arguments: [MSyncClient.Packing.binary, .sockJS])
    func thousandsOfQuestionsInOnePieceAreAnsweredOneAfterTheOther(_ packing: MSyncClient.Packing) async throws {
        try await withServer { live in
            let alice = try await MSyncClient.connect(live, "alice", packing)
            await alice.flood(20)
            #expect(await alice.say("after all that", to: "bob")?.code == 0)
        }
    }
}
