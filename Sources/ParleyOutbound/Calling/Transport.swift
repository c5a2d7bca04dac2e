/// Makes calls of others' servers. What follows the log and what asks before a message know no more of HTTP than this.
package protocol Transport: Sendable {
    /// - Returns: what was answered, whatever its status. A redirect is an answer too: it is not followed.
    func send(
        _ request: OutboundRequest, allowing rule: AddressRule, timeoutMilliseconds: Int64
    ) async throws(OutboundFault) -> OutboundAnswer
}

package struct OutboundRequest: Hashable, Sendable {
    package var method: String
    package var url: String
    /// In this order. `Content-Length`, `Host` and `User-Agent` are the transport's.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// Shows this certificate to who asks for one.
    package var identity: ClientIdentity?
    /// What is not spoken with less (APNs). Otherwise HTTP/1.1.
    package var needsHTTP2: Bool
    /// Requests of different accounts do not share a connection, where a provider takes that amiss (APNs).
    package var account: String?

    package init(
        _ method: String = "POST", _ url: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        identity: ClientIdentity? = nil, needsHTTP2: Bool = false
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.identity = identity
        self.needsHTTP2 = needsHTTP2
    }

    package func header(_ name: String) -> String? {
        self.headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    package static func == (one: OutboundRequest, other: OutboundRequest) -> Bool {
        one.method == other.method && one.url == other.url && one.body == other.body && one.identity == other.identity
            && one.needsHTTP2 == other.needsHTTP2 && one.account == other.account
            && one.headers.elementsEqual(other.headers) { $0.name == $1.name && $0.value == $1.value }
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(self.method)
        hasher.combine(self.url)
        hasher.combine(self.body)
    }
}

/// A certificate with its key, both PEM.
package struct ClientIdentity: Hashable, Sendable {
    package var certificate: String
    package var key: String

    package init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}

package struct OutboundAnswer: Hashable, Sendable {
    package var status: Int
    /// Lower case.
    package var headers: [String: String]
    package var body: [UInt8]

    package init(status: Int, headers: [String: String] = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Why a call has no answer.
package enum OutboundFault: Error, Hashable, Sendable, CustomStringConvertible {
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
        case .notAllowed(let host): "\(host) is in a network that this App may not reach"
        case .unresolved(let host): "\(host) has no address"
        case .unreachable(let reason): reason
        case .timedOut: "no answer in time"
        case .answerTooLong: "the answer is too long"
        }
    }
}
