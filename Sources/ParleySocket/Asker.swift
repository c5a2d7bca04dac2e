import ParleyCore
import ParleyDialectKit

/// On whose behalf a command is done.
struct Asker: Sendable {
    let app: AppID
    let user: UserID
    /// The connection's.
    let device: DeviceID
    let socket: SocketContext

    var core: Core { self.socket.core }

    func id(_ conversation: Conversation) -> ConversationID { ConversationID(app: self.app, conversation) }

    /// - Throws: ``Refusal`` (`tooFast`).
    func require(_ limit: RateLimiter.Limit) async throws {
        guard try await self.isAdmitted(by: limit) else { throw Refusal.tooFast }
    }

    private func isAdmitted(by limit: RateLimiter.Limit) async throws -> Bool {
        guard let app = try await self.core.directory.app(self.app) else { return true }
        return self.socket.rates.admits(of: limit, for: app, by: self.user.rawValue)
    }

    /// The conversation can be one of the user's: not a room's, and not one with somebody who was never there. (That he is a member of a group is asked
    /// where it is decided.)
    ///
    /// - Throws: ``Refusal`` (`unknownConversation`).
    func requireConversation(_ conversation: Conversation) async throws {
        switch conversation {
        case .group, .system: return
        case .room: throw Refusal.unknownConversation
        case .direct(let pair):
            if try await self.core.directory.user(pair.peer(of: self.user), in: self.app) != nil { return }
            // Somebody who is gone.
            guard try await self.core.log.lastSequence(of: self.id(conversation)) > 0 else {
                throw Refusal.unknownConversation
            }
        }
    }

    /// A message that the user said or may see, whichever conversation it is in.
    ///
    /// - Throws: ``Refusal`` (`unknownMessage`).
    func entry(_ id: MessageID) async throws -> Entry {
        guard let entry = try await self.core.log.entry(id, in: self.app), let sequence = entry.sequence else {
            throw Refusal.unknownMessage
        }
        let viewer: Viewer
        do { viewer = try await self.core.viewer(self.user, of: entry.conversation) } catch is Rejection {
            throw Refusal.unknownMessage
        }
        guard let message = entry.message, message.sender != self.user else { return entry }
        guard message.audience.includes(self.user), sequence > viewer.shownAfter else { throw Refusal.unknownMessage }
        return entry
    }
}

/// What users may do in a second, unless the App says otherwise (`rate.parley.send`).
enum Rates {
    static let send = RateLimiter.Limit("parley.send", 50)
    static let typing = RateLimiter.Limit("parley.typing", 10)
}
