/// Which messages a topic speaks in (facts/rongcloud-client.md, 5 and 7). Only comet must know: its bodies are JSON, and mean
/// nothing without.
enum TopicMessages {
    /// What a client sends under the topic; nil for a topic that we do not know, or that has no message.
    static func request(_ topic: String) -> (any ProtobufMessage.Type)? { self.requests[topic] }

    /// What answers a query of the topic; nil where the answer is empty.
    static func reply(_ topic: String) -> (any ProtobufMessage.Type)? { self.replies[topic] }

    /// What a server publishes under the topic. Under the topics of clients, their own messages come back.
    static func notice(_ topic: String) -> (any ProtobufMessage.Type)? { self.notices[topic] ?? self.requests[topic] }

    static let topics = Set(TopicMessages.requests.keys).union(TopicMessages.notices.keys).sorted()

    private static let notices: [String: any ProtobufMessage.Type] = [
        "s_msg": WireDownStreamMessage.self,
        "s_ntf": WireNotifyMsg.self,
        "s_cmd": WireNotifyMsg.self,
        "s_us": WireUserSettingNotification.self,
        "s_stat": WireGetUserStatusOutput.self,
    ]

    private static let requests: [String: any ProtobufMessage.Type] = [
        "ppMsgP": WireUpStreamMessage.self, "ppMsgN": WireUpStreamMessage.self, "ppMsgS": WireUpStreamMessage.self,
        "pdMsgP": WireUpStreamMessage.self, "pgMsgP": WireUpStreamMessage.self, "pgMsgS": WireUpStreamMessage.self,
        "chatMsg": WireUpStreamMessage.self, "chatMsgS": WireUpStreamMessage.self,
        "pcMsgP": WireUpStreamMessage.self, "pcuMsgP": WireUpStreamMessage.self,
        "pmcMsgN": WireUpStreamMessage.self, "pmpMsgN": WireUpStreamMessage.self,
        "recallMsg": WireUpStreamMessage.self,

        "pullMsg": WireSyncRequestMsg.self,
        "chrmPull": WireChrmPullMsg.self,
        "qryPMsg": WireHistoryMsgInput.self, "qryDMsg": WireHistoryMsgInput.self,
        "qryGMsg": WireHistoryMsgInput.self, "qryCMsg": WireHistoryMsgInput.self,
        "qrySMsg": WireHistoryMsgInput.self, "qryCHMsg": WireHistoryMsgInput.self,
        "qryRelation": WireRelationsInput.self,
        "qryRelationR": WireRelationQryInput.self,
        // RelationQryInput in v4: the type is the same field.
        "delRelation": WireRelationsInput.self,
        "delSessions": WireDeleteSessionsInput.self,
        "qrySessionsAtt": WireSessionsAttQryInput.self,
        "updRRTime": WireSessionMsgReadInput.self,
        "delMsg": WireDeleteMsgInput.self,
        "cleanPMsg": WireCleanHisMsgInput.self, "cleanDMsg": WireCleanHisMsgInput.self,
        "cleanGMsg": WireCleanHisMsgInput.self, "cleanCMsg": WireCleanHisMsgInput.self,
        "cleanSMsg": WireCleanHisMsgInput.self,

        "joinChrm": WireChrmInput.self, "joinChrmR": WireChrmInput.self, "exitChrm": WireChrmInput.self,
        "queryChrmI": WireQueryChatroomInfoInput.self,
        "setKV": WireSetChrmKV.self, "delKV": WireDeleteChrmKV.self, "pullKV": WireQueryChrmKV.self,
        "setKVS": WireSetChrmKVS.self, "delKVS": WireDeleteChrmKVS.self,

        "pullSeAtts": WireSessionReq.self, "setSeAtt": WireSessionStateModifyReq.self,
        "pullUS": WirePullUserSettingInput.self,
        "setOfflineMsgDur": WireSetUserSettingInput.self,
        "addSeTag": WireSessionTagAddInput.self, "addTag": WireSessionTagAddInput.self,
        "delSeTag": WireSessionTagDelInput.self, "delTag": WireSessionTagDelInput.self,
        "disTag": WireSessionDisTagReq.self,
        "rrMsg": WireGrpReadReceiptMsg.self, "rrList": WireGrpReadReceiptQryReq.self,
        "reportsdk": WireReportSDKInput.self,

        "addBlack": WireAdd2BlackListInput.self, "rmBlack": WireRemoveFromBlackListInput.self,
        "getBlack": WireQueryBlackListInput.self, "blackStat": WireBlackListStatusInput.self,
        "qryPPush": WireBlockPushInput.self, "qryDPush": WireBlockPushInput.self,
        "blkPPush": WireBlockPushInput.self, "unblkPPush": WireBlockPushInput.self,
        "blkDPush": WireBlockPushInput.self, "unblkDPush": WireBlockPushInput.self,
        "setUserStatus": WireSetUserStatusInput.self, "getUserStatus": WireGetUserStatusInput.self,
        "subUserStatus": WireSubUserStatusInput.self,
        "crDiz": WireCreateDiscussionInput.self, "invtDiz": WireChannelInvitationInput.self,
        "quitDiz": WireLeaveChannelInput.self, "evctDiz": WireChannelEvictionInput.self,
        "dizInf": WireChannelInfoInput.self, "pdOpen": WireModifyPermissionInput.self,
        "rename": WireRenameChannelInput.self,
        "userInf": WireGetUserInfoInput.self, "joinGrp": WireGroupInput.self, "exitGrp": WireLeaveChannelInput.self,
        "uGcmpr": WireGroupHashInput.self,

        "qnTkn": WireGetQNupTokenInput.self, "qnUrl": WireGetQNdownloadUrlInput.self,
        "aliUrl": WireGetDownloadUrlInput.self, "s3Url": WireGetDownloadUrlInput.self,
        "stcUrl": WireGetDownloadUrlInput.self,
    ]

