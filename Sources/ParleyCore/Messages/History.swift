/// A piece of what was said in a conversation, as one user may see it.
package struct HistoryQuery: Sendable {
    package var app: AppID
    package var conversation: Conversation
    /// Nil: the App's backend, for which nothing is hidden but what is for some only.
    package var user: UserID?
    package var from: Start
    /// Entries at most, 1 or more.
    package var limit: Int
    /// Nothing that was said before, or after. Nil: whenever.
    package var since: Timestamp?
    package var until: Timestamp?
    /// Only those of which this is true.
    package var includes: @Sendable (Entry) -> Bool = { _ in true }

    package enum Start: Hashable, Sendable {
        /// Backwards from the newest.
        case newest
        /// Backwards from before this sequence.
        case before(UInt64)
        /// Forwards from after this sequence.
        case after(UInt64)
    }

    package init(app: AppID, conversation: Conversation, user: UserID?, from: Start = .newest, limit: Int) {
        self.app = app
        self.conversation = conversation
        self.user = user
        self.from = from
        self.limit = limit
    }
}

package struct HistoryPage: Sendable {
    /// In the order of asking: newest first going backwards, oldest first going forwards.
    package var entries: [Entry]
    /// Where to go on from, in the same direction. Nil: there is no more.
    package var next: UInt64?

    package init(entries: [Entry], next: UInt64?) {
        self.entries = entries
        self.next = next
    }
}

extension Core {
    /// Messages only: what became of them (``Entry/fate``) is shown on them.
    ///
    /// - Throws: ``Rejection/notMember(_:of:)``, ``Rejection/groupNotFound(_:)``, ``Rejection/notPermitted``.
    package func history(_ query: HistoryQuery) async throws -> HistoryPage {
        let conversation = ConversationID(app: query.app, query.conversation)
        var viewer =
            if let user = query.user { try await self.viewer(user, of: conversation) } else { Viewer(user: UserID("")) }
        let limit = max(1, query.limit)
        var found: [Entry] = []
        if let since = query.since {
            let before = try await self.log.sequence(reachedAt: since.adding(milliseconds: -1), in: conversation)
            viewer.shownAfter = max(viewer.shownAfter, before)
        }
        var last = UInt64.max
        if let until = query.until { last = try await self.log.sequence(reachedAt: until, in: conversation) }
        var position = query.from.within(viewer.shownAfter, last)
        var pieceLimit = min(limit, Self.historyPiece - 1) + 1
        // Pieces that hold little for this user are read on through, but not for ever: then the page is short, and `next` goes on.
        var left = Self.historyReach
        while left > 0 {
            left -= pieceLimit
            let piece = try await self.piece(of: conversation, from: position, limit: pieceLimit)
            guard let first = piece.first?.sequence, let end = piece.last?.sequence else {
                return HistoryPage(entries: found, next: nil)
            }
            if let user = query.user {
                viewer.hidden = try await self.places.hidden(
                    from: user, in: conversation, min(first, end)...max(first, end))
            }
            for entry in piece where entry.isVisible(to: viewer, for: .history) && query.includes(entry) {
                if let sequence = entry.sequence, sequence > last { return HistoryPage(entries: found, next: nil) }
                // One more than was asked for: so `next` is there when something follows, and only then.
                if found.count == limit { return HistoryPage(entries: found, next: found.last?.sequence) }
                found.append(entry)
            }
            position = position.goingOn(from: end)
            guard piece.count == pieceLimit, !position.isBeyond(viewer.shownAfter, last) else {
                return HistoryPage(entries: found, next: nil)
            }
            pieceLimit = min(4 * pieceLimit, Self.historyPiece)
        }
        return HistoryPage(entries: found, next: position.sequence)
    }

    private static let historyPiece = 200
    private static let historyReach = 10 * historyPiece

    private func piece(
        of conversation: ConversationID, from start: HistoryQuery.Start, limit: Int
    ) async throws -> [Entry] {
        switch start {
        case .newest: try await self.log.entries(of: conversation, upTo: nil, limit: limit)
        case .before(0): []
        case .before(let sequence): try await self.log.entries(of: conversation, upTo: sequence - 1, limit: limit)
        case .after(let sequence): try await self.log.entries(of: conversation, after: sequence, limit: limit)
        }
    }

    /// What a user may see of a conversation, but for single messages that he deleted.
    ///
    /// - Throws: ``Rejection/notMember(_:of:)``, ``Rejection/groupNotFound(_:)``, ``Rejection/notPermitted``.
    package func viewer(_ user: UserID, of conversation: ConversationID) async throws -> Viewer {
        var viewer = Viewer(user: user)
        switch conversation.conversation {
        case .group(let id):
            guard let group = try await self.directory.group(id, in: conversation.app) else {
                throw Rejection.groupNotFound(id)
            }
            guard let member = group.members[user] else { throw Rejection.notMember(user, of: id) }
            viewer.shownAfter = member.joinedAtSequence
        case .direct(let pair):
            guard user == pair.lesser || user == pair.greater else { throw Rejection.notPermitted }
        case .system(let owner):
            guard user == owner else { throw Rejection.notPermitted }
        case .room: throw Rejection.notPermitted
        }
        let place = try await self.places.place(of: user, in: conversation)
        viewer.shownAfter = max(viewer.shownAfter, place.clearedThrough)
        return viewer
    }
}

extension HistoryQuery.Start {
    fileprivate var sequence: UInt64? {
        switch self {
        case .newest: nil
        case .before(let sequence), .after(let sequence): sequence
        }
    }

    /// What is not shown need not be read.
    fileprivate func within(_ shownAfter: UInt64, _ last: UInt64) -> HistoryQuery.Start {
        switch self {
        case .newest: last == .max ? .newest : .before(last + 1)
        case .before(let sequence): last == .max ? self : .before(min(sequence, last + 1))
        case .after(let sequence): .after(max(sequence, shownAfter))
        }
    }

    fileprivate func goingOn(from sequence: UInt64) -> HistoryQuery.Start {
        if case .after = self { .after(sequence) } else { .before(sequence) }
    }

    /// Going on would only come to what is not shown.
    fileprivate func isBeyond(_ shownAfter: UInt64, _ last: UInt64) -> Bool {
        switch self {
        case .newest: false
        case .before(let sequence): sequence <= shownAfter + 1
        case .after(let sequence): sequence >= last
        }
    }
}
