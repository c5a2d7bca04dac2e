import Foundation
import ParleyClient
import Synchronization

/// Senders and followers around one port, who go on whatever happens to the server there: three followers and eight lanes of senders, two for each
/// vendor, two on ParleyClient.
final class Siege: Sendable {
    let findings: Findings
    let dice: Dice
    let journal = Journal()
    let port: Int
    private let followers: [ChatFollower]
    private let speaker: ChatFollower
    private let raw: RawFollower
    private let rawSocket = Mutex<SocketClient?>(nil)
    private let (stopTalking, stopFollowing) = (Latch(), Latch())
    private let tasks = Mutex<[Task<Void, Never>]>([])
    private let talking = Mutex<[Task<Void, Never>]>([])
    private let audits: Mutex<[Audit]>

    init(port: Int, dice: Dice, findings: Findings, pause: ClosedRange<Int> = 0...4) throws {
        self.port = port
        self.findings = findings
        self.dice = dice
        let carol = try ChatFollower("carol", device: "app", port: port, findings: findings)
        let dave = try ChatFollower("dave", device: "app", port: port, findings: findings)
        self.speaker = try ChatFollower("alice", device: "app", port: port, findings: findings)
        self.followers = [carol, dave]
        self.raw = RawFollower("carol", port: port, findings: findings, stop: self.stopFollowing)
        self.audits = Mutex([
            Audit(.group("demo-group"), conversation: "group:demo-group", reader: carol),
            Audit(.direct("bob", "carol"), conversation: "direct:bob", reader: carol),
            Audit(.direct("bob", "dave"), conversation: "direct:bob", reader: dave),
            Audit(.direct("alice", "dave"), conversation: "direct:alice", reader: dave),
        ])
        self.follow()
        self.talk(pause)
    }

    /// Alice's connection, with which two lanes send.
    var alice: Chat { self.speaker.chat }
    /// How the followers' connections ended, and how often.
    var endings: [String: Int] {
        self.followers.reduce(into: [:]) { all, one in all.merge(one.howItEnded) { $0 + $1 } }
    }

    private func follow() {
        var tasks = (self.followers + [self.speaker]).map { follower in Task { await follower.run() } }
        tasks.append(
            Task { [raw] in
                await raw.run { socket in self.rawSocket.withLock { $0 = socket } }
            })
        self.tasks.withLock { $0 = tasks }
    }

    private func talk(_ pause: ClosedRange<Int>) {
        let destinations: [Letter.Destination] = [.group("demo-group"), .user("carol"), .user("dave")]
        var tasks: [Task<Void, Never>] = []
        for lane in 0..<6 {
            let vendor = Vendor.allCases[lane % 3]
            let talker = VendorTalker(
                name: "\(vendor.rawValue)\(lane / 3)", vendor: vendor, port: self.port, destinations: destinations,
                journal: self.journal, dice: self.dice, stop: self.stopTalking, pause: pause)
            tasks.append(Task { await talker.run() })
        }
        for lane in 0..<2 {
            let talker = ChatTalker(
                name: "alice\(lane)", chat: self.speaker.chat, user: "alice",
                destinations: [.group("demo-group"), .direct("dave")], journal: self.journal, dice: self.dice,
                stop: self.stopTalking, pause: pause)
            tasks.append(Task { await talker.run() })
        }
        self.talking.withLock { $0 = tasks }
    }

    // MARK: While it goes on

    /// Everything that was acknowledged so far is there, once; sequences have no gaps.
    func look(toTheEnd: Bool = false) async {
        var audits = self.audits.withLock { $0 }
        for index in audits.indices {
            await audits[index].look(self.journal, self.findings, toTheEnd: toTheEnd)
        }
        self.audits.withLock { [audits] in $0 = audits }
    }

    // MARK: The end

    /// Lets the senders finish, waits until every follower has everything, and holds all there is against each other.
    func end() async {
        self.stopTalking.set()
        for task in self.talking.withLock({ $0 }) { await task.value }
        await self.look(toTheEnd: true)
        let audits = self.audits.withLock { $0 }
        for audit in audits { await audit.lookAgain(self.findings) }
        await self.compare(audits)
        self.findings.figure("acknowledged", self.journal.takenCount)
        self.findings.figure("in history", audits.reduce(0) { $0 + $1.texts.count })
        self.findings.figure("sends cut off", self.journal.lostCount)
        self.stopFollowing.set()
        for follower in self.followers + [self.speaker] { await follower.close() }
        await self.rawSocket.withLock { $0 }?.close()
        for task in self.tasks.withLock({ $0 }) { await task.value }
    }

    private func compare(_ audits: [Audit]) async {
        let deadline = ContinuousClock.now + .seconds(60)
        for audit in audits {
            for follower in self.followers(of: audit.place) {
                while follower.track(of: audit.place).count < audit.texts.count, ContinuousClock.now < deadline {
                    try? await Task.sleep(for: .milliseconds(10))
                }
                let track = follower.track(of: audit.place)
                self.findings.check(
                    track.texts == audit.texts,
                    "\(follower.user) has \(track.count) of \(audit.place), history has \(audit.texts.count)")
            }
        }
        let group = audits[0]
        while self.raw.last(of: "group:demo-group") < group.texts.count, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(10))
        }
        self.findings.check(
            self.raw.last(of: "group:demo-group") == group.texts.count,
            "a socket of carol has \(self.raw.last(of: "group:demo-group")) of \(group.texts.count)")
    }

    /// What bob says to carol does not come to dave.
    private func followers(of place: Place) -> [ChatFollower] {
        place.description.hasPrefix("group:")
            ? self.followers : self.followers.filter { place.description.contains($0.user) }
    }

    /// The refusals that were met, as violations: when nothing was wrong with the server there must be none.
    func refusalsAreViolations() {
        for (sender, refusal) in self.journal.refusals {
            self.findings.violation(
                "\(sender) was refused \(refusal.count) times: \(refusal.status) \(refusal.lastBody.prefix(300))")
        }
    }
}
