import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// What names may be, and how a user is shown. Source: facts/easemob-server.md 3.1.
extension UserID {
    private static let maximumBytes = 64

    /// - Throws: "username [X] is not legal", "USERNAME_TOO_LONG".
    init(checking name: String) throws(Refusal) {
        guard name.utf8.count <= Self.maximumBytes else { throw .illegalArgument("USERNAME_TOO_LONG") }
        let isLegal = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isLegal, !name.isEmpty else { throw .illegalArgument("username [\(name)] is not legal") }
        self.init(easemob: name)
    }
}

extension JSONWriter {
    /// - Parameter device: of his phones, the one that was registered last.
    mutating func entity(_ user: User, _ call: Call, _ device: PushDevice? = nil) {
        self.object { json in
            json.field("uuid", VersionOneUUID.user(user.id, in: call.app.id).description)
            json.field("type", "user")
            json.field("created", user.createdAt.milliseconds)
            json.field("modified", user.updatedAt.milliseconds)
            json.field("username", user.id.rawValue)
            json.field("activated", user.mayLogIn(at: call.now))
            if let nickname = user.name { json.field("nickname", nickname) }
            for (name, value) in user.attributes.sorted(by: { $0.key < $1.key })
            where name.hasPrefix(User.settingPrefix) {
                json.field(name, raw: value.utf8)
            }
            if let device {
                json.field("notifier_name", device.provider)
                json.field("device_token", device.token)
            }
        }
    }
}

extension Answer {
    static func users(_ users: [User], _ call: Call) -> Answer {
        .entities(users) { $0.entity($1, call) }
    }
}

extension Call {
    /// - Throws: ``Rejection/userNotFound(_:)``
    func existingUser(_ id: UserID) async throws -> User {
        guard let user = try await self.core.directory.user(id, in: self.app.id) else {
            throw Rejection.userNotFound(id)
        }
        return user
    }
}

/// One page of something that is read on from an id.
struct Page<Item: Sendable>: Sendable {
    let items: [Item]
    /// Nil: this is the last page.
    let cursor: String?

    /// - Parameter items: one more than fits on the page, where there are more.
    init(_ items: [Item], limit: Int, cursor: (Item) -> String) {
        self.items = Array(items.prefix(limit))
        self.cursor = items.count > limit ? self.items.last.map(cursor) : nil
    }
}
