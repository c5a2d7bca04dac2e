import Foundation
import ParleyCore
import Synchronization

/// The one thread that writes.
///
/// A commit costs one disk flush whatever its size, so everything that arrives while one flush is under way goes into the next. Nobody waits for a
/// timer: when nothing is under way, a lone job is flushed at once. A sender resumes only when its own entry is on disk.
final class LogWriter: Sendable {
    private let queue: JobQueue
    /// Never changed, and only compared with the current one.
    private nonisolated(unsafe) let thread: Thread
    private let ended = DispatchSemaphore(value: 0)
    let counters = StoreCounters()
    let recent = RecentLog()

    init(
        _ database: SQLiteDatabase, _ configuration: StoreConfiguration, clock: any WallClock,
        identifiers: MessageIDSource, signals: any Signals, cache: DirectoryCache
    ) {
        let queue = JobQueue(jobLimit: configuration.waitingJobLimit, byteLimit: configuration.waitingByteLimit)
        self.queue = queue
        self.thread = Thread { [ended, counters, recent] in
            let loop = WriterLoop(
                database: database, clock: clock, identifiers: identifiers, signals: signals, cache: cache,
                counters: counters, recent: recent)
            while let jobs = queue.take() { loop.process(jobs) }
            try? database.close()
            ended.signal()
        }
        self.thread.name = "parley.store"
        self.thread.start()
    }

    var waitingJobs: Int { self.queue.count }

    func run<Value: Sendable>(
        _ scope: WaitingJob<Value>.Scope, byteCount: Int = 0, mustBeDurable: Bool = true,
        _ body: @escaping @Sendable (Batch) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            self.queue.add(
                WaitingJob(
                    scope, byteCount: byteCount, mustBeDurable: mustBeDurable, continuation: continuation, body: body))
        }
    }

    func add(_ job: any Job) { self.queue.add(job) }

    func confirm(_ cursors: [Cursor]) async throws {
        try await withCheckedThrowingContinuation { self.queue.confirm(cursors, $0) }
    }

    /// Returns when what other processes have written so far is no longer hidden by what is remembered here.
    func lookForOthers() async throws {
        try await withCheckedThrowingContinuation { self.queue.add(LookJob($0)) }
    }

    /// Takes no more work; what waits is done, then the database is closed.
    func stop() { self.queue.close() }

    /// Blocks until all is done and closed.
    func join() {
        // Whoever is called back on the writer's thread cannot wait for its end.
        guard Thread.current != self.thread else { return }
        self.ended.wait()
        self.ended.signal()
    }
}

/// What the writer's thread has to itself.
private final class WriterLoop {
    private let database: SQLiteDatabase
    private let clock: any WallClock
    private let identifiers: MessageIDSource
    private let signals: any Signals
    private let cache: DirectoryCache
    private let counters: StoreCounters
    private let recent: RecentLog
    private let book = ConversationBook()
    private let repeats = RepeatBook()
    private let audience = EventAudience()
    private var dataVersion: Int64?
    private var flushes = true

    init(
        database: SQLiteDatabase, clock: any WallClock, identifiers: MessageIDSource, signals: any Signals,
        cache: DirectoryCache, counters: StoreCounters, recent: RecentLog
    ) {
        self.recent = recent
        self.database = database
        self.clock = clock
        self.identifiers = identifiers
        self.signals = signals
        self.cache = cache
        self.counters = counters
    }

    func process(_ jobs: [any Job]) {
        guard !jobs.isEmpty else { return }
        do {
            let batch = try self.commit(jobs)
            if jobs.contains(where: \.mustBeDurable) {
                self.counters.add(commits: 1, entries: batch.commit.entries.count)
            }
            self.cache.apply(batch.changes)
            if batch.altersTheLog { self.recent.forget() }
            self.recent.append(batch.commit.entries, batch.happenings)
            if !batch.commit.isEmpty { self.signals.committed(batch.commit) }
            for job in jobs { job.finish() }
        } catch let error as SQLiteDatabase.NotBegun {
            for job in jobs { job.fail(error.cause) }
        } catch {
            self.book.forget()
            self.repeats.forget()
            guard jobs.count > 1 else { return jobs[0].fail(error) }
            // One of them may be at fault, and the others must not suffer for it.
            for job in jobs { self.process([job]) }
        }
    }

    private func commit(_ jobs: [any Job]) throws -> Batch {
        try self.setFlushes(jobs.contains { $0.mustBeDurable })
        let batch = try self.database.transaction { connection in
            try self.noticeOthers(on: connection)
            let batch = Batch(
                connection: connection, book: self.book, repeats: self.repeats, now: self.clock.now(),
                identifiers: self.identifiers, apps: self.cache.apps, audience: self.audience)
            for job in jobs { try job.run(in: batch) }
            try self.book.save(on: connection)
            return batch
        }
        self.book.committed()
        self.repeats.committed(through: batch.commit.entries.last?.id, now: batch.now)
        return batch
    }

    /// Another process has written to the file: nothing that is remembered is certain any more. Inside the transaction, when nobody else can
    /// write: so even two servers on one file, which is no way to run them, number their messages correctly.
    private func noticeOthers(on connection: SQLConnection) throws {
        let version = try connection.first("PRAGMA data_version") { $0.int(0) }
        defer { self.dataVersion = version }
        guard self.dataVersion != version else { return }
        self.book.forget()
        self.repeats.forget()
        self.audience.forget()
        self.cache.forget()
        self.recent.forget()
        if let greatest = try connection.greatestID() { self.identifiers.advance(past: greatest) }
    }

    private func setFlushes(_ flushes: Bool) throws {
        guard flushes != self.flushes else { return }
        try self.database.setFlushes(flushes)
        self.flushes = flushes
    }
}

/// What the writer has done, for metrics and tests.
package final class StoreCounters: Sendable {
    private let state = Mutex((commits: 0, entries: 0))

    package var commits: Int { self.state.withLock { $0.commits } }
    package var entries: Int { self.state.withLock { $0.entries } }

    func add(commits: Int, entries: Int) {
        self.state.withLock {
            $0.commits += commits
            $0.entries += entries
        }
    }
}
