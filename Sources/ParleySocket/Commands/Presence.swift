import ParleyCore
import ParleyHub

extension Command {
    static let typing = Command(
        "typing", "The user is writing, or has stopped. The others who are online are told.",
        required("conversation", Shapes.conversation), optional("typing", Shapes.flag, default: true), answer: nil
    ) { conversation, isTyping in
        .effect { asker in
            try await asker.requireConversation(conversation)
            if case .system = conversation { throw Refusal.unknownConversation }
            try await asker.require(Rates.typing)
            try await asker.core.type(isTyping, in: conversation, by: asker.user, of: asker.app)
            return nil
        }
    }

    static let watch = Command(
        "watch", "Tells who of these users is online, now and whenever it changes, until the connection ends.",
        required("users", Shapes.users(1...1000)), answer: .done
    ) { users in
        .now { (reader) throws(Refusal) in
            guard reader.watch(users) else {
                throw Refusal(.tooMany, "users: one connection may not watch so many users")
            }
            return .done
        }
    }

    static let unwatch = Command(
        "unwatch", "Tells it no more.", required("users", Shapes.users(1...1000)), answer: .done
    ) { users in
        .now { reader in
            reader.unwatch(users)
            return .done
        }
    }
}
