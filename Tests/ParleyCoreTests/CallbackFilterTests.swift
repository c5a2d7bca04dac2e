import ParleyCore
import Testing

struct CallbackFilterTests {
    private static func admits(from: Set<String> = [], to: Set<String> = [], in conversation: Conversation) -> Bool {
        var filter = CallbackFilter()
        filter.senders = from
        filter.destinations = to
        let message = Message(
            sender: UserID("alice"), content: .text("x"), native: Native(dialect: .parley, payload: []))
        return filter.admits(message, in: conversation)
    }

    @Test func whatIsEmptySaysNothing() { #expect(Self.admits(in: .group(GroupID("g")))) }

    @Test func aMessageIsToItsGroupOrToWhoDidNotSayIt() {
        let (group, direct) = (Conversation.group(GroupID("g")), Conversation.direct(UserID("alice"), UserID("bob")))
        #expect(Self.admits(to: ["g", "x"], in: group) && !Self.admits(to: ["x"], in: group))
        #expect(Self.admits(to: ["bob"], in: direct) && !Self.admits(to: ["alice"], in: direct))
    }

    @Test func bothMustHold() {
        let group = Conversation.group(GroupID("g"))
        #expect(Self.admits(from: ["alice"], to: ["g"], in: group))
        #expect(!Self.admits(from: ["bob"], to: ["g"], in: group))
        #expect(!Self.admits(from: ["alice"], to: ["h"], in: group))
    }
}
