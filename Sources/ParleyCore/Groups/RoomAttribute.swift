/// A named text that everyone in a chat room shares: who is on stage, what is for sale.
package struct RoomAttribute: Hashable, Sendable {
    package var key: String
    package var value: String
    package var setBy: UserID
    /// It goes when the one who set it leaves the room.
    package var leavesWithSetter: Bool
    /// Increasing in a room: no two changes are of one moment, so that it says what somebody has not heard of.
    package var changedAt: Timestamp
    /// It is gone, and kept for a while so that those who had it learn.
    package var isRemoved = false

    package init(key: String, value: String, setBy: UserID, leavesWithSetter: Bool = false, changedAt: Timestamp) {
        self.key = key
        self.value = value
        self.setBy = setBy
        self.leavesWithSetter = leavesWithSetter
        self.changedAt = changedAt
    }

    /// In a room at one time.
    package static let limit = 100
    /// The newest so many of those that were removed are remembered.
    static let removalsKept = 100

    /// Kept beside the others, under a key that none can have: what was removed up to its moment may be remembered no more.
    fileprivate static func horizon(_ moment: Timestamp) -> RoomAttribute {
        var horizon = RoomAttribute(key: "", value: "", setBy: UserID(""), changedAt: moment)
        horizon.isRemoved = true
        return horizon
    }

    fileprivate var isHorizon: Bool { self.key.isEmpty }
}

/// The attributes of a room that somebody has not heard of.
package struct RoomAttributes: Hashable, Sendable {
    /// In the order of change. Where they are all, none that was removed is among them.
    package var changes: [RoomAttribute]
    /// Whatever he has heard of, this is all there is.
    package var isWhole: Bool
    /// Of the last change in the room; a room that never had an attribute has none.
    package var changedAt: Timestamp?

    package init(_ known: [RoomAttribute], after moment: Timestamp?) {
        self.changedAt = known.last?.changedAt
        let horizon = known.first(where: \.isHorizon)?.changedAt
        if let moment, moment >= horizon ?? moment {
            self.changes = known.filter { $0.changedAt > moment && !$0.isHorizon }
            self.isWhole = false
        } else {
            self.changes = known.filter { !$0.isRemoved }
            self.isWhole = true
        }
    }
}

/// Sets and removes attributes of a chat room, each for itself: one that is refused does not hinder the others.
package struct ChangeAttributes: Sendable {
    package var app: AppID
    package var group: GroupID
    package var by: UserID
    package var changes: [Change]
    /// Who must be in the room for it: a client; the backend may speak for anybody.
    package var byMember: Bool
    /// Also what another has set.
    package var mayReplaceOthers: Bool

    package struct Change: Hashable, Sendable {
        package var key: String
        /// Nil removes it.
        package var value: String?
        package var leavesWithSetter: Bool

        package init(key: String, value: String?, leavesWithSetter: Bool = false) {
            self.key = key
            self.value = value
            self.leavesWithSetter = leavesWithSetter
        }
    }

    package enum Outcome: Hashable, Sendable {
        /// At that moment.
        case changed(Timestamp)
        /// There are as many as there may be (``RoomAttribute/limit``).
        case full
        /// Another has set it.
        case anothers
        /// There is nothing to remove.
        case missing
    }

    package init(
        app: AppID, group: GroupID, by: UserID, _ changes: [Change], byMember: Bool, mayReplaceOthers: Bool
    ) {
        self.app = app
        self.group = group
        self.by = by
        self.changes = changes
        self.byMember = byMember
        self.mayReplaceOthers = mayReplaceOthers
    }
}

extension Core {
    /// Those who are in the room are told that there is something new.
    ///
    /// - Returns: what became of each, in the order of `changes`.
    /// - Throws: ``Rejection/groupNotFound(_:)``, ``Rejection/notMember(_:of:)``.
    package func changeAttributes(_ command: ChangeAttributes) async throws -> [ChangeAttributes.Outcome] {
        try await self.directory.write(in: command.app) { transaction in
            guard let group = try transaction.group(command.group) else { throw Rejection.groupNotFound(command.group) }
            if command.byMember, try transaction.member(command.by, of: group.id) == nil {
                throw Rejection.notMember(command.by, of: group.id)
            }
            var board = AttributeBoard(try transaction.attributes(of: group.id), now: transaction.now)
            let outcomes = command.changes.map { board.apply($0, of: command) }
            // A client that made the change knows of it, on the device that made it; his others do not.
            try transaction.save(board, of: group, by: command.by)
            return outcomes
        }
    }

