import ParleyDialectKit

/// Calls that work on the demo's data as they stand, by path.
enum Examples {
    static let all: [String: Example] = users.merging(messages) { $1 }.merging(groups) { $1 }.merging(room) { $1 }
        .merging(roomLists) { $1 }

    private static let text = #"{"content":"hello from RongCloud"}"#

    private static let users: [String: Example] = [
        "/user/getToken.json": .form(["userId": "erin", "name": "Erin", "portraitUri": "https://example.com/erin.png"]),
        "/user/refresh.json": .form(["userId": "bob", "name": "Bob"]),
        "/user/info.json": .form(["userId": "alice"]),
        "/user/token/expire.json": .form(["userId": "dave", "time": "1700000000000"]),
        "/user/group/query.json": .form(["userId": "alice"]),
        "/user/checkOnline.json": .form(["userId": "alice"]),
        "/user/block.json": .form(["userId": "dave", "minute": "10"]),
        "/user/unblock.json": .form(["userId": "dave"]),
        "/user/block/query.json": .form(["page": "1", "size": "50"]),
        "/user/blacklist/add.json": .form(["userId": "alice", "blackUserId": "dave"]),
        "/user/blacklist/remove.json": .form(["userId": "alice", "blackUserId": "dave"]),
        "/user/blacklist/query.json": .form(["userId": "alice"]),
        "/user/blockPushPeriod/set.json": .form(["userId": "alice", "startTime": "22:00:00", "period": "480"]),
        "/user/blockPushPeriod/get.json": .form(["userId": "alice"]),
        "/user/blockPushPeriod/delete.json": .form(["userId": "alice"]),
    ]

    private static let messages: [String: Example] = [
        "/message/group/publish.json": .first([
            "fromUserId": "bob", "toGroupId": "demo-group", "objectName": "RC:TxtMsg", "content": text,
        ]),
        "/message/private/publish.json": .form([
            "fromUserId": "alice", "toUserId": "bob", "objectName": "RC:TxtMsg", "content": text,
            "pushContent": "hello",
        ]),
        "/statusmessage/private/publish.json": .form([
            "fromUserId": "alice", "toUserId": "bob", "objectName": "RC:TypSts",
            "content": #"{"typingContentType":"RC:TxtMsg"}"#,
        ]),
        "/statusmessage/group/publish.json": .form([
            "fromUserId": "alice", "toGroupId": "demo-group", "objectName": "RC:TxtMsg", "content": text,
        ]),
        "/message/recall.json": .form([
            "fromUserId": "{{group.fromUserId}}", "conversationType": "3", "targetId": "demo-group",
            "messageUID": "{{group.messageUID}}", "sentTime": "{{group.sentTime}}",
        ]),
        "/message/group/modify.json": .form([
            "fromUserId": "{{group.fromUserId}}", "groupId": "demo-group", "msgUID": "{{group.messageUID}}",
            "objectName": "RC:TxtMsg", "content": #"{"content":"changed"}"#,
        ]),
        "/message/private/modify.json": .form([
            "fromUserId": "{{direct.fromUserId}}", "targetId": "{{direct.targetId}}", "msgUID": "{{direct.messageUID}}",
            "objectName": "RC:TxtMsg", "content": #"{"content":"changed"}"#,
        ]),
        "/v3/message/private/query.json": .form([
            "userId": "alice", "targetId": "bob", "startTime": "0", "endTime": "4000000000000", "pageSize": "20",
            "includeStart": "true",
        ]),
        "/v3/message/group/query.json": .form([
            "userId": "alice", "targetId": "demo-group", "startTime": "0", "endTime": "4000000000000", "pageSize": "20",
            "includeStart": "true",
        ]),
        "/v3/message/chatroom/query.json": .form([
            "targetId": "demo-room", "startTime": "0", "endTime": "4000000000000", "pageSize": "20",
            "includeStart": "true",
        ]),
        "/conversation/message/history/clean.json": .form([
            "conversationType": "1", "fromUserId": "alice", "targetId": "bob",
        ]),
        "/conversation/top/set.json": .form([
            "userId": "alice", "conversationType": "3", "targetId": "demo-group", "setTop": "true",
        ]),
        "/conversation/notification/set.json": .form([
            "requestId": "alice", "conversationType": "3", "targetId": "demo-group", "isMuted": "1",
        ]),
        "/conversation/notification/get.json": .form([
            "requestId": "alice", "conversationType": "3", "targetId": "demo-group",
        ]),
        "/conversation/type/notification/set.json": .form([
            "requestId": "alice", "conversationType": "3", "unpushLevel": "1",
        ]),
        "/conversation/type/notification/get.json": .form(["requestId": "alice", "conversationType": "3"]),
    ]

    private static let groups: [String: Example] = [
        "/group/create.json": .form(["userId": "alice", "groupId": "new-group", "groupName": "New group"]),
        "/group/join.json": .form(["userId": "erin", "groupId": "demo-group", "groupName": "Demo group"]),
        "/group/quit.json": .form(["userId": "dave", "groupId": "demo-group"]),
        "/group/dismiss.json": .form(["userId": "alice", "groupId": "demo-group"]),
        "/group/refresh.json": .form(["groupId": "demo-group", "groupName": "Renamed"]),
        "/group/user/query.json": .form(["groupId": "demo-group"]),
        "/group/user/gag/add.json": .form(["userId": "dave", "groupId": "demo-group", "minute": "10"]),
        "/group/user/gag/rollback.json": .form(["userId": "dave", "groupId": "demo-group"]),
        "/group/user/gag/list.json": .form(["groupId": "demo-group"]),
    ]

