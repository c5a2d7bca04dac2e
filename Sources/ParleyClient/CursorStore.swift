/// Where an app keeps how far it has read, on its own disk: with one, what the app has *handled* counts, not what its WebSocket has read.
///
/// The server is told to begin after what was loaded, and an event counts as handled when the next one is asked for. So an app that writes each
/// message to its database before it takes the next one loses none in a crash, and sees at most the last ones again.
public protocol CursorStore: Sendable {
    /// The last position of each conversation that was saved. Called once, before the first connection.
    func load() async throws -> [Conversation: Int64]
    /// Remembers these too; those of conversations that are not named stay. At most about twice a second.
    func save(_ cursors: [Conversation: Int64]) async throws
}
