import ParleyCore
import ParleyJSON

/// A message as a client hands it in.
struct Outgoing: Sendable {
    /// What is asked before a client's message is admitted.
    static let checks: Send.Checks = [
        .groupExists, .senderIsMember, .mutes, .globalMute, .blocks, .recipientExists, .frequency,
    ]
    fileprivate static let repeatSeconds: Int64 = 24 * 3600

    var conversation: Conversation
    var id: String?
    var wording: Wording
    var options: MessageOptions
    var to: [UserID]?
    var isEphemeral: Bool
}

extension Asker {
    /// One append for all that waited while the one before was under way: the order is the client's, and a flush is not for one message alone.
    func send(_ batch: [Outgoing]) async -> [Result<Answer, any Error>] {
        do {
            var outcomes: [Result<Send, any Error>] = []
            for message in batch {
                do { outcomes.append(.success(try await self.command(for: message))) } catch {
                    outcomes.append(.failure(error))
                }
            }
            var receipts = try await self.core.send(outcomes.compactMap { try? $0.get() }).makeIterator()
            return zip(batch, outcomes).map { message, outcome in
                outcome.flatMap { _ in
                    receipts.next()!.mapError { $0 as any Error }.flatMap { self.answer(to: message, $0) }
                }
            }
        } catch {
            return batch.map { _ in .failure(error) }
        }
    }

    /// - Throws: ``Refusal``, ``ParleyCore/Rejection``.
    private func command(for outgoing: Outgoing) async throws -> Send {
        try await self.require(Rates.send)
        var message = Message(
            sender: self.user, content: outgoing.wording.content, native: outgoing.wording.native,
            options: outgoing.options)
        switch outgoing.conversation {
        case .room, .system: throw Refusal.unknownConversation
        case .direct:
            guard outgoing.to == nil else { throw Refusal(.badField, "to: only in a group") }
        case .group(let id):
            guard let named = outgoing.to else { break }
            let members = try await self.core.directory.group(id, in: self.app)?.members ?? [:]
            // Of one who is no member himself the send's own rules speak.
            if members[self.user] != nil, let stranger = named.first(where: { members[$0] == nil }) {
                throw Rejection.notMember(stranger, of: id)
            }
            message.audience = .only(named)
            if try await self.core.directory.app(self.app)?.settings.keepsTargetedHistory != true {
                message.options.keptInHistory = false
            }
        }
        return Send(
            app: self.app, conversation: outgoing.conversation, message: message, isEphemeral: outgoing.isEphemeral,
            checks: Outgoing.checks, deduplication: self.deduplication(of: outgoing))
    }

    /// The user's length before his name: no two users can make one key, and no dialect begins its own so.
    private func deduplication(of outgoing: Outgoing) -> DeduplicationKey? {
        outgoing.id.map { id in
            DeduplicationKey(
                "parley:\(self.user.rawValue.utf8.count):\(self.user):\(id)", lifetimeSeconds: Outgoing.repeatSeconds)
        }
    }

    private func answer(to outgoing: Outgoing, _ receipt: Receipt) -> Result<Answer, any Error> {
        switch receipt.dropped {
        case .frequency: return .failure(Refusal.tooFast)
        case nil: break
        }
        let name = outgoing.conversation.name(for: self.user)
        return .success(
            Answer(.sent) { json in
                json.field("conversation", name)
                if let id = outgoing.id { json.field("id", id) }
                json.field("message", receipt.id.description)
                if let sequence = receipt.sequence { json.field("seq", sequence) }
                json.field("sentAt", receipt.sentAt.milliseconds)
                if receipt.isRepeat { json.field("repeat", true) }
            })
    }
}

extension Outgoing {
    fileprivate static let repeatDoc =
        "the message was sent before: these are the first one's, and nothing was delivered again"
}

extension Frame {
    static let sent = Frame(
        "sent", "The message is on disk (or, if it is ephemeral, on its way to those who are online).", isAnswer: true,
        [
            Schema.Member("conversation", .conversation), .optional("id", .text(1...128), "the client's own"),
            Schema.Member("message", .messageID), .optional("seq", .sequence), Schema.Member("sentAt", .moment),
            .optional("repeat", .yes, Outgoing.repeatDoc),
        ])
}
