/// Reads bytes where they lie, from the first to the last. Nothing is read that is not there.
struct ByteScan {
    private var next: UnsafePointer<UInt8>?
    private var count: Int

    @inline(__always)
    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.next = bytes.baseAddress
        self.count = bytes.count
    }

    var isAtEnd: Bool { self.count == 0 }

    /// What has not been read.
    var rest: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: self.next, count: self.count) }

    /// - Returns: nil, when there are not so many. So do all that follow.
    @inline(__always)
    mutating func take(_ count: Int) -> UnsafeBufferPointer<UInt8>? {
        guard count >= 0, count <= self.count, let start = self.next else { return nil }
        self.next = start + count
        self.count &-= count
        return UnsafeBufferPointer(start: start, count: count)
    }

    /// A number of up to eight bytes, the highest first.
    @inline(__always)
    mutating func integer(_ count: Int) -> UInt64? {
        self.take(count).map { $0.reduce(0) { $0 &<< 8 | UInt64($1) } }
    }

    /// Bytes, with two before them that say how many.
    @inline(__always)
    mutating func text() -> UnsafeBufferPointer<UInt8>? {
        guard let count = self.integer(2) else { return nil }
        return self.take(Int(count))
    }

    /// Protobuf's form of numbers: seven bits a byte, the lowest first.
    @inline(__always)
    mutating func varint() -> UInt64? {
        guard let start = self.next else { return nil }
        var value: UInt64 = 0
        var index = 0
        while index < self.count, index < 10 {
            let byte = start[index]
            value |= UInt64(byte & 0x7F) &<< UInt64(7 &* index)
            index &+= 1
            guard byte >= 0x80 else {
                self.next = start + index
                self.count &-= index
                return value
            }
        }
        return nil
    }
}

/// The fields of a protobuf message, one after the other, as they lie there: nothing is made of those that nobody asks for.
/// Source: protobuf.dev, "Encoding".
struct ProtobufFields {
    private var scan: ByteScan
    private(set) var number: UInt64 = 0
    /// Of a number.
    private(set) var value: UInt64 = 0
    /// Of text, bytes or a message.
    private(set) var bytes = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    /// It is no protobuf, and what was read of it before is not to be relied on.
    private(set) var isBroken = false

    @inline(__always)
    init(_ message: UnsafeBufferPointer<UInt8>) { self.scan = ByteScan(message) }

    /// - Returns: false: there is none any more.
    @inline(__always)
    mutating func next() -> Bool {
        guard !self.scan.isAtEnd else { return false }
        guard let tag = self.scan.varint(), tag >= 8, self.read(tag & 7) else {
            self.isBroken = true
            return false
        }
        self.number = tag &>> 3
        return true
    }

    @inline(__always)
    private mutating func read(_ type: UInt64) -> Bool {
        switch type {
        case 0:
            guard let value = self.scan.varint() else { return false }
            self.value = value
        case 1: return self.scan.take(8) != nil
        case 2:
            guard let count = self.scan.varint(), let bytes = self.scan.take(Int(clamping: count)) else { return false }
            self.bytes = bytes
        case 5: return self.scan.take(4) != nil
        default: return false
        }
        return true
    }
}
