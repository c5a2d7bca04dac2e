import ParleyCore
import Testing

@testable import ParleyHub

struct ShelfTests {
    private let feed = Feed(ConversationID(app: Stage.app, .g))

    private func page(after start: UInt64, _ count: UInt64 = Shelf.pageSize, text: String = "") -> [Entry] {
        (1...count).map { number in
            let message = Message(
                sender: UserID("bob"), content: .text(text),
                native: Native(dialect: .parley, payload: Array(text.utf8)))
            return Entry(
                conversation: self.feed.conversation, sequence: start + number, id: MessageID(rawValue: start + number),
                body: .message(message))
        }
    }

    @Test func whatFollowsASequenceIsReadToTheEndOfItsPage() {
        var shelf = Shelf()
        shelf.keep(self.page(after: 64), of: self.feed, after: 64, changes: 0)
        for (sequence, expected) in [(64, 65...128), (65, 66...128), (127, 128...128)]
            as [(UInt64, ClosedRange<UInt64>)]
        {
            #expect(shelf.entries(of: self.feed, after: sequence).compactMap(\.sequence) == Array(expected))
        }
        for sequence in [0, 63, 128, UInt64.max] as [UInt64] {
            #expect(shelf.entries(of: self.feed, after: sequence).isEmpty)
        }
    }

    @Test func aPageThatLacksSomethingIsNotKept() {
        var shelf = Shelf()
        shelf.keep(self.page(after: 0, 63), of: self.feed, after: 0, changes: 0)
        // Its beginning is past keeping.
        shelf.keep(self.page(after: 10), of: self.feed, after: 0, changes: 0)
        shelf.keep([], of: self.feed, after: 0, changes: 0)
        #expect(shelf.entries(of: self.feed, after: 0).isEmpty)
    }

    @Test func whatHasChangedSinceIsNotThereAnyMore() {
        var shelf = Shelf()
        shelf.keep(self.page(after: 0), of: self.feed, after: 0, changes: 0)
        self.feed.changes += 1
        #expect(shelf.entries(of: self.feed, after: 0).isEmpty)
        shelf.keep(self.page(after: 0), of: self.feed, after: 0, changes: 0)
        #expect(shelf.entries(of: self.feed, after: 0).isEmpty)
        shelf.keep(self.page(after: 0), of: self.feed, after: 0, changes: 1)
        #expect(!shelf.entries(of: self.feed, after: 0).isEmpty)
    }

    @Test func whoFollowsTheConversationAnewFindsNothing() {
        var shelf = Shelf()
        shelf.keep(self.page(after: 0), of: self.feed, after: 0, changes: 0)
        #expect(shelf.entries(of: Feed(self.feed.conversation), after: 0).isEmpty)
    }

    @Test func whatIsInUseStaysAndTheRestGivesWay() {
        var shelf = Shelf()
        let text = String(repeating: "x", count: 4096)
        for start in stride(from: 0, to: 64 * 64, by: 64) as StrideTo<UInt64> {
            shelf.keep(self.page(after: start, text: text), of: self.feed, after: start, changes: 0)
            #expect(!shelf.entries(of: self.feed, after: 0).isEmpty)
        }
        let kept = stride(from: 0, to: 64 * 64, by: 64).count { !shelf.entries(of: self.feed, after: $0).isEmpty }
        // Of half a megabyte each.
        #expect((8...16).contains(kept))
    }
}
