import Dispatch
import ParleyStore

/// Waits for what blocks without holding a thread of Swift's own pool.
enum Lane {
    static func wait(for semaphore: DispatchSemaphore) async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                semaphore.wait()
                continuation.resume()
            }
        }
    }
}

extension Store {
    /// Returns when so many jobs wait for the writer.
    func untilWaiting(_ count: Int) async {
        while self.waitingJobs < count { await Task.yield() }
    }
}
