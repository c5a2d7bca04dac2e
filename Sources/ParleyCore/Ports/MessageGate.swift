/// Asks a backend whether a message may be taken, where an App wants that (docs/decisions/0012).
package protocol MessageGate: Sendable {
    /// Whether somebody may want to be asked. Called with every message, so it is quick.
    func guards(_ app: AppID) -> Bool
    /// - Parameter attempt: what passed all other rules.
    /// - Throws: ``Rejection/callbackFailed``.
    func decide(on attempt: SendAttempt) async throws(Rejection) -> CallbackDecision
}

/// Nobody is asked.
package struct OpenGate: MessageGate {
    package init() {}
    package func guards(_ app: AppID) -> Bool { false }
    package func decide(on attempt: SendAttempt) async throws(Rejection) -> CallbackDecision { .deliver }
}
