import Synchronization

/// A group takes so many messages a second; past that, those of low priority are dropped first.
///
/// Source: facts/tencent-im.md 2.3: first the total, then each priority, 40 a second each. A message that was let through cannot be taken back for a
/// higher one that comes later in the same second, so the rule is: a message passes while those of its own priority *and above* are
/// fewer than the limit.
final class FrequencyControl: Sendable {
    fileprivate struct Key: Hashable {
        let app: AppID
        let group: GroupID
    }

    fileprivate struct Window {
        var second: Int64
        /// Messages let through in this second, by `Priority.rawValue - 1`: high, normal, low, lowest.
        var passed: (Int, Int, Int, Int) = (0, 0, 0, 0)
    }

    private let limit: Int
    private let windows = Mutex<[Key: Window]>([:])

    init(messagesPerSecond: Int) { self.limit = messagesPerSecond }

    func admits(_ priority: Priority, in app: AppID, _ group: GroupID, at now: Timestamp) -> Bool {
        guard self.limit > 0 else { return true }
        return self.windows.withLock { windows in
            if windows.count > 10_000 { windows = windows.filter { $0.value.second == now.seconds } }
            let key = Key(app: app, group: group)
            var window = windows[key] ?? Window(second: now.seconds)
            if window.second != now.seconds { window = Window(second: now.seconds) }
            let passes = window.admits(priority, limit: self.limit)
            windows[key] = window
            return passes
        }
    }
}

extension FrequencyControl.Window {
    fileprivate mutating func admits(_ priority: Priority, limit: Int) -> Bool {
        let (high, normal, low, lowest) = self.passed
        switch priority {
        case .high:
            guard high < limit else { return false }
            self.passed.0 += 1
        case .normal:
            guard high + normal < limit else { return false }
            self.passed.1 += 1
        case .low:
            guard high + normal + low < limit else { return false }
            self.passed.2 += 1
        case .lowest:
            guard high + normal + low + lowest < limit else { return false }
            self.passed.3 += 1
        }
        return true
    }
}
