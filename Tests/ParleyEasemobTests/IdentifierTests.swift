import ParleyCore
import ParleyTesting
import Testing

@testable import ParleyEasemob

struct IdentifierTests {
    /// facts/easemob-server.md 2.3.
    @Test func theVendorsExampleSaysWhenItWasSent() throws {
        let parts = try #require(EasemobMessageID("1029544257947437432"))
        #expect(parts.sentAt == Timestamp(milliseconds: 1_657_274_252_254))  // 2022-07-08 09:57:32.254Z
        #expect(parts.sequence == 0)
        #expect(parts.node == 2424)
        #expect(MessageID(easemob: "1029544257947437432") == nil, "no node of ours made it")
    }

    @Test(
        arguments: [0, 1, 999, 1000, 282_435_200_000, 2_147_483_647_999] as [Int64], [0, 1, 15, 16, 4095] as [UInt16])
    func idsGoBothWays(milliseconds: Int64, slot: UInt16) throws {
        let id = MessageID(
            sentAt: Timestamp(milliseconds: MessageID.epochMilliseconds + milliseconds), slot: slot)
        #expect(MessageID(easemob: id.easemob) == id)
        let parts = try #require(EasemobMessageID(id.easemob))
        #expect(parts.sentAt == id.sentAt)
        #expect(parts.sequence == UInt64(slot >> 4))
        #expect(parts.node == UInt64(slot & 0xF))
        #expect(Int64(id.easemob)! >= 0)
    }

    @Test func idsAreInTheOrderOfTime() {
        let clock = ManualClock()
        let source = MessageIDSource(clock: clock, node: 3)
        let ids = (0..<1000).map { index -> MessageID in
            if index % 7 == 0 { clock.advance(milliseconds: 333) }
            return source.next()
        }
        let numbers = ids.map { UInt64($0.easemob)! }
        #expect(numbers == numbers.sorted())
        #expect(Set(numbers).count == numbers.count)
    }

    @Test(arguments: ["", "-1", "+1", "x", "1.5", "99999999999999999999", "4290772992", "１２"])
    func whatIsNoIdIsNone(_ text: String) {
        #expect(MessageID(easemob: text) == nil)
    }

    @Test func groupIdsAreTheVendors() throws {
        // facts 2.3: 262246968131585 was made at 2024-10-21 07:43:18Z.
        let clock = ManualClock(Timestamp(seconds: 1_729_496_598))
        let id = try #require(Int64(GroupIDSource(clock: clock, node: 1).next().rawValue))
        #expect(id >> 20 == 262_246_968_131_585 >> 20)
        #expect(id >> 16 & 0xF == 1)
        #expect(id < 1 << 53)
    }

    @Test func groupIdsAreUniqueHoweverManyAreMadeAtOnce() {
        let clock = ManualClock()
        let source = GroupIDSource(clock: clock, node: 0)
        let ids = (0..<70_000).map { _ in source.next() }
        #expect(Set(ids).count == ids.count)
    }

    @Test func aProcessThatStartsAnewDoesNotRepeatGroupIds() {
        let clock = ManualClock()
        let before = GroupIDSource(clock: clock, node: 0)
        let ids = Set((0..<50).map { _ in before.next() })
        clock.advance(milliseconds: 1)
        let after = GroupIDSource(clock: clock, node: 0)
        #expect(ids.isDisjoint(with: (0..<50).map { _ in after.next() }))
    }

    @Test func anIdSaysWhetherItIsARoomsAndIsShownPlainly() throws {
        let source = GroupIDSource(clock: ManualClock(), node: 15)
        let (group, room) = (source.next(), source.next(isRoom: true))
        #expect(!group.isEasemobRoom && room.isEasemobRoom)
        #expect(room.chatRoom == room.easemob, "to RongCloud it is the room of that number")
        for id in [group, room] {
            let number = try #require(UInt64(id.easemob))
            #expect(number < 1 << 53, "JavaScript reads it")
            #expect(GroupID(easemob: id.easemob) == id)
        }
        let far = GroupIDSource(clock: ManualClock(Timestamp(seconds: 4_102_444_800)), node: 15).next()
        #expect(!far.isEasemobRoom && UInt64(far.easemob)! < 1 << 52, "so until 2100")
    }

    @Test(arguments: [
        "262246968131585", "test_123", "chatroom:live", "4503599627370495", "9007199254740992", "04503599627370497",
    ])
    func otherIdsStandForThemselves(_ text: String) {
        #expect(GroupID(easemob: text).rawValue == text)
        #expect(GroupID(text).easemob == text)
    }

    @Test func uuidsAreDerivedAndLookLikeTheVendors() {
        let uuid = VersionOneUUID.application(AppID("demo"))
        #expect(uuid == VersionOneUUID.application(AppID("demo")))
        #expect(uuid != VersionOneUUID.application(AppID("other")))
        #expect(VersionOneUUID.user(UserID("a"), in: AppID("b")) != VersionOneUUID.user(UserID("b"), in: AppID("a")))
        let text = uuid.description
        #expect(text.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-1[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
        #expect(VersionOneUUID.random() != VersionOneUUID.random())
    }
}
