import ParleyCore
import Synchronization

/// Who is connected, on whichever loop, and which loops want to know: the one thing that shards share. Asked and changed when somebody comes or goes,
/// never to deliver.
final class Registry: Sendable {
    struct Record: Sendable {
        /// The connection's number in this process.
        var number: UInt64
        var shard: Int
        var connection: Connection
        var tokenIssuedAt: Timestamp
        /// What the backend knows it by.
        var session = ""
        var address: String?
    }

    fileprivate struct State {
        var records: [UserKey: [Record]] = [:]
        /// They made room for others and have not ended yet. Nobody counts them as connected any more.
        var leaving: [UserKey: [Record]] = [:]
        var watched: [UserKey: Watched] = [:]
        var count = 0
        var lastNumber: UInt64 = 0
        var lastVersion: UInt64 = 0
    }

    fileprivate struct Watched {
        /// Those with somebody who watches. A shard is held only as long as it has connections.
        var shards: [Shard] = []
        var version: UInt64
    }

    private let state = Mutex(State())
    /// Told of every change, in the order of changes.
    private let chronicle: any Chronicle

    init(_ chronicle: any Chronicle = NoChronicle()) { self.chronicle = chronicle }

    var count: Int { self.state.withLock { $0.count } }

    func nextNumber() -> UInt64 {
        self.state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
    }

    func records(of key: UserKey) -> [Record] { self.state.withLock { $0.records[key] ?? [] } }
}

// MARK: Coming and going

extension Registry {
    /// - Returns: the connections that make room for this one, and why. They are not registered any more, and must be ended. Among them are those that
    ///   made room for another before and have not ended yet: what they confirmed counts for this one too.
    func add(
        _ record: Record, for key: UserKey, exclusivity: Client.Exclusivity = .device
    ) -> [(record: Record, reason: Disconnection)] {
        let (going, watching) = self.state.withLock { state in
            let before = state.records[key] ?? []
            var (going, staying) = ([Record](), [Record]())
            for other in before {
                if other.makesRoom(for: record, exclusivity) { going.append(other) } else { staying.append(other) }
            }
            if case .atMost(let limit) = exclusivity, staying.count >= limit {
                let excess = staying.count - max(0, limit - 1)
                going += staying.prefix(excess)
                staying.removeFirst(excess)
            }
            let after = staying + [record]
            state.records[key] = after
            state.count += after.count - before.count
            if !going.isEmpty { state.leaving[key, default: []] += going }
            self.note(record, replacing: going, of: key)
            let numbers = Set(going.map(\.number))
            let leaving =
                state.leaving[key]?.filter {
                    numbers.contains($0.number) || $0.makesRoom(for: record, exclusivity)
                } ?? []
            return (leaving, state.changed(key, from: before, to: after))
        }
        for shard in watching { shard.post(.presence(key)) }
        return going.map { ($0, $0.connection.device == record.connection.device ? .replaced : .loggedInElsewhere) }
    }

    /// Called when what the connection confirmed is on its way to the log. Does nothing when it is gone already.
    func remove(_ number: UInt64, of key: UserKey, because ending: Ending = .left) {
        let watching = self.state.withLock { state -> [Shard] in
            if var leaving = state.leaving[key] {
                leaving.removeAll { $0.number == number }
                state.leaving[key] = leaving.isEmpty ? nil : leaving
            }
            guard let before = state.records[key] else { return [] }
            let after = before.filter { $0.number != number }
            state.records[key] = after.isEmpty ? nil : after
            state.count += after.count - before.count
            for gone in before where gone.number == number {
                self.note(.offline(PresenceHappening.Reason(ending)), gone, of: key)
            }
            return state.changed(key, from: before, to: after)
        }
        for shard in watching { shard.post(.presence(key)) }
    }
}

// MARK: What backends are told

extension Registry {
    /// First who goes, then who comes: whoever only counts users sees no moment without any.
    private func note(_ record: Record, replacing going: [Record], of key: UserKey) {
        for gone in going {
            let isSame = gone.connection.device == record.connection.device
            self.note(.offline(isSame ? .renewed : .replaced), gone, of: key)
        }
        let others = going.filter { $0.connection.device != record.connection.device }
        self.note(.online(replaced: others.map(\.connection.platform)), record, of: key)
    }

    private func note(_ change: PresenceHappening.Change, _ record: Record, of key: UserKey) {
        guard self.chronicle.wants(.presence, in: key.app) else { return }
        let happening = PresenceHappening(
            change, of: key.user, on: record.connection.device, platform: record.connection.platform,
            session: record.session, address: record.address)
        self.chronicle.note(.presence(happening), in: key.app)
    }
}

extension PresenceHappening.Reason {
    fileprivate init(_ ending: Ending) {
        self =
            switch ending {
            case .left: .closed
            case .tooSlow, .silent: .lost
            case .fault, .disconnected(.goingAway): .interrupted
            case .disconnected(.replaced): .renewed
            case .disconnected(.loggedInElsewhere): .replaced
            case .disconnected(.kicked), .disconnected(.tokenExpired), .disconnected(.userInactive): .kicked
            }
    }
}

extension Registry.Record {
    fileprivate func makesRoom(for other: Registry.Record, _ exclusivity: Client.Exclusivity) -> Bool {
        if self.connection.device == other.connection.device { return true }
        return exclusivity == .platform && self.connection.platform == other.connection.platform
    }
}

// MARK: Watching

/// A user's connections at one moment.
struct Sighting: Sendable {
    var connections: [Connection]
    /// Two sightings of one version are the same.
    var version: UInt64
}

extension Registry {
    /// From now on the shard is told when these users come, go or change devices. What it is told is only *that*: it looks when it comes to it, so that
    /// whoever looks last has seen the last change, whatever way the news took.
    func watch(_ keys: [UserKey], from shard: Shard) {
        self.state.withLock { state in
            for key in keys {
                if state.watched[key] == nil { state.watched[key] = Watched(version: state.nextVersion()) }
                guard state.watched[key]?.shards.contains(where: { $0 === shard }) == false else { continue }
                state.watched[key]?.shards.append(shard)
            }
        }
    }

    func unwatch(_ keys: [UserKey], from shard: Shard) {
        self.state.withLock { state in
            for key in keys {
                state.watched[key]?.shards.removeAll { $0 === shard }
                if state.watched[key]?.shards.isEmpty == true { state.watched[key] = nil }
            }
        }
    }

    /// Nil: nobody watches the user.
    func sighting(of key: UserKey) -> Sighting? {
        self.state.withLock { state in
            guard let watched = state.watched[key] else { return nil }
            return Sighting(connections: (state.records[key] ?? []).map(\.connection), version: watched.version)
        }
    }

    var watchedCount: Int { self.state.withLock { $0.watched.count } }
}

extension Registry.State {
    fileprivate mutating func nextVersion() -> UInt64 {
        self.lastVersion += 1
        return self.lastVersion
    }

    /// - Returns: who wants to know of the change. A device that connects again is none.
    fileprivate mutating func changed(
        _ key: UserKey, from before: [Registry.Record], to after: [Registry.Record]
    ) -> [Shard] {
        guard var watched = self.watched[key], Set(before.map(\.appearance)) != Set(after.map(\.appearance)) else {
            return []
        }
        watched.version = self.nextVersion()
        self.watched[key] = watched
        return watched.shards
    }
}

extension Registry.Record {
    /// What others see of a connection.
    fileprivate var appearance: [String] { [self.connection.device.rawValue, self.connection.platform] }
}
