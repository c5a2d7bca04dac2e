import Glibc

/// The clock that latencies are measured by, in nanoseconds: the same for all processes of this machine.
enum Monotonic {
    static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    static func seconds(_ seconds: Double) -> Int64 { Int64(seconds * 1e9) }
}
