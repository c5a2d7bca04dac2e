package import NIOCore
package import ParleyCore
import Synchronization

/// Who is connected, so that nobody stays in chat rooms who is gone.
///
/// A room is for those who are there: whose last connection has ended leaves all of them, after a grace in which SDKs connect again (facts/rongcloud-client.md,
/// 2.6). Who is still here through another protocol, or another port, is looked at again after as long. When the server goes away nobody leaves: all come back
/// to the next process, and that one, as one that has no memory of who was connected when its predecessor was killed, looks once through the rooms (``RoomSweep``).
package final class RoomAttendance: Sendable {
    /// What becomes of somebody.
    package struct Effects: Sendable {
        package var isOnline: @Sendable (UserID, AppID) async -> Bool
        package var leave: @Sendable (UserID, AppID) async -> Void

        package init(
            isOnline: @escaping @Sendable (UserID, AppID) async -> Bool,
            leave: @escaping @Sendable (UserID, AppID) async -> Void
        ) {
            self.isOnline = isOnline
            self.leave = leave
        }
    }

    /// The vendor's: a client that has been silent for so long is in no room any more.
    package static let usualGrace = TimeAmount.seconds(30)

    private struct Person: Hashable {
        var user: UserID
        var app: AppID
    }

    fileprivate struct Attendance {
        var connections = 0
        /// Of the grace that is running: one that was cut short ends without effect.
        var graceNumber: UInt64 = 0
        var grace: Scheduled<Void>?
    }

    private struct State {
        var people: [Person: Attendance] = [:]
        var lastGrace: UInt64 = 0
        var grace: TimeAmount
        var isClosed = false
    }

    private let state: Mutex<State>
    private let effects: Effects

    package init(grace: TimeAmount = RoomAttendance.usualGrace, _ effects: Effects) {
        self.state = Mutex(State(grace: grace))
        self.effects = effects
    }

    /// For graces that begin from now on.
    package var grace: TimeAmount {
        get { self.state.withLock { $0.grace } }
        set { self.state.withLock { $0.grace = newValue } }
    }

    /// So many are here, or will be looked for when their grace is over.
    package var count: Int { self.state.withLock { $0.people.count } }

    // MARK: Coming and going

    package func came(_ user: UserID, of app: AppID) {
        let grace = self.state.withLock { state -> Scheduled<Void>? in
            guard !state.isClosed else { return nil }
            var attendance = state.people.removeValue(forKey: Person(user: user, app: app)) ?? Attendance()
            attendance.connections += 1
            defer { state.people[Person(user: user, app: app)] = attendance }
            return attendance.endGrace()
        }
        grace?.cancel()
    }

    /// - Parameter loop: what tells the time.
    package func went(_ user: UserID, of app: AppID, on loop: any EventLoop) {
        let person = Person(user: user, app: app)
        self.state.withLock { state in
            guard let connections = state.people[person]?.connections else { return }
            state.people[person]?.connections = connections - 1
            guard connections == 1 else { return }
            self.beginGrace(of: person, on: loop, &state)
        }
    }

    /// The server goes away, and nobody leaves any more.
    package func close() {
        let graces = self.state.withLock { state in
            state.isClosed = true
            return exchange(&state.people, with: [:]).values.compactMap(\.grace)
        }
        for grace in graces { grace.cancel() }
    }

    // MARK: Graces

    private func beginGrace(of person: Person, on loop: any EventLoop, _ state: inout State) {
        state.lastGrace += 1
        let number = state.lastGrace
        state.people[person]?.graceNumber = number
        state.people[person]?.grace = loop.scheduleTask(in: state.grace) {
            Task { await self.graceEnded(number, of: person, on: loop) }
        }
    }

    private func graceEnded(_ number: UInt64, of person: Person, on loop: any EventLoop) async {
        guard self.isRunning(number, of: person) else { return }
        let isOnline = await self.effects.isOnline(person.user, person.app)
        let leaves = self.state.withLock { state in
            guard state.people[person]?.graceNumber == number else { return false }
            guard !isOnline else {
                self.beginGrace(of: person, on: loop, &state)
                return false
            }
            state.people[person] = nil
            return true
        }
        if leaves { await self.effects.leave(person.user, person.app) }
    }

    private func isRunning(_ number: UInt64, of person: Person) -> Bool {
        self.state.withLock { $0.people[person]?.graceNumber == number }
    }
}

extension RoomAttendance.Attendance {
    fileprivate mutating func endGrace() -> Scheduled<Void>? {
        self.graceNumber = 0
        return exchange(&self.grace, with: nil)
    }
}

// MARK: - Of the server

extension RoomAttendance {
    package convenience init(in core: Core) {
        let effects = Effects(
            isOnline: { await core.presence.isOnline($0, in: $1) },
            // What cannot be left now is left with the next start.
            leave: { try? await core.leaveAllRooms($0, in: $1) })
        self.init(effects)
    }
}
