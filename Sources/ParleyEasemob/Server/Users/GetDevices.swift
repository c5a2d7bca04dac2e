import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// The devices that a user is connected with. Source: facts/easemob-server.md 3.1, facts/easemob-client.md 6.
struct GetDevices: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/users/{username}/resources", "List the devices that a user is connected with",
        page: "获取指定账号的在线登录设备列表 (account_online_device_obtain)",
        .partial("device_uuid is the device's resource, device_name what it runs on"))
    static let callers = Callers.applicationOrOneself
    static let area = Area.users

    init(_ call: Call) {}

    func perform(_ call: Call) async throws -> [Connection] {
        let user = try await call.existingUser(call.user())
        return await call.core.presence.connections(of: user.id, in: call.app.id)
    }

    func encode(_ connections: [Connection], _ call: Call) -> Answer {
        Answer.data { json in
            json.array(connections.sorted { $0.since < $1.since }) { json, connection in
                json.object { json in
                    json.field("res", connection.device.rawValue)
                    json.field("device_uuid", connection.device.rawValue)
                    json.field("device_name", connection.platform)
                }
            }
        }
        .noEntities()
    }
}
