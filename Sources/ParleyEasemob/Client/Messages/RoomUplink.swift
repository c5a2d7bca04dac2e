import Foundation
import ParleyCore
import ParleyJSON

/// A client comes into a chat room, or leaves it: all that goes up as MUC. Source: facts/easemob-client.md 5.
struct RoomUplink: Sendable {
    private enum Operation: Int32 {
        case join = 2
        case leave = 3
    }

    private let caller: ClientCaller
    private let operation: Operation
    private let room: GroupID
    private let leavesOthers: Bool

    init(_ meta: WireMeta, from caller: ClientCaller) throws(ClientRefusal) {
        guard let body = WireMUCBody.parse(Array(meta.payload)), !body.mucID.name.isEmpty else { throw .unreadable }
        guard let operation = Operation(rawValue: body.operation) else { throw .unsupported }
        self.caller = caller
        self.operation = operation
        self.room = GroupID(easemob: body.mucID.name)
        self.leavesOthers = body.leaveOtherRooms
    }

    private var core: Core { self.caller.core }

    /// - Throws: ``ClientRefusal``; anything else is a fault.
    func perform() async throws -> ClientReceipt {
        guard let room = try await self.core.directory.group(self.room, in: self.caller.app.id)?.group,
            room.type.rules.isRoom
        else { throw ClientRefusal.failed("grpID \(self.room.easemob) does not exist!") }
        do {
            switch self.operation {
            case .join: return try await self.join(room)
            case .leave: return try await self.leave()
            }
        } catch let rejection as Rejection {
            throw ClientRefusal(rejection)
        }
    }

    private func join(_ room: Group) async throws -> ClientReceipt {
        if self.leavesOthers { try await self.leaveOthers() }
        let outcome = try await self.core.joinRoom(
            JoinRoom(app: self.caller.app.id, user: self.caller.user, room: room, mustExist: true))
        if case .keptOut = outcome { throw ClientRefusal.failed("Sorry, You do not have permission") }
        var receipt = ClientReceipt(self.core.identifiers.next())
        receipt.metas = [try await self.info(receipt.id)]
        return receipt
    }

    private func leaveOthers() async throws {
        for (group, _) in try await self.core.directory.groups(of: self.caller.user, in: self.caller.app.id)
        where group.type.rules.isRoom && group.id != self.room {
            try await self.remove(from: group.id)
        }
    }

    private func leave() async throws -> ClientReceipt {
        try await self.remove(from: self.room)
        return ClientReceipt(self.core.identifiers.next())
    }

    private func remove(from room: GroupID) async throws {
        try await self.core.removeMembers(
            RemoveMembers(app: self.caller.app.id, group: room, users: [self.caller.user], owner: .mayLeave))
    }

    /// How the room is, which SDKs from 4.17 show to whoever has come.
    private func info(_ id: MessageID) async throws -> WireMeta {
        let snapshot = try await self.core.directory.group(self.room, in: self.caller.app.id)
        let isOnAllowList = snapshot?.has(self.caller.user, as: .speaker, at: self.core.clock.now()) == true
        let info = JSONWriter.object { json in
            json.field(self.caller.user.rawValue) { json in
                json.object { json in
                    json.field("is_all_mute", snapshot?.group.isMuted == true)
                    json.field("create_timestamp", snapshot?.group.createdAt.milliseconds ?? 0)
                    json.field("is_in_white_list", isOnAllowList)
                    json.field("member_count", snapshot?.members.count ?? 0)
                    json.field("mute_duration", self.muteDuration(snapshot?.mutes[self.caller.user]))
                }
            }
        }
        let spelling = ClientSpelling(appKey: "", user: self.caller.user)
        var body = WireMUCBody()
        body.mucID = spelling.jid(conference: self.room.easemob)
        body.operation = Operation.join.rawValue
        body.from = spelling.jid(self.caller.user)
        body.isChatroom = true
        body.status.errorCode = 0
        body.status.chatroomInfo = String(decoding: info, as: UTF8.self)
        return spelling.meta(id, .muc, body.wireBytes, from: body.mucID)
    }

    /// Milliseconds; -1: he may speak.
    private func muteDuration(_ until: Timestamp?) -> Int64 {
        guard let until else { return -1 }
        return max(-1, until.milliseconds - self.core.clock.now().milliseconds)
    }
}
