import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// One endpoint of the server API. A value of the type is one call, read and within the vendor's limits.
///
/// To add one: a file with its type, and a line in ``RongCloud/routes``.
protocol Endpoint: Sendable {
    /// What the answer tells beside `"code":200`; `Void` when that is all.
    associatedtype Outcome: Sendable = Void

    static var description: EndpointDescription { get }
    /// The vendor's rate for an App. Unless the page has another: 100 calls a second.
    static var rate: RateLimiter.Limit { get }
    /// Bytes.
    static var bodyLimit: Int { get }

    /// Reads and checks the parameters, without looking at anything else.
    init(_ parameters: Parameters) throws(Malformed)

    /// What the call counts against the rate: 1, or the messages that it sends.
    var cost: Int { get }

    /// - Throws: `Rejection`; anything else is a fault.
    func perform(_ call: Call) async throws -> Outcome

    /// Adds the members that follow `code`.
    static func encode(_ outcome: Outcome, to json: inout JSONWriter)
}

extension Endpoint {
    static var rate: RateLimiter.Limit { RateLimiter.Limit(self.rateName, 100) }
    static var bodyLimit: Int { Route.defaultBodyLimit }
    var cost: Int { 1 }

    /// `/group/create.json` → `rongcloud.group-create`: also the setting that replaces the rate.
    static var rateName: String {
        let words = self.description.path.split(separator: "/").joined(separator: "-")
        return "rongcloud." + words.prefix { $0 != "." }
    }
}

extension Endpoint where Outcome == Void {
    static func encode(_ outcome: Void, to json: inout JSONWriter) {}
}

enum VendorPage {
    /// Every endpoint with a link to its page: for those whose own address we have not seen.
    static let list = "https://docs.rongcloud.io/platform-chat-api/im-server-api-list-v1"
}

/// What a call is performed with.
struct Call: Sendable {
    let app: App
    let request: WireRequest
    let dialect: RongCloud

    var core: Core { self.dialect.context.core }
    var now: Timestamp { self.dialect.context.now }
}

/// An endpoint in the table, its type forgotten.
struct Route: Sendable {
    /// Holds the longest lists there are, 1000 ids of 64 bytes each percent-encoded (200 KB), and some text.
    static let defaultBodyLimit = 256 << 10

    let description: EndpointDescription
    let bodyLimit: Int
    let answer: @Sendable (Call) async throws -> [UInt8]

    /// The rate is asked before the parameters are complained of, as the vendor does; but what a call costs is in its
    /// parameters, so they are read first, and what cannot be read counts as one.
    init<E: Endpoint>(_ endpoint: E.Type) {
        let rate = E.rate
        self.description = E.description.with(
            Examples.all[E.description.path], inChinese: ChineseTitles.all[E.description.path])
        self.bodyLimit = E.bodyLimit
        self.answer = { call in
            func count(_ cost: Int) throws {
                guard call.dialect.context.rates.admits(cost, of: rate, for: call.app) else {
                    call.request.trace?.refused(by: rate, of: call.app)
                    throw Failure.tooFrequent
                }
            }
            let endpoint: E
            do throws(Malformed) { endpoint = try E(Parameters(call.request)) } catch {
                try count(1)
                throw error
            }
            try count(endpoint.cost)
            let outcome = try await endpoint.perform(call)
            return JSONWriter.object {
                $0.field("code", 200)
                E.encode(outcome, to: &$0)
            }
        }
    }
}
