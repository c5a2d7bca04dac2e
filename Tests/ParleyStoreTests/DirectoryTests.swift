import ParleyCore
import ParleyStore
import ParleyTesting
import Testing

@Suite struct DirectoryTests {
    @Test(arguments: Place.allCases)
    func everyFieldOfAUserComesBack(_ place: Place) async throws {
        let scene = try Scene(place)
        var user = User(id: "u", name: "", portrait: "p", createdAt: Timestamp(seconds: 3))
        user.updatedAt = Timestamp(seconds: 4)
        user.isActive = false
        user.blockedUntil = Timestamp(seconds: 6)
        user.tokensValidFrom = Timestamp(seconds: 5)
        user.passwordHash = "hash"
        user.mutedInGroupsUntil = .distantFuture
        user.mutedInRoomsUntil = Timestamp(seconds: 7)
        user.mutedInDirectUntil = Timestamp(seconds: 8)
        user.attributes = ["k": "v", "é": "日本"]
        let plain = User(id: "v", createdAt: .distantPast)
        for saved in [user, plain] {
            try await scene.store.write(in: Scene.app) { transaction in
                try transaction.save(saved)
                #expect(try transaction.user(saved.id) == saved)
            }
            #expect(try await scene.store.user(saved.id, in: Scene.app) == saved)
        }
        #expect(try await scene.store.users(in: Scene.app, after: nil, limit: 5) == [user, plain])
    }

    @Test(arguments: Place.allCases)
    func whoIsMutedAnywhereIsFoundAsLongAsHeIs(_ place: Place) async throws {
        let scene = try Scene(place)
        let now = scene.clock.now()
        func save(_ name: String, _ change: (inout User) -> Void) async throws {
            var user = User(id: UserID(name), createdAt: .distantPast)
            change(&user)
            try await scene.save(user)
        }
        try await save("d") { $0.mutedInDirectUntil = .distantFuture }
        try await save("past") { $0.mutedInGroupsUntil = now }
        try await save("g") { ($0.mutedInGroupsUntil, $0.mutedInRoomsUntil) = (now.adding(seconds: 2), .distantFuture) }
        try await save("free") { _ in }
        try await save("r") { $0.mutedInRoomsUntil = now.adding(seconds: 1) }
        func muted(at moment: Timestamp, offset: Int = 0, limit: Int = 9, in app: AppID = Scene.app) async throws
            -> [UserID]
        {
            try await scene.store.usersMuted(in: app, at: moment, offset: offset, limit: limit).map(\.id)
        }
        #expect(try await muted(at: now) == ["d", "g", "r"])
        #expect(try await muted(at: now, offset: 1, limit: 1) == ["g"])
        #expect(try await muted(at: now.adding(seconds: 2)) == ["d", "g"])
        #expect(try await muted(at: now, in: AppID("other")).isEmpty)
    }

    @Test(arguments: Place.allCases)
    func usersAreListedInTheOrderOfCreationPageByPage(_ place: Place) async throws {
        let scene = try Scene(place)
        for name in ["c", "a", "b"] { try await scene.save(User(id: UserID(name), createdAt: .distantPast)) }
        // A change is no creation.
        try await scene.save(User(id: "c", name: "C", createdAt: .distantPast))
        let store = scene.store
        #expect(try await store.users(in: Scene.app, after: nil, limit: 2).map(\.id) == ["c", "a"])
        #expect(try await store.users(in: Scene.app, after: "a", limit: 2).map(\.id) == ["b"])
        #expect(try await store.users(in: Scene.app, after: "gone", limit: 2).isEmpty)
        #expect(try await store.users(in: Scene.app, after: nil, limit: -1).isEmpty)
    }

    @Test(arguments: Place.allCases)
    func whoIsKnownNotToBeIsFoundOnceCreated(_ place: Place) async throws {
        let scene = try Scene(place)
        #expect(try await scene.store.user("u", in: Scene.app) == nil)
        try await scene.save(User(id: "u", name: "one", createdAt: .distantPast))
        #expect(try await scene.store.user("u", in: Scene.app)?.name == "one")
        try await scene.save(User(id: "u", name: "two", createdAt: .distantPast))
        #expect(try await scene.store.user("u", in: Scene.app)?.name == "two")
        try await scene.store.write(in: Scene.app) { try $0.delete("u" as UserID) }
        #expect(try await scene.store.user("u", in: Scene.app) == nil)
    }

