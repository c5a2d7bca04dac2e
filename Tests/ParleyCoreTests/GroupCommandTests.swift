import ParleyCore
import ParleyTesting
import Testing

@Suite struct GroupCommandTests {
    @Test func theOwnerIsAddedAndLeads() async throws {
        let bench = try await Bench.make()
        let group = try await bench.makeGroup("g", .work, owner: Bench.alice, members: [Bench.bob, Bench.bob])
        let members = try await bench.members(of: group)
        #expect(members.mapValues(\.role) == [Bench.alice: .owner, Bench.bob: .member])
    }

    @Test func aGroupThatIsThereIsRefusedOrJoined() async throws {
        let bench = try await Bench.make()
        let group = try await bench.makeGroup("g", owner: Bench.alice)
        await #expect(throws: Rejection.groupExists(group, owner: Bench.alice)) {
            try await bench.makeGroup("g", owner: Bench.bob)
        }
        var command = CreateGroup(
            app: bench.app.id,
            group: Group(id: group, type: .work, name: "other", owner: nil, createdAt: bench.clock.now()),
            members: [Member(user: Bench.bob, joinedAt: bench.clock.now())], ifExists: .join)
        #expect(try await bench.core.createGroup(command) == 2)
        let joined = try #require(try await bench.core.directory.group(group, in: bench.app.id))
        #expect(joined.group.name == "g" && joined.group.type == .public)
        #expect(joined.members.count == 2)
        command.members = []
        #expect(try await bench.core.createGroup(command) == 2)
    }

    @Test func aGroupThatCannotBeMadeLeavesNothingBehind() async throws {
        let bench = try await Bench.make()
        await #expect(throws: Rejection.groupFull(GroupID("g"), capacity: 2)) {
            try await bench.makeGroup("g", owner: "a", members: ["b", "c"]) { $0.capacity = 2 }
        }
        #expect(try await bench.core.directory.group(GroupID("g"), in: bench.app.id) == nil)
        let command = CreateGroup(
            app: bench.app.id,
            group: Group(id: GroupID("g"), type: .work, name: "", owner: "x", createdAt: bench.clock.now()),
            members: [], ownerMustExist: true)
        await #expect(throws: Rejection.userNotFound("x")) { try await bench.core.createGroup(command) }
        #expect(try await bench.makeGroup("g", owner: "a", members: ["b"]) { $0.capacity = 2 } == GroupID("g"))
    }

    @Test func whoIsAddedIsSaidOneByOne() async throws {
        let bench = try await Bench.make()
        let group = try await bench.makeGroup("g", .meeting, owner: Bench.alice)
        let command = AddMembers(
            app: bench.app.id, group: group, users: [Bench.bob, Bench.alice, "x", Bench.bob], usersMustExist: true)
        #expect(try await bench.core.addMembers(command) == [.added, .alreadyMember, .unknownUser, .alreadyMember])
        let members = try await bench.members(of: group)
        #expect(Set(members.keys) == [Bench.alice, Bench.bob])
        #expect(members[Bench.bob]?.delivery == .silent)
    }

    @Test func aGroupTakesNoMoreThanItHolds() async throws {
        let bench = try await Bench.make()
        let group = try await bench.makeGroup("g", owner: "a") { $0.capacity = 3 }
        await #expect(throws: Rejection.groupFull(group, capacity: 3)) {
            try await bench.core.addMembers(AddMembers(app: bench.app.id, group: group, users: ["b", "c", "d"]))
        }
        #expect(try await bench.members(of: group).count == 1)
        await #expect(throws: Rejection.groupFull(group, capacity: 2)) {
            try await bench.core.addMembers(
                AddMembers(app: bench.app.id, group: group, users: ["b", "c"], capacity: 2))
        }
        #expect(
            try await bench.core.addMembers(AddMembers(app: bench.app.id, group: group, users: ["b", "c"])).count == 2)
        // Whoever is in it already does not count twice.
        #expect(
            try await bench.core.addMembers(AddMembers(app: bench.app.id, group: group, users: ["b"]))
                == [.alreadyMember])
    }

    @Test func comingsAndGoingsAreToldWhereTheTypeDoesThat() async throws {
        let bench = try await Bench.make()
        for (type, count) in [(GroupType.public, 3), (.meeting, 0)] {
            let group = try await bench.makeGroup(type.rawValue, type, owner: Bench.alice)
            let app = bench.app.id
            _ = try await bench.core.addMembers(
                AddMembers(app: app, group: group, users: ["b", "c"], by: Bench.alice, isAnnounced: true))
            _ = try await bench.core.addMembers(AddMembers(app: app, group: group, users: ["b"], isAnnounced: true))
            try await bench.core.removeMembers(
                RemoveMembers(app: app, group: group, users: ["b"], by: Bench.alice, isAnnounced: true))
            try await bench.core.removeMembers(RemoveMembers(app: app, group: group, users: ["c"], isAnnounced: true))
            let bodies = try await bench.entries(of: .group(group)).map(\.body)
            #expect(
                bodies
                    == Array(
                        [
                            .notice(.joined(["b", "c"], by: Bench.alice)), .notice(.removed(["b"], by: Bench.alice)),
                            .notice(.left(["c"])),
                        ].prefix(count)))
        }
    }

    @Test func anOwnerLeavesOnlyWhereHeMay() async throws {
        let bench = try await Bench.make()
        let group = try await bench.makeGroup("g", owner: Bench.alice, members: [Bench.bob])
        let app = bench.app.id
        await #expect(throws: Rejection.ownerMayNotLeave(group)) {
            try await bench.core.removeMembers(RemoveMembers(app: app, group: group, users: [Bench.bob, Bench.alice]))
        }
        #expect(try await bench.members(of: group).count == 2)
        let removed = try await bench.core.removeMembers(
            RemoveMembers(app: app, group: group, users: [Bench.alice, "x"], owner: .mayLeave))
        #expect(removed == [Bench.alice])
        let left = try #require(try await bench.core.directory.group(group, in: app))
        #expect(left.group.owner == nil && Set(left.members.keys) == [Bench.bob])
    }

    @Test func aGroupIsHandedOver() async throws {
        let bench = try await Bench.make()
        let group = try await bench.makeGroup("g", owner: Bench.alice, members: [Bench.bob])
        bench.clock.advance(seconds: 1)
        try await bench.core.transferGroup(group, in: bench.app.id, to: Bench.bob)
        let snapshot = try #require(try await bench.core.directory.group(group, in: bench.app.id))
        #expect(snapshot.group.owner == Bench.bob)
        #expect(snapshot.group.updatedAt == bench.clock.now())
        #expect(snapshot.members.mapValues(\.role) == [Bench.alice: .member, Bench.bob: .owner])
        await #expect(throws: Rejection.notMember("x", of: group)) {
            try await bench.core.transferGroup(group, in: bench.app.id, to: "x")
        }
        // To whom has it already: he keeps it.
        try await bench.core.transferGroup(group, in: bench.app.id, to: Bench.bob)
        #expect(try await bench.members(of: group)[Bench.bob]?.role == .owner)
    }

    @Test func changesNeedAGroupAndAMember() async throws {
        let bench = try await Bench.make()
        let (app, nowhere) = (bench.app.id, GroupID("nowhere"))
        let refusal = Rejection.groupNotFound(nowhere)
        await #expect(throws: refusal) { try await bench.core.changeGroup(nowhere, in: app) { $0.name = "" } }
        await #expect(throws: refusal) { try await bench.core.dissolveGroup(nowhere, in: app) }
        await #expect(throws: refusal) { try await bench.core.transferGroup(nowhere, in: app, to: "x") }
        await #expect(throws: refusal) { try await bench.core.mute(["x"], in: nowhere, of: app, until: nil) }
        await #expect(throws: refusal) {
            try await bench.core.addMembers(AddMembers(app: app, group: nowhere, users: ["x"]))
        }
        await #expect(throws: refusal) {
            try await bench.core.removeMembers(RemoveMembers(app: app, group: nowhere, users: ["x"]))
        }
        await #expect(throws: refusal) {
            try await bench.core.changeMember("x", of: nowhere, in: app) { member, _ in member.nameCard = "" }
        }
        await #expect(throws: Rejection.notMember("x", of: Bench.group)) {
            try await bench.core.changeMember("x", of: Bench.group, in: app) { member, _ in member.nameCard = "" }
        }
        let work = try await bench.makeGroup("w", .work, owner: Bench.alice)
        await #expect(throws: Rejection.notSupported(by: .work)) {
            try await bench.core.mute([Bench.bob], in: work, of: app, until: .distantFuture)
        }
    }

    @Test func aDissolvedGroupIsGone() async throws {
        let bench = try await Bench.make()
        _ = try await bench.core.send(bench.send(to: .group(Bench.group)))
        try await bench.core.dissolveGroup(Bench.group, in: bench.app.id)
        #expect(try await bench.core.directory.group(Bench.group, in: bench.app.id) == nil)
        #expect(try await bench.entries(of: .group(Bench.group)).isEmpty)
        await #expect(throws: Rejection.groupNotFound(Bench.group)) {
            try await bench.core.send(bench.send(to: .group(Bench.group), .groupExists))
        }
        #expect(bench.signals.memberships.filter { $0.member == nil }.count == 4)
    }
}
