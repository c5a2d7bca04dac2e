import Foundation
import GRDB
import ParleyCore
import ParleyTesting
import Synchronization
import Testing

@testable import ParleyStore

/// However much there is, nothing goes through all of it.
@Suite struct PlanTests {
    private static let group = GroupID("g")

    /// A filled store, with a group and a chat room of its own besides.
    private func withScene(_ body: (Scene) async throws -> Void) async throws {
        let folder = NSTemporaryDirectory() + "parley-plan-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let clock = ManualClock()
        let filling = StoreFilling(app: Scene.app, conversations: 60, messages: 3000, until: clock.now())
        _ = try Store(
            StoreConfiguration(location: .folder(folder)), clock: clock, identifiers: MessageIDSource(clock: clock),
            signals: CommitRecorder()
        ).close()
        try filling.fill(folder)
        let scene = try Scene(.folder, folder: folder, clock: clock)
        try await scene.makeGroup(members: ["u0", "u1"])
        try await scene.makeGroup("room", type: .chatRoom, members: ["u0"])
        try await body(scene)
        scene.store.close()
    }

    /// What SQLite goes through for each statement that was run: all of a table, or all that an App has in it. A user's own conversations and a single row
    /// of constants do not count.
    private func scans(_ connection: SQLConnection, in body: () throws -> Void) throws -> (count: Int, scans: [String])
    {
        let heard = Mutex<Set<String>>([])
        connection.database.trace { event in
            if case .statement(let statement) = event { heard.withLock { _ = $0.insert(statement.sql) } }
        }
        try body()
        connection.database.trace()
        let statements = heard.withLock { $0 }.filter { sql in
            ["SELECT", "WITH", "INSERT", "UPDATE", "DELETE"].contains { sql.hasPrefix($0) }
        }
        let scans = try statements.sorted().flatMap { sql in
            try connection.all("EXPLAIN QUERY PLAN " + sql) { $0.text(3) }
                .filter { $0.hasPrefix("SCAN") || $0.hasSuffix("(app=?)") }
                .filter { $0 != "SCAN theirs" && $0 != "SCAN CONSTANT ROW" }
                .map { "\($0): \(sql)" }
        }
        return (statements.count, scans)
    }

    @Test func theMutedAreFoundByIndexes() async throws {
        try await self.withScene { scene in
            let now = scene.clock.now()
            let (count, found) = try await scene.store.database.read { connection in
                try self.scans(connection) { () throws in
                    _ = try connection.usersMuted(in: Scene.app, at: now, offset: 0, limit: 10)
                }
            }
            #expect(count == 1 && found.isEmpty, "\(found)")
        }
    }

    @Test func mailIsFoundByIndexes() async throws {
        try await self.withScene { scene in
            try await scene.hide([1], from: "u0")
            for number in 1...3 { try await scene.say("\(number)", in: .group(Self.group), from: "u1") }
            let ids = scene.signals.entries.map(\.id)
            let (count, found) = try await scene.store.database.read { connection in
                try self.scans(connection) { () throws in
                    // All of it, and the newest.
                    #expect(try connection.mail(of: "u0", in: Scene.app, after: .init(rawValue: 0), limit: 500).hasMore)
                    #expect(try connection.mail(of: "u0", in: Scene.app, after: ids[0], limit: 500).items.count == 2)
                }
            }
            #expect(count > 7)
            #expect(found == [])
        }
    }

    @Test func whatIsKeptForThoseWhoAreAwayIsFoundByIndexes() async throws {
        try await self.withScene { scene in
            let (count, found) = try await scene.store.writer.run(.isolated) { batch in
                try self.scans(batch.connection) {
                    let (connection, device) = (batch.connection, DeviceID("d"))
                    try connection.beginEvents(of: device, of: "u0", in: Scene.app, now: batch.now)
                    for (number, recipients) in [
                        Announcement.Recipients.users(["u0"]), .users(["u0"]), .group(Self.group, except: nil),
                    ].enumerated() {
                        let event = Event.read(
                            .direct("u0", "u1"), by: "u1", through: UInt64(number), at: .distantPast)
                        _ = try connection.keep(
                            Announcement(app: Scene.app, event: event, recipients: recipients),
                            as: MessageID(rawValue: batch.newestID.rawValue + UInt64(number) + 1))
                    }
                    let began = try connection.eventBeginning(
                        of: device, of: "u0", in: Scene.app, retainedSince: .distantPast)
                    let after = try #require(began).beginning.after
                    let read = try connection.events(of: "u0", in: Scene.app, after: after, limit: 9)
                    #expect(read.events.count == 2)
                    let cursor = EventCursor(app: Scene.app, user: "u0", device: device, through: read.through)
                    try connection.confirm(cursor, now: batch.now)
                    #expect(try connection.purgeEvents(before: read.through, limit: 1) == 1)
                    try connection.forgetEvents(of: "u0", in: Scene.app)
                }
            }
            #expect(count > 12)
            #expect(found == [])
        }
    }

    @Test func reactionsAndOwnersAreFoundByIndexes() async throws {
        try await self.withScene { scene in
            let receipt = try await scene.say("1", in: .group(Self.group), from: "u1")
            let (count, found) = try await scene.store.writer.run(.isolated) { batch in
                try self.scans(batch.connection) {
                    let transaction = Transaction(batch, app: Scene.app)
                    #expect(try transaction.react("a", to: receipt.id, of: .group(Self.group), by: "u0"))
                    #expect(try transaction.react("a", to: receipt.id, of: .group(Self.group), by: "u1"))
                    #expect(try transaction.reactions(to: receipt.id, for: "u0").map(\.count) == [2])
                    #expect(try transaction.takeBack("a", to: receipt.id, by: "u1"))
                    try batch.connection.forgetReactions(of: "u0", in: Scene.app)
                    #expect(try transaction.reactions(to: receipt.id, for: "u0").isEmpty)
                    _ = try transaction.groups(ownedBy: "u0")
                    _ = try transaction.threads(of: Self.group, joinedBy: "u0")
                }
            }
            #expect(count > 6)
            #expect(found == [])
        }
    }

    @Test func amendmentsAndAttributesAreFoundByIndexes() async throws {
        try await self.withScene { scene in
            let receipt = try await scene.say("1", in: .group(Self.group), from: "u1")
            let (count, found) = try await scene.store.writer.run(.isolated) { batch in
                try self.scans(batch.connection) {
                    let transaction = Transaction(batch, app: Scene.app)
                    var options = MessageOptions()
                    options.wantsReadReceipts = true
                    try transaction.amend(receipt.id, options)
                    let attribute = RoomAttribute(key: "k", value: "v", setBy: "u0", changedAt: transaction.now)
                    try transaction.save(attribute, of: GroupID("room"))
                    #expect(try transaction.attributes(of: GroupID("room")) == [attribute])
                    try transaction.forget("k", of: GroupID("room"))
                    try transaction.remove("u0", from: GroupID("room"))
                    try transaction.save(Member(user: "u0", joinedAt: transaction.now), of: GroupID("room"))
                    try transaction.delete(GroupID("room"))
                }
            }
            #expect(count > 12)
            #expect(found == [])
        }
    }
}
