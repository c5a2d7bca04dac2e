/// Values that were used lately, bounded by weight.
///
/// Two generations: what is used moves to the younger one; when that holds half of what may be held, the older one is dropped and the younger takes its place. So what
/// is in use stays, without bookkeeping on each look.
struct RecentValues<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]
    private var youngWeight = 0
    private let limit: Int
    private let weight: @Sendable (Value) -> Int

    init(limit: Int, weight: @escaping @Sendable (Value) -> Int = { _ in 1 }) {
        self.limit = limit
        self.weight = weight
    }

    subscript(key: Key) -> Value? {
        mutating get {
            if let value = self.young[key] { return value }
            guard let value = self.old.removeValue(forKey: key) else { return nil }
            self.insert(value, for: key)
            return value
        }
    }

    mutating func insert(_ value: Value, for key: Key) {
        self.youngWeight += self.weight(value)
        self.young[key] = value
        guard self.youngWeight > self.limit / 2 else { return }
        self.old = self.young
        self.young = [:]
        self.youngWeight = 0
    }

    /// In place where nobody else holds the value; nothing where it is not there.
    mutating func modify(_ key: Key, _ body: (inout Value) -> Void) {
        if let index = self.young.index(forKey: key) {
            body(&self.young.values[index])
            self.youngWeight += 1
        } else if let index = self.old.index(forKey: key) {
            body(&self.old.values[index])
        }
    }

    mutating func remove(_ key: Key) {
        if let value = self.young.removeValue(forKey: key) {
            self.youngWeight -= self.weight(value)
        } else {
            self.old[key] = nil
        }
    }

    mutating func removeAll() {
        self.young = [:]
        self.old = [:]
        self.youngWeight = 0
    }

    var count: Int { self.young.count + self.old.count }
}
