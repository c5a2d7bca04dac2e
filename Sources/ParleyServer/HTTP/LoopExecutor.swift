import NIOCore

/// Runs a request's task on the event loop of its connection, so that a request that finds all it needs in memory never leaves its thread.
/// (Measured in shared/swift.md 3 and 8: a hop between threads costs more than answering the request.)
final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        self.loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
