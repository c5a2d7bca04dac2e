extension Finding {
    /// What every measurement of sending says, in the same words.
    mutating func add(_ outcome: LoadRun.Outcome, _ sent: SendLoad.Tally) {
        self.add("sendsPerSecond", outcome.totalTaken / outcome.seconds, digits: 0)
        self.add("answer", sent.latencies)
        self.add("refused", sent.refused)
        self.add("serverCores", outcome.serverCPU / outcome.seconds)
        self.add("generatorCores", outcome.generatorCPU / outcome.seconds)
        self.add("serverMicrosecondsPerSend", outcome.serverCPU * 1e6 / max(1, outcome.totalTaken))
        self.add("generatorMicrosecondsPerSend", outcome.generatorCPU * 1e6 / max(1, outcome.totalTaken))
        self.add("serverMegabytes", outcome.residentBytes >> 20)
        self.add("secondsBehind", outcome.secondsBehind, "s")
    }

    mutating func add(_ verdict: Crowd.Verdict, isComplete: Bool) {
        self.add("complete", isComplete)
        self.add("missing", verdict.missing)
        self.add("repeated", verdict.repeated)
        self.add("outOfOrder", verdict.outOfOrder)
        self.add("differentSequences", verdict.different)
        self.add("lostConnections", verdict.lost)
    }
}
