import Testing

@testable import parley

@Suite struct SequenceCheckTests {
    private func check(_ sequences: UInt64...) -> SequenceCheck {
        var check = SequenceCheck()
        for sequence in sequences { check.received(sequence, sequence * 7) }
        return check
    }

    @Test func allOfItInOrderIsNoFault() {
        let check = self.check(5, 6, 7)
        #expect((check.first, check.last, check.count) == (5, 7, 3))
        #expect((check.missing, check.repeated, check.outOfOrder) == (0, 0, 0))
    }

    @Test func whatIsPassedOverIsMissing() {
        #expect(self.check(1, 5, 6, 9).missing == 5)
    }

    @Test func whatComesLateIsOutOfOrderAndNotMissing() {
        let check = self.check(1, 5, 3, 2, 4, 6)
        #expect((check.missing, check.repeated, check.outOfOrder) == (0, 0, 3))
    }

    @Test func whatComesTwiceIsRepeated() {
        let check = self.check(1, 2, 2, 3, 1)
        #expect((check.missing, check.repeated, check.outOfOrder) == (0, 2, 0))
    }

    @Test func theSameMessagesInAnotherOrderHaveAnotherDigest() {
        #expect(self.check(1, 2, 3).digest == self.check(1, 2, 3).digest)
        #expect(self.check(1, 3, 2).digest != self.check(1, 2, 3).digest)
    }

    @Test func anotherMessageOfTheSameSequenceHasAnotherDigest() {
        var (one, other) = (SequenceCheck(), SequenceCheck())
        one.received(1, 10)
        other.received(1, 11)
        #expect(one.digest != other.digest)
    }
}
