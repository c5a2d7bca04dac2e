import NIOCore
import NIOEmbedded
import ParleyCore
import ParleyDialectKit
import ParleyHub
import ParleySocket
import ParleyStore

/// What a commit costs from the hub to the bytes that each reader's socket would be given: readers of one group, online, on one testing loop.
package final class FanOutPath: Sendable {
    private let house: PathHouse
    private let hub: Hub
    private let loop = NIOAsyncTestingEventLoop()
    private let channels: [NIOAsyncTestingChannel]
    private let sinks: NIOLoopBoundBox<[Sink]>
    private let conversation: ConversationID
    private let first: Entry

    /// - Parameter readers: members who are online.
    package init(readers: Int) async throws {
        self.house = try await PathHouse()
        // Nobody moves this loop's time on: what waits for a moment comes at once.
        self.hub = Hub(
            loops: [self.loop], log: self.house.store, directory: self.house.store, clock: self.house.core.clock,
            configuration: HubConfiguration(turnGap: .zero))
        self.house.doorbell.connect(to: self.hub)
        let group = GroupID("demo-group")
        let app = self.house.app.id
        self.conversation = ConversationID(app: app, .group(group))
        let users = (0..<readers).map { UserID("reader-\($0)") }
        for user in users { try await self.house.core.importUser(user, in: app) { $0.name = user.rawValue } }
        _ = try await self.house.core.addMembers(AddMembers(app: app, group: group, users: users))
        let context = SocketContext(
            core: self.house.core, hub: self.hub, rates: RateLimiter(clock: self.house.core.clock, isOn: false)
        ) { _, _ in }
        var channels: [NIOAsyncTestingChannel] = []
        let loop = self.loop
        let sinks = try await loop.executeInContext { NIOLoopBoundBox([Sink](), eventLoop: loop) }
        for user in users {
            let client = Client(
                app: app, user: user, tokenIssuedAt: self.house.core.clock.now(), tokenExpiresAt: .distantFuture)
            let channel = NIOAsyncTestingChannel(loop: loop)
            try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
            try await loop.executeInContext {
                let sink = Sink()
                try channel.pipeline.syncOperations.addHandler(sink)
                sinks.value.append(sink)
                try ParleySocket.addHandlers(to: channel, client: client, in: context)
            }
            channels.append(channel)
        }
        self.channels = channels
        self.sinks = sinks
        try await Self.settle(loop, sinks) { $0.isReady }
        // One message through the whole of Parley: what is handed to the hub afterwards looks like it.
        _ = try await self.house.core.send(
            Send(
                app: app, conversation: self.conversation.conversation,
                message: Message(
                    sender: UserID("bob"), content: .text(String(repeating: "x", count: 200)),
                    native: Native(dialect: .parley, payload: Array(#"{"t":1}"#.utf8)))))
        let entries = try await self.house.core.log.entries(of: self.conversation, after: 0, limit: 1)
        guard let entry = entries.first else { throw PathFailure(description: "nothing was said") }
        self.first = entry
        try await Self.settle(loop, sinks) { $0.bytes > 0 }
    }

    /// Each commit is handed over on the loop, and the loop runs until it has nothing left to do: so it takes the same steps every time.
    ///
    /// - Parameter perTick: messages that are committed together.
    package func run(_ count: Int, perTick: Int) async throws {
        var sequence = self.first.sequence ?? 0
        for start in stride(from: 0, to: count, by: perTick) {
            let end = min(start + perTick, count)
            let commit = self.commit(end - start, after: sequence)
            sequence += UInt64(end - start)
            let hub = self.hub
            try await self.loop.executeInContext { hub.committed(commit) }
            await self.loop.run()
        }
        let least = count * 200
        guard try await Self.areAll(self.loop, self.sinks, { $0.bytes >= least }) else {
            throw PathFailure(description: "not everything was written to everyone")
        }
    }

    private func commit(_ count: Int, after sequence: UInt64) -> Commit {
        var commit = Commit()
        commit.entries = (1...UInt64(count)).map { self.entry(sequence + $0) }
        return commit
    }

    private func entry(_ sequence: UInt64) -> Entry {
        Entry(
            conversation: self.first.conversation, sequence: sequence, id: self.first.id, body: self.first.body,
            fate: self.first.fate)
    }

    private typealias Condition = @Sendable (Sink) -> Bool

    /// Lets the loop run until this is so of every reader.
    private static func settle(
        _ loop: NIOAsyncTestingEventLoop, _ sinks: NIOLoopBoundBox<[Sink]>, _ condition: @escaping Condition
    ) async throws {
        for _ in 0..<10_000 {
            await loop.run()
            if try await self.areAll(loop, sinks, condition) { return }
            try await Task.sleep(for: .milliseconds(1))
        }
        throw PathFailure(description: "the readers were not told")
    }

    private static func areAll(
        _ loop: NIOAsyncTestingEventLoop, _ sinks: NIOLoopBoundBox<[Sink]>, _ condition: @escaping Condition
    ) async throws -> Bool {
        try await loop.executeInContext { sinks.value.allSatisfy(condition) }
    }

    package func close() async {
        for channel in self.channels { try? await channel.close() }
        await self.loop.run()
        self.house.store.close()
    }
}

/// Where a socket would be: takes what is written, and counts it.
private final class Sink: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private(set) var bytes = 0
    private(set) var isReady = false
    private static let ready = Array(#"{"type":"ready"}"#.utf8)

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let buffer = self.unwrapOutboundIn(data)
        if self.isReady {
            self.bytes += buffer.readableBytes
        } else {
            self.isReady = buffer.readableBytesView.firstRange(of: Self.ready) != nil
        }
        promise?.succeed()
    }

    func flush(context: ChannelHandlerContext) {}
}
