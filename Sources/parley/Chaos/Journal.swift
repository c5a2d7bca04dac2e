import Synchronization

/// What the server said yes to: kept here, outside of it, to be held against what it has.
final class Journal: Sendable {
    struct Taken: Sendable {
        var text: String
        /// Where the answer said that it is, if it did.
        var sequence: Int64?
    }

    private struct State {
        var taken: [Place: [Taken]] = [:]
        var takenCount = 0
        var lostCount = 0
        var refusals: [String: Refusal] = [:]
    }

    /// What one kind of sender was told when it was refused.
    struct Refusal: Sendable {
        var count = 0
        var status = 0
        var lastBody = ""
    }

    private let state = Mutex(State())

    func took(_ text: String, in place: Place, sequence: Int64?) {
        self.state.withLock {
            $0.taken[place, default: []].append(Taken(text: text, sequence: sequence))
            $0.takenCount += 1
        }
    }

    /// The connection ended before there was an answer.
    func lost() { self.state.withLock { $0.lostCount += 1 } }

    func refused(_ sender: String, status: Int, _ body: String) {
        self.state.withLock {
            let count = ($0.refusals[sender]?.count ?? 0) + 1
            $0.refusals[sender] = Refusal(count: count, status: status, lastBody: body)
        }
    }

    /// Begins to count refusals anew.
    func forgetRefusals() { self.state.withLock { $0.refusals = [:] } }

    var takenCount: Int { self.state.withLock { $0.takenCount } }
    var lostCount: Int { self.state.withLock { $0.lostCount } }
    /// By vendor, or `ParleySocket`.
    var refusals: [String: Refusal] { self.state.withLock { $0.refusals } }

    /// What was taken in a place, without the first `count`.
    func taken(in place: Place, after count: Int) -> ArraySlice<Taken> {
        self.state.withLock { $0.taken[place, default: []][count...] }
    }
}

/// A conversation, by one name for all who are in it.
struct Place: Hashable, Sendable, CustomStringConvertible {
    let description: String

    static func group(_ id: String) -> Place { Place(description: "group:\(id)") }
    static func direct(_ one: String, _ other: String) -> Place {
        Place(description: "direct:" + [one, other].sorted().joined(separator: "+"))
    }

    /// As `user` calls it: `group:ID` or `direct:USER`.
    static func named(_ name: String, by user: String) -> Place {
        name.hasPrefix("direct:") ? .direct(String(name.dropFirst(7)), user) : Place(description: name)
    }
}
