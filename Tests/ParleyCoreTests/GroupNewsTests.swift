import ParleyCore
import ParleyTesting
import Testing

/// What happens to groups is told to those whom it concerns, whether a backend wants to know it or not.
@Suite struct GroupNewsTests {
    private let alice = UserID("alice")
    private let bob = UserID("bob")
    private let carol = UserID("carol")

    private struct News: Equatable {
        let kind: GroupHappening.Kind
        let to: Announcement.Recipients
    }

    private func news(_ bench: Bench, of group: GroupID) -> [News] {
        bench.signals.groupNews.compactMap { announcement in
            guard case .group(let happening) = announcement.event, happening.group.id == group else { return nil }
            return News(kind: happening.kind, to: announcement.recipients)
        }
    }

    @Test func aGroupsLifeIsTold() async throws {
        let bench = try await Bench.make()
        let app = bench.app.id
        let group = try await bench.makeGroup("g", owner: self.alice)
        let everyone = Announcement.Recipients.group(group, except: nil)
        _ = try await bench.core.addMembers(AddMembers(app: app, group: group, users: [self.bob, self.carol]))
        try await bench.core.changeGroup(group, in: app) { $0.isMuted = true }
        try await bench.core.changeGroup(group, in: app) { $0.isMuted = true }
        try await bench.core.changeMember(self.bob, of: group, in: app) { member, _ in member.attributes["k"] = "v" }
        try await bench.core.changeMember(self.bob, of: group, in: app) { member, _ in member.attributes = [:] }
        try await bench.core.set(.speaker, of: [self.bob], in: group, of: app, until: .distantFuture)
        try await bench.core.set(.speaker, of: [self.bob], in: group, of: app, until: nil)
        try await bench.core.changeGroup(group, in: app, as: .file("f", isShared: true)) {
            $0.enlist("f", in: .files, "note")
        }
        try await bench.core.set(.keptOut, of: [self.carol], in: group, of: app, until: .distantFuture, by: self.alice)
        try await bench.core.removeMembers(RemoveMembers(app: app, group: group, users: [self.bob]))
        try await bench.core.dissolveGroup(group, in: app)
        let news = self.news(bench, of: group)
        guard news.count == 14, case .changed(let before) = news[2].kind else {
            Issue.record("\(news)")
            return
        }
        #expect(!before.isMuted)
        #expect(news[0] == News(kind: .created([self.alice], administrators: []), to: everyone))
        #expect(news[1] == News(kind: .joined([self.bob, self.carol], count: 3), to: everyone))
        #expect(news[3] == News(kind: .memberAttributes(self.bob, ["k": "v"]), to: everyone))
        #expect(news[4] == News(kind: .memberAttributes(self.bob, ["k": ""]), to: everyone))
        #expect(news[5] == News(kind: .speakers([self.bob], added: true), to: everyone))
        #expect(news[6] == News(kind: .speakers([self.bob], added: false), to: everyone))
        #expect(news[7] == News(kind: .file("f", isShared: true), to: everyone))
        #expect(news[8] == News(kind: .keptOut([self.carol], until: .distantFuture), to: .users([self.carol])))
        // Who is out is told as well as those who are still in.
        #expect(news[9] == News(kind: .removed([self.carol]), to: everyone))
        #expect(news[10] == News(kind: .removed([self.carol]), to: .users([self.carol])))
        #expect(news[11] == News(kind: .left([self.bob]), to: everyone))
        #expect(news[12] == News(kind: .left([self.bob]), to: .users([self.bob])))
        #expect(news[13] == News(kind: .dissolved([self.alice]), to: .users([self.alice])))
    }

    @Test func attributesOfARoomAreToldByWhat() async throws {
        let bench = try await Bench.make()
        let app = bench.app.id
        let room = try await bench.makeGroup("chatroom:r", .chatRoom, members: [self.bob, self.carol])
        func change(_ changes: [ChangeAttributes.Change]) async throws {
            _ = try await bench.core.changeAttributes(
                ChangeAttributes(app: app, group: room, by: self.bob, changes, byMember: true, mayReplaceOthers: false))
        }
        try await change([
            ChangeAttributes.Change(key: "a", value: "1"),
            ChangeAttributes.Change(key: "b", value: "2", leavesWithSetter: true),
        ])
        try await change([ChangeAttributes.Change(key: "a", value: nil)])
        try await bench.core.removeMembers(RemoveMembers(app: app, group: room, users: [self.bob], owner: .mayLeave))
        #expect(
            self.news(bench, of: room).map(\.kind).dropFirst() == [
                .attributesSet(["a": "1", "b": "2"]), .attributesRemoved(["a"]), .attributesRemoved(["b"]),
                .left([self.bob]), .left([self.bob]),
            ])
    }

    @Test func aRoomStaysItsOwnersAndItsAdministrators() async throws {
        let bench = try await Bench.make()
        let app = bench.app.id
        let room = try await bench.makeGroup("chatroom:r", .chatRoom, owner: self.alice, members: [self.bob])
        func leave(_ user: UserID, by: UserID? = nil) async throws {
            try await bench.core.removeMembers(
                RemoveMembers(app: app, group: room, users: [user], by: by, owner: .mayLeave))
        }
        func join(_ user: UserID) async throws -> Member.Role? {
            let group = try #require(try await bench.core.directory.group(room, in: app)?.group)
            _ = try await bench.core.joinRoom(JoinRoom(app: app, user: user, room: group, mustExist: true))
            return try await bench.members(of: room)[user]?.role
        }
        try await bench.core.changeMember(self.bob, of: room, in: app) { member, _ in member.role = .administrator }
        try await leave(self.alice)
        try await leave(self.bob)
        #expect(try await bench.core.directory.group(room, in: app)?.group.owner == self.alice)
        #expect(try await join(self.carol) == .member)
        #expect(try await bench.members(of: room)[self.alice] == nil, "nobody brings the owner along")
        #expect(try await join(self.alice) == .owner)
        #expect(try await join(self.bob) == .administrator)
        // Who is put out is none any more.
        try await leave(self.bob, by: self.alice)
        #expect(try await join(self.bob) == .member)
    }

    @Test func nobodySpeaksInAGroupThatIsDisabled() async throws {
        let bench = try await Bench.make()
        try await bench.core.changeGroup(Bench.group, in: bench.app.id) { $0.isDisabled = true }
        let checks: Send.Checks = [.senderIsMember, .mutes]
        await #expect(throws: Rejection.groupDisabled(Bench.group)) {
            try await bench.core.send(bench.send(to: .group(Bench.group), from: self.alice, checks))
        }
        try await bench.core.changeGroup(Bench.group, in: bench.app.id) { $0.isDisabled = false }
        _ = try await bench.core.send(bench.send(to: .group(Bench.group), from: self.alice, checks))
    }
}
