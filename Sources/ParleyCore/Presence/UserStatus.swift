/// What a user says of himself beside being online: that he is busy, away, on the phone. It stays until he says something else.
package struct UserStatus: Hashable, Sendable {
    package var text: String
    /// Of devices that are not simply online, the App's own word for how they are.
    package var states: [DeviceID: String]
    package var changedAt: Timestamp

    package init(text: String, states: [DeviceID: String] = [:], changedAt: Timestamp) {
        self.text = text
        self.states = states
        self.changedAt = changedAt
    }

    /// Devices of which something else than "online" is remembered.
    static let stateLimit = 16
}

/// A user is told of another's presence and status, until then.
package struct PresenceSubscription: Hashable, Sendable {
    package var target: UserID
    package var expiresAt: Timestamp

    package init(to target: UserID, until expiresAt: Timestamp) {
        self.target = target
        self.expiresAt = expiresAt
    }

    /// Of one user to others, and of others to one user (Easemob).
    package static let limit = 3000
}

extension Core {
    /// Those who are subscribed to the user and connected are told, and his own devices.
    ///
    /// - Parameter state: how the device is; nil: online.
    /// - Throws: ``Rejection/userNotFound(_:)``.
    package func publishStatus(
        _ text: String, state: String?, on device: DeviceID, of user: UserID, in app: AppID
    ) async throws {
        try await self.directory.write(in: app) { transaction in
            try transaction.require([user])
            var status = try transaction.status(of: user) ?? UserStatus(text: "", changedAt: transaction.now)
            if status.states.count >= UserStatus.stateLimit, status.states[device] == nil { status.states = [:] }
            status.states[device] = state
            status.text = text
            status.changedAt = transaction.now
            try transaction.save(status, of: user)
            transaction.announce(.status(user, status), to: .users([user] + (try transaction.subscribers(to: user))))
        }
    }

    /// Who is subscribed already is so for longer, or shorter. The user's devices are told that there is a change.
    ///
    /// - Returns: false: that would be too many (``PresenceSubscription/limit``), and nothing was done.
    package func subscribe(
        _ user: UserID, to targets: [UserID], in app: AppID, until moment: Timestamp
    ) async throws -> Bool {
        try await self.directory.write(in: app) { transaction in
            let known = Set(try transaction.subscriptions(of: user).map(\.target))
            let new = targets.filter { !known.contains($0) }
            guard known.count + new.count <= PresenceSubscription.limit else { return false }
            for target in new where try transaction.subscribers(to: target).count >= PresenceSubscription.limit {
                return false
            }
            for target in targets {
                try transaction.save(PresenceSubscription(to: target, until: moment), of: user)
            }
            transaction.announce(.subscriptions, to: .users([user]))
            return true
        }
    }

    package func unsubscribe(_ user: UserID, from targets: [UserID], in app: AppID) async throws {
        try await self.directory.write(in: app) { transaction in
            for target in targets { try transaction.deleteSubscription(of: user, to: target) }
            transaction.announce(.subscriptions, to: .users([user]))
        }
    }
}
