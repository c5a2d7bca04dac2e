import ParleyCore
import ParleyJSON
import Testing

@testable import ParleyEasemob

/// What clients are told of conversations. Source: facts/easemob-client.md 5, NOTIFY.
@Suite struct ClientConversationTests {
    private static let alice = UserID("alice")
    private static let bob = UserID("bob")
    private static let pair = Conversation.direct(Self.alice, Self.bob)
    private static let group = Conversation.group(GroupID("g"))
    private static let id = MessageID(sentAt: Timestamp(milliseconds: 1_700_000_000_123), slot: 1)

    private let spelling = ClientSpelling(appKey: "parley#demo", user: Self.alice)

    /// Each with an id of its own.
    private func metas(_ before: Place, _ change: (inout Place) -> Void, clearedUpTo: Timestamp? = nil) -> [WireMeta] {
        var (place, slot) = (before, UInt16(0))
        change(&place)
        let told = PlaceChange(place, before: before, device: DeviceID("web_1"), clearedUpTo: clearedUpTo)
        return self.spelling.metas(of: told) {
            slot += 1
            return MessageID(sentAt: Self.id.sentAt, slot: slot)
        }
    }

    private func json(_ meta: WireMeta) throws -> JSON {
        #expect(meta.ns == 5 && meta.id != 0 && meta.hasFrom)
        #expect(meta.payload.allSatisfy { $0 >= 0x10 }, "SDKs could not read it")
        return try JSON(parsing: Array(meta.payload))
    }

    /// `op id type from res ext`
    private func line(_ meta: WireMeta) throws -> String {
        let json = try self.json(meta)
        let data = try #require(json["data"])
        #expect(json["type"]?.string == "conv" && data["ts"]?.int == Self.id.sentAt.milliseconds)
        return ["op", "id", "type", "from", "res", "ext"].map { data[$0]?.string ?? "?" }.joined(separator: " ")
    }

    // MARK: The user's own

    @Test func whatAUserMakesOfAConversationHisOtherDevicesAreTold() throws {
        var place = Place(user: Self.alice, conversation: Self.pair)
        place.marks = [Marks(1)!, Marks(2)!]
        let metas = self.metas(place) { place in
            place.pinnedAt = Timestamp(milliseconds: 5)
            place.marks = [Marks(2)!, Marks(19)!]
            place.removedThrough = 4
        }
        #expect(
            try metas.map(self.line) == [
                "del bob chat alice web_1 ", "top bob chat alice web_1 ", "mark bob chat alice web_1 mark_19",
                "mark_delete bob chat alice web_1 mark_1",
            ])
        #expect(Set(metas.map(\.id)).count == metas.count)
        place.pinnedAt = Timestamp(milliseconds: 5)
        place.removedThrough = 4
        let ended = self.metas(place) { $0.pinnedAt = nil } + self.metas(place) { $0.removedThrough = 9 }
        #expect(try ended.map(self.line) == ["not_top bob chat alice web_1 ", "del bob chat alice web_1 "])
        let others = self.metas(place) { $0.removedThrough = nil } + self.metas(place) { $0.isMuted = true }
        #expect(others.isEmpty)
    }

    /// SDKs take it for all of the conversation: it may not go with anything else.
    @Test func aReadingIsToldOfReadingAlone() throws {
        for conversation in [Self.pair, Self.group] {
            var place = Place(user: Self.alice, conversation: conversation)
            place.readThrough = 3
            let pinned = self.metas(place) { $0.pinnedAt = Self.id.sentAt }
            #expect(try pinned.map { try self.line($0).prefix(3) } == ["top"])
            let metas = self.metas(place) { $0.readThrough = 4 }
            #expect(metas.count == 1 && metas.first?.ns == 1)
            let body = try #require(metas.first.flatMap { WireMessageBody.parse(Array($0.payload)) })
            #expect(body.type == 7 && body.from.name == "alice")
            #expect(body.to.name == (conversation == Self.pair ? "bob" : "g"))
        }
    }

    @Test func whatIsClearedIsGoneUpToItsMoment() throws {
        let place = Place(user: Self.alice, conversation: Self.group)
        let moment = Timestamp(milliseconds: 77)
        let metas = self.metas(place, { $0.clearedThrough = 9 }, clearedUpTo: moment)
        #expect(metas.count == 1)
        let json = try self.json(try #require(metas.first))
        #expect(json["type"]?.string == "roaming_delete")
        #expect(json["data"]?["to"]?.string == "g" && json["data"]?["chatType"]?.string == "groupchat")
        #expect(json["data"]?["deleteTime"]?.int == 77 && json["data"]?["resource"]?.string == "web_1")
        // Nothing of it is kept any more.
        let forgotten = self.metas(place) { $0.clearedThrough = 9 }
        #expect(forgotten.isEmpty)
    }

    @Test func deletedMessagesAreNamed() throws {
        let metas = self.spelling.metas(of: .deleted(Self.pair, [Self.id]), id: Self.id)
        #expect(metas.count == 1)
        let json = try self.json(try #require(metas.first))
        #expect(json["type"]?.string == "roaming_delete")
        #expect(json["data"]?["to"]?.string == "bob" && json["data"]?["chatType"]?.string == "chat")
        #expect(json["data"]?["msgIdList"]?.array?.map(\.string) == [Self.id.easemob])
    }

    @Test func whatTheAppSaysToOneUserHasNoName() {
        let place = Place(user: Self.alice, conversation: .system(Self.alice))
        let pinned = self.metas(place) { $0.pinnedAt = Self.id.sentAt }
        #expect(pinned.isEmpty)
        #expect(self.spelling.metas(of: .deleted(.system(Self.alice), [Self.id]), id: Self.id).isEmpty)
    }

    // MARK: Everybody's

    @Test func pinnedMessagesAreToldAsTheReaderCallsTheConversation() throws {
        let chatRoom = Conversation.group(GroupID(chatRoom: "9"))
        for (conversation, name) in [
            (Self.pair, "bob chat"), (Self.group, "g groupchat"),
            (chatRoom, "\(GroupID(chatRoom: "9").easemob) chatroom"),
        ] {
            for isPinned in [true, false] {
                let change = PinChange(
                    Self.id, in: conversation, isPinned: isPinned, by: Self.bob, device: DeviceID("ios"),
                    at: Self.id.sentAt)
                let metas = self.spelling.metas(of: .pinned(change), id: Self.id)
                #expect(
                    try metas.map(self.line) == [
                        "\(isPinned ? "pin" : "pin_delete") \(name) bob ios \(Self.id.easemob)"
                    ])
            }
        }
    }

    // MARK: Marks

    @Test func marksAreTwentyAndHaveNames() {
        #expect((0..<20).allSatisfy { Marks(easemob: "mark_\($0)")?.easemob == ["mark_\($0)"] })
        for name in ["mark_20", "mark_-1", "mark_", "mark_x", "3", "", "mark_99999999999999999999"] {
            #expect(Marks(easemob: name) == nil)
        }
    }
}
