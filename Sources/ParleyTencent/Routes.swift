extension Tencent {
    /// Every command that there is, in the order of the vendor's documentation.
    static let routes: [Route] = [
        Route(AccountImport.self),
        Route(MultiaccountImport.self),
        Route(AccountDelete.self),
        Route(AccountCheck.self),
        Route(Kick.self),
        Route(QueryOnlineStatus.self),

        Route(SendMsg.self),
        Route(BatchSendMsg.self),
        Route(AdminMsgWithdraw.self),
        Route(AdminGetRoamMsg.self),
        Route(AdminSetMsgRead.self),
        Route(GetC2CUnreadMsgNum.self),
        Route(ModifyC2CMsg.self),
        Route(DeleteC2CMsgRamble.self),
        Route(C2CMsgReadReceipt.self),
        Route(GetRecentContacts.self),
        Route(DeleteRecentContact.self),

        Route(CreateGroup.self),
        Route(GetGroupInfo.self),
        Route(GetGroupMemberInfo.self),
        Route(ModifyGroupBaseInfo.self),
        Route(AddGroupMember.self),
        Route(DeleteGroupMember.self),
        Route(ModifyGroupMemberInfo.self),
        Route(DestroyGroup.self),
        Route(GetJoinedGroupList.self),
        Route(GetRoleInGroup.self),
        Route(ForbidSendMsg.self),
        Route(GetGroupMutedAccount.self),
        Route(GetGroupShuttedUin.self),
        Route(ChangeGroupOwner.self),
        Route(SendGroupMsg.self),
        Route(GroupMsgRecall.self),
        Route(DeleteGroupMsgBySender.self),
        Route(GroupMsgGetSimple.self),
        Route(ModifyGroupMsg.self),
        Route(SetUnreadMsgNum.self),
        Route(GetGroupMsgReceipt.self),
        Route(GetGroupMsgReceiptDetail.self),
        Route(GroupMsgReceipt.self),
    ]

    private static let byPath: [String: Route] = Dictionary(
        uniqueKeysWithValues: routes.flatMap { route in route.paths.map { ($0, route) } })

    /// A slash at the end does no harm.
    static func route(for path: String) -> Route? {
        self.byPath[path.hasSuffix("/") ? String(path.dropLast()) : path]
    }
}
