import ParleyCore
import ParleyDialectKit
import ParleyJSON

struct RenameThread: ThreadEndpoint {
    static let description = EndpointDescription(
        "PUT", "/{org_name}/{app_name}/thread/{thread_id}", "Rename a thread", page: "修改子区 (group_thread_modify)")
    static let right = ThreadRight.maker

    let name: String

    init(_ call: Call) throws { self.name = try ThreadName.read(call.object()) }

    func perform(_ call: Call, on thread: GroupSnapshot) async throws {
        try await call.core.rename(
            thread: thread.group.id, to: self.name, in: call.app.id, by: call.callingUser, on: call.device)
    }

    func encode(_: Void, _ call: Call) -> Answer {
        .data { json in json.object { $0.field("name", self.name) } }
    }
}

struct DeleteThread: ThreadEndpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/thread/{thread_id}", "Delete a thread", page: "删除子区 (group_thread_delete)")
    static let right = ThreadRight.leader

    init(_ call: Call) {}

    func perform(_ call: Call, on thread: GroupSnapshot) async throws {
        try await call.core.end(thread: thread.group.id, in: call.app.id, by: call.callingUser, on: call.device)
    }

    func encode(_: Void, _ call: Call) -> Answer { .threadDone }
}
