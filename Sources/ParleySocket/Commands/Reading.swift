import ParleyCore
import ParleyHub
import ParleyJSON

extension Command {
    static let read = Command(
        "read", "The user has read the conversation up to `seq`, on all of his devices.",
        required("conversation", Shapes.conversation), optional("seq", Shapes.sequence, "without it: all of it"),
        answer: .done
    ) { conversation, sequence in
        .effect { asker in
            try await asker.requireConversation(conversation)
            try await asker.core.read(conversation, through: sequence, by: asker.user, in: asker.app)
            return .done
        }
    }

    static let receipt = Command(
        "receipt", "The user has read just these messages: their senders, if they asked for receipts, are told.",
        required("conversation", Shapes.conversation), required("messages", Shapes.messages(1...100)), answer: .done
    ) { conversation, messages in
        .effect { asker in
            try await asker.requireConversation(conversation)
            try await asker.core.acknowledge(messages, of: conversation, by: asker.user, in: asker.app)
            return .done
        }
    }

    static let receipts = Command(
        "receipts", "Who has read a message, as its sender may know.", required("message", Shapes.message),
        answer: .receipts
    ) { message in
        .lookup { asker in
            let entry = try await asker.entry(message)
            let receipts = try await asker.core.receipts(
                of: .id(message), in: entry.conversation.conversation, for: asker.user, app: asker.app)
            let name = entry.conversation.conversation.name(for: asker.user)
            return Answer(.receipts) { $0.receipts(receipts, in: name) }
        }
    }

    static let ack = Command(
        "ack", "The client has everything up to `seq`.", required("conversation", Shapes.conversation),
        required("seq", Shapes.sequence, "more than was sent counts as what was sent"), answer: nil
    ) { conversation, sequence in
        .now { (reader) throws(Refusal) in
            guard reader.acknowledge(sequence, of: conversation) else { throw .unknownConversation }
            return nil
        }
    }

    static let sync = Command(
        "sync",
        "How far the client has got by its own books: what follows comes. Conversations that are not named, or not the user's, go on as they are.",
        required("cursors", Shapes.cursors), answer: nil
    ) { cursors in
        .now { reader in
            reader.begin(after: cursors)
            return nil
        }
    }

    static let ping = Command("ping", "Asks for a `pong`.", answer: .pong) { .now { _ in Answer(.pong) } }
}

extension JSONWriter {
    fileprivate mutating func receipts(_ receipts: ReadReceipts, in conversation: String) {
        self.field("conversation", conversation)
        self.field("message", receipts.entry.id.description)
        if let sequence = receipts.entry.sequence { self.field("seq", sequence) }
        self.field("readCount", receipts.readCount)
        self.field("unreadCount", receipts.unreadCount)
        self.field("readers") { json in
            json.array(receipts.readers) { json, reader in
                json.object {
                    $0.field("user", reader.user.rawValue)
                    $0.field("at", reader.at.milliseconds)
                }
            }
        }
    }
}

extension Frame {
    static let receipts = Frame(
        "receipts", "Who has read a message: the first 1,000 of them.", isAnswer: true,
        [
            Schema.Member("conversation", .conversation), Schema.Member("message", .messageID),
            Schema.Member("seq", .sequence), Schema.Member("readCount", .count), Schema.Member("unreadCount", .count),
            Schema.Member("readers", .list(.object([Schema.Member("user", .userID), Schema.Member("at", .moment)]))),
        ])
}
