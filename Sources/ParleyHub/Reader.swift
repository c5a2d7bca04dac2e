package import NIOCore
package import ParleyCore

/// One connection, as its shard sees it: who it is, its session, what it is subscribed to, and its outbox. Touched on its event loop only.
///
/// Wire protocols hold it to write, to say what the client has, and to end it.
package final class Reader {
    package let client: Client
    /// Names the connection in this process.
    let number: UInt64
    /// What was meant for those online before then is not for this connection.
    package let connectedAt: Timestamp
    let shard: Shard
    let outbox: Outbox
    let wire: any WireProtocol
    /// The shard's number for the wire protocol.
    let wireIndex: Int
    let takesNews: Bool
    /// It is told that something was said, and not what.
    let listensToBell: Bool
    /// What it was told of it asks for later (``Piece``).
    let mayFetch: Bool
    package private(set) weak var terminal: (any Terminal)?

    var session: Session
    var hasBeenHeard = false
    var subscriptions: [Conversation: Subscription] = [:]
    /// Subscriptions that are behind and wait to be read for.
    var backlog = CircularBuffer<Subscription>(initialCapacity: 1)
    /// Reads from the log that are under way.
    var readsUnderWay = 0
    /// Subscriptions with something written that is not confirmed.
    var unconfirmed: [Subscription] = []
    /// Something was written since the last ping.
    var wantsConfirmation = false
    /// What was said since the terminal began to listen. Nil: something passed that is not here.
    var hearing: Hearing?
    /// The terminal is to be told that something was said.
    var isRung = false
    /// Only while connecting.
    var arrival: Arrival?
    /// Groups that the user left while connected, and the newest entry that was written of each.
    var farewells: [GroupID: MessageID] = [:]
    /// Where the client said it was, before it was known what it reads.
    var begunAfter: [Conversation: UInt64] = [:]
    /// State that there was no room to tell.
    var postponed = Postponed()
    /// How far it has got in what is kept for the user, where that is not saved yet.
    var unsavedEvents: MessageID?
    /// Whose presence the client wants to know.
    var watched: [UserID: Watched] = [:]
    /// Those of them that it is to be told of when there is room.
    var due: [UserID] = []

    var awaitsFlush = false
    var isInCrowd = false
    var awaitsReading = false
    var awaitsPulse = false

    /// What happens between being registered and knowing where to read on.
    struct Arrival {
        /// The shard's run when the reader came.
        let since: UInt64
        /// In the order of commits.
        var memberships: [MembershipChange] = []
        /// Direct and system conversations in which something was said.
        var touched: [Conversation: UInt64] = [:]
        /// What the user cleared and deleted meanwhile.
        var cleared: [Conversation: UInt64] = [:]
        var deleted: [Conversation: Set<MessageID>] = [:]
    }

    init(
        _ client: Client, number: UInt64, connectedAt: Timestamp, on shard: Shard, speaking wire: any WireProtocol,
        outbox: Outbox, terminal: any Terminal
    ) {
        self.client = client
        self.number = number
        self.connectedAt = connectedAt
        self.shard = shard
        self.outbox = outbox
        self.wire = wire
        self.wireIndex = shard.index(of: wire)
        self.takesNews = wire.handsNewsOver
        self.listensToBell = wire is Bell
        self.mayFetch = client.confirmation == .manual && !self.listensToBell
        self.terminal = terminal
        self.session = Session(
            limits: Session.Limits(shard.configuration, tokenExpiresAt: client.tokenExpiresAt),
            waitsForClient: client.beginning == .whenAsked, at: shard.loop.now)
        outbox.reader = self
    }
}

// MARK: For wire protocols

extension Reader {
    /// Unique among this server's connections, now and after a restart.
    package var sessionID: String { "\(self.shard.processID)-\(self.number)" }

    /// Runs tasks on the connection's event loop.
    package var executor: LoopExecutor { self.shard.executor }

    /// False: what is not needed is better left unsaid.
    package var hasRoom: Bool { self.outbox.hasRoom }

    /// False: the channel says when it can take more.
    package var isWritable: Bool { self.outbox.isWritable }

    /// Written with whatever else this tick has for the connection.
    package func write(_ frames: ByteBuffer) {
        self.outbox.append(frames)
        self.shard.flushLater(self)
    }

    /// Sends what has been written now, where no tick of the hub is coming to its end.
    package func flush() { self.shard.settle() }

