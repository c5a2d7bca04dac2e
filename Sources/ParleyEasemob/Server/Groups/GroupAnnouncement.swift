import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON

// What is shown to everyone in a group or chat room. Source: facts/easemob-server.md 3.8, 3.10.

struct GetAnnouncement<Kind: GroupKind>: GroupEndpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "GET", "\(Kind.path)/announcement", "Get a \(Kind.noun)'s announcement",
            page: "获取\(Kind.word)公告 (\(Kind.page)_announcement)")
    }

    let right = Right.member

    init(_ call: Call) {}

    func perform(_ call: Call, in group: GroupSnapshot) -> String { group.group.announcement }

    func encode(_ announcement: String, _ call: Call) -> Answer {
        Answer.data { json in json.object { $0.field("announcement", announcement) } }.noEntities()
    }
}

struct SetAnnouncement<Kind: GroupKind>: GroupEndpoint {
    static var description: EndpointDescription {
        EndpointDescription(
            "POST", "\(Kind.path)/announcement", "Set a \(Kind.noun)'s announcement",
            page: "修改\(Kind.word)公告 (\(Kind.page)_announcement)")
    }

    private static var maximumCharacters: Int { 512 }

    let right = Right.administrator
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

    func perform(_ call: Call, in group: GroupSnapshot) async throws {
        try await call.core.changeGroup(group.group.id, in: call.app.id, by: call.callingUser) {
            $0.announcement = self.announcement
        }
    }

    func encode(_: Void, _ call: Call) -> Answer {
        Answer.data { json in
            json.object { json in
                json.field("id", call.parameter(Kind.parameter))
                json.field("result", true)
            }
        }
        .noEntities()
    }
}
