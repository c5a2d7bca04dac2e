import NIOCore
import ParleyCore
import Synchronization

/// The connections of one event loop and what they read. Everything but the inbox is touched on that loop only, so there is no lock and no hop
/// between what is committed and the sockets.
///
/// - Invariant: a feed exists here as long as somebody here reads it.
/// - Invariant: a subscription that is behind its feed is in its reader's backlog, or being read for.
final class Shard: @unchecked Sendable {
    let loop: any EventLoop
    let executor: LoopExecutor
    let configuration: HubConfiguration
    let processID: String
    let archive: any Archive
    let clock: any WallClock
    let tallies: Tallies
    let registry: Registry
    let inbox = Mutex(Inbox())

    /// By number.
    var readers: [UInt64: Reader] = [:]
    var readersByUser: [UserKey: [Reader]] = [:]
    var feeds: [ConversationID: Feed] = [:]
    /// The id of the newest entry that has come here, whosever it is.
    var newest = MessageID(rawValue: 0)
    /// Who here follows the presence of whom, by the reader's number.
    var watchers: [UserKey: [UInt64: Reader]] = [:]
    /// What was committed while somebody was connecting, by conversation: with the number of the run, to forget it again.
    var marks: [ConversationID: (sequence: UInt64, run: UInt64)] = [:]
    /// How many readers wait to be told where to read on.
    var connecting = 0
    private var wires: [ObjectIdentifier] = []

    /// Counts what is handed out together, to tell one time from the next.
    var runNumber: UInt64 = 0
    var tailBytes = 0
    var shelf = Shelf()

    /// Feeds with a run that is not handed out yet.
    var feedsWithRun: [Feed] = []
    var readersToRead = CircularBuffer<Reader>()
    var readersToFlush = CircularBuffer<Reader>()
    var crowd = Crowd()
    /// The next turn has been scheduled.
    var awaitsTurn = false
    /// The end of the rest has been scheduled, for feeds that wait for it.
    var awaitsRest = false
    var readersToPulse = CircularBuffer<Reader>()
    var unsaved = CircularBuffer<Subscription>()
    var readersWithUnsavedEvents: [Reader] = []
    var savedAt: NIODeadline
    /// Reads that failed, to be tried again.
    var failedReads: [Subscription] = []
    let rounds: Rounds
    let gate: Gate

    /// Until then what is committed gathers in the inbox.
    private(set) var restsUntil: NIODeadline
    var isSettling = false
    var pulse: Scheduled<Void>?
    var sweep: RepeatedTask?
    var isShutDown = false

    init(
        loop: any EventLoop, archive: any Archive, clock: any WallClock, registry: Registry, tallies: Tallies,
        processID: String, configuration: HubConfiguration
    ) {
        self.loop = loop
        self.executor = LoopExecutor(loop)
        self.archive = archive
        self.clock = clock
        self.registry = registry
        self.tallies = tallies
        self.processID = processID
        self.configuration = configuration
        self.savedAt = loop.now
        self.restsUntil = loop.now
        self.rounds = Rounds(on: loop, gap: configuration.turnGap)
        self.gate = Gate(configuration, self.rounds)
    }

    /// Small numbers for the wire protocols that are spoken here.
    func index(of wire: any WireProtocol) -> Int {
        if let index = self.wires.firstIndex(of: ObjectIdentifier(wire)) { return index }
        self.wires.append(ObjectIdentifier(wire))
        return self.wires.count - 1
    }
}

/// A user of an App.
struct UserKey: Hashable, Sendable {
    var app: AppID
    var user: UserID
}

// MARK: From other threads

extension Shard {
    enum Item: Sendable {
        case commit(Commit)
        case ephemeral(Ephemeral)
        case announcement(Announcement)
        /// Who is watched from here came, went or changed devices.
        case presence(UserKey)
        /// Ends the connection with that number, if it is still there, and then goes on.
        case end(UInt64, Ending, then: (@Sendable () -> Void)?)

        /// Also where nobody is connected.
        var mustBeSeen: Bool {
            if case .end(_, _, .some) = self { true } else { false }
        }
    }

    struct Inbox: Sendable {
        var items: [Item] = []
        /// The loop has been told and has not looked yet.
        var isAnnounced = false
        /// Nobody is connected here: there is nobody to tell.
        var isIdle = true
    }

    /// From any thread, in order. One hop to the loop for whatever comes before it looks.
    func post(_ item: Item) {
        let mustAnnounce = self.inbox.withLock { inbox in
            if inbox.isIdle, !item.mustBeSeen { return false }
            inbox.items.append(item)
            defer { inbox.isAnnounced = true }
            return !inbox.isAnnounced
        }
        if mustAnnounce { self.loop.execute { self.look() } }
    }

    /// First comes what the loop has been told already: senders are answered, and go on while their messages are delivered. And a shard that has
    /// just written to many sockets rests, a few times as long as that took: what is committed meanwhile goes out with one write to each.
    private func look() {
        if self.loop.now >= self.restsUntil {
            self.loop.execute { self.receive() }
        } else {
            self.loop.scheduleTask(deadline: self.restsUntil) { self.receive() }
        }
    }

