import ParleyCore
import ParleyJSON
import Synchronization

/// How much happens in a second: what was counted since a while ago, whoever asks.
final class Pulse: Sendable {
    private struct Beat: Sendable {
        var at: ContinuousClock.Instant
        var entries: Int
        var deliveries: Int
    }

    /// Over so long at least, unless nobody has asked before.
    private static let shortest = Duration.seconds(1)
    private static let longest = Duration.seconds(10)

    private let beats = Mutex<[Beat]>([])

    func perSecond(_ reading: HealthReading) -> (entries: Double, deliveries: Double) {
        let now = ContinuousClock.now
        return self.beats.withLock { beats in
            beats.removeAll { now - $0.at > Self.longest }
            if beats.last.map({ now - $0.at >= Self.shortest }) ?? true {
                beats.append(Beat(at: now, entries: reading.entries, deliveries: reading.deliveries))
            }
            guard let first = beats.first, now - first.at >= .milliseconds(100) else { return (0, 0) }
            let seconds = (now - first.at).milliseconds / 1000
            return (
                Double(reading.entries - first.entries) / seconds,
                Double(reading.deliveries - first.deliveries) / seconds
            )
        }
    }
}

/// What `GET health` says.
struct HealthReport: Sendable {
    private let uptimeSeconds: Int64
    private let reading: HealthReading
    private let rates: (entries: Double, deliveries: Double)
    private let followers: [Follower]
    private let journal: Journal.Size

    private struct Follower: Sendable {
        var name: String
        var app: AppID
        /// In time: how much older what it has come to is than the newest there is.
        var lagMilliseconds: Int64
    }

    init(_ visit: Visit) async throws {
        let context = visit.context
        self.uptimeSeconds = (context.core.clock.now().milliseconds - context.startedAt.milliseconds) / 1000
        self.reading = context.health()
        self.rates = visit.console.pulse.perSecond(self.reading)
        self.followers = try await Self.followers(context)
        self.journal = visit.console.journal.size
    }

    private static func followers(_ context: ConsoleContext) async throws -> [Follower] {
        let end = try await context.callbacks.end()
        var followers: [Follower] = []
        func add(_ name: String, _ app: App, _ progress: MessageID?) {
            guard let progress else { return }
            let lag = progress < end ? max(0, end.sentAt.milliseconds - progress.sentAt.milliseconds) : 0
            followers.append(Follower(name: name, app: app.id, lagMilliseconds: lag))
        }
        for app in try await context.core.directory.apps() {
            for rule in app.settings.callbacks where rule.isOn && rule.topics != [.beforeMessage] {
                add("callback \(rule.name)", app, try await context.callbacks.progress(of: rule.name, in: app.id))
            }
            for provider in app.settings.pushProviders where provider.isOn {
                add("push \(provider.name)", app, try await context.pushes.pushProgress(of: provider.name, in: app.id))
            }
        }
        return followers
    }

    static let members = [
        Field("uptimeSeconds", .integer), Field("connections", .integer), Field("messagesPerSecond", .number),
        Field("deliveriesPerSecond", .number),
        .optional(
            "deliveryMilliseconds", .object([Field("p50", .integer), Field("p99", .integer)]),
            "of late, from the log to the sockets"),
        Field(
            "followers",
            .list(.object([Field("name"), Field("app"), Field("lag", .integer, "milliseconds behind the log")]))),
        Field("storeBytes", .integer), Field("walBytes", .integer), Field("residentBytes", .integer),
        Field(
            "journal",
            .object([
                Field("calls", .integer), Field("messages", .integer), Field("bytes", .integer),
                Field("waiting", .integer, "feeds that wait for news"),
            ]),
            "what is kept for the feed"),
    ]
}

extension JSONWriter {
    mutating func members(of report: HealthReport) { report.write(into: &self) }
}

extension HealthReport {
    fileprivate func write(into json: inout JSONWriter) {
        json.field("uptimeSeconds", self.uptimeSeconds)
        json.field("connections", self.reading.connections)
        json.field("messagesPerSecond", self.rates.entries)
        json.field("deliveriesPerSecond", self.rates.deliveries)
        if let (median, p99) = self.reading.deliveryMilliseconds {
            json.field("deliveryMilliseconds") { json in
                json.object {
                    $0.field("p50", median)
                    $0.field("p99", p99)
                }
            }
        }
        json.field("followers") { json in
            json.array(self.followers) { json, follower in
                json.object {
                    $0.field("name", follower.name)
                    $0.field("app", follower.app.rawValue)
                    $0.field("lag", follower.lagMilliseconds)
                }
            }
        }
        json.field("storeBytes", self.reading.storeBytes)
        json.field("walBytes", self.reading.walBytes)
        json.field("residentBytes", self.reading.residentBytes)
        json.field("journal") { json in
            json.object {
                $0.field("calls", self.journal.calls)
                $0.field("messages", self.journal.messages)
                $0.field("bytes", self.journal.bytes)
                $0.field("waiting", self.journal.waiting)
            }
        }
    }
}
