import ParleyCore

// Coming into a chat room and leaving it: `joinChrm`, `joinChrmR`, `exitChrm`; who is in it: `queryChrmI`.
//
// A client may be in several rooms at once. The frame's target is the room.

extension ClientQueries {
    /// The topics about chat rooms.
    static let chatRooms: [String: Answer] = [
        "joinChrm": { try await $0.inChatRoom { try await $0.join($1, mustExist: false) } },
        "joinChrmR": { try await $0.inChatRoom { try await $0.join($1, mustExist: true) } },
        "exitChrm": { try await $0.inChatRoom { try await $0.leave($1) } },
        "queryChrmI": { try await $0.inChatRoom { try await $0.chatRoomInfo($1) } },
        "chrmPull": { try await $0.inChatRoom { try await $0.pullChatRoom($1) } },
        "qryCHMsg": { try await $0.inChatRoom { try await $0.history(of: .group($1), $0.read()) } },
        "setKV": { try await $0.inChatRoom { try await $0.setAttribute($1) } },
        "delKV": { try await $0.inChatRoom { try await $0.removeAttribute($1) } },
        "setKVS": { try await $0.inChatRoom { try await $0.setAttributes($1) } },
        "delKVS": { try await $0.inChatRoom { try await $0.removeAttributes($1) } },
        "pullKV": { try await $0.inChatRoom { try await $0.pullAttributes($1) } },
    ]
}

extension ClientQuery {
    /// Refusals in the words that clients have for rooms.
    func inChatRoom(_ answer: (ClientQuery, GroupID) async throws -> [UInt8]) async throws -> [UInt8] {
        do {
            guard let id = try? self.id(self.target) else { throw ClientRefusal.badRoomParameter }
            return try await answer(self, GroupID(chatRoom: id))
        } catch let rejection as Rejection {
            throw ClientRefusal(rejection, in: .room)
        }
    }

    /// Whoever comes first makes the room, unless he only comes back. Who is in it already is welcome again.
    func join(_ room: GroupID, mustExist: Bool) async throws -> [UInt8] {
        let outcome = try await self.core.joinRoom(
            JoinRoom(
                app: self.app, user: self.user, room: Group(room: room, of: self.caller.app, at: self.now),
                mustExist: mustExist))
        switch outcome {
        case .joined(let moment): return WireChrmOutput.done(at: moment).wireBytes
        case .keptOut: throw ClientRefusal.keptOutOfRoom
        }
    }

    func leave(_ room: GroupID) async throws -> [UInt8] {
        let left = try await self.core.removeMembers(
            RemoveMembers(app: self.app, group: room, users: [self.user], owner: .mayLeave))
        guard !left.isEmpty else { throw Rejection.notMember(self.user, of: room) }
        return WireChrmOutput.done().wireBytes
    }

    /// Order 1: who came first, 2: who came last. Without a count or an order, only how many there are. Who asks need not be in the room.
    func chatRoomInfo(_ room: GroupID) async throws -> [UInt8] {
        let input = try self.read(WireQueryChatroomInfoInput.self)
        guard let snapshot = try await self.core.directory.group(room, in: self.app) else {
            throw Rejection.groupNotFound(room)
        }
        let count = min(max(0, Int(input.count)), ChatRoomMembers.limit)
        let order = ChatRoomMembers.Order(rawValue: Int64(input.order))
        let members = order.map { ChatRoomMembers.list(of: snapshot, $0, atMost: count) } ?? []
        let output = WireQueryChatroomInfoOutput.with {
            $0.userTotalNums = Int32(clamping: snapshot.members.count)
            $0.userInfos = members.map { member in
                .with {
                    $0.time = member.joinedAt.milliseconds
                    $0.id = member.user.rawValue
                }
            }
        }
        return output.wireBytes
    }
}

extension WireChrmOutput {
    static func done(at moment: Timestamp? = nil) -> WireChrmOutput {
        .with {
            $0.nothing = 0
            if let moment { $0.joinTime = moment.milliseconds }
        }
    }
}

/// Who is in a room, as clients and the backend may list them.
enum ChatRoomMembers {
    /// The vendor's, for one list.
    static let limit = 500

    enum Order: Int64 {
        case oldestFirst = 1
        case newestFirst = 2

        func puts(_ one: Member, before other: Member) -> Bool {
            switch self {
            case .oldestFirst: (one.joinedAt, one.user) < (other.joinedAt, other.user)
            case .newestFirst: (one.joinedAt, one.user) > (other.joinedAt, other.user)
            }
        }
    }

    static func list(of room: GroupSnapshot, _ order: Order, atMost count: Int) -> [Member] {
        guard count > 0 else { return [] }
        var first: [Member] = []
        // Of very many not all are put in order: who is not before this one is not among the first.
        var last: Member?
        for member in room.members.values where last.map({ order.puts(member, before: $0) }) ?? true {
            first.append(member)
            guard first.count == 2 * count else { continue }
            first.sort(by: order.puts)
            first.removeLast(count)
            last = first.last
        }
        return Array(first.sorted(by: order.puts).prefix(count))
    }
}

// MARK: - Refusals

extension ClientRefusal {
    static let keptOutOfRoom = ClientRefusal(23409)
    static let badRoomParameter = ClientRefusal(23412)
}
