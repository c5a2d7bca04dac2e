package import ParleyCore

/// Why a connection came to its end.
package enum Ending: Hashable, Sendable {
    /// The server wants it so.
    case disconnected(Disconnection)
    /// The outbox stayed full for too long.
    case tooSlow
    /// No sign of life for too long.
    case silent
    /// The server could not find out what the client is to read.
    case fault
    /// The client closed it, broke the protocol, or is gone.
    case left

    /// Nothing more can be told to such a client: it does not read.
    package var isAbrupt: Bool {
        switch self {
        case .tooSlow, .silent, .left: true
        case .disconnected, .fault: false
        }
    }
}
