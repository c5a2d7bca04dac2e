import ParleyCore
import ParleyTesting
import Testing

@testable import ParleyStore

@Suite struct HappeningTests {
    private static let start = MessageID(rawValue: 0)
    private static let group = Group(
        id: GroupID("g"), type: .public, name: "G", owner: "alice", createdAt: Timestamp(seconds: 5))

    private func scene(_ place: Place, wanting topics: Set<CallbackTopic>) async throws -> Scene {
        let scene = try Scene(place)
        try await self.want(topics, in: scene)
        return scene
    }

    private func want(_ topics: Set<CallbackTopic>, in scene: Scene) async throws {
        var app = App(id: Scene.app, credentials: [], createdAt: .distantPast)
        app.settings.callbacks = [CallbackRule(name: "r", dialect: .parley, url: "http://a/", topics: topics)]
        try await scene.store.save(app)
    }

    private func full(_ name: String = "G") -> Happening.Body {
        var group = Self.group
        group.name = name
        return .group(GroupHappening(.full, in: group, by: nil))
    }

    private func note(_ body: Happening.Body, in scene: Scene) async throws {
        try await scene.store.write(in: Scene.app) { try $0.note(body) }
    }

    private func words(_ occurrences: [Occurrence]) -> [String] {
        occurrences.map {
            switch $0 {
            case .entry(let entry): entry.text
            case .happening(let happening):
                if case .group(let group) = happening.body { group.group.name } else { "?" }
            }
        }
    }

    private func all(_ scene: Scene, after: MessageID = Self.start, limit: Int = 99) async throws -> [Occurrence] {
        try await scene.store.occurrences(in: Scene.app, after: after, limit: limit).occurrences
    }

    // MARK: Noting

    @Test(arguments: Place.allCases)
    func onlyWhatARuleWantsIsNoted(_ place: Place) async throws {
        let scene = try await self.scene(place, wanting: [.message])
        try await self.note(self.full(), in: scene)
        #expect(try await self.all(scene).isEmpty)
        try await self.want([.group], in: scene)
        try await self.note(self.full(), in: scene)
        #expect(try await self.all(scene).count == 1)
    }

    @Test(arguments: Place.allCases)
    func whatAnotherProcessWantsIsNotedToo(_ place: Place) async throws {
        guard place == .folder else { return }
        let scene = try await self.scene(place, wanting: [])
        _ = try await scene.store.app(Scene.app)
        let other = try Scene(.folder, folder: scene.folder, clock: scene.clock)
        try await self.want([.group], in: other)
        try await self.note(self.full(), in: scene)
        #expect(try await self.all(scene).count == 1)
    }

