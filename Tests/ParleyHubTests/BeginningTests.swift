import NIOCore
import NIOEmbedded
import ParleyCore
import Testing

@testable import ParleyHub

/// Clients that keep their own books.
struct BeginningTests {
    private func withStage(_ configuration: HubConfiguration = HubConfiguration(), _ body: (Stage) -> Void) {
        let stage = Stage(configuration)
        body(stage)
        stage.close()
    }

    private let g = ConversationID(app: Stage.app, .g)

    private func fill(_ stage: Stage, _ count: Int = 6) {
        stage.join("alice")
        for number in 1...count { stage.say("\(number)", in: .g) }
    }

    @Test func nothingIsSentBeforeTheClientHasSaidWhereItIs() {
        self.withStage { stage in
            self.fill(stage)
            let alice = stage.connect("alice", beginning: .whenAsked)
            stage.say("7", in: .g)
            #expect(alice.news() == [])
            #expect(stage.shard.connecting == 0)
            alice.reader.begin(after: [.g: 4, .group(GroupID("unknown")): 9])
            stage.run()
            #expect(alice.news() == ["5", "6", "7", "ready"])
        }
    }

    @Test func whatIsNotNamedGoesOnFromTheServersCursor() {
        self.withStage { stage in
            self.fill(stage)
            stage.library.confirm([
                Cursor(conversation: self.g, user: UserID("alice"), device: DeviceID("phone"), sequence: 5)
            ])
            stage.say("hi", in: .between("alice", "bob"), from: "bob")
            let alice = stage.connect("alice", beginning: .whenAsked)
            alice.reader.begin(after: [.between("alice", "bob"): 1])
            stage.run()
            #expect(alice.news() == ["6", "ready"])
        }
    }

    @Test func itMayBeSaidBeforeTheStandingIsKnown() {
        self.withStage { stage in
            self.fill(stage)
            let alice = stage.arrive("alice")
            stage.library.look()
            alice.reader.begin(after: [.g: 4])
            alice.reader.begin(after: [.g: 3])
            stage.run()
            #expect(alice.news() == ["4", "5", "6", "ready"])
        }
    }

    @Test func forwardCountsAsConfirmedAndBackComesAgain() {
        self.withStage { stage in
            self.fill(stage)
            let alice = stage.connect("alice", confirmation: .manual, beginning: .whenAsked)
            alice.reader.begin(after: [.g: 4])
            stage.run()
            stage.advance(.seconds(2))
            #expect(stage.library.cursor(of: alice.client, in: self.g) == 4)
            _ = alice.news()
            alice.reader.begin(after: [.g: 1])
            stage.run()
            #expect(alice.news() == ["2", "3", "4", "5", "6"])
            alice.reader.begin(after: [.g: 6])
            stage.advance(.seconds(2))
            #expect(stage.library.cursor(of: alice.client, in: self.g) == 6)
            stage.say("7", in: .g)
            #expect(alice.news() == ["7"])
        }
    }

    @Test func aPongFromBeforeGoingBackConfirmsNothingOfWhatComesAgain() {
        self.withStage { stage in
            self.fill(stage)
            let alice = stage.connect("alice")
            alice.look()
            alice.reader.begin(after: [.g: 1])
            alice.pong()
            stage.advance(.seconds(2))
            #expect(stage.library.cursor(of: alice.client, in: self.g) <= 1)
            #expect(alice.sequences == [1, 2, 3, 4, 5, 6, 2, 3, 4, 5, 6])
            alice.pong()
            stage.advance(.seconds(2))
            #expect(stage.library.cursor(of: alice.client, in: self.g) == 6)
        }
    }

    @Test func beforeJoiningThereIsNothingAndBeyondTheEndTheServersCursorStands() {
        self.withStage { stage in
            for number in 1...3 { stage.say("\(number)", in: .g) }
            stage.join("alice")
            for number in 4...5 { stage.say("\(number)", in: .g) }
            let alice = stage.connect("alice", beginning: .whenAsked)
            alice.reader.begin(after: [.g: 0])
            stage.run()
            #expect(alice.news() == ["4", "5", "ready"])
            let web = stage.connect("alice", device: "web", beginning: .whenAsked)
            web.reader.begin(after: [.g: 500])
            stage.run()
            #expect(web.news() == ["4", "5", "ready"])
        }
    }

    @Test func whatIsPastRetentionIsNotSentWhoeverKeepsTheBooks() {
        self.withStage { stage in
            self.fill(stage)
            stage.library.confirm([
                Cursor(conversation: self.g, user: UserID("alice"), device: DeviceID("phone"), sequence: 2)
            ])
            stage.library.retainedAfter[self.g] = 4
            let alice = stage.connect("alice", beginning: .whenAsked)
            alice.reader.begin(after: [.g: 1])
            stage.run()
            #expect(alice.news() == ["gap", "5", "6", "ready"])
            #expect(alice.gaps == [Gap(conversation: .g, after: 1, before: 5, reason: .retention)])
        }
    }

