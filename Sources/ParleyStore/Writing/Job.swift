import ParleyCore

/// Something to be done on the writer's thread, inside a transaction, for somebody who waits until it is committed.
protocol Job: AnyObject, Sendable {
    /// For the bound on what may wait.
    var byteCount: Int { get }
    /// The one who waits is answered only when the disk has it.
    var mustBeDurable: Bool { get }
    /// A refusal is the job's own affair: it is kept until the commit. An error thrown here ends the whole batch.
    func run(in batch: Batch) throws
    /// After the commit.
    func finish()
    /// Instead of the commit.
    func fail(_ error: any Error)
}

/// The usual job: a closure, and the continuation of whoever awaits its result.
///
/// Unchecked: `body` and `outcome` are touched on the writer's thread only.
final class WaitingJob<Value: Sendable>: Job, @unchecked Sendable {
    enum Scope {
        /// May throw half way: undone alone, so that its neighbours in the batch stand.
        case isolated
        /// Throws only when the database fails.
        case plain
    }

    let byteCount: Int
    let mustBeDurable: Bool
    private let scope: Scope
    private var body: (@Sendable (Batch) throws -> Value)?
    private let continuation: CheckedContinuation<Value, any Error>
    private var outcome: Result<Value, any Error>?

    init(
        _ scope: Scope, byteCount: Int, mustBeDurable: Bool, continuation: CheckedContinuation<Value, any Error>,
        body: @escaping @Sendable (Batch) throws -> Value
    ) {
        self.scope = scope
        self.byteCount = byteCount
        self.mustBeDurable = mustBeDurable
        self.continuation = continuation
        self.body = body
    }

    func run(in batch: Batch) throws {
        let body = self.body!
        switch self.scope {
        case .plain: self.outcome = .success(try body(batch))
        case .isolated:
            do {
                self.outcome = .success(try batch.isolated(body))
            } catch {
                guard batch.connection.isInTransaction else { throw error }
                self.outcome = .failure(error)
            }
        }
    }

    func finish() {
        // What the closure holds is let go before its owner goes on, so that nothing of his ends on this thread.
        self.body = nil
        self.continuation.resume(with: self.outcome!)
    }

    func fail(_ error: any Error) {
        self.body = nil
        self.continuation.resume(throwing: error)
    }
}

/// Everything that was confirmed while one batch was under way: one row a cursor, however often it moved. A crash may lose it, so it does not
/// make the disk flush.
final class CursorJob: Job {
    let byteCount = 0
    let mustBeDurable = false
    private let cursors: [Cursor]
    private let waiting: [CheckedContinuation<Void, any Error>]
    private let mishap: Mishap

    /// What went wrong with one of the jobs that many cursors were shared out to. Unchecked: touched on the writer's thread only.
    final class Mishap: @unchecked Sendable {
        fileprivate var error: (any Error)?
    }

    /// - Parameter waiting: empty in all but the last of the jobs that share `mishap`.
    init(_ cursors: [Cursor], waiting: [CheckedContinuation<Void, any Error>], mishap: Mishap) {
        self.cursors = cursors
        self.waiting = waiting
        self.mishap = mishap
    }

    func run(in batch: Batch) throws {
        for var cursor in self.cursors {
            guard let page = try batch.book.page(of: cursor.conversation, on: batch.connection) else { continue }
            cursor.sequence = min(cursor.sequence, page.lastSequence)
            try batch.connection.confirm(cursor, inConversation: page.number, now: batch.now)
        }
    }

    func finish() {
        for continuation in self.waiting {
            if let error = self.mishap.error { continuation.resume(throwing: error) } else { continuation.resume() }
        }
    }

    func fail(_ error: any Error) {
        self.mishap.error = error
        self.finish()
    }
}

/// Nothing but the look at what other processes have written, with which every batch begins.
final class LookJob: Job {
    let byteCount = 0
    let mustBeDurable = false
    private let continuation: CheckedContinuation<Void, any Error>

    init(_ continuation: CheckedContinuation<Void, any Error>) { self.continuation = continuation }

    func run(in batch: Batch) {}
    func finish() { self.continuation.resume() }
    func fail(_ error: any Error) { self.continuation.resume(throwing: error) }
}
