import Crypto
import ParleyCore

/// Which messages of the last minutes came with which key, in memory: a table of keys would cost each message a page at a place of its own, more than the
/// message itself. The digest of its key is in the message's row, from which the book is made when the server begins. Used by the writer's thread only.
///
/// What a batch adds can be taken back to a mark, as its SQL is.
final class RepeatBook {
    /// Keys that live longer are in the table `repeats`: memory is for what is soon forgotten.
    static let longestSeconds: Int64 = 300

    private struct Said {
        let id: MessageID
        /// By the clock: ids run ahead of one that was set back.
        let at: Timestamp
    }

    /// Of the keys that came one after the other, by a part of their digests; given up as a whole.
    private struct Page {
        var messages: [UInt64: Said] = [:]
        /// When the last of them is forgotten.
        var end = Timestamp.distantPast
    }

    private let pageSize: Int
    private let pageLimit: Int
    private static let readLimit = 10_000

    /// Oldest first.
    private var pages: [Page] = []
    /// What the batch has added to the last page.
    private var added: [(place: UInt64, before: Said?)] = []
    /// Messages up to this one are known.
    private var newest: MessageID?
    /// Another process may have written since.
    private var isComplete = false

    /// - Parameters:
    ///   - pageSize: so few that no page takes long to grow.
    ///   - pageLimit: in all four million keys (about 120 MB); beyond, the oldest are forgotten too early.
    init(pageSize: Int = 65_536, pageLimit: Int = 64) {
        self.pageSize = pageSize
        self.pageLimit = pageLimit
    }

    /// How many keys are remembered.
    var count: Int { self.pages.reduce(0) { $0 + $1.messages.count } }

    // MARK: Keys

    /// The receipt of the first message with this key, if it came within its lifetime.
    func firstReceipt(
        for key: RepeatKey, inConversation number: Int64, now: Timestamp, on connection: SQLConnection
    ) throws -> Receipt? {
        try self.complete(now: now, on: connection)
        let place = key.place(inConversation: number)
        guard let said = self.pages.lazy.reversed().compactMap({ $0.messages[place] }).first,
            said.at.adding(seconds: key.lifetimeSeconds) > now
        else { return nil }
        return try connection.receipt(of: said.id, carrying: key.digest, inConversation: number)
    }

    /// After ``firstReceipt(for:inConversation:now:on:)``, in the same transaction.
    func remember(_ id: MessageID, for key: RepeatKey, inConversation number: Int64, now: Timestamp) {
        self.remember(Said(id: id, at: now), for: key, inConversation: number, now: now)
    }

    private func remember(_ said: Said, for key: RepeatKey, inConversation number: Int64, now: Timestamp) {
        let place = key.place(inConversation: number)
        self.openPage(now: now)
        let last = self.pages.count - 1
        self.added.append((place, self.pages[last].messages.updateValue(said, forKey: place)))
        self.pages[last].end = max(self.pages[last].end, said.at.adding(seconds: key.lifetimeSeconds))
    }

    private func openPage(now: Timestamp) {
        // What was added to the last page is taken back there.
        guard self.added.isEmpty, self.pages.last.map({ $0.messages.count >= self.pageSize }) ?? true else {
            if self.pages.isEmpty { self.pages.append(Page()) }
            return
        }
        if self.pages.count >= self.pageLimit { self.pages.removeFirst() }
        self.pages.append(Page())
    }

    private func complete(now: Timestamp, on connection: SQLConnection) throws {
        guard !self.isComplete else { return }
        // Where the clock was set back, the last five minutes are those of the ids.
        let latest = max(now, try connection.greatestEntry()?.sentAt ?? now)
        let start = MessageID(sentAt: latest.adding(seconds: -Self.longestSeconds), slot: 0)
        var newest = max(self.newest ?? start, start)
        var found: [(id: MessageID, conversation: Int64, digest: [UInt8])]
        repeat {
            found = try connection.digests(after: newest, limit: Self.readLimit)
            for (id, conversation, digest) in found {
                let key = RepeatKey(digest: digest, lifetimeSeconds: Self.longestSeconds)
                self.remember(Said(id: id, at: min(id.sentAt, now)), for: key, inConversation: conversation, now: now)
                newest = id
            }
            self.added.removeAll(keepingCapacity: true)
        } while found.count == Self.readLimit
        self.newest = newest
        self.isComplete = true
    }

    // MARK: The batch

    typealias Mark = Int

    var mark: Mark { self.added.count }

    func rollBack(to mark: Mark) {
        while self.added.count > mark {
            let (place, before) = self.added.removeLast()
            self.pages[self.pages.count - 1].messages[place] = before
        }
    }

    /// - Parameter newest: the last message of the batch.
    func committed(through newest: MessageID?, now: Timestamp) {
        self.added.removeAll(keepingCapacity: true)
        // Where it is not complete, this is read together with what others have written.
        if self.isComplete, let newest { self.newest = newest }
        while let first = self.pages.first, first.end <= now { self.pages.removeFirst() }
    }

    /// After a failed batch, or when another process has written: what is new is looked up.
    func forget() {
        self.rollBack(to: 0)
        self.isComplete = false
    }
}

/// What a message is known by when it comes again, where that is not for long.
struct RepeatKey: Sendable {
    let digest: [UInt8]
    let lifetimeSeconds: Int64

    init(digest: [UInt8], lifetimeSeconds: Int64) {
        self.digest = digest
        self.lifetimeSeconds = lifetimeSeconds
    }

    /// Nil: it lives too long for the ``RepeatBook``.
    init?(_ key: DeduplicationKey) {
        guard key.lifetimeSeconds <= RepeatBook.longestSeconds else { return nil }
        self.init(
            digest: Array(SHA256.hash(data: Array(key.key.utf8)).prefix(16)), lifetimeSeconds: key.lifetimeSeconds)
    }

    /// Where it is in memory: two keys hardly ever have the same place, and whose it is stands in the message's row.
    fileprivate func place(inConversation number: Int64) -> UInt64 {
        let head = self.digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        return head ^ UInt64(bitPattern: number) &* 0x9E37_79B9_7F4A_7C15
    }
}