    @Test func goingBackWhileTheLogIsBeingReadIsNotOvertakenByTheAnswer() {
        self.withStage(HubConfiguration(tailEntries: 1)) { stage in
            self.fill(stage)
            let alice = stage.arrive("alice", beginning: .whenAsked)
            alice.reader.begin(after: [.g: 4])
            stage.library.look()
            stage.library.tell()
            stage.loop.takeTurn()
            stage.library.look()
            alice.reader.begin(after: [.g: 2])
            stage.run()
            #expect(alice.sequences == [3, 4, 5, 6])
            #expect(alice.gaps == [])
        }
    }

    @Test func aClientThatNeverSaysItIsDroppedForItsSilence() {
        self.withStage { stage in
            let alice = stage.arrive("alice", beginning: .whenAsked)
            for _ in 0..<80 { stage.advance(.seconds(1)) }
            #expect(alice.ending == .silent)
            #expect(stage.shard.readers.isEmpty)
        }
    }

    @Test func whatManyWordsBeforeTheBeginningCostIsBounded() {
        self.withStage { stage in
            let alice = stage.arrive("alice")
            for round in 0..<10 {
                alice.reader.begin(
                    after: Dictionary(
                        uniqueKeysWithValues: (0..<10_000).map { (.group(GroupID("\(round)-\($0)")), 1) }))
            }
            #expect(alice.reader.begunAfter.count <= 20_000)
            stage.run()
            #expect(alice.reader.begunAfter.isEmpty)
        }
    }

    /// Whatever the order: what comes follows what came, or what the client named; and in the end it has the end.
    @Test(arguments: 0..<100) func everyInterleavingFollowsTheClientsBooks(seed: Int) {
        let play = BooksPlay(seed: UInt64(seed))
        for _ in 0..<300 { play.step() }
        #expect(play.problems() == [])
        play.stage.close()
    }
}

final class BooksPlay {
    let stage: Stage
    private var dice: Dice
    private var untold: [Commit] = []
    private let guest: Guest
    private let conversations = [Conversation.g, .between("alice", "bob")]
    private var named: [String: Set<UInt64>] = [:]

    init(seed: UInt64) {
        self.dice = Dice(state: seed &* 104_729 &+ 3)
        self.stage = Stage(
            HubConfiguration(
                outboxBytes: seed % 2 == 0 ? 150 : 4000, turn: seed % 5 < 3 ? 1 : 256, tailEntries: 3, readLimit: 3,
                concurrentReads: 2))
        self.stage.join("alice")
        for conversation in self.conversations {
            for number in 0..<5 { self.stage.say("\(number)", in: conversation, from: "bob") }
        }
        self.guest = self.stage.arrive("alice", beginning: seed % 3 == 0 ? .byItself : .whenAsked)
    }

    func step() {
        let library = self.stage.library
        switch Int.random(in: 0..<10, using: &self.dice) {
        case 0, 1:
            var commit = Commit()
            commit.entries = [
                self.stage.record("x", in: self.conversations.randomElement(using: &self.dice)!, from: "bob")
            ]
            self.untold.append(commit)
        case 2: if !self.untold.isEmpty { self.stage.shard.post(.commit(self.untold.removeFirst())) }
        case 3: self.name()
        case 4: if library.hasQuestion { library.look() }
        case 5: if library.hasAnswer { library.tell() }
        case 6: self.guest.isFull.toggle()
        case 7: self.guest.pong()
        case 8: library.failures = Int.random(in: 0...1, using: &self.dice)
        default: self.stage.loop.takeTurn()
        }
    }

    private func name() {
        let conversation = self.conversations.randomElement(using: &self.dice)!
        let last = self.stage.library.last(of: ConversationID(app: Stage.app, conversation))
        let sequence = UInt64.random(in: 0...last + 2, using: &self.dice)
        self.named[conversation == .g ? "group:g" : "direct:bob", default: []].insert(sequence)
        self.guest.reader.begin(after: [conversation: sequence])
    }

    func problems() -> [String] {
        self.stage.library.failures = 0
        while !self.untold.isEmpty { self.stage.shard.post(.commit(self.untold.removeFirst())) }
        self.guest.isFull = false
        self.guest.reader.begin(after: [:])
        for _ in 0..<3 {
            self.guest.reader.hasBeenHeard = true
            self.stage.advance(.seconds(1))
        }
        self.guest.look()
        var problems = self.guest.isReady ? [] : ["never ready"]
        if !self.guest.gaps.isEmpty { problems.append("gaps: \(self.guest.gaps)") }
        for conversation in self.conversations {
            let name = conversation == .g ? "group:g" : "direct:bob"
            let got = self.guest.lines.filter { $0.conversation == name }.map(\.sequence)
            for (previous, next) in zip([0] + got, got) where next != previous + 1 {
                if self.named[name]?.contains(next - 1) != true {
                    problems.append("\(name): \(next) after \(previous)")
                }
            }
            let last = self.stage.library.last(of: ConversationID(app: Stage.app, conversation))
            let cursor = self.guest.reader.subscriptions[conversation]?.cursor
            if cursor != last { problems.append("\(name): at \(String(describing: cursor)), not at \(last)") }
            if let end = got.last, end != last, self.named[name]?.contains(last) != true {
                problems.append("\(name): ended with \(end), not with \(last)")
            }
        }
        return problems
    }
}
