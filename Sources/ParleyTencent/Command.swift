import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// One command of the REST API. A new one is a file with a type like this, and a line in ``Tencent/routes``.
///
///     init            reads the request: its shape and the vendor's limits      throws Malformed
///     perform         asks the core                                             throws Rejection, Refusal, Malformed
///     encode          spells the answer, beside the envelope's three fields
protocol Command: Sendable {
    associatedtype Outcome: Sendable

    static var description: EndpointDescription { get }
    /// What the command was called before; still called so by older SDKs.
    static var olderPaths: [String] { get }
    static var callsPerSecond: Int { get }

    init(_ fields: Fields, by caller: Caller) throws(Malformed)
    func perform(in context: DialectContext, by caller: Caller) async throws -> Outcome
    func encode(_ outcome: Outcome) -> Envelope

    /// Whose codes a refusal gets.
    var area: Area { get }
    /// Whose codes a request gets that cannot be read.
    static var area: Area { get }
    /// Called when this dialect itself has refused a request, before the core was asked: some backends want to hear of it.
    static func wasRefused(_ request: JSON, with failure: Failure, by caller: Caller, in context: DialectContext)
}

extension Command {
    static var olderPaths: [String] { [] }
    static var callsPerSecond: Int { 200 }
    var area: Area { Self.area }
    static func wasRefused(_ request: JSON, with failure: Failure, by caller: Caller, in context: DialectContext) {}

    /// By service: `/v4/{service}/{command}`.
    static var area: Area {
        switch self.description.path.split(separator: "/").dropFirst().first {
        case "im_open_login_svc": .accounts
        case "openim": .messages
        default: .groups
        }
    }
}

extension Command where Outcome == Void {
    func encode(_ outcome: Outcome) -> Envelope { .ok() }
}

/// A command without its type: a row of the table.
struct Route: Sendable {
    let description: EndpointDescription
    let paths: [String]
    let limit: RateLimiter.Limit
    let area: Area
    let answer: @Sendable (JSON, Caller, DialectContext) async throws -> Envelope

    init<C: Command>(_ command: C.Type) {
        self.description = C.description.with(
            Examples.all[C.description.path], inChinese: ChineseTitles.all[C.description.path])
        self.paths = [C.description.path] + C.olderPaths
        let name = C.description.path.split(separator: "/").last ?? ""
        self.limit = RateLimiter.Limit("tencent.\(name)", C.callsPerSecond)
        self.area = C.area
        self.answer = { json, caller, context in
            func refuse(_ failure: Failure) -> Envelope {
                C.wasRefused(json, with: failure, by: caller, in: context)
                return .failed(failure)
            }
            let command: C
            do {
                command = try C(Fields(json), by: caller)
            } catch let malformed as Malformed {
                caller.trace?.refused(Explanation(malformed))
                return refuse(Errors.failure(for: malformed, in: C.area))
            }
            do {
                return command.encode(try await command.perform(in: context, by: caller))
            } catch let rejection as Rejection {
                caller.trace?.refused(Explanation(rejection))
                return .failed(Errors.failure(for: rejection, in: command.area))
            } catch let refusal as Refusal {
                caller.trace?.refused(Explanation(refusal))
                return refuse(Errors.failure(for: refusal))
            } catch let malformed as Malformed {
                caller.trace?.refused(Explanation(malformed))
                return refuse(Errors.failure(for: malformed, in: command.area))
            }
        }
    }
}

/// A page of the vendor's documentation, as `docs/compatibility/` cites it.
enum Page {
    static let sendGroupMsg = "seeds/tencent-send-group-msg.txt"
    static let accounts = "facts/tencent-im.md 4.1"
    static let messages = "facts/tencent-im.md 4.2"
    static let groups = "facts/tencent-im.md 4.3"
}
