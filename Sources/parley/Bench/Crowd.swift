import ArgumentParser
import NIOCore
import NIOPosix
import ParleyClient

/// Listening members, on one event loop, and what has reached them in all.
final class Crowd {
    var latencies = Histogram()
    var measuresLatency = false
    private(set) var deliveries = 0
    private(set) var missing = 0
    private(set) var repeated = 0
    private(set) var openCount = 0
    private(set) var readyCount = 0
    private(set) var refusal: String?
    private(set) var members: [Member] = []

    // MARK: Told by the members

    func opened() { self.openCount += 1 }
    func ready() { self.readyCount += 1 }
    func left() { self.openCount -= 1 }
    func refused(_ answer: String) { self.refusal = answer }

    func received(_ sequence: UInt64, after last: UInt64) {
        self.deliveries &+= 1
        if last == 0 || sequence == last &+ 1 { return }
        if sequence <= last { self.repeated += 1 } else { self.missing += Int(sequence - last - 1) }
    }

    // MARK: Asked by the one who measures

    func reset() {
        self.latencies.clear()
        self.deliveries = 0
    }

    /// Whether every member has the message with this sequence.
    func all(have sequence: UInt64) -> Bool { self.members.allSatisfy { $0.last >= sequence } }

    var report: Report {
        Report(
            deliveries: self.deliveries, missing: self.missing, repeated: self.repeated, latencies: self.latencies,
            open: self.openCount, ready: self.readyCount, least: self.members.map(\.last).min() ?? 0,
            greatest: self.members.map(\.last).max() ?? 0)
    }

    struct Report: Sendable {
        var deliveries: Int
        var missing: Int
        var repeated: Int
        var latencies: Histogram
        var open: Int
        var ready: Int
        var least: UInt64
        var greatest: UInt64
    }

    func add(_ member: Member) { self.members.append(member) }
}

/// A crowd and its loop.
struct CrowdHandle: Sendable {
    let loop: any EventLoop
    private let box: NIOLoopBound<Crowd>

    /// Connects a member for each target, some at a time, and returns when all have been told that they have everything.
    static func connect(
        host: String, port: Int, targets: [String], loop: any EventLoop
    ) async throws -> CrowdHandle {
        let handle = try await loop.submit { CrowdHandle(loop: loop, box: NIOLoopBound(Crowd(), eventLoop: loop)) }
            .get()
        for batch in stride(from: 0, to: targets.count, by: 200) {
            let end = min(batch + 200, targets.count)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for target in targets[batch..<end] {
                    group.addTask { try await handle.connectOne(host: host, port: port, target: target) }
                }
                try await group.waitForAll()
            }
            try await handle.wait(seconds: 30) { $0.readyCount >= end }
        }
        return handle
    }

    private init(loop: any EventLoop, box: NIOLoopBound<Crowd>) {
        self.loop = loop
        self.box = box
    }

    private func connectOne(host: String, port: Int, target: String) async throws {
        _ = try await ClientBootstrap(group: self.loop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 128 * 1024))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let member = Member(crowd: self.box.value)
                    self.box.value.add(member)
                    try channel.pipeline.syncOperations.addHandler(
                        FrameSocket(target: target, host: "\(host):\(port)", listener: member))
                }
            }
            .connect(host: host, port: port).get()
    }

    /// Looks every few milliseconds. Returns false when it never came true.
    @discardableResult
    func wait(seconds: Int64, until isDone: @escaping @Sendable (Crowd) -> Bool) async throws -> Bool {
        let deadline = NIODeadline.now() + .seconds(seconds)
        while true {
            let (done, refusal) = try await self.loop.submit { (isDone(self.box.value), self.box.value.refusal) }.get()
            if let refusal { throw ValidationError("a member was refused: \(refusal)") }
            if done { return true }
            guard NIODeadline.now() < deadline else { return false }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// From now on everything counts. On the loop.
    func beginMeasuring() {
        self.box.value.reset()
        self.box.value.measuresLatency = true
    }

    func report() async throws -> Crowd.Report { try await self.loop.submit { self.box.value.report }.get() }
}
