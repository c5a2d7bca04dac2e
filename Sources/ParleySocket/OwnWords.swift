package import ParleyCore

/// What one connection has said itself, and is not told again. A value without I/O.
package struct OwnWords {
    package static let limit = 1000

    /// Those that it has not met again in its user's messages.
    private var messages: Set<MessageID> = []
    private var reads: [Conversation: UInt64] = [:]

    package init() {}

    package mutating func say(_ id: MessageID) {
        self.messages.insert(id)
        // Of receipts and the like there are names that no log has.
        if self.messages.count > Self.limit, let oldest = self.messages.min() { self.messages.remove(oldest) }
    }

    /// - Returns: whether this connection said it. What is met once is not met again.
    package mutating func meet(_ id: MessageID) -> Bool { self.messages.remove(id) != nil }

    /// Whether this connection said it, for those who may meet it again.
    package func has(_ id: MessageID) -> Bool { self.messages.contains(id) }

    /// There is nothing left to meet up to here.
    package mutating func pass(_ id: MessageID) {
        if !self.messages.isEmpty { self.messages = self.messages.filter { $0 > id } }
    }

    /// That its user has read.
    package mutating func read(_ conversation: Conversation, through sequence: UInt64) {
        if self.reads.count >= Self.limit, self.reads[conversation] == nil { self.reads = [:] }
        self.reads[conversation] = max(self.reads[conversation] ?? 0, sequence)
    }

    /// Whether the user has read, as this place has it, no more than this connection has said.
    package func cover(_ place: Place) -> Bool {
        place.readThrough > 0 && place.readThrough <= self.reads[place.conversation] ?? 0
    }
}
