import NIOCore
package import ParleyCore

/// For protocols whose clients fetch what they were told of: what is written to them names the conversation, and what was said in it they ask for.
///
/// Their subscriptions' cursors say what they were told of, and what is confirmed says what they have.
extension Reader {
    /// How far a conversation goes, and how far the client is known to have it.
    package struct Extent: Hashable, Sendable {
        package var confirmed: UInt64
        package var last: UInt64
    }

    /// Nil: it is none of the client's.
    package func extent(of conversation: Conversation) -> Extent? {
        guard let subscription = self.subscriptions[conversation], !subscription.hasEnded else { return nil }
        return Extent(confirmed: subscription.confirmed, last: subscription.feed.last)
    }

    /// Those in which there is something that the client has not confirmed. It may turn out to be nothing that is for it.
    package var unconfirmedConversations: [(conversation: Conversation, count: UInt64)] {
        self.subscriptions.compactMap { conversation, subscription in
            guard !subscription.state.contains(.discarding), subscription.confirmed < subscription.feed.last else {
                return nil
            }
            return (conversation, subscription.feed.last - subscription.confirmed)
        }
    }

    /// The client has fetched everything up to `sequence`. More than there is counts as what there is.
    package func fetched(through sequence: UInt64, of conversation: Conversation) {
        guard let subscription = self.subscriptions[conversation], !subscription.hasEnded else { return }
        subscription.fetched(through: min(sequence, subscription.feed.last))
    }

    /// The client has come into a conversation that goes as far as `last`, and is to fetch no more than the newest `count` of it.
    package func entered(_ conversation: Conversation, last: UInt64, showing count: UInt64) {
        guard let subscription = self.subscriptions[conversation], !subscription.hasEnded else { return }
        subscription.feed.last = max(subscription.feed.last, last)
        subscription.hasUnknownDeletions(through: last)
        subscription.cursor = max(subscription.cursor, last)
        if last > count { subscription.confirm(through: last - count) }
    }

    /// A piece of a conversation as this client may see it.
    package struct Piece: Sendable {
        package var entries: [Entry] = []
        /// Everything up to here has been looked at.
        package var through: UInt64
    }

    /// What comes after `sequence`: at most `limit` entries, and none only when there are none up to ``Piece/through``, which is the conversation's end then.
    ///
    /// From memory where it is still there, else from the log. Called on the connection's event loop, and comes back on it.
    package func piece(of conversation: Conversation, after sequence: UInt64, limit: Int) async throws -> Piece {
        var piece = Piece(through: sequence)
        while piece.entries.isEmpty, let subscription = self.subscriptions[conversation], !subscription.hasEnded,
            piece.through < subscription.feed.last
        {
            guard !subscription.read(into: &piece, limit: limit) else { continue }
            let last = subscription.feed.last
            guard let read = try await self.log(subscription, after: piece.through, limit: limit) else { continue }
            // What was said after the client left is not for it.
            guard !subscription.hasEnded else { break }
            subscription.clear(through: read.clearedThrough)
            for entry in read.entries where piece.entries.count < limit {
                let number = entry.sequence ?? 0
                piece.through = max(piece.through, number)
                if !read.hidden.contains(number), subscription.shows(entry) { piece.entries.append(entry) }
            }
            // The log ends before what was thought to be its end.
            if read.entries.isEmpty { piece.through = max(piece.through, last) }
        }
        return piece
    }

    /// The same, where it is still in memory; nil: it is not.
    package func pieceInMemory(of conversation: Conversation, after sequence: UInt64, limit: Int) -> Piece? {
        var piece = Piece(through: sequence)
        while piece.entries.isEmpty, let subscription = self.subscriptions[conversation], !subscription.hasEnded,
            piece.through < subscription.feed.last
        {
            guard subscription.read(into: &piece, limit: limit) else { return nil }
        }
        return piece
    }

    /// - Returns: nil: while it waited for its turn, others have brought it into memory, or it is none of the client's any more.
    private func log(
        _ subscription: Subscription, after sequence: UInt64, limit: Int
    ) async throws -> ParleyHub.Piece? {
        let user = subscription.isUnknown(after: sequence) ? self.client.user : nil
        let page = Shelf.start(ofPageAfter: sequence)
        // What he has deleted is no other's matter; and a page that is not full, or that nobody else wants, is not kept.
        let isShared =
            user == nil && subscription.feed.subscriptions.count > 1 && page + Shelf.pageSize <= subscription.feed.last
        let start = isShared ? page : sequence
        let shard = self.shard
        let bound = NIOLoopBound(subscription.feed, eventLoop: shard.loop)
        var piece: ParleyHub.Piece? = try await withCheckedThrowingContinuation { continuation in
            shard.gate.enter {
                guard !subscription.hasEnded, !subscription.isInMemory(after: sequence) else {
                    continuation.resume(returning: nil)
                    return shard.gate.leave()
                }
                shard.tallies.catchUpReads += 1
                let (feed, changes) = (bound.value, bound.value.changes)
                shard.archive.entries(
                    of: feed.conversation, after: start, limit: isShared ? Int(Shelf.pageSize) : limit,
                    hiddenFrom: user, on: shard.loop
                ) { result in
                    if isShared, case .success(let page) = result {
                        shard.shelf.keep(page.entries, of: bound.value, after: start, changes: changes)
                    }
                    continuation.resume(with: result.map { $0 })
                    shard.gate.leave()
                }
            }
        }
        if isShared { piece?.entries.removeAll { ($0.sequence ?? 0) <= sequence } }
        return piece
    }
}

extension Subscription {
    /// Of what the client has it need not be told any more.
    fileprivate func fetched(through sequence: UInt64) {
        self.cursor = max(self.cursor, sequence)
        self.confirm(through: sequence)
    }

    /// Nobody has asked yet what of it the user has deleted or cleared.
    fileprivate func isUnknown(after sequence: UInt64) -> Bool { sequence < self.exceptions?.unknownThrough ?? 0 }

    fileprivate func isInMemory(after sequence: UInt64) -> Bool {
        !self.isUnknown(after: sequence)
            && (self.feed.tail.contains(sequence + 1)
                || !self.reader.shard.shelf.entries(of: self.feed, after: sequence).isEmpty)
    }

    /// - Returns: false: what comes next is not in memory.
    fileprivate func read(into piece: inout Reader.Piece, limit: Int) -> Bool {
        guard !self.isUnknown(after: piece.through) else { return false }
        let start = piece.through
        while piece.entries.count < limit, self.feed.tail.contains(piece.through + 1) {
            self.read(self.feed.tail.entry(piece.through + 1), into: &piece)
        }
        guard piece.through == start else { return true }
        for entry in self.reader.shard.shelf.entries(of: self.feed, after: start) {
            guard piece.entries.count < limit else { break }
            self.read(entry, into: &piece)
        }
        return piece.through > start
    }

    private func read(_ entry: Entry, into piece: inout Reader.Piece) {
        piece.through = entry.sequence ?? piece.through
        if self.shows(entry) { piece.entries.append(entry) }
    }
}
