import Synchronization

/// Everything whose instructions are counted and whose time is reported, by name.
package enum Paths {
    /// What `parley-instructions` counts, and how many of each the longer run does more than the shorter one.
    package static let all: [(name: String, count: Int)] = [
        ("send-rongcloud", 400), ("send-easemob", 400), ("send-tencent", 400), ("send-tencent-disk", 400),
        ("fanout-100-readers-16-a-tick", 6400),
    ]

    package static let fanOutReaders = 100

    /// Prepares a path, and goes along it so often.
    package static func run(_ name: String, _ count: Int) async throws {
        switch name {
        case "send-rongcloud": try await self.send("rongcloud", count)
        case "send-easemob": try await self.send("easemob", count)
        case "send-tencent": try await self.send("tencent", count)
        case "send-tencent-disk": try await self.send("tencent", count, onDisk: true)
        case "fanout-100-readers-16-a-tick": try await self.fanOut(count, perTick: 16)
        default: throw PathFailure(description: "no path is called '\(name)'")
        }
    }

    private static func send(_ dialect: String, _ count: Int, onDisk: Bool = false) async throws {
        let path = try await SendPath(dialect, onDisk: onDisk)
        defer { path.close() }
        countFromHere()
        try await path.run(count)
    }

    private static func fanOut(_ count: Int, perTick: Int) async throws {
        let path = try await FanOutPath(readers: self.fanOutReaders)
        countFromHere()
        try await path.run(count, perTick: perTick)
        await path.close()
    }
}

/// Called once, when a path has been prepared. Callgrind begins to count when it comes here (`--zero-before`, by this name): how often what is prepared
/// asks and waits depends on time.
@_silgen_name("parley_count_from_here") @inline(never)
package func countFromHere() { prepared.add(1, ordering: .relaxed) }

/// So that the optimiser sees that something is done.
private let prepared = Atomic(0)