    func receive() {
        let began = self.loop.now
        var entryCount = 0
        let items = self.inbox.withLock { inbox in
            inbox.isAnnounced = false
            return exchange(&inbox.items, for: [])
        }
        for item in items {
            switch item {
            case .commit(let commit):
                entryCount += commit.entries.count
                self.receive(commit)
            case .ephemeral(let ephemeral):
                self.handOutRuns()
                self.broadcast(ephemeral)
            case .announcement(let announcement):
                self.handOutRuns()
                self.tell(announcement)
            case .presence(let key): self.presenceChanged(of: key)
            case .end(let number, let ending, let then):
                self.handOutRuns()
                if let reader = self.readers[number] { self.end(reader, because: ending) }
                then?()
            }
        }
        self.settle()
        // Under load enough comes together by itself, and whoever rested would fall behind.
        if entryCount < self.configuration.entriesWithoutRest { self.rest(since: began) }
    }

    func rest(since began: NIODeadline) {
        let now = self.loop.now
        self.restsUntil = now + min((now - began) * self.configuration.restFactor, self.configuration.longestRest)
    }
}

func exchange<Value>(_ value: inout Value, for next: Value) -> Value {
    let old = value
    value = next
    return old
}

// MARK: Coming and going

extension Shard {
    /// Takes a connection in. It is known from now on, and reads when its session says so.
    func add(_ reader: Reader) {
        self.loop.preconditionInEventLoop()
        self.readers[reader.number] = reader
        if self.readers.count == 1 {
            self.inbox.withLock { $0.isIdle = false }
            self.startSweeping()
        }
        self.tallies.connections(1)
    }

    /// It is known how many older connections have to end before this one reads.
    func begin(_ reader: Reader, replacing count: Int = 0) {
        guard !reader.session.hasEnded else { return }
        if self.isShutDown {
            // The terminal may still be in the middle of its own beginning.
            let bound = NIOLoopBound(reader, eventLoop: self.loop)
            self.loop.execute { self.end(bound.value, because: .disconnected(.goingAway)) }
            return
        }
        self.perform(reader.session.replaces(count), for: reader)
        if reader.client.beginning == .whenAsked { self.lookForRefusal(of: reader) }
    }

    /// Who says where he is only much later may give commands until then. Whoever was blocked between the door and being registered is not to.
    private func lookForRefusal(of reader: Reader) {
        let bound = NIOLoopBound(reader, eventLoop: self.loop)
        self.archive.refusal(of: reader.client, on: self.loop) { refusal in
            if let refusal { self.end(bound.value, because: .disconnected(refusal)) }
        }
    }

    /// If the newer one is still there.
    func replacedOneEnded(for number: UInt64) {
        guard let reader = self.readers[number] else { return }
        self.perform(reader.session.replacedOneEnded(), for: reader)
        self.settle()
    }

    /// Registers the reader for what is committed from now on, and then asks where it is to read on: nothing can fall between the two.
    func lookUp(_ reader: Reader) {
        self.readersByUser[UserKey(app: reader.client.app, user: reader.client.user), default: []].append(reader)
        reader.arrival = Reader.Arrival(since: self.runNumber)
        self.connecting += 1
        let bound = NIOLoopBound(reader, eventLoop: self.loop)
        self.gate.enter {
            self.archive.standing(of: bound.value.client, on: self.loop) { result in
                self.gate.leave()
                self.arrived(bound.value, with: result)
                self.settle()
            }
        }
    }

    func end(_ reader: Reader, because ending: Ending) {
        guard reader.session.end(ending) else { return }
        self.remove(reader, because: ending)
        reader.terminal?.end(ending)
        // Whoever closes the channel next does not wait for a turn.
        reader.outbox.flush()
        self.settle()
    }

    private func remove(_ reader: Reader, because ending: Ending) {
        self.readers[reader.number] = nil
        let key = UserKey(app: reader.client.app, user: reader.client.user)
        if var others = self.readersByUser[key] {
            others.removeAll { $0 === reader }
            self.readersByUser[key] = others.isEmpty ? nil : others
        }
        self.saveNow(of: reader)
        self.unwatch(Array(reader.watched.keys), by: reader)
        // The last: whoever finds the connection gone finds in the log what it confirmed.
        self.registry.remove(reader.number, of: key, because: ending)
        for subscription in reader.subscriptions.values { self.drop(subscription) }
        reader.subscriptions = [:]
        reader.backlog.removeAll(keepingCapacity: false)
        reader.unconfirmed = []
        reader.begunAfter = [:]
        reader.postponed = Postponed()
        self.endArrival(of: reader)
        if self.readers.isEmpty {
            self.inbox.withLock { $0.isIdle = true }
            self.stopTimers()
        }
        if reader.session.outboxFullSince != nil { self.tallies.slow(-1) }
        self.tallies.connections(-1)
    }

    /// Ends every connection, and answers when the channels are closed.
    func shutDown() -> EventLoopFuture<Void> {
        self.isShutDown = true
        let channels = self.readers.values.compactMap { $0.outbox.channel }
        for reader in Array(self.readers.values) { self.end(reader, because: .disconnected(.goingAway)) }
        self.rounds.end()
        let closings = channels.map { $0.closeFuture.hop(to: self.loop) }
        return EventLoopFuture.andAllComplete(closings, on: self.loop)
    }
}
