import ParleyCore
import ParleyTesting
import Testing

@testable import ParleyStore

@Suite struct ThreadTests {
    private static let group = GroupID("g")

    private func makeThreads(_ scene: Scene, _ names: [String], in group: GroupID = Self.group, from first: UInt64 = 1)
        async throws
    {
        for (index, name) in names.enumerated() {
            let origin = ThreadOrigin(group: group, message: MessageID(rawValue: first + UInt64(index)))
            try await scene.store.write(in: Scene.app) { transaction in
                let thread = Group(
                    thread: GroupID(name), on: origin, name: "n-\(name)", owner: "alice", createdAt: transaction.now)
                try transaction.save(thread)
                try transaction.save(Member(user: "alice", role: .owner, joinedAt: transaction.now), of: thread.id)
            }
        }
    }

    private func names(_ scene: Scene, _ change: (inout ThreadSelection) -> Void = { _ in }) async throws -> [String] {
        var selection = ThreadSelection(app: Scene.app, limit: 10)
        change(&selection)
        return try await scene.store.threads(selection).map(\.thread.id.rawValue)
    }

    @Test(arguments: Place.allCases)
    func aThreadComesBackWithItsOrigin(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice"])
        try await self.makeThreads(scene, ["t"], from: 1 << 52)
        let later = place == .folder ? try scene.reopened() : scene
        let thread = try #require(try await later.store.group(GroupID("t"), in: Scene.app))
        #expect(thread.group.origin == ThreadOrigin(group: Self.group, message: MessageID(rawValue: 1 << 52)))
        #expect(thread.group.type == .thread)
        #expect(try await later.store.group(Self.group, in: Scene.app)?.group.origin == nil)
        #expect(
            try await later.store.threads(on: [MessageID(rawValue: 7), MessageID(rawValue: 1 << 52)], in: Scene.app)
                == [thread.group])
        #expect(try await later.store.threads(on: [MessageID(rawValue: 1 << 52)], in: AppID("other")).isEmpty)
    }

    @Test(arguments: Place.allCases)
    func theyAreListedByAgeOrByJoiningPageByPage(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice", "bob"])
        try await scene.makeGroup("h", members: ["alice", "bob"])
        try await self.makeThreads(scene, ["1", "2", "3"])
        try await self.makeThreads(scene, ["4"], in: GroupID("h"), from: 10)
        try await scene.store.write(in: Scene.app) { transaction in
            for name in ["3", "1", "4"] {
                try transaction.save(Member(user: "bob", joinedAt: transaction.now), of: GroupID(name))
            }
        }
        #expect(try await self.names(scene) == ["4", "3", "2", "1"])
        #expect(try await self.names(scene) { $0.isOldestFirst = true } == ["1", "2", "3", "4"])
        #expect(try await self.names(scene) { $0.group = Self.group } == ["3", "2", "1"])
        #expect(try await self.names(scene) { $0.user = "bob" } == ["4", "1", "3"])
        #expect(
            try await self.names(scene) {
                $0.user = "bob"
                $0.group = Self.group
                $0.isOldestFirst = true
            } == ["3", "1"])
        #expect(try await self.names(scene) { $0.app = AppID("other") } == [])
        for (user, expected) in [(nil, ["2", "1"]), ("bob", ["3"])] as [(UserID?, [String])] {
            let page = try await scene.store.threads(ThreadSelection(app: Scene.app, user: user, limit: 2))
            #expect(page.count == 2)
            #expect(
                try await self.names(scene) {
                    $0.user = user
                    $0.after = page.last?.position
                } == expected)
        }
    }

    @Test(arguments: Place.allCases)
    func rulesFindThem(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice", "bob"])
        try await self.makeThreads(scene, ["1", "2"])
        try await scene.store.write(in: Scene.app) { transaction in
            #expect(try transaction.thread(on: MessageID(rawValue: 2)) == GroupID("2"))
            #expect(try transaction.thread(on: MessageID(rawValue: 3)) == nil)
            #expect(try transaction.threads(of: Self.group, joinedBy: nil) == [GroupID("1"), GroupID("2")])
            #expect(try transaction.threads(of: GroupID("1"), joinedBy: nil).isEmpty)
            try transaction.remove("alice", from: GroupID("1"))
            #expect(try transaction.threads(of: Self.group, joinedBy: "alice") == [GroupID("2")])
            #expect(try transaction.threads(of: Self.group, joinedBy: "bob").isEmpty)
            #expect(try transaction.threadCount(joinedBy: nil) == 2)
            #expect(try transaction.threadCount(joinedBy: "alice") == 1)
            try transaction.delete(GroupID("2"))
            #expect(try transaction.threadCount(joinedBy: nil) == 1)
            #expect(try transaction.thread(on: MessageID(rawValue: 2)) == nil)
        }
    }

    @Test(arguments: Place.allCases)
    func whatCountsIsWhatEverybodyElseCanRead(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice"])
        try await self.makeThreads(scene, ["t"])
        #expect(try await scene.store.messageCount(of: GroupID("t"), in: Scene.app) == 0)
        var drafts = ["one", "two", "three"].map { scene.draft($0, to: "t") }
        drafts.append(Draft(conversation: scene.conversation("t"), body: .notice(.left(["bob"]))))
        let receipts = try await scene.store.append(drafts)
        _ = try await scene.store.append(scene.draft("elsewhere"))
        #expect(try await scene.store.messageCount(of: GroupID("t"), in: Scene.app) == 3)
        try await scene.store.write(in: Scene.app) { try $0.markRecalled(receipts[1].id, leavesNoTrace: false) }
        #expect(try await scene.store.messageCount(of: GroupID("t"), in: Scene.app) == 2)
    }

    /// A store that was made before there were any.
    @Test func groupsThatWereThereBeforeAreNone() async throws {
        let scene = try Scene(.folder)
        try await scene.makeGroup(members: ["alice"])
        scene.store.close()
        try scene.execute(
            """
            DROP INDEX groups_threads; DROP INDEX groups_threads_by_age; DROP INDEX groups_threads_by_message;
            ALTER TABLE groups DROP COLUMN origin_group; ALTER TABLE groups DROP COLUMN origin_message;
            DROP TABLE reactions;
            DELETE FROM grdb_migrations WHERE identifier = '13: threads, reactions';
            """)
        let later = try scene.reopened()
        #expect(try await later.store.group(Self.group, in: Scene.app)?.group.origin == nil)
        try await self.makeThreads(later, ["t"])
        #expect(try await self.names(later) == ["t"])
    }
}
