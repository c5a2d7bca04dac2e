import NIOCore
import NIOEmbedded
import ParleyCore
import Synchronization
import Testing

@testable import ParleyHub

/// Which older connections make room for a new one.
struct ExclusivityTests {
    private func withHouse(_ body: (House) -> Void) {
        let house = House()
        body(house)
        house.close()
    }

    @Test func theSameDeviceIsReplacedAndOthersStay() {
        self.withHouse { house in
            let (phone, web) = (house.connect("alice"), house.connect("alice", device: "web", on: 1))
            let again = house.connect("alice", on: 1)
            #expect(phone.ending == .disconnected(.replaced))
            #expect(web.ending == nil)
            #expect(again.isReadyNow)
            #expect(house.hub.connectionCount == 2)
        }
    }

    @Test func ofOnePlatformTheNewestStays() {
        self.withHouse { house in
            let phone = house.connect("alice", device: "phone", platform: "iPhone", exclusivity: .platform)
            let old = house.connect("alice", device: "one", exclusivity: .platform)
            let other = house.connect("bob", device: "one", exclusivity: .platform)
            let new = house.connect("alice", device: "two", on: 1, exclusivity: .platform)
            #expect(old.ending == .disconnected(.loggedInElsewhere))
            #expect(phone.ending == nil)
            #expect(other.ending == nil)
            #expect(new.isReadyNow)
            #expect(house.hub.connectionCount == 3)
        }
    }

    @Test func severalMakeRoomAndTheNewOneBeginsWhenTheLastHasEnded() {
        self.withHouse { house in
            // The App has just changed its mind: three are there.
            let old = (0..<3).map { house.connect("alice", device: "d\($0)", on: $0 % 2) }
            house.say("1", in: .between("alice", "bob"))
            old[2].pong()
            let new = house.arrive("alice", device: "d2", on: 1, exclusivity: .platform)
            house.loops[1].run()
            #expect(old[1].ending == .disconnected(.loggedInElsewhere))
            #expect(!house.library.isAsked)
            house.run()
            #expect(old[0].ending == .disconnected(.loggedInElsewhere))
            #expect(old[2].ending == .disconnected(.replaced))
            #expect(new.isReadyNow)
            #expect(new.sequences == [])
            #expect(house.hub.connectionCount == 1)
        }
    }

    @Test func whoComesWhileAnotherWaitsForAThirdWaitsForTheThirdToo() {
        self.withHouse { house in
            let first = house.connect("alice", on: 0)
            house.say("1", in: .between("alice", "bob"))
            first.pong()
            // The first loop is busy; two come on the other.
            let second = house.arrive("alice", on: 1)
            let third = house.arrive("alice", on: 1)
            for _ in 0..<3 { house.loops[1].run() }
            #expect(second.ending == .disconnected(.replaced))
            #expect(first.ending == nil)
            #expect(!house.library.isAsked)
            house.run()
            #expect(first.ending == .disconnected(.replaced))
            #expect(third.isReadyNow)
            // What the first had confirmed does not come again.
            #expect(third.sequences == [])
        }
    }

    @Test(arguments: 0..<60) func whateverTheOrderOneOfEachPlatformStays(seed: Int) {
        self.withHouse { house in
            var dice = Dice(state: UInt64(seed) &* 31 &+ 7)
            var problems: [String] = []
            house.library.onStanding = { client in
                // Nobody looks before all whom he replaced have ended.
                let earlier = house.guests.dropLast().filter {
                    $0.client.platform == client.platform && $0.ending == nil && $0.reader.arrival == nil
                        && $0.reader.subscriptions.count > 0
                }
                if !earlier.isEmpty { problems.append("looked too early") }
            }
            for _ in 0..<120 {
                switch Int.random(in: 0..<8, using: &dice) {
                case 0, 1:
                    _ = house.arrive(
                        "alice", device: "d\(Int.random(in: 0..<4, using: &dice))",
                        platform: ["Web", "iPhone"].randomElement(using: &dice)!,
                        on: Int.random(in: 0..<2, using: &dice), exclusivity: .platform)
                case 2: house.say("x", in: .between("alice", "bob"))
                case 3: if house.library.hasQuestion { house.library.look() }
                case 4: if house.library.hasAnswer { house.library.tell() }
                case 5: house.guests.randomElement(using: &dice)?.leave()
                default: house.loops.randomElement(using: &dice)!.run()
                }
            }
            let last = [
                house.arrive("alice", device: "d0", platform: "Web", on: 0, exclusivity: .platform),
                house.arrive("alice", device: "d1", platform: "iPhone", on: 1, exclusivity: .platform),
            ]
            house.run()
            #expect(problems == [])
            #expect(house.present.count == 2)
            #expect(last.allSatisfy { $0.isReadyNow })
            #expect(house.hub.connectionCount == 2)
        }
    }

    @Test func ofManyAtTheSameInstantExactlyOneIsNotReplaced() async {
        let registry = Registry()
        let key = UserKey(app: Stage.app, user: UserID("alice"))
        let replaced = await withTaskGroup(of: [UInt64].self) { group in
            for number in UInt64(1)...200 {
                group.addTask {
                    let record = Registry.Record(
                        number: number, shard: Int(number % 2),
                        connection: Connection(device: DeviceID("d\(number)"), platform: "Web", since: .distantPast),
                        tokenIssuedAt: .distantPast)
                    let replaced = registry.add(record, for: key, exclusivity: .platform).map(\.record.number)
                    for number in replaced { registry.remove(number, of: key) }
                    return replaced
                }
            }
            return await group.reduce(into: Set<UInt64>()) { $0.formUnion($1) }
        }
        #expect(replaced.count == 199)
        #expect(registry.count == 1)
        #expect(registry.records(of: key).count == 1)
        #expect(replaced.isDisjoint(with: registry.records(of: key).map(\.number)))
    }
}

extension Guest {
    var isReadyNow: Bool {
        self.look()
        return self.isReady && self.ending == nil
    }
}
