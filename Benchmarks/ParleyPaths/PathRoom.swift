import NIOCore
import NIOEmbedded
import ParleyCore
import ParleyDialectKit
import ParleyEasemobSocket
import ParleyHub
import ParleyRongSocket
import ParleySocket
import ParleyStore

/// By which protocol the clients of a path are connected.
package enum PathProtocol: String, CaseIterable, Sendable {
    case parley
    case rongcloud
    case easemob
}

/// Clients of the demo group who are online, on one testing loop: from the hub to the bytes that their sockets would be given, and from what these would
/// read to the hub.
final class PathRoom: Sendable {
    let house: PathHouse
    let hub: Hub
    private let loop = NIOAsyncTestingEventLoop()
    private let channels: [NIOAsyncTestingChannel]
    private let clients: NIOLoopBoundBox<[PathClient]>

    static let group = GroupID("demo-group")

    init(_ spoken: PathProtocol, users: [UserID]) async throws {
        self.house = try await PathHouse()
        // Nobody moves this loop's time on: what waits for a moment comes at once.
        self.hub = Hub(
            loops: [self.loop], log: self.house.store, directory: self.house.store, clock: self.house.core.clock,
            configuration: HubConfiguration(turnGap: .zero))
        self.house.doorbell.connect(to: self.hub)
        let app = self.house.app.id
        for user in users { try await self.house.core.importUser(user, in: app) { $0.name = user.rawValue } }
        _ = try await self.house.core.addMembers(AddMembers(app: app, group: Self.group, users: users))
        let loop = self.loop
        let clients = try await loop.executeInContext { NIOLoopBoundBox([PathClient](), eventLoop: loop) }
        let door = PathDoor(spoken, self.house, self.hub)
        var channels: [NIOAsyncTestingChannel] = []
        for user in users {
            let channel = NIOAsyncTestingChannel(loop: loop)
            try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
            try await loop.executeInContext {
                let client = door.client()
                try channel.pipeline.syncOperations.addHandler(client)
                clients.value.append(client)
                try door.admit(user, on: channel)
                client.begin()
                client.speak()
            }
            channels.append(channel)
        }
        self.channels = channels
        self.clients = clients
        try await self.settle { $0.isReady }
    }

    /// Hands something to the hub on the loop, and lets the loop run until it has nothing left to do: so it takes the same steps every time.
    func commit(_ commit: Commit) async throws {
        let hub = self.hub
        try await self.loop.executeInContext { hub.committed(commit) }
        await self.loop.run()
    }

    /// What one client says comes in.
    func say(_ number: Int) async throws {
        let clients = self.clients
        try await self.loop.executeInContext {
            let client = clients.value[0]
            client.say(client.message(number))
            client.speak()
        }
    }

    typealias Condition = @Sendable (PathClient) -> Bool

    /// Lets the loop run until this is so of every client. Other threads work too, so it looks again every now and then: seldom, for looking counts.
    func settle(_ condition: @escaping Condition) async throws {
        for _ in 0..<1000 {
            await self.loop.run()
            if try await self.areAll(condition) { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw PathFailure(description: "the clients were not told")
    }

    func areAll(_ condition: @escaping Condition) async throws -> Bool {
        let clients = self.clients
        return try await self.loop.executeInContext { clients.value.allSatisfy(condition) }
    }

    func close() async {
        for channel in self.channels { try? await channel.close() }
        await self.loop.run()
        self.house.store.close()
    }
}

/// Lets clients in, as the server does it that has checked who they are.
private struct PathDoor: Sendable {
    private let spoken: PathProtocol
    private let house: PathHouse
    private let parley: SocketContext
    private let rongCloud: RongSocketContext
    private let easemob: EasemobSocketContext

    init(_ spoken: PathProtocol, _ house: PathHouse, _ hub: Hub) {
        self.spoken = spoken
        self.house = house
        let rates = RateLimiter(clock: house.core.clock, isOn: false)
        let attendance = RoomAttendance(in: house.core)
        self.parley = SocketContext(core: house.core, hub: hub, rates: rates) { _, _ in }
        self.rongCloud = RongSocketContext(
            core: house.core, mailbox: house.store, hub: hub, rates: rates, attendance: attendance
        ) { _, _ in }
        let (app, clock) = (house.app.id, house.core.clock)
        self.easemob = EasemobSocketContext(
            core: house.core, hub: hub, rates: rates, attendance: attendance,
            admit: { _, user in
                let client = Client(
                    app: app, user: UserID(user), device: DeviceID("web"), tokenIssuedAt: clock.now(),
                    tokenExpiresAt: .distantFuture, confirmation: .manual, catchUpLimit: 0)
                return EasemobSocketContext.Guest(client: client, appKey: "parley#demo")
            }
        ) { _, _ in }
    }

    func client() -> PathClient {
        switch self.spoken {
        case .parley: ParleyPathClient()
        case .rongcloud: RongCloudPathClient()
        case .easemob: EasemobPathClient()
        }
    }

    func admit(_ user: UserID, on channel: any Channel) throws {
        var client = Client(
            app: self.house.app.id, user: user, tokenIssuedAt: self.house.core.clock.now(),
            tokenExpiresAt: .distantFuture)
        switch self.spoken {
        case .parley: try ParleySocket.addHandlers(to: channel, client: client, in: self.parley)
        case .rongcloud:
            client.confirmation = .manual
            client.catchUpLimit = 0
            let handshake = Handshake(try Form(query: "appId=parley-demo&sdkVer=5.2.1"))
            try RongSocket.addHandlers(to: channel, client: client, handshake, in: self.rongCloud)
        case .easemob:
            // Where it comes from tells the one who lets it in who it is.
            try EasemobSocket.addHandlers(to: channel, isSockJS: false, address: user.rawValue, in: self.easemob)
        }
    }
}
