import NIOCore
import ParleyCore

/// What a shard asks for that it does not have in memory. Answers come on the loop that is named.
protocol Archive: Sendable {
    /// Where a client stands. Asked when commits that follow are already being noted, so that nothing can fall between the two.
    func standing(
        of client: Client, on loop: any EventLoop, _ answer: @escaping @Sendable (Result<Standing, any Error>) -> Void)

    /// What became of the user or the token since the door, where the standing is not asked for yet. Nil: nothing, or it cannot be said.
    func refusal(of client: Client, on loop: any EventLoop, _ answer: @escaping @Sendable (Disconnection?) -> Void)

    /// Entries after a sequence, oldest first.
    ///
    /// - Parameter user: what he has deleted and cleared is looked up too; nil: nobody's is.
    func entries(
        of conversation: ConversationID, after sequence: UInt64, limit: Int, hiddenFrom user: UserID?,
        on loop: any EventLoop, _ answer: @escaping @Sendable (Result<Piece, any Error>) -> Void)

    /// Notes how far devices have read, soon and in the background. Whoever asks for a standing afterwards is told so.
    func confirm(_ cursors: [Cursor])
    /// The same of what is kept beside conversations.
    func confirm(_ cursors: [EventCursor])

    /// Returns when what was confirmed before the call is noted for good.
    func settled() async
}

/// What was found in a conversation's log.
struct Piece: Sendable {
    var entries: [Entry]
    /// Those of them that the user has deleted for himself, if that was asked.
    var hidden: Set<UInt64> = []
    /// Up to where he has cleared the conversation, if that was asked.
    var clearedThrough: UInt64 = 0
}

/// A client's groups and how far its device has read, at one moment after it was registered.
struct Standing: Sendable {
    /// Since the token was checked the user was blocked, or the token made void.
    var refusal: Disconnection?
    var memberships: [GroupID: Member] = [:]
    /// Those of them that are threads.
    var threads: Set<GroupID> = []
    var positions: [Position] = []
}
