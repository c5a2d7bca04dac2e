import Benchmark
import ParleyPaths

/// Time, CPU time and memory of the same paths: `make microbench`. Reported, not judged; what is judged is instructions (`make instructions`).
let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = .init(
        metrics: [.wallClock, .cpuTotal, .throughput, .peakMemoryResident, .mallocCountTotal],
        maxDuration: .seconds(5), maxIterations: 2000)

    for dialect in ["rongcloud", "easemob", "tencent"] {
        for onDisk in [false, true] {
            Benchmark("send, \(dialect), \(onDisk ? "SQLite with flushes" : "SQLite in memory")") { benchmark in
                let path = try await SendPath(dialect, onDisk: onDisk)
                benchmark.startMeasurement()
                try await path.run(100)
                benchmark.stopMeasurement()
                path.close()
            }
        }
    }
    for perTick in [1, 16] {
        Benchmark("fan-out to 100 readers, \(perTick) a tick") { benchmark in
            let path = try await FanOutPath(readers: 100)
            benchmark.startMeasurement()
            try await path.run(160, perTick: perTick)
            benchmark.stopMeasurement()
            await path.close()
        }
    }
}
