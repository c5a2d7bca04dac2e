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
    }

    private struct Window {
        var start: Int64
        var used: Int
    }

    private let clock: any WallClock
    private let isOn: Bool
    /// For every App, before the App's own ``AppSettings/rates``.
    private let replacements: [String: Int]
    private let windows = Mutex<[Key: Window]>([:])

    package init(clock: any WallClock, isOn: Bool = true, replacements: [String: Int] = [:]) {
        self.clock = clock
        self.isOn = isOn
        self.replacements = replacements
    }

    /// Whether `cost` more fit into the App's present window. If they do, they are counted; if not, nothing is.
    package func admits(_ cost: Int = 1, of limit: Limit, for app: App) -> Bool {
        guard self.isOn else { return true }
        let count = app.settings.rates[limit.name] ?? self.replacements[limit.name] ?? limit.count
        guard count > 0 else { return true }
        let start = self.clock.now().seconds / limit.seconds
        return self.windows.withLock { windows in
            let key = Key(app: app.id, name: limit.name)
            var window = windows[key] ?? Window(start: start, used: 0)
            if window.start != start { window = Window(start: start, used: 0) }
            guard window.used + cost <= count else { return false }
            window.used += cost
            windows[key] = window
            return true
        }
    }
}
