/// A piece of what was said in a conversation, as one user may see it.
package struct HistoryQuery: Sendable {
    package var app: AppID
    package var conversation: Conversation
    package var user: UserID
    package var from: Start
    /// Entries at most, 1 or more.
    package var limit: Int

    package enum Start: Hashable, Sendable {
        /// Backwards from the newest.
        case newest
        /// Backwards from before this sequence.
        case before(UInt64)
        /// Forwards from after this sequence.
        case after(UInt64)
    }

    package init(app: AppID, conversation: Conversation, user: UserID, from: Start = .newest, limit: Int) {
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
        var viewer = try await self.viewer(query.user, of: conversation)
        let limit = max(1, query.limit)
        var found: [Entry] = []
        var position = query.from.skipping(upTo: viewer.shownAfter)
        var pieceLimit = min(limit, Self.historyPiece - 1) + 1
        // Pieces that hold little for this user are read on through, but not for ever: then the page is short, and `next` goes on.
        for _ in 0..<Self.historyPieces {
            let piece = try await self.piece(of: conversation, from: position, limit: pieceLimit)
            guard let first = piece.first?.sequence, let last = piece.last?.sequence else {
                return HistoryPage(entries: found, next: nil)
            }
            viewer.hidden = try await self.places.hidden(
                from: query.user, in: conversation, min(first, last)...max(first, last))
            for entry in piece where entry.isVisible(to: viewer, for: .history) {
                // One more than was asked for: so `next` is there when something follows, and only then.
                if found.count == limit { return HistoryPage(entries: found, next: found.last?.sequence) }
                found.append(entry)
            }
            position = position.goingOn(from: last)
            guard piece.count == pieceLimit, !position.isBeyond(viewer.shownAfter) else {
                return HistoryPage(entries: found, next: nil)
            }
            pieceLimit = Self.historyPiece
        }
        return HistoryPage(entries: found, next: position.sequence)
    }

    private static let historyPiece = 200
    private static let historyPieces = 10

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

    /// Forwards, nothing up to there need be read.
    fileprivate func skipping(upTo bound: UInt64) -> HistoryQuery.Start {
        if case .after(let sequence) = self { .after(max(sequence, bound)) } else { self }
    }

    fileprivate func goingOn(from sequence: UInt64) -> HistoryQuery.Start {
        if case .after = self { .after(sequence) } else { .before(sequence) }
    }

    /// Going on backwards would only come to what is not shown.
    fileprivate func isBeyond(_ bound: UInt64) -> Bool {
        if case .before(let sequence) = self { sequence <= bound + 1 } else { false }
    }
}
