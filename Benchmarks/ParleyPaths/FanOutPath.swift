import ParleyCore
import ParleyStore

/// What a commit costs from the hub to the bytes that each reader's socket would be given: readers of one group, online, on one testing loop.
///
/// A client of Easemob's is told which queue it came into, and fetches a page of it. One of RongCloud's tells what is new by its id, which what is handed to the hub
/// here does not have: so to these a message is sent through the whole of Parley each time, and the send is in what is counted.
package final class FanOutPath: Sendable {
    private let room: PathRoom
    private let spoken: PathProtocol
    private let first: Entry

    private static let conversation = Conversation.group(PathRoom.group)

    /// - Parameter readers: members who are online.
    package init(_ spoken: PathProtocol = .parley, readers: Int) async throws {
        self.spoken = spoken
        self.room = try await PathRoom(spoken, users: (0..<readers).map { UserID("reader-\($0)") })
        try await Self.send(self.room)
        let house = self.room.house
        let entries = try await house.core.log.entries(
            of: ConversationID(app: house.app.id, Self.conversation), after: 0, limit: 1)
        guard let entry = entries.first else { throw PathFailure(description: "nothing was said") }
        // What is handed to the hub afterwards looks like it.
        self.first = entry
        try await self.room.settle { $0.deliveries > 0 }
    }

    private static func send(_ room: PathRoom) async throws {
        _ = try await room.house.core.send(
            Send(
                app: room.house.app.id, conversation: self.conversation,
                message: Message(
                    sender: UserID("bob"), content: .text(PathClient.text),
                    native: Native(dialect: .parley, payload: Array(#"{"t":1}"#.utf8)))))
    }

    /// - Parameter perTick: messages that are committed together. Those to RongCloud's clients are sent one after the other.
    package func run(_ count: Int, perTick: Int) async throws {
        if self.spoken == .rongcloud {
            for number in 1...count {
                try await Self.send(self.room)
                try await self.room.settle { $0.deliveries > number }
            }
            return
        }
        var sequence = self.first.sequence ?? 0
        for (pages, start) in stride(from: 0, to: count, by: perTick).enumerated() {
            let end = min(start + perTick, count)
            try await self.room.commit(self.commit(end - start, after: sequence))
            sequence += UInt64(end - start)
            // What is told while a page is looked up would be in that page, too.
            if self.spoken == .easemob { try await self.room.settle { $0.deliveries > pages + 1 } }
        }
        guard self.spoken == .parley else { return }
        guard try await self.room.areAll({ $0.deliveries > count }) else {
            throw PathFailure(description: "not everything was written to everyone")
        }
    }

    private func commit(_ count: Int, after sequence: UInt64) -> Commit {
        var commit = Commit()
        commit.entries = (1...UInt64(count)).map { self.entry(sequence + $0) }
        return commit
    }

    private func entry(_ sequence: UInt64) -> Entry {
        Entry(
            conversation: self.first.conversation, sequence: sequence, id: self.first.id, body: self.first.body,
            fate: self.first.fate)
    }

    package func close() async { await self.room.close() }
}
