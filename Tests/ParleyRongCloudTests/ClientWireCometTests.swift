import ParleyDialectKit
import ParleyJSON
import ParleyRongCloud
import Testing

/// facts/rongcloud-client.md, 8.
@Suite struct ClientWireCometTests {
    // MARK: From a client

    @Test func aPostedMessageIsTheFrameThatASocketWouldHaveBrought() throws {
        let body =
            #"{"sessionId":3,"classname":"RC:TxtMsg","content":"{\"content\":\"é😀\"}","userId":["a","b"],"#
            + #""clientUniqueId":1795257487739,"pushExt":{"title":"t"},"pushText":null,"unknownToUs":{"content":1}}"#
        guard case .publish("ppMsgP", "ub1", 5, let payload, 1) = try post(50, 5, "ppMsgP", "ub1", body) else {
            Issue.record("not the frame")
            return
        }
        let message = try #require(WireUpStreamMessage.parse(payload))
        #expect(message.sessionID == 3)
        #expect(message.contentBytes == Array(#"{"content":"é😀"}"#.utf8))
        #expect(message.userID == ["a", "b"])
        #expect(message.clientUniqueID == 1_795_257_487_739)
        #expect(message.pushExt.title == "t")
        #expect(!message.hasPushText)
    }

    @Test func aPostedQueryIsReadAsItsTopicsMessage() throws {
        let frame = try post(
            82, 3, "pullMsg", "ub1", #"{"syncTime":0,"ispolling":true,"isPullSend":1,"sendBoxSyncTime":"17"}"#)
        guard case .query("pullMsg", "ub1", 3, let payload, 1) = frame else {
            Issue.record("not the frame")
            return
        }
        #expect(payload == wire("0800 1001 2001 3011"))
    }

    @Test func aMessageWithinAMessageHasItsContentAsTextToo() throws {
        let body =
            #"{"entry":{"key":"k","value":"v"},"bNotify":1,"#
            + #""notification":{"sessionId":0,"classname":"RC:chrmKVNotiMsg","content":"{}"}}"#
        guard case .query(_, _, _, let payload, _) = try post(82, 3, "setKV", "room", body) else {
            Issue.record("not the frame")
            return
        }
        let request = try #require(WireSetChrmKV.parse(payload))
        #expect(request.bNotify && request.notification.contentBytes == Array("{}".utf8))
    }

    @Test func postsWithoutATopicAreAcknowledgements() throws {
        #expect(try post(64, 0x8001, nil, nil, "") == .pubAck(id: 0x8001))
        #expect(try post(112, 1, nil, nil, "{}") == .queryConfirm(id: 1))
    }

    @Test func anUnknownTopicHasNoPayload() throws {
        #expect(
            try post(80, 9, "mystery", "x", "not JSON")
                == .query(topic: "mystery", target: "x", id: 9, payload: [], qos: 0))
    }

    @Test(arguments: ["", "[]", "1", "{", #"{"sessionId":"many"}"#, #"{"sessionId":3,"userId":{}}"#])
    func aBodyThatIsNotTheMessageIsRefused(body: String) {
        #expect(throws: ClientFrameFault.notMessage) { try post(50, 5, "ppMsgP", "ub1", body) }
    }

    private func post(
        _ header: UInt8, _ id: UInt16, _ topic: String?, _ target: String?, _ body: String
    ) throws -> ClientFrame {
        try ClientFrame(
            CometPost(session: "s", header: header, id: id, topic: topic, target: target), body: Array(body.utf8))
    }

    @Test func theAddressOfAPostSaysWhatItsBodyIs() throws {
        #expect(
            CometPost(try Form(query: "messageid=5&header=50&sessionid=s-1&topic=ppMsgP&targetid=ub1&pid=1"))
                == CometPost(session: "s-1", header: 50, id: 5, topic: "ppMsgP", target: "ub1"))
        // As a signed byte.
        #expect(
            CometPost(try Form(query: "messageid=0&header=-64&sessionid=s"))
                == CometPost(session: "s", header: 192, id: 0))
    }

    @Test(arguments: [
        "", "messageid=1&header=50", "messageid=65536&header=50&sessionid=s", "messageid=1&header=256&sessionid=s",
        "messageid=1&header=-129&sessionid=s", "messageid=1&header=x&sessionid=s", "header=50&sessionid=s",
    ])
    func anAddressThatSaysItNotIsNone(query: String) throws {
        #expect(CometPost(try Form(query: query)) == nil)
    }

    // MARK: To a client

