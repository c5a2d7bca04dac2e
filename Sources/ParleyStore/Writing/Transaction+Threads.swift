import ParleyCore

extension Transaction {
    func thread(on message: MessageID) throws -> GroupID? { try self.connection.thread(on: message, in: self.app) }

    func threads(of group: GroupID, joinedBy user: UserID?) throws -> [GroupID] {
        try self.connection.threads(of: group, joinedBy: user, in: self.app)
    }

    func threadCount(joinedBy user: UserID?) throws -> Int {
        try self.connection.threadCount(joinedBy: user, in: self.app)
    }

    // MARK: Reactions

    func reactions(to message: MessageID, for user: UserID?) throws -> [Reaction] {
        try self.connection.reactions(to: message, for: user)
    }

    func react(_ kind: String, to message: MessageID, of conversation: Conversation, by user: UserID) throws -> Bool {
        guard let number = try self.page(of: conversation)?.number else { return false }
        return try self.connection.react(kind, to: message, inConversation: number, by: user, at: self.now)
    }

    func takeBack(_ kind: String, to message: MessageID, by user: UserID) throws -> Bool {
        try self.connection.takeBack(kind, to: message, by: user)
    }
}
