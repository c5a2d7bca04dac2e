import ParleyCore
import ParleyJSON

/// Where requests come in: to a provider, or to the list of what the providers got.
final class Counter: Sendable {
    struct Reply: Sendable {
        var answer: SimulatorAnswer
        var delayMilliseconds = 0
    }

    let desk: Desk
    let inbox: Inbox
    private let providers: [PushProvider.Kind: any SimulatedProvider]

    private static let types: [any SimulatedProvider.Type] = [
        APNs.self, FCM.self, Huawei.self, Honor.self, Harmony.self, Xiaomi.self, OPPO.self, Vivo.self, Meizu.self,
        Webhook.self,
    ]

    init(_ configuration: PushSimulator.Configuration) throws {
        let desk = Desk(configuration)
        self.desk = desk
        self.inbox = Inbox(limit: configuration.limit)
        self.providers = Dictionary(uniqueKeysWithValues: try Self.types.map { ($0.kind, try $0.init(desk)) })
    }

    func began(at urls: [String]) { self.desk.urls = urls }

    func reply(to request: SimulatorRequest) -> Reply {
        let parts = request.path.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: true)
        guard let first = parts.first else { return Reply(answer: .text(200, self.welcome)) }
        if let kind = PushProvider.Kind(rawValue: String(first)), let provider = self.providers[kind] {
            var request = request
            request.path = "/" + (parts.count > 1 ? String(parts[1]) : "")
            return self.reply(to: request, provider)
        }
        return Reply(answer: first == "notices" ? self.list(request) : .text(404, "There is nothing here: see /\n"))
    }

    private func reply(to request: SimulatorRequest, _ provider: any SimulatedProvider) -> Reply {
        let kind = type(of: provider).kind
        var notice = Notice(request, to: kind, number: self.inbox.number(), at: self.desk.now)
        var reply: Reply
        do throws(Refusal) {
            switch try provider.hear(request, &notice) {
            case .access(let answer): reply = Reply(answer: answer)
            case .notice: reply = self.judge(&notice, provider)
            }
        } catch {
            notice.verdict = error.verdict
            notice.reason = error.reason
            reply = Reply(answer: error.answer)
        }
        notice.status = reply.answer.status
        notice.code = reply.answer.code
        self.inbox.add(notice)
        return reply
    }

    private func judge(_ notice: inout Notice, _ provider: any SimulatedProvider) -> Reply {
        if self.desk.configuration.isStrict, let warning = notice.warnings.first {
            notice.verdict = .refused
            notice.reason = warning
            return Reply(answer: provider.answer(.refused(warning), to: notice))
        }
        let (outcome, status, delay) = self.desk.outcome(of: notice)
        notice.verdict = outcome.verdict
        notice.reason = outcome.reason
        var answer = provider.answer(outcome, to: notice)
        if let status { answer.status = status }
        return Reply(answer: answer, delayMilliseconds: delay)
    }
}

// MARK: The list

extension Counter {
    private static let usualLimit = 100

    private func list(_ request: SimulatorRequest) -> SimulatorAnswer {
        switch request.method {
        case "DELETE":
            self.inbox.clear()
            return SimulatorAnswer(204, code: "204")
        case "GET": return self.page(FormFields(request.query))
        default: return .text(405, "GET or DELETE\n")
        }
    }

    /// `GET /notices?provider=&token=&purpose=&limit=`: newest first.
    private func page(_ query: FormFields) -> SimulatorAnswer {
        let purpose = Notice.Purpose(rawValue: query["purpose"] ?? "notice")
        let chosen = self.inbox.notices.reversed().lazy.filter { notice in
            (query["provider"].map { $0 == notice.provider.rawValue } ?? true)
                && (query["token"].map(notice.tokens.contains) ?? true)
                && (purpose.map { $0 == notice.purpose } ?? true)
        }
        var json = JSONWriter()
        json.array(chosen.prefix(max(query["limit"].flatMap { Int($0) } ?? Self.usualLimit, 0))) { $1.write(to: &$0) }
        return SimulatorAnswer(
            200, code: "200", headers: [("Content-Type", "application/json; charset=UTF-8")], body: json.bytes)
    }

    private var welcome: String {
        let plain = self.desk.urls.first ?? ""
        let secure = self.desk.urls.last ?? ""
        let settings = PushProvider.Kind.allCases.map { kind in
            let url = "\(kind == .apns ? secure : plain)/\(kind.rawValue)"
            return "    parley app set APP push.\(kind.rawValue).kind=\(kind.rawValue) push.\(kind.rawValue).url=\(url)"
        }
        return """
            Parley's push simulator: the providers' APIs, on this machine. Nothing rings.

            To push here (any account that is well formed will do):

            \(settings.joined(separator: "\n"))

            What came:   GET \(plain)/notices?provider=&token=&purpose=notice|access|all&limit=   newest first
            Forget it:   DELETE \(plain)/notices

            A word in a device token chooses what becomes of a notice: unregistered, throttled, broken, flaky-N,
            slow-MILLISECONDS, unauthorized, refused, accepted. APNs takes hexadecimal tokens and those with such a word.

            """
    }
}
