import ParleyCore
import ParleyTesting
import Testing

@Suite struct ReadTests {
    private let group = Conversation.group(Bench.group)
    private let pair = Conversation.direct(Bench.alice, Bench.bob)

    @Test func readingGoesForwardOnlyAndIsToldOnce() async throws {
        let bench = try await Bench.make()
        for _ in 1...5 { try await bench.say(in: self.group) }
        let place = try await bench.core.read(self.group, through: 3, by: Bench.bob, in: bench.app.id)
        #expect(place.readThrough == 3)
        let before = Place(user: Bench.bob, conversation: self.group)
        #expect(bench.announced(to: Bench.bob) == [.place(PlaceChange(place, before: before))])
        for earlier in [0, 2, 3] as [UInt64] {
            #expect(
                try await bench.core.read(self.group, through: earlier, by: Bench.bob, in: bench.app.id).readThrough
                    == 3)
        }
        #expect(bench.signals.announcements.count == 1)
        #expect(try await bench.unread(in: self.group, of: Bench.bob)?.count == 2)
    }

    @Test(arguments: [nil, 2, 1000, UInt64.max] as [UInt64?])
    func allOfItMeansWhatWasSaidSoFar(_ through: UInt64?) async throws {
        let bench = try await Bench.make()
        for _ in 1...2 { try await bench.say(in: self.pair) }
        try await bench.core.read(self.pair, through: through, by: Bench.bob, in: bench.app.id)
        #expect(try await bench.place(of: Bench.bob, in: self.pair).readThrough == 2)
        try await bench.say(in: self.pair)
        #expect(try await bench.unread(in: self.pair, of: Bench.bob)?.count == 1)
    }

    @Test func theOtherOfADirectConversationIsTold() async throws {
        let bench = try await Bench.make()
        try await bench.say(in: self.pair)
        try await bench.core.read(self.pair, through: nil, by: Bench.bob, in: bench.app.id)
        #expect(
            bench.announced(to: Bench.alice) == [.read(self.pair, by: Bench.bob, through: 1, at: bench.clock.now())])
        #expect(try await bench.summary(of: self.pair, for: Bench.alice)?.peerReadThrough == 1)
        #expect(try await bench.summary(of: self.pair, for: Bench.bob)?.peerReadThrough == 0)
        // Nobody is told of a group's.
        try await bench.say(in: self.group)
        try await bench.core.read(self.group, through: nil, by: Bench.bob, in: bench.app.id)
        #expect(bench.announced(to: Bench.alice).count == 1)
    }

    @Test func whoReadsHisOwnNotesTellsNobodyElse() async throws {
        let bench = try await Bench.make()
        let notes = Conversation.direct(Bench.alice, Bench.alice)
        try await bench.say(in: notes)
        let place = try await bench.core.read(notes, through: nil, by: Bench.alice, in: bench.app.id)
        let before = Place(user: Bench.alice, conversation: notes)
        #expect(bench.signals.announcements.map(\.event) == [.place(PlaceChange(place, before: before))])
        #expect(try await bench.unread(in: notes, of: Bench.alice) == Unread())
        #expect(try await bench.summary(of: notes, for: Bench.alice)?.peerReadThrough == nil)
    }

    @Test func sendersWhoAskedAreToldWhoReadTheirMessages() async throws {
        let bench = try await Bench.make()
        try await bench.say(in: self.group)
        let first = try await bench.say(in: self.group) { $0.wantsReadReceipts = true }
        let own = try await bench.say(in: self.group, from: Bench.bob) { $0.wantsReadReceipts = true }
        let second = try await bench.say(in: self.group, from: "carol") { $0.wantsReadReceipts = true }
        try await bench.core.read(self.group, through: 3, by: Bench.bob, in: bench.app.id)
        try await bench.core.read(self.group, through: nil, by: "dave", in: bench.app.id)
        func acknowledged(_ id: MessageID, _ sequence: UInt64, _ sender: UserID, _ count: Int, by user: UserID) -> Event
        {
            .acknowledged(
                self.group, Acknowledgement(id: id, sequence: sequence, sender: sender, readCount: count), by: user,
                at: bench.clock.now())
        }
        #expect(
            bench.announced(to: Bench.alice) == [
                acknowledged(first, 2, Bench.alice, 1, by: Bench.bob),
                acknowledged(first, 2, Bench.alice, 2, by: "dave"),
            ])
        #expect(bench.announced(to: "carol") == [acknowledged(second, 4, "carol", 1, by: "dave")])
        #expect(bench.announced(to: Bench.bob).last == acknowledged(own, 3, Bench.bob, 1, by: "dave"))
    }

    @Test func twoDevicesThatReadAtOnceTellTheSenderOnce() async throws {
        let bench = try await Bench.make()
        for _ in 1...20 { try await bench.say(in: self.group) { $0.wantsReadReceipts = true } }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for through in (1...20).shuffled() + [20, 20] {
                tasks.addTask {
                    try await bench.core.read(
                        self.group, through: UInt64(through), by: Bench.bob, in: bench.app.id)
                }
            }
            try await tasks.waitForAll()
        }
        let told = bench.announced(to: Bench.alice).compactMap { event -> UInt64? in
            if case .acknowledged(_, let acknowledgement, by: Bench.bob, _) = event {
                acknowledgement.sequence
            } else {
                nil
            }
        }
        #expect(told == Array(1...20))
        #expect(try await bench.place(of: Bench.bob, in: self.group).readThrough == 20)
    }

    @Test func whoIsNotInItMayNotRead() async throws {
        let bench = try await Bench.make()
        for conversation in [self.group, self.pair, .system(Bench.alice), .room(RoomID("r"))] {
            try await bench.say(in: conversation)
        }
        let refusals: [(Conversation, Rejection)] = [
            (self.group, .notMember("x", of: Bench.group)),
            (.group(GroupID("nowhere")), .groupNotFound(GroupID("nowhere"))), (self.pair, .notPermitted),
            (.system(Bench.alice), .notPermitted), (.room(RoomID("r")), .notPermitted),
        ]
        for (conversation, refusal) in refusals {
            await #expect(throws: refusal) {
                try await bench.core.read(conversation, through: nil, by: "x", in: bench.app.id)
            }
            await #expect(throws: refusal) {
                try await bench.core.acknowledge([], of: conversation, by: "x", in: bench.app.id)
            }
            await #expect(throws: refusal) {
                try await bench.core.changePlace(in: conversation, of: "x", in: bench.app.id) { place, _, now in
                    place.pinnedAt = now
                }
            }
            await #expect(throws: refusal) {
                try await bench.core.delete([], of: conversation, for: "x", in: bench.app.id)
            }
            await #expect(throws: refusal) {
                try await bench.core.history(
                    HistoryQuery(app: bench.app.id, conversation: conversation, user: "x", limit: 10))
            }
        }
        #expect(bench.signals.announcements.isEmpty)
    }
}
