import ParleyCore

extension Transaction {
    func place(of user: UserID, in conversation: Conversation) throws -> Place {
        try self.connection.place(
            of: user, in: ConversationID(app: self.app, conversation), number: self.page(of: conversation)?.number)
    }

    func save(_ place: Place) throws {
        var place = place
        // There it is the member's delivery.
        if case .group = place.conversation { place.isMuted = false }
        let page = try self.batch.book.openPage(
            of: ConversationID(app: self.app, place.conversation), on: self.connection)
        try self.connection.save(place, in: self.app, number: page.number)
    }

    /// The user goes. Who has the id next finds nothing of what was said with the one before.
    func clearPlaces(of user: UserID) throws {
        let conversations = try self.connection.conversations(with: user, in: self.app)
        let readThrough = try conversations.map { try self.place(of: user, in: $0).readThrough }
        try self.connection.forgetPlaces(of: user, in: self.app)
        for (conversation, readThrough) in zip(conversations, readThrough) {
            let last = try self.lastSequence(of: conversation)
            guard last > 0 else { continue }
            var place = Place(user: user, conversation: conversation)
            place.readThrough = readThrough
            place.clearedThrough = last
            place.removedThrough = last
            try self.save(place)
        }
    }

    func hide(_ sequence: UInt64, of conversation: Conversation, from user: UserID) throws -> Bool {
        guard let number = try self.page(of: conversation)?.number else { return false }
        return try self.connection.hide(sequence, inConversation: number, from: user, in: self.app)
    }

    // MARK: Pinned messages

    func pin(_ message: MessageID, of conversation: Conversation, by user: UserID) throws {
        guard let number = try self.page(of: conversation)?.number else { return }
        try self.connection.pin(message, inConversation: number, by: user, at: self.now)
    }

    func unpin(_ message: MessageID, of conversation: Conversation) throws -> Bool {
        guard let number = try self.page(of: conversation)?.number else { return false }
        return try self.connection.unpin(message, inConversation: number)
    }

    func pinCount(of conversation: Conversation) throws -> Int {
        guard let number = try self.page(of: conversation)?.number else { return 0 }
        return try self.connection.pinCount(inConversation: number)
    }

    // MARK: Receipts

    /// Who comes back after very long gives receipts for the newest so many: the others' senders no longer wait for them.
    private static var receiptLimit: Int { 10_000 }

    func acknowledge(
        after: UInt64, through: UInt64, of conversation: Conversation, by user: UserID
    ) throws -> [Acknowledgement] {
        guard let number = try self.page(of: conversation)?.number else { return [] }
        let entries = try self.connection.entriesWantingReceipts(
            of: ConversationID(app: self.app, conversation), number: number, after: after, through: through,
            limit: Self.receiptLimit)
        return try self.acknowledge(entries, number: number, of: conversation, by: user)
    }

    func acknowledge(_ id: MessageID, of conversation: Conversation, by user: UserID) throws -> Acknowledgement? {
        guard let entry = try self.entry(id), entry.conversation.conversation == conversation,
            let number = try self.page(of: conversation)?.number
        else { return nil }
        return try self.acknowledge([entry], number: number, of: conversation, by: user).first
    }

    private func acknowledge(
        _ entries: [Entry], number: Int64, of conversation: Conversation, by user: UserID
    ) throws -> [Acknowledgement] {
        guard let first = entries.first?.sequence, let last = entries.last?.sequence else { return [] }
        var viewer = try self.viewer(user, of: conversation)
        viewer.hidden = try self.connection.hidden(
            from: user, in: self.app, inConversation: number, first...last)
        return try entries.compactMap { entry in
            guard let sequence = entry.sequence, let message = entry.message, message.options.wantsReadReceipts,
                message.sender != user, entry.isVisible(to: viewer, for: .delivery),
                let readCount = try self.connection.acknowledge(
                    sequence, inConversation: number, by: user, at: self.now)
            else { return nil }
            return Acknowledgement(id: entry.id, sequence: sequence, sender: message.sender, readCount: readCount)
        }
    }
}
