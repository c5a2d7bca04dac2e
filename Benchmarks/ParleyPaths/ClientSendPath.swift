import ParleyCore

/// What a client says in a group, from the bytes that its socket would read through core and store to those of the acknowledgement; one after the other.
/// Nobody else is online.
package final class ClientSendPath: Sendable {
    private let room: PathRoom

    package init(_ spoken: PathProtocol) async throws {
        self.room = try await PathRoom(spoken, users: [UserID("speaker")])
        // Whatever is looked up once.
        try await self.say(1)
    }

    package func run(_ count: Int) async throws { for number in 2..<(count + 2) { try await self.say(number) } }

    private func say(_ number: Int) async throws {
        try await self.room.say(number)
        try await self.room.settle { $0.acknowledgements >= number }
    }

    package func close() async { await self.room.close() }
}