    @Test(arguments: Place.allCases)
    func blocksAreOneSidedAndListedNewestFirst(_ place: Place) async throws {
        let scene = try Scene(place)
        let store = scene.store
        #expect(try await !store.hasBlocked("a", "b", in: Scene.app))
        try await store.write(in: Scene.app) { transaction in
            for user in ["b", "c", "d", "b"] { try transaction.block(UserID(user), by: "a") }
        }
        #expect(try await store.hasBlocked("a", "b", in: Scene.app))
        #expect(try await !store.hasBlocked("b", "a", in: Scene.app))
        #expect(try await !store.hasBlocked("a", "b", in: AppID("other")))
        #expect(try await store.blocked(by: "a", in: Scene.app) == ["d", "c", "b"])
        try await store.write(in: Scene.app) { try $0.unblock("b", by: "a") }
        #expect(try await !store.hasBlocked("a", "b", in: Scene.app))
        // A deleted user blocks nobody, and is blocked by nobody, if he comes again.
        try await store.write(in: Scene.app) { try $0.delete("c" as UserID) }
        #expect(try await !store.hasBlocked("a", "c", in: Scene.app))
        #expect(try await store.hasBlocked("a", "d", in: Scene.app))
        try await store.write(in: Scene.app) { try $0.delete("a" as UserID) }
        #expect(try await !store.hasBlocked("a", "d", in: Scene.app))
        #expect(try await store.blocked(by: "a", in: Scene.app).isEmpty)
    }

    /// Readers race a writer: what they are told may be as old as their question, never older.
    @Test(arguments: Place.allCases)
    func noReaderSeesLessThanWhatWasAnsweredBefore(_ place: Place) async throws {
        let scene = try Scene(place) { $0.cacheLimit = 4 }  // next to nothing is remembered: loads all the time
        try await scene.makeGroup(members: [])
        let store = scene.store
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<4 {
                group.addTask {
                    let user = UserID("user-\(lane)")
                    for number in 1...40 {
                        try await store.write(in: Scene.app) { transaction in
                            try transaction.save(User(id: user, name: "\(number)", createdAt: .distantPast))
                            try transaction.save(
                                Member(user: UserID("m-\(lane)-\(number)"), joinedAt: transaction.now),
                                of: GroupID("g"))
                            try transaction.block(UserID("b-\(number)"), by: user)
                        }
                        #expect(try await store.user(user, in: Scene.app)?.name == "\(number)")
                        #expect(try await store.hasBlocked(user, UserID("b-\(number)"), in: Scene.app))
                        let snapshot = try await store.group(GroupID("g"), in: Scene.app)
                        let mine = snapshot?.members.keys.filter { $0.rawValue.hasPrefix("m-\(lane)-") }
                        #expect(mine?.count == number)
                    }
                }
                group.addTask {
                    for _ in 0..<200 {
                        _ = try await store.user(UserID("user-\(lane)"), in: Scene.app)
                        _ = try await store.group(GroupID("g"), in: Scene.app)
                        _ = try await store.hasBlocked(UserID("user-\(lane)"), "x", in: Scene.app)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await store.group(GroupID("g"), in: Scene.app)?.members.count == 160)
    }

    /// A move of a member from one group to another is one transaction; nobody sees him in both or in none.
    @Test(arguments: Place.allCases)
    func readersSeeWholeTransactions(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup("a", members: ["alice"])
        try await scene.makeGroup("b")
        let store = scene.store
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for number in 0..<60 {
                    let (from, to) = number.isMultiple(of: 2) ? ("a", "b") : ("b", "a")
                    try await store.write(in: Scene.app) { transaction in
                        try transaction.remove("alice", from: GroupID(from))
                        try transaction.save(Member(user: "alice", joinedAt: transaction.now), of: GroupID(to))
                        _ = try transaction.append(.text("moved"), to: .group(GroupID(to)))
                        _ = try transaction.append(.text("moved"), to: .group(GroupID(to)))
                    }
                }
            }
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<60 {
                        #expect(try await store.groups(of: "alice", in: Scene.app).count == 1)
                        let entries = try await store.entries(of: scene.conversation("a"), after: 0, limit: 1000)
                        #expect(entries.count.isMultiple(of: 2))
                        #expect(entries.map(\.sequence) == entries.indices.map { UInt64($0) + 1 })
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}

extension Scene {
    func save(_ user: User) async throws { try await self.store.write(in: Self.app) { try $0.save(user) } }
}
