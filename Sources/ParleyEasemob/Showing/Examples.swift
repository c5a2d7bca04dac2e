import ParleyDialectKit

/// Calls that work on the demo's data as they stand, by method and what follows `/{org_name}/{app_name}` in the path.
enum Examples {
    static let all: [String: Example] = users.merging(messages) { $1 }.merging(groups) { $1 }.merging(rooms) { $1 }
        .merging(push) { $1 }

    private static let alice = ["username": "alice"]
    private static let dave = ["username": "dave"]
    private static let group = ["group_id": "demo-group"]
    /// To RongCloud it is `demo-room`.
    private static let room = ["chatroom_id": "chatroom:demo-room"]
    private static let text = #""type":"txt","body":{"msg":"hello from Easemob"}"#

    private static func of(_ user: String, and friend: String) -> [String: String] {
        ["username": user, "friend_username": friend]
    }

    private static func inGroup(_ user: String) -> [String: String] { ["group_id": "demo-group", "username": user] }
    private static func inRoom(_ user: String) -> [String: String] { room.merging(["username": user]) { $1 } }

    private static let users: [String: Example] = [
        "POST /token": .json(#"{"grant_type":"password","username":"alice","password":"alice","ttl":86400}"#),
        "POST /users": .json(#"[{"username":"erin-{{random}}","password":"erin","nickname":"Erin"}]"#),
        "GET /users": .get(query: "limit=10"),
        "GET /users/{username}": .get(alice),
        "PUT /users/{username}": .json(#"{"nickname":"Alice"}"#, path: alice),
        "PUT /users/{username}/password": .json(#"{"newpassword":"another"}"#, path: dave),
        "DELETE /users/{username}": .get(dave),
        "POST /users/{username}/deactivate": .get(dave),
        "POST /users/{username}/activate": .get(dave),
        "GET /users/{username}/status": .get(alice),
        "POST /users/batch/status": .json(#"{"usernames":["alice","bob"]}"#),
        "GET /users/{username}/disconnect": .get(dave),
        "GET /users/{username}/resources": .get(alice),
        "GET /users/{username}/offline_msg_count": .get(alice),
        "PUT /metadata/user/{username}": Example(
            path: alice, contentType: "application/x-www-form-urlencoded", body: "nickname=Alice&gender=1"),
        "GET /metadata/user/{username}": .get(alice),
        "POST /metadata/user/get": .json(#"{"targets":["alice","bob"],"properties":["nickname"]}"#),
        "DELETE /metadata/user/{username}": .get(alice),
        "GET /metadata/user/capacity": .get(),
        "POST /users/{username}/contacts/users/{friend_username}": .get(of("alice", and: "bob")),
        "DELETE /users/{username}/contacts/users/{friend_username}": .get(of("alice", and: "bob")),
        "POST /users/{username}/contacts/import": .json(#"{"usernames":["bob","carol"]}"#, path: alice),
        "GET /users/{username}/contacts/users": .get(alice),
        "GET /user/{username}/contacts": .get(alice, query: "limit=10"),
        "GET /users/{username}/blocks/users": .get(alice),
        "POST /users/{username}/blocks/users": .json(#"{"usernames":["dave"]}"#, path: alice),
        "DELETE /users/{username}/blocks/users/{blocked_username}": .get([
            "username": "alice", "blocked_username": "dave",
        ]),
        "POST /users/{username}/presence/{resource}/{status}": .json(
            #"{"ext":"in a meeting"}"#, path: ["username": "alice", "resource": "web", "status": "1"]),
        "POST /users/{username}/presence/{expiry}": .json(
            #"{"usernames":["bob"]}"#, path: ["username": "alice", "expiry": "86400"]),
        "POST /users/{username}/presence": .json(#"{"usernames":["bob"]}"#, path: alice),
        "GET /users/{username}/presence/sublist": .get(alice, query: "pageNum=1&pageSize=10"),
        "GET /presence/online/{group_id}/type/{query_type}": .get(["group_id": "demo-group", "query_type": "1"]),
        "POST /mutes": .json(#"{"username":"dave","chat":600,"groupchat":600,"chatroom":600}"#),
        "GET /mutes/{username}": .get(dave),
        "GET /mutes": .get(query: "pageNum=1&pageSize=10"),
    ]

    private static let messages: [String: Example] = [
        "POST /messages/chatgroups": .first(#"{"from":"carol","to":["demo-group"],\#(text)}"#),
        "POST /messages/users": .json(#"{"from":"alice","to":["bob"],\#(text)}"#),
        "POST /messages/chatgroups/users": .json(
            #"{"from":"alice","to":["demo-group"],"users":["bob"],\#(text)}"#),
        "POST /messages/chatrooms": .json(#"{"from":"alice","to":["chatroom:demo-room"],\#(text)}"#),
        "POST /messages/chatrooms/users": .json(
            #"{"from":"alice","to":["chatroom:demo-room"],"users":["bob"],\#(text)}"#),
        "POST /messages": .json(
            #"{"target_type":"users","target":["bob"],"from":"alice","msg":{"type":"txt","msg":"hello from Easemob"}}"#),
        "POST /messages/users/broadcast": .json(#"{"from":"alice","msg":{"type":"txt","msg":"hello everybody"}}"#),
        "POST /messages/msg_recall": .json(
            #"{"msg_id":"{{group.msg_id}}","to":"demo-group","chat_type":"groupchat","force":true}"#),
        "POST /messages/recall": .json(
            #"{"msgs":[{"msg_id":"{{group.msg_id}}","to":"demo-group","chat_type":"groupchat","from":"alice","force":true}]}"#
        ),
        "PUT /messages/rewrite/{msg_id}": .json(
            #"{"user":"alice","new_msg":{"type":"txt","msg":"changed"}}"#, path: ["msg_id": "{{group.msg_id}}"]),
        "GET /users/{username}/offline_msg_status/{msg_id}": .get([
            "username": "bob", "msg_id": "{{direct.msg_id}}",
        ]),
        "DELETE /users/{username}/user_channel": .json(
            #"{"channel":"bob","type":"chat","delete_roam":true}"#, path: alice),
        "POST /users/{username}/messageroaming": .json(
            #"{"queue":"demo-group@conference.easemob.com","start":-1,"end":-1}"#, path: alice),
        "GET /users/{username}/user_channels": .get(alice),
        "GET /user/{username}/user_channels": .get(alice, query: "limit=10"),
    ]

    private static let groups: [String: Example] = [
        "POST /chatgroups": .json(
            #"{"groupname":"New group","description":"Made in the console","public":true,"maxusers":200,"owner":"alice","members":["bob"]}"#
        ),
        "GET /chatgroups": .get(query: "limit=10"),
        "GET /chatgroups/user/{username}": .get(alice, query: "pagesize=5&pagenum=0"),
        "GET /users/{username}/joined_chatgroups": .get(alice),
        "GET /chatgroups/{group_id}": .get(group),
        "PUT /chatgroups/{group_id}": .json(#"{"groupname":"Renamed","description":"Changed"}"#, path: group),
        "DELETE /chatgroups/{group_id}": .get(group),
        "POST /chatgroups/{group_id}/disable": .get(group),
        "POST /chatgroups/{group_id}/enable": .get(group),
        "GET /chatgroups/{group_id}/announcement": .get(group),
        "POST /chatgroups/{group_id}/announcement": .json(#"{"announcement":"Welcome"}"#, path: group),
        "GET /chatgroups/{group_id}/share_files": .get(group, query: "pagenum=1&pagesize=10"),
        "GET /chatgroups/{group_id}/users": .get(group, query: "pagenum=1&pagesize=100"),
        "GET /chatgroups/{group_id}/user/{username}/is_joined": .get(inGroup("bob")),
        "POST /chatgroups/{group_id}/users/{username}": .get(inGroup("administrator")),
        "POST /chatgroups/{group_id}/users": .json(#"{"usernames":["administrator"]}"#, path: group),
        "DELETE /chatgroups/{group_id}/users/{username}": .get(inGroup("dave")),
        "GET /chatgroups/{group_id}/admin": .get(group),
        "POST /chatgroups/{group_id}/admin": .json(#"{"newadmin":"bob"}"#, path: group),
        "GET /chatgroups/{group_id}/mute": .get(group),
        "POST /chatgroups/{group_id}/mute": .json(
            #"{"mute_duration":600000,"usernames":["dave"]}"#, path: group),
        "DELETE /chatgroups/{group_id}/mute/{username}": .get(inGroup("dave")),
        "POST /chatgroups/{group_id}/ban": .get(group),
        "DELETE /chatgroups/{group_id}/ban": .get(group),
        "GET /chatgroups/{group_id}/white/users": .get(group),
        "POST /chatgroups/{group_id}/white/users/{username}": .get(inGroup("bob")),
        "GET /chatgroups/{group_id}/blocks/users": .get(group),
        "POST /chatgroups/{group_id}/blocks/users/{username}": .get(inGroup("dave")),
        "PUT /metadata/chatgroup/{group_id}/user/{username}": .json(
            #"{"metaData":{"title":"founder"}}"#, path: inGroup("bob")),
        "GET /metadata/chatgroup/{group_id}/user/{username}": .get(inGroup("bob")),
    ]

    private static let rooms: [String: Example] = [
        "GET /chatrooms/super_admin": .get(query: "pagenum=1&pagesize=10"),
        "POST /chatrooms/super_admin": .json(#"{"superadmin":"alice"}"#),
        "POST /chatrooms": .json(
            #"{"name":"New room","description":"Made in the console","maxusers":200,"owner":"alice","members":["bob"]}"#
        ),
        "GET /chatrooms": .get(query: "limit=10"),
        "GET /users/{username}/joined_chatrooms": .get(alice, query: "pagenum=1&pagesize=10"),
        "GET /chatrooms/{chatroom_id}": .get(room),
        "PUT /chatrooms/{chatroom_id}": .json(#"{"name":"Renamed","description":"Changed"}"#, path: room),
        "DELETE /chatrooms/{chatroom_id}": .get(room),
        "GET /chatrooms/{chatroom_id}/announcement": .get(room),
        "POST /chatrooms/{chatroom_id}/announcement": .json(#"{"announcement":"Welcome"}"#, path: room),
        "PUT /metadata/chatroom/{chatroom_id}/user/{username}": .json(
            #"{"metaData":{"topic":"tea"},"autoDelete":"NO_DELETE"}"#, path: inRoom("bob")),
        "POST /metadata/chatroom/{chatroom_id}": .json(#"{"keys":["topic"]}"#, path: room),
        "GET /chatrooms/{chatroom_id}/users": .get(room, query: "pagenum=1&pagesize=100"),
        "GET /chatrooms/{chatroom_id}/roles": .get(room),
        "POST /chatrooms/{chatroom_id}/users/{username}": .get(inRoom("carol")),
        "POST /chatrooms/{chatroom_id}/users": .json(#"{"usernames":["carol","dave"]}"#, path: room),
        "DELETE /chatrooms/{chatroom_id}/users/{username}": .get(inRoom("bob")),
        "GET /chatrooms/{chatroom_id}/admin": .get(room),
        "POST /chatrooms/{chatroom_id}/admin": .json(#"{"newadmin":"bob"}"#, path: room),
        "GET /chatrooms/{chatroom_id}/mute": .get(room),
        "POST /chatrooms/{chatroom_id}/mute": .json(
            #"{"mute_duration":600000,"usernames":["bob"]}"#, path: room),
        "POST /chatrooms/{chatroom_id}/ban": .get(room),
        "DELETE /chatrooms/{chatroom_id}/ban": .get(room),
        "GET /chatrooms/{chatroom_id}/white/users": .get(room),
        "POST /chatrooms/{chatroom_id}/white/users/{username}": .get(inRoom("bob")),
        "GET /chatrooms/{chatroom_id}/blocks/users": .get(room),
        "POST /chatrooms/{chatroom_id}/blocks/users/{username}": .get(inRoom("bob")),
    ]

    private static let push: [String: Example] = [
        "GET /users/{username}/push/binding": .get(alice),
        "PUT /users/{username}/notification/{chattype}/{key}": .json(
            #"{"type":"AT","ignoreInterval":"22:00-08:00"}"#,
            path: ["username": "alice", "chattype": "chatgroup", "key": "demo-group"]),
        "GET /users/{username}/notification/{chattype}/{key}": .get([
            "username": "alice", "chattype": "chatgroup", "key": "demo-group",
        ]),
        "PUT /users/{username}/notification/language": .json(#"{"translationLanguage":"EN"}"#, path: alice),
        "GET /users/{username}/notification/language": .get(alice),
    ]
}

extension EndpointDescription {
    /// `POST /users`: the method, and the path without what names the App.
    var shortName: String { "\(self.method) \(self.path.dropFirst(ServerPaths.front.count))" }
}

extension Example {
    fileprivate static func first(_ body: String) -> Example {
        var example = Example.json(body)
        example.isFirst = true
        return example
    }

    /// Without a body.
    fileprivate static func get(_ path: [String: String] = [:], query: String = "") -> Example {
        Example(path: path, query: query)
    }
}
