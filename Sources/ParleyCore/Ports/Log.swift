/// The log of every conversation: the spine. What `append` has returned is on disk.
///
/// Errors other than those stated are faults (a full disk, a lost database): the caller's edge logs them and answers "internal error".
package protocol Log: Sendable {
    /// Appends in order, all or nothing, and returns when it is durable. Sequences, ids and repeats are decided inside the transaction.
    /// One receipt a draft, in the same order.
    func append(_ drafts: [Draft]) async throws -> [Receipt]

    /// Entries with a sequence greater than `after`, oldest first, at most `limit`.
    func entries(of conversation: ConversationID, after: UInt64, limit: Int) async throws -> [Entry]

    /// Entries with a sequence up to and including `upTo` (nil: from the newest), newest first, at most `limit`.
    func entries(of conversation: ConversationID, upTo: UInt64?, limit: Int) async throws -> [Entry]

    /// The ids of entries with a sequence up to and including `upTo` (nil: from the newest), newest first, at most `limit`: for who asks when, and not what.
    func ids(of conversation: ConversationID, upTo: UInt64?, limit: Int) async throws -> [EntryID]

    func entry(_ id: MessageID, in app: AppID) async throws -> Entry?
    func entry(_ sequence: UInt64, of conversation: ConversationID) async throws -> Entry?

    /// The greatest sequence so far; 0 when nothing was ever said.
    func lastSequence(of conversation: ConversationID) async throws -> UInt64

    /// Where `device` is to read on, in every conversation of `user` that has anything.
    ///
    /// A device that has confirmed nothing starts where the user's devices have got to, and if there are none, at what is still within
    /// retention (entries sent at or after `retainedSince`). No start is before that, before joining, or before what the user has cleared.
    func positions(
        of user: UserID, device: DeviceID, in app: AppID, retainedSince: Timestamp
    ) async throws -> [Position]

    /// The same; and the device is known from now on, until it has not been seen for long: of what is said after this, it has missed whatever it has
    /// not confirmed, however far the user's other devices get meanwhile. No crash leaves anything that was said afterwards and forgets this.
    ///
    /// - Throws: ``Rejection/overloaded``: nothing is remembered.
    func begin(
        _ device: DeviceID, of user: UserID, in app: AppID, retainedSince: Timestamp
    ) async throws -> [Position]

    /// How far the furthest device of each has got in the conversation; those are left out of whom none has confirmed anything there.
    func reached(by users: [UserID], in conversation: ConversationID) async throws -> [UserID: UInt64]

    /// Remembers how far a device has read. Never moves a cursor back; may be lost in a crash (the entries are then read again).
    func confirm(_ cursors: [Cursor]) async throws
}

extension DeviceID {
    /// No client calls itself so: its positions are what no device of a user has got yet.
    package static let nobodys = DeviceID("")
}

extension Log {
    package func ids(of conversation: ConversationID, upTo: UInt64?, limit: Int) async throws -> [EntryID] {
        try await self.entries(of: conversation, upTo: upTo, limit: limit).compactMap { entry in
            entry.sequence.map { EntryID(sequence: $0, id: entry.id) }
        }
    }

    package func append(_ draft: Draft) async throws -> Receipt { try await self.append([draft])[0] }
}

/// What an entry is called in its conversation, and in the App.
package struct EntryID: Hashable, Sendable {
    package var sequence: UInt64
    package var id: MessageID

    package init(sequence: UInt64, id: MessageID) {
        self.sequence = sequence
        self.id = id
    }
}

/// Where a reader is in a conversation, and how far the conversation goes.
package struct Position: Hashable, Sendable {
    package var conversation: Conversation
    /// Read on after this sequence.
    package var cursor: UInt64
    /// Where this device would have read on (after what it had confirmed, or after joining or clearing, if that was later), when what lies between is
    /// past retention: it has missed something. Nil: it has not, or it is new.
    package var missedAfter: UInt64?
    /// The user has cleared the conversation up to here (0: never).
    package var clearedThrough: UInt64 = 0
    /// Messages after the cursor that the user has deleted.
    package var hidden: Set<UInt64> = []
    package var lastSequence: UInt64
    package var lastSentAt: Timestamp

    package init(conversation: Conversation, cursor: UInt64, lastSequence: UInt64, lastSentAt: Timestamp) {
        self.conversation = conversation
        self.cursor = cursor
        self.lastSequence = lastSequence
        self.lastSentAt = lastSentAt
    }
}

/// How far one device of a user has read in a conversation.
package struct Cursor: Hashable, Sendable {
    package var conversation: ConversationID
    package var user: UserID
    package var device: DeviceID
    package var sequence: UInt64

    package init(conversation: ConversationID, user: UserID, device: DeviceID, sequence: UInt64) {
        self.conversation = conversation
        self.user = user
        self.device = device
        self.sequence = sequence
    }
}
