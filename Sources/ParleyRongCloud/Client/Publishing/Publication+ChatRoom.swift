import ParleyCore

// What the App has said of its chat rooms, where it makes a difference to what clients say in them.
extension Publication {
    /// There are messages that no room drops.
    var isNeverDropped: Bool { self.isInRoom(of: .neverDropped) }

    /// In a room where too much is said.
    var priority: Priority { self.isInRoom(of: .lowPriority) ? .low : .normal }

    private func isInRoom(of list: ChatRoomMessageTypes) -> Bool {
        self.topic.area == .room && self.caller.app.messageTypes(list).contains(self.wire.objectName)
    }
}
