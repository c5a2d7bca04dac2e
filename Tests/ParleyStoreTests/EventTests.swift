import ParleyCore
import ParleyTesting
import Testing

@testable import ParleyStore

/// What is kept for those who are away.
@Suite struct EventTests {
    private static let group = Group(
        id: GroupID("g"), type: .public, name: "G", owner: "alice", createdAt: Timestamp(seconds: 5))
    private static let phone = DeviceID("phone")
    private static let pad = DeviceID("pad")

    /// A store in which somebody reads what is kept: a device of `bob`'s.
    private func scene(_ place: Place) async throws -> Scene {
        let scene = try Scene(place)
        _ = try await self.begin(Self.phone, of: "bob", in: scene)
        return scene
    }

    private func begin(
        _ device: DeviceID, of user: UserID, in scene: Scene, retainedSince: Timestamp = .distantPast
    ) async throws -> EventBeginning {
        try await scene.store.beginEvents(of: device, of: user, in: Scene.app, retainedSince: retainedSince)
    }

    private func announce(
        _ event: Event, to recipients: Announcement.Recipients, in scene: Scene
    ) async throws {
        try await scene.store.write(in: Scene.app) { $0.announce(event, to: recipients) }
    }

    /// Named by who is unmuted in it.
    private static func change(_ name: UserID) -> Event {
        .group(GroupHappening(.unmuted([name]), in: Self.group, by: nil))
    }

    private static func read(by user: UserID, through sequence: UInt64, at moment: Timestamp = .distantPast) -> Event {
        .read(.direct("bob", user), by: user, through: sequence, at: moment)
    }

    private static func delivered(_ message: UInt64, to user: UserID) -> Event {
        .delivered(.direct("bob", user), MessageID(rawValue: message), to: user)
    }

    private func events(
        of user: UserID = "bob", after: MessageID? = nil, in scene: Scene, limit: Int = 5000
    ) async throws -> [KeptEvent] {
        try await scene.store.events(
            of: user, in: Scene.app, after: after ?? MessageID(rawValue: 0), limit: limit
        ).events
    }

    private func words(_ events: [KeptEvent]) -> [String] {
        events.map { kept in
            switch kept.event {
            case .group(let happening):
                if case .unmuted(let users) = happening.kind { users[0].rawValue } else { "\(happening.kind)" }
            case .read(_, let reader, let through, _): "\(reader.rawValue) read \(through)"
            case .delivered(_, let message, _): "delivered \(message)"
            case .acknowledged(_, let acknowledgement, _, _): "read by \(acknowledgement.readCount)"
            case .contact(let change): "\(change.kind) \(change.from.rawValue)"
            default: "?"
            }
        }
    }

    private func ids(_ scene: Scene) -> [MessageID?] { scene.signals.commits.flatMap(\.announcements).map(\.id) }

    // MARK: Keeping

    @Test(arguments: Place.allCases)
    func whereNobodyReadsItNothingIsWritten(_ place: Place) async throws {
        let scene = try Scene(place)
        try await scene.makeGroup(members: ["bob"])
        try await self.announce(Self.change("a"), to: .group(Self.group.id, except: nil), in: scene)
        try await self.announce(Self.read(by: "alice", through: 1), to: .users(["bob"]), in: scene)
        // Those who are there are told.
        #expect(self.ids(scene) == [nil, nil])
        _ = try await scene.store.beginEvents(
            of: Self.phone, of: "bob", in: AppID("other"), retainedSince: .distantPast)
        try await self.announce(Self.change("b"), to: .group(Self.group.id, except: nil), in: scene)
        #expect(self.ids(scene) == [nil, nil, nil])
        _ = try await self.begin(Self.phone, of: "bob", in: scene)
        #expect(try await self.events(in: scene).isEmpty)
        try await self.announce(Self.change("c"), to: .group(Self.group.id, except: nil), in: scene)
        #expect(self.words(try await self.events(in: scene)) == ["c"])
    }

