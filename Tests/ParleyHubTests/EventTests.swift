import NIOCore
import NIOEmbedded
import ParleyCore
import Testing

@testable import ParleyHub

/// What those who are connected are told and no log keeps.
struct EventTests {
    private func withStage(_ configuration: HubConfiguration = HubConfiguration(), _ body: (Stage) -> Void) {
        let stage = Stage(configuration)
        body(stage)
        stage.close()
    }

    private let g = GroupID("g")

    private func place(_ user: String, _ conversation: Conversation, readThrough: UInt64) -> Event {
        var place = Place(user: UserID(user), conversation: conversation)
        place.readThrough = readThrough
        return .place(PlaceChange(place, before: Place(user: UserID(user), conversation: conversation)))
    }

    private func receipt(_ id: UInt64, by user: String, count: Int) -> Event {
        .acknowledged(
            .g, Acknowledgement(id: MessageID(rawValue: id), sequence: id, sender: UserID("alice"), readCount: count),
            by: UserID(user), at: .distantPast)
    }

    @Test func typingReachesTheOthersAndNoneOfTheTypistsDevices() {
        self.withStage { stage in
            stage.join("alice", "bob", "carol")
            stage.join("dave", delivery: .discard)
            let guests = [
                stage.connect("alice"), stage.connect("alice", device: "tablet"), stage.connect("bob"),
                stage.connect("carol"), stage.connect("dave"), stage.connect("erin"),
            ]
            let encoded = stage.wire.count
            stage.announce(
                .typing(.g, from: UserID("alice"), isTyping: true), to: .group(self.g, except: UserID("alice")))
            stage.run()
            #expect(guests.map { $0.news().filter { $0 == "typing" }.count } == [0, 0, 1, 1, 0, 0])
            #expect(stage.wire.count == encoded + 1)
        }
    }

    @Test(arguments: [false, true])
    func whatHappensToAGroupIsToldWhereTheProtocolHasWordsForIt(_ hasWords: Bool) {
        self.withStage { stage in
            stage.wire.tellsOfGroups = hasWords
            stage.join("alice", "bob")
            let guests = [stage.connect("alice"), stage.connect("bob"), stage.connect("carol")]
            let encoded = stage.wire.count
            let group = Group(id: self.g, type: .public, name: "g", owner: nil, createdAt: .distantPast)
            let happening = GroupHappening(.unmuted([UserID("bob")]), in: group, by: nil)
            stage.announce(.group(happening), to: .group(self.g, except: nil))
            stage.announce(.group(happening), to: .users([UserID("carol")]))
            stage.run()
            #expect(guests.map { $0.news().contains("group") } == [hasWords, hasWords, hasWords])
            #expect(stage.wire.count == encoded + (hasWords ? 2 : 0))
        }
    }

    @Test func eventsOfADirectConversationNameTheOtherEnd() {
        self.withStage { stage in
            let (alice, bob) = (stage.connect("alice"), stage.connect("bob"))
            stage.announce(
                .read(.between("alice", "bob"), by: UserID("bob"), through: 3, at: .distantPast),
                to: .users([UserID("alice"), UserID("bob")]))
            stage.run()
            alice.look()
            bob.look()
            #expect(alice.events == ["read direct:bob bob 3"])
            #expect(bob.events == ["read direct:alice bob 3"])
        }
    }

    @Test func theEventsOfACommitComeAfterItsEntriesAndThoseOfTheCommitsBefore() {
        self.withStage { stage in
            stage.join("alice")
            let alice = stage.connect("alice")
            _ = alice.news()
            stage.commit([stage.record("1", in: .g)])
            stage.commit(
                [stage.record("2", in: .g)], [],
                [
                    Announcement(
                        app: Stage.app, event: self.place("alice", .g, readThrough: 2),
                        recipients: .users([UserID("alice")]))
                ])
            stage.commit([stage.record("3", in: .g)])
            stage.run()
            #expect(alice.news() == ["1", "2", "place", "3"])
        }
    }

