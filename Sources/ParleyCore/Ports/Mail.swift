/// One user's messages across all of his conversations, in the order of their ids: for clients that keep one cursor, a time, and not one for each
/// conversation.
package protocol Mailbox: Sendable {
    /// Entries with an id greater than `after`, ascending, of the conversations that are the user's now: at least one if there is any that can be read,
    /// at most `limit`, and never more than ``Mail/limit`` or, but for the last, ``Mail/byteLimit``.
    ///
    /// What is said in threads is not among it: clients that are read to from it know none.
    ///
    /// It is as it was at one moment, and entries are committed in the order of their ids: what is committed later is after ``Mail/through``.
    func mail(of user: UserID, in app: AppID, after: MessageID, limit: Int) async throws -> Mail
}

package struct Mail: Sendable {
    /// The most items of one answer.
    package static let limit = 1000
    /// The most bytes of what was said in one answer: who hands it over to a client can write no more at once, and would read the rest again.
    package static let byteLimit = 512 * 1024

    /// What was said in a group before the user joined it is not in his mail at all.
    package struct Item: Sendable {
        package var entry: Entry
        /// False: cleared, deleted, taken back, not for him, or in a group that he has set not to reach him. It only holds a place. What is for those
        /// online only is visible here, whenever the reader came.
        package var isVisible: Bool

        package init(entry: Entry, isVisible: Bool) {
            self.entry = entry
            self.isVisible = isVisible
        }
    }

    package var items: [Item]
    /// Everything up to here has been looked at: read on after it. At least the last item's id; when there was nothing more, the newest id that was on
    /// disk at that moment, whosever it is. Never before what was asked for.
    package var through: MessageID
    /// There is more after ``through``.
    package var hasMore: Bool

    package init(items: [Item] = [], through: MessageID, hasMore: Bool = false) {
        self.items = items
        self.through = through
        self.hasMore = hasMore
    }
}
