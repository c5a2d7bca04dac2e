import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// What is shown to everyone in a group. Source: facts/easemob-server.md 3.8.
struct GetGroupAnnouncement: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/chatgroups/{group_id}/announcement", "Get a group's announcement",
        page: "获取群公告 (group_announcement)")
    static let area = Area.groups

    init(_ call: Call) {}

    func perform(_ call: Call) async throws -> String { try await call.existingGroup().group.announcement }

    func encode(_ announcement: String, _ call: Call) -> Answer {
        Answer.data { json in json.object { $0.field("announcement", announcement) } }.noEntities()
    }
}

struct SetGroupAnnouncement: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/chatgroups/{group_id}/announcement", "Set a group's announcement",
        page: "修改群公告 (group_announcement)")
    static let area = Area.groups

    private static let maximumCharacters = 512

    let announcement: String

    init(_ call: Call) throws {
        guard let announcement = try call.object().textOrNumber("announcement") else {
            throw Refusal.illegalArgument("announcement is null")
        }
        guard announcement.count <= Self.maximumCharacters else {
            throw Refusal(
                .forbidden, "FORBIDDEN", "announce info length exceeds limit!", exception: "ForbiddenException")
        }
        self.announcement = announcement
    }

    func perform(_ call: Call) async throws {
        try await call.core.changeGroup(call.group, in: call.app.id) { $0.announcement = self.announcement }
    }

    func encode(_: Void, _ call: Call) -> Answer {
        Answer.data { json in
            json.object { json in
                json.field("id", call.group.rawValue)
                json.field("result", true)
            }
        }
        .noEntities()
    }
}