    private static let replies: [String: any ProtobufMessage.Type] = [
        "pullMsg": WireDownStreamMessages.self, "chrmPull": WireDownStreamMessages.self,
        "qryPMsg": WireHistoryMsgOuput.self, "qryDMsg": WireHistoryMsgOuput.self, "qryGMsg": WireHistoryMsgOuput.self,
        "qryCMsg": WireHistoryMsgOuput.self, "qrySMsg": WireHistoryMsgOuput.self, "qryCHMsg": WireHistoryMsgOuput.self,
        "qryRelation": WireRelationsOutput.self, "qryRelationR": WireRelationsOutput.self,
        "qrySessionsAtt": WireSessionsAttOutput.self,
        "delMsg": WireDeleteMsgOutput.self,
        "joinChrm": WireChrmOutput.self, "joinChrmR": WireChrmOutput.self, "exitChrm": WireChrmOutput.self,
        "queryChrmI": WireQueryChatroomInfoOutput.self,
        "setKV": WireChrmOutput.self, "delKV": WireChrmOutput.self, "pullKV": WireChrmKVOutput.self,
        "setKVS": WireChrmKVSOutput.self, "delKVS": WireChrmKVSOutput.self,
        "pullSeAtts": WireSessionStates.self, "setSeAtt": WireSessionStateModifyResp.self,
        "pullUS": WirePullUserSettingOutput.self,
        "addSeTag": WireSetUserSettingOutput.self, "addTag": WireSetUserSettingOutput.self,
        "delSeTag": WireSetUserSettingOutput.self, "delTag": WireSetUserSettingOutput.self,
        "disTag": WireSetUserSettingOutput.self,
        "rrList": WireGrpReadReceiptQryResp.self,
        "getBlack": WireQueryBlackListOutput.self,
        "setUserStatus": WireSetUserStatusOutput.self, "getUserStatus": WireGetUserStatusOutput.self,
        "subUserStatus": WireSubUserStatusOutput.self,
        "crDiz": WireCreateDiscussionOutput.self, "dizInf": WireChannelInfoOutput.self,
        "userInf": WireGetUserInfoOutput.self,
        "qnTkn": WireGetQNupTokenOutput.self, "qnUrl": WireGetQNdownloadUrlOutput.self,
        "aliUrl": WireGetDownloadUrlOutput.self, "s3Url": WireGetDownloadUrlOutput.self,
        "stcUrl": WireGetDownloadUrlOutput.self,
    ]
}
