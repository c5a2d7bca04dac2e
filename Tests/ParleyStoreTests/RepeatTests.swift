import ParleyCore
import ParleyTesting
import Testing

@testable import ParleyStore

@Suite struct RepeatTests {
    /// Of a minute: in memory and in the message's row. Of a thousand seconds: in a table.
    private static let keys = [
        DeduplicationKey("k", lifetimeSeconds: 60), DeduplicationKey("k", lifetimeSeconds: 1000),
    ]

    @Test(arguments: Place.allCases, Self.keys)
    func aRepeatGetsTheFirstReceiptAndAddsNothing(_ place: Place, _ key: DeduplicationKey) async throws {
        let scene = try Scene(place)
        let first = try await scene.store.append(scene.draft("one", key: key))
        scene.clock.advance(seconds: key.lifetimeSeconds - 1)
        let second = try await scene.store.append(scene.draft("two", key: key))

        #expect(!first.isRepeat)
        #expect(second == Receipt(id: first.id, sequence: 1, isRepeat: true))
        #expect(try await scene.texts() == ["one"])
        #expect(scene.signals.entries.count == 1)
        #expect(try await scene.store.append(scene.draft("three")).sequence == 2)
    }

    @Test(arguments: Place.allCases, Self.keys)
    func aKeyMayBeUsedAgainWhenItsLifetimeIsOver(_ place: Place, _ key: DeduplicationKey) async throws {
        let scene = try Scene(place)
        _ = try await scene.store.append(scene.draft("one", key: key))
        scene.clock.advance(seconds: key.lifetimeSeconds)
        let second = try await scene.store.append(scene.draft("two", key: key))
        scene.clock.advance(seconds: key.lifetimeSeconds - 1)
        let third = try await scene.store.append(scene.draft("three", key: key))

        #expect(!second.isRepeat)
        #expect(third == Receipt(id: second.id, sequence: 2, isRepeat: true))
    }

    @Test(arguments: Place.allCases, Self.keys)
    func aKeyCountsInItsOwnConversationOnly(_ place: Place, _ key: DeduplicationKey) async throws {
        let scene = try Scene(place)
        _ = try await scene.store.append(scene.draft("one", to: "g", key: key))
        let other = try await scene.store.append(scene.draft("two", to: "h", key: key))
        #expect(!other.isRepeat)
    }

    @Test(arguments: Place.allCases, Self.keys)
    func equalKeysInOneCallAreOneMessage(_ place: Place, _ key: DeduplicationKey) async throws {
        let scene = try Scene(place)
        let receipts = try await scene.store.append([
            scene.draft("one", key: key), scene.draft("again", key: key), scene.draft("two"),
        ])
        #expect(receipts.map(\.sequence) == [1, 1, 2])
        #expect(receipts.map(\.isRepeat) == [false, true, false])
        #expect(receipts[1].id == receipts[0].id)
        #expect(try await scene.texts() == ["one", "two"])
    }

    @Test(arguments: Self.keys)
    func equalKeysFromSendersThatShareACommitAreOneMessage(_ key: DeduplicationKey) async throws {
        let scene = try Scene(.folder)
        let receipts = try await scene.inOneBatch(
            (0..<8).map { number in { try await scene.store.append(scene.draft("\(number)", key: key)) } })
        #expect(Set(receipts.map(\.id)).count == 1)
        #expect(receipts.filter { !$0.isRepeat }.count == 1)
        #expect(scene.signals.entries.count == 2)  // with the one that held the batch
    }

    @Test(arguments: Self.keys)
    func aKeyIsKnownWhenTheServerBeginsAgain(_ key: DeduplicationKey) async throws {
        let scene = try Scene(.folder)
        let first = try await scene.store.append(scene.draft("one", key: key))
        let again = try scene.reopened()
        again.clock.advance(seconds: key.lifetimeSeconds - 1)
        #expect(try await again.store.append(again.draft("two", key: key)).id == first.id)
        let late = try again.reopened()
        late.clock.advance(seconds: 1)
        #expect(try await late.store.append(late.draft("three", key: key)).sequence == 2)
    }

    /// Ids go on from where they were, and are then ahead of the clock by an hour.
    @Test(arguments: Self.keys)
    func aKeyLivesNoLongerWhenTheClockWasSetBack(_ key: DeduplicationKey) async throws {
        let scene = try Scene(.folder)
        _ = try await scene.store.append(scene.draft("one"))
        scene.clock.advance(seconds: -3600)
        let first = try await scene.store.append(scene.draft("two", key: key))
        scene.clock.advance(seconds: key.lifetimeSeconds - 1)
        #expect(try await scene.store.append(scene.draft("again", key: key)).id == first.id)
        scene.clock.advance(seconds: 1)
        #expect(try await !scene.store.append(scene.draft("three", key: key)).isRepeat)
        let again = try scene.reopened()
        #expect(try await again.store.append(again.draft("three", key: key)).isRepeat)
    }

