import ParleyCore
import Testing

@testable import ParleySocket

struct OwnWordsTests {
    private static let conversation = Conversation.direct(UserID("alice"), UserID("bob"))

    private func id(_ number: Int) -> MessageID {
        MessageID(sentAt: Timestamp(milliseconds: 1_800_000_000_000 + Int64(number)), slot: 0)
    }

    private func place(_ sequence: UInt64, in conversation: Conversation = Self.conversation) -> Place {
        var place = Place(user: UserID("alice"), conversation: conversation)
        place.readThrough = sequence
        return place
    }

    @Test func whatWasSaidHereIsMetOnce() {
        var own = OwnWords()
        own.say(self.id(1))
        #expect([2, 1, 1].map { own.meet(self.id($0)) } == [false, true, false])
    }

    @Test func whatIsPassedIsNotMetAnyMore() {
        var own = OwnWords()
        for number in 1...3 { own.say(self.id(number)) }
        own.pass(self.id(2))
        #expect((1...3).map { own.meet(self.id($0)) } == [false, false, true])
    }

    @Test func whoSaysMuchAndHearsNothingIsForgottenFromTheBeginning() {
        var own = OwnWords()
        let count = OwnWords.limit + 10
        for number in 1...count { own.say(self.id(number)) }
        let met = (1...count).filter { own.meet(self.id($0)) }
        #expect(met == Array(11...count))
    }

    @Test func whatWasReadHereIsNoNewsHereAndWhatWasReadElsewhereIs() {
        var own = OwnWords()
        #expect(!own.cover(self.place(3)))
        own.read(Self.conversation, through: 3)
        // Said again, and less than before.
        own.read(Self.conversation, through: 2)
        #expect(own.cover(self.place(3)) && own.cover(self.place(2)))
        #expect(!own.cover(self.place(4)))
        #expect(!own.cover(self.place(3, in: .group(GroupID("demo-group")))))
        // Something else of it has changed.
        #expect(!own.cover(self.place(0)))
    }
}