    /// The client has answered a ping.
    package func ponged(_ number: UInt32) {
        guard self.session.ponged(number), self.client.confirmation == .automatic else { return }
        self.confirmWhatWasPinged()
        if self.wantsConfirmation { self.shard.pulseLater(self) }
    }

    /// The client says that it has everything up to `sequence`. More than was written counts as what was written.
    ///
    /// - Returns: false when the client is in no such conversation.
    package func acknowledge(_ sequence: UInt64, of conversation: Conversation) -> Bool {
        guard let subscription = self.subscriptions[conversation] else { return false }
        subscription.confirm(through: sequence)
        return true
    }

    /// The client has all that is kept for its user (``ParleyCore/EventLog``) up to there.
    package func fetchedEvents(through id: MessageID) {
        guard !self.session.hasEnded else { return }
        self.shard.saveEvents(of: self, through: id)
    }

    /// The client says how far it has got, by its own books; where it says nothing, the server's cursors stand. Of a client that begins by itself, or has
    /// begun, the cursors move: back, and entries come again; forward, and they count as confirmed. Never before joining, or before what the user cleared;
    /// what is beyond the conversation's end, and conversations that are not the user's, are passed over.
    package func begin(after cursors: [Conversation: UInt64]) { self.shard.begin(self, after: cursors) }

    /// Tells this connection who of these users is online, now and whenever it changes (``ParleyCore/Event/presence(_:_:)``), until it ends.
    ///
    /// - Returns: false, and nothing is done, when the connection would watch more than ``HubConfiguration/watchLimit`` users.
    package func watch(_ users: [UserID]) -> Bool { self.shard.watch(users, by: self) }
    package func unwatch(_ users: [UserID]) { self.shard.unwatch(users, by: self) }

    package func end(_ ending: Ending) { self.shard.end(self, because: ending) }
}

// MARK: Delivery

extension Reader {
    /// What was said, or that something was: it is told when the reader has its turn to be written to (``flush(at:)``).
    func deliver(_ frames: @autoclosure () -> ByteBuffer) {
        guard !self.listensToBell else { return self.isRung = true }
        self.outbox.append(frames())
    }
}

// MARK: Confirmation

extension Reader {
    func noteUnconfirmed(_ subscription: Subscription) {
        guard !subscription.state.contains(.unconfirmed) else { return }
        subscription.state.insert(.unconfirmed)
        self.unconfirmed.append(subscription)
    }

    func notePinged() {
        for subscription in self.unconfirmed { subscription.pinged = subscription.cursor }
    }

    private func confirmWhatWasPinged() {
        self.unconfirmed.removeAll { subscription in
            subscription.confirm(through: subscription.pinged)
            let isDone = subscription.confirmed >= subscription.cursor || subscription.hasEnded
            if isDone { subscription.state.remove(.unconfirmed) }
            return isDone
        }
    }

    /// Writes what this tick has gathered, and with it a ping if it is time to ask what has been read.
    func flush(at now: NIODeadline) {
        // What this writes goes with the rest.
        let awaitsFlush = exchange(&self.awaitsFlush, for: true)
        if self.takeRing() { self.terminal?.rung() }
        if self.wantsConfirmation { self.askForConfirmation(at: now) }
        self.awaitsFlush = awaitsFlush
        self.outbox.flush()
        if self.isOwed, self.outbox.hasRoom { self.shard.readLater(self) }
    }

    private var isOwed: Bool { !self.backlog.isEmpty || !self.postponed.isEmpty || !self.due.isEmpty }

    func askForConfirmation(at now: NIODeadline) {
        guard self.client.confirmation == .automatic else {
            self.wantsConfirmation = false
            return
        }
        let interval = self.shard.confirmationInterval
        if case .ping(let number) = self.session.unconfirmed(at: now, every: interval) { return self.ping(number) }
        // Either the answer to the ping that is under way asks again, or the pulse does.
        if !self.session.isPingUnanswered { self.shard.pulseLater(self) }
    }

    func ping(_ number: UInt32) {
        self.wantsConfirmation = false
        self.notePinged()
        self.terminal?.ping(number)
    }
}

// MARK: Signs from the channel

extension Reader {
    func outboxChanged(isFull: Bool) {
        let wasFull = self.session.outboxFullSince != nil
        let action = self.session.outbox(isFull: isFull, at: self.shard.loop.now)
        if wasFull != (self.session.outboxFullSince != nil) { self.shard.tallies.slow(isFull ? 1 : -1) }
        guard action == .readOn else { return }
        self.shard.readLater(self)
        self.shard.settle()
    }
}
