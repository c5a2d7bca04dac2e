import ParleyCore
import ParleyJSON

/// What becomes of a notice that is right in itself.
enum Outcome: Sendable {
    case accepted
    /// These of its devices are gone.
    case unregistered([String])
    case throttled
    case broken
    case unauthorized
    case refused(String)

    init(_ verdict: Notice.Verdict, _ notice: Notice) {
        switch verdict {
        case .accepted: self = .accepted
        case .unregistered: self = .unregistered(notice.tokens)
        case .throttled: self = .throttled
        case .broken: self = .broken
        case .unauthorized: self = .unauthorized
        case .refused: self = .refused("as asked for")
        }
    }

    var verdict: Notice.Verdict {
        switch self {
        case .accepted: .accepted
        case .unregistered: .unregistered
        case .throttled: .throttled
        case .broken: .broken
        case .unauthorized: .unauthorized
        case .refused: .refused
        }
    }

    var reason: String {
        switch self {
        case .refused(let reason): reason
        case .accepted, .unregistered, .throttled, .broken, .unauthorized: ""
        }
    }
}

/// A request that a provider does not take, and what it says.
struct Refusal: Error {
    var verdict: Notice.Verdict
    var answer: SimulatorAnswer
    /// What was wrong, for people.
    var reason: String

    init(_ answer: SimulatorAnswer, _ reason: String, _ verdict: Notice.Verdict = .refused) {
        self.verdict = verdict
        self.answer = answer
        self.reason = reason
    }
}

enum Hearing {
    /// Somebody was let in.
    case access(SimulatorAnswer)
    /// A notice that is right in itself: what becomes of it is for the desk to say.
    case notice
}

/// One provider's API. One file each, in `Providers/`.
protocol SimulatedProvider: Sendable {
    static var kind: PushProvider.Kind { get }

    /// - Throws: when what it verifies with is not a key.
    init(_ desk: Desk) throws

    /// Checks a request as the provider does, and fills in what is known of it, also when it is refused then.
    func hear(_ request: SimulatorRequest, _ notice: inout Notice) throws(Refusal) -> Hearing
    /// What the provider says.
    func answer(_ outcome: Outcome, to notice: Notice) -> SimulatorAnswer
}

struct SimulatorAnswer: Sendable {
    var status: Int
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []
    /// The provider's own.
    var code: String

    init(_ status: Int, code: String, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
        self.code = code
    }

    /// A JSON object.
    static func json(
        _ status: Int, code: String, headers: [(name: String, value: String)] = [],
        _ members: (inout JSONWriter) -> Void
    ) -> SimulatorAnswer {
        var json = JSONWriter()
        json.object(members)
        return SimulatorAnswer(
            status, code: code, headers: [("Content-Type", "application/json; charset=UTF-8")] + headers,
            body: json.bytes)
    }

    static func text(_ status: Int, _ text: String) -> SimulatorAnswer {
        SimulatorAnswer(
            status, code: "\(status)", headers: [("Content-Type", "text/plain; charset=utf-8")], body: Array(text.utf8))
    }
}
