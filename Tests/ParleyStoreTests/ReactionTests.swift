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

    @Test func theyGoWithTheirMessageAndWithItsGroup() async throws {
        let scene = try Scene(.folder) { $0.historyRetentionSeconds = 100 }
        try await scene.makeGroup(members: ["alice"])
        let old = try await scene.store.append(scene.draft("old")).id
        _ = try await self.react(scene, "a", to: old, by: "u1")
        scene.clock.advance(seconds: 60)
        let ids = try await scene.store.append([scene.draft("one"), scene.draft("two")]).map(\.id)
        for id in ids { _ = try await self.react(scene, "a", to: id, by: "u1") }
        try await scene.store.write(in: Scene.app) { try $0.markRecalled(ids[0], leavesNoTrace: false) }
        #expect(try scene.count("reactions") == 2)
        scene.clock.advance(seconds: 60)
        try await scene.store.maintain()
        #expect(try scene.count("reactions") == 1)
        try await scene.store.write(in: Scene.app) { try $0.delete(GroupID("g")) }
        try await scene.store.maintain()
        #expect(try scene.count("reactions") == 0)
    }
}