    @Test func whatSomebodyTypedWhileTheOutboxWasFullIsForgotten() {
        self.withStage { stage in
            let alice = stage.connect("alice")
            alice.isFull = true
            stage.announce(
                .typing(.between("alice", "bob"), from: UserID("bob"), isTyping: true), to: .users([UserID("alice")]))
            stage.run()
            alice.isFull = false
            stage.run()
            alice.look()
            #expect(alice.events == [])
        }
    }

    @Test func ofEachStateOnlyTheNewestWaitsForRoom() {
        self.withStage { stage in
            stage.join("alice")
            let alice = stage.connect("alice")
            alice.isFull = true
            for number in UInt64(1)...50 {
                stage.announce(self.place("alice", .g, readThrough: number), to: .users([UserID("alice")]))
                stage.announce(self.receipt(7, by: "user\(number)", count: Int(number)), to: .users([UserID("alice")]))
                stage.announce(
                    .deleted(.g, [MessageID(rawValue: number)]), to: .users([UserID("alice")]))
            }
            stage.announce(self.place("alice", .system(UserID("alice")), readThrough: 9), to: .users([UserID("alice")]))
            stage.run()
            alice.isFull = false
            stage.run()
            alice.look()
            #expect(
                alice.events == [
                    "place group:g 50", "receipt group:g 7 user50 50", "deleted group:g 50", "place system 9",
                ])
        }
    }

    /// Who hears of the last change only hears all that changed since what he heard before.
    @Test func whatBecameOfAPlaceIsToldFromWhereTheClientHasIt() throws {
        self.withStage { stage in
            let alice = stage.connect("alice")
            alice.isFull = true
            let kept = Place(user: UserID("alice"), conversation: .g)
            var (marked, pinned) = (kept, kept)
            marked.marks = [Marks(1)!]
            pinned.marks = marked.marks
            pinned.pinnedAt = Timestamp(milliseconds: 5)
            let moment = Timestamp(milliseconds: 4)
            var pin = PinChange(
                MessageID(rawValue: 7), in: .g, isPinned: true, by: UserID("bob"), device: nil, at: moment)
            for change in [
                PlaceChange(marked, before: kept, device: DeviceID("one"), clearedUpTo: moment),
                PlaceChange(pinned, before: marked, device: DeviceID("two")),
            ] {
                stage.announce(.place(change), to: .users([UserID("alice")]))
            }
            for isPinned in [true, false] {
                pin.isPinned = isPinned
                stage.announce(.pinned(pin), to: .users([UserID("alice")]))
            }
            stage.run()
            alice.isFull = false
            stage.run()
            #expect(
                stage.wire.told == [.place(PlaceChange(pinned, before: kept, clearedUpTo: moment)), .pinned(pin)])
        }
    }

    @Test func whatWaitsIsToldBeforeWhatComesLaterAndOnce() {
        self.withStage(HubConfiguration(outboxBytes: 40)) { stage in
            let alice = stage.connect("alice")
            alice.isFull = true
            stage.announce(self.place("alice", .g, readThrough: 1), to: .users([UserID("alice")]))
            for number in UInt64(1)...20 {
                stage.announce(self.receipt(number, by: "bob", count: 1), to: .users([UserID("alice")]))
            }
            stage.run()
            alice.isFull = false
            stage.announce(self.place("alice", .g, readThrough: 2), to: .users([UserID("alice")]))
            stage.run()
            stage.run()
            alice.look()
            let receipts = (1...20).map { "receipt group:g \($0) bob 1" }
            let places = alice.events.filter { $0.hasPrefix("place") }
            #expect(places.last == "place group:g 2")
            #expect(places.count <= 2)
            #expect(alice.events.filter { $0.hasPrefix("receipt") } == receipts)
        }
    }

    @Test func whoIsToBeToldTooMuchConnectsAgain() {
        self.withStage { stage in
            let (alice, bob) = (stage.connect("alice"), stage.connect("bob"))
            alice.isFull = true
            let users = [UserID("alice"), UserID("bob")]
            for number in UInt64(1)...5000 {
                stage.announce(self.receipt(number, by: "bob", count: 1), to: .users(users))
            }
            stage.run()
            #expect(alice.ending == .tooSlow)
            #expect(bob.ending == nil)
            bob.look()
            #expect(bob.events.count == 5000)
        }
    }

    @Test func manyReceiptsOfOneMessageAreNotTooMuch() {
        self.withStage { stage in
            let alice = stage.connect("alice")
            alice.isFull = true
            for number in 1...10_000 {
                stage.announce(self.receipt(1, by: "u\(number)", count: number), to: .users([UserID("alice")]))
            }
            stage.run()
            alice.isFull = false
            stage.run()
            alice.look()
            #expect(alice.events == ["receipt group:g 1 u10000 10000"])
        }
    }
}

