import ParleyCore
import ParleyJSON

// v2 alone. Whom a user does not want to hear from: `addBlack`, `rmBlack`, `getBlack`, `blackStat`; who is online: `getUserStatus`. The users need not
// be known, as everywhere in the vendor's API.

extension ClientQuery {
    func block() async throws -> [UInt8] {
        let (user, other) = (self.user, UserID(try self.id(self.read(WireAdd2BlackListInput.self).userID)))
        try await self.core.directory.write(in: self.app) { try $0.block(other, by: user) }
        return []
    }

    func unblock() async throws -> [UInt8] {
        let (user, other) = (self.user, UserID(try self.id(self.read(WireRemoveFromBlackListInput.self).userID)))
        try await self.core.directory.write(in: self.app) { try $0.unblock(other, by: user) }
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

    /// Of the frame's target; each platform that he is connected with. `s` is for an App's own numbers, which are not kept.
    func userStatus() async throws -> [UInt8] {
        let user = self.target.isEmpty ? self.user : UserID(try self.id(self.target))
        let connections = await self.core.presence.connections(of: user, in: self.app)
        let status = JSONWriter.object { json in
            json.field("us") { json in
                json.array(connections) { json, connection in
                    json.object {
                        $0.field("o", 1)
                        $0.field("p", connection.platform)
                        $0.field("s", 0)
                    }
                }
            }
        }
        return WireGetUserStatusOutput.with {
            $0.status = String(decoding: status, as: UTF8.self)
            $0.subUserID = user.rawValue
        }.wireBytes
    }
}

extension ClientRefusal {
    fileprivate static let notBlocked = ClientRefusal(101)
}
