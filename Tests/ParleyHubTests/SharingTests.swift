import NIOCore
import NIOEmbedded
import ParleyCore
import Testing

@testable import ParleyHub

/// When everyone comes back at once, what they all missed is read once.
struct SharingTests {
    private func everyoneIsBack(_ names: [String], _ body: (Stage, [Guest]) -> Void) {
        let stage = Stage(HubConfiguration(concurrentReads: 1))
        for name in names { stage.join(name) }
        for number in 1...5 { stage.say("\(number)", in: .g) }
        let guests = names.map { stage.arrive($0) }
        body(stage, guests)
        stage.close()
    }

    @Test func whatAllMembersMissedIsReadFromTheLogOnce() {
        self.everyoneIsBack(["alice", "bob", "carol", "dave"]) { stage, guests in
            stage.run()
            for guest in guests { #expect(guest.news() == ["1", "2", "3", "4", "5", "ready"]) }
            #expect(stage.library.reads == 1)
        }
    }

    @Test func whatIsSaidAfterwardsFollowsWhatWasShared() {
        self.everyoneIsBack(["alice", "bob"]) { stage, guests in
            stage.run()
            stage.say("6", in: .g)
            let late = stage.connect("bob", device: "laptop")
            for guest in guests { #expect(guest.news() == ["1", "2", "3", "4", "5", "ready", "6"]) }
            #expect(late.news() == ["1", "2", "3", "4", "5", "6", "ready"])
            #expect(stage.library.reads == 1)
        }
    }

    @Test func whatIsTakenBackAfterwardsIsNotReadFromMemory() {
        self.everyoneIsBack(["alice", "bob"]) { stage, _ in
            stage.run()
            stage.takeBack(3, in: .g)
            let late = stage.connect("bob", device: "laptop")
            #expect(late.news() == ["1", "2", "4", "5", "6", "ready"])
            #expect(stage.library.reads == 1)
        }
    }

    @Test func whatIsTakenBackWhileItIsReadIsNotShared() {
        self.everyoneIsBack(["alice", "bob"]) { stage, _ in
            while stage.library.reads == 0 {
                stage.library.look()
                stage.library.tell()
                stage.loop.takeTurn()
            }
            // What was missed is on its way, with the third in it as it was.
            stage.library.look()
            stage.takeBack(3, in: .g)
            let late = stage.connect("bob", device: "laptop")
            #expect(late.news() == ["1", "2", "4", "5", "6", "ready"])
        }
    }

    /// No entry tells of it.
    @Test func whatIsAmendedWhileItIsReadIsNotShared() throws {
        var options = MessageOptions()
        options.wantsReadReceipts = true
        var shared: Entry?
        self.everyoneIsBack(["alice", "bob"]) { stage, _ in
            while stage.library.reads == 0 {
                stage.library.look()
                stage.library.tell()
                stage.loop.takeTurn()
            }
            stage.library.look()
            let entry = stage.library.entries[ConversationID(app: Stage.app, .g)]![2]
            stage.library.amend(entry, options)
            var commit = Commit()
            commit.amendments = [Amendment(entry.conversation, 3, options)]
            stage.shard.post(.commit(commit))
            stage.loop.takeTurn()
            stage.run()
            shared = stage.shard.feeds[entry.conversation].map { $0.tail.entry(3) }
        }
        #expect(try #require(shared).message?.options == options)
    }
}
