import ParleyCore
import ParleyTesting
import Testing

@Suite struct ListTests {
    private let group = Conversation.group(Bench.group)
    private let withBob = Conversation.direct(Bench.alice, Bench.bob)
    private let withCarol = Conversation.direct(Bench.alice, "carol")

    private func change(
        _ conversation: Conversation, of user: UserID = Bench.alice, _ bench: Bench,
        _ change: @escaping @Sendable (inout Place, UInt64, Timestamp) -> Void
    ) async throws {
        bench.clock.advance(seconds: 1)
        try await bench.core.changePlace(in: conversation, of: user, in: bench.app.id, change)
    }

    private func names(_ bench: Bench, of user: UserID = Bench.alice) async throws -> [Conversation] {
        try await bench.list(of: user).summaries.map(\.place.conversation)
    }

    @Test func whatWasSaidLastIsFirstAndWhatIsPinnedBeforeIt() async throws {
        let bench = try await Bench.make()
        for conversation in [self.group, self.withBob, self.withCarol, .system(Bench.alice)] {
            try await bench.say(in: conversation, from: "administrator")
        }
        try await bench.say(in: self.withBob)
        let notTheirs = Conversation.direct(Bench.bob, "carol")
        try await bench.say(in: notTheirs)
        let byTime: [Conversation] = [self.withBob, .system(Bench.alice), self.withCarol, self.group]
        #expect(try await self.names(bench) == byTime)
        try await self.change(self.group, bench) { place, _, now in place.pinnedAt = now }
        try await self.change(self.withCarol, bench) { place, _, now in place.pinnedAt = now }
        try await bench.say(in: self.group)
        #expect(try await self.names(bench) == [self.withCarol, self.group, self.withBob, .system(Bench.alice)])
        #expect(try await self.names(bench, of: Bench.bob) == [self.group, notTheirs, self.withBob])
        try await self.change(self.withCarol, bench) { place, _, _ in place.pinnedAt = nil }
        #expect(try await self.names(bench) == [self.group, self.withBob, .system(Bench.alice), self.withCarol])
    }

    @Test func aSummarySaysWhatTheListShows() async throws {
        let bench = try await Bench.make()
        try await bench.say("one", in: self.withBob, from: Bench.bob)
        let id = try await bench.say("two", in: self.withBob, from: Bench.bob)
        try await bench.core.read(self.withBob, through: 1, by: Bench.bob, in: bench.app.id)
        try await bench.say("all", in: self.group, from: Bench.bob)
        let list = try await bench.list(of: Bench.alice).summaries
        #expect(list.map(\.name) == ["Demo group", "bob"])
        #expect(list.map(\.lastMessage?.text) == ["all", "two"])
        #expect(list.map(\.unread) == [Unread(count: 1), Unread(count: 2)])
        #expect(list.map(\.lastSequence) == [1, 2])
        #expect(list.map(\.activeAt) == [bench.clock.now(), id.sentAt])
        #expect(list.map(\.peerReadThrough) == [nil, 1])
    }

    @Test func whereNothingWasSaidItIsInNoListUnlessItIsPinned() async throws {
        let bench = try await Bench.make()
        #expect(try await self.names(bench).isEmpty)
        try await self.change(self.group, bench) { place, _, now in place.pinnedAt = now }
        try await self.change(self.withBob, bench) { place, _, _ in place.isMuted = true }
        #expect(try await self.names(bench) == [self.group])
        #expect(try await bench.place(of: Bench.alice, in: self.withBob).isMuted)
        // A conversation that begins with a pin begins with the first message all the same.
        try await bench.say(in: self.group)
        #expect(try await bench.entries(of: self.group).map(\.sequence) == [1])
        let summary = try await bench.summary(of: self.withCarol, for: Bench.alice)
        #expect(summary?.name == "carol" && summary?.lastSequence == 0 && summary?.lastMessage == nil)
        #expect(try await bench.summary(of: self.group, for: Bench.bob)?.name == "Demo group")
        #expect(try await bench.summary(of: self.group, for: "x") == nil)
        #expect(try await bench.summary(of: self.withCarol, for: Bench.bob) == nil)
        #expect(try await bench.summary(of: .group(GroupID("nowhere")), for: Bench.bob) == nil)
        #expect(try await bench.summary(of: .system(Bench.alice), for: Bench.bob) == nil)
        #expect(try await bench.summary(of: .system(Bench.bob), for: Bench.bob)?.unread == Unread())
    }

    @Test func whoJoinsLaterSeesTheGroupWhenSomethingIsSaid() async throws {
        let bench = try await Bench.make()
        try await bench.say(in: self.group)
        try await bench.core.importUser("erin", in: bench.app.id)
        _ = try await bench.core.addMembers(AddMembers(app: bench.app.id, group: Bench.group, users: ["erin"]))
        #expect(try await self.names(bench, of: "erin").isEmpty)
        try await self.change(self.group, of: "erin", bench) { place, _, now in place.pinnedAt = now }
        let pinned = try #require(try await bench.list(of: "erin").summaries.first)
        #expect(pinned.lastMessage == nil && pinned.activeAt == .distantPast && pinned.unread == Unread())
        try await bench.say("new", in: self.group)
        let summary = try await bench.summary(of: self.group, for: "erin")
        #expect(summary?.lastMessage?.text == "new" && summary?.unread.count == 1)
    }

