import ParleyCore
import ParleyTesting
import Testing

@Suite struct SendTests {
    @Test func whatIsNotCheckedIsAdmitted() async throws {
        let bench = try await Bench.make()
        for conversation in [
            Conversation.group(GroupID("nowhere")), .direct("x", "y"), .system("x"), .room(RoomID("r")),
        ] {
            let receipt = try await bench.core.send(bench.send(to: conversation, from: "x"))
            #expect(receipt.sequence == 1)
        }
    }

    @Test func whoIsUnknownIsRefusedWhereThatIsChecked() async throws {
        let bench = try await Bench.make()
        await #expect(throws: Rejection.userNotFound("x")) {
            try await bench.core.send(bench.send(to: .direct("x", Bench.bob), from: "x", .senderExists))
        }
        await #expect(throws: Rejection.userNotFound("x")) {
            try await bench.core.send(bench.send(to: .direct(Bench.alice, "x"), .recipientExists))
        }
        await #expect(throws: Rejection.groupNotFound(GroupID("nowhere"))) {
            try await bench.core.send(bench.send(to: .group(GroupID("nowhere")), [.groupExists, .senderIsMember]))
        }
        await #expect(throws: Rejection.senderNotMember("x", of: Bench.group)) {
            try await bench.core.send(bench.send(to: .group(Bench.group), from: "x", .senderIsMember))
        }
        #expect(try await bench.entries(of: .group(Bench.group)).isEmpty)
    }

    @Test func aBlockHoldsBackOneDirectionOnly() async throws {
        let bench = try await Bench.make()
        try await bench.core.directory.write(in: bench.app.id) { try $0.block(Bench.alice, by: Bench.bob) }
        let pair = Conversation.direct(Bench.alice, Bench.bob)
        await #expect(throws: Rejection.blockedByRecipient(Bench.bob)) {
            try await bench.core.send(bench.send(to: pair, from: Bench.alice, .blocks))
        }
        #expect(try await bench.core.send(bench.send(to: pair, from: Bench.bob, .blocks)).sequence == 1)
        #expect(try await bench.core.send(bench.send(to: pair, from: Bench.alice)).sequence == 2)
    }

    @Test func aMutedMemberMayNotSpeakUntilThen() async throws {
        let bench = try await Bench.make()
        let until = bench.clock.now().adding(seconds: 60)
        try await bench.core.mute([Bench.bob], in: Bench.group, of: bench.app.id, until: until)
        let send = bench.send(to: .group(Bench.group), from: Bench.bob, .mutes)
        await #expect(throws: Rejection.senderMuted(until: until)) { try await bench.core.send(send) }
        #expect(try await bench.core.send(bench.send(to: .group(Bench.group), .mutes)).sequence == 1)
        bench.clock.advance(seconds: 60)
        #expect(try await bench.core.send(send).sequence == 2)
    }

    @Test func aMuteThatIsEndedIsOver() async throws {
        let bench = try await Bench.make()
        try await bench.core.mute([Bench.bob], in: Bench.group, of: bench.app.id, until: .distantFuture)
        try await bench.core.mute([Bench.bob], in: Bench.group, of: bench.app.id, until: nil)
        #expect(try await bench.core.send(bench.send(to: .group(Bench.group), from: Bench.bob, .mutes)).sequence == 1)
    }

    @Test func inAMutedGroupOnlyThoseWhoLeadItSpeak() async throws {
        let bench = try await Bench.make()
        try await bench.core.changeGroup(Bench.group, in: bench.app.id) { $0.isMuted = true }
        try await bench.core.changeMember("carol", of: Bench.group, in: bench.app.id) { member, _ in
            member.role = .administrator
        }
        let conversation = Conversation.group(Bench.group)
        await #expect(throws: Rejection.groupMuted(Bench.group)) {
            try await bench.core.send(bench.send(to: conversation, from: Bench.bob, .mutes))
        }
        for speaker in [Bench.alice, "carol", "administrator"] {
            _ = try await bench.core.send(bench.send(to: conversation, from: speaker, .mutes))
        }
        #expect(try await bench.entries(of: conversation).count == 3)
    }

    @Test func whoIsMutedEverywhereIsMutedInEachGroup() async throws {
        let bench = try await Bench.make()
        let until = bench.clock.now().adding(seconds: 60)
        try await bench.core.changeUser(Bench.bob, in: bench.app.id) { $0.mutedInGroupsUntil = until }
        for checks in [Send.Checks.mutes, .globalMute] {
            await #expect(throws: Rejection.senderMuted(until: until)) {
                try await bench.core.send(bench.send(to: .group(Bench.group), from: Bench.bob, checks))
            }
        }
        // It is about groups; and it ends.
        _ = try await bench.core.send(bench.send(to: .direct(Bench.alice, Bench.bob), from: Bench.bob, .mutes))
        bench.clock.advance(seconds: 60)
        _ = try await bench.core.send(bench.send(to: .group(Bench.group), from: Bench.bob, .mutes))
    }

    @Test func whoIsMutedInDirectConversationsSpeaksInGroupsAlone() async throws {
        let bench = try await Bench.make()
        let until = bench.clock.now().adding(seconds: 60)
        try await bench.core.changeUser(Bench.bob, in: bench.app.id) { $0.mutedInDirectUntil = until }
        let direct = Conversation.direct(Bench.alice, Bench.bob)
        for checks in [Send.Checks.mutes, .globalMute] {
            await #expect(throws: Rejection.senderMuted(until: until)) {
                try await bench.core.send(bench.send(to: direct, from: Bench.bob, checks))
            }
        }
        _ = try await bench.core.send(bench.send(to: direct, from: Bench.bob, []))
        _ = try await bench.core.send(bench.send(to: direct, from: Bench.alice, .mutes))
        _ = try await bench.core.send(bench.send(to: .group(Bench.group), from: Bench.bob, .mutes))
        bench.clock.advance(seconds: 60)
        _ = try await bench.core.send(bench.send(to: direct, from: Bench.bob, .mutes))
    }

    @Test func oneRefusalDoesNotHinderTheOthers() async throws {
        let bench = try await Bench.make()
        let results = try await bench.core.send([
            bench.send(to: .direct(Bench.alice, Bench.bob), .recipientExists),
            bench.send(to: .direct(Bench.alice, "x"), .recipientExists),
            bench.send(to: .direct(Bench.alice, "carol"), isEphemeral: true),
            bench.send(to: .direct(Bench.alice, Bench.bob), .recipientExists),
        ])
        #expect(results.map { try? $0.get().sequence } == [1, nil, .some(nil), 2])
        #expect(results[1] == .failure(.userNotFound("x")))
        #expect(try await bench.core.send([]).isEmpty)
    }

    @Test func whatIsEphemeralIsOnlyBroadcast() async throws {
        let bench = try await Bench.make()
        let receipt = try await bench.core.send(bench.send(to: .group(Bench.group), isEphemeral: true))
        #expect(receipt.sequence == nil)
        #expect(bench.signals.ephemerals.map(\.entry.id) == [receipt.id])
        #expect(bench.signals.ephemerals.first?.entry.message == bench.message())
        #expect(bench.signals.entries.isEmpty)
        #expect(try await bench.core.log.lastSequence(of: ConversationID(app: bench.app.id, .group(Bench.group))) == 0)
    }

    @Test func theTypeOfTheGroupSaysWhatIsKept() async throws {
        let bench = try await Bench.make()
        for (type, isLiveOnly, counts) in [
            (GroupType.public, false, true), (.meeting, false, false), (.avChatRoom, true, false),
        ] {
            let group = try await bench.makeGroup(type.rawValue, type, owner: Bench.alice)
            _ = try await bench.core.send(bench.send(to: .group(group)))
            let options = try #require(try await bench.entries(of: .group(group)).first?.message?.options)
            #expect(options.isLiveOnly == isLiveOnly)
            #expect(options.countsAsUnread == counts)
        }
    }

    @Test func aRepeatIsToldAndNotDelivered() async throws {
        let bench = try await Bench.make()
        let send = bench.send(to: .group(Bench.group), key: DeduplicationKey("k", lifetimeSeconds: 60))
        let first = try await bench.core.send(send)
        let second = try await bench.core.send(send)
        #expect(second.isRepeat && second.id == first.id && second.sequence == first.sequence)
        #expect(bench.signals.entries.count == 1)
    }
}