/// What is kept for those who are away.
struct KeptEventTests {
    private let alice = UserID("alice")

    private func receipt(_ message: UInt64, id: UInt64?) -> Announcement {
        let bob = UserID("bob")
        var announcement = Announcement(
            app: Stage.app, event: .delivered(.direct(self.alice, bob), MessageID(rawValue: message), to: bob),
            recipients: .users([self.alice]))
        announcement.id = id.map { MessageID(rawValue: $0) }
        return announcement
    }

    /// A terminal that reads on in the log must hear of each, or it could not know that it missed one.
    @Test(arguments: [false, true]) func whoReadsItIsToldWhetherThereIsRoomOrNot(_ readsKeptEvents: Bool) {
        let stage = Stage()
        stage.wire.readsKeptEvents = readsKeptEvents
        let guest = stage.connect("alice")
        guest.isFull = true
        for announcement in [self.receipt(1, id: nil), self.receipt(2, id: 7)] {
            stage.shard.post(.announcement(announcement))
        }
        stage.run()
        guest.isFull = false
        stage.run()
        guest.look()
        #expect(guest.events == (readsKeptEvents ? ["delivered direct:bob 2 bob"] : []))
        stage.close()
    }

    @Test func howFarAClientHasItIsSavedWithThePulseAndWhenItGoes() {
        let stage = Stage()
        let (guest, other) = (stage.connect("alice"), stage.connect("bob"))
        func cursor(_ user: String, _ id: UInt64) -> EventCursor {
            EventCursor(
                app: Stage.app, user: UserID(user), device: DeviceID("phone"), through: MessageID(rawValue: id))
        }
        stage.advance(.seconds(2))
        guest.reader.fetchedEvents(through: MessageID(rawValue: 1))
        guest.reader.fetchedEvents(through: MessageID(rawValue: 2))
        #expect(stage.library.eventCursors == [])
        stage.advance(.seconds(2))
        #expect(stage.library.eventCursors == [cursor("alice", 2)])
        stage.advance(.seconds(2))
        #expect(stage.library.eventCursors.count == 1)
        guest.reader.fetchedEvents(through: MessageID(rawValue: 3))
        other.reader.fetchedEvents(through: MessageID(rawValue: 4))
        guest.leave()
        stage.run()
        #expect(stage.library.eventCursors == [cursor("alice", 2), cursor("alice", 3)])
        guest.reader.fetchedEvents(through: MessageID(rawValue: 9))
        stage.advance(.seconds(2))
        #expect(stage.library.eventCursors == [cursor("alice", 2), cursor("alice", 3), cursor("bob", 4)])
        stage.close()
    }
}

/// What the user deleted or cleared does not come to a device that had not got it.
struct HidingTests {
    private func withStage(_ configuration: HubConfiguration = HubConfiguration(), _ body: (Stage) -> Void) {
        let stage = Stage(configuration)
        body(stage)
        stage.close()
    }

