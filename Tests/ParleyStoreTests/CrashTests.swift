import Foundation
import ParleyCore
import ParleyTesting
import Testing

@testable import ParleyStore

@Suite struct CrashTests {
    /// A process that is killed while many append: what it had answered is there, in order and without gaps.
    @Test func whatWasAnsweredIsThereAfterAKill() async throws {
        let folder = NSTemporaryDirectory() + "parley-crash-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        await #expect(processExitsWith: .signal(SIGKILL)) { [folder = folder as String] in
            let scene = try Scene(.folder, folder: folder)
            let answered = FileHandle.answers(in: folder)
            await withTaskGroup(of: Void.self) { group in
                for sender in 0..<16 {
                    group.addTask {
                        for number in 0..<50 {
                            guard let receipt = try? await scene.store.append(scene.draft("\(sender).\(number)")) else {
                                return
                            }
                            answered.write(Data("\(receipt.id) \(receipt.sequence!) \(sender).\(number)\n".utf8))
                            if receipt.sequence == 300 { kill(getpid(), SIGKILL) }
                        }
                    }
                }
            }
        }

        let answers = try String(contentsOfFile: folder + "/answers", encoding: .utf8).split(separator: "\n")
        #expect(answers.count > 100)
        let scene = try Scene(.folder, folder: folder)
        let entries = try await scene.store.entries(of: scene.conversation(), after: 0, limit: 10_000)
        #expect(entries.map(\.sequence) == entries.indices.map { UInt64($0) + 1 })
        #expect(entries.map(\.id) == entries.map(\.id).sorted())
        let stored = Set(entries.map { "\($0.id) \($0.sequence!) \($0.text)" })
        for answer in answers { #expect(stored.contains(String(answer))) }
        #expect(try await scene.store.append(scene.draft("next")).sequence == UInt64(entries.count) + 1)
    }

    /// A place and the receipts that go with it are in one transaction: after a kill both are there, or neither.
    @Test func aPlaceIsAsFarAsItsReceipts() async throws {
        let folder = NSTemporaryDirectory() + "parley-crash-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        await #expect(processExitsWith: .signal(SIGKILL)) { [folder = folder as String] in
            let scene = try Scene(.folder, folder: folder)
            try await scene.makeGroup(members: ["alice", "bob"])
            var options = MessageOptions()
            options.wantsReadReceipts = true
            let message = Message(
                sender: "alice", content: .text("t"), native: Native(dialect: .parley, payload: []), options: options)
            let draft = Draft(conversation: scene.conversation(), body: .message(message))
            _ = try await scene.store.append(Array(repeating: draft, count: 100))
            let answered = FileHandle.answers(in: folder)
            for through in 1...100 as ClosedRange<UInt64> {
                try await scene.store.write(in: Scene.app) { transaction in
                    var place = try transaction.place(of: "bob", in: .group(GroupID("g")))
                    _ = try transaction.acknowledge(
                        after: place.readThrough, through: through, of: .group(GroupID("g")), by: "bob")
                    if through == 50 { kill(getpid(), SIGKILL) }
                    place.readThrough = through
                    try transaction.save(place)
                }
                answered.write(Data("\(through)\n".utf8))
            }
        }
        let answers = try String(contentsOfFile: folder + "/answers", encoding: .utf8).split(separator: "\n")
        #expect(answers.last == "49")
        let scene = try Scene(.folder, folder: folder)
        #expect(try await scene.store.place(of: "bob", in: scene.conversation()).readThrough == 49)
        #expect(try scene.count("receipts") == 49)
    }

    /// GRDB turns full flushes off where it turns the write-ahead log on.
    @Test func commitsAreFlushed() async throws {
        let scene = try Scene(.folder)
        _ = try await scene.store.append(scene.draft("one"))
        let settings = try scene.store.database.transaction { connection in
            try ["synchronous", "journal_mode", "page_size"].map { name in
                try connection.first("PRAGMA \(name)") { $0.text(0) }
            }
        }
        #expect(settings == ["2", "wal", "8192"])
    }
}

extension FileHandle {
    fileprivate static func answers(in folder: String) -> FileHandle {
        _ = FileManager.default.createFile(atPath: folder + "/answers", contents: nil)
        return FileHandle(forWritingAtPath: folder + "/answers")!
    }
}
