import Synchronization

/// Looks at threads beside those who say something in them, and tells how they are.
///
/// No sender waits for it, and one thread is looked at after the other. However much is said in a thread before it is looked at, one look is enough; what is
/// said while it is looked at makes one more. So what is told of it last is how it is.
package final class ThreadTeller: Sendable {
    private struct Name: Hashable {
        var app: AppID
        var thread: GroupID
    }

    private struct Look {
        let run: @Sendable () async -> Void
    }

    private struct State {
        var due: [Name: Look] = [:]
        /// Nil: nothing is due.
        var work: Task<Void, Never>?
        var isStopped = false
    }

    private let state = Mutex(State())

    package init() {}

    /// Returns at once.
    ///
    /// - Parameter run: looks, and tells. Of those that are asked for before the thread's turn comes only the last is called.
    package func look(at thread: GroupID, in app: AppID, _ run: @escaping @Sendable () async -> Void) {
        self.state.withLock { state in
            guard !state.isStopped else { return }
            state.due[Name(app: app, thread: thread)] = Look(run: run)
            state.work = state.work ?? Task { await self.work() }
        }
    }

    /// Takes no more. Returns when what was due is told: nothing is after that.
    package func stop() async {
        self.state.withLock { $0.isStopped = true }
        await self.settle()
    }

    /// Returns when nothing is due.
    package func settle() async {
        while let work = self.state.withLock({ $0.work }) { await work.value }
    }

    private func work() async {
        while let due = self.take() {
            for look in due { await look.run() }
        }
    }

    /// Nil: nothing is due, and the work ends.
    private func take() -> [Look]? {
        self.state.withLock { state in
            guard !state.due.isEmpty else {
                state.work = nil
                return nil
            }
            defer { state.due = [:] }
            return Array(state.due.values)
        }
    }
}
