import NIOCore
import NIOEmbedded
import ParleyCore
import ParleySocket
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct RoomAttendanceTests {
    private let hall = Hall()

    @Test func whoIsAwayForLongLeaves() async {
        self.hall.came("alice")
        self.hall.went("alice")
        await self.hall.pass(seconds: 29)
        #expect(self.hall.attendance.count == 1)
        await self.hall.pass(seconds: 1)
        #expect(await self.hall.next() == .left("alice"))
        #expect(self.hall.attendance.count == 0)
    }

    @Test func whoComesBackStaysAndGetsTheWholeGraceNextTime() async {
        self.hall.came("alice")
        self.hall.went("alice")
        await self.hall.pass(seconds: 20)
        self.hall.came("alice")
        await self.hall.pass(seconds: 5)
        self.hall.went("alice")
        await self.hall.pass(seconds: 20)
        // Who is gone for longer is the first of whom anything is heard.
        self.hall.came("bob")
        self.hall.went("bob")
        self.hall.came("alice")
        await self.hall.pass(seconds: 30)
        #expect(await self.hall.next() == .left("bob"))
        #expect(self.hall.attendance.count == 1)
    }

    @Test func theLastConnectionCounts() async {
        self.hall.came("alice")
        self.hall.came("alice")
        self.hall.went("alice")
        await self.hall.pass(seconds: 60)
        #expect(self.hall.attendance.count == 1)
        self.hall.went("alice")
        await self.hall.pass(seconds: 30)
        #expect(await self.hall.next() == .left("alice"))
    }

    @Test func whoIsHereByAnotherWayIsLookedAtAgain() async {
        self.hall.set("alice", isElsewhere: true)
        self.hall.came("alice")
        self.hall.went("alice")
        await self.hall.pass(seconds: 30)
        #expect(await self.hall.next() == .stayed("alice"))
        self.hall.set("alice", isElsewhere: false)
        while self.hall.attendance.count == 1 { await self.hall.pass(seconds: 30) }
        #expect(await self.hall.next() == .left("alice"))
    }

    @Test func nobodyLeavesWhenTheServerGoesAway() async {
        for user in ["alice", "bob"] { self.hall.came(user) }
        self.hall.went("alice")
        self.hall.attendance.close()
        self.hall.went("bob")
        self.hall.came("carol")
        self.hall.came("carol")
        self.hall.went("carol")
        await self.hall.pass(seconds: 60)
        #expect(self.hall.attendance.count == 0)
        self.hall.finish()
        #expect(await self.hall.next() == nil)
    }
}

/// Whom an attendance sees go, by a clock that is moved by hand.
private final class Hall: Sendable {
    enum Outcome: Hashable, Sendable {
        case left(String)
        case stayed(String)
    }

    let attendance: RoomAttendance
    private let loop = NIOAsyncTestingEventLoop()
    private let elsewhere: Elsewhere
    private let outcomes: AsyncStream<Outcome>
    private let outcome: AsyncStream<Outcome>.Continuation

    private final class Elsewhere: Sendable {
        let users = Mutex<Set<String>>([])
    }

    init() {
        let elsewhere = Elsewhere()
        let (outcomes, outcome) = AsyncStream<Outcome>.makeStream()
        self.elsewhere = elsewhere
        self.outcomes = outcomes
        self.outcome = outcome
        self.attendance = RoomAttendance(
            grace: .seconds(30),
            RoomAttendance.Effects(
                isOnline: { user, _ in
                    let isElsewhere = elsewhere.users.withLock { $0.contains(user.rawValue) }
                    if isElsewhere { outcome.yield(.stayed(user.rawValue)) }
                    return isElsewhere
                },
                leave: { user, _ in outcome.yield(.left(user.rawValue)) }))
    }

    func came(_ user: String) { self.attendance.came(UserID(user), of: AppID("demo")) }
    func went(_ user: String) { self.attendance.went(UserID(user), of: AppID("demo"), on: self.loop) }
    func pass(seconds: Int64) async { await self.loop.advanceTime(by: .seconds(seconds)) }

    func set(_ user: String, isElsewhere: Bool) {
        self.elsewhere.users.withLock { users in
            if isElsewhere { users.insert(user) } else { users.remove(user) }
        }
    }

    func next() async -> Outcome? { await self.outcomes.first { _ in true } }
    func finish() { self.outcome.finish() }
}
