/// The kinds of group. What differs between them is ``GroupType/rules``, not `if`s.
package enum GroupType: String, Hashable, Sendable, CaseIterable {
    case work
    case `public`
    case meeting
    case avChatRoom
    case community
    /// A conversation about one message of a group, among those of its members who join (Easemob).
    case thread
    /// RongCloud's chat rooms. Tencent's are ``avChatRoom``, where less is allowed and nothing is kept.
    case chatRoom
}

/// What a type of group allows. Source: Tencent's group system page (facts/tencent-im.md, section 5).
package struct GroupRules: Hashable, Sendable {
    package var hasAdministrators: Bool
    package var memberMayBeMuted: Bool
    package var ownerMayQuit: Bool
    package var ownerMayDissolve: Bool
    package var membersMayInvite: Bool
    package var backendMayAddMembers: Bool
    package var backendMayRemoveMembers: Bool
    package var listsMembers: Bool
    package var defaultJoinPolicy: JoinPolicy
    package var countsUnread: Bool
    /// Messages are kept for history and for those offline.
    package var keepsMessages: Bool
    /// A member who joins later finds what was said before.
    package var showsHistoryFromBeforeJoining: Bool
    package var allowsTargetedMessages: Bool
    package var allowsOnlineOnlyMessages: Bool
    package var allowsUnreadControl: Bool
    package var allowsMentioningEveryone: Bool
    package var allowsReadReceipts: Bool
    package var allowsRecall: Bool
    package var allowsImport: Bool
    /// Joins and departures are told in the conversation, as entries with sequences.
    package var recordsNotices: Bool
    package var defaultDelivery: Member.Delivery
    package var defaultCapacity: Int
    /// Members come and go with their connections: the group is in nobody's list of conversations, rings nobody, and who is muted in all rooms is muted
    /// here, not who is muted in all groups.
    package var isRoom = false
    /// It belongs to another group (``Group/origin``): only that one's members are in it, what they may say there they may say here, and it ends with it. In
    /// nobody's list of groups or conversations.
    package var isThread = false
    /// It is its owner's, whether he is in it or not.
    package var staysOwned = false
}

extension GroupType {
    package var rules: GroupRules {
        switch self {
        case .work: Self.workRules
        case .public: Self.publicRules
        case .meeting: Self.meetingRules
        case .avChatRoom: Self.avChatRoomRules
        case .community: Self.communityRules
        case .thread: Self.threadRules
        case .chatRoom: Self.chatRoomRules
        }
    }

    private static let workRules = GroupRules(
        hasAdministrators: false, memberMayBeMuted: false, ownerMayQuit: true, ownerMayDissolve: false,
        membersMayInvite: true, backendMayAddMembers: true, backendMayRemoveMembers: true, listsMembers: true,
        defaultJoinPolicy: .disabled, countsUnread: true, keepsMessages: true, showsHistoryFromBeforeJoining: false,
        allowsTargetedMessages: true, allowsOnlineOnlyMessages: true, allowsUnreadControl: true,
        allowsMentioningEveryone: true, allowsReadReceipts: true, allowsRecall: true, allowsImport: true,
        recordsNotices: true, defaultDelivery: .notify, defaultCapacity: 6000)

    private static let publicRules = GroupRules(
        hasAdministrators: true, memberMayBeMuted: true, ownerMayQuit: false, ownerMayDissolve: true,
        membersMayInvite: false, backendMayAddMembers: true, backendMayRemoveMembers: true, listsMembers: true,
        defaultJoinPolicy: .approval, countsUnread: true, keepsMessages: true, showsHistoryFromBeforeJoining: false,
        allowsTargetedMessages: true, allowsOnlineOnlyMessages: true, allowsUnreadControl: true,
        allowsMentioningEveryone: true, allowsReadReceipts: true, allowsRecall: true, allowsImport: true,
        recordsNotices: true, defaultDelivery: .notify, defaultCapacity: 6000)

    private static let meetingRules = GroupRules(
        hasAdministrators: true, memberMayBeMuted: true, ownerMayQuit: false, ownerMayDissolve: true,
        membersMayInvite: false, backendMayAddMembers: true, backendMayRemoveMembers: true, listsMembers: true,
        defaultJoinPolicy: .free, countsUnread: false, keepsMessages: true, showsHistoryFromBeforeJoining: false,
        allowsTargetedMessages: true, allowsOnlineOnlyMessages: true, allowsUnreadControl: false,
        allowsMentioningEveryone: true, allowsReadReceipts: true, allowsRecall: true, allowsImport: true,
        recordsNotices: false, defaultDelivery: .silent, defaultCapacity: 6000)

    private static let avChatRoomRules = GroupRules(
        hasAdministrators: false, memberMayBeMuted: true, ownerMayQuit: false, ownerMayDissolve: true,
        membersMayInvite: false, backendMayAddMembers: false, backendMayRemoveMembers: false, listsMembers: false,
        defaultJoinPolicy: .free, countsUnread: false, keepsMessages: false, showsHistoryFromBeforeJoining: false,
        allowsTargetedMessages: false, allowsOnlineOnlyMessages: false, allowsUnreadControl: false,
        allowsMentioningEveryone: false, allowsReadReceipts: false, allowsRecall: false, allowsImport: false,
        recordsNotices: false, defaultDelivery: .silent, defaultCapacity: Int.max)

    private static let communityRules = GroupRules(
        hasAdministrators: true, memberMayBeMuted: true, ownerMayQuit: false, ownerMayDissolve: true,
        membersMayInvite: true, backendMayAddMembers: true, backendMayRemoveMembers: true, listsMembers: true,
        defaultJoinPolicy: .free, countsUnread: true, keepsMessages: true, showsHistoryFromBeforeJoining: true,
        allowsTargetedMessages: false, allowsOnlineOnlyMessages: true, allowsUnreadControl: true,
        allowsMentioningEveryone: true, allowsReadReceipts: false, allowsRecall: true, allowsImport: true,
        recordsNotices: true, defaultDelivery: .notify, defaultCapacity: 100_000)

    /// Whoever comes finds the last of what was said, so it is kept; but nothing is waiting for him: he is in it only while he is there.
    private static let chatRoomRules = GroupRules(
        hasAdministrators: false, memberMayBeMuted: true, ownerMayQuit: true, ownerMayDissolve: false,
        membersMayInvite: false, backendMayAddMembers: true, backendMayRemoveMembers: true, listsMembers: true,
        defaultJoinPolicy: .free, countsUnread: false, keepsMessages: true, showsHistoryFromBeforeJoining: true,
        allowsTargetedMessages: false, allowsOnlineOnlyMessages: true, allowsUnreadControl: false,
        allowsMentioningEveryone: true, allowsReadReceipts: false, allowsRecall: true, allowsImport: false,
        recordsNotices: false, defaultDelivery: .silent, defaultCapacity: Int.max, isRoom: true, staysOwned: true)

    private static let threadRules = GroupRules(
        hasAdministrators: false, memberMayBeMuted: false, ownerMayQuit: true, ownerMayDissolve: false,
        membersMayInvite: false, backendMayAddMembers: false, backendMayRemoveMembers: true, listsMembers: true,
        defaultJoinPolicy: .free, countsUnread: true, keepsMessages: true, showsHistoryFromBeforeJoining: true,
        allowsTargetedMessages: true, allowsOnlineOnlyMessages: true, allowsUnreadControl: true,
        allowsMentioningEveryone: true, allowsReadReceipts: true, allowsRecall: true, allowsImport: false,
        recordsNotices: false, defaultDelivery: .notify, defaultCapacity: Int.max, isThread: true, staysOwned: true)
}
