package import ParleyCore
import ParleyJSON

/// A request that a provider got.
package struct Notice: Sendable {
    /// From 1, in the order of arrival.
    package var number: Int
    package var receivedAt: Timestamp
    package var provider: PushProvider.Kind
    package var purpose = Purpose.notice
    package var method: String
    /// With the query, below the provider's prefix.
    package var path: String
    /// `HTTP/1.1` or `HTTP/2`.
    package var version: String
    /// Lower case, without what only concerns the transport. Of credentials the beginning.
    package var headers: [String: String]
    package var body: [UInt8]

    /// The devices. Empty where that could not be read.
    package var tokens: [String] = []
    package var title = ""
    package var text = ""
    /// What the provider calls it, where it says.
    package var id = ""
    /// What the provider would have taken without a word although its documentation does not know it.
    package var warnings: [String] = []

    package var verdict = Verdict.accepted
    /// What was wrong, for people.
    package var reason = ""
    /// The answer's.
    package var status = 0
    /// The answer's, the provider's own: `80300007`, `BadDeviceToken`.
    package var code = ""

    /// The grant, key or web token that it came with.
    var grant = ""

    package var token: String { self.tokens.first ?? "" }

    package enum Purpose: String, Hashable, Sendable, CaseIterable {
        case notice
        /// Asks to be let in: for an access token.
        case access
    }

    package enum Verdict: String, Hashable, Sendable, CaseIterable {
        case accepted
        case unregistered
        case throttled
        case broken
        case unauthorized
        case refused

        /// What an HTTP status stands for.
        init(status: Int) {
            switch status {
            case ..<300: self = .accepted
            case 401, 403: self = .unauthorized
            case 404, 410: self = .unregistered
            case 429: self = .throttled
            case 500...: self = .broken
            default: self = .refused
            }
        }
    }
}

extension Notice {
    init(_ request: SimulatorRequest, to provider: PushProvider.Kind, number: Int, at now: Timestamp) {
        self.number = number
        self.receivedAt = now
        self.provider = provider
        self.method = request.method
        self.path = request.path + (request.query.isEmpty ? "" : "?" + request.query)
        self.version = request.isHTTP2 ? "HTTP/2" : "HTTP/1.1"
        self.headers = request.headersThatMatter
        self.body = request.body
    }

    /// Notes a fault of a field that the provider overlooks.
    mutating func warn(_ faults: some Sequence<Fault>) { self.warnings += faults.map(\.description) }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("number", self.number)
            json.field("receivedAt", self.receivedAt.milliseconds)
            json.field("provider", self.provider.rawValue)
            json.field("purpose", self.purpose.rawValue)
            json.field("verdict", self.verdict.rawValue)
            json.field("reason", self.reason)
            json.field("status", self.status)
            json.field("code", self.code)
            json.field("id", self.id)
            json.field("token", self.token)
            if self.tokens.count > 1 { json.field("tokens", self.tokens) }
            json.field("title", self.title)
            json.field("text", self.text)
            json.field("warnings", self.warnings)
            json.field("method", self.method)
            json.field("path", self.path)
            json.field("version", self.version)
            json.field("headers") { json in
                json.object { json in
                    for (name, value) in self.headers.sorted(by: { $0.key < $1.key }) { json.field(name, value) }
                }
            }
            json.key("payload")
            if (try? JSON(parsing: self.body)) != nil {
                json.raw(self.body)
            } else {
                json.string(String(decoding: self.body, as: UTF8.self))
            }
        }
    }
}
