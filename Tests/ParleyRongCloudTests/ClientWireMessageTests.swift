import ParleyRongCloud
import Testing

/// facts/rongcloud-client.md, 3 and 4.
@Suite struct ClientWireMessageTests {
    @Test func aMessageOfAClientIsReadAsObserved() throws {
        let bytes = wire(#"0803 1209 'RC:TxtMsg' 1A15 '{"content":"hello-1"}' 4800 6A00"#)
        let message = try #require(WireUpStreamMessage.parse(bytes))
        #expect(message.sessionID == 3)
        #expect(message.classname == "RC:TxtMsg")
        #expect(message.contentBytes == Array(#"{"content":"hello-1"}"#.utf8))
        #expect(message.configFlag == 0 && message.busChannel == "" && message.hasBusChannel)
        #expect(message.isComplete)
        #expect(message.wireBytes == bytes)
    }

    @Test func aMessageForAClientIsWrittenAsObserved() throws {
        var message = WireDownStreamMessage()
        message.fromUserID = "ua1"
        message.type = 1
        message.classname = "RC:TxtMsg"
        message.contentBytes = Array("{}".utf8)
        message.dataTime = 1_795_257_488_123
        message.status = 0x30
        message.msgID = "2223-N9YU-YNRV-2223"
        let bytes = wire("0A03 'ua1' 1001 2209 'RC:TxtMsg' 2A02 '{}' 30 FBA5BDED9F34 3830 4A13 '2223-N9YU-YNRV-2223'")
        #expect(message.wireBytes == bytes)
        #expect(WireDownStreamMessage.parse(bytes) == message)
    }

    @Test func aNoticeOfAChatRoomIsWrittenAsObserved() {
        var notice = WireNotifyMsg()
        notice.type = 2
        notice.time = 1_795_257_488_451
        notice.chrmID = "r1"
        #expect(notice.wireBytes == wire("0802 10 C3A8BDED9F34 1A02 'r1'"))
    }

    @Test func requiredFieldsAreWrittenAlsoWhenTheyAreNothing() {
        var states = WireSessionStates()
        states.version = 0
        #expect(states.wireBytes == [0x08, 0])
        var messages = WireDownStreamMessages()
        messages.syncTime = 0
        messages.finished = true
        #expect(messages.wireBytes == wire("1000 1801"))
    }

    @Test func aRequiredFieldThatAClientLeftOutIsSeen() throws {
        let request = try #require(WireSyncRequestMsg.parse([]))
        #expect(!request.isComplete && !request.hasSyncTime)
        let entry = try #require(WireSetChrmKV.parse(wire("0A03 0A01 'k'")))
        #expect(entry.hasEntry && !entry.isComplete)
    }

    @Test func fieldsThatWeDoNotKnowAreNoObstacle() throws {
        // The fourth field of RelationsInput: a number of v2, texts of v5.
        #expect(WireRelationsInput.parse(wire("0803 1814 2005"))?.count == 20)
        #expect(WireRelationsInput.parse(wire("0803 1814 2200 2201 'x'"))?.count == 20)
    }

    @Test func anUnknownNumberOfAConversationTypeIsKept() {
        #expect(WireRelationsInput.parse(wire("080C"))?.type == 12)
    }

    @Test(arguments: ["08", "0A05 'a'", "FF", "1207 'R'", "0B"])
    func whatIsNotProtobufIsNothing(bytes: String) {
        #expect(WireUpStreamMessage.parse(wire(bytes)) == nil)
    }

    @Test func contentNeedNotBeUTF8ButNamesMust() {
        #expect(WireUpStreamMessage.parse(wire("1A02 FFFE"))?.contentBytes == [0xFF, 0xFE])
        #expect(WireUpStreamMessage.parse(wire("1202 FFFE")) == nil)
    }
}
