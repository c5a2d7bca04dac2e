/// One thing that RongCloud's client SDKs can do, and what becomes of it here. ``all`` is docs/compatibility/rongcloud-client.md.
package struct ClientCapability: Sendable {
    /// What the SDKs have in common from one to the next; of each at least one was examined (facts/rongcloud-client.md, 0).
    package enum Generation: String, Hashable, Sendable, CaseIterable {
        case v2 = "2.5"
        case v3 = "3.0"
        case v4 = "4.2"
        case imlibV4 = "4.5"
        case v5 = "5.2"
    }

    package enum State: Hashable, Sendable {
        case complete
        case partial(String)
        /// With which status, and why.
        case refused(String)
    }

    package let title: String
    /// Topics, paths, or the names of the messages that it is done with.
    package let names: [String]
    /// Those that have it.
    package let generations: [Generation]
    package let state: State

    init(_ title: String, _ names: [String], _ generations: [Generation] = .all, _ state: State = .complete) {
        self.title = title
        self.names = names
        self.generations = generations
        self.state = state
    }

    package static let all = connecting + messages + conversations + chatRooms + user + absent

    /// Every topic that this server knows, answered or refused: each has to be in the table.
    package static let topics = Set(ClientTopic.allCases.map(\.rawValue)).union(TopicMessages.topics).union(answered)

    /// Queries that are not just refused as unknown.
    package static let answered = Set(ClientQueries.topics).union(["pullMsg", "subUserStatus"])

    /// Neither a PUBLISH of a client's nor one of the server's.
    package static func isQuery(_ topic: String) -> Bool {
        ClientTopic(rawValue: topic) == nil && !topic.hasPrefix("s_")
    }
}

extension [ClientCapability.Generation] {
    fileprivate static let all = Self(ClientCapability.Generation.allCases)
    fileprivate static let fromThree: Self = [.v3, .v4, .imlibV4, .v5]
    fileprivate static let fromFour: Self = [.v4, .imlibV4, .v5]
    fileprivate static let beforeFour: Self = [.v2, .v3]
}

// MARK: - What works

extension ClientCapability {
    private static let connecting = [
        ClientCapability("navigation", ["/navi.js", "/cometnavi.js", "/ping"]),
        ClientCapability("a token that says where to connect (`…@https://host`); 2.5 from 2.5.9 on", ["@"]),
        ClientCapability("WebSocket: CONNACK, pings, acknowledgements", ["/websocket"]),
        ClientCapability("long polling", ["/websocket", "/pullmsg.js"]),
        ClientCapability("kicked or blocked: DISCONNECT 1, 2", ["DISCONNECT"]),
        ClientCapability("whether anything is unread, before connecting", ["/message/exist.js"], [.v2]),
        ClientCapability(
            "what the SDK says of itself", ["reportsdk"], [.imlibV4, .v5], .partial("accepted, not kept")),
    ]

    private static let messages = [
        ClientCapability("what was missed, in one order over all conversations", ["pullMsg", "s_ntf"]),
        ClientCapability("what is said now", ["s_msg"]),
        ClientCapability("private messages", ["ppMsgP", "ppMsgN"]),
        ClientCapability("group messages, to all or to some", ["pgMsgP"]),
        ClientCapability("status messages: for who is online", ["ppMsgS", "pgMsgS"], [.v4, .imlibV4, .v5]),
        ClientCapability("what was said on the user's other devices", ["ppMsgP", "pgMsgP", "recallMsg"]),
        ClientCapability("mentions, sender cards, own content types, push text and `pushExt`", ["UpStreamMessage"]),
        ClientCapability(
            "emoji in content, also to and from 2.5, which writes and reads them in its own way", ["content"]),
        ClientCapability("the same message sent twice is said once, within a minute", ["clientUniqueId"], .fromFour),
        ClientCapability(
            "recall", ["recallMsg", "RC:RcCmd"], .all,
            .partial("`user` is not kept; history has `RC:RcNtf` with the sender as who took it back")),
        ClientCapability("expansion", ["RC:MsgExMsg", "extraContent"], .fromFour),
        ClientCapability(
            "messages that a server API edited arrive anew", ["extStatus"], .all,
            .partial("5.2 knows that they are modified; to others each is a message with an id that they have")),
        ClientCapability("read receipts in private chats", ["RC:ReadNtf"], .all, .partial("for who is connected then")),
        ClientCapability("what was read, on the user's other devices", ["RC:SRSMsg"]),
        ClientCapability("read receipts in groups, as messages", ["RC:RRReqMsg", "RC:RRRspMsg"]),
        ClientCapability("read receipts in groups, as queries", ["rrMsg", "rrList"], [.v5]),
        ClientCapability(
            "typing", ["RC:TypSts", "ppMsgS"], .all,
            .partial("what is typed is not told: it is always text")),
        ClientCapability("history", ["qryPMsg", "qryGMsg", "qrySMsg"]),
        ClientCapability("messages deleted for oneself", ["delMsg"]),
        ClientCapability("history cleared for oneself", ["cleanPMsg", "cleanGMsg", "cleanSMsg"]),
    ]

