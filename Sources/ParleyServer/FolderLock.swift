import Foundation

/// One server on a data folder: what is kept in memory (rate limits, who is online, whom to tell of a message) is one server's. The kernel gives the lock
/// back when the process ends, however it ends. A folder that is made here is its owner's alone: messages and secrets lie in it as they are.
final class FolderLock: Sendable {
    private let descriptor: Int32

    /// - Throws: ``ConfigurationError`` when the folder cannot be made or written, or another server has it.
    init(_ folder: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw ConfigurationError(key: "data.folder", reason: "cannot make the folder \(folder)")
        }
        let descriptor = open(folder + "/server.lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw ConfigurationError(
                key: "data.folder", reason: "cannot write in \(folder): \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw ConfigurationError(key: "data.folder", reason: "\(folder) is in use by another parley server")
        }
        self.descriptor = descriptor
    }

    deinit { close(self.descriptor) }
}