    @Test(arguments: [512, 2]) func aDeletedMessageDoesNotReachASlowDevice(tailEntries: Int) {
        self.withStage(HubConfiguration(tailEntries: tailEntries)) { stage in
            stage.join("alice", "bob")
            let (phone, web) = (stage.connect("alice"), stage.connect("alice", device: "web"))
            let bob = stage.connect("bob")
            web.isFull = true
            let entries = (1...6).map { stage.say("\($0)", in: .g, from: "bob") }
            stage.delete(entries[2], for: "alice")
            stage.run()
            web.isFull = false
            stage.run()
            #expect(phone.sequences == [1, 2, 3, 4, 5, 6])
            #expect(web.sequences == [1, 2, 4, 5, 6])
            #expect(bob.sequences == [1, 2, 3, 4, 5, 6])
            #expect(web.reader.subscriptions[.g]?.exceptions == nil)
        }
    }

    @Test(arguments: [512, 2]) func aClearedConversationDoesNotReachASlowDevice(tailEntries: Int) {
        self.withStage(HubConfiguration(tailEntries: tailEntries)) { stage in
            stage.join("alice", "bob")
            let (web, bob) = (stage.connect("alice", device: "web"), stage.connect("bob"))
            web.isFull = true
            for number in 1...6 { stage.say("\(number)", in: .g, from: "bob") }
            stage.clear(.g, for: "alice")
            stage.say("7", in: .g, from: "bob")
            web.isFull = false
            stage.run()
            #expect(web.sequences == [7])
            #expect(web.gaps == [])
            #expect(bob.sequences == [1, 2, 3, 4, 5, 6, 7])
        }
    }

    @Test func whatWasDeletedOrClearedBeforeTheConnectIsNotSent() {
        self.withStage { stage in
            stage.join("alice")
            let entries = (1...4).map { stage.say("\($0)", in: .g, from: "bob") }
            for number in 1...3 { stage.say("\(number)", in: .between("alice", "bob"), from: "bob") }
            stage.delete(entries[1], for: "alice")
            stage.clear(.between("alice", "bob"), for: "alice")
            let alice = stage.connect("alice")
            #expect(alice.sequences == [1, 3, 4])
            #expect(alice.isReady)
        }
    }

    @Test func deletingAndClearingBetweenTheLookAndTheAnswerCount() {
        self.withStage { stage in
            stage.join("alice")
            let entries = (1...4).map { stage.say("\($0)", in: .g, from: "bob") }
            for number in 1...3 { stage.say("\(number)", in: .between("alice", "bob"), from: "bob") }
            let alice = stage.arrive("alice")
            stage.library.look()
            stage.delete(entries[1], for: "alice")
            stage.clear(.between("alice", "bob"), for: "alice")
            stage.loop.takeTurn()
            stage.say("4", in: .between("alice", "bob"), from: "bob")
            stage.run()
            alice.look()
            #expect(alice.lines.filter { $0.conversation == "group:g" }.map(\.sequence) == [1, 3, 4])
            #expect(alice.lines.filter { $0.conversation == "direct:bob" }.map(\.sequence) == [4])
        }
    }

    @Test func whoGoesBackDoesNotGetWhatHeDeletedOrCleared() {
        self.withStage { stage in
            stage.join("alice")
            let alice = stage.connect("alice")
            let entries = (1...6).map { stage.say("\($0)", in: .g, from: "bob") }
            stage.delete(entries[3], for: "alice")
            stage.run()
            _ = alice.news()
            alice.reader.begin(after: [.g: 2])
            stage.run()
            #expect(alice.news() == ["3", "5", "6"])
            stage.clear(.g, for: "alice")
            stage.say("7", in: .g, from: "bob")
            _ = alice.news()
            alice.reader.begin(after: [.g: 0])
            stage.run()
            #expect(alice.news() == ["7"])
        }
    }
}
