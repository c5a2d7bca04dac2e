import NIOHTTP1
import ParleyCore
import ParleyDialectKit

/// One call of a vendor's API, as it came and as it was answered. Secrets are in it as they were sent: they are masked where it is shown.
struct RecordedCall: Sendable {
    /// Nil: the request could not be read as far as to tell.
    let dialect: (any Dialect.Type)?
    let method: HTTPMethod
    let path: String
    let query: String
    let remoteAddress: String
    let request: Half
    let status: HTTPResponseStatus
    let response: Half
    let findings: CallTrace.Findings
    /// Nil: it was not read to its end.
    let duration: Duration?

    struct Half: Sendable {
        let headers: HTTPHeaders
        let body: [UInt8]
        /// The body was longer than this.
        let isCut: Bool

        init(_ headers: HTTPHeaders, _ body: [UInt8]) {
            self.headers = headers
            self.isCut = body.count > Journal.bodyLimit
            self.body = self.isCut ? Array(body.prefix(Journal.bodyLimit)) : body
        }

        fileprivate var bytes: Int {
            self.headers.reduce(self.body.count) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        }
    }

    init(
        _ request: WireRequest, _ response: WireResponse, dialect: (any Dialect.Type)?, findings: CallTrace.Findings,
        duration: Duration?
    ) {
        self.dialect = dialect
        self.method = request.method
        self.path = request.path
        self.query = request.query
        self.remoteAddress = request.remoteAddress
        self.request = Half(request.headers, request.body)
        self.status = response.status
        var headers: HTTPHeaders = ["Content-Type": response.contentType]
        headers.add(contentsOf: response.headers)
        self.response = Half(headers, response.body)
        self.findings = findings
        self.duration = duration
    }

    /// About what it holds on to.
    var bytes: Int {
        let explanation = self.findings.explanation.map { explanation in
            explanation.details.reduce(explanation.reason.bytes) { $0 + $1.name.bytes + $1.value.bytes }
        }
        return 1000 + self.path.utf8.count + self.query.utf8.count + self.request.bytes + self.response.bytes
            + self.findings.messages.count * MemoryLayout<MessageID>.stride + (explanation ?? 0)
    }

    var target: String { self.query.isEmpty ? self.path : "\(self.path)?\(self.query)" }

    /// The vendor's own.
    var code: String? {
        self.dialect?.code(
            of: WireResponse(
                status: self.status, headers: self.response.headers,
                contentType: self.response.headers.first(name: "Content-Type") ?? "", body: self.response.body))
    }
}

extension Wording {
    fileprivate var bytes: Int { self.english.utf8.count + self.chinese.utf8.count }
}
