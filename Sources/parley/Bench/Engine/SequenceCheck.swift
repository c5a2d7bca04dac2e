/// What one member has been given of one conversation: whether all of it, once, and in order.
///
/// Counts exactly, whatever comes: what was passed over and comes later is out of order, what comes a second time is repeated. Of protocols that number what
/// is said, the numbers are kept; of those that only name it, all the names: eight bytes for each delivery.
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
    /// Where there are no sequences: all that has come, ascending.
    private var identities: [UInt64] = []

    /// Between what has come.
    var missing: Int { self.gaps.reduce(0) { $0 + Int($1.upperBound - $1.lowerBound) + 1 } }

    /// - Parameter expected: so many were said in all, and what came first was the first of them.
    func missing(of expected: UInt64) -> Int { max(self.missing, Int(expected) - self.count + self.repeated) }

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

    /// A message whose sequence the member is not told.
    ///
    /// - Parameters:
    ///   - identity: greater than that of every message before it.
    ///   - isLate: it is out of order, whatever its id says.
    @inline(__always)
    mutating func received(_ identity: UInt64, isLate: Bool = false) {
        self.count &+= 1
        self.digest = (self.digest ^ identity) &* 0x0000_0100_0000_01B3
        if identity > self.identities.last ?? 0, !isLate {
            self.identities.append(identity)
        } else {
            self.receivedLate(identity)
        }
    }

    private mutating func receivedLate(_ identity: UInt64) {
        var (low, high) = (0, self.identities.count)
        while low < high {
            let middle = (low + high) / 2
            if self.identities[middle] < identity { low = middle + 1 } else { high = middle }
        }
        if low < self.identities.count, self.identities[low] == identity {
            self.repeated += 1
        } else {
            self.outOfOrder += 1
            self.identities.insert(identity, at: low)
        }
    }
}
