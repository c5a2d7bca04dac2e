/// Commands that wait for their answers: which to write next, which to write again, which have waited too long.
///
/// Numbers rise, and commands are written in the order of their numbers, also the second time: so messages that were typed while the connection
/// was down, and those whose answers were lost with it, arrive in the order in which they were sent.
struct Requests {
    /// The server has at most 32 under way and does not read beyond that, so this many are written at once.
    static let window = 16

    private struct Entry {
        var frame: [UInt8]
        /// Whether doing it twice is the same as doing it once.
        var isRepeatable: Bool
        var deadline: Duration?
        var isWritten = false
    }

    private var entries: [Int: Entry] = [:]
    /// Not written yet, in order. Those before `head` have been; those that are in no entry any more are passed over.
    private var waiting: [Int] = []
    private var head = 0
    private var underWay = 0
    /// Not after the first deadline of an entry; maybe before it.
    private(set) var deadline: Duration?

    var isEmpty: Bool { self.entries.isEmpty }

    mutating func add(_ number: Int, _ frame: [UInt8], isRepeatable: Bool, deadline: Duration?) {
        self.entries[number] = Entry(frame: frame, isRepeatable: isRepeatable, deadline: deadline)
        self.waiting.append(number)
        if let deadline { self.deadline = min(deadline, self.deadline ?? deadline) }
    }

    /// The next one to write, while fewer than ``window`` are under way.
    mutating func next() -> [UInt8]? {
        guard self.underWay < Self.window else { return nil }
        while self.head < self.waiting.count {
            let number = self.waiting[self.head]
            self.head += 1
            guard let frame = self.entries[number]?.frame else { continue }
            self.entries[number]?.isWritten = true
            self.underWay += 1
            return frame
        }
        self.waiting.removeAll()
        self.head = 0
        return nil
    }

    /// - Returns: false when nobody waits for that one (any more).
    mutating func remove(_ number: Int) -> Bool {
        guard let entry = self.entries.removeValue(forKey: number) else { return false }
        if entry.isWritten { self.underWay -= 1 }
        return true
    }

    /// The connection is gone: what was written is to be written again, but for what may not.
    /// - Returns: the numbers of those, which are forgotten.
    mutating func disconnected() -> [Int] {
        let lost = self.entries.filter { $0.value.isWritten && !$0.value.isRepeatable }.keys.sorted()
        for number in lost { self.entries[number] = nil }
        self.waiting = self.entries.keys.sorted()
        for number in self.waiting { self.entries[number]?.isWritten = false }
        self.head = 0
        self.underWay = 0
        return lost
    }

    /// Forgets those whose deadline has come.
    mutating func expired(at now: Duration) -> [Int] {
        guard let deadline, deadline <= now else { return [] }
        let expired = self.entries.filter { $0.value.deadline.map { $0 <= now } ?? false }.keys.sorted()
        for number in expired { _ = self.remove(number) }
        self.deadline = self.entries.values.compactMap(\.deadline).min()
        return expired
    }

    mutating func removeAll() -> [Int] {
        defer { self = Requests() }
        return self.entries.keys.sorted()
    }
}
