package import NIOCore
package import ParleyCore
package import ParleyHub

/// Parley's own client protocol: JSON over WebSocket (docs/protocol.md).
package enum ParleySocket {
    /// Turns a channel into a client's connection. Call it on the channel's event loop, one of the hub's, when the 101 answer has been written and the
    /// HTTP handlers are gone (a TLS handler stays); bytes that the HTTP decoder had left over are to be fired through the pipeline afterwards.
    package static func addHandlers(to channel: any Channel, client: Client, hub: Hub, core: Core) throws {}
}
