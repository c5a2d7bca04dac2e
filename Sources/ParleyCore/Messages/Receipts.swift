/// Who has read a message, as its sender may know.
package struct ReadReceipts: Sendable {
    package var entry: Entry
    package var readCount: Int
    /// Members who could see the message and have not read it.
    package var unreadCount: Int
    /// In the order of reading.
    package var readers: [ReadReceipt]

    package init(entry: Entry, readCount: Int, unreadCount: Int, readers: [ReadReceipt]) {
        self.entry = entry
        self.readCount = readCount
        self.unreadCount = unreadCount
        self.readers = readers
    }
}

package struct ReadReceipt: Hashable, Sendable {
    package var user: UserID
    package var at: Timestamp

    package init(user: UserID, at: Timestamp) {
        self.user = user
        self.at = at
    }
}

extension Core {
    /// Who has read a message of a group, or of a direct conversation, that asked for receipts (``MessageOptions/wantsReadReceipts``).
    ///
    /// - Parameters:
    ///   - asker: must be the sender; nil: the App itself asks.
    ///   - limit: readers at most, the first of them.
    /// - Throws: ``Rejection/messageNotFound``, ``Rejection/notPermitted``, ``Rejection/noReceipts`` (the message did not ask for them).
    package func receipts(
        of target: MessageTarget, in conversation: Conversation? = nil, for asker: UserID?, app: AppID,
        limit: Int = 1000
    ) async throws -> ReadReceipts {
        guard let entry = try await self.log.find(target, in: conversation, of: app), let sequence = entry.sequence,
            let message = entry.message
        else { throw Rejection.messageNotFound }
        if let asker, asker != message.sender { throw Rejection.notPermitted }
        guard message.options.wantsReadReceipts else { throw Rejection.noReceipts }
        let readers = try await self.places.readers(of: sequence, in: entry.conversation)
        let read = Set(readers.map(\.user))
        let audience = try await self.audience(of: message, at: sequence, in: entry.conversation)
        return ReadReceipts(
            entry: entry, readCount: readers.count, unreadCount: audience.subtracting(read).count,
            readers: Array(readers.prefix(limit)))
    }

    /// Who was there and could see a message, but for its sender.
    package func audience(
        of message: Message, at sequence: UInt64, in conversation: ConversationID
    ) async throws -> Set<UserID> {
        var users: Set<UserID>
        switch conversation.conversation {
        case .group(let id):
            let members = try await self.directory.group(id, in: conversation.app)?.members ?? [:]
            users = Set(members.lazy.filter { $0.value.joinedAtSequence < sequence }.map(\.key))
        case .direct(let pair): users = [pair.lesser, pair.greater]
        case .system(let user): users = [user]
        case .room: users = []
        }
        users.remove(message.sender)
        return users.filter { message.audience.includes($0) }
    }
}

extension Log {
    /// The entry that a target names, if it is in the conversation (nil: whichever it is in).
    package func find(_ target: MessageTarget, in conversation: Conversation?, of app: AppID) async throws -> Entry? {
        switch target {
        case .id(let id):
            guard let entry = try await self.entry(id, in: app) else { return nil }
            return conversation == nil || conversation == entry.conversation.conversation ? entry : nil
        case .sequence(let sequence):
            guard let conversation else { return nil }
            return try await self.entry(sequence, of: ConversationID(app: app, conversation))
        }
    }
}