    private static let conversations = [
        ClientCapability("conversations, 2.5 and 3.0", ["qryRelation"], .beforeFour),
        ClientCapability("conversations with what is unread", ["qryRelationR"], .fromFour),
        ClientCapability("a conversation removed from the list", ["delRelation"]),
        ClientCapability("pinned and quiet conversations (2.5 from 2.5.9 on)", ["pullSeAtts", "setSeAtt", "s_cmd"]),
        ClientCapability("quiet private chats, 2.5", ["qryPPush", "blkPPush", "unblkPPush"], [.v2]),
        ClientCapability(
            "tags of conversations", ["addTag", "delTag", "disTag", "addSeTag", "delSeTag"], [.v5],
            .partial("accepted, not kept: only the device that set one has it")),
    ]

    private static let chatRooms = [
        ClientCapability("chat rooms: joining and leaving, several at once", ["joinChrm", "exitChrm"]),
        ClientCapability("chat rooms: coming back after a lost connection", ["joinChrmR"], .fromThree),
        ClientCapability("chat rooms: messages", ["chatMsg", "chrmPull", "s_ntf"]),
        ClientCapability("chat rooms: history", ["qryCHMsg"]),
        ClientCapability("chat rooms: who is in it", ["queryChrmI"]),
        ClientCapability(
            "chat rooms: attributes (2.5 from 2.5.3 on)", ["setKV", "delKV", "pullKV", "s_cmd", "RC:chrmKVNotiMsg"]),
        ClientCapability("chat rooms: several attributes at once", ["setKVS", "delKVS"], [.v5]),
        ClientCapability("chat rooms: that it was destroyed", ["s_cmd"], [.v5]),
    ]

    private static let user = [
        ClientCapability("the blacklist", ["addBlack", "rmBlack", "getBlack", "blackStat"], [.v2]),
        ClientCapability("who is online, and what he says of himself", ["getUserStatus", "setUserStatus"], [.v2]),
        ClientCapability(
            "being told who comes online", ["subUserStatus", "s_stat"], [.v2]),
        ClientCapability(
            "the user's settings", ["pullUS", "s_us"], [.imlibV4, .v5],
            .partial("there are none; none is ever announced")),
        ClientCapability(
            "how long messages are kept for who is away", ["setOfflineMsgDur"], [.v2],
            .partial("accepted, without effect: the App says (`offline-retention-seconds`)")),
    ]
}

// MARK: - What does not

extension ClientCapability {
    private static let absent = [
        ClientCapability(
            "discussions",
            [
                "crDiz", "invtDiz", "quitDiz", "evctDiz", "dizInf", "pdOpen", "rename", "qryDPush", "blkDPush",
                "unblkDPush", "pdMsgP",
            ], [.v2], .refused("20407: the vendor has replaced them by groups")),
        ClientCapability(
            "history of discussions and of customer service", ["qryDMsg", "qryCMsg", "cleanDMsg", "cleanCMsg"], .all,
            .partial("always empty")),
        ClientCapability(
            "customer service, public services",
            ["pcMsgP", "pcuMsgP", "pmcMsgN", "pmpMsgN"], .all, .refused("20606: not in the server API either")),
        ClientCapability(
            "status messages in chat rooms", ["chatMsgS"], .all, .partial("no SDK sends them; nobody is told")),
        ClientCapability(
            "ultra groups", ["ugMsg", "updUgRTime", "upMsgEx", "modifyMsg", "qryMsgChange", "operate"], [.v5],
            .refused("24401: there are none")),
        ClientCapability("calls", ["prMsgS", "prMsgP"], .all, .refused("20606: no media server")),
        ClientCapability(
            "upload tokens and download addresses", ["qnTkn", "qnUrl", "aliUrl", "s3Url", "stcUrl"], .all,
            .refused("20606: an App uploads where it likes and says the address")),
        ClientCapability(
            "groups and users by client", ["userInf", "joinGrp", "exitGrp", "uGcmpr"], [.v2],
            .refused("20606: the App's backend says who is in a group")),
        ClientCapability(
            "names that no examined SDK sends", ["qrySessionsAtt", "delSessions", "updRRTime"], .all, .refused("20606")),
    ]
}

extension ClientQueries {
    static var topics: [String] { Array(self.table.keys) + Array(self.chatRooms.keys) }
}
