package import NIOCore
package import NIOHTTP1
package import ParleyDialectKit

/// What stands behind a listener: where requests go.
package protocol HTTPSite: Sendable {
    /// The largest body to be read for this request, in bytes.
    func bodyLimit(of head: HTTPRequestHead) -> Int
    func answer(_ request: WireRequest) async -> HTTPAnswer
    /// The answer to a request that could not be read whole. `head` is nil when not even that was.
    func answer(_ fault: TransportFault, to head: HTTPRequestHead?, from address: String) -> WireResponse
}

package enum HTTPAnswer: Sendable {
    case response(WireResponse)
    /// The connection changes its protocol: 101 with these headers, then `install` puts the new handlers in, on the channel's loop.
    case upgrade(HTTPHeaders, install: @Sendable (any Channel) throws -> Void)
}
