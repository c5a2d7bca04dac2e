/// Members of one or many conversations, and what has reached them in all.
final class Crowd {
    /// From when a message was due to when it was read.
    private(set) var latencies = Histogram()
    private(set) var deliveries = 0
    private(set) var readyCount = 0
    private(set) var readyAt: Int64 = 0
    private(set) var losses: [String] = []
    private(set) var members: [Member] = []
    private let poller: Poller
    private let port: Int
    /// Looked at before other crowds.
    let isUrgent: Bool
    /// Latencies of messages that were due earlier are left out.
    private var measuresSince = Int64.max

    init(port: Int, on poller: Poller, isUrgent: Bool = false) {
        self.isUrgent = isUrgent
        self.port = port
        self.poller = poller
    }

    // MARK: Told by the members

    @inline(__always)
    func received(_ due: Int64, at now: Int64) {
        self.deliveries &+= 1
        if due >= self.measuresSince { self.latencies.record(now &- due) }
    }

    func becameReady(at now: Int64) {
        self.readyCount += 1
        self.readyAt = now
    }

    func lost(_ member: Member, _ reason: String) { self.losses.append(reason) }

    // MARK: Asked by the one who measures

    /// Begins to connect members, all at once; ``waitUntilReady(seconds:)`` waits for them.
    func add(_ targets: [String], room: Int = 0) throws(BenchFailure) {
        for target in targets {
            self.members.append(try Member(target, room: room, of: self, port: self.port, on: self.poller))
        }
    }

    /// Begins to connect all the rooms' members, without a pause, and without keeping those waiting who are urgent: ten thousand connections are half a second's work.
    func addAll(_ rooms: [[String]]) throws(BenchFailure) {
        for (room, targets) in rooms.enumerated() {
            for start in stride(from: 0, to: targets.count, by: 20) {
                try self.add(Array(targets[start..<min(start + 20, targets.count)]), room: room)
                self.poller.glance()
            }
        }
    }

    /// Returns when all have been told that they have everything.
    func waitUntilReady(seconds: Double = 60) throws(BenchFailure) {
        let isDone = self.poller.run(until: Monotonic.now + Monotonic.seconds(seconds)) {
            self.readyCount == self.members.count || !self.losses.isEmpty
        }
        if let reason = self.losses.first { throw BenchFailure("a member was lost: \(reason)") }
        guard isDone else { throw BenchFailure("\(self.readyCount) of \(self.members.count) members are ready") }
    }

    /// Some at a time, so that connecting is not what is measured.
    func connect(_ targets: [String], room: Int = 0) throws(BenchFailure) {
        for start in stride(from: 0, to: targets.count, by: 200) {
            try self.add(Array(targets[start..<min(start + 200, targets.count)]), room: room)
            try self.waitUntilReady()
        }
    }

    func beginMeasuring(at now: Int64) {
        self.latencies.clear()
        self.measuresSince = now
    }

    /// Whether everyone has everything: by room, the sequence that he must have.
    func all(have sequences: [UInt64]) -> Bool { self.members.allSatisfy { $0.check.last >= sequences[$0.room] } }

    func closeAll(abruptly: Bool = false) {
        for member in self.members { member.close(abruptly: abruptly) }
        self.members = []
        self.readyCount = 0
    }

    /// What is wrong with what they were given. All zeros: everyone was given everything, once, in one order.
    var verdict: Verdict {
        var verdict = Verdict()
        var expected: [Int: SequenceCheck] = [:]
        for member in self.members {
            let check = member.check
            verdict.missing += check.missing
            verdict.repeated += check.repeated
            verdict.outOfOrder += check.outOfOrder
            let other = expected[member.room, default: check]
            expected[member.room] = other
            if other.digest != check.digest || other.count != check.count || other.first != check.first {
                verdict.different += 1
            }
        }
        verdict.lost = self.losses.count
        return verdict
    }

    struct Verdict: Hashable, Sendable {
        var missing = 0
        var repeated = 0
        var outOfOrder = 0
        /// Members who were not given the same messages in the same order as the first of their conversation.
        var different = 0
        /// Members whose connection ended.
        var lost = 0

        var isClean: Bool { self == Verdict() }
    }
}

extension Crowd.Verdict {
    static func + (one: Self, other: Self) -> Self {
        Self(
            missing: one.missing + other.missing, repeated: one.repeated + other.repeated,
            outOfOrder: one.outOfOrder + other.outOfOrder, different: one.different + other.different,
            lost: one.lost + other.lost)
    }
}
