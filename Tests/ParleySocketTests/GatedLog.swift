import ParleyCore
import ParleyTesting
import Synchronization

/// Stands before a log: appends wait until a test lets them through, and are counted.
final class GatedLog: Log, Sendable {
    struct Broken: Error, CustomStringConvertible {
        var description: String { "broken" }
    }

    private struct State {
        var isShut = false
        var isBroken = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        /// How many drafts each append had.
        var batches: [Int] = []
        var arrivals: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())
    private let log = Mutex<(any Log)?>(nil)

    private var inner: any Log { self.log.withLock { $0! } }

    /// The bench's core, but for its log.
    func core(before bench: Bench) -> Core {
        let core = bench.core
        self.log.withLock { $0 = core.log }
        return Core(
            directory: core.directory, log: self, places: core.places, files: core.files, signals: core.signals,
            presence: core.presence, push: core.push, callbacks: core.callbacks, clock: core.clock,
            identifiers: core.identifiers)
    }

    var batches: [Int] { self.state.withLock { $0.batches } }

    func shut() { self.state.withLock { $0.isShut = true } }
    func breaks() { self.state.withLock { $0.isBroken = true } }

    func open() {
        let waiting = self.state.withLock { state in
            state.isShut = false
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Returns when so many appends have come.
    func arrived(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = self.state.withLock { state in
                if state.batches.count >= count { return true }
                state.arrivals.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    func append(_ drafts: [Draft]) async throws -> [Receipt] {
        let isBroken = self.state.withLock { $0.isBroken }
        if isBroken { throw Broken() }
        let arrived = self.state.withLock { state in
            state.batches.append(drafts.count)
            let arrived = state.arrivals.filter { $0.count <= state.batches.count }
            state.arrivals.removeAll { $0.count <= state.batches.count }
            return arrived
        }
        for arrival in arrived { arrival.continuation.resume() }
        await withCheckedContinuation { continuation in
            let mayPass = self.state.withLock { state in
                if state.isShut { state.waiting.append(continuation) }
                return !state.isShut
            }
            if mayPass { continuation.resume() }
        }
        return try await self.inner.append(drafts)
    }

    func entries(of conversation: ConversationID, after: UInt64, limit: Int) async throws -> [Entry] {
        try await self.inner.entries(of: conversation, after: after, limit: limit)
    }
    func entries(of conversation: ConversationID, upTo: UInt64?, limit: Int) async throws -> [Entry] {
        try await self.inner.entries(of: conversation, upTo: upTo, limit: limit)
    }
    func entry(_ id: MessageID, in app: AppID) async throws -> Entry? { try await self.inner.entry(id, in: app) }
    func entry(_ sequence: UInt64, of conversation: ConversationID) async throws -> Entry? {
        try await self.inner.entry(sequence, of: conversation)
    }
    func lastSequence(of conversation: ConversationID) async throws -> UInt64 {
        try await self.inner.lastSequence(of: conversation)
    }
    func positions(
        of user: UserID, device: DeviceID, in app: AppID, retainedSince: Timestamp
    ) async throws -> [Position] {
        try await self.inner.positions(of: user, device: device, in: app, retainedSince: retainedSince)
    }
    func begin(
        _ device: DeviceID, of user: UserID, in app: AppID, retainedSince: Timestamp
    ) async throws -> [Position] {
        try await self.inner.begin(device, of: user, in: app, retainedSince: retainedSince)
    }
    func reached(by users: [UserID], in conversation: ConversationID) async throws -> [UserID: UInt64] {
        try await self.inner.reached(by: users, in: conversation)
    }

    func confirm(_ cursors: [Cursor]) async throws { try await self.inner.confirm(cursors) }
}
