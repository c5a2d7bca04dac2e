import ParleyCore

// What is said in a chat room: `chrmPull`, with which a client goes on from where it is. Its history is like any other (``ClientQuery/history(of:_:)``).

extension ClientQuery {
    /// With time 0, the last `count`: what is shown to who has just come. Otherwise all that is newer; `count` is then only what the SDK would like.
    func pullChatRoom(_ room: GroupID) async throws -> [UInt8] {
        let input = try self.read(WireChrmPullMsg.self)
        let conversation = ConversationID(app: self.app, .group(room))
        let viewer = try await self.core.viewer(self.user, of: conversation)
        let stretch = try await RoomStretch(of: conversation, after: max(0, input.syncTime), in: self.core.log)
        let isFirst = input.syncTime <= 0

        // Never 0: with that, the next pull would again be of who has just come. In an empty room, from before whatever is said from now on.
        let joinedAt = try await self.core.directory.group(room, in: self.app)?.members[self.user]?.joinedAt
        let beginning = max(1, (joinedAt ?? self.now).milliseconds - 1)
        var output = WireDownStreamMessages()
        output.syncTime = max(stretch.end ?? beginning, input.syncTime)
        output.finished = true
        output.list =
            try await isFirst
            ? self.newest(min(max(0, Int(input.count)), Self.firstPullLimit), of: stretch) { entry, time in
                guard entry.isVisible(to: viewer, for: .history), !entry.isRecalled else { return nil }
                return ClientSpelling.history(entry, for: self.user, dataTime: time)
            }
            : self.newest(Self.pullLimit, of: stretch) { entry, time in
                guard entry.isVisible(to: viewer, for: .delivery) else { return nil }
                return ClientSpelling.downStream(entry, for: self.user, dataTime: time)
            }
        return output.wireBytes
    }

    private static let firstPullLimit = 50
    /// Who has missed more gets the newest: in a room that is what counts.
    private static let pullLimit = RoomStretch.limit
    private static let piece = 50

    /// Oldest first; as many as make up a page in bytes, and at least one.
    private func newest(
        _ limit: Int, of stretch: RoomStretch, spelled: (Entry, Int64) -> WireDownStreamMessage?
    ) async throws -> [WireDownStreamMessage] {
        var messages: [WireDownStreamMessage] = []
        var bytes = 0
        var rest = stretch.times[...]
        while let last = rest.last, messages.count < limit, bytes < Self.pageBytes {
            let piece = rest.suffix(Self.piece)
            rest = rest.dropLast(Self.piece)
            let times = Dictionary(piece.map { ($0.sequence, $0.time) }) { $1 }
            let entries = try await self.core.log.entries(
                of: stretch.conversation, upTo: last.sequence, limit: piece.count)
            for entry in entries {
                guard let time = entry.sequence.flatMap({ times[$0] }), let message = spelled(entry, time) else {
                    continue
                }
                messages.append(message)
                bytes += message.content.count
                guard messages.count < limit, bytes < Self.pageBytes else { break }
            }
        }
        return messages.reversed()
    }
}

// MARK: - Times

/// The end of a room's log, with the times that clients know messages by (``Stamps``).
///
/// They come out the same whoever asks and from whichever time on, and so nobody misses a message or gets it twice: what was said in the ``Stamps/overlap``
/// before the first of them is counted as well. Of ids alone, because in a room where that is much, it is too much to read.
private struct RoomStretch {
    static let limit = 500

    let conversation: ConversationID
    /// Oldest first, at most ``limit``.
    let times: [(sequence: UInt64, time: Int64)]
    /// The time of the newest, shown or not; nil: nothing was ever said.
    let end: Int64?

    /// - Parameter time: what is not later is known; 0: nothing is.
    init(of conversation: ConversationID, after time: Int64, in log: any Log) async throws {
        self.conversation = conversation
        var ids: [EntryID] = []
        repeat {
            let limit = ids.isEmpty ? Self.pieces.lowerBound : Self.pieces.upperBound
            let piece = try await log.ids(of: conversation, upTo: ids.last.map { $0.sequence - 1 }, limit: limit)
            ids += piece
            guard piece.count == limit else { break }
        } while !Self.reachesFarEnough(ids, before: time)
        var stamps = Stamps()
        let times = ids.reversed().map { (sequence: $0.sequence, time: stamps.next($0.id)) }
        self.end = times.last?.time
        self.times = times.suffix(Self.limit).filter { $0.time > time }
    }

    private static let pieces = 64...1000
    /// More in one ``Stamps/overlap`` is more than can be told apart by times.
    private static let most = limit + Int(Stamps.overlap)

    /// - Parameter ids: newest first.
    private static func reachesFarEnough(_ ids: [EntryID], before time: Int64) -> Bool {
        guard let oldest = ids.last, ids.count < self.most else { return true }
        // The time by which clients know a message may be so much later than that at which it was sent.
        let first = ids.count < self.limit ? time - Stamps.overlap : ids[self.limit - 1].id.sentAt.milliseconds
        return oldest.id.sentAt.milliseconds < max(first, time - Stamps.overlap) - Stamps.overlap
    }
}
