import Foundation
import ParleyClient
import ParleyCore
import ParleyJSON
import ParleyServer
import ParleyTesting
import Testing

/// The machine's clock is set, while people talk.
@Suite(.timeLimit(minutes: 2))
struct JumpingClockTests {
    private static func say(_ listener: Listener, _ id: String) async throws -> JSON {
        listener.socket.send(
            #"{"type":"send","request":"\#(id)","conversation":"group:demo-group","id":"\#(id)","kind":"text","content":{"text":"\#(id)"}}"#
        )
        return try #require(
            try await listener.frames { $0["request"]?.string == id }.last)
    }

    private static func id(_ frame: JSON) -> UInt64 { frame["message"]?.string.flatMap { UInt64($0) } ?? 0 }

    /// What a device gets that was away for longer than messages are kept for it.
    private static func returnAfterRetention(to live: LiveServer) async throws {
        let alice = try await live.listen("rongcloud", "alice", query: "&device=phone")
        let frames = try await alice.frames { $0["type"]?.string == "ready" }
        let gap = frames.first { $0["type"]?.string == "gap" }
        #expect(gap?["reason"]?.string == "retention")
        #expect(gap?["after"]?.int == 0)
        #expect(gap?["before"]?.int == 2)
        #expect(frames.filter { $0["type"]?.string == "message" }.compactMap { $0["seq"]?.int } == [2])
    }

    @Test func aJumpBackKeepsTheOrderAndEverybodyConnected() async throws {
        let clock = ManualClock()
        // With rates: a limit that was reached before the jump must not hold for a day.
        try await withServer(rates: true, clock: clock) { live in
            let alice = try await live.listen("rongcloud", "alice", query: "&device=phone")
            let carol = try await live.listen("tencent", "carol")
            _ = try await (alice.missed(), carol.missed())
            let early = try await Self.say(alice, "before")
            clock.advance(seconds: -86_400)
            let late = try await Self.say(alice, "after")
            #expect(Self.id(late) > Self.id(early))
            #expect((early["seq"]?.int, late["seq"]?.int) == (1, 2))
            for dialect in ["rongcloud", "easemob", "tencent"] {
                #expect(try await live.backend().say("from-\(dialect)", through: dialect))
            }
            let seen = try await carol.messages(5)
            #expect(seen.compactMap { $0["seq"]?.int } == [1, 2, 3, 4, 5])
            let ids = seen.compactMap { $0["id"]?.string }.compactMap { UInt64($0) }
            #expect(ids == ids.sorted() && Set(ids).count == 5)
            // A resend is still one, what was said may still be taken back, and newcomers find all of it.
            #expect(try await Self.say(alice, "before")["repeat"]?.bool == true)
            alice.socket.send(#"{"type":"recall","request":"r","message":"\#(Self.id(early))"}"#)
            #expect(try await alice.frames { $0["request"]?.string == "r" }.last?["type"]?.string == "done")
            // Tokens from before the jump are from the future now.
            let dave = try await live.listen("easemob", "dave")
            #expect(try await dave.missed().compactMap { $0["seq"]?.int } == [2, 3, 4, 5])
            #expect(alice.socket.closeCode == nil && carol.socket.closeCode == nil)
        }
    }

    @Test func aRestartWithAClockThatWasSetBackGoesOnAfterWhatIsOnDisk() async throws {
        let folder = try TemporaryFolder()
        let clock = ManualClock()
        var last: UInt64 = 0
        try await withServer(in: folder, clock: clock) { live in
            let alice = try await live.listen("rongcloud", "alice")
            _ = try await alice.missed()
            last = Self.id(try await Self.say(alice, "before"))
        }
        clock.advance(seconds: -3600)
        try await withServer(in: folder, clock: clock) { live in
            let alice = try await live.listen("rongcloud", "alice")
            let sent = try await Self.say(alice, "after")
            #expect(Self.id(sent) > last)
            #expect(sent["seq"]?.int == 2)
        }
    }

    @Test func aJumpPastATokensEndClosesThatConnectionAndItsTokenIsRefused() async throws {
        let clock = ManualClock()
        try await withServer(clock: clock) { live in
            let old = try live.token("rongcloud", "alice")
            let alice = try await Listener.connect(port: live.server.port, token: old)
            _ = try await alice.missed()
            clock.advance(seconds: 3601)
            let last = try await alice.frames { _ in false }.last
            #expect(last?["reason"]?.string == "tokenExpired")
            #expect(alice.socket.closeCode == 4002)
            let refused = await #expect(throws: SocketClient.Refused.self) {
                try await Listener.connect(port: live.server.port, token: old)
            }
            #expect(refused?.status == 401)
            #expect(try await live.listen("rongcloud", "alice").missed().isEmpty)
        }
    }

    @Test func aJumpForwardEndsTheTimeForRecallsRepeatsAndRetention() async throws {
        let clock = ManualClock()
        try await withServer(clock: clock) { live in
            let alice = try await live.listen("rongcloud", "alice", query: "&device=phone&ack=manual")
            let bob = try await live.listen("tencent", "bob", query: "&device=phone")
            _ = try await (alice.missed(), bob.missed())
            let first = try await Self.say(bob, "one")
            bob.socket.send(#"{"type":"ack","conversation":"group:demo-group","seq":1}"#)
            clock.advance(seconds: 121)
            bob.socket.send(#"{"type":"recall","request":"r","message":"\#(Self.id(first))"}"#)
            #expect(try await bob.frames { $0["request"]?.string == "r" }.last?["code"]?.string == "tooLate")
            // Alice has been sent it, and has not said that it arrived.
            _ = try await alice.messages(1)
            await alice.socket.drop()

            clock.advance(seconds: 8 * 86_400)
            let bobLater = try await live.listen("tencent", "bob", query: "&device=phone")
            #expect(try await bobLater.missed().isEmpty)
            let again = try await Self.say(bobLater, "one")
            #expect(again["repeat"] == nil)
            #expect(again["seq"]?.int == 2)
            try await Self.returnAfterRetention(to: live)
        }
    }
}
