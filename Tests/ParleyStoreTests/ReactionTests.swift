import ParleyCore
import ParleyTesting
import Testing

@testable import ParleyStore

@Suite struct ReactionTests {
    private func react(
        _ scene: Scene, _ kind: String, to message: MessageID, by user: UserID
    ) async throws -> Bool {
        try await scene.store.write(in: Scene.app) {
            try $0.react(kind, to: message, of: .group(GroupID("g")), by: user)
        }
    }

    @Test(arguments: Place.allCases)
    func theyComeBackByMessageInTheOrderOfTheirFirst(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice"])
        let ids = try await scene.store.append([scene.draft("one"), scene.draft("two"), scene.draft("three")]).map(\.id)
        let first = scene.clock.now()
        #expect(try await self.react(scene, "z", to: ids[0], by: "u1"))
        scene.clock.advance(seconds: 5)
        let second = scene.clock.now()
        for user: UserID in ["u4", "u2", "u3"] { #expect(try await self.react(scene, "z", to: ids[0], by: user)) }
        #expect(try await self.react(scene, "a", to: ids[0], by: "u2"))
        #expect(try await self.react(scene, "ÿ👍\u{200d}", to: ids[2], by: "u1"))
        #expect(try await !self.react(scene, "z", to: ids[0], by: "u1"))
        let later = place == .folder ? try scene.reopened() : scene
        let found = try await later.store.reactions(to: ids, for: "u3")
        #expect(Set(found.keys) == [ids[0], ids[2]])
        #expect(
            found[ids[0]] == [
                Reaction(kind: "z", count: 4, users: ["u1", "u4", "u2"], isOwn: true, firstAt: first, lastAt: second),
                Reaction(kind: "a", count: 1, users: ["u2"], isOwn: false, firstAt: second, lastAt: second),
            ])
        #expect(found[ids[2]]?.map(\.kind) == ["ÿ👍\u{200d}"])
        #expect(try await later.store.reactions(to: [], for: nil).isEmpty)
        let page = try await later.store.reactors("z", to: ids[0], after: nil, limit: 2)
        #expect(page.map(\.user) == ["u1", "u4"] && page.map(\.at) == [first, second])
        let rest = try await later.store.reactors("z", to: ids[0], after: page.last?.position, limit: 9)
        #expect(rest.map(\.user) == ["u2", "u3"])
    }

    @Test(arguments: Place.allCases)
    func whatIsTakenBackIsGone(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice"])
        let id = try await scene.store.append(scene.draft("one")).id
        _ = try await self.react(scene, "a", to: id, by: "u1")
        try await scene.store.write(in: Scene.app) { (transaction) throws in
            let cases = [("a", "u2", false), ("b", "u1", false), ("a", "u1", true)] as [(String, UserID, Bool)]
            for (kind, user, wasThere) in cases {
                let isTakenBack = try transaction.takeBack(kind, to: id, by: user)
                #expect(isTakenBack == wasThere)
            }
            #expect(try transaction.reactions(to: id, for: nil).isEmpty)
        }
    }

    @Test(arguments: Place.allCases)
    func theyAreCountedAsTheyComeAndGo(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice"])
        let id = try await scene.store.append(scene.draft("one")).id
        func shown() async throws -> [String] {
            try await scene.store.reactions(to: [id], for: "u2")[id, default: []].map { reaction in
                "\(reaction.kind) \(reaction.count) \(reaction.users.map(\.rawValue)) \(reaction.isOwn)"
            }
        }
        for number in 1...5 { #expect(try await self.react(scene, "a", to: id, by: UserID("u\(number)"))) }
        #expect(try await self.react(scene, "b", to: id, by: "u3"))
        // Neither what is there already nor what is undone counts.
        #expect(try await !self.react(scene, "a", to: id, by: "u1"))
        await #expect(throws: Rejection.reactionExists) {
            try await scene.store.write(in: Scene.app) { (transaction) throws in
                _ = try transaction.react("a", to: id, of: .group(GroupID("g")), by: "u6")
                throw Rejection.reactionExists
            }
        }
        #expect(try await shown() == [#"a 5 ["u1", "u2", "u3"] true"#, #"b 1 ["u3"] false"#])
        try await scene.store.write(in: Scene.app) { (transaction) throws in
            for user: UserID in ["u1", "u2"] { _ = try transaction.takeBack("a", to: id, by: user) }
        }
        #expect(try await self.react(scene, "a", to: id, by: "u1"))
        // The first of `a` is younger than it was, and still older than `b`.
        #expect(try await shown() == [#"a 4 ["u3", "u4", "u5"] false"#, #"b 1 ["u3"] false"#])
    }

    @Test(arguments: Place.allCases)
    func thoseOfAUserGoWithHim(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["alice"])
        let ids = try await scene.store.append([scene.draft("one"), scene.draft("two")]).map(\.id)
        for user: UserID in ["u1", "u2"] {
            for id in ids { #expect(try await self.react(scene, "a", to: id, by: user)) }
        }
        // Another App's user of that name is somebody else.
        try await scene.store.write(in: AppID("other")) { try $0.delete("u1") }
        #expect(try await scene.store.reactions(to: [ids[0]], for: "u1")[ids[0]]?.first?.isOwn == true)
        try await scene.store.write(in: Scene.app) { try $0.delete("u1") }
        let found = try await scene.store.reactions(to: ids, for: "u1")
        #expect(ids.map { found[$0]?.map(\.users) } == [[["u2"]], [["u2"]]])
        #expect(ids.map { found[$0]?.map(\.count) } == [[1], [1]])
        // Who has the id next has not reacted.
        #expect(try await self.react(scene, "a", to: ids[0], by: "u1"))
    }

    @Test func theyGoWithTheirMessageAndWithItsGroup() async throws {
        let scene = try Scene(.folder) { $0.historyRetentionSeconds = 100 }
        try await scene.makeGroup(members: ["alice"])
        let old = try await scene.store.append(scene.draft("old")).id
        _ = try await self.react(scene, "a", to: old, by: "u1")
        scene.clock.advance(seconds: 60)
        let ids = try await scene.store.append([scene.draft("one"), scene.draft("two")]).map(\.id)
        for id in ids { _ = try await self.react(scene, "a", to: id, by: "u1") }
        try await scene.store.write(in: Scene.app) { try $0.markRecalled(ids[0], leavesNoTrace: false) }
        #expect(try scene.count("reactions") == 2 && scene.count("reaction_counts") == 2)
        scene.clock.advance(seconds: 60)
        try await scene.store.maintain()
        #expect(try scene.count("reactions") == 1)
        try await scene.store.write(in: Scene.app) { try $0.delete(GroupID("g")) }
        try await scene.store.maintain()
        #expect(try scene.count("reactions") == 0 && scene.count("reaction_counts") == 0)
    }
}
