import ParleyCore
import ParleyJSON

/// Pages are bounded in bytes too: one answer is never much longer than this and one message.
enum Page {
    static let bytes = 512 * 1024

    /// What fits of a piece of history, and where to go on.
    static func cut(_ page: HistoryPage) -> (messages: [[UInt8]], next: UInt64?) {
        var messages: [[UInt8]] = []
        var size = 0
        for (index, entry) in page.entries.enumerated() {
            var message = JSONWriter(capacity: 512)
            message.listed(entry)
            size += message.bytes.count
            messages.append(message.bytes)
            if size > self.bytes, index + 1 < page.entries.count { return (messages, entry.sequence) }
        }
        return (messages, page.next)
    }
}

/// Where a page of the list begins, as clients carry it from one page to the next.
extension ConversationPage.Bookmark {
    var text: String { "\(self.isPinned ? 1 : 0).\(self.moment.milliseconds).\(self.number)" }

    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Int64($0) }
        guard parts.count == 3, let pinned = parts[0], (0...1).contains(pinned), let moment = parts[1],
            let number = parts[2]
        else { return nil }
        self.init(isPinned: pinned == 1, moment: Timestamp(milliseconds: moment), number: number)
    }
}
