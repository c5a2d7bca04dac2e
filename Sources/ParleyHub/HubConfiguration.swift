package import NIOCore

/// How much a connection may hold, and how long it may keep silent.
package struct HubConfiguration: Sendable {
    /// What may wait to be sent to one connection. Beyond it nothing is read for the connection until half of it has drained.
    package var outboxBytes: Int
    /// An outbox that stays full this long belongs to a dead connection.
    package var outboxFullLimit: TimeAmount
    /// A connection that has not been heard for this long is asked for a sign of life …
    package var pingAfterSilence: TimeAmount
    /// … and closed when there was none for this long.
    package var closeAfterSilence: TimeAmount
    /// The least time between two pings that ask what has been read: more where thousands are connected.
    package var confirmationInterval: TimeAmount
    /// The least time between two batches of confirmed cursors to the log: more where thousands are connected.
    package var cursorInterval: TimeAmount
    /// How long a client may take to answer a close.
    package var closeTimeout: TimeAmount
    /// A loop that has delivered for a moment lets this many times that moment pass before it delivers again: more makes fewer, larger writes.
    package var restFactor: Int
    /// … but not more than this …
    package var longestRest: TimeAmount
    /// … and not at all after so many entries at once.
    package var entriesWithoutRest: Int
    /// Sockets that are written to before the loop looks at what has come in …
    package var turn: Int
    /// … or fewer, when that takes longer.
    package var longestTurn: TimeAmount
    /// Between two turns on a loop that has no sockets (``Rounds``).
    package var turnGap: TimeAmount
    /// Entries of one conversation that are kept in memory.
    package var tailEntries: Int
    /// What all tails of one event loop may hold, entries and their encoded frames.
    package var tailBytes: Int
    /// Users whose presence one connection may follow.
    package var watchLimit: Int
    /// Entries read from the log at once.
    package var readLimit: Int
    /// Reads from the log that one event loop may have under way.
    package var concurrentReads: Int

    package init(
        outboxBytes: Int = 256 * 1024, outboxFullLimit: TimeAmount = .seconds(60),
        pingAfterSilence: TimeAmount = .seconds(30), closeAfterSilence: TimeAmount = .seconds(75),
        confirmationInterval: TimeAmount = .milliseconds(250), cursorInterval: TimeAmount = .seconds(1),
        closeTimeout: TimeAmount = .seconds(2), restFactor: Int = 3, longestRest: TimeAmount = .milliseconds(6),
        entriesWithoutRest: Int = 128, turn: Int = 128, longestTurn: TimeAmount = .milliseconds(1),
        turnGap: TimeAmount = .microseconds(20),
        tailEntries: Int = 512, tailBytes: Int = 128 * 1024 * 1024,
        watchLimit: Int = 3000, readLimit: Int = 100, concurrentReads: Int = 8
    ) {
        self.outboxBytes = outboxBytes
        self.outboxFullLimit = outboxFullLimit
        self.pingAfterSilence = pingAfterSilence
        self.closeAfterSilence = closeAfterSilence
        self.confirmationInterval = confirmationInterval
        self.cursorInterval = cursorInterval
        self.closeTimeout = closeTimeout
        self.restFactor = restFactor
        self.longestRest = longestRest
        self.entriesWithoutRest = entriesWithoutRest
        self.turn = turn
        self.longestTurn = longestTurn
        self.turnGap = turnGap
        self.tailEntries = tailEntries
        self.tailBytes = tailBytes
        self.watchLimit = watchLimit
        self.readLimit = readLimit
        self.concurrentReads = concurrentReads
    }

    /// Of what takes longer than a write, or is not urgent.
    var shortTurn: Int { max(1, self.turn / 8) }
}
