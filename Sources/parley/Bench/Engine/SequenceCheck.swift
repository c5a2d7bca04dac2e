/// What one member has been given of one conversation: whether all of it, once, and in order.
///
/// Counts exactly, whatever comes: what was passed over and comes later is out of order, what comes a second time is repeated.
struct SequenceCheck: Hashable, Sendable {
    private(set) var first: UInt64 = 0
    private(set) var last: UInt64 = 0
    private(set) var count = 0
    private(set) var repeated = 0
    private(set) var outOfOrder = 0
    /// Of the sequences and ids in the order in which they came: equal where two members were given the same.
    private(set) var digest: UInt64 = 0xCBF2_9CE4_8422_2325
    /// Passed over so far. Empty unless something is wrong.
    private var gaps: [ClosedRange<UInt64>] = []

    var missing: Int { self.gaps.reduce(0) { $0 + Int($1.upperBound - $1.lowerBound) + 1 } }

    /// - Parameter identity: of the message: its id, or anything that stands for it.
    @inline(__always)
    mutating func received(_ sequence: UInt64, _ identity: UInt64) {
        self.count &+= 1
        self.digest = (self.digest ^ sequence &* 0x9E37_79B9_7F4A_7C15 ^ identity) &* 0x0000_0100_0000_01B3
        if sequence == self.last &+ 1, self.first != 0 {
            self.last = sequence
        } else {
            self.receivedElsewhere(sequence)
        }
    }

    private mutating func receivedElsewhere(_ sequence: UInt64) {
        if self.first == 0 {
            self.first = sequence
            self.last = sequence
        } else if sequence > self.last {
            self.gaps.append((self.last + 1)...(sequence - 1))
            self.last = sequence
        } else if let index = self.gaps.firstIndex(where: { $0.contains(sequence) }) {
            self.outOfOrder += 1
            let gap = self.gaps.remove(at: index)
            if gap.lowerBound < sequence { self.gaps.append(gap.lowerBound...(sequence - 1)) }
            if sequence < gap.upperBound { self.gaps.append((sequence + 1)...gap.upperBound) }
        } else {
            self.repeated += 1
        }
    }
}
