package import CoreMetrics
import Synchronization

/// Everything measured through swift-metrics, as Prometheus text.
///
/// Counters and gauges are single numbers; recorders and timers become histograms with fixed bounds (timers in seconds).
package final class PrometheusMetrics: MetricsFactory {
    private let series = Mutex<[String: [Series]]>([:])

    package init() {}

    /// The exposition format, version 0.0.4: series of one name together, in the order of the names.
    package func text() -> String {
        let series = self.series.withLock { $0 }
        var result = ""
        for name in series.keys.sorted() {
            guard let group = series[name], let first = group.first else { continue }
            result += "# TYPE \(name) \(first.type)\n"
            for item in group { item.write(to: &result, name: name) }
        }
        return result
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        self.register(label, CounterSeries(labels: dimensions))
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        self.register(label, GaugeSeries(labels: dimensions, type: "counter"))
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        self.register(label, GaugeSeries(labels: dimensions, type: "gauge"))
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate { return self.register(label, HistogramSeries(labels: dimensions, isTimer: false)) }
        return self.register(label, GaugeSeries(labels: dimensions, type: "gauge"))
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        self.register(label, HistogramSeries(labels: dimensions, isTimer: true))
    }

    package func destroyCounter(_ handler: any CounterHandler) { self.forget(handler) }
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { self.forget(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { self.forget(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { self.forget(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { self.forget(handler) }

    /// The same name and labels are the same series, however often they are made.
    private func register<S: Series>(_ label: String, _ made: S) -> S {
        let name = String(label.map { $0.isLetter || $0.isNumber || $0 == "_" || $0 == ":" ? $0 : "_" })
        return self.series.withLock { series in
            if let known = series[name]?.first(where: { $0.labels == made.labels }) as? S { return known }
            series[name, default: []].append(made)
            return made
        }
    }

    private func forget(_ handler: AnyObject) {
        self.series.withLock { series in
            for name in series.keys { series[name]?.removeAll { $0 === handler } }
        }
    }
}

private class Series: @unchecked Sendable {
    // @unchecked: `labels` is set once; subclasses guard what changes.
    let labels: String

    init(labels: [(String, String)]) {
        self.labels = labels.map { name, value in
            let escaped = value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
            return "\(name)=\"\(escaped)\""
        }.joined(separator: ",")
    }

    var type: String { "untyped" }
    func write(to text: inout String, name: String) {}

    final func line(_ name: String, extra: String = "", _ value: String) -> String {
        let labels = [self.labels, extra].filter { !$0.isEmpty }.joined(separator: ",")
        return labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
    }
}

private final class CounterSeries: Series, CounterHandler, @unchecked Sendable {
    private let value = Atomic<Int64>(0)

    override var type: String { "counter" }
    func increment(by amount: Int64) { self.value.wrappingAdd(amount, ordering: .relaxed) }
    func reset() { self.value.store(0, ordering: .relaxed) }
    override func write(to text: inout String, name: String) {
        text += self.line(name, String(self.value.load(ordering: .relaxed)))
    }
}

private final class GaugeSeries: Series, MeterHandler, RecorderHandler, FloatingPointCounterHandler, @unchecked Sendable
{
    private let value = Mutex<Double>(0)
    private let kind: String

    init(labels: [(String, String)], type: String) {
        self.kind = type
        super.init(labels: labels)
    }

    override var type: String { self.kind }
    func set(_ value: Int64) { self.value.withLock { $0 = Double(value) } }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func increment(by amount: Double) { self.value.withLock { $0 += amount } }
    func decrement(by amount: Double) { self.value.withLock { $0 -= amount } }
    func record(_ value: Int64) { self.set(value) }
    func record(_ value: Double) { self.set(value) }
    func reset() { self.set(Int64(0)) }
    override func write(to text: inout String, name: String) {
        let value = self.value.withLock { $0 }
        text += self.line(name, value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)")
    }
}

private final class HistogramSeries: Series, RecorderHandler, TimerHandler, @unchecked Sendable {
    private struct State {
        var counts = [Int64](repeating: 0, count: HistogramSeries.secondsBounds.count + 1)
        var sum = 0.0
    }

    static let secondsBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
    static let plainBounds: [Double] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000]
    private let bounds: [Double]
    private let state = Mutex(State())

    init(labels: [(String, String)], isTimer: Bool) {
        self.bounds = isTimer ? Self.secondsBounds : Self.plainBounds
        super.init(labels: labels)
    }

    override var type: String { "histogram" }
    func record(_ value: Int64) { self.record(Double(value)) }
    func recordNanoseconds(_ duration: Int64) { self.record(Double(duration) / 1e9) }
    func record(_ value: Double) {
        let bucket = self.bounds.firstIndex { value <= $0 } ?? self.bounds.count
        self.state.withLock {
            $0.counts[bucket] += 1
            $0.sum += value
        }
    }

    override func write(to text: inout String, name: String) {
        let state = self.state.withLock { $0 }
        var total: Int64 = 0
        for (index, count) in state.counts.enumerated() {
            total += count
            let bound = index < self.bounds.count ? "\(self.bounds[index])" : "+Inf"
            text += self.line(name + "_bucket", extra: "le=\"\(bound)\"", String(total))
        }
        text += self.line(name + "_sum", "\(state.sum)")
        text += self.line(name + "_count", String(total))
    }
}
