import Foundation
import ParleyJSON
import Testing

@testable import ParleyClient

/// The life of a chat without sockets and without time passing.
struct MachineTests {
    private var machine: Machine
    private var now = Duration.zero
    private static let welcome = Array(
        #"{"type":"welcome","app":"a","user":"u","device":"d","session":"s","now":1}"#.utf8)

    init() {
        let configuration = Chat.Configuration(server: .init(string: "ws://x")!) { "t" }
        self.machine = Machine(configuration, random: { 1 })
    }

    private mutating func online() {
        _ = self.machine.handle(.start, at: self.now)
        _ = self.machine.handle(.token("t"), at: self.now)
        _ = self.machine.handle(.opened, at: self.now)
        _ = self.machine.handle(.frame(Self.welcome), at: self.now)
        #expect(self.machine.phase == .online(since: self.now))
    }

    @Test mutating func theTokenIsAskedForAndThenKept() {
        #expect(self.machine.handle(.start, at: .zero) == [.askToken])
        #expect(self.machine.handle(.token("t"), at: .zero) == [.connect(token: "t")])
        _ = self.machine.handle(.failed("no route"), at: .zero)
        #expect(self.machine.handle(.retry, at: .zero) == [.connect(token: "t")])
    }

    @Test mutating func waitsDoubleUpToTheMaximumAndStartAgainAfterAGoodConnection() {
        _ = self.machine.handle(.start, at: .zero)
        _ = self.machine.handle(.token("t"), at: .zero)
        var waits: [Duration] = []
        for _ in 0..<9 {
            _ = self.machine.handle(.failed("x"), at: self.now)
            let next = self.machine.deadline!
            waits.append(next - self.now)
            self.now = next
            #expect(self.machine.handle(.tick, at: self.now) == [.connect(token: "t")])
        }
        #expect(waits.map { $0 / .milliseconds(500) } == [1, 2, 4, 8, 16, 32, 60, 60, 60])
        _ = self.machine.handle(.opened, at: self.now)
        _ = self.machine.handle(.frame(Self.welcome), at: self.now)
        self.now += Machine.stable
        _ = self.machine.handle(.closed(code: 1001), at: self.now)
        #expect(self.machine.deadline == self.now + .milliseconds(500))
    }

    @Test func waitsAreSpread() {
        let backoff = Chat.Backoff(initial: .seconds(1), maximum: .seconds(30))
        #expect(backoff.delay(attempt: 2, random: 0) == .seconds(2))
        #expect(backoff.delay(attempt: 2, random: 1) == .seconds(4))
        #expect(backoff.delay(attempt: 1000, random: 1) == .seconds(30))
    }

    @Test mutating func aServerThatNeverGreetsIsGivenUp() {
        _ = self.machine.handle(.start, at: .zero)
        _ = self.machine.handle(.token("t"), at: .zero)
        _ = self.machine.handle(.opened, at: .zero)
        #expect(self.machine.deadline == Machine.greetingTimeout)
        let actions = self.machine.handle(.tick, at: Machine.greetingTimeout)
        #expect(actions.first == .drop)
        #expect(actions.last == .emit(.disconnected(.silence, retryIn: .milliseconds(500)), bytes: 0))
    }

    @Test mutating func aSilentServerIsAskedAndThenGivenUp() {
        self.online()
        #expect(self.machine.deadline == Liveness.patience)
        #expect(self.machine.handle(.tick, at: Liveness.patience) == [.ping])
        self.now = Liveness.patience + .seconds(1)
        _ = self.machine.handle(.heard, at: self.now)
        #expect(self.machine.handle(.tick, at: Liveness.patience + Liveness.grace) == [])
        self.now += Liveness.patience
        #expect(self.machine.handle(.tick, at: self.now) == [.ping])
        self.now += Liveness.grace
        #expect(self.machine.handle(.tick, at: self.now).first == .drop)
        guard case .waiting = self.machine.phase else {
            Issue.record("\(self.machine.phase)")
            return
        }
    }

    @Test mutating func aClientThatDoesNotReadGoesOnSayingThatItIsThere() {
        self.online()
        _ = self.machine.handle(.reading(false), at: .zero)
        for _ in 0..<5 {
            self.now = self.machine.deadline!
            #expect(self.machine.handle(.tick, at: self.now) == [.ping])
        }
        #expect(self.now == Liveness.patience * 5)
    }

    @Test mutating func commandsWaitForTheGreetingAndGoOutInOrderSomeAtATime() {
        _ = self.machine.handle(.start, at: .zero)
        for number in 1...20 { #expect(self.request(number) == []) }
        _ = self.machine.handle(.token("t"), at: .zero)
        _ = self.machine.handle(.opened, at: .zero)
        let first = self.machine.handle(.frame(Self.welcome), at: .zero).dropFirst()
        #expect(first.map { $0 } == (1...Requests.window).map { .write([UInt8($0)]) })
        let answer = Array(#"{"type":"done","request":3}"#.utf8)
        #expect(
            self.machine.handle(.frame(answer), at: .zero) == [
                .answer(3, .success(Machine.Answer(bytes: answer))), .write([UInt8(Requests.window + 1)]),
            ])
        #expect(self.machine.handle(.frame(answer), at: .zero) == [])
    }

    @Test mutating func whatMayNotBeRepeatedFailsWithTheConnectionAndTheRestIsWrittenAgain() {
        self.online()
        _ = self.request(1)
        _ = self.request(2, isRepeatable: false)
        _ = self.request(3)
        let lost = self.machine.handle(.closed(code: nil), at: .zero)
        #expect(lost.first == .answer(2, .failure(.disconnected)))
        // Given while there is no connection, it was not written: it waits like the others.
        _ = self.request(4, isRepeatable: false)
        _ = self.machine.handle(.retry, at: .zero)
        _ = self.machine.handle(.opened, at: .zero)
        let again = self.machine.handle(.frame(Self.welcome), at: .zero).dropFirst()
        #expect(again.map { $0 } == [.write([1]), .write([3]), .write([4])])
    }

    @Test mutating func aCommandThatIsNotAnsweredInTimeEnds() {
        self.online()
        _ = self.request(1, timeout: .seconds(30))
        #expect(self.machine.deadline == .seconds(30))
        #expect(self.machine.handle(.tick, at: .seconds(30)) == [.answer(1, .failure(.timedOut))])
        #expect(!self.machine.isAwaited)
    }

    @Test mutating func whatTheServerWouldCloseForIsNotWritten() {
        self.online()
        let frame = [UInt8](repeating: 0, count: Machine.maximumFrame + 1)
        let actions = self.machine.handle(
            .request(1, frame: frame, isRepeatable: true, timeout: nil), at: .zero)
        #expect(actions == [.answer(1, .failure(.tooLarge))])
    }

    @Test mutating func aTokenThatHasGoneBadIsReplacedButNotAFreshOne() {
        self.online()
        _ = self.machine.handle(.closed(code: 4002), at: .zero)
        #expect(self.machine.handle(.retry, at: .zero) == [.askToken])
        _ = self.machine.handle(.token("t2"), at: .zero)
        let refused = self.machine.handle(.refused(status: 401, message: "no"), at: .zero)
        #expect(refused.last == .finish(.refused(status: 401, message: "no")))
    }

    @Test mutating func aTokenThatWorkedBeforeIsAskedForAgainWhenItIsRefused() {
        self.online()
        _ = self.machine.handle(.closed(code: 1001), at: .zero)
        _ = self.machine.handle(.retry, at: .zero)
        _ = self.machine.handle(.refused(status: 401, message: "expired"), at: .zero)
        #expect(self.machine.handle(.retry, at: .zero) == [.askToken])
    }

    @Test mutating func whoIsWatchedIsWatchedOnTheNextConnectionToo() {
        self.online()
        _ = self.machine.handle(.watch(["bob", "carol"]), at: .zero)
        _ = self.machine.handle(.unwatch(["carol"]), at: .zero)
        _ = self.machine.handle(.closed(code: 1001), at: .zero)
        _ = self.machine.handle(.retry, at: .zero)
        _ = self.machine.handle(.opened, at: .zero)
        let actions = self.machine.handle(.frame(Self.welcome), at: .zero)
        #expect(actions.contains(.write(Array(#"{"type":"watch","users":["bob"]}"#.utf8))))
    }

    @Test mutating func theReasonOfAClosingFrameCountsWhenTheCodeIsLost() {
        self.online()
        _ = self.machine.handle(.frame(Array(#"{"type":"closing","reason":"kicked"}"#.utf8)), at: .zero)
        #expect(self.machine.handle(.closed(code: nil), at: .zero).last == .finish(.kicked))
    }

    @Test mutating func afterTheEndNothingIsDone() {
        self.online()
        _ = self.machine.handle(.close, at: .zero)
        #expect(self.request(1) == [.answer(1, .failure(.ended(.closed)))])
        #expect(self.machine.handle(.opened, at: .zero) == [.drop])
        #expect(self.machine.handle(.frame(Self.welcome), at: .zero) == [])
        #expect(self.machine.deadline == nil)
    }

    @Test mutating func thePositionsOfManyConversationsFitIntoFrames() throws {
        let name = String(repeating: "g", count: 250)
        let cursors = Dictionary(
            uniqueKeysWithValues: (0..<1_201).map { (Conversation.group("\(name)\($0)"), Int64($0)) })
        self.machine.useSaved(cursors)
        _ = self.machine.handle(.start, at: self.now)
        _ = self.machine.handle(.token("t"), at: self.now)
        _ = self.machine.handle(.opened, at: self.now)
        var named: [String: Int64] = [:]
        for case .write(let frame) in self.machine.handle(.frame(Self.welcome), at: self.now) {
            #expect(frame.count <= Machine.maximumFrame)
            let json = try JSON(parsing: frame)
            #expect(json["type"]?.string == "sync")
            for member in json["cursors"]?.members ?? [] { named[member.key] = member.value.int }
        }
        #expect(named == Dictionary(uniqueKeysWithValues: cursors.map { ($0.key.name, $0.value) }))
    }

    @Test mutating func whoHasNoPositionsBeginsAllTheSame() {
        self.machine.useSaved([:])
        _ = self.machine.handle(.start, at: self.now)
        _ = self.machine.handle(.token("t"), at: self.now)
        _ = self.machine.handle(.opened, at: self.now)
        let actions = self.machine.handle(.frame(Self.welcome), at: self.now)
        #expect(actions.last == .write(Array(#"{"type":"sync","cursors":{}}"#.utf8)))
    }

    @Test func aGroupMadeAnewIsReadFromItsBeginning() {
        var positions = Positions([.group("g"): 500])
        var verdicts: [Bool] = []
        for (sequence, id) in [(1, 7), (1, 7), (2, 8)] {
            verdicts.append(positions.isNew(Self.message(Int64(sequence), id: id)))
        }
        #expect(verdicts == [true, false, true])
    }

    @Test func aServerWithNewDataIsNotTakenForOneThatRepeats() {
        var positions = Positions()
        var verdicts: [Bool] = []
        for event in [
            Self.message(5, id: 100), Self.message(5, id: 100), Self.message(4, id: 99), Self.message(1, id: 200),
        ] { verdicts.append(positions.isNew(event)) }
        #expect(verdicts == [true, false, false, true])
        positions.move(.group("g"), to: 0)
        let isNew = positions.isNew(Self.message(1, id: 200))
        #expect(isNew)
    }

    private static func message(_ sequence: Int64, id: Int) -> Chat.Event {
        .message(
            Message(
                conversation: .group("g"), sequence: sequence, id: MessageID("\(id)"), sentAt: .distantPast,
                from: "bob",
                content: .text("")))
    }

    private mutating func request(
        _ number: Int, isRepeatable: Bool = true, timeout: Duration? = nil
    ) -> [Machine.Action] {
        self.machine.handle(
            .request(number, frame: [UInt8(number)], isRepeatable: isRepeatable, timeout: timeout), at: self.now)
    }
}
