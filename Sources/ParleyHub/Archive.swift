import NIOCore
import ParleyCore

/// What a shard asks for that it does not have in memory. Answers come on the loop that is named.
protocol Archive: Sendable {
    /// Where a client stands. Asked when commits that follow are already being noted, so that nothing can fall between the two.
    func standing(
        of client: Client, on loop: any EventLoop, _ answer: @escaping @Sendable (Result<Standing, any Error>) -> Void)

    /// Entries after a sequence, oldest first.
    func entries(
        of conversation: ConversationID, after sequence: UInt64, limit: Int, on loop: any EventLoop,
        _ answer: @escaping @Sendable (Result<[Entry], any Error>) -> Void)

    /// Notes how far devices have read, soon and in the background. Whoever asks for a standing afterwards is told so.
    func confirm(_ cursors: [Cursor])
}

/// A client's groups and how far its device has read, at one moment after it was registered.
struct Standing: Sendable {
    /// Since the token was checked the user was blocked, or the token made void.
    var refusal: Disconnection?
    var memberships: [GroupID: Member] = [:]
    var positions: [Position] = []
}
