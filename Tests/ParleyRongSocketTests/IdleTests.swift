import NIOCore
import NIOEmbedded
import ParleyCore
import ParleyDialectKit
import ParleyHub
import ParleyRongCloud
import ParleySocket
import ParleyTesting
import Testing

@testable import ParleyRongSocket

/// Connections on which nothing is said, on a loop whose time is the test's.
struct IdleTests {
    /// How often SDKs say that they are there (facts/rongcloud-client.md, 2.5).
    @Test(arguments: [("2.5.9", 30), ("3.0.6", 30), ("4.2.0", 30), ("5.2.1", 15)])
    func aClientThatPingsStaysConnected(sdkVersion: String, interval: Int) async throws {
        let scene = try await Scene.make(sdkVersion)
        // What the vendor's own check waits for, and ten minutes more.
        for second in 1...(95 + 600) {
            await scene.pass(.seconds(1))
            guard second % interval == 0 else { continue }
            try await scene.send(2, [0xC0])
            #expect(try await scene.frames().contains(Scene.Frame(opcode: 2, payload: [0xD0])), "\(second) s")
        }
        #expect(scene.channel.isActive)
        try await scene.channel.close().get()
    }

    /// Browsers answer by themselves, also those whose page is asleep.
    @Test func aClientWhoseBrowserAnswersStaysConnected() async throws {
        let scene = try await Scene.make("5.2.1")
        for _ in 1...200 {
            await scene.pass(.seconds(1))
            for ping in try await scene.frames() where ping.opcode == 9 { try await scene.send(0xA, ping.payload) }
        }
        #expect(scene.channel.isActive)
        try await scene.channel.close().get()
    }

    /// The other end is gone, and nobody has said so.
    @Test func aSocketThatIsHalfOpenIsGivenUp() async throws {
        let scene = try await Scene.make("5.2.1")
        #expect(scene.isOnline)
        for _ in 1...70 { await scene.pass(.seconds(1)) }
        #expect(scene.isOnline)
        #expect(try await scene.frames().contains { $0.opcode == 9 })
        for _ in 1...10 { await scene.pass(.seconds(1)) }
        #expect(!scene.isOnline)
        #expect(try await scene.frames().allSatisfy { $0.opcode == 9 }, "as if the network had gone: SDKs come back")
        #expect(!scene.channel.isActive)
    }
}

/// A RongCloud client on a testing channel, welcomed.
private struct Scene: Sendable {
    struct Frame: Hashable {
        var opcode: UInt8
        var payload: [UInt8]
    }

    let loop = NIOAsyncTestingEventLoop()
    let channel: NIOAsyncTestingChannel
    private let bench: Bench
    private let hub: Hub

    static func make(_ sdkVersion: String) async throws -> Scene {
        let bench = try await Bench.make()
        let scene = Scene(bench)
        try await scene.channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
        let (channel, hub) = (scene.channel, scene.hub)
        bench.signals.relay(to: hub)
        let context = RongSocketContext(
            core: bench.core, mailbox: bench.store, hub: hub, rates: RateLimiter(clock: bench.clock),
            attendance: RoomAttendance(in: bench.core), report: { fault, _ in Issue.record("\(fault)") })
        let client = Client(
            app: bench.app.id, user: UserID("alice"), comesBack: false, tokenIssuedAt: bench.clock.now(),
            tokenExpiresAt: .distantFuture, confirmation: .manual, catchUpLimit: 0)
        let handshake = Handshake(try Form(query: "appId=parley-demo&token=t&sdkVer=\(sdkVersion)"))
        try await scene.loop.executeInContext {
            try RongSocket.addHandlers(to: channel, client: client, handshake, in: context)
        }
        await scene.loop.run()
        let frames = try await scene.frames()
        #expect(frames.first?.payload.first == 0x20)
        return scene
    }

    private init(_ bench: Bench) {
        self.bench = bench
        self.channel = NIOAsyncTestingChannel(loop: self.loop)
        self.hub = Hub(
            loops: [self.loop], log: bench.store, directory: bench.store, clock: bench.clock,
            configuration: HubConfiguration(turnGap: .zero))
    }

    var isOnline: Bool { self.hub.connectionCount > 0 }

    func pass(_ time: TimeAmount) async {
        self.bench.clock.advance(milliseconds: time.nanoseconds / 1_000_000)
        await self.loop.advanceTime(by: time)
    }

    func send(_ opcode: UInt8, _ payload: [UInt8]) async throws {
        var bytes = ByteBuffer(bytes: [0x80 | opcode, 0x80 | UInt8(payload.count), 0, 0, 0, 0])
        bytes.writeBytes(payload)
        try await self.channel.writeInbound(bytes)
        await self.loop.run()
    }

    /// What has been written to the client since the last time: none of it long.
    func frames() async throws -> [Frame] {
        var frames: [Frame] = []
        while var bytes = try await self.channel.readOutbound(as: ByteBuffer.self) {
            while let first: UInt8 = bytes.readInteger(), let length: UInt8 = bytes.readInteger(),
                let payload = bytes.readBytes(length: Int(length))
            {
                frames.append(Frame(opcode: first & 0xF, payload: payload))
            }
        }
        return frames
    }
}
