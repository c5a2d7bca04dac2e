import NIOCore

/// How much is read from a connection at once.
///
/// NIO keeps a connection's buffer for as long as it lives, at the greatest size it has had: 2 KB for one that has said little, 64 KB for one that has uploaded
/// a picture hours ago. Here the buffer that is kept is small, and what a busy connection needs beyond it is given back after each read.
/// (With one message per read, NIO keeps one buffer; `record` answering true is what makes it take another.)
struct Receiving: RecvByteBufferAllocator {
    /// Most requests and frames of clients, in bytes.
    static let kept = 1024
    private static let greatest = 64 * 1024

    private var size = Self.kept
    private var smallReads = 0

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer { allocator.buffer(capacity: self.size) }

    /// - Returns: whether the next read is to have a buffer of its own.
    mutating func record(actualReadBytes: Int) -> Bool {
        if actualReadBytes >= self.size {
            self.size = min(Self.greatest, self.size * 4)
            self.smallReads = 0
        } else if actualReadBytes <= self.size / 4, self.size > Self.kept {
            // One alone may be the end of something long.
            self.smallReads += 1
            if self.smallReads > 1 {
                self.size = max(Self.kept, self.size / 4)
                self.smallReads = 0
            }
        } else {
            self.smallReads = 0
        }
        return self.size > Self.kept
    }

    func nextBufferSize() -> Int? { self.size > Self.kept ? nil : Self.kept }
}
