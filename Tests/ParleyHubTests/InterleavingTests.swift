import NIOCore
import NIOEmbedded
import ParleyCore
import ParleyTesting
import Testing

@testable import ParleyHub

/// Everything at once, in an order that a seed decides: commits that are told late, looks and answers at any moment, slow readers, lost connections,
/// members who come and go. Whatever the order: no gaps, no repeats, nothing that is not the reader's.
struct InterleavingTests {
    @Test(arguments: 0..<60) func everyInterleavingDeliversEverythingOnceAndInOrder(seed: Int) {
        let play = Play(seed: UInt64(seed))
        for _ in 0..<400 { play.step() }
        play.settle()
        #expect(play.problems() == [])
        #expect(play.delivered > 50)
        play.stage.close()
        #expect(play.stage.shard.feeds.isEmpty)
        #expect(play.stage.shard.tailBytes == 0)
    }
}

/// splitmix64: the same numbers from the same seed, on every machine.
struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

final class Play {
    /// A connection, and what it may expect.
    private final class Part {
        let guest: Guest
        /// What the device had confirmed when it connected.
        let confirmed: [ConversationID: UInt64]
        init(_ guest: Guest, confirmed: [ConversationID: UInt64]) {
            self.guest = guest
            self.confirmed = confirmed
        }
    }

    let stage: Stage
    private var dice: Dice
    private var parts: [Part] = []
    /// On disk, but the shard has not been told.
    private var untold: [Commit] = []
    private let users = ["alice", "bob", "carol"]
    private let devices = ["phone", "web"]
    private let stable = GroupID("stable")
    private let churning = GroupID("churning")

    init(seed: UInt64) {
        self.dice = Dice(state: seed &* 7919 &+ 1)
        self.stage = Stage(
            HubConfiguration(
                outboxBytes: seed % 3 == 0 ? 200 : 4000, turn: seed % 5 < 3 ? 1 : 256,
                tailEntries: seed % 2 == 0 ? 3 : 50, tailBytes: 3000,
                readLimit: 4, concurrentReads: 2))
        for user in self.users {
            self.untold.append(self.membership(self.stage.library.join(UserID(user), self.stable, in: Stage.app)))
        }
    }

    var delivered: Int { self.parts.reduce(0) { $0 + $1.guest.lines.count } }

    // MARK: Acting

    func step() {
        switch Int.random(in: 0..<100, using: &self.dice) {
        case 0..<30: self.speak()
        case 30..<45: self.tell()
        case 45..<52: self.connect()
        case 52..<56: self.hangUp()
        case 56..<62: self.changeWritability()
        case 62..<67: self.changeMembers()
        case 67..<77: self.answer()
        case 77..<85: self.pong()
        case 85..<87: self.stage.library.failures = 1
        case 87..<90: self.advance()
        default: self.stage.loop.takeTurn()
        }
    }

    private func speak() {
        let sender = self.users.randomElement(using: &self.dice)!
        let peer = self.users.randomElement(using: &self.dice)!
        let conversation: Conversation =
            switch Int.random(in: 0..<6, using: &self.dice) {
            case 0, 1, 2: .group(self.stable)
            case 3: .group(self.churning)
            case 4: .between(sender, peer)
            default: .system(UserID(peer))
            }
        var commit = Commit()
        for _ in 0..<Int.random(in: 1...4, using: &self.dice) {
            let isTargeted = Int.random(in: 0..<5, using: &self.dice) == 0
            let reachesSender = Int.random(in: 0..<5, using: &self.dice) > 0
            commit.entries.append(
                self.stage.record(
                    "x", in: conversation, from: sender, to: isTargeted ? .only([UserID(peer)]) : .everyone
                ) { $0.reachesSender = reachesSender })
        }
        self.untold.append(commit)
    }

    private func membership(_ changes: MembershipChange...) -> Commit {
        var commit = Commit()
        commit.memberships = changes
        return commit
    }

    private func changeMembers() {
        let user = UserID(self.users.randomElement(using: &self.dice)!)
        if self.stage.library.members[self.churning]?[user] == nil {
            self.untold.append(self.membership(self.stage.library.join(user, self.churning, in: Stage.app)))
        } else {
            self.untold.append(self.membership(self.stage.library.leave(user, self.churning, in: Stage.app)))
        }
    }

    private func tell() {
        guard !self.untold.isEmpty else { return }
        for _ in 0..<Int.random(in: 1...3, using: &self.dice) where !self.untold.isEmpty {
            self.stage.shard.post(.commit(self.untold.removeFirst()))
        }
    }

    private func answer() {
        let library = self.stage.library
        if library.hasQuestion, Bool.random(using: &self.dice) {
            library.look(at: Int.random(in: 0..<library.questionCount, using: &self.dice))
        } else if library.hasAnswer {
            library.tell(at: Int.random(in: 0..<library.answerCount, using: &self.dice))
        }
    }

