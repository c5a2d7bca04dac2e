internal import NIOCore
internal import NIOPosix

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// A user's chat with a Parley server: what arrives, as ``events``, and what can be done, as functions.
///
///     let chat = try Chat(.init(server: URL(string: "https://chat.example.com")!, device: "phone") { try await myBackend.chatToken() })
///     try await chat.send("hello", to: .direct("bob"))
///     for await event in chat.events {
///         if case .message(let message) = event { print(message.from, message.content?.summary ?? "") }
///     }
///
/// It connects at once, and again when the connection is lost, until ``close()`` or until the server says that it does not want this client
/// back (``Event/disconnected(_:retryIn:)`` without `retryIn`). Commands may be given at any time: they wait for a connection. A message that was
/// sent and not answered when the connection broke is sent again, and appears once: each has an id of its own.
///
/// Each message is handed out once, and in the order of its conversation, also across reconnects. An app that does not take its events is not
/// sent more: take them, always.
public final class Chat: Sendable {
    let session: Session

    /// Why a ``Configuration`` cannot be used.
    public enum ConfigurationError: Error, Hashable, Sendable {
        /// Not an address of a server.
        case badServer(String)
        /// The file of certificates cannot be read.
        case badCertificates(String)
    }

    /// Begins to connect.
    /// - Throws: ``ConfigurationError``.
    public init(_ configuration: Configuration) throws(ConfigurationError) {
        guard let endpoint = Endpoint(configuration.server) else {
            throw .badServer(configuration.server.absoluteString)
        }
        do { _ = try endpoint.tls(configuration.certificates) } catch { throw .badCertificates("\(error)") }
        let session = Session(
            configuration, endpoint: endpoint, queue: EventQueue(keepsHandled: configuration.cursors != nil),
            on: MultiThreadedEventLoopGroup.singleton.next())
        self.session = session
        Task { await session.start() }
    }

    deinit { Task { [session] in await session.close() } }

    /// What happens, from the first connection to the last. For one reader; each event is given to one.
    public var events: Events { Events(chat: self) }

    /// The device that this is, also when none was named.
    public var device: String { self.session.configuration.device ?? "" }

    /// Tries to connect now rather than when it is time again: the network has come back, the app is in front again.
    public func retry() async { await self.session.handle(.retry) }

    /// Ends the connection and all that waits, and saves what was handled. Afterwards everything throws ``ChatError/ended(_:)``.
    public func close() async { await self.session.close() }

    public struct Events: AsyncSequence, Sendable {
        public typealias Element = Event
        public typealias Failure = Never
        let chat: Chat

        public func makeAsyncIterator() -> Iterator { Iterator(chat: self.chat) }

        public struct Iterator: AsyncIteratorProtocol {
            let chat: Chat

            public mutating func next() async -> Event? {
                let session = self.chat.session
                return await session.queue.next { session.taken(hasRoom: $0, hasHandled: $1) }
            }
        }
    }
}
