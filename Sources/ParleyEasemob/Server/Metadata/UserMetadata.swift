import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Named texts that a user shows to others: what he is called, his portrait. He need not be known. Source: facts/easemob-server.md 3.3.

/// Only what is named changes. A form, whatever `Content-Type` says; also a JSON object of texts.
struct SetMetadata: Endpoint {
    static let description = EndpointDescription(
        "PUT", "/{org_name}/{app_name}/metadata/user/{username}", "Set a user's attributes",
        page: "设置用户属性 (userprofile)", .partial("no limit for all users of an App together"))
    static let callers = Callers.applicationOrOneself
    static let area = Area.metadata

    /// Of one user: names and texts.
    private static let maximumBytes = 2048
    /// In characters, of what clients know by name.
    private static let limits = [
        "nickname": 64, "avatarurl": 256, "phone": 32, "mail": 64, "sign": 256, "birth": 64,
    ]

    let attributes: [String: String]

    init(_ call: Call) throws {
        self.attributes = try Self.attributes(in: call)
        for (name, text) in self.attributes where text.count > Self.limits[name] ?? Int.max {
            throw Refusal.metadataTooLarge(than: "the current mysql column size", Self.limits[name] ?? 0)
        }
    }

    private static func attributes(in call: Call) throws -> [String: String] {
        guard call.request.body.first == UInt8(ascii: "{") else {
            let fields = try Form(call.request.body).fields
            return Dictionary(fields.filter { !$0.name.isEmpty }.map { ($0.name, $0.value) }) { $1 }
        }
        let json = try call.object()
        var attributes: [String: String] = [:]
        for member in json.members ?? [] { attributes[member.key] = try json.textOrNumber(member.key) }
        return attributes
    }

    func perform(_ call: Call) async throws {
        try await call.core.changeProfile(of: call.user(), in: call.app.id) { profile in
            profile.merge(self.attributes) { $1 }
            let byteCount = profile.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
            guard byteCount <= Self.maximumBytes else {
                throw Refusal.metadataTooLarge(than: "the user defined limit", Self.maximumBytes)
            }
        }
    }

    func encode(_: Void, _ call: Call) -> Answer { .metadata { $0.attributes(self.attributes) } }
}

struct GetMetadata: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/metadata/user/{username}", "Get a user's attributes",
        page: "获取用户属性 (userprofile)")
    static let callers = Callers.applicationOrOneself
    static let area = Area.metadata

    init(_ call: Call) {}

    func perform(_ call: Call) async throws -> [String: String] {
        try await call.core.directory.profiles(of: [call.user()], in: call.app.id)[call.user()] ?? [:]
    }

    func encode(_ attributes: [String: String], _ call: Call) -> Answer { .metadata { $0.attributes(attributes) } }
}

/// Of several users, by whichever user. Those who have none are there all the same.
struct GetMetadataOfUsers: Endpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/metadata/user/get", "Get users' attributes",
        page: "批量获取用户属性 (userprofile)")
    static let callers = Callers.applicationOrUser
    static let area = Area.metadata

    private static let maximumUsers = 100

    let users: [UserID]
    /// Nil: all.
    let names: Set<String>?

    init(_ call: Call) throws {
        let json = try call.object()
        guard let users = try json.users("targets"), !users.isEmpty else { throw Malformed("targets", .missing) }
        guard users.count <= Self.maximumUsers else { throw Refusal.metadataBatchTooLarge(Self.maximumUsers) }
        self.users = users
        self.names = try json.texts("properties").map { Set($0) }
    }

    func perform(_ call: Call) async throws -> [UserID: [String: String]] {
        try await call.core.directory.profiles(of: self.users, in: call.app.id)
    }

    func encode(_ profiles: [UserID: [String: String]], _ call: Call) -> Answer {
        .metadata { json in
            json.object { json in
                for user in self.users {
                    let profile = profiles[user] ?? [:]
                    json.field(user.rawValue) { $0.attributes(profile.filter { self.names?.contains($0.key) ?? true }) }
                }
            }
        }
    }
}

/// Who has none is as well off.
struct DeleteMetadata: Endpoint {
    static let description = EndpointDescription(
        "DELETE", "/{org_name}/{app_name}/metadata/user/{username}", "Delete a user's attributes",
        page: "删除用户属性 (userprofile)")
    static let callers = Callers.applicationOrOneself
    static let area = Area.metadata

    init(_ call: Call) {}

    func perform(_ call: Call) async throws {
        try await call.core.changeProfile(of: call.user(), in: call.app.id) { $0 = [:] }
    }

    func encode(_: Void, _ call: Call) -> Answer { .metadata { $0.bool(true) } }
}

/// In bytes.
struct GetMetadataCapacity: Endpoint {
    static let description = EndpointDescription(
        "GET", "/{org_name}/{app_name}/metadata/user/capacity", "Ask how large all users' attributes are",
        page: "获取 app 下用户属性总大小 (userprofile)")
    static let area = Area.metadata

    init(_ call: Call) {}

    func perform(_ call: Call) async throws -> Int {
        try await call.core.directory.profileByteCount(in: call.app.id)
    }

    func encode(_ count: Int, _ call: Call) -> Answer { .metadata { $0.int(count) } }
}

extension Answer {
    fileprivate static func metadata(_ write: (inout JSONWriter) -> Void) -> Answer {
        Answer(.timed).with("data", write)
    }
}

extension JSONWriter {
    fileprivate mutating func attributes(_ attributes: [String: String]) {
        self.object { json in
            for (name, text) in attributes.sorted(by: { $0.key < $1.key }) { json.field(name, text) }
        }
    }
}
