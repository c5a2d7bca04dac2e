package import ParleyCore
import Synchronization

/// Counts what an App does in a window of time, as vendors do: so many in each second (or minute), counted from the window's start.
package final class RateLimiter: Sendable {
    package struct Limit: Hashable, Sendable {
        /// Also the name of the setting that replaces it: `rongcloud.group-message`.
        package var name: String
        /// 0: no limit.
        package var count: Int
        package var seconds: Int64

        package init(_ name: String, _ count: Int, perSeconds seconds: Int64 = 1) {
            self.name = name
            self.count = count
            self.seconds = seconds
        }
    }

    private struct Key: Hashable {
        var app: AppID
        var name: String
        var whose: String
    }

    private struct Window {
        var start: Int64
        var used: Int
        /// When nothing needs to be known of it any more.
        var endsAtSeconds: Int64
    }

    private struct Windows {
        var open: [Key: Window] = [:]
        /// There are as many windows as callers: when there are this many, those that have ended go.
        var sweepAt = Windows.sweepAtLeast
        static let sweepAtLeast = 10_000

        mutating func sweep(_ now: Int64) {
            guard self.open.count >= self.sweepAt else { return }
            self.open = self.open.filter { $0.value.endsAtSeconds > now }
            self.sweepAt = max(Self.sweepAtLeast, self.open.count * 2)
        }
    }

    private let clock: any WallClock
    private let isOn: Bool
    /// For every App, before the App's own ``AppSettings/rates``.
    private let replacements: [String: Int]
    private let windows = Mutex(Windows())

    package init(clock: any WallClock, isOn: Bool = true, replacements: [String: Int] = [:]) {
        self.clock = clock
        self.isOn = isOn
        self.replacements = replacements
    }

    /// Windows that are held, for tests.
    var windowCount: Int { self.windows.withLock { $0.open.count } }

    /// Whether `cost` more fit into the App's present window. If they do, they are counted; if not, nothing is.
    ///
    /// - Parameter whose: the limit holds for each of these; empty: for the App as a whole.
    package func admits(_ cost: Int = 1, of limit: Limit, for app: App, by whose: String = "") -> Bool {
        guard self.isOn else { return true }
        let count = app.settings.rates[limit.name] ?? self.replacements[limit.name] ?? limit.count
        guard count > 0 else { return true }
        let now = self.clock.now().seconds
        let start = now / limit.seconds
        return self.windows.withLock { windows in
            let key = Key(app: app.id, name: limit.name, whose: whose)
            var window = Window(start: start, used: 0, endsAtSeconds: (start + 1) * limit.seconds)
            if let known = windows.open[key], known.start == start { window = known }
            guard window.used + cost <= count else { return false }
            window.used += cost
            windows.open[key] = window
            windows.sweep(now)
            return true
        }
    }
}
