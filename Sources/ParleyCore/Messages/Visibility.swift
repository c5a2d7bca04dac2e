/// Who may see an entry: one predicate for every dialect and every follower, applied where entries are read.
package struct Viewer: Sendable {
    package var user: UserID
    /// Nothing up to here is shown: it is from before the user joined, or he cleared it.
    package var shownAfter: UInt64
    /// Single messages that the user deleted, among those in question.
    package var hidden: Set<UInt64> = []
    /// When this reader came online. What is for those online only is not shown to those who came later.
    package var connectedAt: Timestamp

    package init(user: UserID, shownAfter: UInt64 = 0, connectedAt: Timestamp = .distantPast) {
        self.user = user
        self.shownAfter = shownAfter
        self.connectedAt = connectedAt
    }
}

extension DirectoryTransaction {
    /// What a member, or a party, may see of a conversation, but for single messages that he deleted.
    package func viewer(_ user: UserID, of conversation: Conversation) throws -> Viewer {
        var viewer = Viewer(user: user, shownAfter: try self.place(of: user, in: conversation).clearedThrough)
        if case .group(let group) = conversation, let member = try self.member(user, of: group) {
            viewer.shownAfter = max(viewer.shownAfter, member.joinedAtSequence)
        }
        return viewer
    }
}

extension Entry {
    package enum Purpose: Sendable {
        /// Pushed to a socket, live or after an absence.
        case delivery
        /// Looked up afterwards.
        case history
    }

    package func isVisible(to viewer: Viewer, for purpose: Purpose) -> Bool {
        if let sequence = self.sequence, sequence <= viewer.shownAfter || viewer.hidden.contains(sequence) {
            return false
        }
        switch self.body {
        case .message(let message):
            switch purpose {
            case .delivery:
                if self.isRecalled { return false }
                if message.options.isLiveOnly && self.sentAt < viewer.connectedAt { return false }
            case .history: if self.fate.leavesNoTrace { return false }
            }
            return message.isVisible(to: viewer.user, for: purpose)
        case .edit(let edit): return purpose == .delivery && self.isCurrent(edit, for: viewer)
        case .recall(let recall):
            // To whom the message was never shown, its end says nothing; and what the caller attached may say too much.
            return purpose == .delivery && recall.audience.includes(viewer.user) && recall.untold != viewer.user
                && recall.targetSequence.map { $0 > viewer.shownAfter } ?? true
        case .notice:
            return purpose == .delivery
        }
    }

    /// An edit says what the message says: it is for those who may see that, as long as neither has been taken back or edited again.
    private func isCurrent(_ edit: Edit, for viewer: Viewer) -> Bool {
        if self.isRecalled { return false }
        if let target = edit.targetSequence, target <= viewer.shownAfter || viewer.hidden.contains(target) {
            return false
        }
        if edit.message.options.isLiveOnly, edit.target.sentAt < viewer.connectedAt { return false }
        return edit.message.isVisible(to: viewer.user, for: .delivery)
    }
}

extension Message {
    package func isVisible(to user: UserID, for purpose: Entry.Purpose) -> Bool {
        if user == self.sender {
            guard self.options.reachesSender else { return false }
        } else {
            guard self.audience.includes(user) else { return false }
        }
        switch purpose {
        case .delivery: return true
        case .history:
            return self.options.keptInHistory && !self.options.isLiveOnly
                && !self.options.hiddenFromHistoryOf.contains(user)
        }
    }

    /// Everyone in the conversation but the sender sees it: what lets the hub write one buffer to all of them.
    package var isForEveryone: Bool { self.audience == .everyone }
}
