import Synchronization

/// Everything whose instructions are counted and whose time is reported, by name.
package enum Paths {
    /// What `parley-instructions` counts, and how many of each the longer run does more than the shorter one.
    package static let all: [(name: String, count: Int)] = [
        ("send-rongcloud", 400), ("send-easemob", 400), ("send-tencent", 400), ("send-tencent-disk", 400),
        ("fanout-100-readers-16-a-tick", 6400), ("fanout-100-rongcloud-clients", 40),
        ("fanout-100-easemob-clients", 160), ("client-send-parley", 200), ("client-send-rongcloud", 200),
        ("client-send-easemob", 200),
    ]

    package static let fanOutReaders = 100

    /// Prepares a path, and goes along it so often.
    package static func run(_ name: String, _ count: Int) async throws {
        switch name {
        case "send-rongcloud": try await self.send("rongcloud", count)
        case "send-easemob": try await self.send("easemob", count)
        case "send-tencent": try await self.send("tencent", count)
        case "send-tencent-disk": try await self.send("tencent", count, onDisk: true)
        case "fanout-100-readers-16-a-tick": try await self.fanOut(.parley, count, perTick: 16)
        case "fanout-100-rongcloud-clients": try await self.fanOut(.rongcloud, count, perTick: 1)
        case "fanout-100-easemob-clients": try await self.fanOut(.easemob, count, perTick: 1)
        case "client-send-parley": try await self.clientSend(.parley, count)
        case "client-send-rongcloud": try await self.clientSend(.rongcloud, count)
        case "client-send-easemob": try await self.clientSend(.easemob, count)
        default: throw PathFailure(description: "no path is called '\(name)'")
        }
    }

    private static func send(_ dialect: String, _ count: Int, onDisk: Bool = false) async throws {
        let path = try await SendPath(dialect, onDisk: onDisk)
        defer { path.close() }
        countFromHere()
        try await path.run(count)
    }

    private static func fanOut(_ spoken: PathProtocol, _ count: Int, perTick: Int) async throws {
        let path = try await FanOutPath(spoken, readers: self.fanOutReaders)
        countFromHere()
        try await path.run(count, perTick: perTick)
        await path.close()
    }

    private static func clientSend(_ spoken: PathProtocol, _ count: Int) async throws {
        let path = try await ClientSendPath(spoken)
        countFromHere()
        try await path.run(count)
        await path.close()
    }
}

/// Called once, when a path has been prepared. Callgrind begins to count when it comes here (`--zero-before`, by this name): how often what is prepared
/// asks and waits depends on time.
@_silgen_name("parley_count_from_here") @inline(never)
package func countFromHere() { prepared.add(1, ordering: .relaxed) }

/// So that the optimiser sees that something is done.
private let prepared = Atomic(0)
