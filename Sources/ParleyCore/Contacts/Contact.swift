/// Somebody in a user's list of contacts. Two users are contacts of each other, or neither is; what one calls the other is his own.
package struct Contact: Hashable, Sendable {
    package var user: UserID
    /// What the owner of the list calls him.
    package var remark: String?
    /// Where he stands in the list: greater is newer. 0: nowhere yet.
    package var position: Int64

    package init(_ user: UserID, remark: String? = nil, position: Int64 = 0) {
        self.user = user
        self.remark = remark
        self.position = position
    }

    /// Of one user (Easemob's largest plan).
    package static let limit = 3000
}

/// One user wants to be another's contact, and has no answer yet.
package struct ContactInvitation: Hashable, Sendable {
    package var from: UserID
    package var to: UserID
    package var reason: String
    package var at: Timestamp

    package init(from: UserID, to: UserID, reason: String, at: Timestamp) {
        self.from = from
        self.to = to
        self.reason = reason
        self.at = at
    }

    /// The newest so many wait for one user's answer.
    package static let limit = 500
}

/// Something became of two users. Both are told, and the backend; of blocks only the one who blocks, and the backend.
package struct ContactChange: Hashable, Sendable {
    package var kind: Kind
    /// Who did it. Where the backend did: the one whose list it changed.
    package var from: UserID
    package var to: UserID

    package enum Kind: Hashable, Sendable {
        case invited(reason: String)
        /// `from` was invited by `to`, and agreed: they are contacts.
        case agreed
        /// `from` was invited by `to`, and would rather not.
        case declined
        /// They are contacts, and neither was asked.
        case added
        case removed
        case blocked
        case unblocked
    }

    package init(_ kind: Kind, from: UserID, to: UserID) {
        self.kind = kind
        self.from = from
        self.to = to
    }
}
