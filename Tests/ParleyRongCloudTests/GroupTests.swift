import ParleyCore
import ParleyJSON
import ParleyTesting
import Testing

@testable import ParleyRongCloud

/// Groups and users, as the rest of the server finds them after a call.
@Suite struct GroupTests {
    @Test func aThousandUsersJoinAtATimeAndThreeThousandInAll() async throws {
        let backend = try await Backend()
        func users(_ range: Range<Int>) -> String { range.map { "userId=u\($0)" }.joined(separator: "&") }
        let tooMany = await backend.post("/group/create.json", "groupId=big&" + users(0..<1001))
        #expect(tooMany.text == "the number of userId should less than 1000.")
        #expect(await backend.post("/group/create.json", "groupId=big&" + users(0..<1000)).status == 200)
        #expect(await backend.post("/group/join.json", "groupId=big&" + users(1000..<2000)).status == 200)
        #expect(await backend.post("/group/join.json", "groupId=big&" + users(2000..<3000)).status == 200)
        let full = await backend.post("/group/join.json", "groupId=big&" + users(2999..<3001))
        #expect((full.status, full.code) == (405, 405))
        #expect(full.text == "the number of members should less than 3000.")
        let members = await backend.post("/group/user/query.json", "groupId=big")
        #expect(members.json?["users"]?.count == 3000)
    }

    @Test func theFirstUserOwnsAGroupThatIsMadeAndNobodyOneThatIsJoined() async throws {
        let backend = try await Backend()
        _ = await backend.post("/group/create.json", "userId=1&userId=2&groupId=made&groupName=M")
        _ = await backend.post("/group/join.json", "userId=1&userId=2&groupId=joined")
        let directory = backend.bench.core.directory
        let made = try #require(try await directory.group(GroupID("made"), in: backend.bench.app.id))
        let joined = try #require(try await directory.group(GroupID("joined"), in: backend.bench.app.id))
        #expect((made.group.owner, joined.group.owner) == (UserID("1"), nil))
        #expect(made.members[UserID("1")]?.role == .owner)
        #expect(made.members[UserID("2")]?.role == .member)
        #expect((made.group.type, made.group.joinPolicy, made.group.capacity) == (.public, .free, 3000))
        #expect(joined.members.count == 2)
    }

    /// Groups of every dialect are one and the same.
    @Test func usersJoinAGroupThatAnotherDialectMade() async throws {
        let backend = try await Backend()
        _ = await backend.post("/group/join.json", "userId=erin&groupId=demo-group")
        let group = try await backend.bench.core.directory.group(GroupID("demo-group"), in: backend.bench.app.id)
        #expect(group?.members.count == 5)
        #expect(group?.group.owner == UserID("alice"))
        let groups = await backend.post("/user/group/query.json", "userId=erin")
        #expect(groups.body == #"{"code":200,"groups":[{"id":"demo-group","name":"Demo group"}]}"#)
    }

    @Test func whoIsOnlineIsSaidInAText() async throws {
        let backend = try await Backend()
        backend.bench.signals.setOnline(UserID("alice"))
        #expect(await backend.post("/user/checkOnline.json", "userId=alice").body == #"{"code":200,"status":"1"}"#)
        #expect(await backend.post("/user/checkOnline.json", "userId=bob").body == #"{"code":200,"status":"0"}"#)
    }

    /// A mute by this API is the core's: clients and other dialects that ask for it find it.
    @Test func aGagIsAMuteOfTheGroupOrOfTheUser() async throws {
        let backend = try await Backend()
        let now = backend.bench.clock.now()
        _ = await backend.post("/group/user/gag/add.json", "userId=bob&groupId=demo-group&minute=5")
        _ = await backend.post("/group/user/gag/add.json", "userId=carol&minute=0")
        let directory = backend.bench.core.directory
        let group = try await directory.group(GroupID("demo-group"), in: backend.bench.app.id)
        #expect(group?.mutes == [UserID("bob"): now.adding(seconds: 300)])
        let carol = try await directory.user(UserID("carol"), in: backend.bench.app.id)
        #expect(carol?.mutedInGroupsUntil == .distantFuture)
    }
}

@Suite struct BeijingTimeTests {
    @Test(arguments: [
        (0, "1970-01-01 08:00:00"), (1_464_057_499, "2016-05-24 10:38:19"), (1_709_136_000, "2024-02-29 00:00:00"),
        (951_839_999, "2000-02-29 23:59:59"), (1_709_222_400, "2024-03-01 00:00:00"),
        (1_735_660_799, "2024-12-31 23:59:59"), (253_402_271_999, "9999-12-31 23:59:59"),
        (Int64.max / 1000, "9999-12-31 23:59:59"), (-1, "1970-01-01 08:00:00"),
    ])
    func isTheTimeAtUTCPlus8(_ seconds: Int64, _ text: String) {
        #expect(Timestamp(seconds: seconds).inBeijing == text)
    }
}