    @Test(arguments: Place.allCases)
    func whatIsUndoneNeverHappened(_ place: Place) async throws {
        let scene = try await self.scene(place, wanting: [.group])
        await #expect(throws: Rejection.notPermitted) {
            try await scene.store.write(in: Scene.app) {
                try $0.note(self.full())
                throw Rejection.notPermitted
            }
        }
        #expect(try await self.all(scene).isEmpty)
    }

    // MARK: The order

    @Test(arguments: Place.allCases)
    func whatHappenedStandsAmongWhatWasSaid(_ place: Place) async throws {
        let scene = try await self.scene(place, wanting: [.group])
        _ = try await scene.store.append([scene.draft("1")])
        try await self.note(self.full("2"), in: scene)
        _ = try await scene.store.append([scene.draft("3")])
        try await scene.store.write(in: Scene.app) { transaction in
            _ = try transaction.append(.text("4"), to: .group(GroupID("g")))
            try transaction.note(self.full("5"))
        }
        let all = try await self.all(scene)
        #expect(self.words(all) == ["1", "2", "3", "4", "5"])
        #expect(try await scene.store.end() == all.last?.id)
        for limit in 1...6 {
            var (after, pages, looks) = (Self.start, [Occurrence](), 0)
            while looks < 9 {
                looks += 1
                let (page, through) = try await scene.store.occurrences(in: Scene.app, after: after, limit: limit)
                #expect(page.count <= limit)
                guard through > after else { break }
                (after, pages) = (through, pages + page)
            }
            #expect(self.words(pages) == ["1", "2", "3", "4", "5"])
        }
    }

    @Test(arguments: Place.allCases)
    func whatHappensInOtherAppsIsPassedOver(_ place: Place) async throws {
        let scene = try await self.scene(place, wanting: [.group])
        try await self.note(self.full("own"), in: scene)
        let (none, through) = try await scene.store.occurrences(in: AppID("other"), after: Self.start, limit: 9)
        let own = try await self.all(scene)
        #expect(none.isEmpty && through == own.last?.id)
    }

    @Test func aCommitThatOnlyNotesRingsTheBell() async throws {
        let scene = try await self.scene(.memory, wanting: [.group])
        try await self.note(self.full(), in: scene)
        #expect(scene.signals.commits.last?.hasHappenings == true)
        #expect(scene.signals.commits.last?.concernsClients == false)
    }

    @Test func idsGoOnAfterTheGreatestOfEither() async throws {
        let clock = ManualClock()
        let scene = try Scene(.folder, clock: clock)
        try await self.want([.group], in: scene)
        try await self.note(self.full(), in: scene)
        let id = try #require(try await self.all(scene).last?.id)
        // The clock was set back, and the happening purged.
        let again = try scene.reopened(clock: ManualClock(Timestamp(seconds: 1)))
        try await again.store.writer.run(.isolated) { batch in
            _ = try batch.connection.purgeHappenings(before: MessageID(rawValue: id.rawValue + 1), limit: 9)
        }
        #expect(try await again.store.append([again.draft("a")])[0].id > id)
    }

    // MARK: What it says

    @Test(arguments: Place.allCases)
    func everythingComesBack(_ place: Place) async throws {
        let scene = try await self.scene(place, wanting: Set(CallbackTopic.allCases))
        let bodies = Self.bodies
        for body in bodies { try await self.note(body, in: scene) }
        let back = try await self.all(scene)
        #expect(
            back.compactMap { if case .happening(let happening) = $0 { happening.body } else { nil } } == bodies)
        for occurrence in back {
            let one = try await scene.store.occurrence(occurrence.id, in: Scene.app)
            #expect(one?.id == occurrence.id)
            #expect(try await scene.store.occurrence(occurrence.id, in: AppID("other")) == nil)
        }
    }

    private static var bodies: [Happening.Body] {
        var before = Self.group
        before.summary = "s"
        before.announcement = "a"
        before.avatar = "v"
        before.isMuted = true
        before.membersMayInvite.toggle()
        before.joinPolicy = .disabled
        before.capacity = 7
        before.attributes = ["k": "v"]
        before.updatedAt = Timestamp(seconds: 9)
        let users: [UserID] = ["alice", "bob"]
        let kinds: [GroupHappening.Kind] = [
            .created(users, administrators: ["bob"]), .dissolved([]), .dissolved(users), .changed(from: before), .full,
            .joined(users, count: 3), .left(users), .removed(users), .owner(from: nil), .owner(from: "bob"),
            .administrators(users, added: true), .administrators(users, added: false),
            .muted(users, until: .distantFuture), .unmuted(users), .speakers(users, added: true),
            .speakers(users, added: false), .keptOut(users, until: .distantFuture), .keptOut(users, until: nil),
            .applied("bob", reason: "r"), .applicationAnswered("bob", isAccepted: true, reason: ""),
            .applicationAnswered("bob", isAccepted: false, reason: "r"), .invited(users, reason: "r"),
            .invitationAnswered("bob", isAccepted: true, reason: ""),
            .invitationAnswered("bob", isAccepted: false, reason: "r"), .file("f", isShared: true),
            .file("f", isShared: false), .memberAttributes("bob", ["k": "v", "l": ""]), .attributesSet(["k": "v"]),
            .attributesRemoved(["k", "l"]),
        ]
        let group = kinds.map { Happening.Body.group(GroupHappening($0, in: Self.group, by: "bob")) }
        let changes: [PresenceHappening.Change] =
            [.online(replaced: []), .online(replaced: ["Web"])] + PresenceHappening.Reason.allCases.map { .offline($0) }
        let presence = changes.map {
            Happening.Body.presence(
                PresenceHappening(
                    $0, of: "bob", on: DeviceID("d"), platform: "Web", session: "s", address: "192.0.2.1"))
        }
        let causes: [RefusedSend.Cause] = [
            .userNotFound("x"), .groupNotFound(GroupID("x")), .senderMuted(until: .distantFuture),
            .groupMuted(GroupID("x")), .groupDisabled(GroupID("x")), .senderNotMember("x", of: GroupID("y")),
            .blockedByRecipient("x"), .tooFrequent,
            .refusedByCallback(code: nil, reason: nil), .refusedByCallback(code: 7, reason: "r"), .callbackFailed,
            .unreadable(code: 10004, reason: "r"),
        ]
        guard case .message(let message) = Entry.Body.text("t") else { return [] }
        let refused = causes.map {
            Happening.Body.refused(
                RefusedSend(conversation: .direct("a", "b"), message: message, isEphemeral: true, cause: $0))
        }
        let read = Happening.Body.read(
            Reading(of: MessageID(rawValue: 1 << 52), from: "a", in: .group(GroupID("g")), by: "b"))
        let contactKinds: [ContactChange.Kind] = [
            .invited(reason: ""), .invited(reason: "r"), .agreed, .declined, .added, .removed, .blocked, .unblocked,
        ]
        let contacts = contactKinds.map { Happening.Body.contact(ContactChange($0, from: "a", to: "b")) }
        let deletions = [Deletion.Extent.message(MessageID(rawValue: 1 << 52)), .through(Timestamp(seconds: 9))].map {
            Happening.Body.deleted(Deletion(of: $0, in: .direct("a", "b"), by: "b"))
        }
        return group + presence + refused + contacts + deletions + [read]
    }

    // MARK: Outside transactions

    @Test(arguments: Place.allCases)
    func whatHappensOutsideATransactionIsNotedSoonAndInOrder(_ place: Place) async throws {
        let scene = try await self.scene(place, wanting: [.group])
        let commits = scene.store.counters.commits
        for number in 1...1000 { scene.store.chronicle.note(self.full("\(number)"), in: Scene.app) }
        var all: [Occurrence] = []
        while all.count < 1000 {
            try await scene.store.lookForWork()
            all = try await self.all(scene, limit: 2000)
        }
        #expect(self.words(all) == (1...1000).map(String.init))
        // A crash may take it: nothing was flushed for it.
        #expect(scene.store.counters.commits == commits)
    }

    @Test func onlyAppsThatWantItAreAsked() async throws {
        let scene = try await self.scene(.memory, wanting: [.presence])
        _ = try await scene.store.app(Scene.app)
        #expect(scene.store.chronicle.wants(.presence, in: Scene.app))
        #expect(!scene.store.chronicle.wants(.group, in: Scene.app))
    }

    // MARK: Keeping

    @Test(arguments: Place.allCases)
    func whatIsTooOldOrTooMuchIsForgotten(_ place: Place) async throws {
        let scene = try Scene(place) { $0.callbackRecordLimit = 3 }
        try await self.want([.group], in: scene)
        for number in 1...5 { try await self.note(self.full("\(number)"), in: scene) }
        try await scene.store.maintain()
        #expect(self.words(try await self.all(scene)) == ["3", "4", "5"])
        let end = try await scene.store.end()
        scene.clock.advance(seconds: 7 * 24 * 3600 + 1)
        try await scene.store.maintain()
        #expect(try await self.all(scene).isEmpty)
        #expect(try await scene.store.end() == end)
    }
}

extension Store {
    /// Returns when what waits for the writer now is done.
    fileprivate func lookForWork() async throws { try await self.writer.lookForOthers() }
}
