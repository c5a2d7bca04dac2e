import ArgumentParser
import Testing

@testable import parley

@Suite struct ReportTests {
    private func measurement(_ facts: [(String, Double)], missing: Int = 0, complete: Bool = true) throws -> Measurement
    {
        var finding = Finding("fanout")
        for (name, value) in facts { finding.add(name, value, digits: 3) }
        finding.add("missing", missing)
        finding.add("complete", complete)
        return try #require(Measurement(finding.json))
    }

    @Test func aFindingIsReadBackAsItWasWritten() throws {
        var finding = Finding("direct")
        finding.add("dialect", #"a "quoted" \ name"#)
        finding.add("sends", 12)
        finding.add("cost", 1.2345, "µs", digits: 3)
        finding.add("complete", true)
        let measurement = try #require(Measurement(finding.json))
        #expect(measurement.scenario == "direct")
        #expect(measurement.text("dialect") == #"a "quoted" \ name"#)
        #expect(measurement["sends"] == 12)
        #expect(abs(measurement["cost"] - 1.2345) < 0.001)
        #expect(finding.text.contains("µs"))
    }

    @Test func whatIsNoFindingIsNotReadAsOne() {
        #expect(Measurement("parley: no such thing") == nil)
        #expect(Measurement("{}") == nil)
    }

    @Test func aTargetIsNotMetWhereDeliveriesAreNotExact() throws {
        let row = try #require(StandardRun.rows.first { $0.title.hasSuffix(", 4 senders") })
        let good = [("sendsPerSecond", 5000.0), ("deliveriesPerSecond", 500_000.0)]
        #expect(try row.verdict(self.measurement(good)) == true)
        #expect(try row.verdict(self.measurement(good, missing: 1)) == false)
        #expect(try row.verdict(self.measurement(good, complete: false)) == false)
        let slow = [("sendsPerSecond", 3000.0), ("deliveriesPerSecond", 300_000.0)]
        #expect(try row.verdict(self.measurement(slow)) == false)
    }

    @Test func whatWasNotMeasuredMeetsNothing() throws {
        for row in StandardRun.rows {
            #expect(try row.verdict(self.measurement([])) == (row.target == "–" ? nil : false), "\(row.title)")
        }
    }

    @Test func aRowWithoutATargetIsStillNotMetWhereDeliveriesAreNotExact() throws {
        let rows = StandardRun.rows.filter { $0.target == "–" }
        #expect(rows.count == 6)
        for row in rows {
            #expect(try row.verdict(self.measurement([], missing: 1)) == false, "\(row.title)")
            #expect(row.isMet == nil, "\(row.title)")
        }
    }

    @Test func everyRowIsACommandThatExists() throws {
        for row in StandardRun.rows {
            let command = try BenchCommand.parseAsRoot(row.arguments)
            #expect(!(command is BenchCommand), "\(row.title)")
        }
    }

    @Test func numbersAreWrittenForPeople() {
        #expect(StandardRun.count(1_234_567.4) == "1,234,567")
        #expect(StandardRun.count(999) == "999")
        #expect(StandardRun.count(.nan) == "?")
        #expect(StandardRun.number(0.0349, 2) == "0.03")
        #expect(StandardRun.number(12.05, 1) == "12.1" || StandardRun.number(12.05, 1) == "12.0")
        #expect(StandardRun.number(-0.4, 0) == "0")
        #expect(StandardRun.number(-1.25, 1) == "-1.3")
    }
}

@Suite struct PageTests {
    private func page(_ measured: String) -> Page {
        Page(
            machine: Machine(
                date: "2026-11-21", cores: 2, processor: "EPYC", memoryGigabytes: 24, kernel: "6.18",
                disk: "ext4 on /dev/vda"),
            commit: "abc1234", command: "make bench",
            lines: [
                Page.Line(
                    title: "a row", target: "≥ 1", measured: measured, isMet: false, limit: "2", command: "fanout")
            ])
    }

    @Test func aNewRunKeepsWhatPeopleHaveWritten() throws {
        let first = self.page("0.5").renewed(nil)
        #expect(first.contains("| a row | ≥ 1 | 0.5 | **no** | 2 | `fanout` |"))
        #expect(first.contains("2026-11-21, commit abc1234, by `make bench`"))
        let written = "Why we measure.\n" + first + "\n## Rows not met\n\nThe disk is slow.\n"
        let second = self.page("0.7").renewed(written)
        #expect(second.hasPrefix("Why we measure.\n"))
        #expect(second.hasSuffix("\n## Rows not met\n\nThe disk is slow.\n"))
        #expect(second.contains("| 0.7 |"))
        #expect(!second.contains("| 0.5 |"))
        #expect(self.page("0.7").renewed(second) == second)
    }

    @Test func aMachineIsReadFromWhatTheKernelSays() {
        #expect(Machine.processor("processor\t: 0\nmodel name\t: AMD EPYC\n") == "AMD EPYC")
        #expect(Machine.processor("") == "unknown")
        let mounts = "/dev/vda / ext4 rw 0 0\ntmpfs /tmp tmpfs rw 0 0\nproc /proc proc rw 0 0\n"
        #expect(Machine.disk(of: "/tmp/x", mounts: mounts) == "tmpfs on tmpfs")
        #expect(Machine.disk(of: "/tmpx", mounts: mounts) == "ext4 on /dev/vda")
    }
}
