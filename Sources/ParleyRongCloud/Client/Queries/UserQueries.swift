package import ParleyCore
import ParleyJSON

// v2 alone. Whom a user does not want to hear from: `addBlack`, `rmBlack`, `getBlack`, `blackStat`; who is online: `getUserStatus`, `setUserStatus`,
// `subUserStatus`. The users need not be known, as everywhere in the vendor's API.

extension ClientQuery {
    func block() async throws -> [UInt8] {
        let other = UserID(try self.id(self.read(WireAdd2BlackListInput.self).userID))
        try await self.core.block([other], by: self.user, in: self.app)
        return []
    }

    func unblock() async throws -> [UInt8] {
        let other = UserID(try self.id(self.read(WireRemoveFromBlackListInput.self).userID))
        try await self.core.unblock([other], by: self.user, in: self.app)
        return []
    }

    /// Newest first.
    func blocked() async throws -> [UInt8] {
        let users = try await self.core.directory.blocked(by: self.user, in: self.app)
        return WireQueryBlackListOutput.with { $0.userIds = users.map(\.rawValue) }.wireBytes
    }

    /// The status is the answer: 0, he is blocked; 101, he is not.
    func askWhetherBlocked() async throws -> [UInt8] {
        let other = UserID(try self.id(self.read(WireBlackListStatusInput.self).userID))
        guard try await self.core.directory.hasBlocked(self.user, other, in: self.app) else {
            throw ClientRefusal.notBlocked
        }
        return []
    }
}

// MARK: - Who is online

extension ClientQuery {
    /// Of the frame's target.
    func userStatus() async throws -> [UInt8] {
        let user = self.target.isEmpty ? self.user : UserID(try self.id(self.target))
        let connections = await self.core.presence.connections(of: user, in: self.app)
        return try await ClientPresence.status(of: user, connections, in: self.app, self.core)
    }

    /// An App's own number, which others find when they ask, and when the user's presence changes next.
    func setUserStatus() async throws -> [UInt8] {
        let status = try self.read(WireSetUserStatusInput.self).status
        try await self.core.importUser(self.user, in: self.app) { $0.clientStatus = status }
        return WireSetUserStatusOutput.with { $0.nothing = 0 }.wireBytes
    }
}

/// Who is online, for clients that want to know as it changes: `subUserStatus`, and what is published under `s_stat` (facts/rongcloud-client.md, 4 and
/// 7). The connection does both, because only it can watch.
package enum ClientPresence {
    /// Users whom the client wants to be told of from now on, besides those that it wants to be told of already.
    ///
    /// - Throws: ``ClientRefusal/unreadable``.
    package static func watched(_ payload: [UInt8]) throws(ClientRefusal) -> [UserID] {
        guard let input = WireSubUserStatusInput.parse(payload), (1...self.limit).contains(input.userid.count) else {
            throw .unreadable
        }
        var users: [UserID] = []
        for id in input.userid { users.append(UserID(try ClientQuery.checked(id: id))) }
        return users
    }

    private static let limit = 1000

    /// The payload of the answer to `subUserStatus`.
    package static var accepted: [UInt8] { WireSubUserStatusOutput.with { $0.nothing = 0 }.wireBytes }

    /// The payload of `s_stat`, and of the answer to `getUserStatus`: each platform that the user is connected with, and what he set himself. No platform:
    /// he is offline.
    package static func status(
        of user: UserID, _ connections: [Connection], in app: AppID, _ core: Core
    ) async throws -> [UInt8] {
        let own = connections.isEmpty ? 0 : try await core.directory.user(user, in: app)?.clientStatus ?? 0
        return WireGetUserStatusOutput.with {
            $0.status = self.json(connections, own)
            $0.subUserID = user.rawValue
        }.wireBytes
    }

    private static func json(_ connections: [Connection], _ own: Int32) -> String {
        let json = JSONWriter.object { json in
            json.field("us") { json in
                json.array(Set(connections.map(\.platform)).sorted()) { json, platform in
                    json.object {
                        $0.field("o", 1)
                        $0.field("p", platform)
                        $0.field("s", Int64(own))
                    }
                }
            }
        }
        return String(decoding: json, as: UTF8.self)
    }
}

extension User {
    private static let clientStatusKey = "rongcloud.status"

    /// What he set with v2's `setUserStatus`.
    fileprivate var clientStatus: Int32 {
        get { self.attributes[Self.clientStatusKey].flatMap { Int32($0) } ?? 0 }
        set { self.attributes[Self.clientStatusKey] = newValue == 0 ? nil : String(newValue) }
    }
}

extension ClientRefusal {
    fileprivate static let notBlocked = ClientRefusal(101)
}
