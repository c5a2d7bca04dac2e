/// Which devices can be made to ring, how their users want it, and what was pushed.
package protocol PushBook: Sendable {
    // MARK: Devices

    /// Durable on return. Takes the place of what the user's device had registered, and takes the token from whoever else had it.
    func register(_ device: PushDevice, in app: AppID) async throws
    /// - Returns: whether it was there.
    @discardableResult
    func unregister(_ device: String, of user: UserID, in app: AppID) async throws -> Bool
    /// The provider says that it is no longer good. Not if the device has been registered anew since.
    func forget(_ device: PushDevice, in app: AppID) async throws
    /// In the order of registration.
    func pushDevices(of user: UserID, in app: AppID) async throws -> [PushDevice]
    /// Those of all users who take part in a conversation (of a group's: its members), at providers of these names. At most `limit`, and none at all in a
    /// group of more members than `largestGroup`.
    func pushDevices(
        in conversation: ConversationID, at providers: [String], largestGroup: Int, limit: Int
    ) async throws -> [PushDevice]

    // MARK: Preferences

    func pushPreferences(of user: UserID, in app: AppID) async throws -> [PushScope: PushPreferences]
    /// Creates or replaces; what says nothing is removed.
    func save(_ preferences: PushPreferences, of user: UserID, for scope: PushScope, in app: AppID) async throws
    /// `change` sees what is there, or nothing said; all in one transaction, as a client sets several things at once.
    /// - Returns: what holds from now on.
    @discardableResult
    func changePushPreferences(
        of user: UserID, for scope: PushScope, in app: AppID,
        _ change: @escaping @Sendable (inout PushPreferences) -> Void
    ) async throws -> PushPreferences

    // MARK: Templates

    /// Of one name, or of all (nil), in all languages, oldest first.
    func pushTemplates(_ name: String?, in app: AppID) async throws -> [PushTemplate]
    func save(_ template: PushTemplate, in app: AppID) async throws
    /// Of this name, in every language.
    /// - Returns: whether there was one.
    @discardableResult
    func deletePushTemplate(_ name: String, in app: AppID) async throws -> Bool

    // MARK: What was pushed

    /// Up to where a provider has been told. Nil: it is new.
    func pushProgress(of provider: String, in app: AppID) async throws -> MessageID?
    /// In one transaction, and durable: what was pushed is not to be pushed again after a crash.
    func note(_ progress: MessageID?, of provider: String, in app: AppID, _ records: [PushRecord]) async throws
    /// What has come to an end of these messages, so that it is not pushed again: after a restart.
    func pushed(_ messages: ClosedRange<MessageID>, by provider: String, in app: AppID) async throws -> Set<
        PushRecord.Key
    >
    /// Newest first, of one provider or of all, before the record `before` (nil: from the newest).
    func pushRecords(
        in app: AppID, provider: String?, outcome: PushRecord.Outcome?, user: UserID?, before: Int64?, limit: Int
    ) async throws -> [PushRecord]
    /// How many of each day (in the App's time zone), provider and outcome, first to last.
    func pushCounts(in app: AppID, from: Timestamp, to: Timestamp) async throws -> [PushCount]
}

/// One notice to one device, with all its attempts.
package struct PushRecord: Hashable, Sendable {
    /// Nil: not noted yet.
    package var id: Int64?
    package var provider: String
    package var kind: PushProvider.Kind
    package var message: MessageID
    package var user: UserID
    package var device: String
    package var title: String
    package var text: String
    /// When it was sent first.
    package var sentAt: Timestamp
    /// From then to its end.
    package var milliseconds: Int64
    package var attempts: Int
    package var outcome: Outcome
    /// The HTTP status of the last answer, where there was one.
    package var status: Int?
    /// What the provider calls the notice, or what went wrong.
    package var detail: String

    package enum Outcome: String, Hashable, Sendable, CaseIterable {
        /// The provider has it.
        case accepted
        /// The provider does not want this one, and would not the next time.
        case refused
        /// The device is no longer there; it was forgotten.
        case unregistered
        case givenUp = "given-up"
    }

    /// One message, one device.
    package struct Key: Hashable, Sendable {
        package var message: MessageID
        package var user: UserID
        package var device: String

        package init(message: MessageID, user: UserID, device: String) {
            self.message = message
            self.user = user
            self.device = device
        }
    }

    package init(
        id: Int64? = nil, provider: String, kind: PushProvider.Kind, message: MessageID, user: UserID, device: String,
        title: String, text: String, sentAt: Timestamp, milliseconds: Int64, attempts: Int, outcome: Outcome,
        status: Int? = nil, detail: String = ""
    ) {
        self.id = id
        self.provider = provider
        self.kind = kind
        self.message = message
        self.user = user
        self.device = device
        self.title = title
        self.text = text
        self.sentAt = sentAt
        self.milliseconds = milliseconds
        self.attempts = attempts
        self.outcome = outcome
        self.status = status
        self.detail = detail
    }

    package var key: Key { Key(message: self.message, user: self.user, device: self.device) }
}

package struct PushCount: Hashable, Sendable {
    /// The first moment of the day.
    package var day: Timestamp
    package var kind: PushProvider.Kind
    package var outcome: PushRecord.Outcome
    package var count: Int

    package init(day: Timestamp, kind: PushProvider.Kind, outcome: PushRecord.Outcome, count: Int) {
        self.day = day
        self.kind = kind
        self.outcome = outcome
        self.count = count
    }
}
