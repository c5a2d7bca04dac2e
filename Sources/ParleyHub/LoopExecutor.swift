package import NIOCore

/// Runs a task on the event loop of the connection that it is for, so that a request that finds all it needs in memory never leaves its thread.
/// (Measured in shared/swift.md 3 and 8: a hop between threads costs more than answering the request.)
package final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    package init(_ loop: any EventLoop) { self.loop = loop }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        self.loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
