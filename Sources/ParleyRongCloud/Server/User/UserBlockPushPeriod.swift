import ParleyCore
import ParleyDialectKit
import ParleyJSON

// A time of each day, in the App's time zone, in which a user wants quiet. Source: facts/rongcloud-server.md 3.2.

struct UserBlockPushPeriodSet: Endpoint {
    static let description = EndpointDescription(
        "POST", "/user/blockPushPeriod/set.json", "Set a user's quiet hours",
        page: "https://docs.rongcloud.io/platform-chat-api/push/set-push-disabled-period")

    /// A day, but for its last minute.
    static let maximumMinutes: Int64 = 1439

    let user: UserID
    /// Nil: a period of 0.
    let hours: QuietHours?

    init(_ parameters: Parameters) throws(Malformed) {
        self.user = try parameters.requiredUser("userId")
        guard let start = Self.seconds(try parameters.required("startTime")) else {
            throw Malformed("startTime", .invalid)
        }
        let minutes = try parameters.requiredInteger("period", in: 0...Self.maximumMinutes)
        // Older SDKs have no levels: all is quiet.
        let level = try parameters.unpushLevel("level") ?? .nothing
        self.hours =
            minutes == 0 ? nil : QuietHours(start: start, seconds: Int(minutes) * 60, level: level.level ?? .all)
    }

    func perform(_ call: Call) async throws {
        try await call.requireUser(self.user)
        let hours = self.hours
        try await call.core.push.changePushPreferences(of: self.user, for: .everywhere, in: call.app.id) {
            $0.quietHours = hours
        }
    }

    /// `HH:MM:SS`
    private static func seconds(_ text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3,
            parts.allSatisfy({ (1...2).contains($0.utf8.count) && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } })
        else { return nil }
        let numbers = parts.compactMap { Int($0) }
        guard numbers.count == 3, numbers[0] < 24, numbers[1] < 60, numbers[2] < 60 else { return nil }
        return numbers[0] * 3600 + numbers[1] * 60 + numbers[2]
    }
}

struct UserBlockPushPeriodGet: Endpoint {
    static let description = EndpointDescription(
        "POST", "/user/blockPushPeriod/get.json", "Ask for a user's quiet hours",
        page: "https://docs.rongcloud.io/platform-chat-api/push/get-push-disabled-period")

    let user: UserID

    init(_ parameters: Parameters) throws(Malformed) { self.user = try parameters.requiredUser("userId") }

    func perform(_ call: Call) async throws -> QuietHours? {
        try await call.core.push.pushPreferences(of: self.user, in: call.app.id)[.everywhere]?.quietHours
    }

    static func encode(_ outcome: QuietHours?, to json: inout JSONWriter) {
        json.field("data") { json in
            json.object { json in
                json.field("startTime", outcome.map { Self.clock($0.start) } ?? "")
                json.field(
                    "period", min(Int64((outcome?.seconds ?? 0) / 60), UserBlockPushPeriodSet.maximumMinutes))
                let level = outcome.map { UnpushLevel($0.level) } ?? .unset
                // There is no "all" among the levels of a quiet time.
                json.field("unPushLevel", level == .all ? UnpushLevel.unset.rawValue : level.rawValue)
            }
        }
    }

    private static func clock(_ seconds: Int) -> String {
        [seconds / 3600, seconds / 60 % 60, seconds % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }
}

struct UserBlockPushPeriodDelete: Endpoint {
    static let description = EndpointDescription(
        "POST", "/user/blockPushPeriod/delete.json", "Take a user's quiet hours away",
        page: VendorPage.list)

    let user: UserID

    init(_ parameters: Parameters) throws(Malformed) { self.user = try parameters.requiredUser("userId") }

    func perform(_ call: Call) async throws {
        try await call.requireUser(self.user)
        try await call.core.push.changePushPreferences(of: self.user, for: .everywhere, in: call.app.id) {
            $0.quietHours = nil
        }
    }
}
