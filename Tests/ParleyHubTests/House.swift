import NIOCore
import NIOEmbedded
import ParleyCore
import ParleyTesting

@testable import ParleyHub

/// A hub on several embedded loops over a ``Library``. Nothing happens but what the test makes happen.
final class House {
    let loops: [EmbeddedEventLoop]
    let library = Library()
    let clock: ManualClock
    let wire = PlainWire()
    let configuration: HubConfiguration
    let hub: Hub
    private(set) var guests: [Guest] = []

    init(_ configuration: HubConfiguration = HubConfiguration(), loops: Int = 2) {
        let loops = (0..<loops).map { _ in EmbeddedEventLoop() }
        self.loops = loops
        self.clock = ManualClock(self.library.now)
        self.configuration = configuration
        self.hub = Hub(loops: loops, archive: self.library, clock: self.clock, configuration: configuration)
    }

    /// A connection that has come through the door; nothing has been done for it yet.
    func arrive(
        _ user: String, device: String = "phone", platform: String = "Web", on loop: Int = 0,
        exclusivity: Client.Exclusivity = .device, tokenExpiresAt: Timestamp = .distantFuture
    ) -> Guest {
        let client = Client(
            app: Stage.app, user: UserID(user), device: DeviceID(device), platform: platform,
            tokenIssuedAt: .distantPast, tokenExpiresAt: tokenExpiresAt, exclusivity: exclusivity)
        let guest = Guest(client, on: self.loops[loop], self.configuration) { guest, outbox in
            self.hub.connect(client, speaking: self.wire, outbox: outbox, terminal: guest, on: self.loops[loop])
        }
        self.guests.append(guest)
        return guest
    }

    func connect(
        _ user: String, device: String = "phone", platform: String = "Web", on loop: Int = 0,
        exclusivity: Client.Exclusivity = .device
    ) -> Guest {
        let guest = self.arrive(user, device: device, platform: platform, on: loop, exclusivity: exclusivity)
        self.run()
        return guest
    }

    func run() {
        repeat {
            for _ in 0..<3 { for loop in self.loops { loop.takeTurn() } }
            self.library.answerAll()
            for _ in 0..<3 { for loop in self.loops { loop.takeTurn() } }
        } while self.library.isAsked
    }

    func advance(_ time: TimeAmount) {
        self.clock.advance(milliseconds: time.nanoseconds / 1_000_000)
        for loop in self.loops { loop.advanceTime(by: time) }
        self.run()
    }

    func say(_ text: String, in conversation: Conversation, from sender: String = "bob") {
        var commit = Commit()
        commit.entries = [
            self.library.append(
                .message(Stage.message(text, from: sender)), to: ConversationID(app: Stage.app, conversation))
        ]
        self.hub.committed(commit)
        self.run()
    }

    var present: [Guest] { self.guests.filter { $0.ending == nil && $0.channel.isActive } }

    func close() {
        for guest in self.guests { guest.leave() }
        self.run()
    }
}
