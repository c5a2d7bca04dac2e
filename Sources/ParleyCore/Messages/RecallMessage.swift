/// Takes a message back, by id or by its place in a conversation.
package struct RecallMessage: Sendable {
    package var app: AppID
    package var conversation: Conversation?
    package var target: MessageTarget
    package var by: UserID
    /// By the App itself: whoever sent the message, and whenever. Clients show it as an administrator's doing.
    package var byAdministrator: Bool
    /// `by` asks for himself, and may be the owner or an administrator of the group: then no message is another's or too old. What only this right
    /// allowed is shown as an administrator's doing.
    package var honoursRole = false
    /// Messages older than this can be recalled no longer; nil: there is no limit.
    package var windowSeconds: Int64?
    package var leavesNoTrace = false
    package var reason: String?
    package var attachment: String?
    /// The sender's own devices are told; else they go on showing the message.
    package var tellsSender = true

    package init(
        app: AppID, conversation: Conversation? = nil, target: MessageTarget, by: UserID, byAdministrator: Bool,
        windowSeconds: Int64? = nil
    ) {
        self.app = app
        self.conversation = conversation
        self.target = target
        self.by = by
        self.byAdministrator = byAdministrator
        self.windowSeconds = windowSeconds
    }
}

/// Which message is meant.
package enum MessageTarget: Hashable, Sendable {
    case id(MessageID)
    /// Needs the conversation.
    case sequence(UInt64)
}

extension Core {
    /// Marks the message and appends a recall to its conversation, so that whoever has seen it learns, and whoever has not never sees it.
    ///
    /// - Returns: the recall's own receipt.
    /// - Throws: ``Rejection/messageNotFound``, ``Rejection/alreadyRecalled``, ``Rejection/recallWindowPassed``, ``Rejection/notRecallable``,
    ///   ``Rejection/notPermitted``.
    @discardableResult
    package func recall(_ command: RecallMessage) async throws -> Receipt {
        let (receipt, conversation) = try await self.directory.write(in: command.app) { try $0.perform(command) }
        self.tellOfThread(conversation, in: command.app, by: command.by)
        return receipt
    }

    /// Takes many back at once. What was recalled meanwhile, or is gone, is passed over.
    package func recall(_ commands: [RecallMessage], in app: AppID) async throws {
        let recalled = try await self.directory.write(in: app) { transaction in
            var recalled: [Conversation: UserID] = [:]
            for command in commands {
                do {
                    recalled[try transaction.perform(command).conversation] = command.by
                } catch Rejection.alreadyRecalled, Rejection.messageNotFound {}
            }
            return recalled
        }
        for (conversation, user) in recalled { self.tellOfThread(conversation, in: app, by: user) }
    }
}

extension RecallMessage {
    func recall(of entry: Entry, hasRole: Bool, now: Timestamp) throws(Rejection) -> Recall {
        if let conversation = self.conversation, conversation != entry.conversation.conversation {
            throw .messageNotFound
        }
        guard let message = entry.message else { throw .notRecallable }
        guard !entry.isRecalled else { throw .alreadyRecalled }
        let isLate = self.windowSeconds.map { entry.sentAt.adding(seconds: $0) < now } ?? false
        if !self.byAdministrator, !hasRole, message.sender != self.by { throw .notPermitted }
        if isLate, !hasRole { throw .recallWindowPassed }
        return Recall(
            target: entry.id, targetSequence: entry.sequence, by: self.by,
            byAdministrator: self.byAdministrator || hasRole && (isLate || message.sender != self.by),
            leavesNoTrace: self.leavesNoTrace, reason: self.reason, attachment: self.attachment,
            audience: message.audience.adding([message.sender, self.by]),
            untold: self.tellsSender ? nil : message.sender)
    }
}

extension Audience {
    func adding(_ others: [UserID]) -> Audience {
        guard case .only(let users) = self else { return self }
        return .only(users + Set(others).subtracting(users).sorted())
    }
}

extension DirectoryTransaction {
    fileprivate func perform(_ command: RecallMessage) throws -> (receipt: Receipt, conversation: Conversation) {
        guard let entry = try self.find(command.target, in: command.conversation) else {
            throw Rejection.messageNotFound
        }
        let hasRole = try command.honoursRole && self.moderates(command.by, entry.conversation.conversation)
        let recall = try command.recall(of: entry, hasRole: hasRole, now: self.now)
        try self.markRecalled(entry.id, leavesNoTrace: recall.leavesNoTrace)
        let conversation = entry.conversation.conversation
        return (try self.append(.recall(recall), to: conversation), conversation)
    }

    func find(_ target: MessageTarget, in conversation: Conversation?) throws -> Entry? {
        switch target {
        case .id(let id): return try self.entry(id)
        case .sequence(let sequence):
            guard let conversation else { return nil }
            return try self.entry(sequence, of: conversation)
        }
    }
}