    private static let room: [String: Example] = [
        "/chatroom/create.json": .form(["chatroom[new-room]": "New room"]),
        "/chatroom/create_new.json": .form(["chatroomId": "new-room", "destroyType": "0", "destroyTime": "60"]),
        "/chatroom/destroy/set.json": .form(["chatroomId": "demo-room", "destroyType": "0", "destroyTime": "60"]),
        "/chatroom/destroy.json": .form(["chatroomId": "demo-room"]),
        "/chatroom/query.json": .form(["chatroomId": "demo-room"]),
        "/chatroom/get.json": .form(["chatroomId": "demo-room"]),
        "/chatroom/join.json": .form(["chatroomId": "demo-room", "userId": "carol"]),
        "/message/chatroom/publish.json": .form([
            "fromUserId": "alice", "toChatroomId": "demo-room", "objectName": "RC:TxtMsg", "content": text,
        ]),
        "/message/chatroom/broadcast.json": .form(["fromUserId": "alice", "objectName": "RC:TxtMsg", "content": text]),
        "/chatroom/user/query.json": .form(["chatroomId": "demo-room", "count": "20", "order": "1"]),
        "/chatroom/user/exist.json": .form(["chatroomId": "demo-room", "userId": "bob"]),
        "/chatroom/users/exist.json": .form(["chatroomId": "demo-room", "userId": "bob"]),
        "/chatroom/ban/add.json": .form(["chatroomId": "demo-room"]),
        "/chatroom/ban/rollback.json": .form(["chatroomId": "demo-room"]),
        "/chatroom/ban/query.json": .form(["page": "1", "size": "50"]),
        "/chatroom/ban/check.json": .form(["chatroomId": "demo-room"]),
        "/chatroom/message/stopDistribution.json": .form(["chatroomId": "demo-room"]),
        "/chatroom/message/resumeDistribution.json": .form(["chatroomId": "demo-room"]),
        "/chatroom/keepalive/add.json": .form(["chatroomId": "demo-room"]),
        "/chatroom/keepalive/remove.json": .form(["chatroomId": "demo-room"]),
        "/chatroom/keepalive/query.json": .form([:]),
        "/chatroom/entry/set.json": .form([
            "chatroomId": "demo-room", "userId": "alice", "key": "topic", "value": "tea",
        ]),
        "/chatroom/entry/batch/set.json": .form([
            "chatroomId": "demo-room", "entryOwnerId": "alice", "entryInfo": #"{"topic":"tea"}"#,
        ]),
        "/chatroom/entry/query.json": .form(["chatroomId": "demo-room"]),
    ]

    private static let roomLists: [String: Example] = [
        "/chatroom/user/gag/add.json": .form(["chatroomId": "demo-room", "userId": "bob", "minute": "10"]),
        "/chatroom/user/gag/rollback.json": .form(["chatroomId": "demo-room", "userId": "bob"]),
        "/chatroom/user/gag/list.json": .form(["chatroomId": "demo-room"]),
        "/chatroom/user/block/add.json": .form(["chatroomId": "demo-room", "userId": "bob", "minute": "10"]),
        "/chatroom/user/block/rollback.json": .form(["chatroomId": "demo-room", "userId": "bob"]),
        "/chatroom/user/block/list.json": .form(["chatroomId": "demo-room"]),
        "/chatroom/user/ban/whitelist/add.json": .form(["chatroomId": "demo-room", "userId": "bob"]),
        "/chatroom/user/ban/whitelist/rollback.json": .form(["chatroomId": "demo-room", "userId": "bob"]),
        "/chatroom/user/ban/whitelist/query.json": .form(["chatroomId": "demo-room"]),
        "/chatroom/user/whitelist/add.json": .form(["chatroomId": "demo-room", "userId": "bob"]),
        "/chatroom/user/whitelist/remove.json": .form(["chatroomId": "demo-room", "userId": "bob"]),
        "/chatroom/user/whitelist/query.json": .form(["chatroomId": "demo-room"]),
        "/chatroom/user/ban/add.json": .form(["userId": "dave", "minute": "10"]),
        "/chatroom/user/ban/remove.json": .form(["userId": "dave"]),
        "/chatroom/user/ban/query.json": .form([:]),
        "/chatroom/whitelist/add.json": .form(["objectnames": "RC:TxtMsg"]),
        "/chatroom/whitelist/query.json": .form([:]),
        "/chatroom/message/priority/add.json": .form(["objectName": "RC:VcMsg"]),
        "/chatroom/message/priority/query.json": .form([:]),
    ]
}

extension Example {
    fileprivate static func first(_ fields: KeyValuePairs<String, String>) -> Example {
        var example = Example.form(fields)
        example.isFirst = true
        return example
    }
}
