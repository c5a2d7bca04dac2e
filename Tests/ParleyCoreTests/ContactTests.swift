import ParleyCore
import ParleyStore
import ParleyTesting
import Testing

@Suite struct ContactTests {
    private static let carol = UserID("carol")
    private static let dave = UserID("dave")

    private static func contacts(of user: UserID, _ bench: Bench) async throws -> [UserID] {
        try await bench.core.directory.contacts(of: user, in: bench.app.id, before: nil, limit: 9).map(\.user)
    }

    private static func invite(_ others: [UserID], by user: UserID = Bench.alice, _ bench: Bench) async throws {
        try await bench.core.invite(others, by: user, in: bench.app.id, reason: "hi")
    }

    /// What was told, and to whom.
    private static func told(_ bench: Bench) -> [Announcement] {
        bench.signals.announcements.filter { if case .contact = $0.event { true } else { false } }
    }

    private static func telling(
        _ kind: ContactChange.Kind, from: UserID, to: UserID, _ bench: Bench, only users: [UserID]? = nil
    ) -> Announcement {
        Announcement(
            app: bench.app.id, event: .contact(ContactChange(kind, from: from, to: to)),
            recipients: .users(users ?? [from, to]))
    }

    // MARK: Asking

    @Test func whoAgreesIsAContactAndBothAreTold() async throws {
        let bench = try await Bench.make()
        let (app, alice, bob) = (bench.app.id, Bench.alice, Bench.bob)
        try await Self.invite([bob], bench)
        #expect(try await Self.contacts(of: bob, bench).isEmpty)
        #expect(
            try await bench.core.directory.invitations(to: bob, in: app)
                == [ContactInvitation(from: alice, to: bob, reason: "hi", at: bench.clock.now())])
        for _ in 1...2 { try await bench.core.acceptInvitation(from: alice, by: bob, in: app) }
        #expect(try await Self.contacts(of: alice, bench) == [bob])
        #expect(try await Self.contacts(of: bob, bench) == [alice])
        #expect(try await bench.core.directory.invitations(to: bob, in: app).isEmpty)
        #expect(
            Self.told(bench) == [
                Self.telling(.invited(reason: "hi"), from: alice, to: bob, bench),
                Self.telling(.agreed, from: bob, to: alice, bench),
            ])
    }

    @Test func nobodyIsMadeAContactWithoutHavingAsked() async throws {
        let bench = try await Bench.make()
        try await Self.invite([Bench.bob], bench)
        for (user, other) in [(Bench.alice, Bench.bob), (Self.carol, Bench.alice)] {
            await #expect(throws: Rejection.notPermitted) {
                try await bench.core.acceptInvitation(from: other, by: user, in: bench.app.id)
            }
        }
        #expect(try await Self.contacts(of: Bench.alice, bench).isEmpty)
    }

    @Test func whoDeclinesIsToldOfOnce() async throws {
        let bench = try await Bench.make()
        try await Self.invite([Bench.bob], bench)
        for _ in 1...2 { try await bench.core.declineInvitation(from: Bench.alice, by: Bench.bob, in: bench.app.id) }
        #expect(Self.told(bench).dropFirst() == [Self.telling(.declined, from: Bench.bob, to: Bench.alice, bench)])
        await #expect(throws: Rejection.notPermitted) {
            try await bench.core.acceptInvitation(from: Bench.alice, by: Bench.bob, in: bench.app.id)
        }
    }

    @Test func oneWhoBlocksIsNotAskedAndThenNobodyIs() async throws {
        let bench = try await Bench.make()
        try await bench.core.block([Bench.alice], by: Bench.bob, in: bench.app.id)
        await #expect(throws: Rejection.blockedByRecipient(Bench.bob)) {
            try await Self.invite([Self.carol, Bench.bob], bench)
        }
        await #expect(throws: Rejection.userNotFound("x")) { try await Self.invite([Self.carol, "x"], bench) }
        #expect(try await bench.core.directory.invitations(to: Self.carol, in: bench.app.id).isEmpty)
    }

    @Test func contactsAndOneselfAreNotAsked() async throws {
        let bench = try await Bench.make()
        try await bench.core.addContact(Bench.bob, to: Bench.alice, in: bench.app.id)
        try await Self.invite([Bench.alice, Bench.bob], bench)
        #expect(Self.told(bench).count == 1)
        #expect(try await bench.core.directory.invitations(to: Bench.bob, in: bench.app.id).isEmpty)
    }

    /// Also where each had asked the other.
    @Test func whatWasAskedIsAnsweredOnceTheyAreContacts() async throws {
        let bench = try await Bench.make()
        try await Self.invite([Bench.bob], bench)
        try await Self.invite([Bench.alice], by: Bench.bob, bench)
        try await bench.core.addContact(Bench.bob, to: Bench.alice, in: bench.app.id)
        for user in [Bench.alice, Bench.bob] {
            #expect(try await bench.core.directory.invitations(to: user, in: bench.app.id).isEmpty)
        }
    }

    // MARK: The backend's

    @Test func contactsOfSeveralAreEachForItself() async throws {
        let bench = try await Bench.make()
        let outcomes = try await bench.core.addContacts(
            [Bench.bob, "x", Bench.alice, Self.carol], to: Bench.alice, in: bench.app.id, isAnnounced: false)
        let refusals = outcomes.map { outcome -> Rejection? in
            if case .failure(let rejection) = outcome { rejection } else { nil }
        }
        #expect(refusals == [nil, .userNotFound("x"), .notPermitted, nil])
        #expect(try await Self.contacts(of: Bench.alice, bench) == [Self.carol, Bench.bob])
        #expect(Self.told(bench).isEmpty)
    }

    @Test func noListGrowsWithoutEnd() async throws {
        let bench = try await Bench.make()
        let (app, alice) = (bench.app.id, Bench.alice)
        try await bench.core.directory.write(in: app) { transaction in
            for number in 1...Contact.limit { try transaction.save(Contact(UserID("u\(number)")), of: alice) }
        }
        let full = Rejection.contactsFull(alice, limit: Contact.limit)
        await #expect(throws: full) { try await bench.core.addContact(Bench.bob, to: alice, in: app) }
        await #expect(throws: full) { try await bench.core.addContact(alice, to: Bench.bob, in: app) }
        await #expect(throws: full) {
            _ = try await bench.core.addContacts([Bench.bob], to: alice, in: app, isAnnounced: true)
        }
        try await Self.invite([Bench.bob], bench)
        await #expect(throws: full) { try await bench.core.acceptInvitation(from: alice, by: Bench.bob, in: app) }
        #expect(try await Self.contacts(of: Bench.bob, bench).isEmpty)
    }

    // MARK: Parting

    @Test func whoPartsTakesBothNamesAway() async throws {
        let bench = try await Bench.make()
        let app = bench.app.id
        for other in [Bench.bob, Self.carol, Self.dave] {
            try await bench.core.addContact(other, to: Bench.alice, in: app)
        }
        #expect(try await bench.core.setRemark("Bobby", on: Bench.bob, by: Bench.alice, in: app))
        for _ in 1...2 { try await bench.core.removeContact(Bench.alice, of: Bench.bob, in: app) }
        #expect(try await Self.contacts(of: Bench.alice, bench) == [Self.dave, Self.carol])
        #expect(
            Self.told(bench).dropFirst(3) == [Self.telling(.removed, from: Bench.bob, to: Bench.alice, bench)])
        #expect(try await !bench.core.setRemark("Bobby", on: Bench.bob, by: Bench.alice, in: app))
        try await bench.core.removeAllContacts(of: Bench.alice, in: app)
        for user in [Bench.alice, Self.carol, Self.dave] { #expect(try await Self.contacts(of: user, bench).isEmpty) }
        #expect(Self.told(bench).count == 6)
    }

    @Test func aRemarkIsItsOwnersAlone() async throws {
        let bench = try await Bench.make()
        let app = bench.app.id
        try await bench.core.addContact(Bench.bob, to: Bench.alice, in: app)
        #expect(try await bench.core.setRemark("Bobby", on: Bench.bob, by: Bench.alice, in: app))
        // It is no new contact.
        try await bench.core.addContact(Bench.alice, to: Bench.bob, in: app)
        func remark(of user: UserID) async throws -> String? {
            try await bench.core.directory.contacts(of: user, in: app, before: nil, limit: 1).first?.remark
        }
        #expect(try await remark(of: Bench.alice) == "Bobby")
        #expect(try await remark(of: Bench.bob) == nil)
        #expect(try await bench.core.setRemark(nil, on: Bench.bob, by: Bench.alice, in: app))
        #expect(try await remark(of: Bench.alice) == nil)
    }

    @Test func aUserWhoIsDeletedIsNobodysContact() async throws {
        let bench = try await Bench.make()
        let app = bench.app.id
        try await bench.core.addContact(Bench.bob, to: Bench.alice, in: app)
        try await bench.core.addContact(Self.carol, to: Bench.bob, in: app)
        try await Self.invite([Self.dave], bench)
        try await Self.invite([Bench.alice], by: Self.carol, bench)
        try await bench.core.deleteUser(Bench.alice, in: app, endingOwnedGroups: true)
        try await bench.core.importUser(Bench.alice, in: app)
        #expect(try await Self.contacts(of: Bench.alice, bench).isEmpty)
        #expect(try await Self.contacts(of: Bench.bob, bench) == [Self.carol])
        for user in [Bench.alice, Self.dave] {
            #expect(try await bench.core.directory.invitations(to: user, in: app).isEmpty)
        }
    }

    // MARK: Blocks

    @Test func ofABlockOnlyTheOneWhoBlocksIsTold() async throws {
        let bench = try await Bench.make()
        let app = bench.app.id
        for _ in 1...2 { try await bench.core.block([Bench.bob, "x"], by: Bench.alice, in: app) }
        #expect(try await bench.core.directory.hasBlocked(Bench.alice, "x", in: app))
        for _ in 1...2 { try await bench.core.unblock([Bench.bob], by: Bench.alice, in: app) }
        #expect(
            Self.told(bench) == [
                Self.telling(.blocked, from: Bench.alice, to: Bench.bob, bench, only: [Bench.alice]),
                Self.telling(.blocked, from: Bench.alice, to: "x", bench, only: [Bench.alice]),
                Self.telling(.unblocked, from: Bench.alice, to: Bench.bob, bench, only: [Bench.alice]),
            ])
        #expect(try await bench.core.directory.blocked(by: Bench.alice, in: app) == ["x"])
    }

    // MARK: Callbacks

    @Test func theBackendHearsOfAllOfIt() async throws {
        let bench = try await Bench.make()
        var app = bench.app
        app.settings.callbacks = [
            CallbackRule(name: "r", dialect: .parley, url: "http://a/", topics: [.contact])
        ]
        try await bench.store.save(app)
        try await Self.invite([Bench.bob, Self.carol], bench)
        try await bench.core.acceptInvitation(from: Bench.alice, by: Bench.bob, in: app.id)
        try await bench.core.declineInvitation(from: Bench.alice, by: Self.carol, in: app.id)
        _ = try await bench.core.addContacts([Self.dave], to: Bench.alice, in: app.id, isAnnounced: false)
        try await bench.core.removeContact(Bench.bob, of: Bench.alice, in: app.id)
        try await bench.core.block([Bench.bob], by: Bench.alice, in: app.id)
        try await bench.core.unblock([Bench.bob], by: Bench.alice, in: app.id)
        let occurrences = try await bench.store.occurrences(
            in: app.id, after: MessageID(rawValue: 0), limit: 100
        ).occurrences
        let changes = occurrences.compactMap { occurrence -> ContactChange? in
            guard case .happening(let happening) = occurrence, case .contact(let change) = happening.body else {
                return nil
            }
            return change
        }
        func change(_ kind: ContactChange.Kind, _ from: UserID, _ to: UserID) -> ContactChange {
            ContactChange(kind, from: from, to: to)
        }
        #expect(
            changes == [
                change(.invited(reason: "hi"), Bench.alice, Bench.bob),
                change(.invited(reason: "hi"), Bench.alice, Self.carol), change(.agreed, Bench.bob, Bench.alice),
                change(.declined, Self.carol, Bench.alice), change(.added, Bench.alice, Self.dave),
                change(.removed, Bench.alice, Bench.bob), change(.blocked, Bench.alice, Bench.bob),
                change(.unblocked, Bench.alice, Bench.bob),
            ])
    }
}
