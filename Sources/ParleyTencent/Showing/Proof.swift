import NIOHTTP1
package import ParleyCore
package import ParleyDialectKit
import ParleyJSON

// What a backend sends to prove itself, and what its answers say.

extension Tencent {
    private static let hour: Int64 = 3600

    package func signed(_ request: WireRequest, for app: App) throws -> WireRequest {
        let administrator = try Self.administrator(of: app)
        let signature = try self.token(for: administrator, in: app, lifetimeSeconds: Self.hour)
        return try Self.proven(request, app, administrator, signature: signature)
    }

    package func inShell(_ request: WireRequest, for app: App) throws -> ShellCall {
        let administrator = try Self.administrator(of: app)
        return ShellCall(
            lines: ["USERSIG=$(parley token --app \(app.id) --user \(administrator) --dialect tencent)"],
            request: try Self.proven(request, app, administrator, signature: "$USERSIG"))
    }

    private static func administrator(of app: App) throws -> UserID {
        guard let credential = app.credential(in: Self.name) else { throw NoCredential(app: app.id) }
        return Caller(app: app, sdkAppID: credential.key, identifier: UserID("")).administrators.first ?? UserID("")
    }

    private static func proven(
        _ request: WireRequest, _ app: App, _ administrator: UserID, signature: String
    ) throws -> WireRequest {
        guard let credential = app.credential(in: Self.name) else { throw NoCredential(app: app.id) }
        var request = request
        let proof =
            "sdkappid=\(credential.key)&identifier=\(administrator)&usersig=\(signature)"
            + "&random=\(UInt32.random(in: 0...UInt32.max))&contenttype=json"
        request.query = request.query.isEmpty ? proof : "\(request.query)&\(proof)"
        return request
    }

    package static func code(of response: WireResponse) -> String? {
        (try? JSON(parsing: response.body))?["ErrorCode"]?.int.map { String($0) }
    }

    package static func names(of entry: Entry) -> [String: String] {
        guard let message = entry.message else { return [:] }
        let key = MsgKey(entry)
        var names: [String: String] = [:]
        switch entry.conversation.conversation {
        case .direct(let pair): names["To_Account"] = pair.peer(of: message.sender).rawValue
        case .system(let user): names["To_Account"] = user.rawValue
        case .group(let group): names["GroupId"] = group.rawValue
        case .room(let room): names["GroupId"] = room.rawValue
        }
        names.merge([
            "From_Account": message.sender.rawValue,
            "MsgSeq": String(key.sequence), "MsgKey": key.description, "MsgRandom": String(key.random),
            "MsgTime": String(key.timeSeconds),
        ]) { $1 }
        return names
    }

    /// As its history APIs have it, which is how the vendor documents messages.
    package static func preview(of entry: Entry, in app: App, for user: UserID) -> [UInt8]? {
        let message: Message
        switch entry.body {
        case .message(let said): message = said
        case .edit(let edit): message = edit.message
        case .recall, .notice: return nil
        }
        return JSONWriter.object { json in
            json.field("From_Account", message.sender.rawValue)
            switch entry.conversation.conversation {
            case .group(let group): json.field("GroupId", group.rawValue)
            case .direct(let pair): json.field("To_Account", pair.peer(of: message.sender).rawValue)
            case .system(let owner): json.field("To_Account", owner.rawValue)
            case .room(let room): json.field("GroupId", room.rawValue)
            }
            json.field("MsgSeq", entry.sequence ?? 0)
            json.field("MsgRandom", message.options.random ?? 0)
            json.field("MsgTimeStamp", entry.sentAt.seconds)
            json.field("MsgPriority", message.options.priority.rawValue)
            json.field("MsgBody") { entry.isRecalled ? $0.array { _ in } : $0.msgBody(of: message) }
            if let data = message.options.attachment { json.field("CloudCustomData", data) }
        }
    }
}
