package import ParleyCore

/// The times by which a client knows its messages: those at which they were sent, made different from each other, because the time of the last message that
/// it has is all that a client remembers (facts/rongcloud-client.md, 6.5).
///
/// The same messages get the same times on every connection, wherever reading begins, as long as it begins ``overlap`` before what is wanted: of more than
/// that many messages in as many milliseconds nobody can make times that are both true and different.
package struct Stamps: Hashable, Sendable {
    /// Milliseconds.
    package static let overlap: Int64 = 5000

    /// What comes next is later.
    package private(set) var last: Int64 = 0

    package init() {}

    /// - Parameter id: greater than the one before.
    package mutating func next(_ id: MessageID) -> Int64 {
        self.last = max(id.sentAt.milliseconds, self.last + 1)
        return self.last
    }

    /// The client has a time that is later than any that it was given here.
    package mutating func pass(_ time: Int64) { self.last = max(self.last, time) }
}
