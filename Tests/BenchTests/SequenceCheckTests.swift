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

    @Test func whatHasNotComeAtTheEndIsMissingToo() {
        let check = self.check(1, 2, 4, 4)
        #expect((check.missing(of: 4), check.missing(of: 6), check.missing(of: 0)) == (1, 3, 1))
    }

    @Test func withoutSequencesTheSameIsCountedByNames() {
        var check = SequenceCheck()
        for identity: UInt64 in [100, 250, 250, 300, 120, 120, 900, 100] { check.received(identity) }
        #expect((check.count, check.repeated, check.outOfOrder) == (8, 3, 1))
        #expect((check.missing(of: 5), check.missing(of: 7)) == (0, 2))
    }

    @Test func whatIsLateForAnotherReasonIsOutOfOrderButARepeatIsARepeat() {
        var check = SequenceCheck()
        for (identity, isLate): (UInt64, Bool) in [(1, false), (2, true), (2, true), (3, false)] {
            check.received(identity, isLate: isLate)
        }
        #expect((check.count, check.repeated, check.outOfOrder, check.missing(of: 3)) == (4, 1, 1, 0))
    }

    @Test func namesInAnotherOrderHaveAnotherDigest() {
        func digest(_ identities: UInt64...) -> UInt64 {
            var check = SequenceCheck()
            for identity in identities { check.received(identity) }
            return check.digest
        }
        #expect(digest(1, 2, 3) == digest(1, 2, 3))
        #expect(digest(1, 3, 2) != digest(1, 2, 3))
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
