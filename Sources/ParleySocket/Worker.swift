package import NIOCore
package import ParleyHub

/// A ``Speaker`` that does what takes time. Everything that it holds is touched on the connection's event loop only.
package protocol Worker: Speaker, SendableMetatype {
    /// What is begun at once and ended as a whole.
    associatedtype Work: Sendable

    var reader: Reader { get }
    var loop: any EventLoop { get }
    /// Used by ``waitForRoom()`` alone.
    var isWaitingForRoom: Bool { get set }

    /// Does it, and begins what had to wait for it.
    func run(_ work: Work) async
}

extension Worker {
    /// ``run(_:)`` begins at once. What has been written by its end leaves then.
    package func begin(_ work: Work) {
        let worker = NIOLoopBound(self, eventLoop: self.loop)
        Task.immediate(executorPreference: self.reader.executor) {
            await worker.value.run(work)
            worker.value.reader.flush()
        }
    }

    /// ``outboxHasRoom()`` is called when there may be room: either the channel says when it is writable again, or what is in the way leaves with this tick.
    package func waitForRoom() {
        guard self.reader.isWritable, !self.isWaitingForRoom else { return }
        self.isWaitingForRoom = true
        let worker = NIOLoopBound(self, eventLoop: self.loop)
        self.loop.execute {
            worker.value.isWaitingForRoom = false
            worker.value.outboxHasRoom()
        }
    }
}
