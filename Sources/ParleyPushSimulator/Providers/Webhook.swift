import ParleyCore
import ParleyJSON

/// A provider of one's own: takes any JSON at any path below it.
///
/// With a secret, `X-Parley-Signature` has to be the HMAC-SHA256, in hexadecimal digits, of `X-Parley-Timestamp`, a dot and the body; and that time not more
/// than five minutes away.
struct Webhook: SimulatedProvider {
    static let kind = PushProvider.Kind.webhook

    private static let leewayMilliseconds: Int64 = 300_000
    /// Later than this a number of seconds would be one of milliseconds.
    private static let latestSeconds: Int64 = 100_000_000_000

    private let desk: Desk

    init(_ desk: Desk) { self.desk = desk }

    func hear(_ request: SimulatorRequest, _ notice: inout Notice) throws(Refusal) -> Hearing {
        guard request.method == "POST" else {
            throw Refusal(Self.answer(405, "the method is POST"), "the method is POST")
        }
        let body = try? JSON(parsing: request.body)
        notice.tokens = Self.first(["token"], ["device", "token"], in: body).map { [$0] } ?? []
        notice.title = Self.first(["title"], ["look", "title"], in: body) ?? ""
        notice.text = Self.first(["text"], ["body"], in: body) ?? ""
        if let fault = self.faultOfSignature(request) {
            throw Refusal(Self.answer(401, fault), fault, .unauthorized)
        }
        guard request.mediaType == "application/json", body != nil else {
            throw Refusal(Self.answer(400, "the body is not JSON"), "the body is not JSON")
        }
        notice.id = Desk.random()
        return .notice
    }

    func answer(_ outcome: Outcome, to notice: Notice) -> SimulatorAnswer {
        switch outcome {
        case .accepted: .json(200, code: "") { $0.field("id", notice.id) }
        case .unregistered: Self.answer(410, "the device is gone")
        case .throttled:
            Self.answer(
                429, "too many requests", headers: [("Retry-After", "\(self.desk.configuration.retryAfterSeconds)")])
        case .broken: Self.answer(500, "a fault")
        case .unauthorized: Self.answer(401, "not let in")
        case .refused(let reason): Self.answer(400, reason)
        }
    }

    private static func answer(
        _ status: Int, _ words: String, headers: [(name: String, value: String)] = []
    ) -> SimulatorAnswer {
        .json(status, code: "\(status)", headers: headers) { $0.field("error", words) }
    }

    private func faultOfSignature(_ request: SimulatorRequest) -> String? {
        guard let secret = self.desk.key(of: .webhook) else { return nil }
        guard let given = request.header("X-Parley-Signature") else { return "X-Parley-Signature is missing" }
        guard let time = request.header("X-Parley-Timestamp"), let moment = Int64(time) else {
            return "X-Parley-Timestamp is missing"
        }
        let signed = Digests.hmac(Array("\(time).".utf8) + request.body, key: secret)
        guard signed == given.lowercased() else { return "the signature is not that of the secret" }
        let sentAt = moment < Self.latestSeconds ? moment * 1000 : moment
        guard abs(self.desk.now.milliseconds - sentAt) <= Self.leewayMilliseconds else {
            return "X-Parley-Timestamp is not of now"
        }
        return nil
    }

    private static func first(_ paths: [String]..., in body: JSON?) -> String? {
        for path in paths {
            let found = path.reduce(body) { $0?[$1] }
            if let text = found?.string { return text }
        }
        return nil
    }
}
