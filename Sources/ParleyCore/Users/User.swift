/// Who is known by a user id inside an App.
package struct User: Hashable, Sendable {
    package var id: UserID
    package var name: String?
    package var portrait: String?
    package var createdAt: Timestamp
    package var updatedAt: Timestamp
    /// False while the user may not log in, until somebody says otherwise (Easemob's deactivate).
    package var isActive = true
    /// May not log in before that moment (RongCloud's block).
    package var blockedUntil: Timestamp?
    /// Tokens issued before this moment are void, whichever dialect issued them (RongCloud's token expiry, Tencent's kick).
    package var tokensValidFrom = Timestamp.distantPast
    /// Salted hash of the password, for the dialect that has passwords; its format is that dialect's.
    package var passwordHash: String?
    /// Muted in every group until then (RongCloud's gag without a group, Tencent's and Easemob's global mutes).
    package var mutedInGroupsUntil: Timestamp?
    /// Muted in every chat room until then (RongCloud's ban without a room).
    package var mutedInRoomsUntil: Timestamp?
    /// May say nothing to other users alone until then (Easemob's global mute of `chat`).
    package var mutedInDirectUntil: Timestamp?
    /// What only one dialect knows of a user, under that dialect's own names.
    package var attributes: [String: String] = [:]

    package init(id: UserID, name: String? = nil, portrait: String? = nil, createdAt: Timestamp) {
        self.id = id
        self.name = name
        self.portrait = portrait
        self.createdAt = createdAt
        self.updatedAt = createdAt
    }

    package func mayLogIn(at moment: Timestamp) -> Bool {
        self.isActive && (self.blockedUntil.map { $0 <= moment } ?? true)
    }

    /// In all groups of the type.
    func mutedUntil(in type: GroupType) -> Timestamp? {
        type.rules.isRoom ? self.mutedInRoomsUntil : self.mutedInGroupsUntil
    }
}
