import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Who may not speak in a group, or (without `groupId`) in any group of the App. Messages that the backend sends are
// not subject to it. Source: facts/rongcloud-server.md 3.5.

struct GroupUserGagAdd: Endpoint {
    static let description = EndpointDescription(
        "POST", "/group/user/gag/add.json", "Mute users in a group, or in all groups",
        page: VendorPage.list)

    let userId: [UserID]
    let groupId: GroupID?
    /// 0: for ever. The page ends at 43200; the real server was seen to accept more.
    let minute: Int64

    init(_ parameters: Parameters) throws(Malformed) {
        self.userId = try parameters.requiredUsers("userId", atMost: 20)
        self.groupId = try parameters.optionalID("groupId").map { GroupID($0) }
        self.minute = try parameters.requiredInteger("minute", in: 0...Int64(Int32.max))
    }

    func perform(_ call: Call) async throws {
        let until = self.minute == 0 ? .distantFuture : call.now.adding(seconds: self.minute * 60)
        guard let group = self.groupId else {
            // A user who is not known yet is made, so that the mute is not forgotten before the first token.
            for user in self.userId {
                try await call.core.importUser(user, in: call.app.id) { $0.mutedInGroupsUntil = until }
            }
            return
        }
        try await call.core.mute(self.userId, in: group, of: call.app.id, until: until)
    }
}

/// What was not muted, or is in no group of that id, may speak already.
struct GroupUserGagRollback: Endpoint {
    static let description = EndpointDescription(
        "POST", "/group/user/gag/rollback.json", "Unmute users in a group, or in all groups",
        page: VendorPage.list)

    let userId: [UserID]
    let groupId: GroupID?

    init(_ parameters: Parameters) throws(Malformed) {
        self.userId = try parameters.requiredUsers("userId", atMost: 20)
        self.groupId = try parameters.optionalID("groupId").map { GroupID($0) }
    }

    func perform(_ call: Call) async throws {
        guard let group = self.groupId else {
            for user in self.userId {
                do {
                    try await call.core.changeUser(user, in: call.app.id) { $0.mutedInGroupsUntil = nil }
                } catch Rejection.userNotFound {}
            }
            return
        }
        do {
            try await call.core.mute(self.userId, in: group, of: call.app.id, until: nil)
        } catch Rejection.groupNotFound {}
    }
}

struct GroupUserGagList: Endpoint {
    static let description = EndpointDescription(
        "POST", "/group/user/gag/list.json", "List muted users of a group, or of all groups",
        page: "https://docs.rongcloud.io/platform-chat-api/group/mute/query-gagged-user",
        .partial("startTime is not told"))

    let groupId: GroupID?

    init(_ parameters: Parameters) throws(Malformed) {
        self.groupId = try parameters.optionalID("groupId").map { GroupID($0) }
    }

    struct Gag: Hashable, Sendable {
        var user: UserID
        var until: Timestamp
    }

    func perform(_ call: Call) async throws -> [Gag] {
        var gags: [Gag] = []
        if let group = self.groupId {
            let mutes = try await call.core.directory.group(group, in: call.app.id)?.mutes ?? [:]
            gags = mutes.map { Gag(user: $0.key, until: $0.value) }.sorted { $0.user < $1.user }
        } else {
            var last: UserID?
            repeat {
                let page = try await call.core.directory.users(in: call.app.id, after: last, limit: 1000)
                gags += page.compactMap { user in user.mutedInGroupsUntil.map { Gag(user: user.id, until: $0) } }
                last = page.last?.id
            } while last != nil
        }
        return gags.filter { $0.until > call.now }
    }

    static func encode(_ outcome: [Gag], to json: inout JSONWriter) {
        json.field("users") { json in
            json.array(outcome) { json, gag in
                json.object {
                    $0.field("userId", gag.user.rawValue)
                    $0.field("time", gag.until.inBeijing)
                }
            }
        }
    }
}
