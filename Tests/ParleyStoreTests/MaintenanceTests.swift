import ParleyCore
import ParleyStore
import ParleyTesting
import Testing

@Suite struct MaintenanceTests {
    @Test(arguments: Place.allCases)
    func historyOlderThanItsRetentionGoesAndSequencesGoOn(_ place: Place) async throws {
        let scene = try Scene(place) { $0.historyRetentionSeconds = 3600 }
        try await scene.makeGroup(members: ["alice"])
        _ = try await scene.store.append((1...2500).map { scene.draft("\($0)") })
        scene.clock.advance(seconds: 3000)
        _ = try await scene.store.append(scene.draft("new"))
        scene.clock.advance(seconds: 1000)
        try await scene.store.maintain()
        #expect(try await scene.texts() == ["new"])
        #expect(try await scene.store.entries(of: scene.conversation(), upTo: nil, limit: 5).map(\.sequence) == [2501])
        #expect(try await scene.store.append(scene.draft("next")).sequence == 2502)
        #expect(try await scene.cursor("alice", retainedSince: .distantPast) == 2500)
    }

    @Test(arguments: Place.allCases)
    func nothingIsPurgedWithoutARetention(_ place: Place) async throws {
        let scene = try Scene(place)
        _ = try await scene.store.append(scene.draft("old"))
        scene.clock.advance(seconds: 1_000_000_000)
        try await scene.store.maintain()
        #expect(try await scene.texts() == ["old"])
    }
}
