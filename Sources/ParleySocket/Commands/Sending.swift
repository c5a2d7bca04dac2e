import ParleyCore
import ParleyDialectKit
import ParleyHub
import ParleyJSON

extension Command {
    static let send = Command(
        "send", "Says something. When `sent` comes, the message is on disk.",
        required("conversation", Shapes.conversation),
        optional(
            "id", Shapes.text(1...128),
            "the client's own: within 24 hours the same user's same id in the same conversation is the same message"),
        required("kind", Shapes.kind), required("content", Shapes.content, "by `kind`"),
        optional("options", Shapes.options, default: MessageOptions()),
        optional("to", Shapes.users(1...100), "the members of the group whom alone it is for"),
        optional("ephemeral", Shapes.flag, default: false, "only for those who are online; not stored, without `seq`"),
        answer: .sent
    ) { (conversation, id, kind, content, options, to, isEphemeral) throws(Refusal) in
        .send(
            Outgoing(
                conversation: conversation, id: id, wording: try Wording(kind, content), options: options, to: to,
                isEphemeral: isEphemeral))
    }

    static let recall = Command(
        "recall",
        "Takes a message back: the sender's own while it is not too old, or anybody's in a group that the user owns or administers.",
        required("message", Shapes.message), optional("reason", Shapes.text(0...1024)), answer: .done
    ) { message, reason in
        .effect { asker in
            try await asker.require(Rates.send)
            let entry = try await asker.entry(message)
            var command = RecallMessage(
                app: asker.app, conversation: entry.conversation.conversation, target: .id(message), by: asker.user,
                byAdministrator: false,
                windowSeconds: try await asker.core.directory.app(asker.app)?.settings.recallWindowSeconds)
            command.honoursRole = true
            command.reason = reason
            return .done(try await asker.core.recall(command))
        }
    }

    static let edit = Command(
        "edit",
        "Changes what a message says: the sender's own, or anybody's in a group that the user owns or administers.",
        required("message", Shapes.message), required("kind", Shapes.kind),
        required("content", Shapes.content, "by `kind`"), optional("attachment", Shapes.text(0...8192)), answer: .done
    ) { (message, kind, content, attachment) throws(Refusal) in
        let wording = try Wording(kind, content)
        return .effect { asker in
            try await asker.require(Rates.send)
            let entry = try await asker.entry(message)
            guard let old = entry.message else { throw Rejection.notEditable }
            // Who may not speak may not speak by editing.
            let admitted = try await asker.core.requireAdmission(
                of: Send(
                    app: asker.app, conversation: entry.conversation.conversation,
                    message: Message(
                        sender: asker.user, audience: old.audience, content: wording.content, native: wording.native),
                    checks: Outgoing.checks.subtracting([.frequency, .recipientExists])))
            guard let admitted else { return .done }
            return .done(
                try await asker.core.edit(
                    EditMessage(
                        app: asker.app, conversation: entry.conversation.conversation, target: .id(message),
                        by: asker.user, byAdministrator: false, content: admitted.content, native: admitted.native,
                        attachment: attachment, limit: Self.editLimit)))
        }
    }

    /// Each edit is an entry of the conversation for good.
    static let editLimit = 100

    static let delete = Command(
        "delete", "Hides messages from this user, on all of his devices. Everyone else still has them.",
        required("conversation", Shapes.conversation), required("messages", Shapes.messages(1...100)), answer: .done
    ) { conversation, messages in
        .effect { asker in
            try await asker.requireConversation(conversation)
            try await asker.core.delete(messages, of: conversation, for: asker.user, in: asker.app)
            return .done
        }
    }
}

extension Answer {
    /// With the entry that was made.
    fileprivate static func done(_ receipt: Receipt) -> Answer {
        Answer(.done) { json in
            json.field("id", receipt.id.description)
            if let sequence = receipt.sequence { json.field("seq", sequence) }
        }
    }
}
