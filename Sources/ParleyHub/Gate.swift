import NIOCore

/// Lets so many in at a time, and as many in a turn of the loop; the others wait in the order they came.
///
/// The turns: ten thousand who have come back at once would otherwise keep the loop at work, answer after answer, and it would not look at its
/// sockets before the last of them is served.
final class Gate {
    private let width: Int
    private let rounds: Rounds
    private var free: Int
    private var freeInTurn: Int
    private var waiting = CircularBuffer<() -> Void>()
    private var isAdmitting = false
    private(set) var awaitsTurn = false

    init(_ configuration: HubConfiguration, _ rounds: Rounds) {
        self.rounds = rounds
        self.width = configuration.concurrentReads
        self.free = self.width
        self.freeInTurn = self.width
    }

    func enter(_ work: @escaping () -> Void) {
        self.waiting.append(work)
        self.admit()
    }

    /// Who has been let in is done.
    func leave() {
        self.free += 1
        self.admit()
    }

    /// Who leaves again at once comes back here: the loop, not the stack, lets in the next one, though ten thousand wait.
    private func admit() {
        guard !self.isAdmitting else { return }
        self.isAdmitting = true
        while self.free > 0, self.freeInTurn > 0, let work = self.waiting.popFirst() {
            self.free -= 1
            self.freeInTurn -= 1
            self.beginTurn()
            work()
        }
        self.isAdmitting = false
    }

    private func beginTurn() {
        guard !self.awaitsTurn else { return }
        self.awaitsTurn = true
        self.rounds.next { self.turnHasCome() }
    }

    private func turnHasCome() {
        self.awaitsTurn = false
        self.freeInTurn = self.width
        self.admit()
    }
}
