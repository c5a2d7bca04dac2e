import Foundation
import ParleyCore
import Synchronization

/// Where the bytes of uploaded files are. Blocks: only for the store's own lanes.
protocol Vault: Sendable {
    /// Durable on return.
    func put(_ bytes: [UInt8], as name: VaultName) throws
    /// Nil when there are none.
    func bytes(of name: VaultName) throws -> [UInt8]?
    func remove(_ name: VaultName) throws
}

struct VaultName: Hashable, Sendable {
    let text: String

    /// Nil for an id that this store has not made: it becomes part of a path.
    init?(id: String, thumbnail: Bool) {
        guard id.utf8.count == 36, id.utf8.allSatisfy({ Self.allowed.contains($0) }) else { return nil }
        self.text = thumbnail ? id + ".thumbnail" : id
    }

    private static let allowed = Set("0123456789abcdef-".utf8)
}

/// For stores in memory.
final class MemoryVault: Vault {
    private let contents = Mutex<[VaultName: [UInt8]]>([:])

    func put(_ bytes: [UInt8], as name: VaultName) { self.contents.withLock { $0[name] = bytes } }
    func bytes(of name: VaultName) -> [UInt8]? { self.contents.withLock { $0[name] } }
    func remove(_ name: VaultName) { self.contents.withLock { $0[name] = nil } }
}

/// One file each, in 256 folders by the first two letters of its name. What is half written is in `incoming/`; what has lain there for an
/// hour is removed at a start (another process may be writing beside this one).
struct FolderVault: Vault {
    private let folder: String
    private var incoming: String { self.folder + "/incoming" }

    init(folder: String) throws {
        self.folder = folder
        let incoming = folder + "/incoming"
        try FileManager.default.createDirectory(atPath: incoming, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: incoming) {
            let path = "\(incoming)/\(name)"
            let written = try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
            if let written, written.timeIntervalSinceNow < -3600 { try? FileManager.default.removeItem(atPath: path) }
        }
    }

    private func directory(of name: VaultName) -> String { "\(self.folder)/\(name.text.prefix(2))" }
    private func path(of name: VaultName) -> String { "\(self.directory(of: name))/\(name.text)" }

    func put(_ bytes: [UInt8], as name: VaultName) throws {
        // Two may be writing the same.
        let temporary = "\(self.incoming)/\(name.text).\(UUID().uuidString)"
        do { try Self.write(bytes, to: temporary) } catch {
            // Half a file on a full disk would keep it full.
            unlink(temporary)
            throw error
        }
        let directory = self.directory(of: name)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        guard rename(temporary, self.path(of: name)) == 0 else {
            throw StoreFault.file(operation: "rename", errno: Int(errno))
        }
        // The names, too, must survive a power cut.
        try Self.flush(directory)
        try Self.flush(self.folder)
    }

    /// Not by Foundation, which leaks a page for each empty file that it reads.
    func bytes(of name: VaultName) throws -> [UInt8]? {
        let file = open(self.path(of: name), O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            guard errno == ENOENT else { throw StoreFault.file(operation: "open", errno: Int(errno)) }
            return nil
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw StoreFault.file(operation: "fstat", errno: Int(errno)) }
        return try [UInt8](unsafeUninitializedCapacity: Int(status.st_size)) { bytes, filled in
            while filled < bytes.count {
                let count = read(file, bytes.baseAddress! + filled, bytes.count - filled)
                if count == 0 { break }
                guard count > 0 || errno == EINTR else { throw StoreFault.file(operation: "read", errno: Int(errno)) }
                filled += max(0, count)
            }
        }
    }

    func remove(_ name: VaultName) throws {
        guard unlink(self.path(of: name)) == 0 || errno == ENOENT else {
            throw StoreFault.file(operation: "unlink", errno: Int(errno))
        }
    }

    private static func write(_ bytes: [UInt8], to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw StoreFault.file(operation: "open", errno: Int(errno)) }
        defer { close(file) }
        try bytes.withUnsafeBytes { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = Foundation.write(file, rest.baseAddress!, rest.count)
                guard count > 0 || errno == EINTR else {
                    throw StoreFault.file(operation: "write", errno: Int(errno))
                }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(max(0, count)))
            }
        }
        guard fsync(file) == 0 else { throw StoreFault.file(operation: "fsync", errno: Int(errno)) }
    }

    private static func flush(_ directory: String) throws {
        let file = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { throw StoreFault.file(operation: "open", errno: Int(errno)) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw StoreFault.file(operation: "fsync", errno: Int(errno)) }
    }
}
