package import NIOCore
package import ParleyCore

/// How one client protocol spells what is in the log. One object for all connections that speak it: a frame that it has made once is written
/// to every connection.
package protocol WireProtocol: AnyObject, Sendable {
    /// Appends the entry as clients get it, framing included.
    ///
    /// - Parameter end: whose end of a direct conversation it is for; nil where all members get the same bytes.
    func write(_ entry: Entry, for end: UserID?, into frames: inout ByteBuffer)

    /// Appends an event as clients get it, framing included; nothing, where the protocol has no such thing.
    ///
    /// - Parameter end: as above.
    func write(_ event: Event, for end: UserID?, into frames: inout ByteBuffer)

    /// It has words for what happens to groups, threads and reactions (``ParleyCore/Event/group(_:)``, `thread`, `reacted`): others are not told.
    var tellsOfGroups: Bool { get }

    /// What no log keeps is handed to the terminal (``Terminal/told(_:)``) instead of being written: its frames are not the same for everyone.
    var handsNewsOver: Bool { get }

    /// Its terminals read on in what is kept (``ParleyCore/EventLog``), wherever they stop listening: what is kept is handed to them whether there is room or not.
    var readsKeptEvents: Bool { get }
}

extension WireProtocol {
    package var tellsOfGroups: Bool { false }
    package var handsNewsOver: Bool { false }
    package var readsKeptEvents: Bool { false }
}

/// The protocol of clients that keep one place in all that is theirs, not one in each conversation: what is said to them cannot be written as it comes.
/// Their terminals are told that something is there, and take what they have heard (``Reader/heard(after:)``) or, where that is not all, read the log: nothing is
/// encoded or read for them.
package final class Bell: WireProtocol {
    package static let shared = Bell()

    private init() {}

    package var handsNewsOver: Bool { true }

    package func write(_ entry: Entry, for end: UserID?, into frames: inout ByteBuffer) {}
    package func write(_ event: Event, for end: UserID?, into frames: inout ByteBuffer) {}
}

/// What is beside the log of conversations: for those who are online.
package enum News: Sendable {
    case entry(Entry)
    /// - Parameter id: by which it is kept for those who are away; nil: it is not.
    case event(Event, id: MessageID?)
}

/// A piece of a conversation that a connection is not sent, because it asked for no more or because it is past retention. The client finds what is still
/// kept of it in history.
package struct Gap: Hashable, Sendable {
    package var conversation: Conversation
    /// What the client had before …
    package var after: UInt64
    /// … and what it gets next.
    package var before: UInt64
    package var reason: Reason

    package enum Reason: String, Hashable, Sendable {
        /// The device was away for longer than messages are kept for it.
        case retention
        /// More was missed than the client wants at once (``Client/catchUpLimit``).
        case limit
    }

    package init(conversation: Conversation, after: UInt64, before: UInt64, reason: Reason) {
        self.conversation = conversation
        self.after = after
        self.before = before
        self.reason = reason
    }
}

/// The far side of one connection, in its own protocol. Called on the connection's event loop; what it has to say it writes to the reader's outbox.
package protocol Terminal: AnyObject {
    /// What was missed while the client was away has been written.
    func caughtUp()
    /// Says that a piece of a conversation is not sent; what is written next comes after it.
    func skipped(_ gap: Gap)
    /// Asks for an answer that shows that everything written before has been read; it comes back as ``Reader/ponged(_:)``.
    func ping(_ number: UInt32)
    /// Something was said that is for this reader, or may be, and is in the log. Only of those who listen to the ``Bell``, when it is their turn to be written to.
    func rung()
    /// Only where the protocol wants it so (``WireProtocol/handsNewsOver``).
    func told(_ news: News)
    /// Says good-bye and closes the channel. Nothing more will come from the reader.
    func end(_ ending: Ending)
}

extension Terminal {
    package func rung() {}
    package func told(_ news: News) {}
}
