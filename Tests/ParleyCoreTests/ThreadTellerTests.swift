import ParleyCore
import Synchronization
import Testing

@Suite struct ThreadTellerTests {
    /// What was looked at. The first look goes on until it is let.
    private final class Looks: Sendable {
        private let state = Mutex((names: [String](), atOnce: 0, most: 0))
        private let (opening, gate) = AsyncStream.makeStream(of: Void.self)
        private let (beginning, begun) = AsyncStream.makeStream(of: Void.self)

        var names: [String] { self.state.withLock { $0.names } }
        var mostAtOnce: Int { self.state.withLock { $0.most } }

        func open() { self.gate.finish() }
        func waitForFirst() async { for await _ in self.beginning { return } }

        func look(_ name: String) async {
            self.state.withLock { state in
                state.atOnce += 1
                state.most = max(state.most, state.atOnce)
                state.names.append(name)
            }
            self.begun.yield()
            for await _ in self.opening {}
            self.state.withLock { $0.atOnce -= 1 }
        }
    }

    private let teller = ThreadTeller()
    private let looks = Looks()

    private func look(_ name: String, at thread: String = "t", in app: String = "a") {
        self.teller.look(at: GroupID(thread), in: AppID(app)) { await self.looks.look(name) }
    }

    @Test func whatComesDuringALookMakesOneMore() async {
        self.look("first")
        await self.looks.waitForFirst()
        for number in 1...100 { self.look("\(number)") }
        self.looks.open()
        await self.teller.settle()
        #expect(self.looks.names == ["first", "100"])
        self.look("later")
        await self.teller.settle()
        #expect(self.looks.names == ["first", "100", "later"])
    }

    @Test func everyThreadHasItsTurnAndOneAtATime() async {
        self.look("first")
        await self.looks.waitForFirst()
        for thread in ["t", "u"] {
            for app in ["a", "b"] { self.look("\(app) \(thread)", at: thread, in: app) }
        }
        self.looks.open()
        await self.teller.settle()
        #expect(self.looks.names.first == "first")
        #expect(self.looks.names.dropFirst().sorted() == ["a t", "a u", "b t", "b u"])
        #expect(self.looks.mostAtOnce == 1)
    }

    @Test func whatIsDueIsStillToldAndNothingAfterThat() async {
        self.look("first")
        await self.looks.waitForFirst()
        self.look("due", at: "u")
        async let stopped: Void = self.teller.stop()
        self.looks.open()
        await stopped
        #expect(self.looks.names == ["first", "due"])
        self.look("late")
        await self.teller.settle()
        #expect(self.looks.names == ["first", "due"])
    }
}
