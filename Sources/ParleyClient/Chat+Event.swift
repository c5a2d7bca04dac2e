#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension Chat {
    /// What happens. Later versions may add cases: have a `default`.
    public enum Event: Hashable, Sendable {
        /// The server has let this client in. What was missed follows, then ``ready``.
        case connected(Greeting)
        /// Missed or live: per conversation in order, once.
        case message(Message)
        case recall(Recall)
        case edit(Edit)
        case notice(Notice)
        /// Something is not sent; see ``Gap``.
        case gap(Gap)
        /// All that was missed has come.
        case ready
        /// This user has read, pinned, muted, cleared or removed a conversation on another device.
        case conversation(ConversationState)
        case read(ReadMark)
        case receipt(Receipt)
        /// This user is in a group from now on, or no longer.
        case membership(Conversation, isMember: Bool)
        /// This user has deleted messages for himself, on another device.
        case deleted(Conversation, [MessageID])
        case typing(Conversation, UserID, isTyping: Bool)
        /// Of a user that is watched: ``Chat/watch(_:)``.
        case presence(Presence)
        /// The connection is gone. With `retryIn` it is made again by itself; without, this is the last event.
        case disconnected(Ending, retryIn: Duration?)
        /// A frame that is not as the protocol says. For a log.
        case unreadable(String)
    }

    /// Who the server takes this client for.
    public struct Greeting: Hashable, Sendable {
        public var app: String
        public var user: UserID
        public var device: String
        public var session: String
        /// The server's clock.
        public var now: Date
    }

    /// Why a connection, or the chat, has ended.
    public enum Ending: Hashable, Sendable, CustomStringConvertible {
        /// ``Chat/close()`` was called.
        case closed
        /// Not let in: the HTTP status, and what the server said. 401: the token is not good.
        case refused(status: Int, message: String)
        /// The token provider threw.
        case noToken(String)
        /// The server is stopping.
        case goingAway
        /// The server could not find out what this client is to read.
        case fault
        /// The backend ended the connection.
        case kicked
        /// The token has expired or was made void. A new one is asked for.
        case tokenExpired
        /// The user is blocked or gone.
        case userInactive
        /// The same device has connected again.
        case replaced
        /// The user connected with another device of the same platform.
        case loggedInElsewhere
        /// The server closed with another code.
        case closedByServer(code: Int)
        /// Could not connect, or the connection broke.
        case network(String)
        /// Nothing was heard from the server for too long.
        case silence

        public var description: String {
            switch self {
            case .closed: "closed"
            case .refused(let status, let message): "refused: \(status) \(message)"
            case .noToken(let why): "no token: \(why)"
            case .goingAway: "the server is stopping"
            case .fault: "the server failed"
            case .kicked: "ended by the backend"
            case .tokenExpired: "the token has expired"
            case .userInactive: "the user is blocked or gone"
            case .replaced: "the same device has connected again"
            case .loggedInElsewhere: "logged in on another device"
            case .closedByServer(let code): "closed by the server (\(code))"
            case .network(let why): why
            case .silence: "the server is silent"
            }
        }
    }
}

extension Chat.Event {
    /// Where this is in its conversation, if it takes a place there: what a ``CursorStore`` remembers.
    var position: (conversation: Conversation, sequence: Int64)? {
        switch self {
        case .message(let message): message.sequence.map { (message.conversation, $0) }
        case .recall(let recall): recall.sequence.map { (recall.conversation, $0) }
        case .edit(let edit): edit.sequence.map { (edit.conversation, $0) }
        case .notice(let notice): notice.sequence.map { (notice.conversation, $0) }
        case .gap(let gap): (gap.conversation, gap.before - 1)
        default: nil
        }
    }
}
