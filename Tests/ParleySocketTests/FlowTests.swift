import NIOCore
import NIOEmbedded
import ParleyCore
import ParleyHub
import ParleyJSON
import ParleyTesting
import Synchronization
import Testing

@testable import ParleySocket

/// How fast a client may go, and in what order things happen.
struct FlowTests {
    /// - Parameter conversation: a group takes 40 messages a second, a direct conversation more.
    private static func send(_ number: Int, to conversation: String = "group:demo-group") -> String {
        #""conversation":"\#(conversation)","kind":"text","content":{"text":"\#(number)"}"#
    }

    @Test func whatIsSentInARowIsAppendedInThatOrderAndTogether() async throws {
        let gate = GatedLog()
        let harness = try await Harness(log: gate)
        let (alice, _) = try await harness.openUntilReady("alice")
        gate.shut()
        for number in 0..<20 { try await alice.order("send", Self.send(number)) }
        await gate.arrived(1)
        gate.open()
        var requests: [Int64?] = []
        for _ in 0..<20 { requests.append(try await alice.next("sent")["request"]?.int) }
        #expect(requests == (1...20).map { Int64($0) })
        #expect(try await harness.entries().map { $0.message?.content } == (0..<20).map { .text("\($0)") })
        // Each flush takes what had come by then.
        #expect(gate.batches == [1, 19])
    }

    @Test func whatChangesSomethingComesAfterWhatWasSentBefore() async throws {
        let gate = GatedLog()
        let harness = try await Harness(log: gate)
        let (alice, _) = try await harness.openUntilReady("alice")
        gate.shut()
        try await alice.order("send", Self.send(0))
        try await alice.order("send", Self.send(1))
        try await alice.order("conversation", #""conversation":"group:demo-group","cleared":true"#)
        try await alice.order("send", Self.send(2))
        // What only reads does not wait.
        #expect(try await alice.ask("unread")["messages"]?.int == 0)
        await gate.arrived(1)
        gate.open()
        #expect(try await alice.next("conversation")["clearedSeq"]?.int == 2)
        #expect(try await alice.next("sent")["request"]?.int == 4)
        #expect(try await alice.ask("history", #""conversation":"group:demo-group""#)["messages"]?.count == 1)
        #expect(gate.batches == [1, 1, 1])
    }

    @Test func aRefusalDoesNotHinderTheNext() async throws {
        let harness = try await Harness()
        let (alice, _) = try await harness.openUntilReady("alice")
        try await alice.order("send", Self.send(0))
        try await alice.order("send", #""conversation":"group:nowhere","kind":"text","content":{"text":"x"}"#)
        try await alice.order("send", Self.send(2))
        var answers: [Int64: String] = [:]
        while answers.count < 3 {
            let json = try await alice.nextJSON()
            if let request = json["request"]?.int { answers[request] = json["type"]?.string }
        }
        #expect(answers == [1: "sent", 2: "error", 3: "sent"])
        #expect(try await harness.entries().count == 2)
    }

    @Test func beyondThirtyTwoCommandsNothingIsReadAndNothingIsLost() async throws {
        let gate = GatedLog()
        let harness = try await Harness(log: gate)
        let socket = try await harness.open("alice")
        _ = try await socket.next("ready")
        let reads = ReadCounter()
        try await harness.loop.executeInContext {
            try socket.channel.pipeline.syncOperations.addHandler(reads, position: .first)
        }
        gate.shut()
        for number in 0..<31 { try await socket.order("send", Self.send(number, to: "direct:bob")) }
        try await harness.wantRead(socket)
        #expect(reads.count == 1)
        try await socket.order("send", Self.send(31, to: "direct:bob"))
        try await harness.wantRead(socket)
        #expect(reads.count == 1)
        // What had been read in one piece waits; pings and pongs do not.
        for number in 32..<50 { try await socket.order("send", Self.send(number, to: "direct:bob")) }
        try await socket.send(.masked(0x89, [7]))
        #expect(try await socket.next() == Socket.Frame(opcode: 10, payload: [7]))
        #expect(reads.count == 1)
        await gate.arrived(1)
        #expect(gate.batches == [1])
        gate.open()
        for _ in 0..<50 { _ = try await socket.next("sent") }
        #expect(reads.count >= 2)
        #expect(gate.batches.reduce(0, +) == 50)
        #expect(gate.batches.max()! <= Desk.limit)
        let entries = try await harness.entries(of: .direct(UserID("alice"), UserID("bob")))
        #expect(entries.map { $0.message?.content } == (0..<50).map { .text("\($0)") })
    }

    @Test func whatWasBegunIsDoneThoughTheConnectionEnds() async throws {
        let gate = GatedLog()
        let harness = try await Harness(log: gate)
        let (alice, _) = try await harness.openUntilReady("alice")
        let (bob, _) = try await harness.openUntilReady("bob")
        gate.shut()
        for number in 0..<3 { try await alice.order("send", Self.send(number)) }
        await gate.arrived(1)
        try await alice.hangUp()
        gate.open()
        for number in 0..<3 { #expect(try await bob.next("message")["content"]?["text"]?.string == "\(number)") }
    }

    @Test func whoAsksAndDoesNotReadHoldsLittleAndLosesNothing() async throws {
        var configuration = HubConfiguration()
        configuration.outboxBytes = 4096
        let harness = try await Harness(configuration)
        for number in 0..<50 {
            try await harness.say(
                String(repeating: "x", count: 200) + "\(number)", in: .group(GroupID("demo-group")), from: "bob")
        }
        let (alice, _) = try await harness.openUntilReady("alice")
        // Testing channels have no buffer of their own that fills: the test says when it is full.
        alice.channel.isWritable = false
        try await harness.loop.executeInContext { alice.channel.pipeline.fireChannelWritabilityChanged() }
        for _ in 0..<40 { try await alice.order("history", #""conversation":"group:demo-group""#) }
        for _ in 0..<10 { await harness.loop.run() }
        #expect(try await alice.channel.readOutbound(as: ByteBuffer.self) == nil)
        alice.channel.isWritable = true
        try await harness.loop.executeInContext { alice.channel.pipeline.fireChannelWritabilityChanged() }
        var requests: Set<Int64> = []
        for _ in 0..<40 {
            let page = try await alice.next("history")
            #expect(page["messages"]?.count == 50)
            requests.insert(page["request"]?.int ?? 0)
        }
        #expect(requests.count == 40)
    }

    @Test func answersAreNotOfferedToOneWhoseOutboxIsFullThisTick() async throws {
        var configuration = HubConfiguration()
        configuration.outboxBytes = 4096
        let harness = try await Harness(configuration)
        let (alice, _) = try await harness.openUntilReady("alice")
        var frames = ByteBuffer()
        for _ in 0..<200 { frames.writeImmutableBuffer(.masked(0x81, Array(#"{"type":"ping","request":1}"#.utf8))) }
        try await alice.send(frames)
        for _ in 0..<200 { #expect(try await alice.nextJSON()["type"]?.string == "pong") }
    }
}

extension Harness {
    /// As the channel does after each read.
    fileprivate func wantRead(_ socket: Socket) async throws {
        try await self.loop.executeInContext { socket.channel.pipeline.read() }
    }
}

/// Counts what passes to the socket as "read on".
private final class ReadCounter: ChannelOutboundHandler, Sendable {
    typealias OutboundIn = ByteBuffer
    private let passed = Mutex(0)
    var count: Int { self.passed.withLock { $0 } }

    func read(context: ChannelHandlerContext) {
        self.passed.withLock { $0 += 1 }
        context.read()
    }
}
