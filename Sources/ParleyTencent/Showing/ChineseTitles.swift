/// What the commands are called in Chinese, by path: a line for each.
enum ChineseTitles {
    static let all: [String: String] = accounts.merging(messages) { $1 }.merging(groups) { $1 }

    private static let accounts: [String: String] = [
        "/v4/im_open_login_svc/account_import": "导入单个账号",
        "/v4/im_open_login_svc/multiaccount_import": "导入多个账号",
        "/v4/im_open_login_svc/account_delete": "删除账号",
        "/v4/im_open_login_svc/account_check": "查询账号",
        "/v4/im_open_login_svc/kick": "失效账号登录状态",
        "/v4/openim/query_online_status": "查询账号在线状态",
    ]

    private static let messages: [String: String] = [
        "/v4/openim/sendmsg": "单发单聊消息",
        "/v4/openim/batchsendmsg": "批量发单聊消息",
        "/v4/openim/admin_msgwithdraw": "撤回单聊消息",
        "/v4/openim/admin_getroammsg": "查询单聊消息",
        "/v4/openim/admin_set_msg_read": "设置单聊消息已读",
        "/v4/openim/get_c2c_unread_msg_num": "查询单聊未读消息计数",
        "/v4/openim/modify_c2c_msg": "修改单聊历史消息",
        "/v4/openim/delete_c2c_msg_ramble": "单向删除单聊历史消息",
        "/v4/openim/c2c_msg_read_receipt": "发送单聊消息已读回执",
        "/v4/recentcontact/get_list": "拉取会话列表",
        "/v4/recentcontact/delete": "删除单个会话",
    ]

    private static let groups: [String: String] = [
        "/v4/group_open_http_svc/create_group": "创建群组",
        "/v4/group_open_http_svc/get_group_info": "获取群详细资料",
        "/v4/group_open_http_svc/get_group_member_info": "获取群成员详细资料",
        "/v4/group_open_http_svc/modify_group_base_info": "修改群基础资料",
        "/v4/group_open_http_svc/add_group_member": "增加群成员",
        "/v4/group_open_http_svc/delete_group_member": "删除群成员",
        "/v4/group_open_http_svc/modify_group_member_info": "修改群成员资料",
        "/v4/group_open_http_svc/destroy_group": "解散群组",
        "/v4/group_open_http_svc/get_joined_group_list": "获取用户所加入的群组",
        "/v4/group_open_http_svc/get_role_in_group": "查询用户在群组中的身份",
        "/v4/group_open_http_svc/forbid_send_msg": "批量禁言和取消禁言",
        "/v4/group_open_http_svc/get_group_muted_account": "获取被禁言群成员列表",
        "/v4/group_open_http_svc/get_group_shutted_uin": "获取被禁言群成员列表（旧名称）",
        "/v4/group_open_http_svc/change_group_owner": "转让群主",
        "/v4/group_open_http_svc/send_group_msg": "在群组中发送普通消息",
        "/v4/group_open_http_svc/group_msg_recall": "撤回群消息",
        "/v4/group_open_http_svc/delete_group_msg_by_sender": "撤回指定用户发送的群消息",
        "/v4/group_open_http_svc/group_msg_get_simple": "拉取群历史消息",
        "/v4/openim/modify_group_msg": "修改群历史消息",
        "/v4/group_open_http_svc/set_unread_msg_num": "设置成员未读消息计数",
        "/v4/group_open_http_svc/get_group_msg_receipt": "拉取群消息已读回执信息",
        "/v4/group_open_http_svc/get_group_msg_receipt_detail": "拉取群消息已读回执详情",
        "/v4/group_open_http_svc/group_msg_receipt": "发送群消息已读回执",
    ]
}
