import ParleyCore
import ParleyStore
import ParleyTesting
import Testing

@Suite struct RepeatTests {
    private let key = DeduplicationKey("k", lifetimeSeconds: 60)

    @Test(arguments: Place.allCases)
    func aRepeatGetsTheFirstReceiptAndAddsNothing(_ place: Place) async throws {
        let scene = try Scene(place)
        let first = try await scene.store.append(scene.draft("one", key: self.key))
        scene.clock.advance(seconds: 59)
        let second = try await scene.store.append(scene.draft("two", key: self.key))

        #expect(!first.isRepeat)
        #expect(second == Receipt(id: first.id, sequence: 1, isRepeat: true))
        #expect(try await scene.texts() == ["one"])
        #expect(scene.signals.entries.count == 1)
        #expect(try await scene.store.append(scene.draft("three")).sequence == 2)
    }

    @Test(arguments: Place.allCases)
    func aKeyMayBeUsedAgainWhenItsLifetimeIsOver(_ place: Place) async throws {
        let scene = try Scene(place)
        _ = try await scene.store.append(scene.draft("one", key: self.key))
        scene.clock.advance(seconds: 60)
        let second = try await scene.store.append(scene.draft("two", key: self.key))
        scene.clock.advance(seconds: 59)
        let third = try await scene.store.append(scene.draft("three", key: self.key))

        #expect(!second.isRepeat)
        #expect(third == Receipt(id: second.id, sequence: 2, isRepeat: true))
    }

    @Test(arguments: Place.allCases)
    func aKeyCountsInItsOwnConversationOnly(_ place: Place) async throws {
        let scene = try Scene(place)
        _ = try await scene.store.append(scene.draft("one", to: "g", key: self.key))
        let other = try await scene.store.append(scene.draft("two", to: "h", key: self.key))
        #expect(!other.isRepeat)
    }

    @Test(arguments: Place.allCases)
    func equalKeysInOneCallAreOneMessage(_ place: Place) async throws {
        let scene = try Scene(place)
        let receipts = try await scene.store.append([
            scene.draft("one", key: self.key), scene.draft("again", key: self.key), scene.draft("two"),
        ])
        #expect(receipts.map(\.sequence) == [1, 1, 2])
        #expect(receipts.map(\.isRepeat) == [false, true, false])
        #expect(receipts[1].id == receipts[0].id)
        #expect(try await scene.texts() == ["one", "two"])
    }

    @Test func equalKeysFromSendersThatShareACommitAreOneMessage() async throws {
        let scene = try Scene(.folder)
        let receipts = try await scene.inOneBatch(
            (0..<8).map { number in { try await scene.store.append(scene.draft("\(number)", key: self.key)) } })
        #expect(Set(receipts.map(\.id)).count == 1)
        #expect(receipts.filter { !$0.isRepeat }.count == 1)
        #expect(scene.signals.entries.count == 2)  // with the one that held the batch
    }

    @Test func expiredKeysArePurged() async throws {
        let scene = try Scene(.folder)
        _ = try await scene.store.append(scene.draft("one", key: self.key))
        _ = try await scene.store.append(scene.draft("two", key: DeduplicationKey("long", lifetimeSeconds: 1000)))
        scene.clock.advance(seconds: 61)
        try await scene.store.maintain()
        #expect(try scene.count("repeats") == 1)
        #expect(
            try await scene.store.append(scene.draft("x", key: DeduplicationKey("long", lifetimeSeconds: 1))).isRepeat)
    }
}
