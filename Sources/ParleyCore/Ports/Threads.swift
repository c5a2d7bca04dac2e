/// The threads of Apps. A part of the ``Directory``.
package protocol Threads: Sendable {
    func threads(_ selection: ThreadSelection) async throws -> [FoundThread]
    /// Those that were made on these messages.
    func threads(on messages: [MessageID], in app: AppID) async throws -> [Group]
    /// How many messages for all are kept of it.
    func messageCount(of thread: GroupID, in app: AppID) async throws -> Int
}

/// What rules may read of threads. A part of the ``DirectoryTransaction``.
package protocol ThreadTransaction: AnyObject {
    func thread(on message: MessageID) throws -> GroupID?
    /// - Parameter user: only those that he is in. Nil: all.
    func threads(of group: GroupID, joinedBy user: UserID?) throws -> [GroupID]
    /// - Parameter user: those that he is in. Nil: all of the App.
    func threadCount(joinedBy user: UserID?) throws -> Int
}

/// A page of threads: in the order of creation or, where a user is named, of his joining.
package struct ThreadSelection: Hashable, Sendable {
    package var app: AppID
    /// Only of this group.
    package var group: GroupID?
    /// Only those that he is in.
    package var user: UserID?
    package var isOldestFirst = false
    /// The position of the last of the page before. Nil: from the beginning.
    package var after: Int64?
    package var limit: Int

    package init(
        app: AppID, group: GroupID? = nil, user: UserID? = nil, isOldestFirst: Bool = false, after: Int64? = nil,
        limit: Int
    ) {
        self.app = app
        self.group = group
        self.user = user
        self.isOldestFirst = isOldestFirst
        self.after = after
        self.limit = limit
    }
}

package struct FoundThread: Hashable, Sendable {
    package var thread: Group
    /// Its place in the order of the selection.
    package var position: Int64

    package init(_ thread: Group, position: Int64) {
        self.thread = thread
        self.position = position
    }
}
