import NIOCore
import ParleyCore

/// One conversation as one shard follows it: its readers here, and its newest entries in memory, already encoded.
final class Feed {
    let conversation: ConversationID
    /// The greatest sequence that is known to be on disk.
    var last: UInt64 = 0
    private(set) var subscriptions: [Subscription] = []
    var tail = Tail()
    /// What has been committed and is not handed out yet: in this tick; of a large group, since it was written to the last time.
    var run: [Entry] = []
    /// The last place in the shard's crowd of those who have got the last run.
    var place: UInt64 = 0
    /// When the tail last grew, in runs of the shard.
    var grewAt: UInt64 = 0
    /// How often what was said before has been changed, or has begun anew: what was read from the log before that may not be as it is now.
    var changes: UInt64 = 0

    init(_ conversation: ConversationID) { self.conversation = conversation }

    var isUnread: Bool { self.subscriptions.isEmpty }

    func add(_ subscription: Subscription) {
        subscription.index = self.subscriptions.count
        self.subscriptions.append(subscription)
    }

    func remove(_ subscription: Subscription) {
        let moved = self.subscriptions.removeLast()
        guard moved !== subscription else { return }
        moved.index = subscription.index
        self.subscriptions[subscription.index] = moved
    }

    /// All members of a group see the same bytes; of a direct conversation each end sees the other.
    func form(for reader: Reader) -> Int {
        guard case .direct(let pair) = self.conversation.conversation else { return reader.wireIndex }
        return reader.wireIndex * 2 + (reader.client.user == pair.lesser ? 0 : 1)
    }

    /// Whose end of the conversation `reader` is at, where that makes a difference.
    func end(of reader: Reader) -> UserID? {
        if case .direct = self.conversation.conversation { reader.client.user } else { nil }
    }
}

/// The newest entries of a conversation, without gaps, and their frames in the forms that were asked for.
struct Tail {
    struct Item {
        let entry: Entry
        /// By form.
        var frames: [ByteBuffer?] = []

        var bytes: Int { self.frames.reduce(self.entry.estimatedBytes) { $0 + ($1?.readableBytes ?? 0) } }
    }

    private(set) var items = CircularBuffer<Item>(initialCapacity: 1)
    /// What the entries and their frames take, roughly.
    private(set) var bytes = 0

    var first: UInt64? { self.items.first?.entry.sequence }
    var last: UInt64? { self.items.last?.entry.sequence }
    var isEmpty: Bool { self.items.isEmpty }

    /// Appends what continues the tail. Anything else makes a new beginning: there was a gap, or the conversation has begun anew.
    mutating func append(_ entry: Entry, limit: Int) {
        guard let sequence = entry.sequence else { return }
        if let last = self.last, sequence != last + 1 { self.removeAll() }
        self.items.append(Item(entry: entry))
        self.bytes += entry.estimatedBytes
        while self.items.count > limit { self.bytes -= self.items.removeFirst().bytes }
    }

    mutating func removeAll() {
        self.items.removeAll(keepingCapacity: false)
        self.bytes = 0
    }

    /// Entries do not change, so whoever reads the tail from now on finds another one in the place of what is taken back or edited.
    ///
    /// - Returns: whether the entry is of that kind.
    mutating func apply(_ entry: Entry) -> Bool {
        switch entry.body {
        case .message, .notice: return false
        case .recall(let recall):
            if let target = recall.targetSequence { self.recall(target, leavesNoTrace: recall.leavesNoTrace) }
        case .edit(let edit):
            guard let target = edit.targetSequence, self.contains(target), case let item = self[target],
                item.entry.message != nil
            else { break }
            var fate = item.entry.fate
            fate.edit = edit.mark
            self.replace(target, by: item.entry.with(.message(edit.message), fate), keeping: [])
        }
        return true
    }

    private mutating func recall(_ target: UInt64, leavesNoTrace: Bool) {
        for item in self.items {
            // The message, and what it was changed to before it was taken back.
            guard let sequence = item.entry.sequence, sequence == target || item.entry.isEdit(of: target) else {
                continue
            }
            var fate = item.entry.fate
            fate.isRecalled = true
            fate.leavesNoTrace = leavesNoTrace
            self.replace(sequence, by: item.entry.with(item.entry.body, fate), keeping: item.frames)
        }
    }

    /// The message, and what it was changed to since. Their frames say what is so no longer.
    mutating func amend(_ target: UInt64, _ options: MessageOptions) {
        for item in self.items {
            guard let sequence = item.entry.sequence, sequence == target || item.entry.isEdit(of: target),
                let body = item.entry.body.amended(options)
            else { continue }
            self.replace(sequence, by: item.entry.with(body, item.entry.fate), keeping: [])
        }
    }

    private mutating func replace(_ sequence: UInt64, by entry: Entry, keeping frames: [ByteBuffer?]) {
        let item = Item(entry: entry, frames: frames)
        self.bytes += item.bytes - self[sequence].bytes
        self[sequence] = item
    }

    /// The entry as it is now, if it is here.
    func current(_ entry: Entry) -> Entry {
        guard let sequence = entry.sequence, self.contains(sequence) else { return entry }
        let current = self.entry(sequence)
        return current.id == entry.id ? current : entry
    }

    func contains(_ sequence: UInt64) -> Bool {
        guard let first = self.first, let last = self.last else { return false }
        return first <= sequence && sequence <= last
    }

    func entry(_ sequence: UInt64) -> Entry { self.items[self.index(of: sequence)].entry }

    func frames(_ sequence: UInt64, form: Int) -> ByteBuffer? {
        let frames = self.items[self.index(of: sequence)].frames
        return form < frames.count ? frames[form] : nil
    }

    mutating func keep(_ frames: ByteBuffer, of sequence: UInt64, form: Int) {
        guard self.contains(sequence) else { return }
        let index = self.index(of: sequence)
        while self.items[index].frames.count <= form { self.items[index].frames.append(nil) }
        self.bytes += frames.readableBytes - (self.items[index].frames[form]?.readableBytes ?? 0)
        self.items[index].frames[form] = frames
    }

    private subscript(_ sequence: UInt64) -> Item {
        get { self.items[self.index(of: sequence)] }
        set { self.items[self.index(of: sequence)] = newValue }
    }

    private func index(of sequence: UInt64) -> CircularBuffer<Item>.Index {
        self.items.index(self.items.startIndex, offsetBy: Int(sequence - self.items.first!.entry.sequence!))
    }
}

extension Entry {
    fileprivate func with(_ body: Body, _ fate: Fate) -> Entry {
        Entry(conversation: self.conversation, sequence: self.sequence, id: self.id, body: body, fate: fate)
    }

    fileprivate func isEdit(of target: UInt64) -> Bool {
        if case .edit(let edit) = self.body { edit.targetSequence == target } else { false }
    }

    /// What it takes, and about what its frame takes: the native form, a wire's own or the common one, and some names.
    var estimatedBytes: Int {
        switch self.body {
        case .message(let message): 384 + 2 * message.native.payload.count
        case .edit(let edit): 384 + 2 * edit.message.native.payload.count
        case .recall, .notice: 384
        }
    }
}
