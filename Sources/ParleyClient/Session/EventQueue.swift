internal import Synchronization

/// What has arrived and was not asked for yet. Bounded by its owner, which stops reading the socket: ``isFull``.
final class EventQueue: Sendable {
    /// Beyond one of these nothing is read until half has been taken …
    static let maximumEvents = 512
    static let maximumBytes = 1 << 20
    /// … but for answers that somebody waits for, perhaps the very one who should be taking: then this is the end.
    static let stuffedFactor = 16

    private struct State {
        /// Those before `head` are taken.
        var events: [(event: Chat.Event, bytes: Int)] = []
        var head = 0
        var bytes = 0
        var isFinished = false
        var wasFull = false
        var waiting: [Int: CheckedContinuation<Chat.Event?, Never>] = [:]
        var nextWaiter = 0
        /// Taken last: handled, when the next one is asked for.
        var taken: Chat.Event?
        var handled: [Conversation: Int64] = [:]

        var count: Int { self.events.count - self.head }

        mutating func take() -> Chat.Event? {
            guard self.head < self.events.count else { return nil }
            let (event, bytes) = self.events[self.head]
            self.head += 1
            self.bytes -= bytes
            if self.head == self.events.count || self.head >= 1024 {
                self.events.removeFirst(self.head)
                self.head = 0
            }
            self.taken = event
            return event
        }
    }

    private let state = Mutex(State())
    private let keepsHandled: Bool

    init(keepsHandled: Bool) { self.keepsHandled = keepsHandled }

    func push(_ event: Chat.Event, bytes: Int) {
        let waiter = self.state.withLock { state -> CheckedContinuation<Chat.Event?, Never>? in
            guard !state.isFinished else { return nil }
            if let first = state.waiting.keys.min() {
                state.taken = event
                return state.waiting.removeValue(forKey: first)
            }
            // Of many attempts to connect that nobody looked at, the last says it all.
            if case .disconnected = event, state.count > 0, case .disconnected = state.events.last?.event {
                state.events.removeLast()
            }
            state.events.append((event, bytes))
            state.bytes += bytes
            return nil
        }
        waiter?.resume(returning: event)
    }

    /// Nothing more will come; what is there can still be taken.
    func finish() {
        let waiting = self.state.withLock { state in
            state.isFinished = true
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for waiter in waiting { waiter.resume(returning: nil) }
    }

    /// Whether reading should stop.
    func isFull(whileAwaited: Bool) -> Bool {
        self.state.withLock { state in
            let factor = whileAwaited ? Self.stuffedFactor : 1
            let isFull = state.count >= Self.maximumEvents * factor || state.bytes >= Self.maximumBytes * factor
            if isFull { state.wasFull = true }
            return isFull
        }
    }

    var heldBytes: Int { self.state.withLock { $0.bytes } }

    /// The next event; nil when there will be none, or the task was cancelled.
    /// - Parameter changed: called when there is room again, or something was handled.
    func next(_ changed: (_ hasRoom: Bool, _ hasHandled: Bool) -> Void = { _, _ in }) async -> Chat.Event? {
        let (event, isFinished, hasRoom, hasHandled) = self.state.withLock { state in
            let hasHandled = self.handle(&state)
            let event = state.take()
            let hasRoom =
                state.wasFull && state.count <= Self.maximumEvents / 2 && state.bytes <= Self.maximumBytes / 2
            if hasRoom { state.wasFull = false }
            return (event, state.isFinished, hasRoom, hasHandled)
        }
        if hasRoom || hasHandled { changed(hasRoom, hasHandled) }
        if event != nil || isFinished { return event }
        return await self.wait()
    }

    private func handle(_ state: inout State) -> Bool {
        defer { state.taken = nil }
        guard self.keepsHandled, let (conversation, sequence) = state.taken?.position else { return false }
        state.handled[conversation] = sequence
        return true
    }

    private func wait() async -> Chat.Event? {
        let number = self.state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                enum Now { case wait, resume(Chat.Event?) }
                let now = self.state.withLock { state -> Now in
                    if Task.isCancelled { return .resume(nil) }
                    if let event = state.take() { return .resume(event) }
                    if state.isFinished { return .resume(nil) }
                    state.waiting[number] = continuation
                    return .wait
                }
                if case .resume(let event) = now { continuation.resume(returning: event) }
            }
        } onCancel: {
            self.state.withLock { $0.waiting.removeValue(forKey: number) }?.resume(returning: nil)
        }
    }

    /// The positions that the app has handled since this was last asked.
    func takeHandled() -> [Conversation: Int64] {
        self.state.withLock { state in
            defer { state.handled = [:] }
            return state.handled
        }
    }

    /// They could not be saved: later positions win.
    func putBack(_ handled: [Conversation: Int64]) {
        self.state.withLock { $0.handled.merge(handled) { later, _ in later } }
    }
}
