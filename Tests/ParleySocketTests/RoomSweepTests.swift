import ParleyCore
import ParleySocket
import ParleyTesting
import Testing

@Suite(.timeLimit(.minutes(1)))
struct RoomSweepTests {
    private static let users = (0..<300).map { UserID("user-\($0)") }

    /// - Returns: who is in each group afterwards.
    private func sweep(
        _ groups: [GroupID: GroupType], isHere: @escaping @Sendable (UserID, any Directory) async -> Bool
    ) async throws -> [GroupID: Set<UserID>] {
        let bench = try await Bench.make()
        let core = bench.core(isHere)
        for (id, type) in groups {
            try await core.createGroup(
                CreateGroup(
                    app: bench.app.id,
                    group: Group(id: id, type: type, name: "Group", owner: nil, createdAt: bench.clock.now()),
                    members: Self.users.map { Member(user: $0, joinedAt: bench.clock.now(), delivery: .notify) }))
        }
        try await RoomSweep(core: core).run()
        var members: [GroupID: Set<UserID>] = [:]
        for id in groups.keys {
            members[id] = Set(try #require(await core.directory.group(id, in: bench.app.id)).members.keys)
        }
        return members
    }

    @Test func whoIsNotConnectedLeavesRoomsAndNothingElse() async throws {
        let (room, group) = (GroupID("room"), GroupID("group"))
        let here = Set(Self.users.prefix(7))
        let members = try await self.sweep([room: .chatRoom, group: .public]) { user, _ in here.contains(user) }
        #expect(members == [room: here, group: Set(Self.users)])
    }

    @Test func whoComesBackWhileOthersAreRemovedStays() async throws {
        let room = GroupID("room")
        let members = try await self.sweep([room: .chatRoom]) { _, directory in
            // Everybody is, as soon as somebody has been removed.
            (try? await directory.group(room, in: AppID("demo"))?.members.count) != Self.users.count
        }
        #expect(members[room]?.count == 100)
    }
}

extension Bench {
    fileprivate func core(_ isHere: @escaping @Sendable (UserID, any Directory) async -> Bool) -> Core {
        let core = self.core
        return Core(
            directory: core.directory, log: core.log, places: core.places, files: core.files, signals: core.signals,
            presence: Crowd { await isHere($0, core.directory) }, push: core.push, callbacks: core.callbacks,
            clock: core.clock,
            identifiers: core.identifiers)
    }
}

private struct Crowd: Presence {
    let isHere: @Sendable (UserID) async -> Bool

    func connections(of user: UserID, in app: AppID) async -> [Connection] {
        guard await self.isHere(user) else { return [] }
        return [Connection(device: DeviceID("d"), platform: "Web", since: .distantPast)]
    }
}
