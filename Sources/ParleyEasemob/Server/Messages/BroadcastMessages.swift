import ParleyCore
import ParleyDialectKit
import ParleyJSON

// Messages to everybody, whoever and wherever that is just now. They have no ids of their own at the vendor, but one for the broadcast, and backends are not
// asked about them before. How often an App has done it is in memory, as all rates are: a restart forgets it.
// Source: facts/easemob-server.md 3.6 (broadcast_to_*).

/// One of the three: they differ in whom they reach, and how often they may.
protocol BroadcastEndpoint: Endpoint where Output == MessageID {
    /// - Throws: ``Refusal`` beyond its limits.
    func send(_ call: Call) async throws
}

extension BroadcastEndpoint {
    static var area: Area { .broadcast }
    /// Each counts by longer times than a second, once the call is read.
    static var callsPerSecond: Int { 0 }

    func perform(_ call: Call) async throws -> MessageID {
        try await self.send(call)
        return call.core.identifiers.next()
    }

    /// The id is a number here, and nowhere else.
    func encode(_ id: MessageID, _ call: Call) -> Answer {
        .data { json in json.object { $0.field("id", raw: Array(id.easemob.utf8)) } }
    }
}

/// Says something in all chat rooms of the App.
struct BroadcastToRooms: BroadcastEndpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/messages/chatrooms/broadcast", "Send a message to all chat rooms",
        page: "发送聊天室全局广播消息 (broadcast_to_chatrooms)")

    let form: BroadcastForm

    init(_ call: Call) throws { self.form = try BroadcastForm(call.object()) }

    func send(_ call: Call) async throws {
        try call.admitBroadcast(
            .init("easemob.room-broadcasts", 10, perSeconds: 60),
            daily: .init("easemob.room-broadcasts-daily", 100, perSeconds: 86_400),
            "chatroom broadcast limit exceeded")
        let message = self.form.message(in: call)
        let rooms = try await call.core.directory.rooms(in: call.app.id, .all, offset: 0, limit: .max)
        try await call.send(message, to: rooms.map { .group($0) })
    }
}

/// Says something to all who are online: nobody else ever gets it.
struct BroadcastToOnlineUsers: BroadcastEndpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/messages/users/broadcast", "Send a message to all users who are online",
        page: "向 app 在线用户发送广播消息 (broadcast_to_online_users)",
        .partial("it does not enter lists of conversations"))

    let form: BroadcastForm

    init(_ call: Call) throws { self.form = try BroadcastForm(call.object()) }

    func send(_ call: Call) async throws {
        try call.admitBroadcast(
            .init("easemob.online-broadcasts", 1, perSeconds: 60),
            daily: .init("easemob.online-broadcasts-daily", 50, perSeconds: 86_400),
            "online user broadcast limit exceeded")
        let message = self.form.message(in: call)
        try await call.eachUser { users in
            var online: [Conversation] = []
            for user in users where user != message.sender {
                if await call.core.presence.isOnline(user, in: call.app.id) {
                    online.append(.direct(message.sender, user))
                }
            }
            try await call.send(message, to: online, isEphemeral: true)
        }
    }
}

/// Says something to all users of the App, to each alone.
struct BroadcastToUsers: BroadcastEndpoint {
    static let description = EndpointDescription(
        "POST", "/{org_name}/{app_name}/messages/broadcast", "Send a message to all users",
        page: "向 app 所有用户发送广播消息 (broadcast_to_all_users)")

    let form: BroadcastForm

    init(_ call: Call) throws {
        let json = try call.object()
        self.form = try BroadcastForm(json)
        guard let target = try json.text("target_type"), !target.isEmpty else {
            throw Refusal.illegalArgument("target_type must be provided")
        }
        guard target == "users" else { throw Refusal.illegalArgument("target_type can only be 'users'") }
    }

    func send(_ call: Call) async throws {
        try call.admitBroadcast(
            .init("easemob.user-broadcasts", 1, perSeconds: 1800),
            daily: .init("easemob.user-broadcasts-daily", 3, perSeconds: 86_400), "broadcast message limit exceeded")
        let message = self.form.message(in: call)
        try await call.eachUser { users in
            try await call.send(
                message, to: users.filter { $0 != message.sender }.map { .direct(message.sender, $0) })
        }
    }
}

/// What the three have in common: the message as before there were three endpoints, `{"msg":{"type":"txt","msg":"hi"},"from":"admin","ext":{}}`.
struct BroadcastForm: Sendable {
    private let form: MessageForm
    private let priority: Priority

    init(_ json: JSON) throws(Malformed) {
        self.priority = Priority(roomLevel: try json.text("chatroom_msg_level"))
        self.form = try MessageForm(legacy: json, to: nil)
        try self.form.checkSize()
    }

    func message(in call: Call) -> Message {
        var message = self.form.message(in: call)
        message.options.priority = self.priority
        message.options.reachesSender = false
        message.options.updatesConversation = true
        message.options.forbiddenCallbacks = [.beforeSend]
        return message
    }
}

extension Call {
    private static let sendsAtOnce = 500

    fileprivate func admitBroadcast(
        _ limit: RateLimiter.Limit, daily: RateLimiter.Limit, _ exceeded: String
    ) throws(Refusal) {
        guard self.admits(1, of: limit) else { throw .reachedLimit }
        guard self.admits(1, of: daily) else { throw .forbiddenOperation(exceeded) }
    }

    /// Some at once, in the order of their registration.
    fileprivate func eachUser(_ body: ([UserID]) async throws -> Void) async throws {
        var last: UserID?
        while true {
            let users = try await self.core.directory.users(
                in: self.app.id, after: last, limit: Self.sendsAtOnce
            ).map(\.id)
            try await body(users)
            guard users.count == Self.sendsAtOnce else { return }
            last = users.last
        }
    }

    /// Who refuses is passed over: a sender who is muted everywhere is heard by nobody.
    fileprivate func send(
        _ message: Message, to conversations: [Conversation], isEphemeral: Bool = false
    ) async throws {
        var rest = conversations[...]
        while !rest.isEmpty {
            let sends = rest.prefix(Self.sendsAtOnce).map {
                Send(
                    app: self.app.id, conversation: $0, message: message, isEphemeral: isEphemeral,
                    checks: [.groupExists, .globalMute])
            }
            rest = rest.dropFirst(Self.sendsAtOnce)
            _ = try await self.core.send(sends)
        }
    }
}