    @Test(arguments: Place.allCases)
    func itIsKeptByTheLogsIdsAndToldByThem(_ place: Place) async throws {
        let scene = try await self.scene(place)
        try await scene.makeGroup(members: ["bob"])
        let before = try await scene.store.append([scene.draft("1")])[0].id
        try await scene.store.write(in: Scene.app) { transaction in
            transaction.announce(Self.change("a"), to: .group(Self.group.id, except: nil))
            transaction.announce(.typing(.group(Self.group.id), from: "a", isTyping: true), to: .users(["bob"]))
            transaction.announce(Self.read(by: "alice", through: 1), to: .users(["bob"]))
        }
        let after = try await scene.store.append([scene.draft("2")])[0].id
        let events = try await self.events(in: scene)
        #expect(self.words(events) == ["a", "alice read 1"])
        #expect(self.ids(scene) == [events[0].id, nil, events[1].id])
        #expect(before < events[0].id && events[0].id < events[1].id && events[1].id < after)
        #expect(try await self.events(of: "carol", in: scene).isEmpty)
    }

    @Test(arguments: Place.allCases)
    func whatIsRefusedIsNotKept(_ place: Place) async throws {
        let scene = try await self.scene(place)
        await #expect(throws: Rejection.notPermitted) {
            try await scene.store.write(in: Scene.app) { transaction in
                transaction.announce(Self.read(by: "alice", through: 1), to: .users(["bob"]))
                throw Rejection.notPermitted
            }
        }
        #expect(try await self.events(in: scene).isEmpty && self.ids(scene).isEmpty)
    }

    @Test(arguments: Place.allCases)
    func everythingComesBack(_ place: Place) async throws {
        let scene = try await self.scene(place)
        try await scene.makeGroup(members: ["bob"])
        let receipt = Acknowledgement(id: MessageID(rawValue: 1 << 52), sequence: 7, sender: "bob", readCount: 3)
        let written: [Event] = [
            .group(GroupHappening(.joined(["carol"], count: 2), in: Self.group, by: "alice")),
            .contact(ContactChange(.invited(reason: "r"), from: "alice", to: "bob")),
            .contact(ContactChange(.agreed, from: "bob", to: "alice")),
            Self.read(by: "alice", through: 1 << 40), Self.delivered(1 << 50, to: "alice"),
            .acknowledged(.group(Self.group.id), receipt, by: "carol", at: .distantPast),
        ]
        for event in written {
            try await self.announce(event, to: .users(["bob"]), in: scene)
            scene.clock.advance(seconds: 1)
        }
        let events = try await self.events(in: scene)
        let back = zip(events, written).map { kept, event -> Event in
            switch event {
            case .read(let conversation, let reader, let through, _):
                .read(conversation, by: reader, through: through, at: kept.id.sentAt)
            case .acknowledged(let conversation, let receipt, let reader, _):
                .acknowledged(conversation, receipt, by: reader, at: kept.id.sentAt)
            default: event
            }
        }
        #expect(events.map(\.event) == back && events.count == written.count)
    }

    @Test(arguments: Place.allCases)
    func whatIsForNobodyWhoIsAwayIsNotKept(_ place: Place) async throws {
        let scene = try await self.scene(place)
        var room = Self.group
        room.type = .chatRoom
        for event: Event in [
            .group(GroupHappening(.unmuted(["bob"]), in: room, by: nil)),
            .contact(ContactChange(.blocked, from: "bob", to: "alice")), .subscriptions,
            .pinned(
                PinChange(
                    MessageID(rawValue: 1), in: .direct("alice", "bob"), isPinned: true, by: "alice", device: nil,
                    at: .distantPast)),
        ] {
            try await self.announce(event, to: .users(["bob"]), in: scene)
        }
        #expect(self.ids(scene) == [nil, nil, nil, nil])
        // What he did himself he knows; but he is told on whichever device he is.
        try await self.announce(
            .contact(ContactChange(.removed, from: "bob", to: "alice")), to: .users(["bob", "alice"]), in: scene)
        #expect(try await self.events(in: scene).isEmpty)
        #expect(try await self.events(of: "alice", in: scene).count == 1)
        #expect(self.ids(scene).last??.rawValue ?? 0 > 0)
    }

    // MARK: Of one subject

    @Test(arguments: Place.allCases)
    func ofOneSubjectTheNewestIsKeptAndNothingTwice(_ place: Place) async throws {
        let scene = try await self.scene(place)
        func acknowledge(_ message: UInt64, _ count: Int) async throws {
            let receipt = Acknowledgement(
                id: MessageID(rawValue: message), sequence: 1, sender: "bob", readCount: count)
            try await self.announce(
                .acknowledged(.group(Self.group.id), receipt, by: UserID("u\(count)"), at: .distantPast),
                to: .users(["bob"]), in: scene)
        }
        try await self.announce(Self.delivered(7, to: "alice"), to: .users(["bob"]), in: scene)
        try await self.announce(Self.read(by: "alice", through: 1), to: .users(["bob"]), in: scene)
        try await self.announce(Self.read(by: "carol", through: 5), to: .users(["bob"]), in: scene)
        try await acknowledge(9, 1)
        try await acknowledge(8, 1)
        try await self.announce(Self.read(by: "alice", through: 2), to: .users(["bob"]), in: scene)
        try await acknowledge(9, 2)
        let told = self.ids(scene).count
        try await self.announce(Self.delivered(7, to: "alice"), to: .users(["bob"]), in: scene)
        try await acknowledge(9, 2)
        #expect(self.ids(scene).count == told)
        #expect(
            self.words(try await self.events(in: scene)) == [
                "delivered 7", "carol read 5", "read by 1", "alice read 2", "read by 2",
            ])
        // The same to somebody else is something else.
        try await self.announce(Self.delivered(7, to: "alice"), to: .users(["dave"]), in: scene)
        #expect(try await self.events(of: "dave", in: scene).count == 1)
    }

    @Test(arguments: Place.allCases)
    func whatIsAnnouncedOutsideATransactionIsKeptWithoutAFlush(_ place: Place) async throws {
        let scene = try await self.scene(place)
        let commits = scene.store.counters.commits
        for _ in 1...2 {
            try await scene.store.announce(
                Announcement(
                    app: Scene.app, event: Self.delivered(7, to: "alice"), recipients: .users(["bob"])))
        }
        let events = try await self.events(in: scene)
        #expect(events.count == 1 && self.ids(scene) == [events.first?.id])
        #expect(scene.store.counters.commits == commits)
    }

    // MARK: Groups

    @Test(arguments: Place.allCases)
    func membersAreToldOfWhatHappenedWhileTheyWereMembers(_ place: Place) async throws {
        let scene = try await self.scene(place)
        let everyone = Announcement.Recipients.group(Self.group.id, except: nil)
        try await scene.makeGroup(members: ["bob"])
        try await self.announce(Self.change("1"), to: everyone, in: scene)
        // In one transaction, and within one millisecond.
        try await scene.store.write(in: Scene.app) { transaction in
            try transaction.save(Member(user: "carol", joinedAt: .distantPast), of: Self.group.id)
            transaction.announce(Self.change("2"), to: everyone)
        }
        try await self.announce(Self.change("3"), to: everyone, in: scene)
        #expect(self.words(try await self.events(in: scene)) == ["1", "2", "3"])
        #expect(self.words(try await self.events(of: "carol", in: scene)) == ["2", "3"])
        // A change of his place does not make him new.
        try await scene.store.write(in: Scene.app) { transaction in
            guard var member = try transaction.member("carol", of: Self.group.id) else { return }
            member.role = .administrator
            try transaction.save(member, of: Self.group.id)
        }
        #expect(self.words(try await self.events(of: "carol", in: scene)) == ["2", "3"])
        try await scene.store.write(in: Scene.app) { transaction in
            try transaction.remove("carol", from: Self.group.id)
            let removed = GroupHappening(.removed(["carol", "dave"]), in: Self.group, by: "alice")
            transaction.announce(.group(removed), to: everyone)
            transaction.announce(.group(removed), to: .users(["carol", "dave"]))
        }
        try await self.announce(Self.change("4"), to: everyone, in: scene)
        let carols = try await self.events(of: "carol", in: scene)
        #expect(carols.map(\.event) == [.group(GroupHappening(.removed(["carol"]), in: Self.group, by: "alice"))])
        try await scene.store.write(in: Scene.app) { transaction in
            try transaction.save(Member(user: "carol", joinedAt: transaction.now), of: Self.group.id)
        }
        try await self.announce(Self.change("5"), to: everyone, in: scene)
        #expect(self.words(try await self.events(of: "carol", in: scene).suffix(1)) == ["5"])
        #expect(try await self.events(of: "carol", in: scene).count == 2)
        #expect(try await self.events(in: scene).count == 6)
    }

    @Test(arguments: Place.allCases)
    func aGroupThatDoesNotReachAMemberTellsHimNothing(_ place: Place) async throws {
        let scene = try await self.scene(place)
        try await scene.makeGroup()
        try await scene.store.write(in: Scene.app) { transaction in
            let member = Member(user: "bob", joinedAt: transaction.now, delivery: .discard)
            try transaction.save(member, of: Self.group.id)
        }
        try await self.announce(Self.change("1"), to: .group(Self.group.id, except: nil), in: scene)
        #expect(try await self.events(in: scene).isEmpty)
    }

    @Test(arguments: Place.allCases)
    func whoIsExceptedIsNotTold(_ place: Place) async throws {
        let scene = try await self.scene(place)
        try await scene.makeGroup(members: ["bob", "carol"])
        for (name, except) in [("1", nil), ("2", "bob"), ("3", "carol")] as [(UserID, UserID?)] {
            try await self.announce(Self.change(name), to: .group(Self.group.id, except: except), in: scene)
        }
        #expect(self.words(try await self.events(in: scene)) == ["1", "3"])
        #expect(self.words(try await self.events(of: "carol", in: scene)) == ["1", "2"])
        let beginning = try await self.begin(Self.phone, of: "bob", in: scene)
        #expect(self.words(try await self.events(after: beginning.after, in: scene)) == ["1", "3"])
    }

    /// What is told to a group of so many is not one record as long as they are many.
    @Test(arguments: Place.allCases)
    func manyWhoAreNamedAreKeptSomeAtATime(_ place: Place) async throws {
        let scene = try await self.scene(place)
        let everyone = Announcement.Recipients.group(Self.group.id, except: nil)
        try await scene.makeGroup(members: ["bob"])
        let users = (1...230).map { UserID("user\($0)") }
        let administrators: Set<UserID> = ["user1", "user230"]
        let kinds: [([UserID]) -> GroupHappening.Kind] = [
            { .created($0, administrators: $0.filter(administrators.contains)) },
            { .joined($0, count: 231) }, { .left($0) }, { .removed($0) }, { .administrators($0, added: true) },
            { .muted($0, until: Timestamp(seconds: 9)) }, { .unmuted($0) }, { .speakers($0, added: false) },
        ]
        func event(_ kind: GroupHappening.Kind) -> Event { .group(GroupHappening(kind, in: Self.group, by: nil)) }
        for kind in kinds { try await self.announce(event(kind(users)), to: everyone, in: scene) }
        let kept = try await self.events(in: scene)
        let parts = [users[0..<100], users[100..<200], users[200...]].map(Array.init)
        let expected = kinds.flatMap { kind in parts.map { kind($0) } }
        #expect(kept.map(\.event) == expected.map(event))
        // Those who are there are told the same, by the same ids.
        #expect(self.ids(scene) == kept.map(\.id))
        // Each of those whom it is about is told of himself, once.
        try await self.announce(event(.removed(users)), to: .users(users), in: scene)
        #expect(try await self.events(of: "user150", in: scene).count == 1)
    }

    @Test(arguments: Place.allCases)
    func whatIsToldToTooManyAtOnceIsForThoseWhoAreThere(_ place: Place) async throws {
        let scene = try await self.scene(place)
        let event = Event.group(GroupHappening(.dissolved([]), in: Self.group, by: nil))
        for count in [10_001, 3] {
            try await self.announce(event, to: .users((1..<count).map { UserID("u\($0)") } + ["bob"]), in: scene)
        }
        #expect(try await self.events(in: scene).count == 1)
        #expect(self.ids(scene).map { $0 == nil } == [true, false])
    }

    @Test(arguments: Place.allCases)
    func whatIsTooLongIsForThoseWhoAreThere(_ place: Place) async throws {
        let scene = try await self.scene(place)
        try await scene.makeGroup(members: ["bob"])
        func change(_ count: Int) async throws {
            var group = Self.group
            group.announcement = String(repeating: "a", count: count)
            try await self.announce(
                .group(GroupHappening(.unmuted([UserID("\(count)")]), in: group, by: nil)),
                to: .group(group.id, except: nil), in: scene)
        }
        let (long, tooLong) = (KeptEvent.byteLimit - 1000, KeptEvent.byteLimit)
        for count in [tooLong, 10, long] { try await change(count) }
        #expect(self.words(try await self.events(in: scene)) == ["10", "\(long)"])
        #expect(scene.signals.commits.flatMap(\.announcements).count == 3)
        // And of those that are long, fewer are read at once.
        for _ in 1...40 { try await change(long) }
        var (after, pieces, count) = (MessageID(rawValue: 0), 0, 0)
        while true {
            let piece = try await scene.store.events(of: "bob", in: Scene.app, after: after, limit: 500)
            (after, pieces, count) = (piece.through, pieces + 1, count + piece.events.count)
            #expect(piece.events.count * long < KeptEvent.bytesAtOnce + 2 * long)
            guard piece.hasMore else { break }
        }
        #expect(pieces == 2 && count == 42)
    }

    @Test(arguments: Place.allCases)
    func aGroupThatIsMadeAnewHasNothingOfTheOneBefore(_ place: Place) async throws {
        let scene = try await self.scene(place)
        try await scene.makeGroup(members: ["bob"])
        try await self.announce(Self.change("1"), to: .group(Self.group.id, except: nil), in: scene)
        try await scene.store.write(in: Scene.app) { transaction in
            try transaction.delete(Self.group.id)
            transaction.announce(
                .group(GroupHappening(.dissolved(["bob", "carol"]), in: Self.group, by: nil)), to: .users(["bob"]))
        }
        try await scene.makeGroup(members: ["bob"])
        try await self.announce(Self.change("2"), to: .group(Self.group.id, except: nil), in: scene)
        #expect(self.words(try await self.events(in: scene)) == ["dissolved([])", "2"])
    }

    // MARK: Reading

    @Test(arguments: Place.allCases)
    func itIsReadInPiecesAndOnTo(_ place: Place) async throws {
        let scene = try await self.scene(place)
        for number in 1...5 {
            try await self.announce(Self.delivered(UInt64(number), to: "alice"), to: .users(["bob"]), in: scene)
        }
        let first = try await scene.store.events(of: "bob", in: Scene.app, after: MessageID(rawValue: 0), limit: 3)
        #expect(first.hasMore && first.events.count == 3 && first.through == first.events.last?.id)
        let second = try await scene.store.events(of: "bob", in: Scene.app, after: first.through, limit: 3)
        #expect(!second.hasMore && self.words(second.events) == ["delivered 4", "delivered 5"])
        #expect(second.through == second.events.last?.id)
        // What is not his is passed as well.
        let other = try await scene.store.append([scene.draft("x")])[0].id
        let third = try await scene.store.events(of: "bob", in: Scene.app, after: second.through, limit: 3)
        #expect(third.events.isEmpty && third.through == other && !third.hasMore)
    }

    @Test(arguments: Place.allCases)
    func whoWasAwayForLongIsToldTheNewest(_ place: Place) async throws {
        let scene = try await self.scene(place)
        let count = UInt64(KeptEvent.limit) + 100
        try await scene.makeGroup(members: ["bob"])
        for number in 1...count {
            try await scene.store.write(in: Scene.app) { transaction in
                if number % 3 == 0 {
                    transaction.announce(Self.change(UserID("\(number)")), to: .group(Self.group.id, except: nil))
                } else {
                    transaction.announce(Self.delivered(number, to: "alice"), to: .users(["bob"]))
                }
            }
        }
        let beginning = try await self.begin(Self.phone, of: "bob", in: scene)
        let events = try await self.events(after: beginning.after, in: scene)
        #expect(events.count == KeptEvent.limit)
        #expect(self.words([events[0], events[499]]) == ["delivered 101", "600"])
    }

    @Test(arguments: Place.allCases)
    func nothingIsToldThatIsPastRetention(_ place: Place) async throws {
        let scene = try await self.scene(place)
        try await self.announce(Self.delivered(1, to: "alice"), to: .users(["bob"]), in: scene)
        scene.clock.advance(seconds: 10)
        try await self.announce(Self.delivered(2, to: "alice"), to: .users(["bob"]), in: scene)
        let since = scene.clock.now().adding(seconds: -5)
        let beginning = try await self.begin(Self.phone, of: "bob", in: scene, retainedSince: since)
        #expect(self.words(try await self.events(after: beginning.after, in: scene)) == ["delivered 2"])
    }

    // MARK: Devices

    @Test(arguments: Place.allCases)
    func whoWasAwayForTooLongIsAsNew(_ place: Place) async throws {
        let scene = try await self.scene(place)
        try await self.announce(Self.delivered(1, to: "alice"), to: .users(["bob"]), in: scene)
        let id = try #require(try await self.events(in: scene).first?.id)
        try await scene.store.confirmEvents([
            EventCursor(app: Scene.app, user: "bob", device: Self.phone, through: id)
        ])
        func begin() async throws -> EventBeginning {
            let since = scene.clock.now().adding(seconds: -2 * 24 * 3600)
            return try await self.begin(Self.phone, of: "bob", in: scene, retainedSince: since)
        }
        #expect(try await begin() == EventBeginning(after: id, isNew: false))
        // Noted in passing.
        scene.clock.advance(seconds: 24 * 3600)
        #expect(try await begin() == EventBeginning(after: id, isNew: false))
        // What is older than is kept was told when it was last here.
        scene.clock.advance(seconds: 25 * 3600)
        #expect(try await !begin().isNew)
        scene.clock.advance(seconds: 49 * 3600)
        #expect(try await begin().isNew)
    }

    @Test(arguments: Place.allCases)
    func eachDeviceGoesOnFromWhereItWasAndANewOneFromTheOthers(_ place: Place) async throws {
        let scene = try await self.scene(place)
        for number in 1...4 {
            try await self.announce(Self.delivered(UInt64(number), to: "alice"), to: .users(["bob"]), in: scene)
        }
        let ids = try await self.events(in: scene).map(\.id)
        func confirm(_ device: DeviceID, _ id: MessageID, _ user: UserID = "bob") async throws {
            try await scene.store.confirmEvents([EventCursor(app: Scene.app, user: user, device: device, through: id)])
        }
        #expect(try await self.begin(Self.phone, of: "bob", in: scene).isNew)
        try await confirm(Self.phone, ids[1])
        try await confirm(Self.phone, ids[0])
        let phone = try await self.begin(Self.phone, of: "bob", in: scene)
        #expect(phone == EventBeginning(after: ids[1], isNew: false))
        #expect(try await self.begin(Self.pad, of: "bob", in: scene) == EventBeginning(after: ids[1], isNew: true))
        try await confirm(Self.phone, ids[3])
        #expect(try await self.begin(Self.pad, of: "bob", in: scene) == EventBeginning(after: ids[1], isNew: true))
        try await confirm(Self.pad, ids[2])
        #expect(try await self.begin(Self.pad, of: "bob", in: scene) == EventBeginning(after: ids[2], isNew: false))
        // Another user has nothing to do with it; and of a device that has not begun nothing is remembered.
        try await confirm(Self.phone, ids[3], "carol")
        #expect(
            try await self.begin(Self.phone, of: "carol", in: scene)
                == EventBeginning(after: MessageID(rawValue: 0), isNew: true))
    }

    @Test func allOfItOutlivesTheProcess() async throws {
        let scene = try await self.scene(.folder)
        try await self.announce(Self.delivered(1, to: "alice"), to: .users(["bob"]), in: scene)
        let id = try #require(try await self.events(in: scene).first?.id)
        try await scene.store.confirmEvents([
            EventCursor(app: Scene.app, user: "bob", device: Self.phone, through: id)
        ])
        let again = try scene.reopened()
        // It is known that somebody reads it.
        try await self.announce(Self.delivered(2, to: "alice"), to: .users(["bob"]), in: again)
        #expect(self.words(try await self.events(in: again)) == ["delivered 1", "delivered 2"])
        #expect(try await self.begin(Self.phone, of: "bob", in: again) == EventBeginning(after: id, isNew: false))
    }

    // MARK: Forgetting

    @Test(arguments: Place.allCases)
    func whoHasTheIdNextFindsNothing(_ place: Place) async throws {
        let scene = try await self.scene(place)
        try await scene.store.write(in: Scene.app) { try $0.save(User(id: "bob", createdAt: $0.now)) }
        try await self.announce(Self.delivered(1, to: "alice"), to: .users(["bob"]), in: scene)
        let end = try await scene.store.end()
        try await scene.store.write(in: Scene.app) { try $0.delete("bob") }
        #expect(try await self.events(in: scene).isEmpty)
        #expect(try await scene.store.end() == end)
        // Nor of what was still said to the one before.
        try await self.announce(Self.delivered(2, to: "alice"), to: .users(["bob"]), in: scene)
        #expect(try await self.events(in: scene).count == 1)
        try await scene.store.write(in: Scene.app) { try $0.save(User(id: "bob", createdAt: $0.now)) }
        #expect(try await self.events(in: scene).isEmpty)
        try await self.announce(Self.delivered(3, to: "alice"), to: .users(["bob"]), in: scene)
        try await scene.store.write(in: Scene.app) { try $0.save(User(id: "bob", createdAt: $0.now)) }
        #expect(self.words(try await self.events(in: scene)) == ["delivered 3"])
        let beginning = try await self.begin(Self.phone, of: "bob", in: scene)
        #expect(beginning == EventBeginning(after: MessageID(rawValue: 0), isNew: true))
    }

    @Test(arguments: Place.allCases)
    func whatIsTooOldOrTooMuchIsForgotten(_ place: Place) async throws {
        let scene = try await self.scene(place)
        var app = App(id: Scene.app, credentials: [], createdAt: .distantPast)
        app.settings.offlineRetentionSeconds = 100
        try await scene.store.save(app)
        let count = UInt64(KeptEvent.limit) + 30
        for number in 1...count {
            try await self.announce(Self.delivered(number, to: "alice"), to: .users(["bob"]), in: scene)
        }
        try await self.announce(Self.delivered(1, to: "alice"), to: .users(["carol"]), in: scene)
        try await scene.store.maintain()
        let kept = try await self.events(in: scene)
        #expect(kept.count == KeptEvent.limit && self.words([kept[0]]) == ["delivered 31"])
        #expect(try await self.events(of: "carol", in: scene).count == 1)
        let end = try await scene.store.end()
        scene.clock.advance(seconds: 101)
        try await scene.store.maintain()
        #expect(try await self.events(in: scene).isEmpty)
        #expect(try await scene.store.end() == end)
        // Where no device has been for long, nothing is kept any more once the server has started anew.
        scene.clock.advance(seconds: 91 * 24 * 3600)
        try await scene.store.maintain()
        guard place == .folder else { return }
        let again = try scene.reopened()
        try await self.announce(Self.delivered(1, to: "alice"), to: .users(["bob"]), in: again)
        #expect(self.ids(again) == [nil])
    }

    @Test func idsGoOnAfterWhatIsKept() async throws {
        let scene = try await self.scene(.folder)
        try await self.announce(Self.delivered(1, to: "alice"), to: .users(["bob"]), in: scene)
        let id = try #require(try await self.events(in: scene).first?.id)
        let again = try scene.reopened(clock: ManualClock(Timestamp(seconds: 1)))
        #expect(try await again.store.append([again.draft("a")])[0].id > id)
    }
}
