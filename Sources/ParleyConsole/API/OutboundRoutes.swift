import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON

extension Route {
    private static let paging: [Field] = [
        .optional("before", .integer, "`next` of the page before"), .optional("limit", .integer, "at most 200"),
    ]

    /// What the server has told others.
    static let outbound: [Route] = [
        Route(
            .GET, "apps/{app}/callbacks", "Calls of the App's backend, the newest first",
            query: paging + [
                .optional("rule"),
                .optional("outcome", .choice(CallbackRecord.Outcome.allCases.map(\.rawValue))),
            ],
            answer: [
                Field(
                    "callbacks",
                    .list(
                        .object([
                            Field("id", .integer), Field("rule"), Field("call", .text, "the vendor's name for it"),
                            Field("message", .text, "the entry that it was about"), Field("sentAt", .integer),
                            Field("milliseconds", .integer), Field("attempts", .integer),
                            Field("outcome", .choice(CallbackRecord.Outcome.allCases.map(\.rawValue))),
                            .optional("status", .integer), Field("detail"),
                        ]))), .optional("next", .integer),
            ], perform: callbacks),
        Route(
            .POST, "apps/{app}/callbacks/retry", "Send again what was given up",
            body: [.optional("ids", .list(.integer), "none: all of it")], answer: [Field("count", .integer)]
        ) { visit in
            var ids: [Int64]?
            if let json = visit.body["ids"], !json.isNull {
                guard let elements = json.array, elements.allSatisfy({ $0.int != nil }) else {
                    throw Refusal.badField("ids", Wording("is not an array of whole numbers", "不是整数数组"))
                }
                ids = elements.compactMap(\.int)
            }
            let count = try await visit.context.callbacks.sendAgain(
                in: try await visit.app().id, rule: nil, records: ids)
            return Reply { $0.field("count", count) }
        },
        Route(
            .GET, "apps/{app}/pushes", "Notices to phones, the newest first", query: paging,
            answer: [
                Field(
                    "pushes",
                    .list(
                        .object([
                            Field("id", .integer), Field("provider"), Field("kind"), Field("message"),
                            Field("user"), Field("device"), Field("title"), Field("text"),
                            Field("sentAt", .integer), Field("milliseconds", .integer),
                            Field("attempts", .integer),
                            Field("outcome", .choice(PushRecord.Outcome.allCases.map(\.rawValue))),
                            .optional("status", .integer), Field("detail"),
                        ]))), .optional("next", .integer),
            ], perform: pushes),
        Route(
            .GET, "simulator", "What the push simulator got, where one runs",
            answer: [Field("url"), Field("notices", .list(.anything))]
        ) { visit in
            guard let simulator = visit.context.simulator?() else {
                throw Refusal(
                    .notFound, .noSimulator, Wording("No push simulator runs with this server.", "此服务器没有运行推送模拟器。"))
            }
            return Reply { json in
                json.field("url", simulator.url)
                json.field("notices", raw: simulator.notices)
            }
        },
    ]

    private static func callbacks(_ visit: Visit) async throws -> Reply {
        let (before, limit) = try Self.place(visit)
        var outcome: CallbackRecord.Outcome?
        if let text = visit.query["outcome"] {
            guard let known = CallbackRecord.Outcome(rawValue: text) else {
                throw Refusal.badField("outcome", Wording("is none that there is", "没有这个取值"))
            }
            outcome = known
        }
        let records = try await visit.context.callbacks.records(
            in: try await visit.app().id, rule: visit.query["rule"], outcome: outcome, before: before, limit: limit)
        return Reply { json in
            json.field("callbacks") { json in
                json.array(records) { json, record in record.write(into: &json) }
            }
            if records.count == limit, let last = records.last?.id { json.field("next", last) }
        }
    }

    private static func pushes(_ visit: Visit) async throws -> Reply {
        let (before, limit) = try Self.place(visit)
        let records = try await visit.context.pushes.pushRecords(
            in: try await visit.app().id, provider: nil, outcome: nil, user: nil, before: before, limit: limit)
        return Reply { json in
            json.field("pushes") { json in
                json.array(records) { json, record in record.write(into: &json) }
            }
            if records.count == limit, let last = records.last?.id { json.field("next", last) }
        }
    }

    private static func place(_ visit: Visit) throws(Refusal) -> (before: Int64?, limit: Int) {
        let before = try visit.number("before", default: 0, in: 0...Int.max)
        return (before == 0 ? nil : Int64(before), try visit.number("limit", default: 50, in: 1...200))
    }
}
