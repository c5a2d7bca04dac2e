import ParleyCore
import ParleyStore
import ParleyTesting
import Testing

@Suite struct AppendTests {
    @Test(arguments: Place.allCases)
    func whatIsAppendedIsFoundInOrder(_ place: Place) async throws {
        let scene = try Scene(place)
        let receipts = try await scene.store.append([
            scene.draft("one"), scene.draft("two"), scene.draft("other", to: "h"),
        ])

        #expect(receipts.map(\.sequence) == [1, 2, 1])
        #expect(receipts[0].id < receipts[1].id && receipts[1].id < receipts[2].id)
        #expect(try await scene.texts() == ["one", "two"])
        #expect(try await scene.texts("h") == ["other"])
        #expect(try await scene.store.lastSequence(of: scene.conversation()) == 2)
        #expect(try await scene.store.lastSequence(of: scene.conversation("nobody")) == 0)
        #expect(try await scene.store.entry(receipts[1].id, in: Scene.app)?.text == "two")
        #expect(try await scene.store.entry(receipts[1].id, in: AppID("another")) == nil)
        #expect(try await scene.store.entry(2, of: scene.conversation())?.id == receipts[1].id)
    }

    @Test(arguments: Place.allCases)
    func pagesGoBothWays(_ place: Place) async throws {
        let scene = try Scene(place)
        _ = try await scene.store.append((1...10).map { scene.draft("\($0)") })
        let conversation = scene.conversation()

        #expect(try await scene.store.entries(of: conversation, after: 3, limit: 2).map(\.text) == ["4", "5"])
        #expect(try await scene.store.entries(of: conversation, after: 9, limit: 5).map(\.text) == ["10"])
        #expect(try await scene.store.entries(of: conversation, after: .max, limit: 5).isEmpty)
        #expect(try await scene.store.entries(of: conversation, upTo: nil, limit: 2).map(\.text) == ["10", "9"])
        #expect(try await scene.store.entries(of: conversation, upTo: 2, limit: 5).map(\.text) == ["2", "1"])
        #expect(try await scene.store.entries(of: conversation, upTo: 2, limit: 0).isEmpty)
    }

    @Test(arguments: Place.allCases)
    func sequencesHaveNoGapsWhateverTheNumberOfSenders(_ place: Place) async throws {
        let scene = try Scene(place)
        let receipts = try await withThrowingTaskGroup(of: [Receipt].self) { group in
            for sender in 0..<32 {
                group.addTask {
                    var receipts: [Receipt] = []
                    for number in 0..<10 {
                        receipts.append(try await scene.store.append(scene.draft("\(sender).\(number)")))
                    }
                    return receipts
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }

        let byID = receipts.sorted { $0.id < $1.id }
        #expect(byID.map(\.sequence) == (1...320).map { UInt64($0) })
        let entries = try await scene.store.entries(of: scene.conversation(), after: 0, limit: 1000)
        #expect(entries.map(\.id) == byID.map(\.id))
        #expect(scene.signals.entries.map(\.id) == byID.map(\.id))
        #expect(scene.store.counters.entries == 320)
    }

    @Test(arguments: Place.allCases)
    func sendersThatWaitTogetherShareACommit(_ place: Place) async throws {
        let scene = try Scene(place)
        let jobs = (0..<20).map { number in { @Sendable in try await scene.store.append(scene.draft("\(number)")) } }
        let receipts = try await scene.inOneBatch(jobs)

        #expect(receipts.map(\.sequence) == (1...20).map { UInt64($0) })
        #expect(scene.signals.commits.map(\.entries.count) == [1, 20])
        #expect(scene.store.counters.commits == 2)
    }
}
