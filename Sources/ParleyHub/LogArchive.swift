import NIOCore
import ParleyCore
import Synchronization

/// The archive that a server has: the log and the directory, through tasks that run on the asker's loop.
final class LogArchive: Archive {
    private let log: any Log & Places
    private let directory: any Directory
    private let clock: any WallClock
    private let ledger = Mutex(Ledger())

    init(log: any Log & Places, directory: any Directory, clock: any WallClock) {
        self.log = log
        self.directory = directory
        self.clock = clock
    }

    func standing(
        of client: Client, on loop: any EventLoop, _ answer: @escaping @Sendable (Result<Standing, any Error>) -> Void
    ) {
        Task(executorPreference: LoopExecutor(loop)) {
            let result: Result<Standing, any Error>
            do { result = .success(try await self.standing(of: client)) } catch { result = .failure(error) }
            answer(result)
        }
    }

    func refusal(of client: Client, on loop: any EventLoop, _ answer: @escaping @Sendable (Disconnection?) -> Void) {
        Task(executorPreference: LoopExecutor(loop)) { answer(try? await self.refusal(of: client)) }
    }

    private func refusal(of client: Client) async throws -> Disconnection? {
        try await self.directory.user(client.user, in: client.app)?.refusal(of: client, at: self.clock.now())
    }

    private func standing(of client: Client) async throws -> Standing {
        // A connection of the same user that has just ended may have left cursors that are not in the log yet.
        await self.settled(for: UserKey(app: client.app, user: client.user))
        if let refusal = try await self.refusal(of: client) { return Standing(refusal: refusal) }
        let settings = try await self.directory.app(client.app)?.settings ?? AppSettings()
        let retainedSince = self.clock.now().adding(seconds: -settings.offlineRetentionSeconds)
        var standing = Standing()
        for (group, member) in try await self.directory.groups(of: client.user, in: client.app) {
            standing.memberships[group.id] = member
            if group.type.rules.isThread { standing.threads.insert(group.id) }
        }
        standing.positions = try await self.positions(of: client, retainedSince: retainedSince)
        return standing
    }

    private func positions(of client: Client, retainedSince: Timestamp) async throws -> [Position] {
        if client.comesBack {
            do {
                return try await self.log.begin(
                    client.device, of: client.user, in: client.app, retainedSince: retainedSince)
            } catch Rejection.overloaded {
                // It is let in as it would be the next time.
            }
        }
        return try await self.log.positions(
            of: client.user, device: client.device, in: client.app, retainedSince: retainedSince)
    }

    func entries(
        of conversation: ConversationID, after sequence: UInt64, limit: Int, hiddenFrom user: UserID?,
        on loop: any EventLoop, _ answer: @escaping @Sendable (Result<Piece, any Error>) -> Void
    ) {
        Task(executorPreference: LoopExecutor(loop)) {
            let result: Result<Piece, any Error>
            do {
                result = .success(
                    try await self.piece(of: conversation, after: sequence, limit: limit, hiddenFrom: user))
            } catch {
                result = .failure(error)
            }
            answer(result)
        }
    }

    private func piece(
        of conversation: ConversationID, after sequence: UInt64, limit: Int, hiddenFrom user: UserID?
    ) async throws -> Piece {
        let entries = try await self.log.entries(of: conversation, after: sequence, limit: limit)
        guard let user, let first = entries.first?.sequence, let last = entries.last?.sequence else {
            return Piece(entries: entries)
        }
        return Piece(
            entries: entries, hidden: try await self.log.hidden(from: user, in: conversation, first...last),
            clearedThrough: try await self.log.place(of: user, in: conversation).clearedThrough)
    }
}

extension User {
    /// What became of the user or the token between the check at the door and now.
    fileprivate func refusal(of client: Client, at now: Timestamp) -> Disconnection? {
        if !self.mayLogIn(at: now) { return .userInactive }
        return client.tokenIssuedAt < self.tokensValidFrom ? .tokenExpired : nil
    }
}

// MARK: Cursors

/// Cursors on their way to the log: one batch at a time, and whatever comes meanwhile makes the next one.
private struct Ledger {
    struct Reader: Hashable {
        var conversation: ConversationID
        var user: UserID
        var device: DeviceID
    }

    struct Listener: Hashable {
        var user: UserKey
        var device: DeviceID
    }

