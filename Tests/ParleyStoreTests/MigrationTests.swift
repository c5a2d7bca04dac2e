import Foundation
import GRDB
import ParleyCore
import ParleyTesting
import Testing

@testable import ParleyStore

/// People have data: what an older version wrote is read, and counts, as if it had been written today.
@Suite struct MigrationTests {
    /// What the first version kept of a message, said by hand.
    private struct Old {
        var kind = "message"
        var isRecalled = false
        var sender: String? = "alice"
        var record = #"{"kind":"text","content":{"text":"hello"}}"#

        static func options(_ options: String, text: String = "hello") -> Old {
            Old(record: #"{"kind":"text","content":{"text":"\#(text)"},"options":{\#(options)}}"#)
        }
    }

    private static let epoch = MessageID(sentAt: Timestamp(milliseconds: 1_600_000_000_000), slot: 0)

    /// A database as the first version left it, with these entries in the group `g` of `alice` and `bob`.
    private func folder(_ entries: [Old]) throws -> String {
        let folder = NSTemporaryDirectory() + "parley-migration-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let database = try DatabaseQueue(path: folder + "/parley.sqlite")
        try Schema.migrator.migrate(database, upTo: "1: apps, directory, log, files")
        try database.write { database in
            try database.execute(
                sql: """
                    INSERT INTO groups VALUES
                        (1, 'demo', 'g', 'public', 'g', NULL, '', '', '', 100, 'free', 0, 0, 0, 0, '', 2);
                    INSERT INTO members (group_number, app, user_id, role, joined_at, joined_at_sequence, name_card, delivery,
                        attributes)
                    VALUES (1, 'demo', 'alice', 'member', 0, 0, '', 'notify', ''),
                        (1, 'demo', 'bob', 'member', 0, 0, '', 'notify', '');
                    INSERT INTO conversations (number, app, kind, a, b, last_sequence, last_sent_at)
                    VALUES (7, 'demo', 'group', 'g', '', \(entries.count), 1600000000000);
                    INSERT INTO conversations (number, app, kind, a, b) VALUES (8, 'demo', 'direct', 'alice', 'bob');
                    """)
            for (index, entry) in entries.enumerated() {
                try database.execute(
                    sql: """
                        INSERT INTO entries (id, conversation, sequence, kind, is_recalled, sender, dialect, record, native)
                        VALUES (?, 7, ?, ?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        Int64(Self.id(index + 1).rawValue), index + 1, entry.kind, entry.isRecalled, entry.sender,
                        entry.kind == "message" ? "parley" : nil, Data(entry.record.utf8),
                        entry.kind == "message" ? Data("{}".utf8) : nil,
                    ])
            }
        }
        try database.close()
        return folder
    }

    /// A second apart.
    private static func id(_ sequence: Int) -> MessageID {
        MessageID(sentAt: Self.epoch.sentAt.adding(seconds: Int64(sequence)), slot: 3)
    }

    private func withScene(_ entries: [Old], _ body: (Scene) async throws -> Void) async throws {
        let folder = try self.folder(entries)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(try Scene(.folder, folder: folder))
    }

    @Test func whatWasSaidBeforeCountsAsItWouldToday() async throws {
        let entries: [Old] = [
            Old(), .options(#""mention":{"users":["bob"]}"#), .options(#""countsAsUnread":false"#), Old(sender: "bob"),
            Old(isRecalled: true), .options(#""liveOnly":true"#),
            Old(record: #"{"kind":"text","content":{"text":"hello"},"only":["alice"]}"#),
            Old(record: #"{"kind":"text","content":{"text":"hello"},"only":["bob"]}"#),
            Old(kind: "notice", sender: nil, record: #"{"joined":["bob"]}"#),
            .options(#""updatesConversation":false"#, text: "last"),
            // What somebody writes is not what is meant.
            Old(record: #"{"kind":"text","content":{"text":"\"options\":{\"countsAsUnread\":false},\"only\":[]"}}"#),
            .options(#""keptInHistory":false"#),
        ]
        try await self.withScene(entries) { scene in
            let summary = try #require(
                try await scene.store.conversations(of: "bob", in: Scene.app, from: nil, limit: 10).summaries.first)
            #expect(summary.unread == Unread(count: 6, mention: 2))
            #expect(summary.lastMessage?.sequence == 11 && summary.activeAt == Self.id(11).sentAt)
            #expect(
                try await scene.store.entries(of: scene.conversation(), after: 0, limit: 100).count == entries.count)
            // And it goes on.
            let receipt = try await scene.store.append(scene.draft("new"))
            #expect(receipt.sequence == UInt64(entries.count) + 1)
            let after = try #require(try await scene.store.summary(of: .group(GroupID("g")), for: "bob", in: Scene.app))
            #expect(after.unread.count == 7 && after.lastMessage?.text == "new" && after.activeAt == receipt.sentAt)
        }
    }

    /// A database in which what is said of rooms is among the attributes of groups and the credentials of Apps.
    private func folderWithRooms() throws -> String {
        let folder = NSTemporaryDirectory() + "parley-migration-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let database = try DatabaseQueue(path: folder + "/parley.sqlite")
        try Schema.migrator.migrate(database, upTo: "9: contacts, statuses, profiles")
        let attributes =
            #"{"rongcloud.block.a.b":"9000000000000","rongcloud.speaker.bob":"1","rongcloud.kept.carol":"1","#
            + #""rongcloud.destroyType":"1","rongcloud.destroyTime":"120","rongcloud.keepalive":"1"}"#
        try database.write { database in
            try database.execute(
                sql: """
                    INSERT INTO groups VALUES
                        (1, 'demo', 'g', 'chatRoom', '', NULL, '', '', '', 9, 'free', 0, 0, 0, 0, ?, 1),
                        (2, 'demo', 'h', 'chatRoom', '', NULL, '', '', '', 9, 'free', 0, 0, 0, 0, '', 0),
                        (3, 'demo', 'i', 'public', '', NULL, '', '', '', 9, 'free', 0, 0, 0, 0, '{"public":"true"}', 0);
                    INSERT INTO members (group_number, app, user_id, role, joined_at, joined_at_sequence, name_card, delivery,
                        attributes)
                    VALUES (1, 'demo', 'dave', 'member', 5000, 0, '', 'silent', '');
                    INSERT INTO apps VALUES ('demo', '{"recallWindowSeconds":7}', 0);
                    INSERT INTO credentials VALUES ('parley', 'k', 'demo', 0, '', ''), ('rongcloud', 'k', 'demo', 1, '', ?);
                    """,
                arguments: [
                    attributes,
                    #"{"navigation":"n","chatRoomTypesNeverDropped":"a:\"1\",b","chatRoomTypesOfLowPriority":"c"}"#,
                ])
        }
        try database.close()
        return folder
    }

    @Test func whatWasSaidOfRoomsIsWhereItBelongs() async throws {
        let folder = try self.folderWithRooms()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let scene = try Scene(.folder, folder: folder)
        let room = try #require(try await scene.store.group(GroupID("g"), in: Scene.app))
        #expect(room.group.lifetime == .fixed(seconds: 7200) && room.group.isKeptAlive && room.group.attributes.isEmpty)
        #expect(
            room.standings == [
                .keptOut: ["a.b": Timestamp(milliseconds: 9_000_000_000_000)], .speaker: ["bob": .distantFuture],
                .protected: ["carol": .distantFuture],
            ])
        let other = try #require(try await scene.store.group(GroupID("h"), in: Scene.app))
        #expect(other.group.lifetime == .idle(seconds: 3600) && !other.group.isKeptAlive && other.standings.isEmpty)
        let group = try #require(try await scene.store.group(GroupID("i"), in: Scene.app)?.group)
        #expect(group.lifetime == nil && group.attributes == ["public": "true"])
        let app = try #require(try await scene.store.app(Scene.app))
        #expect(app.settings.roomTypesNeverDropped == [#"a:"1""#, "b"] && app.settings.roomTypesDroppedFirst == ["c"])
        #expect(app.settings.recallWindowSeconds == 7)
        #expect(app.credential(in: DialectName("rongcloud"))?.details == ["navigation": "n"])
    }

    private func folderWithReactions() throws -> String {
        let folder = NSTemporaryDirectory() + "parley-migration-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let database = try DatabaseQueue(path: folder + "/parley.sqlite")
        try Schema.migrator.migrate(database, upTo: "15: mutes")
        try database.write { database in
            try database.execute(
                sql: """
                    INSERT INTO reactions (conversation, message, kind, user_id, at)
                    VALUES (7, 5, 'b', 'u1', 1), (7, 5, 'a', 'u1', 2), (7, 5, 'b', 'u2', 3), (7, 6, 'a', 'u1', 4);
                    """)
        }
        try database.close()
        return folder
    }

    @Test func reactionsFromBeforeAreCounted() async throws {
        let folder = try self.folderWithReactions()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let scene = try Scene(.folder, folder: folder)
        let found = try await scene.store.reactions(to: [MessageID(rawValue: 5)], for: "u2")
        #expect(
            found[MessageID(rawValue: 5)] == [
                Reaction(
                    kind: "b", count: 2, users: ["u1", "u2"], isOwn: true, firstAt: Timestamp(milliseconds: 1),
                    lastAt: Timestamp(milliseconds: 3)),
                Reaction(
                    kind: "a", count: 1, users: ["u1"], isOwn: false, firstAt: Timestamp(milliseconds: 2),
                    lastAt: Timestamp(milliseconds: 2)),
            ])
    }

    @Test func whoAskedForReceiptsBeforeGetsThem() async throws {
        let entries: [Old] = [
            Old(), .options(#""wantsReadReceipts":true"#),
            .options(#""expansion":{"wantsReadReceipts":"true"}"#),
            .options(#""push":{"native":{"wantsReadReceipts":true}}"#),
        ]
        try await self.withScene(entries) { scene in
            let given = try await scene.store.write(in: Scene.app) { transaction in
                try transaction.acknowledge(after: 0, through: 9, of: .group(GroupID("g")), by: "bob")
            }
            #expect(given == [Acknowledgement(id: Self.id(2), sequence: 2, sender: "alice", readCount: 1)])
        }
    }

    @Test func whatVanishedWithoutATraceDoesSoStill() async throws {
        let entries: [Old] = [
            Old(), Old(isRecalled: true), Old(isRecalled: true),
            Old(kind: "recall", record: #"{"target":\#(Self.id(2).rawValue),"sequence":2,"noTrace":true}"#),
            Old(
                kind: "recall", record: #"{"target":\#(Self.id(3).rawValue),"sequence":3,"reason":"\"noTrace\":true"}"#),
        ]
        try await self.withScene(entries) { scene in
            let fates = try await scene.store.entries(of: scene.conversation(), after: 0, limit: 3).map(\.fate)
            #expect(
                fates == [
                    Entry.Fate(), Entry.Fate(isRecalled: true, leavesNoTrace: true), Entry.Fate(isRecalled: true),
                ])
        }
    }
}
