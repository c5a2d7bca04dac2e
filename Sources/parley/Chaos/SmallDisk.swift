import Foundation

/// A disk of a few megabytes, which can be filled and emptied: a tmpfs in a mount namespace of its own, seen by nobody else, gone with this process.
final class SmallDisk: Sendable {
    struct Impossible: Error { let reason: String }

    /// Put before a command that is to see the disk.
    let prefix: [String]
    private let id: Int32
    private let folder: String
    /// While it is open, the namespace is there.
    private let leash: FileHandle

    /// - Throws: ``Impossible``.
    init(megabytes: Int, at folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        guard let unshare = Self.tool("unshare"), let nsenter = Self.tool("nsenter") else {
            throw Impossible(reason: "there is no unshare and nsenter (util-linux)")
        }
        let isRoot = getuid() == 0
        let (process, input, output) = (Process(), Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: unshare)
        // `cat` ends when its input does: with this process, however that ends.
        let script =
            "mount --make-rprivate / && mount -t tmpfs -o size=\(megabytes)m parley-chaos \"$0\" && echo there && exec cat"
        process.arguments = (isRoot ? ["-m"] : ["-Urm"]) + ["sh", "-c", script, folder]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let word = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard word.contains("there") else {
            throw Impossible(reason: "a tmpfs of one's own cannot be mounted (neither root nor user namespaces)")
        }
        self.id = process.processIdentifier
        self.folder = folder
        self.leash = input.fileHandleForWriting
        self.prefix =
            [nsenter, "-t", String(self.id)] + (isRoot ? ["-m"] : ["-U", "-m", "--preserve-credentials"]) + ["--"]
    }

    /// The disk from outside of its namespace.
    private var outside: String { "/proc/\(self.id)/root\(self.folder)" }
    private var filler: String { self.outside + "/filler" }

    /// Writes until nothing more fits.
    func fill() throws {
        let file = open(self.filler, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Impossible(reason: "cannot write on the small disk: errno \(errno)") }
        defer { Glibc.close(file) }
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        for size in [1 << 20, 4096, 1] {
            while write(file, zeros, size) == size {}
        }
    }

    /// The names in a folder on it.
    func names(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(self.outside)/\(folder)")
    }

    /// There is room again.
    func free() { unlink(self.filler) }

    func close() { try? self.leash.close() }

    private static func tool(_ name: String) -> String? {
        ["/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/"].map { $0 + name }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
