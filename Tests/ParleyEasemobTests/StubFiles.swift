import ParleyCore
import ParleyDialectKit
import ParleyTesting
import Synchronization

@testable import ParleyEasemob

/// Keeps one upload and has a thumbnail of it, or fails at everything.
final class StubFiles: Files {
    struct DiskFull: Error {}

    private let upload = Mutex<Upload?>(nil)
    let fails: Bool

    init(fails: Bool = false) { self.fails = fails }

    var box: (width: Int, height: Int)? { self.upload.withLock { $0?.thumbnail } }

    func save(_ upload: Upload, in app: AppID) async throws -> StoredFile {
        if self.fails { throw DiskFull() }
        self.upload.withLock { $0 = upload }
        return self.file
    }

    func file(_ id: String, in app: AppID) async throws -> StoredFile? {
        if self.fails { throw DiskFull() }
        return self.file
    }

    func bytes(of file: StoredFile, thumbnail: Bool) async throws -> [UInt8] {
        thumbnail ? [0x89, 0x50, 0x4E, 0x47] : Array("whole".utf8)
    }

    func keep(_ ids: [String], in app: AppID, _ lifetime: FileLifetime) async throws -> [String] { ids }

    private var file: StoredFile {
        StoredFile(
            id: "f", name: nil, mediaType: "image/webp\r\nX: y", byteCount: 5, secret: "s", isRestricted: false,
            hasThumbnail: true, createdAt: .distantPast, expiresAt: .distantFuture)
    }
}

extension Calls {
    /// The same, with other files.
    func with(_ files: any Files) -> Calls {
        let core = self.bench.core
        var context = self.easemob.context
        context.core = Core(
            directory: core.directory, log: core.log, places: core.places, files: files, signals: core.signals,
            presence: core.presence,
            push: core.push, callbacks: core.callbacks, clock: core.clock, identifiers: core.identifiers)
        return Calls(bench: self.bench, easemob: Easemob(context))
    }
}
