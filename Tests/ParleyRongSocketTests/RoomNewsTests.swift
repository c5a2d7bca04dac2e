import ParleyCore
import Testing

@testable import ParleyRongSocket

struct RoomNewsTests {
    private static let start: Int64 = 1_800_000_000_000

    private func id(_ milliseconds: Int64, _ slot: UInt16 = 0) -> MessageID {
        MessageID(sentAt: Timestamp(milliseconds: Self.start + milliseconds), slot: slot)
    }

    private func told(_ news: inout RoomNews) -> [String: Int64] {
        Dictionary(uniqueKeysWithValues: news.takeNews().map { ($0.room, $0.time - Self.start) })
    }

    @Test func aClientIsToldOnceOfEachRoomWithTheTimeOfTheLast() {
        var news = RoomNews()
        news.said(self.id(0), in: "r1", isNews: true)
        news.said(self.id(0, 1), in: "r1", isNews: true)
        news.said(self.id(7), in: "r2", isNews: true)
        #expect(self.told(&news) == ["r1": 1, "r2": 7])
        #expect(self.told(&news).isEmpty)
        // Read again, as after a pull that began anew.
        news.said(self.id(0, 1), in: "r1", isNews: true)
        #expect(self.told(&news).isEmpty)
    }

    @Test func whatTheClientSaidItselfCountsAndIsNotTold() {
        var news = RoomNews()
        news.said(self.id(0), in: "r1", isNews: false)
        #expect(self.told(&news).isEmpty)
        news.said(self.id(0, 1), in: "r1", isNews: true)
        #expect(self.told(&news) == ["r1": 1])
    }

    @Test func whatAPullHasBroughtIsNotTold() {
        var news = RoomNews()
        news.pulled("r1", upTo: Self.start + 3, self.id(0, 3))
        news.said(self.id(0, 2), in: "r1", isNews: true)
        news.said(self.id(0, 3), in: "r1", isNews: true)
        #expect(self.told(&news).isEmpty)
    }

    @Test func whatIsToldIsLaterThanWhatTheClientHas() {
        var news = RoomNews()
        // Of a burst that this connection has not seen.
        news.pulled("r1", upTo: Self.start + 40, self.id(0, 40))
        news.said(self.id(1), in: "r1", isNews: true)
        #expect(self.told(&news) == ["r1": 41])
        news.pulled("r1", upTo: Self.start + 41, nil)
        news.said(self.id(2), in: "r1", isNews: true)
        #expect(self.told(&news) == ["r1": 42])
    }

    @Test func whoComesBackBeginsAnew() {
        var news = RoomNews()
        news.said(self.id(5), in: "r1", isNews: true)
        news.left("r1")
        #expect(self.told(&news).isEmpty)
        news.said(self.id(6), in: "r1", isNews: true)
        #expect(self.told(&news) == ["r1": 6])
    }
}
