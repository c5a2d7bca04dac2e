import Synchronization

/// Chance that can be had again: everything that is random in a run comes from one seed, which is printed. (What the machine does with its time is
/// not repeated by it.)
final class Dice: Sendable {
    let seed: UInt64
    private let state: Mutex<SplitMix64>

    init(seed: UInt64) {
        self.seed = seed
        self.state = Mutex(SplitMix64(state: seed))
    }

    func roll(_ range: ClosedRange<Int>) -> Int { self.state.withLock { Int.random(in: range, using: &$0) } }

    /// True in one of so many cases.
    func oneIn(_ count: Int) -> Bool { self.roll(1...count) == 1 }

    func number() -> UInt32 { self.state.withLock { UInt32.random(in: 0...UInt32.max, using: &$0) } }

    func bytes(_ count: Int) -> [UInt8] {
        self.state.withLock { state in (0..<count).map { _ in UInt8.random(in: 0...255, using: &state) } }
    }

    func pick<Element>(_ elements: [Element]) -> Element { elements[self.roll(0...(elements.count - 1))] }

    func milliseconds(_ range: ClosedRange<Int>) -> Duration { .milliseconds(self.roll(range)) }
}

/// Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators (2014), figure 17.
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
