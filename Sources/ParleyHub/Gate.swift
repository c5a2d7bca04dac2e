import NIOCore

/// Lets so many in at a time; the others wait in the order they came.
final class Gate {
    private var free: Int
    private var waiting = CircularBuffer<() -> Void>()
    private var isAdmitting = false

    init(width: Int) { self.free = width }

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
        while self.free > 0, let work = self.waiting.popFirst() {
            self.free -= 1
            work()
        }
        self.isAdmitting = false
    }
}