    @Test func aPushedMessageIsAnObjectWithItsDataAsText() throws {
        var message = WireDownStreamMessage()
        message.fromUserID = "ua1"
        message.type = 1
        message.classname = "RC:TxtMsg"
        message.contentBytes = Array(#"{"content":"é"}"#.utf8)
        message.dataTime = 1_795_257_487_739
        message.status = 0
        let frame = ServerFrame.publish(
            seconds: 9, topic: "s_msg", target: "ub1", id: 0x8001, payload: message.wireBytes, qos: 1, isSync: false)
        let json = try object(frame)
        #expect(json["headerCode"]?.int == 0x32 && json["messageId"]?.int == 0x8001)
        #expect(json["topic"]?.string == "s_msg" && json["targetId"]?.string == "ub1" && json["date"]?.int == 9)
        let data = try JSON(parsing: try #require(json["data"]?.string))
        #expect(data["fromUserId"]?.string == "ua1")
        #expect(data["content"]?.string == #"{"content":"é"}"#)
        #expect(data["dataTime"]?.int == 1_795_257_487_739)
        #expect(data["status"]?.int == 0)
        #expect(data["groupId"] == nil)
    }

    @Test func anAnswerIsReadAsTheQuerysTopicSays() throws {
        var messages = WireDownStreamMessages()
        var message = WireDownStreamMessage()
        message.fromUserID = "a"
        message.type = 1
        message.classname = "c"
        message.contentBytes = Array("text".utf8)
        message.dataTime = 1
        message.status = 0
        messages.list = [message, message]
        messages.syncTime = 2
        messages.finished = true
        let frame = ServerFrame.queryAck(id: 3, seconds: 9, status: 0, payload: messages.wireBytes, qos: 1)
        let json = try object(frame, answering: "pullMsg")
        #expect(json["headerCode"]?.int == 0x62 && json["status"]?.int == 0)
        let data = try JSON(parsing: try #require(json["data"]?.string))
        #expect(data["list"]?.array?.map { $0["content"]?.string } == ["text", "text"])
        #expect(data["syncTime"]?.int == 2 && data["finished"]?.bool == true)
    }

    @Test func theValueOfAUsersSettingIsText() throws {
        var item = WireUserSettingItem()
        item.targetID = ""
        item.type = 1
        item.key = "k"
        item.valueBytes = Array("23:59".utf8)
        item.version = 1
        item.status = 1
        var settings = WirePullUserSettingOutput()
        settings.items = [item]
        settings.version = 1
        let frame = ServerFrame.queryAck(id: 3, seconds: 9, status: 0, payload: settings.wireBytes, qos: 1)
        let data = try JSON(parsing: try #require(try object(frame, answering: "pullUS")["data"]?.string))
        #expect(data["items"]?.array?.first?["value"]?.string == "23:59")
    }

    @Test func anAnswerWithoutAMessageHasAnEmptyObject() throws {
        let refused = ServerFrame.queryAck(id: 3, seconds: 9, status: 405, payload: [], qos: 0)
        #expect(try object(refused, answering: "pullMsg")["data"]?.string == "{}")
        #expect(try object(refused, answering: "pullMsg")["status"]?.int == 405)
        let empty = ServerFrame.queryAck(id: 3, seconds: 9, status: 0, payload: [], qos: 0)
        #expect(try object(empty, answering: "addBlack")["data"]?.string == "{}")
    }

    @Test func anAcknowledgementSaysItsTimeInBothSpellings() throws {
        let json = try object(.pubAck(id: 5, seconds: 1_795_257_488, status: 0, milliseconds: 123, uid: "uid"))
        #expect(json["date"]?.int == 1_795_257_488 && json["millisecond"]?.int == 123)
        #expect(json["timestamp"]?.int == 1_795_257_488_123)
        #expect(json["messageUId"]?.string == "uid" && json["headerCode"]?.int == 64 && json["status"]?.int == 0)
    }

    @Test func aConnectionIsAcceptedOrEndedInJSONToo() throws {
        let accepted = try object(.connAck(user: "u", session: "s", nowMilliseconds: 7))
        #expect(
            String(decoding: accepted.raw, as: UTF8.self)
                == #"{"status":0,"userId":"u","headerCode":32,"messageId":0,"sessionid":"s","timestamp":7}"#)
        #expect(try object(.connAckRefused(status: 4))["status"]?.int == 4)
        let ended = try object(.disconnect(status: 1))
        #expect(ended["headerCode"]?.int == 224 && ended["status"]?.int == 1)
        #expect(try object(.pong)["headerCode"]?.int == 208)
    }

    private func object(_ frame: ServerFrame, answering query: String? = nil) throws -> JSON {
        var json = JSONWriter()
        frame.write(into: &json, answering: query)
        return try JSON(parsing: json.bytes)
    }
}
