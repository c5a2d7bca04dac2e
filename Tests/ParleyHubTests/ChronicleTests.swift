import NIOCore
import NIOEmbedded
import ParleyCore
import Synchronization
import Testing

@testable import ParleyHub

/// What backends are told of who comes and goes.
struct ChronicleTests {
    private final class Recorder: Chronicle {
        let words = Mutex<[String]>([])
        let isWanted: Bool

        init(isWanted: Bool = true) { self.isWanted = isWanted }

        func wants(_ topic: CallbackTopic, in app: AppID) -> Bool { self.isWanted && topic == .presence }

        func note(_ body: Happening.Body, in app: AppID) {
            guard case .presence(let happening) = body else { return }
            let change =
                switch happening.change {
                case .online(let replaced): "online \(replaced)"
                case .offline(let reason): "\(reason)"
                }
            self.words.withLock { $0.append("\(happening.device) \(happening.session) \(change)") }
        }

        var seen: [String] { self.words.withLock { $0 } }
    }

    private static let key = UserKey(app: AppID("demo"), user: UserID("alice"))

    private static func record(_ number: UInt64, _ device: String, _ platform: String = "Web") -> Registry.Record {
        Registry.Record(
            number: number, shard: 0,
            connection: Connection(device: DeviceID(device), platform: platform, since: .distantPast),
            tokenIssuedAt: .distantPast, session: "\(number)")
    }

    @Test func whoComesAndGoesIsNotedOnce() {
        let recorder = Recorder()
        let registry = Registry(recorder)
        _ = registry.add(Self.record(1, "phone"), for: Self.key)
        registry.remove(1, of: Self.key, because: .left)
        registry.remove(1, of: Self.key, because: .silent)
        #expect(recorder.seen == ["phone 1 online []", "phone 1 closed"])
    }

    @Test func whoIsReplacedGoesBeforeTheOtherComes() {
        let recorder = Recorder()
        let registry = Registry(recorder)
        _ = registry.add(Self.record(1, "one", "Web"), for: Self.key)
        _ = registry.add(Self.record(2, "two", "Web"), for: Self.key, exclusivity: .platform)
        _ = registry.add(Self.record(3, "two", "Web"), for: Self.key)
        registry.remove(1, of: Self.key, because: .disconnected(.loggedInElsewhere))
        registry.remove(2, of: Self.key, because: .disconnected(.replaced))
        #expect(
            recorder.seen == [
                "one 1 online []", "one 1 replaced", "two 2 online [\"Web\"]", "two 2 renewed", "two 3 online []",
            ])
    }

    @Test(arguments: [
        (Ending.left, "closed"), (.silent, "lost"), (.tooSlow, "lost"), (.fault, "interrupted"),
        (.disconnected(.goingAway), "interrupted"), (.disconnected(.kicked), "kicked"),
        (.disconnected(.tokenExpired), "kicked"), (.disconnected(.userInactive), "kicked"),
    ])
    func everyEndHasAReason(_ ending: Ending, _ reason: String) {
        let recorder = Recorder()
        let registry = Registry(recorder)
        _ = registry.add(Self.record(1, "phone"), for: Self.key)
        registry.remove(1, of: Self.key, because: ending)
        #expect(recorder.seen.last == "phone 1 \(reason)")
    }

    @Test func nobodyIsToldWhereNobodyWantsToKnow() {
        let recorder = Recorder(isWanted: false)
        let registry = Registry(recorder)
        _ = registry.add(Self.record(1, "phone"), for: Self.key)
        registry.remove(1, of: Self.key)
        #expect(recorder.seen.isEmpty)
    }
}
