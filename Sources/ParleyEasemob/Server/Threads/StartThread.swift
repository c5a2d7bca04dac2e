import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Makes a thread on a message of a group. A user makes one of his own.
struct StartThread: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/thread", "Make a thread on a message of a group",
        page: "创建子区 (group_thread_create)")
    static let callers = Callers.applicationOrUser
    static let area = Area.threads

    let group: GroupID
    let message: String
    let name: String
    let owner: UserID

    init(_ call: Call) throws {
        let json = try call.object()
        self.group = try GroupID(checking: json.textOrNumber("group_id"), as: "group_id")
        self.name = try ThreadName.read(json)
        guard let message = try json.textOrNumber("msg_id"), !message.isEmpty else {
            throw Malformed("msg_id", .missing)
        }
        self.message = message
        let owner = try json.textOrNumber("owner").map { UserID(easemob: $0) }
        guard let owner = call.callingUser ?? owner, !owner.rawValue.isEmpty else { throw Malformed("owner", .missing) }
        self.owner = owner
    }

    func perform(_ call: Call) async throws -> GroupID {
        guard let group = try await call.core.directory.group(self.group, in: call.app.id)?.group,
            !group.type.rules.isRoom
        else { throw Refusal.group(.notFound, "group not found.") }
        guard let message = MessageID(easemob: self.message) else {
            throw Refusal.group(.badRequest, "msg not belong to app.")
        }
        if !group.type.rules.isThread { try await self.check(message, call) }
        let id = call.easemob.groupIDs.next()
        try await call.core.start(
            id, on: ThreadOrigin(group: self.group, message: message), name: self.name, owner: self.owner,
            in: call.app.id, device: call.device)
        return id
    }

    /// The vendor tells what kind of wrong message it is, where it is none of the group.
    private func check(_ message: MessageID, _ call: Call) async throws {
        guard let entry = try await call.core.log.entry(message, in: call.app.id) else { return }
        guard case .group(let group) = entry.conversation.conversation else {
            throw Refusal.group(.badRequest, "thread must on group message to create.")
        }
        guard group != self.group else { return }
        let isNested = try await call.core.directory.group(group, in: call.app.id)?.group.origin != nil
        throw Refusal.group(.badRequest, isNested ? "thread not nested." : "msg not belong to group .")
    }

    func encode(_ thread: GroupID, _ call: Call) -> Answer {
        .data { json in json.object { $0.field("thread_id", thread.easemob) } }
    }
}
