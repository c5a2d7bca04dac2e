import NIOHTTP1
import ParleyDialectKit
import ParleyJSON

/// What every answer is: three fields, and beside them whatever the command has to say. The HTTP status is always 200.
struct Envelope: Sendable {
    var actionStatus: String
    var failure: Failure
    var payload: @Sendable (inout JSONWriter) -> Void

    static func ok(_ payload: @escaping @Sendable (inout JSONWriter) -> Void = { _ in }) -> Envelope {
        Envelope(actionStatus: "OK", failure: Failure(0, ""), payload: payload)
    }

    /// As some services say that all is well (facts 1.2).
    static let succeeded = Envelope(actionStatus: "OK", failure: Failure(0, "succeed"), payload: { _ in })

    /// Some recipients were refused: the code is 0 all the same (facts 1.2).
    static func someError(_ payload: @escaping @Sendable (inout JSONWriter) -> Void) -> Envelope {
        Envelope(actionStatus: "SomeError", failure: Failure(0, ""), payload: payload)
    }

    static func failed(_ failure: Failure, _ payload: @escaping @Sendable (inout JSONWriter) -> Void = { _ in })
        -> Envelope
    {
        Envelope(actionStatus: "FAIL", failure: failure, payload: payload)
    }

    var response: WireResponse {
        var json = JSONWriter()
        json.object {
            $0.field("ActionStatus", self.actionStatus)
            $0.field("ErrorInfo", self.failure.info)
            $0.field("ErrorCode", self.failure.code)
            self.payload(&$0)
        }
        return WireResponse(headers: Self.headers, body: json.bytes)
    }

    /// What the real server sends beside its answers.
    private static let headers: HTTPHeaders = [
        "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "X-Requested-With",
        "Access-Control-Allow-Methods": "POST",
    ]
}

/// The code and the text that a caller gets. The texts say which field is wrong and how, because callers ask for nothing more often.
struct Failure: Error, Hashable, Sendable {
    var code: Int
    var info: String

    init(_ code: Int, _ info: String) {
        self.code = code
        self.info = info
    }
}
