/// Changes what a message says, by id or by its place in a conversation.
package struct EditMessage: Sendable {
    package var app: AppID
    package var conversation: Conversation?
    package var target: MessageTarget
    package var by: UserID
    /// By the App itself: no matter who sent the message. Clients show it as an administrator's doing.
    package var byAdministrator: Bool
    /// Nil: unchanged.
    package var content: Content?
    /// The new original. Nil: unchanged.
    package var native: Native?
    /// Who says what is said instead. Nil: by the dialect of ``native``.
    package var origin: MessageOrigin?
    /// What the sender attached beside the content. Nil: unchanged; empty: nothing any more.
    package var attachment: String?
    /// How often one message may be edited; nil: there is no limit (Easemob: 10).
    package var limit: Int?

    package init(
        app: AppID, conversation: Conversation? = nil, target: MessageTarget, by: UserID, byAdministrator: Bool,
        content: Content? = nil, native: Native? = nil, origin: MessageOrigin? = nil, attachment: String? = nil,
        limit: Int? = nil
    ) {
        self.app = app
        self.conversation = conversation
        self.target = target
        self.by = by
        self.byAdministrator = byAdministrator
        self.content = content
        self.native = native
        self.origin = origin
        self.attachment = attachment
        self.limit = limit
    }
}

extension Core {
    /// Replaces the message where it is kept and appends the edit to its conversation, so that whoever has seen the message learns, and whoever
    /// has not sees it as it is now.
    ///
    /// The sender may edit, and the owner and administrators of a group. Of several edits only the last is delivered to those who come back.
    ///
    /// - Returns: the edit's own receipt.
    /// - Throws: ``Rejection/messageNotFound``, ``Rejection/alreadyRecalled``, ``Rejection/notPermitted``, ``Rejection/notEditable``,
    ///   ``Rejection/editLimitReached(_:)``.
    @discardableResult
    package func edit(_ command: EditMessage) async throws -> Receipt {
        let (receipt, conversation) = try await self.directory.write(in: command.app) { transaction in
            guard let entry = try transaction.find(command.target, in: command.conversation),
                command.conversation == nil || command.conversation == entry.conversation.conversation
            else { throw Rejection.messageNotFound }
            guard var message = entry.message else { throw Rejection.notEditable }
            if !command.byAdministrator, message.sender != command.by {
                try transaction.requireModerator(command.by, of: entry.conversation.conversation)
            }
            guard !entry.isRecalled else { throw Rejection.alreadyRecalled }
            let count = (entry.edit?.count ?? 0) + 1
            if let limit = command.limit, count > limit { throw Rejection.editLimitReached(limit) }
            if let content = command.content { message.content = content }
            if let native = command.native {
                message.native = native
                message.origin = command.origin ?? native.usualOrigin
            }
            if let attachment = command.attachment {
                message.options.attachment = attachment.isEmpty ? nil : attachment
            }
            let mark = EditMark(by: command.by, at: transaction.now, count: count)
            try transaction.replace(entry.id, with: message, mark)
            let edit = Edit(
                target: entry.id, targetSequence: entry.sequence, message: message, mark: mark,
                byAdministrator: command.byAdministrator || message.sender != command.by)
            let conversation = entry.conversation.conversation
            return (try transaction.append(.edit(edit), to: conversation), conversation)
        }
        self.tellOfThread(conversation, in: command.app, by: command.by)
        return receipt
    }
}

extension DirectoryTransaction {
    /// - Throws: ``Rejection/notPermitted``.
    func requireModerator(_ user: UserID, of conversation: Conversation) throws {
        guard try self.moderates(user, conversation) else { throw Rejection.notPermitted }
    }

    /// The user is the owner or an administrator of the group, or of the group that the thread belongs to.
    func moderates(_ user: UserID, _ conversation: Conversation) throws -> Bool {
        guard case .group(let id) = conversation else { return false }
        if let member = try self.member(user, of: id), member.role >= .administrator { return true }
        guard let origin = try self.group(id)?.origin else { return false }
        return try self.moderates(user, .group(origin.group))
    }
}
