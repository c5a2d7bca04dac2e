/// The chat rooms of Apps. A part of the ``Directory``.
package protocol Rooms: Sendable {
    /// Newest first, at most `limit` after the first `offset`.
    func rooms(in app: AppID, _ selection: RoomSelection, offset: Int, limit: Int) async throws -> [GroupID]
    /// Those of all Apps whose time is over (``Group/lifetime``).
    func roomsOver(at moment: Timestamp, limit: Int) async throws -> [(app: AppID, room: GroupID)]
    /// Who may not speak in any of them, and until when.
    func usersMutedInRooms(in app: AppID, at moment: Timestamp) async throws -> [UserID: Timestamp]
    /// Also those that were removed not long ago, in the order of change. None, where there is no such group.
    func attributes(of group: GroupID, in app: AppID) async throws -> [RoomAttribute]
}

package enum RoomSelection: Hashable, Sendable {
    case all
    case muted
    case keptAlive
}

/// What rules may read and change of it. A part of the ``DirectoryTransaction``.
package protocol RoomTransaction: AnyObject {
    /// Also when that moment has passed.
    func standing(_ standing: Standing, of user: UserID, in group: GroupID) throws -> Timestamp?
    /// Nil or a moment that has passed: no longer.
    func set(_ standing: Standing, of user: UserID, in group: GroupID, until: Timestamp?) throws

    /// Whether it is one of ``Rooms/roomsOver(at:limit:)``.
    func isOver(_ room: GroupID) throws -> Bool

    /// Also those that were removed not long ago, in the order of change.
    func attributes(of group: GroupID) throws -> [RoomAttribute]
    /// Creates or replaces.
    func save(_ attribute: RoomAttribute, of group: GroupID) throws
    /// As if it had never been there.
    func forget(_ attribute: String, of group: GroupID) throws
}
