/// What users are to be told of although they were away when it happened (``Event/isKept``), in the order of the log's ids. A part of the ``Directory``.
///
/// An event is kept once for each of those whom it is announced to: users, or a group. Only where it is read: in Apps of which some device has begun to
/// (``beginEvents(of:of:in:retainedSince:)``); in others nothing is written.
package protocol EventLog: Sendable {
    /// Where the device is to read on. It is known from now on, until it has not been seen for long: one that is new begins where the user's others have got to.
    ///
    /// Nothing before `retainedSince` is read, and of what concerns the user no more than the newest ``KeptEvent/limit``.
    ///
    /// - Throws: ``Rejection/overloaded``.
    func beginEvents(
        of device: DeviceID, of user: UserID, in app: AppID, retainedSince: Timestamp
    ) async throws -> EventBeginning

    /// The next that concern the user, with ids greater than `after`: those for him, and those for the groups that he is in, as far as they happened since he came.
    /// At most `limit`, and fewer where they are long (``KeptEvent/bytesAtOnce``).
    ///
    /// - Returns: `through`, up to where it has looked: all that is committed later is after it.
    func events(
        of user: UserID, in app: AppID, after: MessageID, limit: Int
    ) async throws -> (events: [KeptEvent], through: MessageID, hasMore: Bool)

    /// Remembers how far devices have got that have begun. Never moves back; a crash may lose it.
    func confirmEvents(_ cursors: [EventCursor]) async throws

    /// Tells what happens outside any transaction, and keeps it. Returns when it is written; but the disk need not have it.
    func announce(_ announcement: Announcement) async throws
}

package struct KeptEvent: Hashable, Sendable {
    /// Of one user (Easemob keeps as many; facts/easemob-server.md).
    package static let limit = 500
    /// Of one, as it is kept. What is longer is told to those who are there alone.
    package static let byteLimit = 32 << 10
    /// What is read at once.
    package static let bytesAtOnce = 1 << 20

    package var id: MessageID
    package var event: Event

    package init(id: MessageID, event: Event) {
        self.id = id
        self.event = event
    }
}

package struct EventBeginning: Hashable, Sendable {
    package var after: MessageID
    /// It has not confirmed anything yet, or was away for so long that not all it missed is told.
    package var isNew: Bool

    package init(after: MessageID, isNew: Bool) {
        self.after = after
        self.isNew = isNew
    }
}

/// How far one device of a user has got in the events that are kept for him.
package struct EventCursor: Hashable, Sendable {
    package var app: AppID
    package var user: UserID
    package var device: DeviceID
    package var through: MessageID

    package init(app: AppID, user: UserID, device: DeviceID, through: MessageID) {
        self.app = app
        self.user = user
        self.device = device
        self.through = through
    }
}
