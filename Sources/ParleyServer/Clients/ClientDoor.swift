import ParleyCore
import ParleyDialectKit

/// Where the client SDKs of one vendor come in: the paths that they ask for, beside those of the vendor's server API.
///
/// Vendors have chosen some of the same paths. On a port of a dialect's own, or under a host that stands for one, only that dialect's door is asked; elsewhere all are, in turn, and each
/// leaves to the next what it cannot tell to be its own.
protocol ClientDoor: Sendable {
    /// Whose clients these are.
    static var dialect: DialectName { get }

    /// The largest body of a request to a path, in bytes; nil: the path is none of its own.
    func bodyLimit(path: String) -> Int?

    /// Nil: the request is not from these clients.
    ///
    /// - Parameter isAlone: no other vendor's clients come here.
    func answer(_ request: WireRequest, isAlone: Bool) async -> HTTPAnswer?
}
