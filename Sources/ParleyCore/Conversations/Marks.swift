/// What a user has put on a conversation to find it by. His App says what each number means.
package struct Marks: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Numbers are 0 and up, below this (Easemob's, the only vendor that has marks).
    package static let limit = 20

    /// Nil: there is no such mark.
    package init?(_ number: Int) {
        guard (0..<Self.limit).contains(number) else { return nil }
        self.init(rawValue: 1 << UInt32(number))
    }

    /// In order.
    package var numbers: [Int] { (0..<Self.limit).filter { self.rawValue & 1 << UInt32($0) != 0 } }
}
