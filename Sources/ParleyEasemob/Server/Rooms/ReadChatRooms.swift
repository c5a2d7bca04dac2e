import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// All chat rooms of the App, newest first, page by page: by a cursor, or (clients) by number.
///
/// Source: facts/easemob-server.md 3.10.
struct ListChatRooms: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/chatrooms", "List chat rooms", page: "获取 app 中的聊天室 (chatroom_manage)")
    static let callers = Callers.applicationOrUser
    static let area = Area.rooms
    static let callsPerSecond = 50

    let limit: Int
    let after: GroupID?
    /// How many come before the page.
    let offset: Int

    init(_ call: Call) throws {
        let isByNumber = call.query["pagenum"] != nil || call.query["pagesize"] != nil
        self.limit = call.number(isByNumber ? "pagesize" : "limit", default: isByNumber ? 20 : 10, in: 1...1000)
        self.after = try isByNumber ? nil : call.cursor().map { GroupID($0) }
        self.offset = (call.number("pagenum", default: 1, in: 1...100_000) - 1) * self.limit
    }

    func perform(_ call: Call) async throws -> Page<GroupCount> {
        let rooms = try await call.groups(after: self.after, limit: self.offset + self.limit) {
            ChatRooms.includes($0)
        }
        return Page(
            try await call.counted(Array(rooms.dropFirst(self.offset))), limit: self.limit,
            cursor: \.group.id.rawValue)
    }

    func encode(_ page: Page<GroupCount>, _ call: Call) -> Answer {
        Answer.data { json in
            json.array(page.items) { json, item in
                json.object { json in
                    json.field("id", item.group.id.easemob)
                    json.field("name", item.group.name)
                    json.field("owner", item.group.owner?.rawValue ?? "")
                    json.field("affiliations_count", item.memberCount)
                    json.field("disabled", item.group.isDisabled)
                }
            }
        }
        .noEntities().params(call.query).count(page.items.count).cursor(page.cursor)
    }
}

/// The chat rooms that a user is in. Clients ask for more of each (`detail`).
struct GetJoinedChatRooms: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/users/{username}/joined_chatrooms", "Get the chat rooms of a user",
        page: "获取用户加入的聊天室 (chatroom_manage)")
    static let callers = Callers.applicationOrOneself
    static let area = Area.rooms
    static let callsPerSecond = 50

    let pageNumber: Int
    let pageSize: Int
    let showsDetails: Bool

    init(_ call: Call) {
        self.pageNumber = call.number("pagenum", default: 1, in: 1...Int(Int32.max))
        self.pageSize = call.number("pagesize", default: 1000, in: 1...1000)
        self.showsDetails = call.query["detail"] == "true"
    }

    func perform(_ call: Call) async throws -> [Group] {
        let rooms = try await call.joined(ChatRooms.self).map(\.group)
        return Array(rooms.dropFirst((self.pageNumber - 1) * self.pageSize).prefix(self.pageSize))
    }

    func encode(_ rooms: [Group], _ call: Call) -> Answer {
        Answer.data { json in
            json.array(rooms) { json, room in
                json.object { json in
                    json.field("id", room.id.easemob)
                    if self.showsDetails {
                        json.field("title", room.name)
                        json.field("owner", call.qualified(room.owner))
                        json.field("created", room.createdAt.milliseconds)
                        json.field("description", room.summary)
                        json.field("max_users", room.capacity)
                    } else {
                        json.field("name", room.name)
                        // A text, in the vendor's example.
                        json.field("disabled", String(room.isDisabled))
                    }
                }
            }
        }
        .noEntities().params(call.query).count(rooms.count)
    }
}
