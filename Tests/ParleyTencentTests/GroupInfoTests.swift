import ParleyCore
import Testing

@testable import ParleyTencent

@Suite struct GroupInfoTests {
    private let start = Timestamp(seconds: 1_700_000_000)

    private func snapshot(_ members: [(String, Member.Role, Int64)]) -> GroupSnapshot {
        var snapshot = GroupSnapshot(
            group: Group(id: GroupID("g"), type: .public, name: "g", owner: nil, createdAt: self.start))
        for (name, role, milliseconds) in members {
            snapshot.members[UserID(name)] = Member(
                user: UserID(name), role: role, joinedAt: self.start.adding(milliseconds: milliseconds))
        }
        return snapshot
    }

    @Test func membersAreListedInTheOrderOfJoining() {
        let snapshot = self.snapshot([("a", .member, 3000), ("b", .administrator, 1000), ("c", .member, 2500)])
        #expect(snapshot.membersInOrder.map(\.user.rawValue) == ["b", "c", "a"])
    }

    /// The owner is saved a moment after the time that the first members are given.
    @Test func theOwnerComesFirstAmongThoseOfTheCreation() {
        let snapshot = self.snapshot([("a", .member, 0), ("z", .owner, 7), ("b", .member, 0), ("c", .member, 1000)])
        #expect(snapshot.membersInOrder.map(\.user.rawValue) == ["z", "a", "b", "c"])
    }

    @Test func aLaterOwnerKeepsHisPlace() {
        let snapshot = self.snapshot([("a", .member, 0), ("z", .owner, 5000)])
        #expect(snapshot.membersInOrder.map(\.user.rawValue) == ["a", "z"])
    }

    @Test func muteTimesEndAndForEverIsTheGreatestNumber() {
        #expect(Timestamp.muted(for: 0, from: self.start) == nil)
        #expect(Timestamp.muted(for: 60, from: self.start)?.asMuteUntil == 1_700_000_060)
        #expect(Timestamp.muted(for: .max, from: self.start) == .distantFuture)
        #expect(Timestamp.distantFuture.asMuteUntil == .max)
    }

    @Test func aFilterAdmitsAFieldUnderAnyOfItsNames() {
        #expect(Filter.all.admits("Name"))
        #expect(Filter(names: ["ShutUpUntil"]).admits("MuteUntil", "ShutUpUntil"))
        #expect(!Filter(names: []).admits("Name"))
    }

    /// InviteJoinOption has a value that the core does not know; another dialect's change of what it does know counts.
    @Test func anInviteOptionIsKeptUntilAnotherDialectChangesIt() {
        var group = Group(id: GroupID("g"), type: .public, name: "g", owner: nil, createdAt: self.start)
        group.inviteJoinOption = .NeedPermission
        #expect(group.membersMayInvite)
        #expect(group.inviteJoinOption == .NeedPermission)
        group.membersMayInvite = false
        #expect(group.inviteJoinOption == .DisableInvite)
    }
}
