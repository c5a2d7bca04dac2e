import ParleyCore

// What the App has said of its chat rooms, where it makes a difference to what clients say in them.
extension Publication {
    /// In a muted room some may speak, as long as they are not muted themselves; and there are messages that no room drops.
    func checks(in conversation: Conversation) async throws -> Send.Checks {
        guard case .group(let id) = conversation, id.chatRoom != nil else { return Self.checks }
        var checks = Self.checks
        if let room = try await self.core.directory.group(id, in: self.app),
            room.letsSpeak(self.user, at: self.core.clock.now())
        {
            checks.remove(.mutes)
        }
        if self.caller.app.messageTypes(.neverDropped).contains(self.wire.objectName) { checks.remove(.frequency) }
        return checks
    }

    /// In a room where too much is said.
    var priority: Priority {
        let isLow =
            self.topic.area == .room && self.caller.app.messageTypes(.lowPriority).contains(self.wire.objectName)
        return isLow ? .low : .normal
    }
}