    var pending: [Reader: UInt64] = [:]
    var pendingEvents: [Listener: MessageID] = [:]
    /// Whose cursors they are …
    var pendingUsers: Set<UserKey> = []
    /// … and whose are in the batch that is under way.
    var writingUsers: Set<UserKey> = []
    var isWriting = false
    /// Those who wait for the batch that is under way.
    var waitingForThis: [CheckedContinuation<Void, Never>] = []
    /// Those who wait for what is pending.
    var waitingForNext: [CheckedContinuation<Void, Never>] = []

    var isEmpty: Bool { self.pending.isEmpty && self.pendingEvents.isEmpty }

    /// - Returns: whether somebody has to write: whoever asks.
    mutating func begin() -> Bool {
        guard !self.isWriting, !self.isEmpty else { return false }
        self.isWriting = true
        return true
    }

    struct Batch {
        var cursors: [Cursor]
        var events: [EventCursor]
    }

    mutating func take() -> Batch {
        defer { (self.pending, self.pendingEvents) = ([:], [:]) }
        return Batch(
            cursors: self.pending.map { reader, sequence in
                Cursor(conversation: reader.conversation, user: reader.user, device: reader.device, sequence: sequence)
            },
            events: self.pendingEvents.map { listener, id in
                EventCursor(app: listener.user.app, user: listener.user.user, device: listener.device, through: id)
            })
    }
}

extension LogArchive {
    func confirm(_ cursors: [Cursor]) {
        let mustStart = self.ledger.withLock { ledger in
            for cursor in cursors {
                let reader = Ledger.Reader(
                    conversation: cursor.conversation, user: cursor.user, device: cursor.device)
                ledger.pending[reader] = max(ledger.pending[reader] ?? 0, cursor.sequence)
                ledger.pendingUsers.insert(UserKey(app: cursor.conversation.app, user: cursor.user))
            }
            return ledger.begin()
        }
        if mustStart { Task { await self.write() } }
    }

    func confirm(_ cursors: [EventCursor]) {
        let mustStart = self.ledger.withLock { ledger in
            for cursor in cursors {
                let user = UserKey(app: cursor.app, user: cursor.user)
                let listener = Ledger.Listener(user: user, device: cursor.device)
                ledger.pendingEvents[listener] = max(ledger.pendingEvents[listener] ?? cursor.through, cursor.through)
                ledger.pendingUsers.insert(user)
            }
            return ledger.begin()
        }
        if mustStart { Task { await self.write() } }
    }

    /// Everything that was confirmed is in the log then.
    func settled() async { await self.wait { $0.isWriting ? ($0.isEmpty ? .forThis : .forNext) : nil } }

    /// What this user's devices have confirmed is in the log then. When thousands connect at once, none waits for what the others confirm.
    private func settled(for user: UserKey) async {
        await self.wait { ledger in
            if ledger.pendingUsers.contains(user) { return .forNext }
            return ledger.writingUsers.contains(user) ? .forThis : nil
        }
    }

    private enum Wait {
        case forThis
        case forNext
    }

    private func wait(_ choose: @Sendable (Ledger) -> Wait?) async {
        await withCheckedContinuation { continuation in
            let isSettled = self.ledger.withLock { ledger in
                switch choose(ledger) {
                case .forThis: ledger.waitingForThis.append(continuation)
                case .forNext: ledger.waitingForNext.append(continuation)
                case nil: return true
                }
                return false
            }
            if isSettled { continuation.resume() }
        }
    }

    private func write() async {
        while let batch = self.nextBatch() {
            // A lost cursor costs reading the same again, so a failure is not worth more than going on.
            if !batch.cursors.isEmpty { try? await self.log.confirm(batch.cursors) }
            if !batch.events.isEmpty { try? await self.directory.confirmEvents(batch.events) }
        }
    }

    /// Nil: nothing is pending, and the writing is over.
    private func nextBatch() -> Ledger.Batch? {
        let (batch, settled) = self.ledger.withLock { ledger -> (Ledger.Batch?, [CheckedContinuation<Void, Never>]) in
            let settled = ledger.waitingForThis
            ledger.waitingForThis = ledger.waitingForNext
            ledger.waitingForNext = []
            ledger.writingUsers = exchange(&ledger.pendingUsers, for: [])
            guard !ledger.isEmpty else {
                ledger.isWriting = false
                return (nil, settled)
            }
            return (ledger.take(), settled)
        }
        for waiter in settled { waiter.resume() }
        return batch
    }
}
