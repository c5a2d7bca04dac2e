import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// How many notices the push services took, and how many not, of each day in the App's time zone.
///
/// Source: facts/easemob-server.md 3.2.
struct GetPushStatistics: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/push/data/offline-push/begin/{startTime}/end/{endTime}", "Count pushes by day",
        page: "查询离线推送结果统计数据 (push_result_statistics)",
        .partial("no arriveCount: push services say what they took, not what came"))
    static let callLimit = CallLimit(10, perSeconds: 10)
    static let area = Area.push

    /// More than a year is no statistics any more.
    private static let maximumDays: Int64 = 366

    let first: Day
    let last: Day
    /// Nil: all.
    let platform: String?

    init(_ call: Call) throws {
        guard let first = Day(call.parameter("startTime")) else { throw Malformed("startTime", .invalid) }
        guard let last = Day(call.parameter("endTime")),
            (first.number..<first.number + Self.maximumDays).contains(last.number)
        else { throw Malformed("endTime", .invalid) }
        let platform = call.query["platform"] ?? "ALL"
        guard platform == "ALL" || PushProvider.Kind.allCases.contains(where: { $0.easemob == platform }) else {
            throw Malformed("platform", .invalid)
        }
        self.first = first
        self.last = last
        self.platform = platform == "ALL" ? nil : platform
    }

    struct Tally: Hashable, Sendable {
        var succeeded = 0
        var failed = 0
    }

    func perform(_ call: Call) async throws -> [Day: [String: Tally]] {
        let offset = call.app.settings.pushOffsetMinutes
        let counts = try await call.core.push.pushCounts(
            in: call.app.id, from: self.first.start(offsetMinutes: offset),
            to: Day(number: self.last.number + 1).start(offsetMinutes: offset).adding(milliseconds: -1))
        var tallies: [Day: [String: Tally]] = [:]
        for count in counts where self.platform == nil || self.platform == count.kind.easemob {
            let day = Day(of: count.day, offsetMinutes: offset)
            switch count.outcome {
            case .accepted: tallies[day, default: [:]][count.kind.easemob, default: Tally()].succeeded += count.count
            case .refused, .unregistered, .givenUp:
                tallies[day, default: [:]][count.kind.easemob, default: Tally()].failed += count.count
            }
        }
        return tallies
    }

    func encode(_ tallies: [Day: [String: Tally]], _ call: Call) -> Answer {
        Answer(.bare).with("status") { $0.string("OK") }.with("data") { json in
            json.object { json in
                for (day, platforms) in tallies.sorted(by: { $0.key.number > $1.key.number }) {
                    json.field(day.text) { json in
                        json.object { json in
                            for (platform, tally) in platforms.sorted(by: { $0.key < $1.key }) {
                                json.field(platform) { json in
                                    json.object { json in
                                        json.field("successCount", tally.succeeded)
                                        json.field("failCount", tally.failed)
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

extension PushProvider.Kind {
    /// What the vendor calls it. It has no names for the last two.
    fileprivate var easemob: String {
        switch self {
        case .apns: "APNS"
        case .fcm: "ANDROID"
        case .huawei: "HUAWEIPUSH"
        case .honor: "HONOR"
        case .xiaomi: "XIAOMIPUSH"
        case .oppo: "OPPOPUSH"
        case .vivo: "VIVOPUSH"
        case .meizu: "MEIZUPUSH"
        case .harmony: "HARMONY"
        case .webhook: "WEBHOOK"
        }
    }
}
