package import ParleyDialectKit

/// Makes calls. What follows the log and what asks before a message know no more of HTTP than this.
package protocol CallbackTransport: Sendable {
    /// - Returns: what was answered, whatever its status. A redirect is an answer too: it is not followed.
    func post(
        _ call: CallbackCall, allowing rule: AddressRule, timeoutMilliseconds: Int64
    ) async throws(CallbackFault) -> CallbackAnswer
}

/// Why a call has no answer.
package enum CallbackFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The URL cannot be read, or is neither `http` nor `https`.
    case badURL
    /// The host has an address that the App may not reach.
    case notAllowed(host: String)
    case unresolved(host: String)
    case unreachable(String)
    case timedOut
    case answerTooLong

    package var description: String {
        switch self {
        case .badURL: "not an http or https URL"
        case .notAllowed(let host): "\(host) is in a network that callbacks of this App may not reach"
        case .unresolved(let host): "\(host) has no address"
        case .unreachable(let reason): reason
        case .timedOut: "no answer in time"
        case .answerTooLong: "the answer is too long"
        }
    }
}