    /// What was said in an ended group is not what is said in the next one of its name.
    @Test(arguments: Self.keys)
    func aKeyDoesNotOutliveItsGroup(_ key: DeduplicationKey) async throws {
        let scene = try Scene(.folder)
        try await scene.makeGroup()
        _ = try await scene.store.append(scene.draft("one", key: key))
        try await scene.store.write(in: Scene.app) { try $0.delete(GroupID("g")) }
        try await scene.makeGroup()
        #expect(try await !scene.store.append(scene.draft("two", key: key)).isRepeat)
        let again = try scene.reopened()
        #expect(try await again.store.append(again.draft("three", key: key)).sequence == 1)
    }

    /// The batch is done again, job by job: what was undone with it is no repeat.
    @Test(arguments: Self.keys)
    func aKeyIsNotKnownWhenItsMessageWasNotCommitted(_ key: DeduplicationKey) async throws {
        let scene = try Scene(.folder)
        let store = scene.store
        _ = try await store.append([scene.draft("one"), scene.draft("one", to: "h")])
        try scene.takeSecondPlace()
        let jobs: [@Sendable () async throws -> Receipt?] = [
            { try await store.append(scene.draft("two", to: "h", key: key)) },
            {
                await #expect(throws: StoreFault.self) { try await store.append(scene.draft("two")) }
                return nil
            },
            { try await store.append(scene.draft("again", to: "h", key: key)) },
        ]
        let receipts = try await scene.inOneBatch(jobs)
        #expect(receipts.map(\.?.sequence) == [2, nil, 2])
        #expect(receipts.map(\.?.isRepeat) == [false, nil, true])
        #expect(try await scene.texts("h") == ["one", "two"])
    }

    @Test func expiredKeysArePurged() async throws {
        let scene = try Scene(.folder)
        func key(_ seconds: Int64) -> DeduplicationKey { DeduplicationKey("of \(seconds)", lifetimeSeconds: seconds) }
        for seconds: Int64 in [60, 400, 1000] {
            _ = try await scene.store.append(scene.draft("one", key: key(seconds)))
        }
        #expect(try scene.count("repeats") == 2)
        scene.clock.advance(seconds: 401)
        try await scene.store.maintain()
        #expect(try scene.count("repeats") == 1)
        #expect(try await scene.store.append(scene.draft("x", key: key(1000))).isRepeat)
    }
}

/// Pages of two keys, three of them.
@Suite struct RepeatBookTests {
    private let book = RepeatBook(pageSize: 2, pageLimit: 3)
    private let clock: ManualClock

    private func key(_ number: Int) throws -> RepeatKey {
        try #require(RepeatKey(DeduplicationKey("\(number)", lifetimeSeconds: 60)))
    }

    /// Says the messages of these numbers, each in a transaction of its own, in a conversation of the first message's.
    private func say(_ numbers: ClosedRange<Int>, in database: SQLiteDatabase) throws {
        let draft = try PreparedDraft(
            Draft(conversation: ConversationID(app: Scene.app, .group(GroupID("g"))), body: .text("x")))
        for number in numbers {
            let id = MessageID(sentAt: self.clock.now(), slot: UInt16(number))
            let key = try self.key(number)
            try database.transaction { connection in
                let conversation = try connection.conversation(draft.conversation)?.number
                let place = try conversation ?? connection.insertConversation(draft.conversation)
                #expect(try self.known(number, on: connection) == nil)
                try connection.insertEntry(id, UInt64(number), inConversation: place, draft.stored, key.digest)
                self.book.remember(id, for: key, inConversation: place, now: self.clock.now())
            }
            self.book.committed(through: id, now: self.clock.now())
        }
    }

    private func known(_ number: Int, on connection: SQLConnection) throws -> UInt64? {
        try self.book.firstReceipt(
            for: self.key(number), inConversation: 1, now: self.clock.now(), on: connection)?.sequence
    }

    private func known(_ numbers: ClosedRange<Int>, in database: SQLiteDatabase) throws -> [Int] {
        try database.transaction { connection in
            try numbers.filter { try self.known($0, on: connection) == UInt64($0) }
        }
    }

    @Test func whatIsExpiredIsGivenUp() throws {
        let database = try SQLiteDatabase(at: .memory)
        try self.say(1...4, in: database)
        self.clock.advance(seconds: 30)
        try self.say(5...5, in: database)
        #expect(try self.known(1...5, in: database) == [1, 2, 3, 4, 5])
        self.clock.advance(seconds: 30)
        #expect(try self.known(1...5, in: database) == [5])
        try self.say(6...7, in: database)
        #expect(self.book.count == 3)
        #expect(try self.known(1...7, in: database) == [5, 6, 7])
    }

    @Test func beyondTheLimitTheOldestAreForgotten() throws {
        let database = try SQLiteDatabase(at: .memory)
        try self.say(1...7, in: database)
        #expect(try self.known(1...7, in: database) == [3, 4, 5, 6, 7])
    }

    @Test func whatAnotherBookWroteIsFound() throws {
        let database = try SQLiteDatabase(at: .memory)
        try self.say(1...2, in: database)
        let other = RepeatBookTests(clock: self.clock)
        #expect(try other.known(1...2, in: database) == [1, 2])
        self.clock.advance(seconds: 1)
        try other.say(3...3, in: database)
        #expect(try self.known(1...3, in: database) == [1, 2])
        self.book.forget()
        #expect(try self.known(1...3, in: database) == [1, 2, 3])
    }

    init(clock: ManualClock) { self.clock = clock }
    init() { self.init(clock: ManualClock()) }
}
