/// Takes note of what happens outside any transaction of the directory, for callbacks: connections that come and go, messages that are refused.
///
/// Nobody waits for it, so it can be called on an event loop; and what was not written yet when the process is killed, or was too much, is lost.
package protocol Chronicle: Sendable {
    /// Whether a rule of the App is told of this. Called with every connection and every refusal, so it is quick; and now and then it says yes where the
    /// answer is no.
    func wants(_ topic: CallbackTopic, in app: AppID) -> Bool
    /// Returns at once.
    func note(_ body: Happening.Body, in app: AppID)
}

/// Nobody wants to know.
package struct NoChronicle: Chronicle {
    package init() {}
    package func wants(_ topic: CallbackTopic, in app: AppID) -> Bool { false }
    package func note(_ body: Happening.Body, in app: AppID) {}
}
