import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// Registers a user's phone with the token that its push service gave it, or forgets it.
///
/// Source: facts/easemob-server.md 3.2. A device has one token here, as it has one push service.
struct SetPushBinding: Endpoint {
    static let description = EndpointDescription(
        "PUT", "/{org_name}/{app_name}/users/{username}/push/binding", "Register a user's phone for pushes",
        page: "绑定和解绑推送信息 (push_information_bind_unbind)")
    static let callers = Callers.applicationOrOneself
    static let area = Area.push

    let binding: PushBinding

    init(_ call: Call) throws {
        let json = try call.object()
        for name in ["device_id", "notifier_name", "device_token"] where json.value(name) == nil {
            throw Malformed(name, .missing)
        }
        guard let binding = try PushBinding(json) else { throw Malformed("device_id", .missing) }
        self.binding = binding
    }

    /// - Returns: what the device has now.
    func perform(_ call: Call) async throws -> [PushDevice] {
        let user = try await call.existingUser(call.user())
        try await self.binding.apply(to: user.id, call)
        return try await call.core.push.pushDevices(of: user.id, in: call.app.id)
            .filter { $0.device == self.binding.device }
    }

    func encode(_ devices: [PushDevice], _ call: Call) -> Answer { .bindings(devices, action: "put") }
}

/// Those of all devices, whichever way they were registered.
struct GetPushBinding: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/users/{username}/push/binding", "List a user's phones",
        page: "查询推送绑定信息 (push_information_bind_query)")
    static let callers = Callers.applicationOrOneself
    static let area = Area.push

    init(_ call: Call) {}

    func perform(_ call: Call) async throws -> [PushDevice] {
        let user = try await call.existingUser(call.user())
        return try await call.core.push.pushDevices(of: user.id, in: call.app.id)
    }

    func encode(_ devices: [PushDevice], _ call: Call) -> Answer { .bindings(devices, action: "get") }
}

/// A phone as clients and backends name it. Without a token, or without a notifier, it is not to ring any more.
struct PushBinding: Hashable, Sendable {
    private static let maximumNameBytes = 256
    /// FCM's are the longest, and have no stated limit.
    private static let maximumTokenBytes = 4096

    let device: String
    /// The name of a certificate, or the app's id at the provider.
    let notifier: String
    let token: String

    /// Nil: it does not say which. A client that does not name its device has one for each notifier.
    init?(_ json: JSON) throws(Malformed) {
        let notifier = try json.textOrNumber("notifier_name") ?? ""
        let named = try json.textOrNumber("device_id") ?? ""
        let token = try json.textOrNumber("device_token") ?? ""
        for (name, text) in [("notifier_name", notifier), ("device_id", named)]
        where text.utf8.count > Self.maximumNameBytes {
            throw Malformed(name, .tooLong(limit: Self.maximumNameBytes))
        }
        guard token.utf8.count <= Self.maximumTokenBytes else {
            throw Malformed("device_token", .tooLong(limit: Self.maximumTokenBytes))
        }
        let device = named.isEmpty ? notifier : named
        guard !device.isEmpty else { return nil }
        self.device = device
        self.notifier = notifier
        self.token = token
    }

    func apply(to user: UserID, _ call: Call) async throws {
        if !self.notifier.isEmpty, !self.token.isEmpty {
            let device = PushDevice(
                user: user, device: self.device, provider: self.notifier, token: self.token, dialect: Easemob.name,
                registeredAt: call.now)
            return try await call.core.registerForPush(device, in: call.app.id)
        }
        // A notifier without a token: only what is registered with it.
        let isRegistered = try await call.core.push.pushDevices(of: user, in: call.app.id).contains { device in
            device.device == self.device && (self.notifier.isEmpty || device.provider == self.notifier)
        }
        if isRegistered { try await call.core.push.unregister(self.device, of: user, in: call.app.id) }
    }
}

extension Answer {
    fileprivate static func bindings(_ devices: [PushDevice], action: String) -> Answer {
        var answer = Answer.entities(devices) { json, device in
            json.object { json in
                json.field("device_id", device.device)
                json.field("device_token", device.token)
                json.field("notifier_name", device.provider)
            }
        }
        answer.shape = .timed
        answer.action = action
        return answer
    }
}
