internal import NIOCore
internal import NIOPosix

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// A file on this machine, read or written by the threads that NIO keeps for what blocks.
final class LocalFile: Sendable {
    struct Failure: Error {}

    let count: Int64
    private let path: String
    private let handle: Descriptor

    /// - Throws: when it is not there, not a file, or may not be read.
    init(reading path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure() }
        self.handle = Descriptor(descriptor)
        self.path = path
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw Failure() }
        self.count = Int64(status.st_size)
    }

    /// - Throws: when it is there already, whatever it is: also a link that leads nowhere.
    init(creating path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Failure() }
        self.handle = Descriptor(descriptor)
        self.path = path
        self.count = 0
    }

    /// The next bytes; nil at the end.
    func read(_ count: Int) async throws -> ByteBuffer? {
        try await NIOThreadPool.singleton.runIfActive { [handle] in
            var buffer = ByteBuffer()
            let read = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { pointer in
                let read = systemRead(handle.number, pointer.baseAddress!, count)
                guard read >= 0 else { throw Failure() }
                return read
            }
            return read > 0 ? buffer : nil
        }
    }

    func write(_ bytes: ByteBuffer) async throws {
        try await NIOThreadPool.singleton.runIfActive { [handle] in
            var bytes = bytes
            while bytes.readableBytes > 0 {
                let written = bytes.withUnsafeReadableBytes {
                    systemWrite(handle.number, $0.baseAddress!, $0.count)
                }
                guard written > 0 else { throw Failure() }
                bytes.moveReaderIndex(forwardBy: written)
            }
        }
    }

    /// - Throws: when what was written is not on its way to the disk.
    func close() throws { guard fsync(self.handle.number) == 0 else { throw Failure() } }

    func remove() { unlink(self.path) }
}

/// Closed when nobody has it any more.
private final class Descriptor: Sendable {
    let number: Int32
    init(_ number: Int32) { self.number = number }
    deinit { close(self.number) }
}

private func systemRead(_ descriptor: Int32, _ pointer: UnsafeMutableRawPointer, _ count: Int) -> Int {
    read(descriptor, pointer, count)
}

private func systemWrite(_ descriptor: Int32, _ pointer: UnsafeRawPointer, _ count: Int) -> Int {
    write(descriptor, pointer, count)
}
