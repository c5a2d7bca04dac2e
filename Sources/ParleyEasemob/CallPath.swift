/// Where a call is made for which backends and client SDKs have paths of their own.
protocol CallPath: Sendable {
    static var path: String { get }
    /// For people, after what the endpoint does.
    static var note: String { get }
    static var page: String { get }
    static var callers: Callers { get }
    static var callLimit: CallLimit { get }
}

extension CallPath {
    static var note: String { "" }
    static var callLimit: CallLimit { CallLimit(100) }
}

/// Client SDKs'.
protocol ClientCallPath: CallPath {}

extension ClientCallPath {
    static var note: String { " (clients)" }
    static var page: String { "facts/easemob-client.md 6" }
    static var callers: Callers { .applicationOrOneself }
}
