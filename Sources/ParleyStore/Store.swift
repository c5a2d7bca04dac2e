package import ParleyCore

/// Where the store keeps its files.
package struct StoreConfiguration: Sendable {
    package enum Location: Sendable {
        /// Gone with the process: for tests.
        case memory
        /// A folder, made if it is not there.
        case folder(String)
    }

    package var location: Location

    package init(location: Location) { self.location = location }
}

/// Log, Directory and Files in SQL. (Skeleton: the store's own change fills it in.)
package final class Store: Log, Directory, Files {
    package init(
        _ configuration: StoreConfiguration, clock: any WallClock, identifiers: MessageIDSource, signals: any Signals,
        thumbnailer: (any Thumbnailer)? = nil
    ) throws { fatalError() }

    package func append(_ drafts: [Draft]) async throws -> [Receipt] { fatalError() }
    package func entries(of conversation: ConversationID, after: UInt64, limit: Int) async throws -> [Entry] {
        fatalError()
    }
    package func entries(of conversation: ConversationID, upTo: UInt64?, limit: Int) async throws -> [Entry] {
        fatalError()
    }
    package func entry(_ id: MessageID, in app: AppID) async throws -> Entry? { fatalError() }
    package func entry(_ sequence: UInt64, of conversation: ConversationID) async throws -> Entry? { fatalError() }
    package func lastSequence(of conversation: ConversationID) async throws -> UInt64 { fatalError() }
    package func positions(
        of user: UserID, device: DeviceID, in app: AppID, retainedSince: Timestamp
    ) async throws -> [Position] { fatalError() }
    package func confirm(_ cursors: [Cursor]) async throws { fatalError() }
    package func apps() async throws -> [App] { fatalError() }
    package func app(_ id: AppID) async throws -> App? { fatalError() }
    package func app(dialect: DialectName, key: String) async throws -> App? { fatalError() }
    package func save(_ app: App) async throws { fatalError() }
    package func user(_ id: UserID, in app: AppID) async throws -> User? { fatalError() }
    package func users(in app: AppID, after: UserID?, limit: Int) async throws -> [User] { fatalError() }
    package func group(_ id: GroupID, in app: AppID) async throws -> GroupSnapshot? { fatalError() }
    package func groups(in app: AppID, after: GroupID?, limit: Int) async throws -> [Group] { fatalError() }
    package func groups(of user: UserID, in app: AppID) async throws -> [(group: Group, member: Member)] {
        fatalError()
    }
    package func hasBlocked(_ user: UserID, _ other: UserID, in app: AppID) async throws -> Bool { fatalError() }
    package func blocked(by user: UserID, in app: AppID) async throws -> [UserID] { fatalError() }
    package func write<Result: Sendable>(
        in app: AppID, _ body: @escaping @Sendable (any DirectoryTransaction) throws -> Result
    ) async throws -> Result { fatalError() }
    package func save(_ upload: Upload, in app: AppID) async throws -> StoredFile { fatalError() }
    package func file(_ id: String, in app: AppID) async throws -> StoredFile? { fatalError() }
    package func bytes(of file: StoredFile, thumbnail: Bool) async throws -> [UInt8] { fatalError() }
}
