package import NIOCore
package import ParleyCore
import Synchronization

/// What the connections of one event loop have lately made of entries: each is spelled once for all of them. An entry does not change (what it becomes is
/// another), and so neither does what it is spelled like.
package final class Spellings<Spelling> {
    private struct Item {
        /// Held, so that none that comes later can be taken for it.
        let entry: Entry
        let spelling: Spelling
    }

    /// What is used lately is in the younger; when that is full, it takes the place of the older.
    private var young: [ObjectIdentifier: Item] = [:]
    private var old: [ObjectIdentifier: Item] = [:]
    private var youngBytes = 0

    private static var limit: Int { 1024 }
    private static var byteLimit: Int { 512 * 1024 }

    package init() {}

    package subscript(entry: Entry) -> Spelling? {
        let key = ObjectIdentifier(entry)
        return (self.young[key] ?? self.old[key])?.spelling
    }

    package func keep(_ spelling: Spelling, of entry: Entry, byteCount: Int) {
        self.young[ObjectIdentifier(entry)] = Item(entry: entry, spelling: spelling)
        self.youngBytes += byteCount
        guard self.young.count >= Self.limit || self.youngBytes >= Self.byteLimit else { return }
        self.old = exchange(&self.young, with: [:])
        self.youngBytes = 0
    }
}

/// One value for each event loop, touched on that loop only.
package final class PerLoop<Value>: Sendable {
    private let values = Mutex<[ObjectIdentifier: NIOLoopBound<Value>]>([:])
    private let make: @Sendable () -> Value

    package init(_ make: @escaping @Sendable () -> Value) { self.make = make }

    /// Called on `loop`.
    package func value(on loop: any EventLoop) -> Value {
        let bound = self.values.withLock { values in
            if let bound = values[ObjectIdentifier(loop)] { return bound }
            let bound = NIOLoopBound(self.make(), eventLoop: loop)
            values[ObjectIdentifier(loop)] = bound
            return bound
        }
        return bound.value
    }
}
