import ParleyCore
import ParleyDialectKit

// A chat room of RongCloud's is a group of the core's of the type `chatRoom` (``ParleyCore/GroupID/init(chatRoom:)``).

extension Group {
    /// A room as clients and this API make it: without an owner, and with an end.
    init(room id: GroupID, name: String = "", of app: App, at now: Timestamp) {
        self.init(id: id, type: .chatRoom, name: name, owner: nil, createdAt: now)
        self.lifetime = app.settings.roomLifetime
    }
}

extension AppSettings {
    /// Of rooms of which nothing else is said.
    var roomLifetime: Lifetime? { self.roomIdleSeconds > 0 ? .idle(seconds: self.roomIdleSeconds) : nil }
}

// MARK: - What calls about rooms share

extension Parameters {
    func requiredRoom() throws(Malformed) -> GroupID { GroupID(chatRoom: try self.requiredID("chatroomId")) }
}

extension Call {
    func room(_ id: GroupID) async throws -> GroupSnapshot? {
        try await self.core.directory.group(id, in: self.app.id)
    }

    /// What is taken from a room that is not there is gone already.
    func unlessThereIsNoRoom(_ change: () async throws -> Void) async throws {
        do { try await change() } catch Rejection.groupNotFound {}
    }
}
