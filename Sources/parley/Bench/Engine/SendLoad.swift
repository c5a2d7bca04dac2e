/// Requests to the server, on so many keep-alive connections.
///
/// A closed loop (no rate): each connection sends, waits for the answer, and sends again. An open loop: requests are due at a steady rate whatever the
/// answers do, and a latency counts from the moment a request was due, not from when a connection was free for it.
final class SendLoad: Poller.Alarm {
    let expected: [UInt8]
    private let templates: [RequestTemplate]
    /// Requests a second; nil: a closed loop.
    private let rate: Double?
    /// No more than this in all.
    private let limit: Int
    private let poller: Poller
    private var senders: [Sender] = []
    private var idle: [Sender] = []
    private var schedule = OpenLoop(rate: 1, from: 0)
    private var number = UInt32.random(in: 0...UInt32.max)
    private var sent = 0
    private(set) var busy = 0
    private var isSending = false
    private var measuresSince = Int64.max
    private(set) var losses: [String] = []
    /// The first answer that was not as expected.
    private(set) var unexpected: String?

    /// Since the beginning: answers as expected, by request.
    private(set) var taken: [UInt64]
    private(set) var tally = Tally()

    /// Of requests that were due since ``beginMeasuring(at:)``.
    struct Tally {
        var taken = 0
        var refused = 0
        /// From when it was due to when its answer was read.
        var latencies = Histogram()
    }

    init(
        _ requests: BenchRequests, senders: Int, rate: Double? = nil, limit: Int = .max, isUrgent: Bool = false,
        port: Int, on poller: Poller
    ) throws(BenchFailure) {
        self.expected = Array(requests.expected.utf8)
        self.templates = requests.requests.map { RequestTemplate(head: $0.head, body: $0.body) }
        self.taken = [UInt64](repeating: 0, count: requests.requests.count)
        self.rate = rate
        self.limit = limit
        self.poller = poller
        for _ in 0..<senders { self.senders.append(try Sender(self, port: port, on: poller, isUrgent: isUrgent)) }
        let all = self.senders
        poller.run(until: Monotonic.now + Monotonic.seconds(10)) {
            all.allSatisfy(\.isConnected) || !self.losses.isEmpty
        }
        if let reason = self.losses.first { throw BenchFailure("a sender cannot connect: \(reason)") }
        poller.add(self)
    }

    func start() {
        self.isSending = true
        self.idle = self.senders
        let now = Monotonic.now
        if let rate = self.rate {
            self.schedule = OpenLoop(rate: rate, from: now)
            self.serve(at: now)
        } else {
            while let sender = self.idle.popLast(), self.sent < self.limit { self.send(with: sender, due: now) }
        }
    }

    func beginMeasuring(at now: Int64) {
        self.measuresSince = now
        self.tally = Tally()
    }

    /// What is under way is still answered.
    func stop() { self.isSending = false }

    var isQuiet: Bool { self.busy == 0 && (!self.isSending || self.sent >= self.limit) }

    func close() {
        for sender in self.senders { sender.close() }
        self.senders = []
        self.idle = []
    }

    // MARK: Open loop

    var ringsAt: Int64? { self.isSending && self.rate != nil && !self.idle.isEmpty ? self.schedule.next : nil }

    func ring(at now: Int64) { self.serve(at: now) }

    /// Sends what is due, while somebody is free.
    private func serve(at now: Int64) {
        while self.isSending, self.sent < self.limit, self.schedule.next <= now, let sender = self.next(at: now) {
            self.send(with: sender, due: self.schedule.take())
        }
    }

    /// The one that has just been used, as pools of connections do, unless another has rested for so long that the server might close it.
    private func next(at now: Int64) -> Sender? {
        if let first = self.idle.first, now - first.due > Monotonic.seconds(30) { return self.idle.removeFirst() }
        return self.idle.popLast()
    }

    // MARK: Both

    private func send(with sender: Sender, due: Int64) {
        let index = self.sent % self.templates.count
        self.number &+= 1
        self.busy += 1
        self.sent += 1
        sender.send(self.templates[index], index: index, number: self.number, due: due)
    }

    func answered(_ sender: Sender, isExpected: Bool, _ answer: UnsafeRawBufferPointer) {
        self.busy -= 1
        let now = Monotonic.now
        if isExpected { self.taken[sender.request] += 1 }
        if sender.due >= self.measuresSince {
            if isExpected { self.tally.taken += 1 } else { self.tally.refused += 1 }
            self.tally.latencies.record(now - sender.due)
        }
        if !isExpected, self.unexpected == nil { self.unexpected = String(decoding: answer, as: UTF8.self) }
        guard self.isSending else { return }
        if self.rate != nil {
            self.idle.append(sender)
            self.serve(at: now)
        } else if self.sent < self.limit {
            self.send(with: sender, due: now)
        }
    }

    /// The server closed a connection: what is measured is worth nothing.
    func lost(_ reason: String) { self.losses.append(reason) }
}

/// When requests are due at a steady rate. None is left out, however late it is.
struct OpenLoop {
    private let rate: Double
    private let start: Int64
    private var count: Int64 = 0

    init(rate: Double, from start: Int64) {
        self.rate = rate
        self.start = start
    }

    /// When the next one is due.
    var next: Int64 { self.start + Int64(Double(self.count) / self.rate * 1e9) }

    mutating func take() -> Int64 {
        defer { self.count += 1 }
        return self.next
    }
}
