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
    /// What the member who reads just now says to it.
    var outgoing: [UInt8] = []
    private var nextBeat: Int64?
    private var lastBeaten = 0

    init(port: Int, on poller: Poller, isUrgent: Bool = false) {
        self.isUrgent = isUrgent
        self.port = port
        self.poller = poller
        poller.add(self)
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
        if self.nextBeat == nil { self.nextBeat = self.step.map { now + $0 } }
    }

    func lost(_ member: Member, _ reason: String) { self.losses.append(reason) }

    // MARK: Asked by the one who measures

    /// Begins to connect members, all at once; ``waitUntilReady(seconds:)`` waits for them.
    func add(_ logins: [Login], room: Int = 0) throws(BenchFailure) {
        for login in logins {
            self.members.append(try Member(login, room: room, of: self, port: self.port, on: self.poller))
        }
    }

    /// Begins to connect all the rooms' members, without a pause, and without keeping those waiting who are urgent: ten thousand connections are half a second's work.
    func addAll(_ rooms: [[Login]]) throws(BenchFailure) {
        for (room, logins) in rooms.enumerated() {
            for start in stride(from: 0, to: logins.count, by: 20) {
                try self.add(Array(logins[start..<min(start + 20, logins.count)]), room: room)
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
    func connect(_ logins: [Login], room: Int = 0) throws(BenchFailure) {
        for start in stride(from: 0, to: logins.count, by: 200) {
            try self.add(Array(logins[start..<min(start + 200, logins.count)]), room: room)
            try self.waitUntilReady()
        }
    }

    func beginMeasuring(at now: Int64) {
        self.latencies.clear()
        self.measuresSince = now
    }

    /// Whether everyone has everything.
    ///
    /// - Parameter counts: by room, how many messages there are since its members are connected.
    func all(have counts: [UInt64]) -> Bool { self.members.allSatisfy { $0.check.missing(of: counts[$0.room]) == 0 } }

    func closeAll(abruptly: Bool = false) {
        for member in self.members { member.close(abruptly: abruptly) }
        self.members = []
        self.readyCount = 0
    }

    /// What is wrong with what they were given. All zeros: everyone was given everything, once, in one order.
    ///
    /// - Parameter counts: as of ``all(have:)``.
    func verdict(of counts: [UInt64]) -> Verdict {
        var verdict = Verdict()
        var expected: [Int: SequenceCheck] = [:]
        for member in self.members {
            let check = member.check
            verdict.missing += check.missing(of: counts[member.room])
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

// MARK: Signs of life

extension Crowd: Poller.Alarm {
    var ringsAt: Int64? { self.nextBeat }

    /// The members take turns: what all of them do within one interval is not done by all at once.
    func ring(at now: Int64) {
        guard let step = self.step else { return self.nextBeat = nil }
        while let next = self.nextBeat, next <= now {
            self.nextBeat = next + step
            self.lastBeaten = (self.lastBeaten + 1) % self.members.count
            self.members[self.lastBeaten].beat(at: now)
        }
    }

    /// From one member's turn to the next one's.
    private var step: Int64? {
        self.members.first?.beatInterval.map { max(1, $0 / Int64(self.members.count)) }
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
