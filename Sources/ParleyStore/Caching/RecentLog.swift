import ParleyCore
import Synchronization

/// The end of the log in memory, for those who follow it: who keeps up reads nothing from the disk, and ten followers cost hardly more than one.
///
/// It holds what this process has committed, in the order of ids, from some id on without a gap; what is before that is in the database.
final class RecentLog: Sendable {
    private struct State {
        /// Those before ``start`` are gone.
        var occurrences: [Occurrence] = []
        var start = 0
        var byteCount = 0
        /// Everything after this is here. Nil: nothing is, yet.
        var beginsAfter: MessageID?
    }

    private static let limit = 2048
    private static let byteLimit = 16 << 20

    /// Nobody follows: nothing is kept.
    private let isFollowed = Atomic(false)
    private let state = Mutex(State())

    /// On the writer's thread, after each commit and before anybody is told of it.
    func append(_ entries: [Entry], _ happenings: [Happening]) {
        guard self.isFollowed.load(ordering: .acquiring), !entries.isEmpty || !happenings.isEmpty else { return }
        var added = entries.map { Occurrence.entry($0) }
        if !happenings.isEmpty {
            added = (added + happenings.map { .happening($0) }).sorted { $0.id < $1.id }
        }
        self.state.withLock { state in
            state.beginsAfter = state.beginsAfter ?? MessageID(rawValue: added[0].id.rawValue - 1)
            state.occurrences += added
            state.byteCount += added.reduce(0) { $0 + $1.byteCount }
            Self.trim(&state)
        }
    }

    private static func trim(_ state: inout State) {
        while state.occurrences.count - state.start > Self.limit || state.byteCount > Self.byteLimit {
            let oldest = state.occurrences[state.start]
            state.byteCount -= oldest.byteCount
            state.beginsAfter = oldest.id
            state.start += 1
        }
        guard state.start > 64, state.start > state.occurrences.count / 2 else { return }
        state.occurrences.removeFirst(state.start)
        state.start = 0
    }

    /// What is here is no longer certain to be all there is (another process has written), or as it is now (something was recalled or edited).
    func forget() { self.state.withLock { $0 = State() } }

    /// As ``CallbackBook/occurrences(in:after:limit:)``. Nil: it is in the database.
    func occurrences(
        in app: AppID, after: MessageID, limit: Int
    ) -> (occurrences: [Occurrence], through: MessageID)? {
        self.isFollowed.store(true, ordering: .releasing)
        return self.state.withLock { state in
            guard let beginsAfter = state.beginsAfter, after >= beginsAfter else { return nil }
            let first = Self.index(after: after, in: state.occurrences[state.start...])
            let some = state.occurrences[first...].prefix(limit)
            return (some.filter { $0.conversation.app == app }, some.last?.id ?? after)
        }
    }

    private static func index(after id: MessageID, in occurrences: ArraySlice<Occurrence>) -> Int {
        var (low, high) = (occurrences.startIndex, occurrences.endIndex)
        while low < high {
            let middle = (low + high) / 2
            if occurrences[middle].id <= id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension Occurrence {
    /// About what it takes in memory.
    fileprivate var byteCount: Int {
        switch self {
        case .entry(let entry): 512 + 2 * (entry.message?.native.payload.count ?? 0)
        case .happening: 1024
        }
    }
}
