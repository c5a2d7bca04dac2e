/// Notices a connection whose other end is gone without a word: a laptop that slept, a network that changed, a router that forgot.
struct Liveness {
    /// After this much silence the server is asked. It asks by itself after 30 s, so an idle connection has one ping of one side.
    static let patience = Duration.seconds(35)
    /// And this long it has for an answer.
    static let grace = Duration.seconds(10)

    private var lastHeard: Duration
    private var askedAt: Duration?
    /// While nothing is read, nothing can be heard.
    private(set) var isReading = true

    init(at now: Duration) { self.lastHeard = now }

    enum Verdict: Equatable { case fine, ask, dead }

    mutating func heard(at now: Duration) {
        self.lastHeard = now
        self.askedAt = nil
    }

    mutating func reading(_ isReading: Bool, at now: Duration) {
        self.isReading = isReading
        self.heard(at: now)
    }

    var deadline: Duration {
        if let askedAt {
            askedAt + (self.isReading ? Self.grace : Self.patience)
        } else {
            self.lastHeard + Self.patience
        }
    }

    /// To be asked when ``deadline`` has come. A client that does not read goes on asking, only so that the server hears that it is there.
    mutating func verdict(at now: Duration) -> Verdict {
        guard now >= self.deadline else { return .fine }
        if self.askedAt != nil, self.isReading { return .dead }
        self.askedAt = now
        return .ask
    }
}
