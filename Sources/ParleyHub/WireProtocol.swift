package import NIOCore
package import ParleyCore

/// How one client protocol spells what is in the log. One object for all connections that speak it: a frame that it has made once is written
/// to every connection.
package protocol WireProtocol: AnyObject, Sendable {
    /// Appends the entry as clients get it, framing included.
    ///
    /// - Parameter end: whose end of a direct conversation it is for; nil where all members get the same bytes.
    func write(_ entry: Entry, for end: UserID?, into frames: inout ByteBuffer)
}

/// The far side of one connection, in its own protocol. Called on the connection's event loop; what it has to say it writes to the reader's outbox.
package protocol Terminal: AnyObject {
    /// What was missed while the client was away has been written.
    func caughtUp()
    /// Asks for an answer that shows that everything written before has been read; it comes back as ``Reader/ponged(_:)``.
    func ping(_ number: UInt32)
    /// Says good-bye and closes the channel. Nothing more will come from the reader.
    func end(_ ending: Ending)
}
