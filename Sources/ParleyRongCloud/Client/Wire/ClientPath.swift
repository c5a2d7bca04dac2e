/// What client SDKs ask for over HTTP, all at the root of the host (facts/rongcloud-client.md, 1, 2.1, 8, 9).
package enum ClientPath: String, Sendable {
    case navigation = "/navi.js"
    /// The same, asked by those that will poll.
    case cometNavigation = "/cometnavi.js"
    /// Whether the host that the navigation has named is there.
    case ping = "/ping"
    /// The WebSocket; without one, where clients connect and post what they say.
    case socket = "/websocket"
    /// Where clients without a WebSocket wait for what they are told.
    case cometMessages = "/pullmsg.js"
    /// Whether anything is unread, which 2.5 asks without being connected.
    case unread = "/message/exist.js"

    /// The largest body to be read, in bytes. A comet client's frame is what a WebSocket would carry, as JSON.
    package var bodyLimit: Int { self == .socket ? 512 * 1024 : 16 * 1024 }

    /// Whether the address of a WebSocket is of one of these SDKs, which say in it who they are. Other vendors' come to the same path.
    package static func isSocket(query: String) -> Bool {
        query.split(separator: "&").contains { $0.hasPrefix("appId=") || $0.hasPrefix("token=") }
    }
}
