/// Warm-up, a window in which everything counts, and the wait until all that was taken has arrived.
struct LoadRun {
    let poller: Poller
    let process: ServerProcess?
    let loads: [SendLoad]
    let crowds: [Crowd]
    var warmUp = 2.0
    var seconds = 10.0
    /// For what is still under way after the window: in seconds, since something last came …
    var patience = 30.0
    /// … and in all.
    var longestPatience = 300.0

    /// What was so at one moment.
    private struct Snapshot {
        var time = Monotonic.now
        var serverCPU: Double
        var ownCPU = ServerProcess.own.cpuSeconds
        var deliveries: [Int]
        var taken: [UInt64]

        init(_ run: LoadRun) {
            self.serverCPU = run.process?.cpuSeconds ?? 0
            self.deliveries = run.crowds.map(\.deliveries)
            self.taken = run.loads.map { $0.taken.reduce(0, +) }
        }
    }

    /// Of the window. CPU time is in seconds a second: how many cores were busy.
    struct Outcome {
        var seconds = 0.0
        var serverCPU = 0.0
        var generatorCPU = 0.0
        /// By load.
        var taken: [Double] = []
        /// By crowd.
        var deliveries: [Double] = []
        var isComplete = true
        /// How long after the window the last of what was sent in it came.
        var secondsBehind = 0.0
        var residentBytes = 0

        var totalTaken: Double { self.taken.reduce(0, +) }
        var totalDeliveries: Double { self.deliveries.reduce(0, +) }
    }

    /// - Parameter expected: by crowd, whether it has all that was taken.
    func perform(_ isComplete: () -> Bool = { true }) throws -> Outcome {
        for load in self.loads { load.start() }
        let begin = Monotonic.now + Monotonic.seconds(self.warmUp)
        self.poller.run(until: begin)
        let before = Snapshot(self)
        for load in self.loads { load.beginMeasuring(at: before.time) }
        for crowd in self.crowds { crowd.beginMeasuring(at: before.time) }
        self.poller.run(until: before.time + Monotonic.seconds(self.seconds))
        let after = Snapshot(self)
        let resident = self.process?.residentBytes ?? 0
        for load in self.loads { load.stop() }
        var outcome = Outcome()
        outcome.isComplete = self.settle(isComplete)
        outcome.secondsBehind = Double(Monotonic.now - after.time) / 1e9
        for load in self.loads {
            if let reason = load.losses.first { throw BenchFailure("a sender was lost: \(reason)") }
        }
        outcome.seconds = Double(after.time - before.time) / 1e9
        outcome.serverCPU = after.serverCPU - before.serverCPU
        outcome.generatorCPU = after.ownCPU - before.ownCPU
        outcome.taken = zip(after.taken, before.taken).map { Double($0 - $1) }
        outcome.deliveries = zip(after.deliveries, before.deliveries).map { Double($0 - $1) }
        outcome.residentBytes = resident
        return outcome
    }

    /// Whether everything has been answered and has arrived. Looks every few milliseconds, since looking is not free.
    private func settle(_ isComplete: () -> Bool) -> Bool {
        let end = Monotonic.now + Monotonic.seconds(self.longestPatience)
        var deadline = Monotonic.now + Monotonic.seconds(self.patience)
        var count = 0
        while Monotonic.now < min(deadline, end) {
            self.poller.run(until: Monotonic.now + 5_000_000)
            if self.loads.allSatisfy(\.isQuiet), isComplete() { return true }
            if self.loads.contains(where: { !$0.losses.isEmpty }) { return false }
            let deliveries = self.crowds.reduce(0) { $0 + $1.deliveries }
            if deliveries != count { deadline = Monotonic.now + Monotonic.seconds(self.patience) }
            count = deliveries
        }
        return false
    }
}
