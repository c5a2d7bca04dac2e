import CoreMetrics
import ParleyServer
import Testing

struct PrometheusTests {
    @Test func seriesOfOneNameStandTogetherWithTheirLabels() {
        let metrics = PrometheusMetrics()
        metrics.makeCounter(label: "sends", dimensions: [("dialect", "tencent")]).increment(by: 2)
        metrics.makeCounter(label: "sends", dimensions: [("dialect", "a\"b\\c\nd")]).increment(by: 1)
        metrics.makeCounter(label: "sends", dimensions: [("dialect", "tencent")]).increment(by: 3)
        #expect(
            metrics.text() == """
                # TYPE sends counter
                sends{dialect="tencent"} 5
                sends{dialect="a\\"b\\\\c\\nd"} 1

                """)
    }

    @Test func timersAreHistogramsInSeconds() {
        let metrics = PrometheusMetrics()
        let timer = metrics.makeTimer(label: "took.seconds", dimensions: [])
        timer.recordNanoseconds(2_000_000)
        timer.recordNanoseconds(9_000_000_000)
        let text = metrics.text()
        #expect(text.contains("# TYPE took_seconds histogram\n"))
        #expect(text.contains("took_seconds_bucket{le=\"0.001\"} 0\n"))
        #expect(text.contains("took_seconds_bucket{le=\"0.0025\"} 1\n"))
        #expect(text.contains("took_seconds_bucket{le=\"+Inf\"} 2\n"))
        #expect(text.contains("took_seconds_count 2\n"))
    }
}
