import ParleyCore
import ParleyDialectKit
import ParleyJSON

// What rings in all of a user's conversations of a kind, unless a conversation has its own level. `requestId` is the user.
//
// Source: facts/rongcloud-server.md 3.9.

struct ConversationTypeNotificationSet: Endpoint {
    static let description = EndpointDescription(
        "POST", "/conversation/type/notification/set.json", "Mute a user's conversations of a kind",
        page: VendorPage.list, .partial("private conversations and groups alone"))

    let user: UserID
    let scope: PushScope
    let level: UnpushLevel

    init(_ parameters: Parameters) throws(Malformed) {
        self.scope = try parameters.conversationKind()
        self.user = try parameters.requiredUser("requestId")
        guard let level = try parameters.unpushLevel("unpushLevel") else { throw Malformed("unpushLevel", .missing) }
        self.level = level
    }

    func perform(_ call: Call) async throws {
        try await call.requireUser(self.user)
        let level = self.level.level
        try await call.core.push.changePushPreferences(of: self.user, for: self.scope, in: call.app.id) {
            $0.level = level
        }
    }
}

struct ConversationTypeNotificationGet: Endpoint {
    static let description = EndpointDescription(
        "POST", "/conversation/type/notification/get.json", "Ask whether a user's conversations of a kind are muted",
        page: VendorPage.list, .partial("private conversations and groups alone"))

    let user: UserID
    let scope: PushScope

    init(_ parameters: Parameters) throws(Malformed) {
        self.scope = try parameters.conversationKind()
        self.user = try parameters.requiredUser("requestId")
    }

    func perform(_ call: Call) async throws -> UnpushLevel {
        UnpushLevel(try await call.core.push.pushPreferences(of: self.user, in: call.app.id)[self.scope]?.level)
    }

    static func encode(_ outcome: UnpushLevel, to json: inout JSONWriter) {
        json.field("unpushLevel", outcome.rawValue)
    }
}

extension Parameters {
    fileprivate func conversationKind() throws(Malformed) -> PushScope {
        let number = try self.requiredInteger("conversationType", in: 1...10)
        switch ConversationType(rawValue: UInt8(number)) {
        case .direct: return .direct
        case .group: return .groups
        case .system, .discussion, .room, .customerService, .ultraGroup, nil:
            throw Malformed("conversationType", .invalid)
        }
    }
}

extension Call {
    /// - Throws: ``Rejection/userNotFound(_:)``
    func requireUser(_ user: UserID) async throws {
        if try await self.core.directory.user(user, in: self.app.id) == nil { throw Rejection.userNotFound(user) }
    }
}
