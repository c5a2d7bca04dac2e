import ParleyCore

// What was said: `qryPMsg`, `qryGMsg`, `qrySMsg`, `qryCHMsg`; `qryDMsg` and `qryCMsg` of conversations that do not exist here.

extension ClientQuery {
    func history(of type: ConversationType) async throws -> [UInt8] {
        let input = try self.read(WireHistoryMsgInput.self)
        guard let conversation = try self.conversation(type, input.targetID) else {
            return WireHistoryMsgOuput.empty(at: input.time).wireBytes
        }
        return try await self.history(of: conversation, input)
    }

    /// Order 0: older than `time` (0: from the newest); order 1: newer. The list is newest first in both.
    ///
    /// Clients go on from a time, exclusive, and messages can share a millisecond: a page that ends in one has all of it, though that be more
    /// than was asked for. So none is lost, and none comes twice.
    func history(of conversation: Conversation, _ input: WireHistoryMsgInput) async throws -> [UInt8] {
        let isForward = input.order == 1
        let limit = input.count > 0 ? min(Int(input.count), Self.historyLimit) : Self.historyDefault
        let sender: UserID? = if case .system = conversation { UserID(try self.id(input.targetID)) } else { nil }
        var walk = HistoryWalk(
            self, conversation, from: try await self.start(at: input.time, isForward, in: conversation),
            pieces: limit + 1)

        var page = WireHistoryMsgOuput.empty(at: input.time)
        var bytes = 0
        while let entry = try await walk.next() {
            // Clients see a conversation with each of those whom the App speaks through.
            if let sender, entry.message?.sender != sender { continue }
            guard let message = self.spelled(entry) else { continue }
            let isMore = page.list.count >= limit || bytes >= Self.pageBytes
            if isMore, message.dataTime != page.syncTime {
                page.hasMsg_p = 1
                break
            }
            page.list.append(message)
            page.syncTime = message.dataTime
            bytes += message.content.count
        }
        if let moment = try await walk.momentOfStop() { page.stop(at: moment, isForward: isForward) }
        if isForward { page.list.reverse() }
        return page.wireBytes
    }

    /// In the vendor's documents a page has up to 20, in newer ones up to 100.
    private static let historyLimit = 100
    private static let historyDefault = 20
    /// A page is no longer than this and one message; a message can be 128 KiB.
    static let pageBytes = 1 << 20

    /// A message in history; its time is its id's.
    func spelled(_ entry: Entry) -> WireDownStreamMessage? {
        ClientSpelling.history(entry, for: self.user, dataTime: entry.sentAt.milliseconds, isChatRoom: false)
    }

    private func start(
        at time: Int64, _ isForward: Bool, in conversation: Conversation
    ) async throws -> HistoryQuery.Start {
        let time = max(0, time)
        if !isForward, time == 0 { return .newest }
        let reached = try await self.core.log.sequence(
            reachedAt: Timestamp(milliseconds: isForward ? time : time - 1), in: self.id(of: conversation))
        return isForward ? .after(reached) : .before(reached + 1)
    }
}

extension WireHistoryMsgOuput {
    fileprivate static func empty(at time: Int64) -> WireHistoryMsgOuput {
        .with {
            $0.syncTime = time
            $0.hasMsg_p = 0
        }
    }

    /// Reading ended among much that is not for this user: the next page begins with that millisecond, so this one has nothing of it.
    fileprivate mutating func stop(at moment: Int64, isForward: Bool) {
        self.list.removeAll { $0.dataTime == moment }
        self.syncTime = isForward ? moment - 1 : moment + 1
        self.hasMsg_p = 1
    }
}

/// A conversation's messages as one user may see them, one after the other.
struct HistoryWalk {
    private let query: ClientQuery
    private let conversation: Conversation
    private let pieceLimit: Int
    private var entries: ArraySlice<Entry> = []
    /// Nil: there is no more.
    private var position: HistoryQuery.Start?
    /// How many entries one query may still read, about.
    private var entriesLeft = 6000

    init(_ query: ClientQuery, _ conversation: Conversation, from start: HistoryQuery.Start, pieces limit: Int) {
        self.query = query
        self.conversation = conversation
        self.pieceLimit = limit
        self.position = start
    }

    /// Nil: the end, or enough was read (``momentOfStop()``).
    mutating func next() async throws -> Entry? {
        while self.entries.isEmpty, let position = self.position, self.entriesLeft > 0 {
            let page = try await self.query.core.history(
                HistoryQuery(
                    app: self.query.app, conversation: self.conversation, user: self.query.user, from: position,
                    limit: self.pieceLimit))
            // A page that is not full has been looked for among some 2000 that are not for the user.
            self.entriesLeft -= page.entries.count < self.pieceLimit ? 2000 : page.entries.count
            self.entries = page.entries[...]
            self.position = page.next.map { sequence in
                if case .after = position { .after(sequence) } else { .before(sequence) }
            }
        }
        return self.entries.popFirst()
    }

    /// When the last entry that was read was sent, if reading stopped before the end. Nil: it did not.
    func momentOfStop() async throws -> Int64? {
        guard self.entriesLeft <= 0, self.entries.isEmpty, let position = self.position else { return nil }
        switch position {
        case .newest: return nil
        case .before(let sequence), .after(let sequence):
            let entry = try await self.query.core.log.entry(sequence, of: self.query.id(of: self.conversation))
            return entry?.sentAt.milliseconds
        }
    }
}
