import NIOCore
import NIOEmbedded
import ParleyCore
import ParleyHub
import ParleyJSON
import ParleyTesting
import Testing

@testable import ParleySocket

/// The protocol as a client sees it, over a real store in memory.
struct SocketTests {
    private let g = Conversation.group(GroupID("demo-group"))

    @Test func welcomeComesFirstAndReadyWhenNothingIsMissing() async throws {
        let harness = try await Harness()
        let socket = try await harness.open("alice", device: "phone")
        let welcome = try await socket.nextJSON()
        #expect(welcome["type"]?.string == "welcome")
        #expect(welcome["app"]?.string == "demo")
        #expect(welcome["user"]?.string == "alice")
        #expect(welcome["device"]?.string == "phone")
        #expect(welcome["session"]?.string?.isEmpty == false)
        #expect(try await socket.nextJSON()["type"]?.string == "ready")
    }

    @Test func aGroupMessageIsAsTheContractHasIt() async throws {
        let harness = try await Harness()
        let (socket, _) = try await harness.openUntilReady("alice")
        let receipt = try await harness.say("hello", in: self.g, from: "bob")
        let json = try await socket.nextJSON()
        #expect(
            String(decoding: json.raw, as: UTF8.self)
                == #"{"type":"message","conversation":"group:demo-group","seq":1,"#
                + #""id":"\#(receipt.id)","sentAt":\#(receipt.sentAt.milliseconds),"from":"bob","kind":"text","#
                + #""content":{"text":"hello"},"native":{"dialect":"parley","payload":{"t":1}}}"#)
    }

    @Test func aDirectMessageNamesTheOtherEnd() async throws {
        let harness = try await Harness()
        let (alice, _) = try await harness.openUntilReady("alice")
        let (bob, _) = try await harness.openUntilReady("bob")
        try await harness.say("hi", in: .direct(UserID("alice"), UserID("bob")), from: "bob")
        #expect(try await alice.nextJSON()["conversation"]?.string == "direct:bob")
        #expect(try await bob.nextJSON()["conversation"]?.string == "direct:alice")
    }

    @Test func optionsAreToldWhenTheyAreNotTheUsual() async throws {
        let harness = try await Harness()
        let (socket, _) = try await harness.openUntilReady("alice")
        var message = Message(
            sender: UserID("bob"), content: .text("x"), native: Native(dialect: .parley, payload: Array("{}".utf8)))
        message.options.mention = .everyone
        _ = try await harness.bench.core.send(Send(app: harness.bench.app.id, conversation: self.g, message: message))
        #expect(try await socket.nextJSON()["options"]?["mention"]?["everyone"]?.bool == true)
    }

    @Test func anEphemeralMessageHasNoSequence() async throws {
        let harness = try await Harness()
        let (socket, _) = try await harness.openUntilReady("alice")
        let message = Message(
            sender: UserID("bob"), content: .command(name: "typing", data: ""),
            native: Native(dialect: .parley, payload: Array("{}".utf8)))
        _ = try await harness.bench.core.send(
            Send(app: harness.bench.app.id, conversation: self.g, message: message, isEphemeral: true))
        let json = try await socket.nextJSON()
        #expect(json["kind"]?.string == "command")
        #expect(json["seq"] == nil)
    }

    @Test func aRecallNamesItsTarget() async throws {
        let harness = try await Harness()
        let (socket, _) = try await harness.openUntilReady("alice")
        let receipt = try await harness.say("oops", in: self.g, from: "bob")
        _ = try await socket.nextJSON()
        try await harness.bench.core.recall(
            RecallMessage(
                app: harness.bench.app.id, target: .id(receipt.id), by: UserID("bob"), byAdministrator: false))
        let json = try await socket.nextJSON()
        #expect(json["type"]?.string == "recall")
        #expect(json["seq"]?.int == 2)
        #expect(json["target"]?.string == receipt.id.description)
        #expect(json["targetSeq"]?.int == 1)
        #expect(json["by"]?.string == "bob")
        let (_, missed) = try await harness.openUntilReady("carol")
        #expect(missed.compactMap { $0["type"]?.string } == ["welcome", "recall", "ready"])
    }