    @Test func whatIsRemovedComesBackWhenSomethingIsSaid() async throws {
        let bench = try await Bench.make()
        try await bench.say(in: self.withBob)
        try await self.change(self.withBob, bench) { place, last, now in
            place.removedThrough = last
            place.pinnedAt = now
        }
        #expect(try await self.names(bench).isEmpty)
        #expect(try await self.names(bench, of: Bench.bob) == [self.withBob])
        try await bench.say(in: self.withBob, from: Bench.bob) { $0.updatesConversation = false }
        #expect(try await self.names(bench).isEmpty)
        // Reading it is no reason for it to come back, nor changing something else of it.
        let read = try await bench.core.read(self.withBob, through: nil, by: Bench.alice, in: bench.app.id)
        #expect(read.readThrough == 2 && read.removedThrough == 1)
        try await self.change(self.withBob, bench) { place, _, _ in place.isMuted = true }
        #expect(try await self.names(bench).isEmpty)
        try await bench.say(in: self.withBob)
        #expect(try await self.names(bench) == [self.withBob])
    }

    @Test func whatIsClearedStaysInTheListWithNothingInIt() async throws {
        let bench = try await Bench.make()
        try await bench.say(in: self.withBob, from: Bench.bob)
        try await self.change(self.withBob, bench) { place, last, _ in place.clearedThrough = last }
        let summary = try #require(try await bench.list(of: Bench.alice).summaries.first)
        #expect(summary.unread == Unread() && summary.lastMessage == nil && summary.place.clearedThrough == 1)
        #expect(try await bench.history(of: self.withBob, for: Bench.alice).isEmpty)
        #expect(try await bench.history(of: self.withBob, for: Bench.bob) == ["hello"])
        try await bench.say("new", in: self.withBob, from: Bench.bob)
        #expect(try await bench.unread(in: self.withBob, of: Bench.alice)?.count == 1)
        #expect(try await bench.history(of: self.withBob, for: Bench.alice) == ["new"])
    }

    /// Whatever is changed meanwhile, nothing comes twice and what did not move is not passed over.
    @Test func pagesHoldTogetherWhileTheListMoves() async throws {
        let bench = try await Bench.make()
        let peers = (0..<9).map { UserID("peer-\($0)") }
        for peer in peers { try await bench.say(in: .direct(Bench.alice, peer)) }
        for peer in ["peer-2", "peer-5"] as [UserID] {
            try await bench.core.importUser(peer, in: bench.app.id)
            try await self.change(.direct(Bench.alice, peer), bench) { place, _, now in place.pinnedAt = now }
        }
        let all = try await self.names(bench)
        #expect(all.count == 9)
        for limit in 1...10 {
            var (found, bookmark) = ([Conversation](), nil as ConversationPage.Bookmark?)
            repeat {
                let page = try await bench.list(of: Bench.alice, from: bookmark, limit: limit)
                #expect(page.summaries.count <= limit)
                found += page.summaries.map(\.place.conversation)
                bookmark = page.next
            } while bookmark != nil
            #expect(found == all)
        }
        let first = try await bench.list(of: Bench.alice, limit: 4)
        try await bench.say(in: all[7])
        let rest = try await bench.list(of: Bench.alice, from: first.next, limit: 100)
        #expect(rest.summaries.map(\.place.conversation) == [all[4], all[5], all[6], all[8]])
    }

    @Test func conversationsOfOneMomentHaveAnOrderToo() async throws {
        let bench = try await Bench.make()
        for peer in 0..<5 { _ = try await bench.core.send(bench.send(to: .direct(Bench.alice, UserID("p\(peer)")))) }
        let all = try await self.names(bench)
        let page = try await bench.list(of: Bench.alice, limit: 2)
        let rest = try await bench.list(of: Bench.alice, from: page.next, limit: 100)
        #expect((page.summaries + rest.summaries).map(\.place.conversation) == all && Set(all).count == 5)
    }

    @Test func mutingAGroupIsTheMembersDelivery() async throws {
        let bench = try await Bench.make()
        func delivery() async throws -> Member.Delivery? { try await bench.members(of: Bench.group)["carol"]?.delivery }
        func mute(_ isMuted: Bool) async throws {
            try await self.change(self.group, of: "carol", bench) { place, _, _ in place.isMuted = isMuted }
        }
        try await mute(true)
        #expect(try await delivery() == .silent)
        #expect(try await bench.place(of: "carol", in: self.group).isMuted)
        try await mute(false)
        #expect(try await delivery() == .notify)
        // What is stricter stays; and what the vendors' APIs change shows here.
        try await bench.core.changeMember("carol", of: Bench.group, in: bench.app.id) { member, _ in
            member.delivery = .discard
        }
        #expect(try await bench.place(of: "carol", in: self.group).isMuted)
        let count = bench.signals.announcements.count
        try await mute(true)
        #expect(try await delivery() == .discard)
        #expect(bench.signals.announcements.count == count)
        try await mute(false)
        #expect(try await delivery() == .notify)
    }