@Suite struct FrequencyTests {
    private func sent(
        _ priorities: [Priority], _ bench: Bench, to group: GroupID = Bench.group
    ) async throws -> [Bool] {
        var sent: [Bool] = []
        for priority in priorities {
            var options = MessageOptions()
            options.priority = priority
            let receipt = try await bench.core.send(bench.send(to: .group(group), .frequency, options: options))
            #expect((receipt.sequence == nil) == (receipt.dropped == .frequency))
            sent.append(receipt.dropped == nil)
        }
        return sent
    }

    @Test func soManyASecondAndNoMore() async throws {
        let bench = try await Bench.make(limits: CoreLimits(groupMessagesPerSecond: 3))
        #expect(try await self.sent([.normal, .normal, .normal, .normal], bench) == [true, true, true, false])
        // Each group, and each second, by itself.
        let other = try await bench.makeGroup("other", owner: Bench.alice)
        #expect(try await self.sent([.normal], bench, to: other) == [true])
        bench.clock.advance(seconds: 1)
        #expect(try await self.sent([.normal], bench) == [true])
        #expect(try await bench.entries(of: .group(Bench.group)).count == 4)
    }

    @Test func theMoreImportantPassWhereOthersDoNot() async throws {
        let bench = try await Bench.make(limits: CoreLimits(groupMessagesPerSecond: 2))
        #expect(try await self.sent([.lowest, .lowest, .lowest], bench) == [true, true, false])
        #expect(try await self.sent([.low, .normal, .high], bench) == [true, true, true])
        #expect(
            try await self.sent([.lowest, .low, .normal, .high, .high], bench) == [false, false, false, true, false])
    }

    @Test func noLimitIsNoLimit() async throws {
        let bench = try await Bench.make(limits: CoreLimits(groupMessagesPerSecond: 0))
        #expect(try await self.sent(Array(repeating: .lowest, count: 100), bench).allSatisfy { $0 })
    }
}

extension UserID: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self.init(value) }
}
