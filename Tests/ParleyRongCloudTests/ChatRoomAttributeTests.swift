import ParleyCore
import ParleyRongCloud
import ParleyTesting
import Testing

/// What a chat room's members share under names of their own.
@Suite struct ChatRoomAttributeTests {
    private static let room = GroupID(chatRoom: "r1")

    private func pair(on bench: Bench) async throws -> (alice: Querier, bob: Querier) {
        let (alice, bob) = (Querier("alice", on: bench), Querier("bob", on: bench))
        _ = try await alice.join()
        _ = try await bob.join()
        return (alice, bob)
    }

    @Test func whatOneHasSetAnotherReplacesOnlyByForce() async throws {
        let (alice, bob) = try await self.pair(on: Bench.make())
        #expect(try await alice.set("k", "1") == 0)
        #expect(try await alice.set("k", "2") == 0)
        #expect(try await bob.set("k", "3") == 23424)
        #expect(try await bob.remove("k") == 23424)
        #expect(try await bob.set("k", "3", bits: 2) == 0)
        let all = try await alice.pullKV(after: 0)
        #expect(all.bFullUpdate)
        #expect(all.entries.map(\.value) == ["3"])
        #expect(all.entries.map(\.uid) == ["bob"])
    }

    @Test func whoKnowsSomethingIsToldWhatChangedAlsoWhatIsGone() async throws {
        let (alice, bob) = try await self.pair(on: Bench.make())
        #expect(try await alice.remove("k") == 23427)
        for key in ["a", "b"] { #expect(try await alice.set(key, "1") == 0) }
        let before = try await bob.pullKV(after: 0)
        #expect(try await bob.pullKV(after: before.syncTime).entries.isEmpty)
        #expect(try await alice.remove("a") == 0)
        #expect(try await alice.set("c", "2") == 0)
        let after = try await bob.pullKV(after: before.syncTime)
        #expect(!after.bFullUpdate)
        #expect(after.entries.map(\.key) == ["a", "c"])
        #expect(after.entries.map { $0.status & 4 } == [4, 0])
        #expect(try await bob.pullKV(after: 0).entries.map(\.key) == ["b", "c"])
    }

    @Test func whatIsToGoWithItsSetterGoes() async throws {
        let bench = try await Bench.make()
        let (alice, bob) = try await self.pair(on: bench)
        #expect(try await alice.set("goes", "1", bits: 1) == 0)
        #expect(try await alice.set("stays", "1") == 0)
        let before = try await bob.pullKV(after: 0)
        #expect(before.entries.map { $0.status & 1 } == [1, 0])
        try await bench.core.leaveAllRooms(UserID("alice"), in: bench.app.id)
        #expect(try await bob.pullKV(after: 0).entries.map(\.key) == ["stays"])
        #expect(try await bob.pullKV(after: before.syncTime).entries.map(\.key) == ["goes"])
    }

    @Test func aHundredKeysAreTheMost() async throws {
        let (alice, _) = try await self.pair(on: Bench.make())
        for number in 1...RoomAttribute.limit { #expect(try await alice.set("k\(number)", "v") == 0) }
        #expect(try await alice.set("one-more", "v") == 23423)
        #expect(try await alice.set("k1", "again") == 0)
        #expect(try await alice.remove("k1") == 0)
        #expect(try await alice.set("one-more", "v") == 0)
    }

    @Test func whoHasMissedMoreRemovalsThanAreRememberedIsToldAll() async throws {
        let (alice, bob) = try await self.pair(on: Bench.make())
        #expect(try await alice.set("stays", "v") == 0)
        let before = try await bob.pullKV(after: 0)
        for number in 1...101 {
            #expect(try await alice.set("k\(number)", "v") == 0)
            #expect(try await alice.remove("k\(number)") == 0)
        }
        let after = try await bob.pullKV(after: before.syncTime)
        #expect(after.bFullUpdate)
        #expect(after.entries.map(\.key) == ["stays"])
        // Also when one of those that are remembered is there again.
        #expect(try await alice.set("k101", "v") == 0)
        let again = try await bob.pullKV(after: before.syncTime)
        #expect(again.bFullUpdate && again.entries.map(\.key) == ["stays", "k101"])
        #expect(try await bob.pullKV(after: after.syncTime).entries.map(\.key) == ["k101"])
    }

    @Test func ofManyEachIsForItself() async throws {
        let (alice, bob) = try await self.pair(on: Bench.make())
        #expect(try await alice.set("mine", "1") == 0)
        let request = WireSetChrmKVS.with {
            $0.entry = ["mine", "new"].map { .of($0, "2") }
        }
        let output: WireChrmKVSOutput = try await bob.ask("setKVS", target: "r1", request)
        #expect(output.errorKeys.map(\.key) == ["mine"])
        #expect(output.errorKeys.map(\.errorCode) == [23424])
        #expect(output.keysVersion.map(\.key) == ["new"])
        let removal = WireDeleteChrmKVS.with { $0.entry = ["mine", "gone"].map { .of($0, "", 2) } }
        let removed: WireChrmKVSOutput = try await bob.ask("delKVS", target: "r1", removal)
        #expect(removed.keysVersion.map(\.key) == ["mine"])
        #expect(removed.errorKeys.map(\.errorCode) == [23427])
        let many = WireSetChrmKVS.with { $0.entry = (1...11).map { .of("k\($0)", "2") } }
        #expect(try await bob.status("setKVS", target: "r1", many) == 23429)
    }

    @Test func keysAndRoomsMustBeGood() async throws {
        let bench = try await Bench.make()
        let (alice, _) = try await self.pair(on: bench)
        #expect(try await alice.set("with space", "1") == 23412)
        #expect(try await alice.set("", "1") == 23412)
        #expect(try await alice.set("k", String(repeating: "x", count: 4097)) == 23412)
        #expect(try await Querier("carol", on: bench).set("k", "1") == 23406)
        let pull = WireQueryChrmKV.with { $0.timestamp = 0 }
        #expect(try await Querier("carol", on: bench).status("pullKV", target: "r1", pull) == 23406)
    }

    @Test func aChangeIsToldToAllAndItsMessageSaidInTheRoom() async throws {
        let bench = try await Bench.make()
        let (alice, bob) = try await self.pair(on: bench)
        let request = WireSetChrmKV.with {
            $0.entry = .of("k", "v")
            $0.bNotify = true
            $0.notification = .with {
                $0.sessionID = 0
                $0.classname = "RC:chrmKVNotiMsg"
                $0.contentBytes = Array(#"{"type":1,"key":"k","value":"v","extra":""}"#.utf8)
            }
        }
        #expect(try await alice.status("setKV", target: "r1", request) == 0)
        let changedAt = try await bob.pullKV(after: 0).syncTime
        #expect(
            bench.signals.announcements.last
                == Announcement(
                    app: bench.app.id,
                    event: .attributes(.group(Self.room), changedAt: Timestamp(milliseconds: changedAt)),
                    recipients: .group(Self.room, except: nil)))
        let message = try #require(bench.signals.entries.last?.message)
        #expect(message.sender == UserID("alice"))
        #expect(!message.options.keptInHistory)
        #expect(try await bob.pull(after: 1, count: 0).list.map(\.classname) == ["RC:chrmKVNotiMsg"])
        #expect(try await bob.pull(after: 0, count: 5).list.isEmpty)
    }
}

extension ChatRoomAttributeTests {
    /// What comes along is a message like any other.
    @Test func whoMayNotSpeakChangesAttributesAndIsNotHeard() async throws {
        let backend = try await Backend()
        let (alice, bob) = try await self.pair(on: backend.bench)
        func set(_ value: String, _ classname: String = "RC:chrmKVNotiMsg", _ content: String = "{}") async throws {
            let request = WireSetChrmKV.with {
                $0.entry = .of("k", value)
                $0.notification = .with {
                    $0.sessionID = 1
                    $0.classname = classname
                    $0.contentBytes = Array(content.utf8)
                }
            }
            #expect(try await alice.status("setKV", target: "r1", request) == 0)
            #expect(try await bob.pullKV(after: 0).entries.map(\.value) == [value])
        }
        try await set("1")
        #expect(backend.messages.count == 1)
        #expect(await backend.post("/chatroom/user/gag/add.json", "chatroomId=r1&userId=alice&minute=1").code == 200)
        try await set("2", "RC:TxtMsg", #"{"content":"heard?"}"#)
        #expect(backend.messages.count == 1)
        #expect(await backend.post("/chatroom/user/gag/rollback.json", "chatroomId=r1&userId=alice").code == 200)
        try await set("3", String(repeating: "x", count: 33))
        try await set("4", "RC:TxtMsg", String(repeating: " ", count: 200_000))
        #expect(backend.messages.count == 1)
        try await set("5")
        #expect(backend.messages.count == 2)
    }
}