    /// What has changed in a room after a moment (nil: since ever, so all there is).
    ///
    /// - Throws: ``Rejection/groupNotFound(_:)``, ``Rejection/notMember(_:of:)`` where a user asks who is not in the room.
    package func attributes(
        of id: GroupID, in app: AppID, after moment: Timestamp? = nil, for user: UserID? = nil
    ) async throws -> RoomAttributes {
        guard let group = try await self.directory.group(id, in: app) else { throw Rejection.groupNotFound(id) }
        if let user, group.members[user] == nil { throw Rejection.notMember(user, of: id) }
        // What he knows from before this room began is of another of its name, which has ended.
        let moment = moment.flatMap { $0 < group.group.createdAt ? nil : $0 }
        return RoomAttributes(try await self.directory.attributes(of: id, in: app), after: moment)
    }
}

extension DirectoryTransaction {
    /// Of those who leave, what was to go with them.
    func dropAttributes(setBy users: [UserID], in group: Group) throws {
        guard group.type.rules.isRoom, !users.isEmpty else { return }
        var board = AttributeBoard(try self.attributes(of: group.id), now: self.now)
        board.drop(setBy: Set(users))
        try self.save(board, of: group, by: nil)
    }

    fileprivate func save(_ board: AttributeBoard, of group: Group, by: UserID?) throws {
        guard let last = board.changed.last else { return }
        for attribute in board.changed { try self.save(attribute, of: group.id) }
        let forgotten = board.forgotten
        for attribute in forgotten { try self.forget(attribute.key, of: group.id) }
        if let newest = forgotten.last { try self.save(RoomAttribute.horizon(newest.changedAt), of: group.id) }
        self.announce(
            .attributes(.group(group.id), changedAt: last.changedAt), to: .group(group.id, except: nil))
        let set = board.changed.filter { !$0.isRemoved }.map { ($0.key, $0.value) }
        if !set.isEmpty {
            let texts = Dictionary(set) { $1 }
            try self.note(GroupHappening(.attributesSet(texts), in: group, by: by))
        }
        let removed = board.changed.filter(\.isRemoved).map(\.key)
        if !removed.isEmpty { try self.note(GroupHappening(.attributesRemoved(removed), in: group, by: by)) }
    }
}

/// The attributes of one room while they are changed.
struct AttributeBoard {
    private var attributes: [String: RoomAttribute]
    private let now: Timestamp
    private var lastChange: Timestamp
    private(set) var changed: [RoomAttribute] = []

    init(_ attributes: [RoomAttribute], now: Timestamp) {
        self.attributes = Dictionary(attributes.lazy.filter { !$0.isHorizon }.map { ($0.key, $0) }) { $1 }
        self.now = now
        self.lastChange = attributes.last?.changedAt ?? .distantPast
    }

    mutating func apply(_ change: ChangeAttributes.Change, of command: ChangeAttributes) -> ChangeAttributes.Outcome {
        let existing = self.attributes[change.key].flatMap { $0.isRemoved ? nil : $0 }
        if let existing, existing.setBy != command.by, !command.mayReplaceOthers { return .anothers }
        guard let value = change.value else {
            guard let existing else { return .missing }
            return .changed(self.remove(existing, by: command.by))
        }
        if existing == nil, self.attributes.values.count(where: { !$0.isRemoved }) >= RoomAttribute.limit {
            return .full
        }
        let moment = self.nextMoment()
        self.keep(
            RoomAttribute(
                key: change.key, value: value, setBy: command.by, leavesWithSetter: change.leavesWithSetter,
                changedAt: moment))
        return .changed(moment)
    }

    mutating func drop(setBy users: Set<UserID>) {
        let leaving = self.attributes.values.filter {
            !$0.isRemoved && $0.leavesWithSetter && users.contains($0.setBy)
        }
        for attribute in leaving.sorted(by: { $0.changedAt < $1.changedAt }) {
            _ = self.remove(attribute, by: attribute.setBy)
        }
    }

    /// Removed ones that are too many, the oldest first.
    var forgotten: [RoomAttribute] {
        let removals = self.attributes.values.filter(\.isRemoved).sorted { $0.changedAt < $1.changedAt }
        return removals.dropLast(RoomAttribute.removalsKept)
    }

    private mutating func remove(_ attribute: RoomAttribute, by user: UserID) -> Timestamp {
        var removed = RoomAttribute(key: attribute.key, value: "", setBy: user, changedAt: self.nextMoment())
        removed.isRemoved = true
        self.keep(removed)
        return removed.changedAt
    }

    private mutating func keep(_ attribute: RoomAttribute) {
        self.attributes[attribute.key] = attribute
        self.changed.append(attribute)
    }

    private mutating func nextMoment() -> Timestamp {
        self.lastChange = max(self.now, self.lastChange.adding(milliseconds: 1))
        return self.lastChange
    }
}
