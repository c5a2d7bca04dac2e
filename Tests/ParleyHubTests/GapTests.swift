import NIOCore
import NIOEmbedded
import ParleyCore
import Testing

@testable import ParleyHub

/// What is not sent is told.
struct GapTests {
    private func withStage(_ configuration: HubConfiguration = HubConfiguration(), _ body: (Stage) -> Void) {
        let stage = Stage(configuration)
        body(stage)
        stage.close()
    }

    private let g = ConversationID(app: Stage.app, .g)

    private func gap(_ after: UInt64, _ before: UInt64, _ reason: Gap.Reason) -> Gap {
        Gap(conversation: .g, after: after, before: before, reason: reason)
    }

    private func fill(_ stage: Stage, _ count: Int = 10) {
        stage.join("alice")
        for number in 1...count { stage.say("\(number)", in: .g) }
    }

    @Test func aDeviceThatWasAwayTooLongIsToldBeforeTheFirstEntry() {
        self.withStage { stage in
            self.fill(stage)
            stage.library.confirm([self.cursor(2)])
            stage.library.retainedAfter[self.g] = 7
            let alice = stage.connect("alice")
            #expect(alice.news() == ["gap", "8", "9", "10", "ready"])
            #expect(alice.gaps == [self.gap(2, 8, .retention)])
        }
    }

    private func cursor(_ sequence: UInt64) -> Cursor {
        Cursor(conversation: self.g, user: UserID("alice"), device: DeviceID("phone"), sequence: sequence)
    }

    @Test func whenNothingIsKeptThereIsOnlyAGapAndItComesAgainUntilItIsConfirmed() {
        self.withStage { stage in
            self.fill(stage)
            stage.library.confirm([self.cursor(2)])
            stage.library.retainedAfter[self.g] = 10
            let first = stage.connect("alice")
            #expect(first.news() == ["gap", "ready"])
            first.leave()
            stage.run()
            let second = stage.connect("alice")
            #expect(second.news() == ["gap", "ready"])
            #expect(second.gaps == [self.gap(2, 11, .retention)])
            second.pong()
            second.leave()
            stage.run()
            #expect(stage.connect("alice").news() == ["ready"])
        }
    }

    @Test func aLogThatBeginsLaterThanTheCursorHasAGap() {
        self.withStage(HubConfiguration(tailEntries: 2)) { stage in
            self.fill(stage)
            stage.library.confirm([self.cursor(2)])
            stage.library.purge(self.g, through: 6)
            let alice = stage.connect("alice")
            #expect(alice.news() == ["gap", "7", "8", "9", "10", "ready"])
            #expect(alice.gaps == [self.gap(2, 7, .retention)])
        }
    }

    @Test func whatIsPurgedUnderASlowReaderHasAGap() {
        self.withStage(HubConfiguration(tailEntries: 2, readLimit: 4)) { stage in
            stage.join("alice")
            let alice = stage.connect("alice")
            stage.say("1", in: .g)
            alice.isFull = true
            for number in 2...20 { stage.say("\(number)", in: .g) }
            stage.library.purge(self.g, through: 12)
            alice.isFull = false
            stage.run()
            #expect(alice.sequences == [1] + Array(13...20))
            #expect(alice.gaps == [self.gap(1, 13, .retention)])
        }
    }

    @Test(arguments: [(3, [8, 9, 10]), (10, Array(1...10)), (0, [])] as [(Int, [UInt64])])
    func onlyTheNewestOfWhatWasMissedAreSent(limit: Int, expected: [UInt64]) {
        self.withStage { stage in
            self.fill(stage)
            let alice = stage.connect("alice", catchUpLimit: limit)
            #expect(alice.sequences == expected)
            #expect(alice.gaps == (limit == 10 ? [] : [self.gap(0, 11 - UInt64(limit), .limit)]))
            #expect(alice.isReady)
            for number in 11...30 { stage.say("\(number)", in: .g) }
            #expect(alice.sequences == expected + Array(11...30))
            for _ in 0..<2 {
                alice.pong()
                stage.advance(.seconds(2))
            }
            #expect(stage.library.cursor(of: alice.client, in: self.g) == 30)
        }
    }

    @Test func retentionAndTheLimitAreTwoGaps() {
        self.withStage { stage in
            self.fill(stage)
            stage.library.confirm([self.cursor(1)])
            stage.library.retainedAfter[self.g] = 4
            let alice = stage.connect("alice", catchUpLimit: 2)
            #expect(alice.news() == ["gap", "gap", "9", "10", "ready"])
            #expect(alice.gaps == [self.gap(1, 5, .retention), self.gap(4, 9, .limit)])
        }
    }

    @Test func whatTheUserClearedIsNoGap() {
        self.withStage { stage in
            self.fill(stage, 6)
            stage.library.clear(self.g, through: 6, for: UserID("alice"))
            for number in 7...10 { stage.say("\(number)", in: .g) }
            stage.library.confirm([self.cursor(1)])
            stage.library.purge(self.g, through: 6)
            let alice = stage.connect("alice")
            #expect(alice.sequences == [7, 8, 9, 10])
            #expect(alice.gaps == [])
        }
    }
}
