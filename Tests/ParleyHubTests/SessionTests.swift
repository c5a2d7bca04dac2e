import NIOCore
import ParleyCore
import Testing

@testable import ParleyHub

/// The state machine alone: no channel, no shard, no time but what is handed in.
struct SessionTests {
    private func session(tokenExpiresAt: Timestamp = .distantFuture) -> Session {
        var session = self.waitingSession(forClient: false, tokenExpiresAt: tokenExpiresAt)
        _ = session.replaces(0)
        return session
    }

    private func waitingSession(forClient: Bool, tokenExpiresAt: Timestamp = .distantFuture) -> Session {
        Session(
            limits: Session.Limits(HubConfiguration(), tokenExpiresAt: tokenExpiresAt), waitsForClient: forClient,
            at: self.at(0))
    }

    private func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(1 << 40) + .seconds(seconds) }
    private let noon = Timestamp(seconds: 1_700_000_000)

    @Test func nothingIsLookedUpBeforeTheLastOfTheReplacedHasEnded() {
        var session = self.waitingSession(forClient: false)
        #expect(session.replaces(2) == .nothing)
        #expect(session.clientBegan() == .nothing)
        #expect(session.replacedOneEnded() == .nothing)
        #expect(session.replacedOneEnded() == .lookUp)
        #expect(session.phase == .connecting)
        #expect(session.replacedOneEnded() == .nothing)
    }

    @Test func aClientThatBeginsWhenAskedIsWaitedForWhicheverComesLast() {
        var session = self.waitingSession(forClient: true)
        #expect(session.replaces(1) == .nothing)
        #expect(session.clientBegan() == .nothing)
        #expect(session.clientBegan() == .nothing)
        #expect(session.replacedOneEnded() == .lookUp)
        session = self.waitingSession(forClient: true)
        #expect(session.replaces(0) == .nothing)
        #expect(session.positioned(behind: 0) == .nothing)
        #expect(session.clientBegan() == .lookUp)
    }

    @Test func whoWaitsIsHeldToTheSameSilenceAndTheSameToken() {
        var session = self.waitingSession(forClient: true)
        #expect(session.swept(at: self.at(30), wallClock: self.noon) == .ping(1))
        #expect(session.swept(at: self.at(75), wallClock: self.noon) == .end(.silent))
        session = self.waitingSession(forClient: true, tokenExpiresAt: self.noon)
        #expect(session.swept(at: self.at(0), wallClock: self.noon) == .end(.disconnected(.tokenExpired)))
        #expect(session.end(.disconnected(.tokenExpired)) == true)
        #expect(session.clientBegan() == .nothing)
    }

    @Test func nothingMissedIsReadyAtOnce() {
        var session = self.session()
        #expect(session.positioned(behind: 0) == .announceReady)
        #expect(session.phase == .live)
    }

    @Test func readyComesOnceWhenTheLastConversationHasCaughtUp() {
        var session = self.session()
        #expect(session.positioned(behind: 2) == .nothing)
        #expect(session.caughtUpInOne() == .nothing)
        #expect(session.caughtUpInOne() == .announceReady)
        #expect(session.caughtUpInOne() == .nothing)
        #expect(session.positioned(behind: 0) == .nothing)
    }

    @Test func aDrainedOutboxReadsOn() {
        var session = self.session()
        _ = session.positioned(behind: 0)
        #expect(session.outbox(isFull: true, at: self.at(1)) == .nothing)
        #expect(session.outbox(isFull: true, at: self.at(2)) == .nothing)
        #expect(session.outboxFullSince == self.at(1))
        #expect(session.outbox(isFull: false, at: self.at(3)) == .readOn)
        #expect(session.outboxFullSince == nil)
    }

    @Test func anOutboxThatStaysFullEndsTheSession() {
        var session = self.session()
        _ = session.positioned(behind: 0)
        _ = session.outbox(isFull: true, at: self.at(0))
        session.heard(at: self.at(50))
        #expect(session.swept(at: self.at(59), wallClock: self.noon) == .nothing)
        #expect(session.swept(at: self.at(60), wallClock: self.noon) == .end(.tooSlow))
    }

    @Test func onePingIsUnderWayAndTheNextWaitsItsTime() {
        var session = self.session()
        #expect(session.unconfirmed(at: self.at(0), every: .milliseconds(250)) == .ping(1))
        #expect(session.unconfirmed(at: self.at(10), every: .milliseconds(250)) == .nothing)
        #expect(session.ponged(7) == false)
        #expect(session.ponged(1) == true)
        #expect(session.ponged(1) == false)
        #expect(session.unconfirmed(at: self.at(0) + .milliseconds(249), every: .milliseconds(250)) == .nothing)
        #expect(session.unconfirmed(at: self.at(0) + .milliseconds(250), every: .milliseconds(250)) == .ping(2))
    }

    @Test func silenceIsAskedAboutAndThenEnds() {
        var session = self.session()
        #expect(session.swept(at: self.at(29), wallClock: self.noon) == .nothing)
        #expect(session.swept(at: self.at(30), wallClock: self.noon) == .ping(1))
        #expect(session.swept(at: self.at(31), wallClock: self.noon) == .nothing)
        #expect(session.swept(at: self.at(75), wallClock: self.noon) == .end(.silent))
    }

    @Test func aSignOfLifePutsTheEndOff() {
        var session = self.session()
        session.heard(at: self.at(60))
        #expect(session.swept(at: self.at(89), wallClock: self.noon) == .nothing)
        #expect(session.swept(at: self.at(90), wallClock: self.noon) == .ping(1))
        #expect(session.swept(at: self.at(135), wallClock: self.noon) == .end(.silent))
    }

    @Test func theTokensEndIsTheSessions() {
        var session = self.session(tokenExpiresAt: self.noon)
        #expect(session.swept(at: self.at(0), wallClock: self.noon.adding(milliseconds: -1)) == .nothing)
        #expect(session.swept(at: self.at(0), wallClock: self.noon) == .end(.disconnected(.tokenExpired)))
    }

    @Test func theFirstReasonStands() {
        var session = self.session()
        #expect(session.end(.disconnected(.kicked)) == true)
        #expect(session.end(.silent) == false)
        #expect(session.phase == .ended(.disconnected(.kicked)))
        #expect(session.outbox(isFull: true, at: self.at(0)) == .nothing)
        #expect(session.swept(at: self.at(999), wallClock: self.noon) == .nothing)
        #expect(session.unconfirmed(at: self.at(999), every: .milliseconds(250)) == .nothing)
    }
}
