/// Durations in nanoseconds, to three significant digits at least, in a fixed amount of memory: counts by power of two, each in 1,024 steps, as
/// HdrHistogram has it.
///
/// Not the package hdrhistogram-swift (0.2.0 was tried, and works): for these lines every build of Parley would fetch and compile swift-numerics too, and
/// fetch the DocC plugin.
struct Histogram: Sendable {
    private static let stepBits = 10
    private var counts = [UInt64](repeating: 0, count: (64 - Self.stepBits) << Self.stepBits)
    private(set) var count: UInt64 = 0
    private(set) var maximum: UInt64 = 0

    @inline(__always)
    mutating func record(_ nanoseconds: Int64) {
        let value = UInt64(max(0, nanoseconds))
        self.counts[Self.index(of: value)] &+= 1
        self.count &+= 1
        self.maximum = max(self.maximum, value)
    }

    mutating func add(_ other: Histogram) {
        for index in self.counts.indices { self.counts[index] += other.counts[index] }
        self.count += other.count
        self.maximum = max(self.maximum, other.maximum)
    }

    mutating func clear() { self = Histogram() }

    /// The greatest duration among the `quantile` that are shortest, in milliseconds; 0 when there are none.
    func milliseconds(at quantile: Double) -> Double {
        let rank = UInt64((Double(self.count) * quantile).rounded(.up))
        guard rank > 0 else { return 0 }
        var seen: UInt64 = 0
        for (index, count) in self.counts.enumerated() where count > 0 {
            seen += count
            if seen >= rank { return Double(min(Self.upperBound(of: index), self.maximum)) / 1e6 }
        }
        return Double(self.maximum) / 1e6
    }

    @inline(__always)
    private static func index(of value: UInt64) -> Int {
        let magnitude = max(0, 64 - value.leadingZeroBitCount - self.stepBits - 1)
        return magnitude &<< self.stepBits &+ Int(truncatingIfNeeded: value &>> UInt64(magnitude))
    }

    private static func upperBound(of index: Int) -> UInt64 {
        let magnitude = max(0, index >> self.stepBits - 1)
        let step = UInt64(index - magnitude << self.stepBits)
        return (step + 1) << UInt64(magnitude) - 1
    }
}
