package import ParleyCore
import Synchronization

/// A clock that stands still until a test turns it.
package final class ManualClock: WallClock {
    private let present: Mutex<Timestamp>

    package init(_ start: Timestamp = Timestamp(milliseconds: 1_700_000_000_000)) { self.present = Mutex(start) }

    package func now() -> Timestamp { self.present.withLock { $0 } }
    package func advance(seconds: Int64) { self.advance(milliseconds: seconds * 1000) }
    package func advance(milliseconds: Int64) {
        self.present.withLock { $0 = $0.adding(milliseconds: milliseconds) }
    }
}
