import ParleyDialectKit

/// Calls that work on the demo's data as they stand, by path.
enum Examples {
    static let all: [String: Example] = accounts.merging(messages) { $1 }.merging(groups) { $1 }

    private static let text = #"[{"MsgType":"TIMTextElem","MsgContent":{"Text":"hello from Tencent IM"}}]"#
    private static let changed = #"[{"MsgType":"TIMTextElem","MsgContent":{"Text":"changed"}}]"#

    private static let accounts: [String: Example] = [
        "/v4/im_open_login_svc/account_import": .json(#"{"UserID":"erin","Nick":"Erin"}"#),
        "/v4/im_open_login_svc/multiaccount_import": .json(
            #"{"Accounts":["erin","frank"]}"#),
        "/v4/im_open_login_svc/account_delete": .json(#"{"DeleteItem":[{"UserID":"dave"}]}"#),
        "/v4/im_open_login_svc/account_check": .json(#"{"CheckItem":[{"UserID":"alice"},{"UserID":"erin"}]}"#),
        "/v4/im_open_login_svc/kick": .json(#"{"UserID":"dave"}"#),
        "/v4/openim/query_online_status": .json(#"{"To_Account":["alice","bob"],"IsNeedDetail":1}"#),
    ]

    private static let messages: [String: Example] = [
        "/v4/openim/sendmsg": .json(
            #"{"SyncOtherMachine":1,"From_Account":"alice","To_Account":"bob","MsgRandom":"{{#random}}","MsgBody":\#(text)}"#
        ),
        "/v4/openim/batchsendmsg": .json(
            #"{"SyncOtherMachine":2,"From_Account":"alice","To_Account":["bob","carol"],"MsgRandom":"{{#random}}","MsgBody":\#(text)}"#
        ),
        "/v4/openim/admin_msgwithdraw": .json(
            #"{"From_Account":"{{direct.From_Account}}","To_Account":"{{direct.To_Account}}","MsgKey":"{{direct.MsgKey}}"}"#
        ),
        "/v4/openim/modify_c2c_msg": .json(
            #"{"From_Account":"{{direct.From_Account}}","To_Account":"{{direct.To_Account}}","MsgKey":"{{direct.MsgKey}}","MsgBody":\#(changed)}"#
        ),
        "/v4/openim/admin_getroammsg": .json(
            #"{"Operator_Account":"alice","Peer_Account":"bob","MaxCnt":20,"MinTime":0,"MaxTime":4000000000}"#),
        "/v4/openim/admin_set_msg_read": .json(#"{"Report_Account":"bob","Peer_Account":"alice"}"#),
        "/v4/openim/get_c2c_unread_msg_num": .json(#"{"To_Account":"bob","Peer_Account":["alice"]}"#),
        "/v4/openim/delete_c2c_msg_ramble": .json(
            #"{"Operator_Account":"bob","Peer_Account":"alice","MsgKeyList":["{{direct.MsgKey}}"]}"#),
        "/v4/recentcontact/get_list": .json(
            #"{"From_Account":"alice","TimeStamp":0,"StartIndex":0,"TopTimeStamp":0,"TopStartIndex":0,"AssistFlags":7}"#
        ),
        "/v4/recentcontact/delete": .json(
            #"{"From_Account":"alice","Type":1,"To_Account":"bob","ClearRamble":0}"#),
    ]

    private static let groups: [String: Example] = [
        "/v4/group_open_http_svc/create_group": .json(
            #"{"Owner_Account":"alice","Type":"Public","Name":"New group","MemberList":[{"Member_Account":"bob"}]}"#),
        "/v4/group_open_http_svc/get_group_info": .json(#"{"GroupIdList":["demo-group"]}"#),
        "/v4/group_open_http_svc/get_group_member_info": .json(#"{"GroupId":"demo-group","Limit":100,"Offset":0}"#),
        "/v4/group_open_http_svc/modify_group_base_info": .json(
            #"{"GroupId":"demo-group","Name":"Renamed","Notification":"Welcome"}"#),
        "/v4/group_open_http_svc/add_group_member": .json(
            #"{"GroupId":"demo-group","MemberList":[{"Member_Account":"administrator"}]}"#),
        "/v4/group_open_http_svc/delete_group_member": .json(
            #"{"GroupId":"demo-group","MemberToDel_Account":["dave"]}"#),
        "/v4/group_open_http_svc/modify_group_member_info": .json(
            #"{"GroupId":"demo-group","Member_Account":"bob","Role":"Admin","NameCard":"Bobby"}"#),
        "/v4/group_open_http_svc/destroy_group": .json(#"{"GroupId":"demo-group"}"#),
        "/v4/group_open_http_svc/get_joined_group_list": .json(#"{"Member_Account":"alice"}"#),
        "/v4/group_open_http_svc/get_role_in_group": .json(
            #"{"GroupId":"demo-group","User_Account":["alice","bob"]}"#),
        "/v4/group_open_http_svc/forbid_send_msg": .json(
            #"{"GroupId":"demo-group","Members_Account":["dave"],"MuteTime":600}"#),
        "/v4/group_open_http_svc/get_group_muted_account": .json(#"{"GroupId":"demo-group"}"#),
        "/v4/group_open_http_svc/change_group_owner": .json(
            #"{"GroupId":"demo-group","NewOwner_Account":"bob"}"#),
        "/v4/group_open_http_svc/send_group_msg": .first(
            #"{"GroupId":"demo-group","From_Account":"bob","Random":"{{#random}}","MsgBody":\#(text)}"#),
        "/v4/group_open_http_svc/group_msg_recall": .json(
            #"{"GroupId":"demo-group","MsgSeqList":[{"MsgSeq":"{{#group.MsgSeq}}"}]}"#),
        "/v4/group_open_http_svc/delete_group_msg_by_sender": .json(
            #"{"GroupId":"demo-group","Sender_Account":"bob"}"#),
        "/v4/group_open_http_svc/group_msg_get_simple": .json(#"{"GroupId":"demo-group","ReqMsgNumber":20}"#),
        "/v4/openim/modify_group_msg": .json(
            #"{"GroupId":"demo-group","MsgSeq":"{{#group.MsgSeq}}","MsgBody":\#(changed)}"#),
        "/v4/group_open_http_svc/set_unread_msg_num": .json(
            #"{"GroupId":"demo-group","Member_Account":"bob","UnreadMsgNum":1}"#),
    ]
}

extension Example {
    fileprivate static func first(_ body: String) -> Example {
        var example = Example.json(body)
        example.isFirst = true
        return example
    }
}
