package import Foundation
import ParleyCore
import ParleyStore

/// A data folder in which a server was started before: to make a hundred tables and indexes on a disk takes longer than most of what tests do with them.
/// Those about migrations, and those that start the program, begin with an empty one.
package enum UsedFolder {
    private static let database = Result { () throws -> Data in
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("parley-used-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let clock = ManualClock()
        let store = try Store(
            StoreConfiguration(location: .folder(folder.path)), clock: clock,
            identifiers: MessageIDSource(clock: clock), signals: RecordingSignals())
        store.close()
        return try Data(contentsOf: UsedFolder.file(in: folder))
    }

    /// Makes one of a folder that is empty or not there yet, and leaves others as they are.
    package static func make(of folder: URL) throws {
        let file = self.file(in: folder)
        guard !FileManager.default.fileExists(atPath: file.path) else { return }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try self.database.get().write(to: file)
    }

    private static func file(in folder: URL) -> URL { folder.appendingPathComponent("parley.sqlite") }
}
