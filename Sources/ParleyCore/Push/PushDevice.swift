/// An installation of an app that can be made to ring, and whose it is now.
///
/// A user's device has one token; a token belongs to one user at a time, whoever registered it last: a phone on which somebody else has logged in no longer
/// rings for the one before.
package struct PushDevice: Hashable, Sendable {
    package var user: UserID
    /// What the installation calls itself. Unique for its user.
    package var device: String
    /// ``PushProvider/name`` or one of its aliases, as it was registered. A provider that is not there yet is no error.
    package var provider: String
    package var token: String
    /// Whose client library it has: the payload looks as that expects.
    package var dialect: DialectName
    /// The app at the provider, where a provider serves several (APNs' topic: the bundle id).
    package var bundle: String?
    package var registeredAt: Timestamp

    package init(
        user: UserID, device: String, provider: String, token: String, dialect: DialectName, bundle: String? = nil,
        registeredAt: Timestamp
    ) {
        self.user = user
        self.device = device
        self.provider = provider
        self.token = token
        self.dialect = dialect
        self.bundle = bundle
        self.registeredAt = registeredAt
    }

    /// Registered again or not: the same phone of the same user.
    package func isSameInstallation(as other: PushDevice) -> Bool {
        self.user == other.user && self.device == other.device && self.provider == other.provider
            && self.token == other.token
    }
}
