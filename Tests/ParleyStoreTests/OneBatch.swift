import Dispatch
import ParleyCore
import ParleyStore
import Synchronization

extension Scene {
    /// Runs all of these so that they are in one transaction, in this order: another commit is held until they have all got in line.
    func inOneBatch<Value: Sendable>(_ jobs: [@Sendable () async throws -> Value]) async throws -> [Value] {
        let release = DispatchSemaphore(value: 0)
        let draft = self.draft("holds the batch", to: "aside")
        await withCheckedContinuation { continuation in
            self.signals.holdNextCommit {
                continuation.resume()
                release.wait()
            }
            Task { try await self.store.append(draft) }
        }
        // Each runs up to where it waits for the writer before the next one begins.
        let tasks = jobs.map { job in Task(executorPreference: StartsAtOnce()) { try await job() } }
        release.signal()
        var values: [Value] = []
        for task in tasks { values.append(try await task.value) }
        return values
    }
}

/// Runs a task's first part where the task is made, up to its first suspension, and the rest as usual.
private final class StartsAtOnce: TaskExecutor {
    private let hasStarted = Atomic(false)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        guard self.hasStarted.exchange(true, ordering: .relaxed) else {
            return job.runSynchronously(on: self.asUnownedTaskExecutor())
        }
        DispatchQueue.global().async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
