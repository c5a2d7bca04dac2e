import ParleyCore
import Synchronization

/// What waits to be noted and has no transaction of its own: one job takes what has gathered, and makes no disk flush. Bounded; beyond that the newest is lost.
final class HappeningDesk: Chronicle {
    private struct State {
        var waiting: [(app: AppID, body: Happening.Body)] = []
        var byteCount = 0
        /// A job has been added and has not taken yet what waits.
        var isUnderWay = false
        var lost = 0
    }

    private static let limit = 10_000
    private static let byteLimit = 16 << 20
    /// So that ten thousand who connect at once do not keep senders waiting.
    private static let atOnce = 256

    private let state = Mutex(State())
    private let writer: LogWriter
    private let apps: AppBook

    init(_ writer: LogWriter, _ apps: AppBook) {
        self.writer = writer
        self.apps = apps
    }

    /// An App that is not in memory just now: the transaction will see.
    func wants(_ topic: CallbackTopic, in app: AppID) -> Bool { self.apps.app(app)?.settings.wants(topic) ?? true }

    /// How many were lost.
    var lost: Int { self.state.withLock { $0.lost } }

    func note(_ body: Happening.Body, in app: AppID) {
        let mustBegin = self.state.withLock { state in
            guard state.waiting.count < Self.limit, state.byteCount + body.byteCount <= Self.byteLimit else {
                state.lost += 1
                return false
            }
            state.waiting.append((app, body))
            state.byteCount += body.byteCount
            defer { state.isUnderWay = true }
            return !state.isUnderWay
        }
        if mustBegin { self.writer.add(NoteJob(self)) }
    }

    fileprivate func take() -> ArraySlice<(app: AppID, body: Happening.Body)> {
        self.state.withLock { state in
            let some = state.waiting.prefix(Self.atOnce)
            state.waiting.removeFirst(some.count)
            for (_, body) in some { state.byteCount -= body.byteCount }
            return some
        }
    }

    fileprivate func ended(lost count: Int) {
        let goesOn = self.state.withLock { state in
            state.lost += count
            state.isUnderWay = !state.waiting.isEmpty
            return state.isUnderWay
        }
        if goesOn { self.writer.add(NoteJob(self)) }
    }

    /// The writer takes no work just now. What waits goes with whatever comes next.
    fileprivate func stopped() { self.state.withLock { $0.isUnderWay = false } }
}

private final class NoteJob: Job, @unchecked Sendable {
    let byteCount = 0
    let mustBeDurable = false
    private let desk: HappeningDesk
    /// Touched on the writer's thread only. A batch that fails is tried again job by job: with the same.
    private var taken: ArraySlice<(app: AppID, body: Happening.Body)>?

    init(_ desk: HappeningDesk) { self.desk = desk }

    func run(in batch: Batch) throws {
        let taken = self.taken ?? self.desk.take()
        self.taken = taken
        for (app, body) in taken { try batch.note(body, in: app) }
    }

    func finish() { self.desk.ended(lost: 0) }

    func fail(_ error: any Error) {
        guard let taken else { return self.desk.stopped() }
        self.desk.ended(lost: taken.count)
    }
}

extension AppSettings {
    /// Also for a rule that is off: it goes on from where it was.
    func wants(_ topic: CallbackTopic) -> Bool { self.callbacks.contains { $0.topics.contains(topic) } }
}

extension Happening.Body {
    /// About what it takes in memory.
    fileprivate var byteCount: Int {
        switch self {
        case .refused(let send): 512 + 2 * send.message.native.payload.count
        case .thread(let change): 512 + 2 * change.byteCount
        case .group, .read, .deleted, .presence, .contact, .reaction: 512
        }
    }
}

extension ThreadChange {
    fileprivate var byteCount: Int {
        if case .said(let overview) = self.kind { overview.last?.message.native.payload.count ?? 0 } else { 0 }
    }
}
