import ParleyCore

// How a user sees his conversations, on all of his devices: `pullSeAtts`, `setSeAtt`; and v2's `qryPPush`, `blkPPush`, `unblkPPush`.

extension ClientQuery {
    /// The core does not know when a state changed. So who has some already gets them all, with those that are off; who has none, those that are on.
    func sessionStates() async throws -> [UInt8] {
        let input = try self.read(WireSessionReq.self)
        // What changes in this very millisecond is to be later than it.
        let version = max(0, self.now.milliseconds - 1)
        let all = try await self.looks()
        let told = input.time > 0 ? all : all.filter { $0.value.isMuted || $0.value.isPinned }
        var output = WireSessionStates.with { $0.version = version }
        for (conversation, look) in told {
            let sender = try await self.sender(in: conversation)
            let (type, target) = conversation.wireName(for: self.user, of: sender)
            output.state.append(
                .with {
                    $0.type = Int32(type.rawValue)
                    $0.channelID = target
                    $0.time = version
                    $0.stateItem = [.item(.quiet, look.isMuted), .item(.top, look.isPinned)]
                })
        }
        return output.wireBytes
    }

    func setSessionStates() async throws -> [UInt8] {
        let input = try self.read(WireSessionStateModifyReq.self)
        guard input.state.count <= Self.stateLimit else { throw ClientRefusal.unreadable }
        let changes = try input.state.map { state throws(ClientRefusal) in
            guard let conversation = try self.conversation(state.type, state.channelID) else {
                throw ClientRefusal.unreadable
            }
            return (conversation, try StateChange(state.stateItem))
        }
        for (conversation, change) in changes {
            try await self.core.changePlace(in: conversation, of: self.user, in: self.app) { place, _, now in
                change.apply(to: &place, at: now)
            }
        }
        return WireSessionStateModifyResp.with { $0.version = self.now.milliseconds }.wireBytes
    }

    private static let stateLimit = 100

    private typealias Look = (isMuted: Bool, isPinned: Bool)

    /// All that the user is in or has something in, and what else he has pinned.
    private func looks() async throws -> [Conversation: Look] {
        var looks: [Conversation: Look] = [:]
        for (group, member) in try await self.core.directory.groups(of: self.user, in: self.app)
        where group.id.chatRoom == nil && !group.type.rules.isThread {
            looks[.group(group.id)] = (member.delivery != .notify, false)
        }
        let positions = try await self.core.log.positions(
            of: self.user, device: .nobodys, in: self.app, retainedSince: .distantPast)
        for position in positions where position.conversation.isDialogue {
            looks[position.conversation] = (false, false)
        }
        for place in try await self.core.places.markedPlaces(of: self.user, in: self.app) {
            if place.conversation.isDialogue {
                looks[place.conversation] = (place.isMuted, place.pinnedAt != nil)
            } else if let group = looks[place.conversation] {
                looks[place.conversation] = (group.isMuted, place.pinnedAt != nil)
            }
        }
        return looks
    }

    /// Whom the App spoke through last: what clients call a system conversation.
    private func sender(in conversation: Conversation) async throws -> UserID? {
        guard case .system = conversation else { return nil }
        let summary = try await self.core.places.summary(of: conversation, for: self.user, in: self.app)
        return summary?.lastMessage?.message?.sender
    }
}

/// What a client sets of one conversation. Tags are not kept.
private struct StateChange {
    var isMuted: Bool?
    var isPinned: Bool?

    init(_ items: [WireSessionStateItem]) throws(ClientRefusal) {
        for item in items {
            switch SessionStateType(rawValue: item.sessionStateType) {
            case .quiet: self.isMuted = try Self.flag(item.value)
            case .top: self.isPinned = try Self.flag(item.value)
            case .tags, nil: break
            }
        }
    }

    /// Newer SDKs say levels: above 0 there is something that does not ring.
    private static func flag(_ value: String) throws(ClientRefusal) -> Bool {
        guard let number = Int(value) else { throw .unreadable }
        return number > 0
    }

    func apply(to place: inout Place, at now: Timestamp) {
        if let isMuted = self.isMuted { place.isMuted = isMuted }
        // What is pinned already keeps its place among the pinned ones.
        if let isPinned = self.isPinned { place.pinnedAt = isPinned ? place.pinnedAt ?? now : nil }
    }
}

private enum SessionStateType: Int32 {
    case quiet = 1
    case top = 2
    case tags = 3
}

extension WireSessionStateItem {
    fileprivate static func item(_ type: SessionStateType, _ isOn: Bool) -> WireSessionStateItem {
        .with {
            $0.sessionStateType = type.rawValue
            $0.value = isOn ? "1" : "0"
        }
    }
}

extension Conversation {
    /// Whether it rings is the user's affair alone, and not his membership's.
    fileprivate var isDialogue: Bool {
        switch self {
        case .direct, .system: true
        case .group, .room: false
        }
    }
}

// MARK: - v2

extension ClientQuery {
    /// The status is the answer: 0, it is quiet; 1, it rings.
    func askWhetherMuted() async throws -> [UInt8] {
        let peer = try self.id(self.read(WireBlockPushInput.self).blockeeID)
        let place = try await self.core.places.place(of: self.user, in: self.id(of: .direct(self.user, UserID(peer))))
        guard place.isMuted else { throw ClientRefusal.rings }
        return []
    }

    func mute(_ isMuted: Bool) async throws -> [UInt8] {
        let peer = try self.id(self.read(WireBlockPushInput.self).blockeeID)
        try await self.core.changePlace(in: .direct(self.user, UserID(peer)), of: self.user, in: self.app) {
            place, _, _ in place.isMuted = isMuted
        }
        return []
    }
}

extension ClientRefusal {
    fileprivate static let rings = ClientRefusal(1)
}
