import NIOCore
import NIOEmbedded
import ParleyCore
import Testing

@testable import ParleyHub

/// Who is online, for those who asked.
struct PresenceTests {
    private func withHouse(_ configuration: HubConfiguration = HubConfiguration(), _ body: (House) -> Void) {
        let house = House(configuration)
        body(house)
        house.close()
    }

    private func seen(_ guest: Guest) -> [String] {
        guest.look()
        return guest.events
    }

    @Test func theStateIsToldAtOnceAndWheneverItChanges() {
        self.withHouse { house in
            let bob = house.connect("bob")
            let alice = house.connect("alice", on: 1)
            #expect(alice.reader.watch([UserID("bob"), UserID("carol")]))
            house.run()
            #expect(self.seen(alice) == ["presence bob Web", "presence carol "])
            let phone = house.connect("bob", device: "two", platform: "iPhone", on: 1)
            bob.leave()
            house.run()
            phone.leave()
            house.run()
            #expect(
                self.seen(alice).dropFirst(2) == [
                    "presence bob Web+iPhone", "presence bob iPhone", "presence bob ",
                ])
        }
    }

    @Test func aDeviceThatConnectsAgainIsNoNews() {
        self.withHouse { house in
            _ = house.connect("bob")
            let alice = house.connect("alice", on: 1)
            #expect(alice.reader.watch([UserID("bob")]))
            _ = house.connect("bob", on: 1)
            #expect(self.seen(alice) == ["presence bob Web"])
        }
    }

    @Test func whoStopsWatchingIsToldNoMoreAndNothingIsLeftBehind() {
        self.withHouse { house in
            let (alice, carol) = (house.connect("alice"), house.connect("carol", on: 1))
            #expect(alice.reader.watch([UserID("bob"), UserID("dave")]))
            #expect(carol.reader.watch([UserID("bob")]))
            alice.reader.unwatch([UserID("bob"), UserID("nobody")])
            _ = house.connect("bob")
            #expect(self.seen(alice) == ["presence bob ", "presence dave "])
            #expect(self.seen(carol) == ["presence bob ", "presence bob Web"])
            alice.leave()
            carol.leave()
            house.run()
            #expect(house.hub.watchedCount == 0)
        }
    }

    @Test func aConnectionWatchesOnlySoMany() {
        self.withHouse(HubConfiguration(watchLimit: 3)) { house in
            let alice = house.connect("alice")
            #expect(alice.reader.watch([UserID("a"), UserID("b"), UserID("a")]))
            #expect(!alice.reader.watch([UserID("c"), UserID("d")]))
            #expect(self.seen(alice).count == 2)
            #expect(alice.reader.watch([UserID("a"), UserID("c")]))
            #expect(!alice.reader.watch([UserID("d")]))
            alice.reader.unwatch([UserID("a")])
            #expect(alice.reader.watch([UserID("d")]))
        }
    }

    @Test func aSlowWatcherIsToldHowItIsWhenHeReadsAgain() {
        self.withHouse { house in
            let alice = house.connect("alice")
            #expect(alice.reader.watch([UserID("bob"), UserID("carol")]))
            #expect(self.seen(alice).count == 2)
            alice.isFull = true
            for _ in 0..<50 { house.connect("bob", on: 1).leave() }
            house.run()
            _ = house.connect("carol", on: 1)
            #expect(alice.reader.due.count <= 2)
            alice.isFull = false
            house.run()
            // Bob came and went: he is where he was, or it is said once more.
            let news = self.seen(alice).dropFirst(2)
            #expect(news.last { $0.hasPrefix("presence carol") } == "presence carol Web")
            #expect(news.filter { $0.hasPrefix("presence bob") }.allSatisfy { $0 == "presence bob " })
            #expect(news.count <= 2)
        }
    }

    @Test func moreThanFitsIsToldLittleByLittle() {
        self.withHouse(HubConfiguration(outboxBytes: 200)) { house in
            let alice = house.connect("alice")
            #expect(alice.reader.watch((0..<1000).map { UserID("u\($0)") }))
            #expect(self.seen(alice).count < 50)
            for _ in 0..<200 { house.run() }
            #expect(Set(self.seen(alice)).count == 1000)
        }
    }

    @Test func oneUsersComingCostsItsWatchersAndNobodyElse() {
        self.withHouse { house in
            let watchers = (0..<200).map { house.connect("w\($0)", on: $0 % 2) }
            for (number, watcher) in watchers.enumerated() {
                #expect(watcher.reader.watch((0..<100).map { UserID("w\((number + $0) % 200)") }))
            }
            house.run()
            for watcher in watchers { #expect(self.seen(watcher).count == 100) }
            let encoded = house.wire.count
            _ = house.connect("w0", device: "second", platform: "iPhone")
            let told = watchers.filter { self.seen($0).count > 100 }
            #expect(told.count == 100)
            // Once for each loop.
            #expect(house.wire.count <= encoded + 2)
        }
    }

    /// Watching, coming and going on two loops, in any order: what a watcher was told last is what is so, and what the vendors' server APIs are told.
    @Test(arguments: 0..<80) func whatWasToldLastIsSo(seed: Int) async {
        let house = House(HubConfiguration(outboxBytes: seed % 2 == 0 ? 60 : 4000))
        var dice = Dice(state: UInt64(seed) &* 977 &+ 5)
        let users = ["bob", "carol"]
        let watchers = (0..<4).map { house.arrive("watcher\($0)", on: $0 % 2) }
        for _ in 0..<200 {
            switch Int.random(in: 0..<8, using: &dice) {
            case 0, 1:
                _ = house.arrive(
                    users.randomElement(using: &dice)!, device: "d\(Int.random(in: 0..<3, using: &dice))",
                    platform: ["Web", "iPhone"].randomElement(using: &dice)!, on: Int.random(in: 0..<2, using: &dice))
            case 2: house.guests.dropFirst(4).randomElement(using: &dice)?.leave()
            case 3: _ = watchers.randomElement(using: &dice)!.reader.watch([UserID("bob")])
            case 4: watchers.randomElement(using: &dice)!.isFull.toggle()
            case 5: watchers[0].reader.unwatch([UserID("bob")])
            default: house.loops.randomElement(using: &dice)!.run()
            }
        }
        for watcher in watchers {
            watcher.isFull = false
            for user in users where watcher.reader.watched[UserID(user)] == nil {
                #expect(watcher.reader.watch([UserID(user)]))
            }
        }
        for _ in 0..<5 { house.run() }
        for user in users {
            let truth = await house.hub.connections(of: UserID(user), in: Stage.app).map(\.platform).sorted()
            for watcher in watchers {
                let last = self.seen(watcher).last { $0.hasPrefix("presence \(user) ") }
                #expect(last == "presence \(user) \(truth.joined(separator: "+"))")
            }
        }
        house.close()
        #expect(house.hub.watchedCount == 0)
    }
}