    @Test func aNoticeSaysWhatHappened() async throws {
        let harness = try await Harness()
        let (socket, _) = try await harness.openUntilReady("alice")
        _ = try await harness.bench.core.addMembers(
            AddMembers(
                app: harness.bench.app.id, group: GroupID("demo-group"), users: [UserID("erin")], by: UserID("alice"),
                isAnnounced: true))
        let json = try await socket.nextJSON()
        #expect(json["type"]?.string == "notice")
        #expect(json["event"]?.string == "joined")
        #expect(json["users"]?.array?.map(\.string) == ["erin"])
        #expect(json["by"]?.string == "alice")
    }

    // MARK: What was missed

    @Test func aPongMeansThatItNeedNotComeAgain() async throws {
        let harness = try await Harness()
        let (first, _) = try await harness.openUntilReady("alice")
        try await harness.say("one", in: self.g, from: "bob")
        var frame = try await first.next()
        while frame.opcode != 9 { frame = try await first.next() }
        try await first.pong(frame.payload)
        try await harness.say("two", in: self.g, from: "bob")
        #expect(try await first.nextJSON()["content"]?["text"]?.string == "two")
        try await first.hangUp()
        let (_, missed) = try await harness.openUntilReady("alice")
        #expect(missed.compactMap { $0["content"]?["text"]?.string } == ["two"])
    }

