import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// What a user says of himself, and how one of his devices is: `1` online, `0` not, or a word of the App's. Source: facts/easemob-server.md 3.5.
struct PublishPresence: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/users/{username}/presence/{resource}/{status}", "Say how a user is",
        page: "设置用户在线状态信息 (presence)", .partial("how a device is, is shown while it is connected"))
    static let callers = Callers.applicationOrOneself
    static let area = Area.users
    static let callsPerSecond = 50

    private static let maximumBytes = 1024
    private static let maximumNameBytes = 256

    let text: String
    let device: DeviceID
    /// Nil: online.
    let state: String?

    init(_ call: Call) throws {
        let (resource, status) = (call.parameter("resource"), call.parameter("status"))
        for (name, text) in [("resource", resource), ("status", status)]
        where text.utf8.count > Self.maximumNameBytes {
            throw Malformed(name, .invalid)
        }
        guard let text = try call.object().text("ext") else { throw Refusal.illegalArgument("ext cannot be null") }
        guard text.utf8.count <= Self.maximumBytes else { throw Refusal.illegalArgument("ext is too big") }
        self.text = text
        self.device = DeviceID(resource)
        self.state = status == ShownPresence.online ? nil : status
    }

    func perform(_ call: Call) async throws {
        try await call.core.publishStatus(
            self.text, state: self.state, on: self.device, of: call.user(), in: call.app.id)
    }

    func encode(_: Void, _ call: Call) -> Answer { .presenceDone }
}

extension Answer {
    static let presenceDone = Answer(.bare).with("result") { $0.string("ok") }

    static func presence(_ shown: [ShownPresence]) -> Answer {
        Answer(.bare).with("result") { json in json.array(shown) { $1.write(to: &$0) } }
    }
}

extension Call {
    /// - Throws: `illegal_argument` with one of the vendor's texts.
    func presenceUsers(_ json: JSON?, missing: String, tooMany: String) throws -> [UserID] {
        let names = try json.map { json in
            guard let names = json.names else { throw Malformed("usernames", .invalid) }
            return names
        }
        guard let names, !names.isEmpty else { throw Refusal.illegalArgument(missing) }
        let users = names.map { UserID(easemob: $0) }.uniqued()
        guard users.count <= Self.maximumPresenceUsers else { throw Refusal.illegalArgument(tooMany) }
        return users
    }

    private static var maximumPresenceUsers: Int { 100 }
}

extension JSON {
    /// Nil: it is not an array of texts.
    fileprivate var names: [String]? {
        guard let elements = self.array else { return nil }
        let names = elements.compactMap { $0.string ?? $0.int.map(String.init) }
        return names.count == elements.count ? names : nil
    }
}
