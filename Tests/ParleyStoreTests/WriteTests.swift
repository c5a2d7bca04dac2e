import ParleyCore
import ParleyStore
import ParleyTesting
import Testing

@Suite struct WriteTests {
    private struct ChangedMyMind: Error {}

    @Test(arguments: Place.allCases)
    func whatAThrowingWriteDidIsUndoneAndItsNeighboursStand(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice"])
        // All are known, so that what is remembered has to be undone too.
        _ = try await scene.store.group(GroupID("g"), in: Scene.app)
        #expect(try await scene.store.user("bob", in: Scene.app) == nil)
        #expect(try await !scene.store.hasBlocked("alice", "bob", in: Scene.app))
        let store = scene.store

        let jobs: [@Sendable () async throws -> UInt64?] = [
            { try await store.append(scene.draft("before")).sequence },
            {
                do {
                    return try await store.write(in: Scene.app) { transaction in
                        try transaction.save(User(id: "bob", createdAt: transaction.now))
                        try transaction.save(Member(user: "bob", joinedAt: transaction.now), of: GroupID("g"))
                        try transaction.block("bob", by: "alice")
                        try transaction.mute("alice", in: GroupID("g"), until: .distantFuture)
                        #expect(try transaction.append(.text("lost"), to: .group(GroupID("g"))).sequence == 2)
                        #expect(try transaction.append(.text("lost"), to: .group(GroupID("new"))).sequence == 1)
                        #expect(try transaction.lastSequence(of: .group(GroupID("g"))) == 2)
                        transaction.announce(.presence("lost", []), to: .users(["alice"]))
                        try transaction.save(ParleyCore.Place(user: "alice", conversation: .group(GroupID("pinned"))))
                        throw ChangedMyMind()
                    }
                } catch is ChangedMyMind {
                    return nil
                }
            },
            { try await store.append(scene.draft("after")).sequence },
            { try await store.append(scene.draft("new", to: "new")).sequence },
            {
                try await store.write(in: Scene.app) {
                    $0.announce(.presence("told", []), to: .users(["alice"]))
                    return nil
                }
            },
        ]

        #expect(try await scene.inOneBatch(jobs) == [1, nil, 2, 1, nil])
        #expect(try await scene.texts() == ["before", "after"])
        #expect(try await scene.texts("new") == ["new"])
        #expect(try await scene.store.user("bob", in: Scene.app) == nil)
        let group = try #require(try await scene.store.group(GroupID("g"), in: Scene.app))
        #expect(Set(group.members.keys) == ["alice"])
        #expect(group.mutes.isEmpty)
        #expect(try await !scene.store.hasBlocked("alice", "bob", in: Scene.app))
        #expect(!scene.signals.entries.contains { $0.text == "lost" })
        #expect(!scene.signals.memberships.contains { $0.user == "bob" })
        let announcement = Announcement(
            app: Scene.app, event: .presence("told", []), recipients: .users(["alice"]))
        #expect(scene.signals.commits.flatMap(\.announcements) == [announcement])
    }

    @Test(arguments: Place.allCases)
    func aWriteReadsWhatItHasWritten(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.store.write(in: Scene.app) { transaction in
            let group = GroupID("g")
            try transaction.save(Group(id: group, type: .public, name: "g", owner: nil, createdAt: transaction.now))
            for user in ["c", "a", "b"] {
                try transaction.save(Member(user: UserID(user), joinedAt: transaction.now), of: group)
            }
            #expect(try transaction.members(of: group).map(\.user) == ["c", "a", "b"])
            #expect(try transaction.memberCount(of: group) == 3)
            try transaction.remove("a", from: group)
            try transaction.remove("a", from: group)
            #expect(try transaction.memberCount(of: group) == 2)
            #expect(try transaction.member("a", of: group) == nil)
            #expect(try transaction.groups(of: "c") == [group])
            let receipt = try transaction.append(.text("hello"), to: .group(group))
            #expect(try transaction.entry(receipt.id)?.text == "hello")
            #expect(try transaction.entry(1, of: .group(group))?.id == receipt.id)
            try transaction.markRecalled(receipt.id, leavesNoTrace: false)
            #expect(try transaction.entry(receipt.id)?.isRecalled == true)
            try transaction.save(User(id: "c", createdAt: transaction.now))
            #expect(try transaction.user("c") != nil)
            try transaction.delete("c" as UserID)
            #expect(try transaction.user("c") == nil)
            #expect(try transaction.groups(of: "c").isEmpty)
            #expect(try transaction.memberCount(of: group) == 1)
        }
    }

    @Test(arguments: Place.allCases)
    func membersAndMutesNeedAGroup(_ place: Place) async throws {
        let scene = try Scene(place)
        let nowhere = GroupID("nowhere")
        await #expect(throws: Rejection.groupNotFound(nowhere)) {
            try await scene.store.write(in: Scene.app) { transaction in
                try transaction.save(Member(user: "a", joinedAt: transaction.now), of: nowhere)
            }
        }
        await #expect(throws: Rejection.groupNotFound(nowhere)) {
            try await scene.store.write(in: Scene.app) { try $0.mute("a", in: nowhere, until: .distantFuture) }
        }
        try await scene.store.write(in: Scene.app) { transaction in
            #expect(try transaction.member("a", of: nowhere) == nil)
            #expect(try transaction.members(of: nowhere).isEmpty)
            #expect(try transaction.memberCount(of: nowhere) == 0)
            try transaction.remove("a", from: nowhere)
            try transaction.delete(nowhere)
        }
    }

    @Test(arguments: Place.allCases)
    func membershipChangesAreToldInOrder(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice", "bob"])
        try await scene.store.write(in: Scene.app) { try $0.remove("alice", from: GroupID("g")) }
        try await scene.store.write(in: Scene.app) { try $0.delete(GroupID("g")) }
        #expect(scene.signals.memberships.map(\.user) == ["alice", "bob", "alice", "bob"])
        #expect(scene.signals.memberships.map { $0.member != nil } == [true, true, false, false])
    }

    /// The one who writes is answered only when those who deliver have been told.
    @Test func signalsComeBeforeTheAnswer() async throws {
        let scene = try Scene(.folder)
        for number in 1...20 {
            _ = try await scene.store.append(scene.draft("\(number)"))
            #expect(scene.signals.entries.count == number)
        }
    }

    @Test func aBatchThatCannotBeCommittedFailsOnlyWhoIsAtFault() async throws {
        let scene = try Scene(.folder)
        let store = scene.store
        _ = try await store.append([scene.draft("one"), scene.draft("one", to: "h")])
        try scene.takeSecondPlace()
        let jobs: [@Sendable () async throws -> UInt64?] = [
            { try await store.append(scene.draft("two", to: "h")).sequence },
            {
                await #expect(throws: StoreFault.self) { try await store.append(scene.draft("two")) }
                return nil
            },
            { try await store.append(scene.draft("three", to: "h")).sequence },
        ]
        #expect(try await scene.inOneBatch(jobs) == [2, nil, 3])
        #expect(try await scene.texts("h") == ["one", "two", "three"])
        #expect(
            scene.signals.entries.filter { $0.conversation == scene.conversation("h") }.map(\.sequence) == [1, 2, 3])
    }
}
