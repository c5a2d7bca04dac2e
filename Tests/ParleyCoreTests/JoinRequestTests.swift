import ParleyCore
import ParleyTesting
import Testing

/// Coming into a group that one does not simply come into.
@Suite struct JoinRequestTests {
    private let alice = UserID("alice")
    private let bob = UserID("bob")
    private let carol = UserID("carol")
    private let dave = UserID("dave")

    private func group(_ bench: Bench, _ policy: JoinPolicy) async throws -> GroupID {
        try await bench.makeGroup("g", owner: self.alice, members: [self.bob]) { $0.joinPolicy = policy }
    }

    private func news(_ bench: Bench, of group: GroupID) -> [(kind: GroupHappening.Kind, to: [UserID]?)] {
        bench.signals.groupNews.compactMap { announcement in
            guard case .group(let happening) = announcement.event, happening.group.id == group else { return nil }
            if case .users(let users) = announcement.recipients { return (happening.kind, users) }
            return (happening.kind, nil)
        }
    }

    @Test func whoMayComeInIsIn() async throws {
        let bench = try await Bench.make()
        let group = try await self.group(bench, .free)
        #expect(try await bench.core.apply(self.carol, to: group, in: bench.app.id, reason: ""))
        #expect(try await bench.members(of: group)[self.carol]?.role == .member)
        await #expect(throws: Rejection.alreadyMember(self.carol, of: group)) {
            try await bench.core.apply(self.carol, to: group, in: bench.app.id, reason: "")
        }
    }

    @Test func wherePermissionIsNeededThoseWhoLeadAreTold() async throws {
        let bench = try await Bench.make()
        let group = try await self.group(bench, .approval)
        try await bench.core.changeMember(self.bob, of: group, in: bench.app.id) { member, _ in
            member.role = .administrator
        }
        #expect(try await !bench.core.apply(self.carol, to: group, in: bench.app.id, reason: "please"))
        #expect(try await bench.members(of: group)[self.carol] == nil)
        let news = try #require(self.news(bench, of: group).last)
        #expect(news.kind == .applied(self.carol, reason: "please") && news.to == [self.alice, self.bob])

        let isAnswered = try await bench.core.answerApplication(
            of: self.carol, to: group, in: bench.app.id, isAccepted: true, reason: "", by: self.bob)
        #expect(isAnswered)
        #expect(try await bench.members(of: group)[self.carol] != nil)
        let after = self.news(bench, of: group).suffix(2)
        #expect(
            after.map(\.kind) == [
                .applicationAnswered(self.carol, isAccepted: true, reason: ""), .joined([self.carol], count: 3),
            ])
        #expect(after.first?.to == [self.carol])
        let isAnsweredAgain = try await bench.core.answerApplication(
            of: self.carol, to: group, in: bench.app.id, isAccepted: true, reason: "", by: self.bob)
        #expect(!isAnsweredAgain)
    }

    @Test func whoIsRefusedIsToldAndMayAskAgain() async throws {
        let bench = try await Bench.make()
        let group = try await self.group(bench, .approval)
        for _ in 0..<2 {
            #expect(try await !bench.core.apply(self.carol, to: group, in: bench.app.id, reason: ""))
            let isAnswered = try await bench.core.answerApplication(
                of: self.carol, to: group, in: bench.app.id, isAccepted: false, reason: "no", by: self.alice)
            #expect(isAnswered)
            let news = try #require(self.news(bench, of: group).last)
            #expect(news.kind == .applicationAnswered(self.carol, isAccepted: false, reason: "no"))
        }
        #expect(try await bench.members(of: group)[self.carol] == nil)
    }

    @Test func nobodyComesInWhoIsKeptOutOrNotAsked() async throws {
        let bench = try await Bench.make()
        let group = try await self.group(bench, .disabled)
        await #expect(throws: Rejection.notPermitted) {
            try await bench.core.apply(self.carol, to: group, in: bench.app.id, reason: "")
        }
        try await bench.core.set(
            .keptOut, of: [self.carol], in: group, of: bench.app.id, until: .distantFuture, by: self.alice)
        await #expect(throws: Rejection.keptOut(self.carol, of: group)) {
            try await bench.core.apply(self.carol, to: group, in: bench.app.id, reason: "")
        }
        await #expect(throws: Rejection.groupNotFound(GroupID("none"))) {
            try await bench.core.apply(self.carol, to: GroupID("none"), in: bench.app.id, reason: "")
        }
        let outcomes = try await bench.core.invite(
            [self.bob, self.carol, self.dave, "nobody"], to: group, in: bench.app.id, by: self.alice, asksThem: true,
            reason: "come")
        #expect(outcomes == [.alreadyMember, .keptOut, .waiting, .unknownUser])
        let news = try #require(self.news(bench, of: group).last)
        #expect(news.kind == .invited([self.dave], reason: "come") && news.to == [self.dave])
    }

    @Test func theOneWhoInvitedHearsTheAnswer() async throws {
        let bench = try await Bench.make()
        let group = try await self.group(bench, .disabled)
        func answer(_ user: UserID, _ isAccepted: Bool) async throws -> Bool {
            try await bench.core.answerInvitation(
                of: user, to: group, in: bench.app.id, isAccepted: isAccepted, reason: "r")
        }
        #expect(try await !answer(self.carol, true))
        _ = try await bench.core.invite(
            [self.carol, self.dave], to: group, in: bench.app.id, by: self.bob, asksThem: true, reason: "")
        #expect(try await answer(self.carol, false))
        #expect(try await answer(self.dave, true))
        #expect(try await !answer(self.dave, true))
        #expect(try await Set(bench.members(of: group).keys) == [self.alice, self.bob, self.dave])
        let answers = self.news(bench, of: group).filter {
            if case .invitationAnswered = $0.kind { true } else { false }
        }
        #expect(
            answers.map(\.kind) == [
                .invitationAnswered(self.carol, isAccepted: false, reason: "r"),
                .invitationAnswered(self.dave, isAccepted: true, reason: "r"),
            ])
        #expect(answers.allSatisfy { $0.to == [self.bob] })
    }

    @Test func whoIsNotAskedIsBroughtIn() async throws {
        let bench = try await Bench.make()
        let group = try await self.group(bench, .disabled)
        let outcomes = try await bench.core.invite(
            [self.carol], to: group, in: bench.app.id, by: self.alice, asksThem: false, reason: "")
        #expect(outcomes == [.joined])
        #expect(try await bench.members(of: group)[self.carol] != nil)
    }

    @Test func whoHasComeInOtherwiseWaitsNoLonger() async throws {
        let bench = try await Bench.make()
        let group = try await self.group(bench, .approval)
        _ = try await bench.core.apply(self.carol, to: group, in: bench.app.id, reason: "")
        _ = try await bench.core.addMembers(AddMembers(app: bench.app.id, group: group, users: [self.carol]))
        let known = try #require(try await bench.core.directory.group(group, in: bench.app.id)?.group)
        #expect(known.listed(in: .applicants).isEmpty)
    }

    @Test func onlyTheNewestWaitAndTheProfileDoesNotShowThem() async throws {
        let bench = try await Bench.make()
        let group = try await self.group(bench, .approval)
        let before = try #require(try await bench.core.directory.group(group, in: bench.app.id)?.group)
        for number in 0..<502 {
            bench.clock.advance(milliseconds: 1)
            _ = try await bench.core.apply(UserID("u\(number)"), to: group, in: bench.app.id, reason: "")
        }
        let known = try #require(try await bench.core.directory.group(group, in: bench.app.id)?.group)
        let waiting = known.listed(in: .applicants)
        #expect(waiting.count == 500 && waiting["u0"] == nil && waiting["u1"] == nil && waiting["u501"] != nil)
        try await bench.core.changeGroup(group, in: bench.app.id) { $0.name = "new" }
        guard case .group(let happening) = bench.signals.groupNews.last?.event else {
            Issue.record("nobody was told")
            return
        }
        var profile = known
        (profile.name, profile.attributes) = ("new", before.attributes)
        profile.updatedAt = happening.group.updatedAt
        #expect(happening.group == profile)
    }
}
