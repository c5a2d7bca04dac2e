import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Keeps files for another time than usual: `forever`, `refresh` (anew from now on), `default`. Whoever knows a file may.
///
/// Source: facts/easemob-server.md 2.5 (message_attachment_storage).
struct SetFileLifetimes: Endpoint {
    static let description = EndpointDescription(
        "PUT", "/{org_name}/{app_name}/users/{username}/chatfiles/lifetime", "Set how long files are kept",
        page: "修改附件的存储时间 (message_attachment_storage)")
    static let callers = Callers.applicationOrOneself
    static let area = Area.users

    private static let maximumFiles = 100

    let lifetime: FileLifetime
    let ids: [String]

    init(_ call: Call) throws {
        let json = try call.object()
        let ids = try json.texts("chatfile_ids") ?? []
        guard !ids.isEmpty else { throw Malformed("chatfile_ids", .missing) }
        guard ids.count <= Self.maximumFiles else {
            throw Refusal.illegalArgument("chatfile_ids size is too large")
        }
        switch try json.text("lifetime") {
        case "forever": self.lifetime = .endless
        case "refresh": self.lifetime = .renewed
        case "default": self.lifetime = .usual
        default:
            throw Refusal.illegalArgument("lifetime must be either 'forever' or 'default' or 'refresh'。")
        }
        self.ids = ids.map { $0.lowercased() }.uniqued()
    }

    func perform(_ call: Call) async throws -> Set<String> {
        _ = try await call.existingUser(call.user())
        return Set(try await call.core.files.keep(self.ids, in: call.app.id, self.lifetime))
    }

    func encode(_ kept: Set<String>, _ call: Call) -> Answer {
        .data { json in
            json.object { json in
                for id in self.ids { json.field(id, kept.contains(id) ? "success" : "failed") }
            }
        }
    }
}

/// SDKs want to send large files piece by piece. Told that they may not, they send them whole.
struct StartUploadInParts: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/sdk/chatfiles/part-upload", "Upload a file piece by piece (clients)",
        page: "facts/easemob-client.md 6", .partial("refused: SDKs upload the file whole then"))
    static let callers = Callers.applicationOrUser
    static let area = Area.files

    init(_ call: Call) {}

    func perform(_ call: Call) async throws {
        throw Refusal.forbiddenOperation("upload in parts is unopened")
    }

    func encode(_: Void, _ call: Call) -> Answer { Answer() }
}
