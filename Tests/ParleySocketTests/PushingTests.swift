import ParleyCore
import ParleyJSON
import ParleyTesting
import Testing

/// push.register, push.unregister, push.preferences.
struct PushingTests {
    private let alice = UserID("alice")
    private let group = Conversation.group(GroupID("demo-group"))

    @Test func aDeviceRingsUntilItIsTakenBack() async throws {
        let harness = try await Harness()
        let (alice, _) = try await harness.openUntilReady("alice")
        let answer = try await alice.ask("push.register", #""provider":"ios","token":"abc","bundle":"com.example""#)
        #expect(answer["type"]?.string == "done")
        let devices = try await harness.bench.core.push.pushDevices(of: self.alice, in: harness.bench.app.id)
        #expect(
            devices == [
                PushDevice(
                    user: self.alice, device: "phone", provider: "ios", token: "abc", dialect: .parley,
                    bundle: "com.example", registeredAt: harness.bench.clock.now())
            ])
        try await alice.ask("push.unregister")
        #expect(try await harness.bench.core.push.pushDevices(of: self.alice, in: harness.bench.app.id) == [])
        #expect(try await alice.ask("push.unregister")["type"]?.string == "done")
    }

    @Test func aUserHasNotAnyNumberOfDevices() async throws {
        let harness = try await Harness()
        for number in 1...Core.pushDevicesPerUser + 1 {
            try await harness.bench.core.registerForPush(
                PushDevice(
                    user: self.alice, device: "\(number)", provider: "ios", token: "t\(number)", dialect: .parley,
                    registeredAt: harness.bench.clock.now()),
                in: harness.bench.app.id)
            harness.bench.clock.advance(seconds: 1)
        }
        let devices = try await harness.bench.core.push.pushDevices(of: self.alice, in: harness.bench.app.id)
        #expect(devices.count == Core.pushDevicesPerUser)
        #expect(devices.first?.device == "2")
    }

    @Test func onlyWhatIsNamedChanges() async throws {
        let harness = try await Harness()
        let (alice, _) = try await harness.openUntilReady("alice")
        let first = try await alice.ask("push.preferences")
        #expect(first["scope"]?.string == "everywhere")
        #expect(first["level"] == nil && first["quietHours"] == nil && first["language"] == nil)
        try await alice.ask(
            "push.preferences",
            #""level":"mentions","quietHours":{"start":79200,"seconds":32400},"language":"en","showsDetails":false"#)
        let until = harness.bench.clock.now().adding(seconds: 60).milliseconds
        let second = try await alice.ask("push.preferences", #""quietUntil":\#(until)"#)
        #expect(second["level"]?.string == "mentions")
        #expect(second["quietHours"]?["start"]?.int == 79200)
        #expect(second["quietHours"]?["level"]?.string == "none")
        #expect(second["quietUntil"]?.int == until)
        #expect(second["language"]?.string == "en" && second["showsDetails"]?.bool == false)
        harness.bench.clock.advance(seconds: 61)
        #expect(try await alice.ask("push.preferences")["quietUntil"] == nil)
        let third = try await alice.ask(
            "push.preferences",
            #""level":"inherit","quietHours":{"start":0,"seconds":0},"language":"","showsDetails":true,"quietUntil":0"#)
        #expect(third["level"] == nil && third["quietHours"] == nil && third["language"] == nil)
        let kept = try await harness.bench.core.push.pushPreferences(of: self.alice, in: harness.bench.app.id)
        var expected = PushPreferences()
        expected.showsDetails = true
        #expect(kept == [.everywhere: expected])
    }

    @Test func aConversationThatRingsLessIsMutedForAllVendorsAPIs() async throws {
        let harness = try await Harness()
        let (alice, _) = try await harness.openUntilReady("alice")
        let scope = #""scope":"group:demo-group""#
        try await alice.ask("push.preferences", scope + #","level":"mentions-by-name""#)
        let place = try await alice.ask("conversation", #""conversation":"group:demo-group""#)
        #expect(place["muted"]?.bool == true)
        #expect(try await alice.ask("push.preferences", scope)["level"]?.string == "mentions-by-name")
        // And the other way round.
        try await alice.ask("conversation", #""conversation":"group:demo-group","muted":false"#)
        #expect(try await alice.ask("push.preferences", scope)["level"] == nil)
        try await alice.ask("push.preferences", scope + #","level":"all""#)
        #expect(try await alice.ask("push.preferences", scope)["level"]?.string == "all")
        try await alice.ask("conversation", #""conversation":"group:demo-group","muted":true"#)
        #expect(try await alice.ask("push.preferences", scope)["level"]?.string == "none")
    }

    @Test(arguments: [
        ("push.register", #""provider":"ios""#, "badField"),
        ("push.register", #""provider":"","token":"x""#, "badField"),
        ("push.preferences", #""scope":"nonsense""#, "badField"),
        ("push.preferences", #""scope":"groups","language":"en""#, "badField"),
        ("push.preferences", #""level":"loud""#, "badField"),
        ("push.preferences", #""quietHours":{"start":86400,"seconds":1}"#, "badField"),
        ("push.preferences", #""quietHours":{"start":0,"seconds":1,"zone":"CET"}"#, "badField"),
        ("push.preferences", #""scope":"group:nowhere","level":"all""#, "unknownConversation"),
        ("push.preferences", #""scope":"direct:nobody","quietUntil":1"#, "unknownConversation"),
        ("push.preferences", #""scope":"group:demo-group","quietUntil":1"#, "notMember"),
        ("push.preferences", #""scope":"group:demo-group""#, "notMember"),
    ])
    func whatMakesNoSenseIsRefused(command: String, members: String, code: String) async throws {
        let harness = try await Harness()
        let (erin, _) = try await harness.openUntilReady("erin")
        try await erin.send(#"{"type":"\#(command)","request":1,\#(members)}"#)
        #expect(try await erin.next("error")["code"]?.string == code)
        #expect(try await harness.bench.core.push.pushPreferences(of: UserID("erin"), in: harness.bench.app.id) == [:])
    }

    @Test(arguments: [
        (PushLevel?.none, false, PushLevel?.none), (.all, false, .all), (.mentions, false, nil),
        (PushLevel.none, false, nil), (nil, true, PushLevel.none), (.all, true, PushLevel.none),
        (.mentions, true, .mentions), (.mentionsOfEveryone, true, .mentionsOfEveryone),
        (PushLevel.none, true, PushLevel.none),
    ])
    func mutingIsWhatCountsAndTheLevelSaysWhatStillRings(level: PushLevel?, isMuted: Bool, combined: PushLevel?) {
        #expect(PushLevel.combined(level, isMuted: isMuted) == combined)
    }
}
