/// Changes the expansion of a message that allows it (``MessageOptions/isExpandable``): what an App attaches to a message after it is sent.
package struct ExpandMessage: Sendable {
    package var app: AppID
    package var conversation: Conversation
    package var target: MessageID
    package var by: UserID
    /// By the App itself, whose doing it may say it is: no matter who may see the message.
    package var byAdministrator: Bool
    package var set: [String: String]
    package var removed: [String]
    /// What is said of it in the conversation, for clients that keep the message and its expansion themselves. To those who have the message.
    package var notice: Message
    /// How many keys a message may have.
    package var limit: Int

    package init(
        app: AppID, conversation: Conversation, target: MessageID, by: UserID, byAdministrator: Bool,
        set: [String: String] = [:], removed: [String] = [], notice: Message, limit: Int
    ) {
        self.app = app
        self.conversation = conversation
        self.target = target
        self.by = by
        self.byAdministrator = byAdministrator
        self.set = set
        self.removed = removed
        self.notice = notice
        self.limit = limit
    }
}

extension Core {
    /// Changes the message where it is kept, so that whoever reads it from now on finds the expansion as it is now, and says so in its conversation.
    ///
    /// Whoever is in the conversation and has the message may. Of a key that is not there nothing is removed.
    ///
    /// - Returns: the notice's receipt.
    /// - Throws: ``Rejection/messageNotFound``, ``Rejection/alreadyRecalled``, ``Rejection/notPermitted``, ``Rejection/notEditable`` (its expansion may not be
    ///   changed), ``Rejection/expansionFull(limit:)``.
    @discardableResult
    package func expand(_ command: ExpandMessage) async throws -> Receipt {
        try await self.directory.write(in: command.app) { transaction in
            guard let entry = try transaction.entry(command.target),
                entry.conversation.conversation == command.conversation
            else { throw Rejection.messageNotFound }
            guard let message = entry.message else { throw Rejection.notEditable }
            if !command.byAdministrator { try transaction.requireReader(command.by, of: message, in: entry) }
            guard !entry.isRecalled else { throw Rejection.alreadyRecalled }
            guard message.options.isExpandable else { throw Rejection.notEditable }
            var options = message.options
            options.expansion.merge(command.set) { $1 }
            for key in command.removed { options.expansion[key] = nil }
            guard options.expansion.count <= max(command.limit, message.options.expansion.count) else {
                throw Rejection.expansionFull(limit: command.limit)
            }
            try transaction.amend(entry.id, options)
            var notice = command.notice
            notice.audience = message.audience.adding([message.sender])
            return try transaction.append(.message(notice), to: command.conversation)
        }
    }

    /// The sender of a message asks afterwards who has read it: from now on that is counted (``MessageOptions/wantsReadReceipts``).
    ///
    /// - Throws: ``Rejection/messageNotFound``, ``Rejection/notPermitted``.
    package func requestReceipts(
        of target: MessageID, in conversation: Conversation, by user: UserID, app: AppID
    ) async throws {
        try await self.directory.write(in: app) { transaction in
            guard let entry = try transaction.entry(target), entry.conversation.conversation == conversation,
                let message = entry.message, !entry.isRecalled
            else { throw Rejection.messageNotFound }
            guard message.sender == user else { throw Rejection.notPermitted }
            guard !message.options.wantsReadReceipts else { return }
            var options = message.options
            options.wantsReadReceipts = true
            try transaction.amend(target, options)
        }
    }
}

extension DirectoryTransaction {
    /// - Throws: ``Rejection/notPermitted``, ``Rejection/messageNotFound``.
    fileprivate func requireReader(_ user: UserID, of message: Message, in entry: Entry) throws {
        switch entry.conversation.conversation {
        case .group(let group):
            guard let member = try self.member(user, of: group) else { throw Rejection.notPermitted }
            guard entry.sequence ?? 0 > member.joinedAtSequence || user == message.sender else {
                throw Rejection.messageNotFound
            }
        case .direct(let pair):
            guard user == pair.lesser || user == pair.greater else { throw Rejection.notPermitted }
        case .system(let recipient): guard user == recipient else { throw Rejection.notPermitted }
        case .room: break
        }
        guard message.isVisible(to: user, for: .delivery) else { throw Rejection.messageNotFound }
    }
}
