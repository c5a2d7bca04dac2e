import Foundation
import GRDB
import ParleyCore
import ParleyStore
import ParleyTesting
import Testing

/// Where the contract is run: it is one contract, whatever keeps the bytes.
enum Place: CaseIterable, CustomTestStringConvertible {
    case memory
    case folder

    var testDescription: String { self == .memory ? "in memory" : "in a folder" }
}

/// A store with what it stands on, in a folder of its own that goes with it.
final class Scene: Sendable {
    let clock: ManualClock
    let signals: CommitRecorder
    let store: Store
    let folder: String
    private let ownsFolder: Bool

    static let app = AppID("demo")

    init(
        _ place: Place, folder: String? = nil, clock: ManualClock = ManualClock(),
        thumbnailer: (any Thumbnailer)? = nil, _ configure: (inout StoreConfiguration) -> Void = { _ in }
    ) throws {
        self.clock = clock
        self.signals = CommitRecorder()
        self.ownsFolder = folder == nil
        self.folder = folder ?? NSTemporaryDirectory() + "parley-store-\(UUID().uuidString)"
        if place == .folder, self.ownsFolder { try UsedFolder.make(of: URL(fileURLWithPath: self.folder)) }
        var configuration = StoreConfiguration(location: place == .memory ? .memory : .folder(self.folder))
        configure(&configuration)
        self.store = try Store(
            configuration, clock: clock, identifiers: MessageIDSource(clock: clock), signals: self.signals,
            thumbnailer: thumbnailer)
    }

    deinit {
        self.store.close()
        if self.ownsFolder { try? FileManager.default.removeItem(atPath: self.folder) }
    }

    /// Closes this one; the one that is returned finds what this one left. This scene still owns the folder.
    func reopened(clock: ManualClock? = nil) throws -> Scene {
        self.store.close()
        return try Scene(.folder, folder: self.folder, clock: clock ?? self.clock)
    }

    // MARK: What most tests need

    func conversation(_ group: String = "g") -> ConversationID {
        ConversationID(app: Self.app, .group(GroupID(group)))
    }

    func draft(_ text: String, to group: String = "g", key: DeduplicationKey? = nil) -> Draft {
        Draft(conversation: self.conversation(group), body: .text(text), deduplication: key)
    }

    func makeGroup(
        _ id: String = "g", type: GroupType = .public, members: [String] = [], attributes: [String: String] = [:]
    ) async throws {
        try await self.store.write(in: Self.app) { transaction in
            var group = Group(id: GroupID(id), type: type, name: id, owner: nil, createdAt: transaction.now)
            group.attributes = attributes
            try transaction.save(group)
            for user in members {
                try transaction.save(Member(user: UserID(user), joinedAt: transaction.now), of: group.id)
            }
        }
    }

    func save(
        _ user: UserID, in conversation: Conversation = .group(GroupID("g")),
        _ change: @escaping @Sendable (inout ParleyCore.Place) -> Void
    ) async throws {
        try await self.store.write(in: Self.app) { transaction in
            var place = try transaction.place(of: user, in: conversation)
            change(&place)
            try transaction.save(place)
        }
    }

    func hide(_ sequences: [UInt64], from user: UserID) async throws {
        try await self.store.write(in: Self.app) { transaction in
            for sequence in sequences {
                _ = try transaction.hide(sequence, of: .group(GroupID("g")), from: user)
            }
        }
    }

    func texts(_ group: String = "g") async throws -> [String] {
        try await self.store.entries(of: self.conversation(group), after: 0, limit: 10_000).map(\.text)
    }
}

extension Entry.Body {
    static func text(_ text: String, from sender: String = "alice") -> Entry.Body {
        .message(
            Message(
                sender: UserID(sender), content: .text(text),
                native: Native(dialect: .parley, payload: Array(#"{"text":1}"#.utf8))))
    }
}

extension Entry {
    var text: String {
        if case .text(let text) = self.message?.content { text } else { "" }
    }
}

extension UserID: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self.init(value) }
}

extension Scene {
    /// Where the second entry of "g" belongs, as in a damaged file: it cannot be written.
    func takeSecondPlace() throws {
        try self.execute(
            """
            INSERT INTO entries (id, conversation, sequence, kind, record)
            SELECT 1, number, 2, 'message', '' FROM conversations WHERE a = 'g'
            """)
    }

    /// As another process would.
    func execute(_ sql: String) throws {
        try DatabaseQueue(path: self.folder + "/parley.sqlite").write { try $0.execute(sql: sql) }
    }

    /// Rows of a table, seen by a connection of its own.
    func count(_ table: String) throws -> Int {
        try DatabaseQueue(path: self.folder + "/parley.sqlite").read {
            try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM \(table)")!
        }
    }
}
