import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// One call of the vendor's server API. A new one is a file with such a type, and a line in ``Easemob/table``.
///
/// `init` decodes: it reads the call and checks the vendor's own limits. `perform` asks the core. `encode` says it in the vendor's words.
protocol Endpoint: Sendable {
    associatedtype Output: Sendable

    static var description: EndpointDescription { get }
    /// Whose tokens are accepted.
    static var callers: Callers { get }
    /// Calls a second of one App. 0: no limit.
    static var callsPerSecond: Int { get }
    /// How often it may be called, where the vendor does not count by the second and the App.
    static var callLimit: CallLimit { get }
    /// The name of the limit above, for settings; nil: made from method and path.
    static var limitName: String? { get }
    /// Where an App has that other limit raised, this one follows it.
    static var limitCompanion: String? { get }
    /// Which of the vendor's words for one and the same refusal are used here.
    static var area: Area { get }

    /// - Throws: ``Malformed`` or ``Refusal``.
    init(_ call: Call) throws
    /// - Throws: ``Rejection`` or ``Refusal``; anything else is a fault.
    func perform(_ call: Call) async throws -> Output
    func encode(_ output: Output, _ call: Call) -> Answer
}

extension Endpoint {
    static var callers: Callers { .application }
    static var callsPerSecond: Int { 100 }
    static var callLimit: CallLimit { CallLimit(Self.callsPerSecond) }
    static var limitName: String? { nil }
    static var limitCompanion: String? { nil }

    static func answer(_ call: Call) async throws -> Answer {
        let endpoint = try Self(call)
        return endpoint.encode(try await endpoint.perform(call), call)
    }
}

/// How often an endpoint may be called.
struct CallLimit: Hashable, Sendable {
    enum Scope: Sendable {
        case application
        /// Each user whom the path names has a limit of his own.
        case user
    }

    let count: Int
    let seconds: Int64
    let scope: Scope

    init(_ count: Int, perSeconds seconds: Int64 = 1, of scope: Scope = .application) {
        self.count = count
        self.seconds = seconds
        self.scope = scope
    }
}

/// A request, and what was found out about it before its endpoint sees it.
struct Call: Sendable {
    let easemob: Easemob
    let request: WireRequest
    let target: Target
    let app: App
    let credential: Credential
    /// The `{…}` of the endpoint's path, percent-decoded.
    let parameters: [String: String]
    let query: Form
    /// Nil only where the endpoint admits anyone.
    var caller: Caller?

    var core: Core { self.easemob.context.core }
    var now: Timestamp { self.easemob.context.now }

    /// The URL that was called, without query and trailing slash: clients build others from it.
    var uri: String {
        "\(self.request.origin)/\(self.target.organization)/\(self.target.applicationName)\(self.target.path)"
    }

    /// Where uploaded files are, for clients: `…/chatfiles`.
    var filesURL: String {
        "\(self.request.origin)/\(self.target.organization)/\(self.target.applicationName)/chatfiles"
    }

    func parameter(_ name: String) -> String { self.parameters[name] ?? "" }
    /// A user named in the path. Names are lower case from here on.
    func user(_ name: String = "username") -> UserID { UserID(easemob: self.parameter(name)) }
    var group: GroupID { GroupID(self.parameter("group_id")) }

    /// The names in a path segment such as `a,b`.
    func list(_ name: String) -> [String] {
        self.parameter(name).split(separator: ",").map { $0.trimmingSpaces() }.filter { !$0.isEmpty }
    }

    /// The body as a JSON object, whatever `Content-Type` says: PHP's SDK posts JSON as a form.
    func object() throws(Malformed) -> JSON {
        let json = try self.json()
        guard json.kind == .object else { throw Malformed("", .unreadable) }
        return json
    }

    func json() throws(Malformed) -> JSON {
        do throws(JSON.SyntaxError) {
            return try JSON(parsing: self.request.body)
        } catch {
            throw Malformed("", .unreadable)
        }
    }

    /// A number in the query, kept within bounds; what is no number counts as absent.
    func number(_ name: String, default value: Int, in range: ClosedRange<Int>) -> Int {
        min(max(self.query[name].flatMap { Int($0) } ?? value, range.lowerBound), range.upperBound)
    }

    /// The id in the `cursor` that an earlier page ended with.
    func cursor() throws -> String? {
        guard let cursor = self.query["cursor"] else { return nil }
        guard let bytes = Base64.url.decoded(cursor.utf8), let id = String(validating: bytes, as: UTF8.self) else {
            throw Refusal.illegalArgument("cursor is illegal")
        }
        return id
    }

    /// Whether `count` more of something fit into the App's second (or minute).
    ///
    /// The vendor lets a call through that begins within the limit and ends above it: 20 messages a second are seven calls of three.
    func admits(_ count: Int, of limit: RateLimiter.Limit) -> Bool {
        let rates = self.easemob.context.rates
        guard rates.admits(of: limit, for: self.app) else {
            self.request.trace?.refused(by: limit, of: self.app)
            return false
        }
        for _ in 1..<max(1, count) where !rates.admits(of: limit, for: self.app) { break }
        return true
    }
}

extension UserID {
    /// Names are case-insensitive at this vendor, and stored in lower case.
    init(easemob name: String) { self.init(name.lowercased()) }
}
