/// How far each conversation has been handed to the app, so that what comes again after a reconnect is passed over.
struct Positions {
    private struct Position {
        var sequence: Int64
        var id: UInt64
    }

    private var positions: [Conversation: Position] = [:]

    /// - Parameter cursors: where the server is told to go on from before it sends anything. What comes from before them is no repeat, then: the
    ///   conversation is another one of the same name.
    init(_ cursors: [Conversation: Int64] = [:]) {
        for (conversation, sequence) in cursors { self.positions[conversation] = Position(sequence: sequence, id: 0) }
    }

    /// Moves, back too: what follows is to come again. What is still on its way from before is passed over.
    mutating func move(_ conversation: Conversation, to sequence: Int64) {
        self.positions[conversation] = Position(sequence: sequence, id: .max)
    }

    /// Whether the event is new. Ids rise with positions within a conversation: a low position with a high id is no repeat but a server whose
    /// data were replaced.
    mutating func isNew(_ event: Chat.Event) -> Bool {
        guard let (conversation, sequence) = event.position else { return true }
        let id = event.entryID
        if let last = self.positions[conversation], sequence <= last.sequence, (id ?? 0) <= last.id { return false }
        self.positions[conversation] = Position(sequence: sequence, id: id ?? self.positions[conversation]?.id ?? 0)
        return true
    }
}

extension Chat.Event {
    fileprivate var entryID: UInt64? {
        switch self {
        case .message(let message): UInt64(message.id.rawValue)
        case .recall(let recall): UInt64(recall.id.rawValue)
        case .edit(let edit): UInt64(edit.id.rawValue)
        case .notice(let notice): UInt64(notice.id.rawValue)
        default: nil
        }
    }
}
