import ParleyCore
import ParleyJSON
import ParleyTesting
import Testing

struct SendingTests {
    private static let inGroup = #""conversation":"group:demo-group","kind":"text","content":{"text":"x"}"#
    private let g = Conversation.group(GroupID("demo-group"))

    @Test func whatIsSentIsOnDiskAndComesToEveryoneTheSenderIncluded() async throws {
        let harness = try await Harness()
        let (alice, _) = try await harness.openUntilReady("alice")
        let (bob, _) = try await harness.openUntilReady("bob")
        try await alice.order(
            "send", #""conversation":"group:demo-group","id":"a1","kind":"text","content":{"text":"hello"}"#)
        // In either order: the one is the log's, the other the command's.
        var frames: [String: JSON] = [:]
        for _ in 0..<2 {
            let json = try await alice.nextJSON()
            frames[json["type"]!.string!] = json
        }
        let sent = try #require(frames["sent"])
        #expect(sent["conversation"]?.string == "group:demo-group")
        #expect(sent["id"]?.string == "a1")
        #expect(sent["seq"]?.int == 1)
        #expect(sent["sentAt"]?.int == harness.bench.clock.now().milliseconds)
        #expect(sent["repeat"] == nil)
        let message = try await bob.nextJSON()
        #expect(message["id"]?.string == sent["message"]?.string)
        #expect(message["from"]?.string == "alice")
        #expect(message["content"]?["text"]?.string == "hello")
        #expect(
            (message["native"]?.raw).map { String(decoding: $0, as: UTF8.self) }
                == #"{"dialect":"parley","payload":{"kind":"text","content":{"text":"hello"}}}"#)
        #expect(frames["message"]?["id"]?.string == sent["message"]?.string)
    }

    @Test(arguments: [
        ("image", #"{"url":"http://x/1.jpg","width":3,"height":4,"secret":"s","thumbnailURL":"t","inline":"AA=="}"#),
        ("voice", #"{"url":"u","seconds":1.5}"#), ("video", #"{}"#), ("file", #"{"name":"a.txt","bytes":7}"#),
        ("location", #"{"latitude":1,"longitude":-2.5,"address":"there"}"#), ("face", #"{"index":-1,"data":"d"}"#),
        ("command", #"{"name":"n"}"#), ("custom", #"{"type":"t","data":"{}"}"#),
        ("combined", #"{"parts":[{"kind":"text","content":{"text":"x"}},{"kind":"combined","content":{"parts":[]}}]}"#),
    ])
    func everyKindArrives(kind: String, content: String) async throws {
        let harness = try await Harness()
        let (alice, _) = try await harness.openUntilReady("alice")
        let sent = try await alice.ask(
            "send", #""conversation":"group:demo-group","kind":"\#(kind)","content":\#(content)"#)
        #expect(sent["type"]?.string == "sent")
        let entry = try #require(try await harness.entries().last)
        #expect(entry.message?.content.kind == kind)
        #expect(
            entry.message.map { String(decoding: $0.native.payload, as: UTF8.self) }
                == #"{"kind":"\#(kind)","content":\#(content)}"#)
    }

    @Test func optionsAreKept() async throws {
        let harness = try await Harness()
        let (alice, _) = try await harness.openUntilReady("alice")
        let options =
            #"{"reachesSender":false,"keptInHistory":false,"countsAsUnread":false,"updatesConversation":false,"#
            + #""mention":{"everyone":true,"users":["bob"]},"priority":"high","wantsReadReceipts":true,"attachment":"a","#
            + #""push":{"title":"t","text":"x","data":"d","disabled":true,"silent":true}}"#
        try await alice.ask("send", Self.inGroup + #","options":\#(options)"#)
        var expected = MessageOptions()
        expected.reachesSender = false
        expected.keptInHistory = false
        expected.countsAsUnread = false
        expected.updatesConversation = false
        expected.mention = .everyoneAnd([UserID("bob")])
        expected.priority = .high
        expected.wantsReadReceipts = true
        expected.attachment = "a"
        expected.push.title = "t"
        expected.push.text = "x"
        expected.push.data = "d"
        expected.push.isDisabled = true
        expected.push.isSilent = true
        #expect(try await harness.entries().last?.message?.options == expected)
    }

    @Test func aMessageToSomeIsForThemAlone() async throws {
        let harness = try await Harness()
        let (alice, _) = try await harness.openUntilReady("alice")
        let (bob, _) = try await harness.openUntilReady("bob")
        let (carol, _) = try await harness.openUntilReady("carol")
        try await alice.ask("send", Self.inGroup + #","to":["bob"]"#)
        try await alice.ask("send", #""conversation":"group:demo-group","kind":"text","content":{"text":"all"}"#)
        #expect(try await bob.next("message")["to"]?.array?.map(\.string) == ["bob"])
        #expect(try await carol.next("message")["content"]?["text"]?.string == "all")
        let stranger = try await alice.ask("send", Self.inGroup + #","to":["bob","zoe"]"#)
        #expect(stranger["code"]?.string == "notMember")
        let inDirect = try await alice.ask(
            "send", #""conversation":"direct:bob","kind":"text","content":{"text":"x"},"to":["bob"]"#)
        #expect(inDirect["code"]?.string == "badField")
    }

    @Test func anEphemeralMessageLeavesNoTrace() async throws {
        let harness = try await Harness()
        let (alice, _) = try await harness.openUntilReady("alice")
        let (bob, _) = try await harness.openUntilReady("bob")
        let sent = try await alice.ask("send", Self.inGroup + #","ephemeral":true"#)
        #expect(sent["type"]?.string == "sent")
        #expect(sent["seq"] == nil)
        #expect(try await bob.next("message")["seq"] == nil)
        #expect(try await harness.entries().isEmpty)
    }

    // MARK: Again

    @Test func aResendIsTheFirstMessage() async throws {
        let harness = try await Harness()
        let (alice, _) = try await harness.openUntilReady("alice")
        let first = try await alice.ask("send", Self.inGroup + #","id":"7""#)
        try await alice.hangUp()
        let (again, _) = try await harness.openUntilReady("alice")
        let second = try await again.ask("send", Self.inGroup + #","id":"7""#)
        #expect(second["repeat"]?.bool == true)
        #expect(second["message"]?.string == first["message"]?.string)
        #expect(second["seq"]?.int == first["seq"]?.int)
        let elsewhere = try await again.ask(
            "send", #""conversation":"direct:bob","id":"7","kind":"text","content":{"text":"x"}"#)
        #expect(elsewhere["repeat"] == nil)
        harness.bench.clock.advance(seconds: 24 * 3600 + 1)
        let later = try await again.ask("send", Self.inGroup + #","id":"7""#)
        #expect(later["repeat"] == nil)
        #expect(try await harness.entries().count == 2)
    }

    @Test func resendsFromTwoDevicesAtOnceAreOneMessage() async throws {
        let harness = try await Harness()
        let (phone, _) = try await harness.openUntilReady("alice", device: "phone")
        let (web, _) = try await harness.openUntilReady("alice", device: "web")
        try await phone.order("send", Self.inGroup + #","id":"7""#)
        try await phone.order("send", Self.inGroup + #","id":"7""#)
        try await web.order("send", Self.inGroup + #","id":"7""#)
        var sent: [JSON] = []
        for socket in [phone, phone, web] { sent.append(try await socket.next("sent")) }
        #expect(Set(sent.map { $0["message"]?.string }).count == 1)
        #expect(sent.filter { $0["repeat"]?.bool == true }.count == 2)
        #expect(try await harness.entries().count == 1)
    }

    @Test func theSameIDOfAnotherUserIsAnotherMessage() async throws {
        let harness = try await Harness()
        let (alice, _) = try await harness.openUntilReady("alice")
        let (bob, _) = try await harness.openUntilReady("bob")
        try await alice.ask("send", Self.inGroup + #","id":"7""#)
        #expect(try await bob.ask("send", Self.inGroup + #","id":"7""#)["repeat"] == nil)
    }

    // MARK: No

    @Test(arguments: [
        (#""conversation":"group:nowhere","kind":"text","content":{"text":"x"}"#, "unknownConversation"),
        (#""conversation":"room:r","kind":"text","content":{"text":"x"}"#, "unknownConversation"),
        (#""conversation":"system","kind":"text","content":{"text":"x"}"#, "unknownConversation"),
        (#""conversation":"direct:nobody","kind":"text","content":{"text":"x"}"#, "unknownUser"),
    ])
    func thereIsNobodyToHear(members: String, code: String) async throws {
        let harness = try await Harness()
        let (alice, _) = try await harness.openUntilReady("alice")
        #expect(try await alice.ask("send", members)["code"]?.string == code)
    }

    @Test func whoMayNotSpeakIsToldWhy() async throws {
        let harness = try await Harness()
        let (alice, _) = try await harness.openUntilReady("alice")
        let (bob, _) = try await harness.openUntilReady("bob")
        let (erin, _) = try await harness.openUntilReady("erin")
        #expect(try await erin.ask("send", Self.inGroup)["code"]?.string == "notMember")
        #expect(try await erin.ask("send", Self.inGroup + #","to":["bob"]"#)["code"]?.string == "notMember")

        let until = harness.bench.clock.now().adding(seconds: 60)
        try await harness.change { try $0.mute(UserID("bob"), in: GroupID("demo-group"), until: until) }
        let muted = try await bob.ask("send", Self.inGroup)
        #expect(muted["code"]?.string == "muted")
        #expect(muted["until"]?.int == until.milliseconds)
        try await harness.change { try $0.mute(UserID("bob"), in: GroupID("demo-group"), until: .distantFuture) }
        #expect(try await bob.ask("send", Self.inGroup)["until"] == nil)
        try await harness.change { try $0.mute(UserID("bob"), in: GroupID("demo-group"), until: nil) }

        try await harness.change { transaction in
            var user = try #require(try transaction.user(UserID("bob")))
            user.mutedInGroupsUntil = until
            try transaction.save(user)
        }
        #expect(try await bob.ask("send", Self.inGroup)["code"]?.string == "muted")
        harness.bench.clock.advance(seconds: 61)

        try await harness.change { transaction in
            var group = try #require(try transaction.group(GroupID("demo-group")))
            group.isMuted = true
            try transaction.save(group)
        }
        #expect(try await bob.ask("send", Self.inGroup)["code"]?.string == "groupMuted")
        #expect(try await alice.ask("send", Self.inGroup)["type"]?.string == "sent")

        try await harness.change { try $0.block(UserID("bob"), by: UserID("alice")) }
        let toAlice = #""conversation":"direct:alice","kind":"text","content":{"text":"x"}"#
        #expect(try await bob.ask("send", toAlice)["code"]?.string == "blocked")
    }

    @Test func aUserMayNotSendMoreThanTheRate() async throws {
        let harness = try await Harness(limitsRates: true)
        var app = harness.bench.app
        app.settings.rates = ["parley.send": 2]
        try await harness.bench.core.directory.save(app)
        let (alice, _) = try await harness.openUntilReady("alice")
        let (bob, _) = try await harness.openUntilReady("bob")
        for _ in 0..<2 { #expect(try await alice.ask("send", Self.inGroup)["type"]?.string == "sent") }
        #expect(try await alice.ask("send", Self.inGroup)["code"]?.string == "tooFast")
        #expect(try await bob.ask("send", Self.inGroup)["type"]?.string == "sent")
        harness.bench.clock.advance(seconds: 1)
        #expect(try await alice.ask("send", Self.inGroup)["type"]?.string == "sent")
    }

    @Test func whatAGroupsFrequencyControlDropsIsTooFast() async throws {
        let harness = try await Harness()
        let (alice, _) = try await harness.openUntilReady("alice")
        for _ in 0..<40 { try await harness.say("x", in: self.g, from: "bob", checks: .frequency) }
        #expect(try await alice.ask("send", Self.inGroup)["code"]?.string == "tooFast")
    }

    @Test func contentHasALimit() async throws {
        let harness = try await Harness()
        let (alice, _) = try await harness.openUntilReady("alice")
        func send(_ bytes: Int) async throws -> JSON {
            let text = String(repeating: "x", count: bytes - #"{"text":""}"#.utf8.count)
            return try await alice.ask(
                "send", #""conversation":"group:demo-group","kind":"text","content":{"text":"\#(text)"}"#)
        }
        #expect(try await send(128 * 1024)["type"]?.string == "sent")
        #expect(try await send(128 * 1024 + 1)["code"]?.string == "tooLarge")
    }

    @Test(arguments: [
        (#""kind":"text","content":{"txt":"x"}"#, "content.text: is missing"),
        (#""kind":"text","content":{"text":"x","bold":true}"#, "content.bold: a client may not say this"),
        (#""kind":"text","content":{"text":1}"#, "content.text: must be a string"),
        (#""kind":"image","content":{"width":-1}"#, "content.width: must be a whole number, 0 or more"),
        (#""kind":"location","content":{"latitude":1e999,"longitude":0}"#, "content.latitude: must be a number"),
        (
            #""kind":"combined","content":{"parts":[{"kind":"text","content":{}}]}"#,
            "content.parts[0].content.text: is missing"
        ),
        (
            #""kind":"text","content":{"text":"x"},"options":{"liveOnly":true}"#,
            "options.liveOnly: a client may not say this"
        ),
        (
            #""kind":"text","content":{"text":"x"},"options":{"hiddenFromHistoryOf":["bob"]}"#,
            "options.hiddenFromHistoryOf: a client may not say this"
        ),
        (
            #""kind":"text","content":{"text":"x"},"options":{"push":{"native":{}}}"#,
            "options.push.native: a client may not say this"
        ),
        (
            #""kind":"text","content":{"text":"x"},"options":{"priority":"urgent"}"#,
            "options.priority: must be one of high, normal, low, lowest"
        ),
    ])
    func whatIsWrongIsNamed(members: String, message: String) async throws {
        let harness = try await Harness()
        let (alice, _) = try await harness.openUntilReady("alice")
        try await alice.send(#"{"type":"send","conversation":"group:demo-group",\#(members)}"#)
        let error = try await alice.nextJSON()
        #expect(error["code"]?.string == "badField")
        #expect(error["message"]?.string == message)
    }

    @Test func whatParsersStumbleOverIsNotHandedOn() async throws {
        let harness = try await Harness()
        let (alice, _) = try await harness.openUntilReady("alice")
        try await alice.send(
            #"{"type":"send","conversation":"group:demo-group","kind":"text","content":{"text":"a","text":"\ud800\u0000\"\/"}}"#
        )
        _ = try await alice.next("sent")
        let message = try #require(try await harness.entries().last?.message)
        #expect(message.content == .text("\u{FFFD}\u{0}\"/"))
        #expect(
            String(decoding: message.native.payload, as: UTF8.self)
                == #"{"kind":"text","content":{"text":"\#u{FFFD}\u0000\"/"}}"#)
    }

    @Test func aFailureIsAFaultAndIsReported() async throws {
        let gate = GatedLog()
        let harness = try await Harness(log: gate)
        let (alice, _) = try await harness.openUntilReady("alice")
        gate.breaks()
        #expect(try await alice.ask("send", Self.inGroup)["code"]?.string == "fault")
        #expect(harness.faults.list == ["broken"])
        #expect(try await alice.ask("ping")["type"]?.string == "pong")
    }
}
