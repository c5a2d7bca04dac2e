import Synchronization

/// Who follows the log now, by name. Begun, ended and begun anew as what the Apps want changes.
///
/// `Wish` is all that a follower was begun with: when it is another, the follower is.
package final class Followers<Name: Hashable & Sendable, Wish: Equatable & Sendable>: Sendable {
    private struct Running {
        let wish: Wish
        let bell: AsyncStream<Void>.Continuation
        let task: Task<Void, Never>
    }

    private struct State {
        var running: [Name: Running] = [:]
        /// So that two who look at once do not begin the same twice.
        var beginning: Set<Name> = []
        var isStopped = false
    }

    private let state = Mutex(State())
    /// So that a commit costs nothing where nobody follows.
    private let isAnybody = Atomic(false)

    package init() {}

    /// Something was committed: the log is looked at.
    package func ring() {
        guard self.isAnybody.load(ordering: .acquiring) else { return }
        self.state.withLock { for one in $0.running.values { one.bell.yield() } }
    }

    /// - Parameter begin: what follows until its bell ends. Nil: it cannot begin yet, and is asked again the next time.
    package func change(
        to wishes: [Name: Wish],
        _ begin: (Name, Wish) async -> (@Sendable (_ bell: AsyncStream<Void>) async -> Void)?
    ) async {
        await self.end { name, one in wishes[name] != one.wish }
        for (name, wish) in wishes where self.mayBegin(name) {
            let follow = await begin(name, wish)
            self.state.withLock { state in
                state.beginning.remove(name)
                guard let follow, !state.isStopped else { return }
                let (rings, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
                let task = Task { await follow(rings) }
                state.running[name] = Running(wish: wish, bell: bell, task: task)
            }
        }
        self.isAnybody.store(self.state.withLock { !$0.running.isEmpty }, ordering: .releasing)
    }

    private func mayBegin(_ name: Name) -> Bool {
        self.state.withLock { state in
            !state.isStopped && state.running[name] == nil && state.beginning.insert(name).inserted
        }
    }

    /// Nothing is begun any more; what is under way is waited for.
    package func stop() async {
        self.state.withLock { $0.isStopped = true }
        await self.end { _, _ in true }
    }

    private func end(_ mustEnd: (Name, Running) -> Bool) async {
        let ended = self.state.withLock { state in
            let ended = state.running.filter { mustEnd($0.key, $0.value) }
            for name in ended.keys { state.running[name] = nil }
            return ended
        }
        for one in ended.values { one.bell.finish() }
        for one in ended.values { await one.task.value }
    }
}
