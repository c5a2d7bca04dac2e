package import NIOCore
import NIOWebSocket
import ParleyCore
package import ParleyHub

/// Parley's own client protocol: JSON over WebSocket (docs/protocol.md).
package enum ParleySocket {
    /// Bytes of one message from a client.
    static let messageLimit = 256 * 1024

    /// Turns a channel into a client's connection. Call it on the channel's event loop, one of the hub's, when the 101 answer has been written and the
    /// HTTP handlers are gone (a TLS handler stays); bytes that the HTTP decoder had left over are to be fired through the pipeline afterwards.
    package static func addHandlers(to channel: any Channel, client: Client, in context: SocketContext) throws {
        let (socket, outbox) = try SocketHandler.add(
            to: channel, of: .text, messageLimit: self.messageLimit, context.hub)
        socket.begin(client, on: context.hub, speaking: JSONWire.shared, outbox: outbox) { reader, loop, resume in
            let asker = Asker(app: client.app, user: client.user, device: client.device, socket: context)
            reader.write(SessionFrames.welcome(client, session: reader.sessionID, now: context.core.clock.now()))
            return Desk(reader, asker: asker, loop: loop, resume: resume)
        }
    }
}

extension SocketHandler {
    /// The handlers of a client's connection, in whichever protocol.
    package static func add(
        to channel: any Channel, of kind: Incoming.Kind, messageLimit: Int, _ hub: Hub
    ) throws -> (SocketHandler, Outbox) {
        let configuration = hub.configuration
        let capacity = configuration.outboxBytes
        try channel.syncOptions?.setOption(
            .writeBufferWaterMark, value: .init(low: max(1, capacity / 2), high: max(1, capacity)))
        let outbox = Outbox(configuration: configuration)
        let socket = SocketHandler(closeTimeout: configuration.closeTimeout, messageLimit: messageLimit, of: kind)
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(outbox)
        try pipeline.addHandler(socket)
        return (socket, outbox)
    }
}

// MARK: What the session has to say

extension Desk: Speaker {
    func caughtUp() { self.reader.write(SessionFrames.ready) }
    func skipped(_ gap: Gap) { self.reader.write(SessionFrames.gap(gap, for: self.reader.client.user)) }
    func farewell(_ ending: Ending) -> (frames: ByteBuffer, code: WebSocketErrorCode)? {
        (SessionFrames.closing(ending), ending.closeCode)
    }
}
