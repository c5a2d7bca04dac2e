import ParleyCore

/// What a committed transaction changed, for those who remember. Absolute, so that applying it to what already has it does no harm.
enum DirectoryChange {
    case app(App)
    /// Nil: deleted.
    case user(AppID, UserID, User?)
    case group(AppID, Group)
    case groupDeleted(AppID, GroupID)
    case member(MembershipChange)
    /// Nil: may speak again.
    case mute(AppID, GroupID, UserID, Timestamp?)
    /// Nil: no longer.
    case standing(AppID, GroupID, Standing, UserID, Timestamp?)
    /// Some of the room's.
    case attributes(AppID, GroupID)
    /// The first has, or no longer has, blocked the second.
    case block(AppID, UserID, UserID, Bool)
    case blocksForgotten(AppID, UserID)
}
