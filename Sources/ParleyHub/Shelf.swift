import ParleyCore

/// Pages of conversations, older than their ``Tail``s, that were read from the log lately: whoever is behind there, too, is given the same entries.
///
/// What is past keeping meanwhile is given up with the rest, as in tails: when something else is read.
struct Shelf {
    /// Sequences in a page.
    static let pageSize: UInt64 = 64
    /// What the pages of one generation may hold, as ``ParleyCore/Entry/estimatedBytes`` says; there are two of them.
    private static let byteLimit = 4 * 1024 * 1024

    private struct Key: Hashable {
        let feed: ObjectIdentifier
        let start: UInt64
    }

    private struct Page {
        /// Held, so that none that comes later can be taken for it.
        let feed: Feed
        /// ``Feed/changes`` when it was read.
        let changes: UInt64
        let entries: [Entry]
        let bytes: Int
    }

    /// What is used lately is in the younger; when that is full, it takes the place of the older.
    private var young: [Key: Page] = [:]
    private var old: [Key: Page] = [:]
    private var youngBytes = 0

    /// After which sequence the page begins that `sequence` is followed in.
    static func start(ofPageAfter sequence: UInt64) -> UInt64 { sequence - sequence % Self.pageSize }

    /// What comes after `sequence`, up to the end of its page; empty: it is not here.
    mutating func entries(of feed: Feed, after sequence: UInt64) -> ArraySlice<Entry> {
        let key = Key(feed: ObjectIdentifier(feed), start: Self.start(ofPageAfter: sequence))
        guard let page = self.page(key), page.changes == feed.changes else { return [] }
        return page.entries.dropFirst(Int(sequence - key.start))
    }

    private mutating func page(_ key: Key) -> Page? {
        if let page = self.young[key] { return page }
        guard let page = self.old.removeValue(forKey: key) else { return nil }
        self.put(page, at: key)
        return page
    }

    /// Keeps a page that was read from the log, unless it lacks something: the conversation's end is still to come, or it is past keeping.
    ///
    /// - Parameter changes: ``Feed/changes`` before it was read.
    mutating func keep(_ entries: [Entry], of feed: Feed, after start: UInt64, changes: UInt64) {
        guard changes == feed.changes, entries.count == Int(Self.pageSize), entries.first?.sequence == start + 1,
            entries.last?.sequence == start + Self.pageSize
        else { return }
        let bytes = entries.reduce(0) { $0 + $1.estimatedBytes }
        self.put(
            Page(feed: feed, changes: changes, entries: entries, bytes: bytes),
            at: Key(feed: ObjectIdentifier(feed), start: start))
    }

    private mutating func put(_ page: Page, at key: Key) {
        self.youngBytes += page.bytes - (self.young.updateValue(page, forKey: key)?.bytes ?? 0)
        guard self.youngBytes >= Self.byteLimit else { return }
        self.old = exchange(&self.young, for: [:])
        self.youngBytes = 0
    }
}
