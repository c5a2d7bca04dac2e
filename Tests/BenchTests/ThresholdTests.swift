import ParleyPaths
import Testing

@Suite struct ThresholdTests {
    private let thresholds = Thresholds(tolerancePercent: 5, instructions: ["send": 1000])

    @Test func moreThanIsLetThroughIsAbove() {
        #expect(self.thresholds.judge("send", measured: 1050) == .within)
        #expect(self.thresholds.judge("send", measured: 1051) == .above)
        #expect(self.thresholds.judge("send", measured: 899) == .below)
        #expect(self.thresholds.judge("other", measured: 1) == .unknown)
    }

    @Test func aReportNamesThePathTheThresholdAndWhatWasMeasured() {
        let report = self.thresholds.report("send", measured: 1200)
        for part in ["TOO MANY", "send", "1000", "1200", "20 % more"] { #expect(report.contains(part), "\(part)") }
        #expect(self.thresholds.report("send", measured: 1000).hasPrefix("ok"))
        #expect(self.thresholds.report("other", measured: 5).hasPrefix("MISSING"))
    }

    @Test func thresholdsAreReadAsTheyAreWritten() throws {
        let more = Thresholds(tolerancePercent: 2.5, instructions: ["send": 1000, "fan-out": 77])
        #expect(try Thresholds(parsing: more.text) == more)
        #expect(throws: PathFailure.self) {
            try Thresholds(parsing: #"{"tolerancePercent":5,"instructions":{"send":"x"}}"#)
        }
        #expect(throws: PathFailure.self) { try Thresholds(parsing: "") }
    }

    @Test func whatIsDoneOnceDoesNotCount() {
        #expect(Thresholds.each(short: (100, 5_000_100_000), long: (500, 5_000_500_000)) == 1000)
        #expect(Thresholds.collected("==12== Events    : Ir\n==12== Collected : 39410211\n") == 39_410_211)
        #expect(Thresholds.collected("killed") == nil)
    }

    /// What CI counts must at least do what it says.
    @Test(arguments: ["send-rongcloud", "send-easemob", "send-tencent", "send-tencent-disk"])
    func aSendPathSends(_ name: String) async throws { try await Paths.run(name, 3) }

    @Test(arguments: PathProtocol.allCases)
    func theFanOutPathWritesToEveryReader(_ spoken: PathProtocol) async throws {
        let path = try await FanOutPath(spoken, readers: 20)
        try await path.run(5, perTick: 2)
        await path.close()
    }

    @Test(arguments: PathProtocol.allCases) func theClientsPathSends(_ spoken: PathProtocol) async throws {
        try await Paths.run("client-send-\(spoken.rawValue)", 3)
    }

    @Test func thePathsOfTheVendorsClientsAreAmongThoseThatAreCounted() {
        let names = Set(Paths.all.map(\.name))
        for spoken in PathProtocol.allCases { #expect(names.contains("client-send-\(spoken.rawValue)")) }
        for vendor in ["rongcloud", "easemob"] { #expect(names.contains("fanout-100-\(vendor)-clients")) }
    }
}
