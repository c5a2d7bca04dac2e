/// One thing that Easemob's client SDKs can do, and what becomes of it here. ``all`` is docs/compatibility/easemob-client.md. What they ask by REST is in
/// docs/compatibility/easemob.md.
package struct SDKCapability: Sendable {
    /// SDKs that speak alike; of each at least one was examined (facts/easemob-client.md, 0).
    package enum Build: String, Hashable, Sendable, CaseIterable {
        case web411 = "web 4.11"
        case web410 = "web 4.5–4.10"
        case web41 = "web 4.0–4.1"
        case mini417 = "mini-program 4.17"
        case mini4 = "mini-program 4.5–4.15"
    }

    package enum State: Hashable, Sendable {
        case complete
        case partial(String)
        /// With which words, and why.
        case refused(String)
    }

    package let title: String
    /// Commands, namespaces and types that it is done with.
    package let names: [String]
    /// Those that have it.
    package let builds: [Build]
    package let state: State

    init(_ title: String, _ names: [String], _ builds: [Build] = Build.allCases, _ state: State = .complete) {
        self.title = title
        self.names = names
        self.builds = builds
        self.state = state
    }

    package static let all = connecting + queues + messages + others + absent
}

extension [SDKCapability.Build] {
    fileprivate static let all = Self(SDKCapability.Build.allCases)
    fileprivate static let binary: Self = [.web411, .mini417, .mini4]
    fileprivate static let sockJS: Self = [.web410, .web41]
}

extension SDKCapability {
    private static let connecting = [
        SDKCapability("WebSocket, binary messages", ["/websocket"], .binary),
        SDKCapability("WebSocket, text messages in base64 (Alipay, DingTalk)", ["/websocket"], [.mini417, .mini4]),
        SDKCapability(
            "SockJS: info and its WebSocket transport", ["/ws/info", "/ws/{server}/{session}/websocket"], .sockJS),
        SDKCapability("discovery, where an app points `dnsArr` here", ["/easemob/server.json"]),
        SDKCapability("login with a token, and with a password by REST", ["PROVISION", "POST /token"]),
        SDKCapability("refusals of a login, with the reasons that SDKs look for", ["Provision.status"]),
        SDKCapability("being sent away: another device, kicked, password changed, user removed", ["STATISTIC"]),
        SDKCapability("four devices of one user; or one of each platform, where the App is set so", ["resource"]),
        SDKCapability("heartbeats; logging out", ["UNREAD", "LOGOUT"]),
    ]

    private static let queues = [
        SDKCapability("what was missed, once and in order, page by page", ["UNREAD", "SYNC"]),
        SDKCapability("what is said now", ["NOTICE", "SYNC"]),
        SDKCapability("going on in the middle of a page", ["SYNC key"]),
        SDKCapability("the user's other devices have what he says", ["SYNC"]),
    ]

    private static let messages = [
        SDKCapability("text, picture, voice, video, file, location, command, custom, forwarded", ["CHAT"]),
        SDKCapability(
            "to users, groups and chat rooms; to some members; to who is there only",
            ["CHAT", "directed_users", "ROUTE_ONLINE"]),
        SDKCapability("fields and types that are new come as they were sent", ["CHAT"]),
        SDKCapability("sent again with the same number: one message", ["Meta.id"]),
        SDKCapability("refusals, with the reasons that SDKs look for", ["status"]),
        SDKCapability(
            "delivered", ["DELIVER_ACK"], .all, .partial("of what this vendor's clients got; others do not say")),
        SDKCapability("read: one message, a conversation, by how many of a group", ["READ_ACK", "CHANNEL_ACK"]),
        SDKCapability(
            "receipts, and what became of groups and contacts, since the device was there: the newest 500, once and in order",
            ["UNREAD", "SYNC"]),
        SDKCapability("recall, with what is attached to it", ["RECALL"]),
        SDKCapability("edit", ["EDIT"]),
        SDKCapability(
            "threads: messages in them as in groups; which thread a message is in, and what is said in the one on it",
            ["CHAT", "meta thread, thread_overview"]),
    ]

    private static let others = [
        SDKCapability("what happens to groups and rooms", ["MUC"]),
        SDKCapability("coming into a chat room and leaving it; leaving the others", ["MUC JOIN", "MUC LEAVE"]),
        SDKCapability("contacts: invited, agreed, declined, removed", ["ROSTER"]),
        SDKCapability("changing contacts over the socket", ["ROSTER"], [.web41]),
        SDKCapability("others' presence, and what they say of themselves", ["NOTIFY presence"]),
        SDKCapability("conversations pinned, marked, deleted on another device; pinned messages", ["NOTIFY conv"]),
        SDKCapability("history deleted on another device", ["NOTIFY roaming_delete"]),
        SDKCapability(
            "reactions, told as they are made; with messages in history and lists",
            ["NOTIFY reaction", "meta reaction"], .all,
            .partial("who was away finds them in history, not with what he missed")),
        SDKCapability(
            "what becomes of threads, and of oneself in them; what one does on another device",
            ["NOTIFY thread", "MUC THREAD_*"], .all, .partial("told to who is there")),
        SDKCapability("hearing nothing of a group; conversations by their mark; reporting a message", ["REST"]),
        SDKCapability("typing, as other vendors' clients tell it", ["CHAT command TypingBegin, TypingEnd"]),
    ]

    private static let absent = [
        SDKCapability("translations", ["REST"], .all, .refused("503 `service not open`")),
        SDKCapability("calls", ["CONFERENCE"], .all, .refused("`Sorry, not supported`")),
        SDKCapability("compression, encryption", ["Provision"], .all, .refused("not offered: SDKs speak plainly then")),
    ]
}
