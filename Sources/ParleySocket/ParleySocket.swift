package import NIOCore
import ParleyCore
package import ParleyHub

/// Parley's own client protocol: JSON over WebSocket (docs/protocol.md).
package enum ParleySocket {
    /// Bytes of one message from a client.
    static let messageLimit = 256 * 1024

    /// Turns a channel into a client's connection. Call it on the channel's event loop, one of the hub's, when the 101 answer has been written and the
    /// HTTP handlers are gone (a TLS handler stays); bytes that the HTTP decoder had left over are to be fired through the pipeline afterwards.
    package static func addHandlers(to channel: any Channel, client: Client, in context: SocketContext) throws {
        let configuration = context.hub.configuration
        let capacity = configuration.outboxBytes
        try channel.syncOptions?.setOption(
            .writeBufferWaterMark, value: .init(low: max(1, capacity / 2), high: max(1, capacity)))
        let outbox = Outbox(configuration: configuration)
        let socket = SocketHandler(closeTimeout: configuration.closeTimeout, messageLimit: self.messageLimit)
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(outbox)
        try pipeline.addHandler(socket)
        socket.begin(client, in: context, outbox: outbox)
    }
}
