import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Calls that backends did not take, gathered by ten minutes of when they were first sent (Beijing's time, as the vendor's). They are kept as long as calls are.
// Source: facts/easemob-server.md 3.11.

struct ListMissedCallbacks: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/callbacks/storage/info", "List callbacks that were not taken",
        page: "查询异常缓存数据 (callback_postsending_exception_storage)",
        .partial("retry is 0: how often a set was sent again is not kept"))
    static let area = Area.general

    init(_ call: Call) {}

    func perform(_ call: Call) async throws -> [(key: String, count: Int)] {
        var counts: [String: Int] = [:]
        try await call.eachMissed { counts[$0.key, default: 0] += 1 }
        return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    func encode(_ sets: [(key: String, count: Int)], _ call: Call) -> Answer {
        var answer = Answer.data { json in
            json.array(sets) { json, set in
                json.object { json in
                    json.field("date", set.key)
                    json.field("size", set.count)
                    json.field("retry", 0)
                }
            }
        }
        answer.path = "/callbacks"
        return answer
    }
}

struct SendMissedCallbacks: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/callbacks/storage/retry", "Send callbacks again that were not taken",
        page: "补发异常回调数据 (callback_postsending_exception_storage)",
        .partial("targetUrl is refused: they go where their rule says"))
    static let area = Area.general

    let key: String

    init(_ call: Call) throws {
        let json = try call.object()
        guard let key = try json.textOrNumber("date"), !key.isEmpty else {
            throw Refusal.illegalArgument("date must be provided.")
        }
        if let url = try json.text("targetUrl"), !url.isEmpty {
            throw Refusal.illegalArgument("targetUrl is not supported")
        }
        self.key = key
    }

    /// - Returns: how many.
    func perform(_ call: Call) async throws -> Int {
        var numbers: [Int64] = []
        try await call.eachMissed { missed in
            if missed.key == self.key, let id = missed.id { numbers.append(id) }
        }
        guard !numbers.isEmpty else { return 0 }
        return try await call.core.callbacks.sendAgain(in: call.app.id, rule: nil, records: numbers)
    }

    func encode(_ count: Int, _ call: Call) -> Answer {
        var answer = Answer.data { $0.string(count > 0 ? "success" : "failure") }
        answer.path = "/callbacks"
        return answer
    }
}

extension Call {
    private static let recordsAtOnce = 500

    /// Of the rules that speak this vendor's form.
    fileprivate func eachMissed(_ body: (CallbackRecord) -> Void) async throws {
        let rules = Set(self.app.settings.callbacks.filter { $0.dialect == Easemob.name }.map(\.name))
        var last: Int64?
        while true {
            let records = try await self.core.callbacks.records(
                in: self.app.id, rule: nil, outcome: .givenUp, before: last, limit: Self.recordsAtOnce)
            for record in records where rules.contains(record.rule) { body(record) }
            guard records.count == Self.recordsAtOnce, let id = records.last?.id else { return }
            last = id
        }
    }
}

extension CallbackRecord {
    private static let beijingMinutes = 8 * 60
    private static let setSeconds: Int64 = 600

    /// `202109091440`
    fileprivate var key: String {
        let local = self.sentAt.seconds + Int64(Self.beijingMinutes) * 60
        let seconds = (local % 86_400 + 86_400) % 86_400 / Self.setSeconds * Self.setSeconds
        let day = Day(of: self.sentAt, offsetMinutes: Self.beijingMinutes)
        let clock = [seconds / 3600, seconds / 60 % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined()
        return day.compact + clock
    }
}
