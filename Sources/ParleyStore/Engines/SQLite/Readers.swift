import Dispatch
import Foundation
import GRDB
import Synchronization

/// A few threads that read. A read costs its caller one hop there and one back; through GRDB's queues it was twice as many, more than half of what ten thousand
/// clients cost that come back at once.
///
/// What waits together is read in one transaction: it sees one moment of the database, which is later than each was asked.
final class Readers: Sendable {
    typealias Work = @Sendable (Swift.Result<Database, any Error>) -> Void

    private let queue: ReadQueue
    private let threads = DispatchGroup()

    init(_ connections: any DatabaseReader, threads: Int) {
        let queue = ReadQueue(threads: threads)
        self.queue = queue
        for number in 0..<threads {
            self.threads.enter()
            let thread = Thread { [threads = self.threads] in
                while let works = queue.take() { Self.run(works, on: connections) }
                threads.leave()
            }
            thread.name = "parley.read.\(number)"
            thread.start()
        }
    }

    deinit { self.queue.close() }

    func run(_ work: @escaping Work) {
        if !self.queue.add(work) { work(.failure(StoreFault.closed)) }
    }

    /// What waits is still read. Blocks until it is: the connections may be closed then. Not to be called by somebody who was just read for, on one of the threads.
    func close() {
        self.queue.close()
        self.threads.wait()
    }

    private static func run(_ works: [Work], on connections: any DatabaseReader) {
        var done = 0
        do {
            try connections.read { database in
                for work in works {
                    done += 1
                    work(.success(database))
                }
            }
        } catch {
            for work in works.dropFirst(done) { work(.failure(error)) }
        }
    }
}

/// What waits to be read, and the threads that wait for it.
private final class ReadQueue: Sendable {
    fileprivate struct State {
        var waiting: [Readers.Work] = []
        /// Before it, they have been taken.
        var first = 0
        var idleThreads = 0
        var isClosed = false
    }

    /// In one transaction. It holds back the write-ahead log's checkpoint, and one long read holds up those behind it.
    private static let most = 16

    private let state = Mutex(State())
    private let wake = DispatchSemaphore(value: 0)
    private let threads: Int

    init(threads: Int) { self.threads = threads }

    /// False: closed.
    func add(_ work: @escaping Readers.Work) -> Bool {
        let (isTaken, mustWake) = self.state.withLock { state in
            guard !state.isClosed else { return (false, false) }
            state.waiting.append(work)
            guard state.idleThreads > 0 else { return (true, false) }
            state.idleThreads -= 1
            return (true, true)
        }
        if mustWake { self.wake.signal() }
        return isTaken
    }

    func close() {
        let idle = self.state.withLock { state in
            state.isClosed = true
            defer { state.idleThreads = 0 }
            return state.idleThreads
        }
        for _ in 0..<idle { self.wake.signal() }
    }

    /// A thread's share of what waits; blocks until there is something. Nil: closed, and all is done.
    func take() -> [Readers.Work]? {
        while true {
            let (works, isClosed) = self.state.withLock { state in
                let works = state.take(share: self.threads, most: Self.most)
                if works.isEmpty, !state.isClosed { state.idleThreads += 1 }
                return (works, state.isClosed)
            }
            if !works.isEmpty { return works }
            if isClosed { return nil }
            self.wake.wait()
        }
    }
}

extension ReadQueue.State {
    fileprivate mutating func take(share: Int, most: Int) -> [Readers.Work] {
        let count = self.waiting.count - self.first
        guard count > 0 else { return [] }
        let end = self.first + min(most, (count + share - 1) / share)
        let works = Array(self.waiting[self.first..<end])
        self.first = end
        if self.first == self.waiting.count {
            self.waiting.removeAll(keepingCapacity: self.waiting.capacity <= 1024)
            self.first = 0
        } else if self.first > 1024 {
            self.waiting.removeFirst(self.first)
            self.first = 0
        }
        return works
    }
}