    @Test func anAcknowledgementMeansTheSame() async throws {
        let harness = try await Harness()
        let (first, _) = try await harness.openUntilReady("alice")
        for text in ["one", "two", "three"] { try await harness.say(text, in: self.g, from: "bob") }
        for _ in 0..<3 { _ = try await first.nextJSON() }
        try await first.send(#"{"type":"ack","conversation":"group:demo-group","seq":2}"#)
        try await first.hangUp()
        let (_, missed) = try await harness.openUntilReady("alice")
        #expect(missed.compactMap { $0["content"]?["text"]?.string } == ["three"])
    }

    // MARK: Commands

    @Test func aPingIsAnswered() async throws {
        let harness = try await Harness()
        let (socket, _) = try await harness.openUntilReady("alice")
        try await socket.send(#"{"type":"ping"}"#)
        #expect(try await socket.nextJSON()["type"]?.string == "pong")
        try await socket.send(.masked(0x89, [1, 2, 3]))
        #expect(try await socket.next() == Socket.Frame(opcode: 10, payload: [1, 2, 3]))
    }

    @Test(arguments: [
        ("nonsense", "notJSON"), ("[]", "badField"), (#"{"type":7}"#, "badField"),
        (#"{"type":"dance"}"#, "unknownType"),
        (#"{"type":"ack"}"#, "badField"), (#"{"type":"ack","conversation":"group:demo-group"}"#, "badField"),
        (#"{"type":"ack","conversation":"group:demo-group","seq":-1}"#, "badField"),
        (#"{"type":"ack","conversation":"club:x","seq":1}"#, "badField"),
        (#"{"type":"ack","conversation":"group:nowhere","seq":1}"#, "unknownConversation"),
        (String(repeating: "[", count: 1000), "notJSON"),
        (#"{"type":"ping","request":{}}"#, "badField"), (#"{"type":"ping","request":1e999}"#, "badField"),
        (#"{"type":"ping","request":"\#(String(repeating: "x", count: 129))"}"#, "badField"),
        (#"{"type":"ping","request":\#(String(repeating: "0", count: 5000))}"#, "notJSON"),
        (#"{"type":"ping","request":\#(String(repeating: "1", count: 5000))}"#, "badField"),
        (#"{"type":"\ud800"}"#, "unknownType"), (#"{"type":"ack","type":"\u0000"}"#, "unknownType"),
        (#"{"type":"history","conversation":"group:demo-group","limit":99999999999999999999}"#, "badField"),
        (#"{"type":"sync","cursors":{"group:demo-group":-1}}"#, "badField"),
        (#"{"type":"sync","cursors":{"club:x":1}}"#, "badField"),
        (#"{"type":"ack","conversation":"group:demo-group","seq":null}"#, "badField"),
    ])
    func whatCannotBeReadIsAnErrorAndTheConnectionStays(text: String, code: String) async throws {
        let harness = try await Harness()
        let (socket, _) = try await harness.openUntilReady("alice")
        try await socket.send(text)
        let json = try await socket.nextJSON()
        #expect(json["type"]?.string == "error")
        #expect(json["code"]?.string == code)
        try await socket.send(#"{"type":"ping"}"#)
        #expect(try await socket.nextJSON()["type"]?.string == "pong")
    }

    // MARK: Bad frames

    @Test(arguments: [
        (ByteBuffer(bytes: [0x81, 0x02, 0x7B, 0x7D]), 1002),
        (ByteBuffer.masked(0xC1, Array("{}".utf8)), 1002),
        (ByteBuffer.masked(0x80, []), 1002),
        (ByteBuffer.masked(0x09, []), 1002),
        (ByteBuffer.masked(0x89, Array(repeating: 0, count: 126)), 1002),
        (ByteBuffer.masked(0x82, [1]), 1003),
        (ByteBuffer.masked(0x81, [0xC3, 0x28]), 1007),
        (ByteBuffer.masked(0x81, Array(repeating: 32, count: 256 * 1024 + 1)), 1009),
        (ByteBuffer(bytes: [0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]), 1009),
        (ByteBuffer.masked(0x88, [0x03]), 1002),
    ])
    func aBrokenFrameEndsTheConnectionWithACode(bytes: ByteBuffer, code: Int) async throws {
        let harness = try await Harness()
        let (socket, _) = try await harness.openUntilReady("alice")
        try? await socket.send(bytes)
        let frame = try await socket.next()
        #expect(frame.opcode == 8)
        #expect(frame.closeCode == code)
        #expect(harness.hub.connectionCount == 0)
        #expect(socket.channel.isActive)
        await harness.loop.advanceTime(by: .seconds(3))
        #expect(!socket.channel.isActive)
    }

    @Test func aCloseIsAnsweredAndTheChannelGoes() async throws {
        let harness = try await Harness()
        let (socket, _) = try await harness.openUntilReady("alice")
        try await socket.send(.masked(0x88, [0x03, 0xE8]))
        let frame = try await socket.next()
        #expect(frame == Socket.Frame(opcode: 8, payload: [0x03, 0xE8]))
        #expect(!socket.channel.isActive)
        #expect(harness.hub.connectionCount == 0)
    }

    // MARK: Being ended

    @Test func whoIsKickedIsToldWhy() async throws {
        let harness = try await Harness()
        let (phone, _) = try await harness.openUntilReady("alice", device: "phone")
        let (web, _) = try await harness.openUntilReady("alice", device: "web")
        harness.hub.disconnect(
            Disconnect(UserID("alice"), in: harness.bench.app.id, device: DeviceID("phone"), because: .kicked))
        let closing = try await phone.nextJSON()
        #expect(closing["type"]?.string == "closing")
        #expect(closing["reason"]?.string == "kicked")
        #expect(try await phone.next().closeCode == 4001)
        try await phone.send(.masked(0x88, [0x0F, 0xA1]))
        #expect(!phone.channel.isActive)
        try await harness.say("still here", in: self.g, from: "bob")
        #expect(try await web.nextJSON()["content"]?["text"]?.string == "still here")
    }

    @Test func theSameDeviceReplacesItself() async throws {
        let harness = try await Harness()
        let (first, _) = try await harness.openUntilReady("alice")
        let (second, _) = try await harness.openUntilReady("alice")
        #expect(try await first.nextJSON()["reason"]?.string == "replaced")
        #expect(try await first.next().closeCode == 4004)
        #expect(harness.hub.connectionCount == 1)
        try await harness.say("hi", in: self.g, from: "bob")
        #expect(try await second.nextJSON()["content"]?["text"]?.string == "hi")
    }

    @Test func onlyOldTokensAreEndedByADate() async throws {
        let harness = try await Harness()
        let (old, _) = try await harness.openUntilReady("alice", device: "old")
        harness.bench.clock.advance(seconds: 10)
        let moment = harness.bench.clock.now()
        let (_, _) = try await harness.openUntilReady("alice", device: "new")
        harness.hub.disconnect(
            Disconnect(
                UserID("alice"), in: harness.bench.app.id, tokensIssuedBefore: moment, because: .tokenExpired))
        #expect(try await old.nextJSON()["reason"]?.string == "tokenExpired")
        #expect(try await old.next().closeCode == 4002)
        let left = await harness.hub.connections(of: UserID("alice"), in: harness.bench.app.id)
        #expect(left.map(\.device) == [DeviceID("new")])
    }

    @Test func aTokenThatExpiresEndsTheConnection() async throws {
        let harness = try await Harness()
        var client = harness.client("alice")
        client.tokenExpiresAt = harness.bench.clock.now().adding(seconds: 60)
        let socket = try await harness.open(client)
        _ = try await socket.nextJSON()
        #expect(try await socket.nextJSON()["type"]?.string == "ready")
        harness.bench.clock.advance(seconds: 60)
        await harness.loop.advanceTime(by: .seconds(1))
        #expect(try await socket.nextJSON()["reason"]?.string == "tokenExpired")
        #expect(try await socket.next().closeCode == 4002)
    }

    @Test func aUserBlockedAfterTheTokenWasCheckedIsTurnedAway() async throws {
        let harness = try await Harness()
        var user = try #require(try await harness.bench.core.directory.user(UserID("alice"), in: harness.bench.app.id))
        user.isActive = false
        let blocked = user
        try await harness.bench.core.directory.write(in: harness.bench.app.id) { try $0.save(blocked) }
        let socket = try await harness.open("alice")
        #expect(try await socket.nextJSON()["type"]?.string == "welcome")
        #expect(try await socket.nextJSON()["reason"]?.string == "userInactive")
        #expect(try await socket.next().closeCode == 4003)
    }

    @Test func aServerThatStopsSaysSo() async throws {
        let harness = try await Harness()
        let (socket, _) = try await harness.openUntilReady("alice")
        try await harness.say("one", in: self.g, from: "bob")
        let message = try await socket.next()
        #expect(message.opcode == 1)
        let ping = try await socket.next()
        try await socket.pong(ping.payload)
        async let stopped: Void = harness.hub.shutDown()
        #expect(try await socket.nextJSON()["reason"]?.string == "goingAway")
        #expect(try await socket.next().closeCode == 1001)
        try await socket.send(.masked(0x88, [0x03, 0xE9]))
        // The testing channel reports its end in the loop's next turn.
        await harness.loop.run()
        await stopped
        let positions = try await harness.bench.core.log.positions(
            of: UserID("alice"), device: DeviceID("phone"), in: harness.bench.app.id, retainedSince: .distantPast)
        #expect(positions.map(\.cursor) == [1])
    }

    @Test func presenceIsWhoIsConnected() async throws {
        let harness = try await Harness()
        let (socket, _) = try await harness.openUntilReady("alice")
        #expect(await harness.hub.isOnline(UserID("alice"), in: harness.bench.app.id))
        #expect(await !harness.hub.isOnline(UserID("bob"), in: harness.bench.app.id))
        #expect(await !harness.hub.isOnline(UserID("alice"), in: AppID("other")))
        try await socket.hangUp()
        #expect(await !harness.hub.isOnline(UserID("alice"), in: harness.bench.app.id))
    }
}

extension Socket.Frame {
    var closeCode: Int? { self.payload.count >= 2 ? Int(self.payload[0]) << 8 | Int(self.payload[1]) : nil }
}