    private var present: [Part] { self.parts.filter { $0.guest.ending == nil } }

    private func connect() {
        self.connect(self.users.randomElement(using: &self.dice)!, self.devices.randomElement(using: &self.dice)!)
    }

    private func connect(_ user: String, _ device: String) {
        guard
            !self.present.contains(where: {
                $0.guest.client.user == UserID(user) && $0.guest.client.device == DeviceID(device)
            })
        else { return }
        let guest = self.stage.arrive(user, device: device)
        var confirmed: [ConversationID: UInt64] = [:]
        for conversation in self.stage.library.entries.keys {
            confirmed[conversation] = self.stage.library.cursor(of: guest.client, in: conversation)
        }
        self.parts.append(Part(guest, confirmed: confirmed))
    }

    private func hangUp() {
        guard let part = self.present.randomElement(using: &self.dice) else { return }
        part.guest.look()
        part.guest.leave()
    }

    private func changeWritability() {
        guard let part = self.present.randomElement(using: &self.dice) else { return }
        part.guest.isFull.toggle()
    }

    private func pong() {
        guard let part = self.present.randomElement(using: &self.dice), !part.guest.isFull else { return }
        part.guest.pong()
    }

    private func advance() {
        for part in self.present { part.guest.reader.hasBeenHeard = true }
        let time = TimeAmount.milliseconds(Int64.random(in: 50...1500, using: &self.dice))
        self.stage.clock.advance(milliseconds: time.nanoseconds / 1_000_000)
        self.stage.loop.advanceTime(by: time)
    }

    /// Everyone comes, and reads everything that there is.
    func settle() {
        for user in self.users { for device in self.devices { self.connect(user, device) } }
        while !self.untold.isEmpty { self.tell() }
        for part in self.present where part.guest.isFull { part.guest.isFull = false }
        for _ in 0..<5 {
            self.stage.run()
            self.advance()
        }
        self.stage.run()
        for part in self.parts { part.guest.look() }
    }

    // MARK: Judging

    func problems() -> [String] { self.parts.enumerated().flatMap { self.problems(of: $1, number: $0) } }

    private func problems(of part: Part, number: Int) -> [String] {
        let guest = part.guest
        var problems: [String] = []
        let isPresent = guest.ending == nil
        if isPresent, !guest.isReady { problems.append("\(number): never ready") }
        for (conversation, entries) in self.stage.library.entries {
            guard let name = Self.name(of: conversation, for: guest.client.user) else { continue }
            let got = guest.lines.filter { $0.conversation == name }.map(\.id)
            if got != got.sorted() || Set(got).count != got.count {
                problems.append("\(number) \(name): out of order or repeated: \(got)")
            }
            let visible = entries.filter {
                $0.isVisible(to: Viewer(user: guest.client.user), for: .delivery)
            }
            if !Set(got).isSubset(of: Set(visible.map(\.id))) { problems.append("\(number) \(name): not for him") }
            let confirmed = part.confirmed[conversation] ?? 0
            if let first = entries.first(where: { $0.id == got.first }), first.sequence! <= confirmed {
                problems.append("\(number) \(name): \(first.sequence!) again, though confirmed up to \(confirmed)")
            }
            problems += self.gaps(in: got, of: visible, confirmed, conversation, name, guest, isPresent, number)
        }
        return problems
    }

    private func gaps(
        in got: [MessageID], of visible: [Entry], _ confirmed: UInt64, _ conversation: ConversationID, _ name: String,
        _ guest: Guest, _ isPresent: Bool, _ number: Int
    ) -> [String] {
        var expected = visible.filter { $0.sequence! > confirmed }.map(\.id)
        if conversation.conversation == .group(self.churning) {
            // Only the last stay is judged, and only for who is there to the end.
            guard isPresent, let member = self.stage.library.members[self.churning]?[guest.client.user] else {
                return []
            }
            expected = visible.filter { $0.sequence! > max(confirmed, member.joinedAtSequence) }.map(\.id)
            let missing = Set(expected).subtracting(got)
            return missing.isEmpty ? [] : ["\(number) \(name): missing \(missing)"]
        }
        // Who left early has a beginning of it.
        let isWhole = isPresent ? got == expected : got == Array(expected.prefix(got.count))
        return isWhole ? [] : ["\(number) \(name): expected \(expected), got \(got)"]
    }

    private static func name(of conversation: ConversationID, for user: UserID) -> String? {
        switch conversation.conversation {
        case .group(let group): return "group:\(group)"
        case .direct(let pair):
            return pair.lesser == user || pair.greater == user ? "direct:\(pair.peer(of: user))" : nil
        case .system(let owner): return owner == user ? "system" : nil
        case .room: return nil
        }
    }
}
