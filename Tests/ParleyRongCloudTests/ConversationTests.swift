import ParleyCore
import ParleyRongCloud
import ParleyTesting
import Testing

/// What the calls about conversations and changed messages leave behind, and who is told.
@Suite struct ConversationTests {
    private static let direct = Conversation.direct(UserID("alice"), UserID("bob"))

    private func place(_ backend: Backend, _ user: String, _ conversation: Conversation) async throws -> Place {
        try await backend.bench.core.places.place(
            of: UserID(user), in: ConversationID(app: backend.bench.app.id, conversation))
    }

    @Test func pinningHoldsOnAllDevicesOfOneUser() async throws {
        let backend = try await Backend()
        let pin = "userId=alice&conversationType=1&targetId=bob"
        let now = backend.bench.clock.now()
        _ = await backend.post("/conversation/top/set.json", "\(pin)&setTop=true")
        let place = try await self.place(backend, "alice", Self.direct)
        #expect(place.pinnedAt == now)
        #expect(try await self.place(backend, "bob", Self.direct).pinnedAt == nil)
        let change = PlaceChange(place, before: Place(user: UserID("alice"), conversation: Self.direct))
        #expect(
            backend.bench.signals.announcements == [
                Announcement(
                    app: backend.bench.app.id, event: .place(change), recipients: .users([UserID("alice")]))
            ])
        // What is pinned keeps its place when it is pinned again.
        backend.bench.clock.advance(seconds: 1)
        _ = await backend.post("/conversation/top/set.json", "\(pin)&setTop=1")
        #expect(try await self.place(backend, "alice", Self.direct).pinnedAt == now)
        _ = await backend.post("/conversation/top/set.json", "\(pin)&setTop=False")
        #expect(try await self.place(backend, "alice", Self.direct).pinnedAt == nil)
    }

    /// Which is what Tencent's MsgFlag shows and changes.
    @Test func mutingAGroupIsTheMembersDelivery() async throws {
        let backend = try await Backend()
        let group = GroupID("demo-group")
        _ = await backend.post(
            "/conversation/notification/set.json",
            "requestId=bob&conversationType=3&targetId=demo-group&isMuted=0&unpushLevel=5")
        let snapshot = try await backend.bench.core.directory.group(group, in: backend.bench.app.id)
        #expect(snapshot?.members[UserID("bob")]?.delivery == .silent)
        #expect(try await self.place(backend, "bob", .group(group)).isMuted)
    }

    @Test func levelsAndQuietHoursAreHowTheUserWantsToBePushed() async throws {
        let backend = try await Backend()
        _ = await backend.post(
            "/conversation/notification/set.json",
            "requestId=alice&conversationType=1&targetId=bob&isMuted=0&unpushLevel=4")
        _ = await backend.post(
            "/conversation/type/notification/set.json", "requestId=alice&conversationType=3&unpushLevel=5")
        _ = await backend.post(
            "/user/blockPushPeriod/set.json", "userId=alice&startTime=22:00:30&period=60&level=1")
        var (one, groups, general) = (PushPreferences(), PushPreferences(), PushPreferences())
        one.level = .mentionsOfEveryone
        groups.level = PushLevel.none
        general.quietHours = QuietHours(start: 22 * 3600 + 30, seconds: 3600, level: .mentions)
        let preferences = try await backend.bench.core.push.pushPreferences(
            of: UserID("alice"), in: backend.bench.app.id)
        #expect(preferences == [.conversation(Self.direct): one, .groups: groups, .everywhere: general])
        #expect(try await self.place(backend, "alice", Self.direct).isMuted)
    }

    @Test func whatASystemMessageIsInHasNoOtherEnd() async throws {
        let backend = try await Backend()
        _ = await backend.post(
            "/conversation/top/set.json", "userId=alice&conversationType=6&targetId=news&setTop=true")
        #expect(try await self.place(backend, "alice", .system(UserID("alice"))).pinnedAt != nil)
    }

    @Test func aChangedMessageIsReplacedAndTheChangeIsTold() async throws {
        let backend = try await Backend()
        let sent = await backend.post(
            "/message/group/publish.json",
            #"fromUserId=bob&toGroupId=demo-group&objectName=RC:TxtMsg&content={"content":"helo","extra":"x"}"#)
        let uid = try #require(sent.uids.first)
        _ = await backend.post(
            "/message/group/modify.json",
            #"fromUserId=bob&groupId=demo-group&msgUID=\#(uid)&objectName=RC:TxtMsg&content={"content":"hello"}"#)
        let id = try #require(MessageUID(uid)?.messageID)
        let entry = try #require(try await backend.bench.core.log.entry(id, in: backend.bench.app.id))
        let message = try #require(entry.message)
        #expect(message.content == .text("hello"))
        #expect(message.options.attachment == nil, "the new content has no extra")
        #expect(WireMessage(message) == WireMessage(objectName: "RC:TxtMsg", content: #"{"content":"hello"}"#))
        guard case .edit(let edit)? = backend.bench.signals.entries.last?.body else {
            Issue.record("nobody is told")
            return
        }
        #expect(edit.target == id && edit.mark.by == UserID("bob") && edit.message == message)
    }

    @Test func needReadReceiptAsksForReceipts() async throws {
        let backend = try await Backend()
        _ = await backend.post(PublishTests.group, PublishTests.toGroup + "&needReadReceipt=1")
        #expect(backend.messages.last?.options.wantsReadReceipts == true)
        let entry = try #require(backend.bench.signals.entries.last)
        let receipts = try await backend.bench.core.receipts(
            of: .id(entry.id), for: entry.message?.sender, app: backend.bench.app.id)
        #expect((receipts.readCount, receipts.unreadCount) == (0, 3))
    }
}
