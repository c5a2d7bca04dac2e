import ParleyCore
import ParleyDialectKit

/// A conversation as one of its users names it: `conversationType` 1, 3 or 6, and `targetId`.
struct OwnConversation: Hashable, Sendable {
    let user: UserID
    let conversation: Conversation

    init(of user: UserID, _ parameters: Parameters) throws(Malformed) {
        let number = try parameters.requiredInteger("conversationType", in: 1...10)
        let target = try parameters.requiredID("targetId")
        self.user = user
        switch ConversationType(rawValue: UInt8(number)) {
        case .direct: self.conversation = .direct(user, UserID(target))
        case .group: self.conversation = .group(GroupID(target))
        // Whoever the App says it through, what it says to a user is one conversation here.
        case .system: self.conversation = .system(user)
        case .discussion, .room, .customerService, .ultraGroup, nil: throw Malformed("conversationType", .invalid)
        }
    }
}
