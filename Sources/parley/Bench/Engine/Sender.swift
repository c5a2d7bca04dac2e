/// One keep-alive connection: a request, its answer, the next.
final class Sender: Connection {
    private unowned let load: SendLoad
    private(set) var due: Int64 = 0
    /// Which of the load's requests is under way.
    private(set) var request = 0
    private(set) var isConnected = false

    init(_ load: SendLoad, port: Int, on poller: Poller, isUrgent: Bool) throws(BenchFailure) {
        self.load = load
        try super.init(to: port, on: poller, isUrgent: isUrgent)
    }

    override func opened() { self.isConnected = true }
    override func closed(_ reason: String) { self.load.lost(reason) }

    func send(_ template: RequestTemplate, index: Int, number: UInt32, due: Int64) {
        self.due = due
        self.request = index
        self.send(template.request(due: due, number: number))
    }

    override func received(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let answer = AnswerScan(bytes, expecting: self.load.expected) else { return 0 }
        self.load.answered(self, isExpected: answer.isExpected, bytes)
        return answer.end
    }
}
