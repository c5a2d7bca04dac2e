import Testing

@testable import parley

@Suite struct HistogramTests {
    @Test func percentilesAreRightToThreeDigits() {
        var histogram = Histogram()
        for value in 1...100_000 { histogram.record(Int64(value) * 1000) }
        for (quantile, expected) in [(0.5, 50.0), (0.9, 90.0), (0.99, 99.0), (0.999, 99.9), (1.0, 100.0)] {
            let found = histogram.milliseconds(at: quantile)
            #expect(found >= expected * 0.999 && found <= expected * 1.001, "\(quantile): \(found)")
        }
    }

    @Test func theGreatestIsExactAndNothingIsZero() {
        var histogram = Histogram()
        #expect(histogram.milliseconds(at: 0.99) == 0)
        histogram.record(123_456_789)
        histogram.record(1)
        #expect(histogram.milliseconds(at: 1) == 123.456789)
        #expect(histogram.count == 2)
    }

    @Test func whatCannotBeIsCountedAsNothingOrAsTheMost() {
        var histogram = Histogram()
        histogram.record(-5)
        histogram.record(.max)
        #expect(histogram.milliseconds(at: 0.5) == 0)
        #expect(histogram.maximum == UInt64(Int64.max))
    }

    @Test func twoAddUpToOne() {
        var (one, other) = (Histogram(), Histogram())
        for value in 0..<500 { one.record(Int64(value)) }
        for value in 500..<1000 { other.record(Int64(value)) }
        one.add(other)
        #expect(one.count == 1000)
        #expect(one.milliseconds(at: 0.5) == 499e-6)
    }
}
