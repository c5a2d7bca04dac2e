package import Logging
package import ParleyCore

/// One vendor's way of speaking, as the server sees it.
package protocol Dialect: Sendable {
    static var name: DialectName { get }
    /// The vendor's name, for people.
    static var title: String { get }
    /// Every endpoint there is, in the order of the vendor's documentation: what `docs/compatibility/` is generated from.
    static var endpoints: [EndpointDescription] { get }
    /// How it calls a backend.
    static var callbacks: any CallbackForm.Type { get }
    /// How its messages are pushed, and what its client library finds in a notice. Nil: they are not.
    static var push: (any PushForm.Type)? { get }

    /// What a new App is known by in this dialect: its key must not be another App's.
    static func newCredential(for app: AppID, secret: String) -> Credential

    init(_ context: DialectContext)

    /// Whether a path is this vendor's. Asked of each dialect in turn; no two say yes to one path.
    static func claims(path: String) -> Bool
    /// The largest body to be read for a path, in bytes. More is refused before it is read.
    static func bodyLimit(path: String) -> Int

    /// Answers every request, always in the vendor's own form.
    func answer(_ request: WireRequest) async -> WireResponse
    /// The answer to a request that could not even be read whole.
    func answer(_ fault: TransportFault, path: String) -> WireResponse

    /// Who holds a client's token, if this dialect issued it and it has not passed its own expiry. Whether the user may still use it
    /// (``User/tokensValidFrom``, ``User/mayLogIn(at:)``) is asked by the caller.
    func holder(of token: String) async throws -> TokenHolder?
    /// A client's token, for `parley token` and the demo.
    func token(for user: UserID, in app: App, lifetimeSeconds: Int64) throws -> String

    // MARK: For those who look on

    /// With what a backend of that App sends to prove itself, good for an hour at most where the vendor has an end for it.
    ///
    /// - Throws: where the App does not speak the dialect.
    func signed(_ request: WireRequest, for app: App) throws -> WireRequest
    /// The same without the secret: how a shell makes it.
    func inShell(_ request: WireRequest, for app: App) throws -> ShellCall
    /// What the vendor's paths call the App: `org_name` and the like.
    static func pathWords(for app: App) -> [String: String]
    /// The vendor's own code in an answer; nil: it has none.
    static func code(of response: WireResponse) -> String?
    /// What this vendor calls a message, by the vendor's names for it: `messageUID`, `MsgKey` …
    static func names(of entry: Entry) -> [String: String]
    /// What this vendor's clients get of an entry when it is `user` who reads it, as a JSON text. Nil: they get nothing of it.
    static func preview(of entry: Entry, in app: App, for user: UserID) -> [UInt8]?
}

extension Dialect {
    package static func pathWords(for app: App) -> [String: String] { [:] }
}

/// What went wrong below the dialect.
package enum TransportFault: Hashable, Sendable {
    case bodyTooLarge(limitBytes: Int)
    case timedOut
    /// The bytes are not HTTP, or have more or longer headers than are read.
    case unreadable
    /// The server takes no more just now.
    case overloaded
}

package struct TokenHolder: Hashable, Sendable {
    package var app: AppID
    package var user: UserID
    package var dialect: DialectName
    package var issuedAt: Timestamp
    package var expiresAt: Timestamp

    package init(app: AppID, user: UserID, dialect: DialectName, issuedAt: Timestamp, expiresAt: Timestamp) {
        self.app = app
        self.user = user
        self.dialect = dialect
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
    }
}

/// What every dialect is made of.
package struct DialectContext: Sendable {
    package var core: Core
    package var rates: RateLimiter
    package var guesses: Guesses
    package var logger: Logger

    /// - Parameter guesses: nil: counted for this context alone, with the limits that are usual.
    package init(core: Core, rates: RateLimiter, guesses: Guesses? = nil, logger: Logger) {
        self.core = core
        self.rates = rates
        self.guesses = guesses ?? Guesses(clock: core.clock)
        self.logger = logger
    }

    package var now: Timestamp { self.core.clock.now() }

    /// A fault is logged once, here; the caller answers with the vendor's "internal error".
    package func report(_ fault: any Error, _ request: WireRequest) {
        self.logger.error(
            "request failed",
            metadata: ["request": "\(request.requestID)", "path": "\(request.path)", "error": "\(fault)"])
    }
}

/// One endpoint, for people and for the generated compatibility pages.
package struct EndpointDescription: Hashable, Sendable {
    package var method: String
    /// As the vendor's page has it.
    package var path: String
    /// The Chinese is in the dialect's `Showing/ChineseTitles.swift`.
    package var title: Wording
    /// The vendor's page, or the section of `facts/` that stands for it.
    package var page: String
    package var completeness: Completeness
    /// Nil: there is none that works by itself.
    package var example: Example?

    package enum Completeness: Hashable, Sendable {
        case complete
        /// What is missing, in a few words.
        case partial(String)
    }

    package init(
        _ method: String, _ path: String, _ title: String, page: String, _ completeness: Completeness = .complete
    ) {
        self.method = method
        self.path = path
        self.title = Wording(verbatim: title)
        self.page = page
        self.completeness = completeness
    }
}
