package import NIOCore
package import ParleyCore

/// The connections here, and what keeps them supplied: a follower of the log that delivers.
///
/// There is one shard for each event loop. What the store has committed is handed to every shard with at most one hop a tick; from there on nothing is
/// shared between loops. A client reads each of its conversations *after its cursor*, whether it is live, back from an absence or slow:
/// see `docs/decisions/0003-device-cursors.md` for how the cursors move.
package final class Hub: Signals, Presence, Sendable {
    private let shards: [Shard]
    private let shardsByLoop: [ObjectIdentifier: Int]
    private let registry: Registry
    private let archive: any Archive
    private let clock: any WallClock
    package let configuration: HubConfiguration
    package let deliveries: DeliveryCounts

    /// - Parameters:
    ///   - loops: those that the clients' channels are on.
    ///   - chronicle: told who comes and goes.
    package convenience init(
        loops: [any EventLoop], log: any Log & Places, directory: any Directory, clock: any WallClock,
        configuration: HubConfiguration = HubConfiguration(), chronicle: any Chronicle = NoChronicle()
    ) {
        self.init(
            loops: loops, archive: LogArchive(log: log, directory: directory, clock: clock), clock: clock,
            configuration: configuration, chronicle: chronicle)
    }

    init(
        loops: [any EventLoop], archive: any Archive, clock: any WallClock, configuration: HubConfiguration,
        chronicle: any Chronicle = NoChronicle()
    ) {
        let registry = Registry(chronicle)
        self.registry = registry
        let meters = Tallies.Meters()
        self.deliveries = meters.counts
        let processID = String(UInt32.random(in: .min ... .max), radix: 36)
        self.shards = loops.map { loop in
            Shard(
                loop: loop, archive: archive, clock: clock, registry: registry, tallies: Tallies(meters),
                processID: processID, configuration: configuration)
        }
        self.shardsByLoop = Dictionary(
            uniqueKeysWithValues: loops.enumerated().map { (ObjectIdentifier($1), $0) })
        self.archive = archive
        self.clock = clock
        self.configuration = configuration
    }

    /// How many connections there are.
    package var connectionCount: Int { self.registry.count }
    /// Of how many users somebody follows the presence.
    var watchedCount: Int { self.registry.watchedCount }

    // MARK: Connections

    /// Where a connection may be that is on none of the hub's loops yet.
    package func anyLoop() -> any EventLoop { self.shards.randomElement()!.loop }

    /// Takes in a connection; on its event loop. Older connections that it replaces (``Client/Exclusivity``) are ended first, and what they confirmed
    /// counts.
    ///
    /// - Parameters:
    ///   - outbox: a handler of the connection's channel, added already.
    ///   - terminal: not retained.
    package func connect(
        _ client: Client, speaking wire: any WireProtocol, outbox: Outbox, terminal: any Terminal,
        on loop: any EventLoop
    ) -> Reader {
        loop.preconditionInEventLoop()
        guard let index = self.shardsByLoop[ObjectIdentifier(loop)] else {
            preconditionFailure("a client's channel is on one of the hub's event loops")
        }
        let shard = self.shards[index]
        let now = self.clock.now()
        let reader = Reader(
            client, number: self.registry.nextNumber(), connectedAt: now, on: shard, speaking: wire, outbox: outbox,
            terminal: terminal)
        shard.add(reader)
        let record = Registry.Record(
            number: reader.number, shard: index,
            connection: Connection(device: client.device, platform: client.platform, since: now),
            tokenIssuedAt: client.tokenIssuedAt, session: reader.sessionID, address: client.address)
        let replaced = self.registry.add(
            record, for: UserKey(app: client.app, user: client.user), exclusivity: client.exclusivity)
        shard.begin(reader, replacing: replaced.count)
        let number = reader.number
        for (older, reason) in replaced {
            self.shards[older.shard].post(
                .end(older.number, .disconnected(reason)) { loop.execute { shard.replacedOneEnded(for: number) } })
        }
        return reader
    }

    /// Tells every client that the server is going away, saves how far they have read, and returns when their connections are closed.
    package func shutDown() async {
        let closings = self.shards.map { shard in shard.loop.flatSubmit { shard.shutDown() } }
        for closing in closings { try? await closing.get() }
        await self.archive.settled()
    }

    // MARK: Signals

    package func committed(_ commit: Commit) {
        for shard in self.shards { shard.post(.commit(commit)) }
    }

    package func broadcast(_ ephemeral: Ephemeral) {
        for shard in self.shards { shard.post(.ephemeral(ephemeral)) }
    }

    package func announce(_ announcement: Announcement) {
        for shard in self.shards { shard.post(.announcement(announcement)) }
    }

    package func disconnect(_ command: Disconnect) {
        for record in self.registry.records(of: UserKey(app: command.app, user: command.user)) {
            if let device = command.device, device != record.connection.device { continue }
            if let moment = command.tokensIssuedBefore, record.tokenIssuedAt >= moment { continue }
            self.shards[record.shard].post(.end(record.number, .disconnected(command.reason), then: nil))
        }
    }

    // MARK: Presence

    package func connections(of user: UserID, in app: AppID) async -> [Connection] {
        self.registry.records(of: UserKey(app: app, user: user)).map(\.connection)
    }
}