    @Test func aPlaceStaysWithinWhatWasSaid() async throws {
        let bench = try await Bench.make()
        for _ in 1...3 { try await bench.say(in: self.withBob, from: Bench.bob) { $0.wantsReadReceipts = true } }
        let last = bench.clock.now()
        try await self.change(self.withBob, bench) { place, _, _ in
            place.readThrough = 2
            place.clearedThrough = .max
            place.removedThrough = .max
        }
        var place = try await bench.place(of: Bench.alice, in: self.withBob)
        #expect(place.readThrough == 2 && place.clearedThrough == 3 && place.removedThrough == 3)
        let change = PlaceChange(
            place, before: Place(user: Bench.alice, conversation: self.withBob), clearedUpTo: last)
        #expect(bench.announced(to: Bench.alice) == [.place(change)])
        // Reading on in this way is told as reading on is.
        #expect(
            bench.announced(to: Bench.bob).first
                == .read(self.withBob, by: Bench.alice, through: 2, at: bench.clock.now()))
        try await self.change(self.withBob, bench) { place, _, _ in
            place.readThrough = 0
            place.clearedThrough = 0
            place.removedThrough = nil
        }
        place = try await bench.place(of: Bench.alice, in: self.withBob)
        #expect(place.readThrough == 2 && place.clearedThrough == 3 && place.removedThrough == nil)
    }

    @Test func marksAreAUsersOwnAndGoWhenHeLeaves() async throws {
        let bench = try await Bench.make()
        #expect(Marks(-1) == nil && Marks(Marks.limit) == nil)
        let marks = try #require(Marks(3)).union(try #require(Marks(19)))
        #expect(marks.numbers == [3, 19])
        try await bench.core.changePlace(
            in: self.group, of: Bench.alice, on: DeviceID("web"), in: bench.app.id
        ) { place, _, _ in
            place.marks = marks
        }
        let place = try await bench.place(of: Bench.alice, in: self.group)
        #expect(place.marks == marks)
        #expect(try await bench.place(of: Bench.bob, in: self.group).marks == [])
        let before = Place(user: Bench.alice, conversation: self.group)
        #expect(
            bench.signals.announcements.map(\.event) == [
                .place(PlaceChange(place, before: before, device: DeviceID("web")))
            ])
        try await self.change(self.group, of: "dave", bench) { place, _, _ in place.marks = marks }
        try await bench.core.removeMembers(RemoveMembers(app: bench.app.id, group: Bench.group, users: ["dave"]))
        _ = try await bench.core.addMembers(AddMembers(app: bench.app.id, group: Bench.group, users: ["dave"]))
        #expect(try await bench.place(of: "dave", in: self.group).marks == [])
    }

    @Test func whatIsClearedIsToldWithItsMoment() async throws {
        let bench = try await Bench.make()
        for _ in 1...2 { try await bench.say(in: self.withBob) }
        let moment = bench.clock.now()
        bench.clock.advance(seconds: 60)
        try await bench.core.clearAll(of: Bench.alice, on: DeviceID("web"), in: bench.app.id, removes: true)
        let place = try await bench.place(of: Bench.alice, in: self.withBob)
        #expect(place.clearedThrough == 2 && place.removedThrough == 2)
        let before = Place(user: Bench.alice, conversation: self.withBob)
        let change = PlaceChange(place, before: before, device: DeviceID("web"), clearedUpTo: moment)
        #expect(bench.announced(to: Bench.alice).contains(.place(change)))
        #expect(try await bench.list(of: Bench.alice).summaries.isEmpty)
        let told = bench.signals.announcements.count
        try await bench.core.clearAll(of: Bench.alice, in: bench.app.id, removes: true)
        #expect(bench.signals.announcements.count == told)
        // It is in the list again when something is said, and what was cleared stays so.
        try await bench.say("new", in: self.withBob)
        #expect(try await bench.list(of: Bench.alice).summaries.map(\.lastMessage?.text) == ["new"])
        #expect(try await bench.history(of: self.withBob, for: Bench.alice) == ["new"])
    }

    @Test func nobodyPinsAConversationWithNobody() async throws {
        let bench = try await Bench.make()
        let nobody = Conversation.direct(Bench.alice, "x")
        await #expect(throws: Rejection.userNotFound("x")) {
            try await self.change(nobody, bench) { place, _, now in place.pinnedAt = now }
        }
        // Where something was said there is somebody, known or not.
        try await bench.say(in: nobody)
        try await self.change(nobody, bench) { place, _, now in place.pinnedAt = now }
        #expect(try await self.names(bench) == [nobody])
    }

    @Test func whatDoesNotChangeIsNotTold() async throws {
        let bench = try await Bench.make()
        try await self.change(self.withBob, bench) { _, _, _ in }
        #expect(bench.signals.announcements.isEmpty)
        #expect(try await bench.summary(of: self.withBob, for: Bench.alice)?.lastSequence == 0)
    }
}
