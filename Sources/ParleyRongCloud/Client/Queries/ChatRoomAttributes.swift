import ParleyCore

// What a chat room's members share under names of their own: `setKV`, `delKV`, `setKVS`, `delKVS`, `pullKV`.

extension ClientQuery {
    func setAttribute(_ room: GroupID) async throws -> [UInt8] {
        let input = try self.read(WireSetChrmKV.self)
        try await self.change(input.entry, to: input.entry.value, in: room)
        try await self.announce(input)
        return WireChrmOutput.done().wireBytes
    }

    func removeAttribute(_ room: GroupID) async throws -> [UInt8] {
        let input = try self.read(WireDeleteChrmKV.self)
        try await self.change(input.entry, to: nil, in: room)
        try await self.announce(input)
        return WireChrmOutput.done().wireBytes
    }

    private func change(_ entry: WireChrmKVEntity, to value: String?, in room: GroupID) async throws {
        let outcomes = try await self.apply([entry], in: room) { _ in value }
        if let status = outcomes[0].status { throw ClientRefusal(status) }
    }

    /// Those that are refused are named in an answer with status 0: of any other status clients read no payload. They report it as 23428.
    func setAttributes(_ room: GroupID) async throws -> [UInt8] {
        let input = try self.read(WireSetChrmKVS.self)
        let outcomes = try await self.apply(input.entry, in: room) { $0.value }
        try await self.announce(input)
        return WireChrmKVSOutput(outcomes, of: input.entry).wireBytes
    }

    func removeAttributes(_ room: GroupID) async throws -> [UInt8] {
        let input = try self.read(WireDeleteChrmKVS.self)
        let outcomes = try await self.apply(input.entry, in: room) { _ in nil }
        try await self.announce(input)
        return WireChrmKVSOutput(outcomes, of: input.entry).wireBytes
    }

    /// Of all entries, one says for all whether what another has set may be replaced: SDKs send the same bits with each.
    private func apply(
        _ entries: [WireChrmKVEntity], in room: GroupID, _ value: (WireChrmKVEntity) -> String?
    ) async throws -> [ChangeAttributes.Outcome] {
        guard let first = entries.first else { throw ClientRefusal.badRoomParameter }
        guard entries.count <= ChatRoomAttribute.batchLimit else { throw ClientRefusal.tooManyAttributes }
        let changes = try entries.map { entry throws(ClientRefusal) in
            let value = value(entry)
            guard ChatRoomAttribute.isKey(entry.key), value.map(ChatRoomAttribute.isValue) ?? true else {
                throw ClientRefusal.badRoomParameter
            }
            return ChangeAttributes.Change(
                key: entry.key, value: value, leavesWithSetter: entry.status & ChatRoomAttribute.leavesBit != 0)
        }
        return try await self.core.changeAttributes(
            ChangeAttributes(
                app: self.app, group: room, by: self.user, changes, byMember: true,
                mayReplaceOthers: first.status & ChatRoomAttribute.replacesBit != 0))
    }

    /// What the app wants the others in the room to be told of it: a message like any other, which who may not speak, or speaks too much, does not get heard
    /// with. What it tells of is done all the same.
    private func announce(_ change: some AnnouncedChange) async throws {
        guard change.announces else { return }
        do {
            _ = try await ClientPublishing.take(
                topic: ClientTopic.chatMsg.rawValue, target: self.target, message: change.notification,
                from: self.caller)
        } catch is ClientRefusal {}
    }

    /// With time 0 all there is; otherwise what has changed since, also what was removed. So much may have been removed that it is all again.
    func pullAttributes(_ room: GroupID) async throws -> [UInt8] {
        let input = try self.read(WireQueryChrmKV.self)
        let moment = input.timestamp > 0 ? Timestamp(milliseconds: input.timestamp) : nil
        let attributes = try await self.core.attributes(of: room, in: self.app, after: moment, for: self.user)
        let output = WireChrmKVOutput.with {
            $0.entries = attributes.changes.map { WireChrmKVEntity($0) }
            $0.bFullUpdate = attributes.isWhole
            $0.syncTime = max(attributes.changedAt?.milliseconds ?? 0, input.timestamp)
        }
        return output.wireBytes
    }
}

/// The vendor's limits of a key and a value.
enum ChatRoomAttribute {
    static let leavesBit: Int32 = 1
    static let replacesBit: Int32 = 2
    static let removedBit: Int32 = 4
    /// In one call.
    static let batchLimit = 10
    static let longestKey = 128
    static let longestValue = 4096

    static func isKey(_ text: String) -> Bool { text.utf8.count <= self.longestKey && text.isKey }

    static func isValue(_ text: String) -> Bool { text.utf16.count <= self.longestValue && !text.utf8.contains(0) }
}

extension ClientRefusal {
    static let tooManyAttributes = ClientRefusal(23429)
}

extension ChangeAttributes.Outcome {
    /// Nil: it was done.
    fileprivate var status: UInt16? {
        switch self {
        case .changed: nil
        case .full: 23423
        case .anothers: 23424
        case .missing: 23427
        }
    }
}

extension WireChrmKVEntity {
    fileprivate init(_ attribute: RoomAttribute) {
        self.init()
        self.key = attribute.key
        self.value = attribute.value
        self.status =
            (attribute.leavesWithSetter ? ChatRoomAttribute.leavesBit : 0)
            | (attribute.isRemoved ? ChatRoomAttribute.removedBit : 0)
        self.timestamp = attribute.changedAt.milliseconds
        self.uid = attribute.setBy.rawValue
        self.version = attribute.changedAt.milliseconds
    }
}

extension WireChrmKVSOutput {
    fileprivate init(_ outcomes: [ChangeAttributes.Outcome], of entries: [WireChrmKVEntity]) {
        self.init()
        for (entry, outcome) in zip(entries, outcomes) {
            if case .changed(let moment) = outcome {
                self.keysVersion.append(
                    .with {
                        $0.version = moment.milliseconds
                        $0.key = entry.key
                    })
            } else if let status = outcome.status {
                self.errorKeys.append(
                    .with {
                        $0.key = entry.key
                        $0.errorCode = Int32(status)
                    })
            }
        }
    }
}

/// What a client changes may bring a message along. Without the flag, it is meant to be sent.
private protocol AnnouncedChange {
    var hasNotification: Bool { get }
    var hasBNotify: Bool { get }
    var bNotify: Bool { get }
    var notification: WireUpStreamMessage { get }
}

extension AnnouncedChange {
    fileprivate var announces: Bool { self.hasNotification && (!self.hasBNotify || self.bNotify) }
}

extension WireSetChrmKV: AnnouncedChange {}
extension WireDeleteChrmKV: AnnouncedChange {}
extension WireSetChrmKVS: AnnouncedChange {}
extension WireDeleteChrmKVS: AnnouncedChange {}
