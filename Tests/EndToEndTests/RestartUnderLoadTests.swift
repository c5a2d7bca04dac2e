import Foundation
import ParleyClient
import Synchronization
import Testing

/// One device of a user, on the client library: what it was shown, and what it was told is sent.
private final class Phone: Sendable {
    struct Said: Sendable {
        var text: String
        var conversation: Conversation
        var sent: Sent
    }

    let user: String
    let name: String
    let chat: Chat
    private let seen = Mutex<[Conversation: [Message]]>([:])
    private let said = Mutex<[Said]>([])
    let ready = Tally()
    private let ends = Tally()

    init(_ user: String, _ device: String, port: Int) throws {
        self.user = user
        self.name = "\(user)-\(device)"
        var configuration = Chat.Configuration(server: URL(string: "ws://127.0.0.1:\(port)")!, device: device) {
            demoToken(user)
        }
        configuration.backoff = Chat.Backoff(initial: .milliseconds(20), maximum: .milliseconds(200))
        self.chat = try Chat(configuration)
    }

    func read() async {
        for await event in self.chat.events {
            switch event {
            case .ready: self.ready.add()
            case .message(let message):
                self.seen.withLock { $0[message.conversation, default: []].append(message) }
                if message.content?.summary.hasPrefix("end") == true { self.ends.add() }
            default: break
            }
        }
    }

    func say(_ text: String, to conversation: Conversation) async throws {
        let sent = try await self.chat.send(text, to: conversation, id: text)
        self.said.withLock { $0.append(Said(text: text, conversation: conversation, sent: sent)) }
    }

    /// The last message of each of its conversations has come so often.
    func ends(_ count: Int) async { await self.ends.reach(count) }

    var everythingSeen: [Conversation: [Message]] { self.seen.withLock { $0 } }
    var everythingSaid: [Said] { self.said.withLock { $0 } }
}

@Suite(.timeLimit(minutes: 3))
struct RestartUnderLoadTests {
    private static let group = Conversation.group("demo-group")
    private static let next = ["alice": "carol", "carol": "dave", "dave": "alice"]

    /// Everyone says the last word in each conversation, and waits for everybody's.
    private func round(_ word: String, _ phones: [Phone], ends: Int) async throws {
        for phone in phones where phone.name.hasSuffix("-a") {
            try await phone.say("\(word)-\(phone.user)", to: .direct(UserID(Self.next[phone.user]!)))
        }
        try await phones[0].say("\(word)-group", to: Self.group)
        for phone in phones { await phone.ends(ends) }
    }

    /// As bob, who has no device here: not every API shows the sender what he said. Speaks until the server is gone, or until it is told to stop.
    private static func vendorsSpeak(
        _ phase: Int, port: Int, until stop: Flag, taken: @escaping @Sendable (String) -> Void
    ) async {
        await withTaskGroup(of: Void.self) { group in
            for dialect in ["rongcloud", "easemob", "tencent"] {
                group.addTask {
                    guard let backend = try? await Backend.connect(port: port, userSig: demoToken("administrator"))
                    else { return }
                    var number = 0
                    while !stop.isSet, number < 500 {
                        let text = "\(dialect)-\(phase)-\(number)"
                        guard (try? await backend.say(text, through: dialect)) == true else { return }
                        taken(text)
                        number += 1
                    }
                }
            }
        }
    }

    @Test func nothingIsLostOrDoubledWhenTheServerIsKilledUnderLoad() async throws {
        let folder = try TemporaryFolder()
        let environment = ["PARLEY_LIMITS_RATES": "off"]
        var server = try await ParleyProcess.demo(folder: folder.url, environment: environment)
        let port = server.port
        let phones = try ["alice", "carol", "dave"].flatMap { user in
            try ["a", "b"].map { try Phone(user, $0, port: port) }
        }
        let reading = phones.map { phone in Task { await phone.read() } }
        for phone in phones { await phone.ready.reach(1) }
        // Every device has begun in every conversation before the first kill.
        try await self.round("end1", phones, ends: 3)

        let (answered, stop) = (Tally(), Flag())
        let taken = Gathered<String>()
        try await withThrowingTaskGroup(of: Void.self) { lanes in
            for phone in phones {
                for lane in 0..<3 {
                    lanes.addTask {
                        var number = 0
                        while !stop.isSet, number < 300 {
                            try await phone.say(
                                "\(phone.name)-\(lane)-\(number)",
                                to: number % 2 == 0 ? Self.group : .direct(UserID(Self.next[phone.user]!)))
                            answered.add()
                            number += 1
                        }
                    }
                }
            }
            for (phase, end) in ["kill", "terminate", "kill", "stop"].enumerated() {
                let goal = answered.count + 120
                async let vendors: Void = Self.vendorsSpeak(phase, port: port, until: stop) { taken.add($0) }
                await answered.reach(goal)
                switch end {
                case "kill": #expect(await server.killed() != 0)
                case "terminate": #expect(await server.terminate() == 0)
                default: stop.set()
                }
                await vendors
                guard end != "stop" else { break }
                server = try await ParleyProcess.demo(folder: folder.url, port: port, environment: environment)
            }
            try await lanes.waitForAll()
        }
        try await self.round("end2", phones, ends: 6)

        try self.check(phones, taken: taken.all)
        for phone in phones { await phone.chat.close() }
        for task in reading { await task.value }
        #expect(await server.terminate() == 0)
    }

    private func check(_ phones: [Phone], taken: [String]) throws {
        for phone in phones {
            let seen = phone.everythingSeen
            #expect(seen.count == 3, "\(phone.name)")
            for (conversation, messages) in seen {
                let count = Int64(messages.count)
                #expect(messages.map(\.sequence) == (1...count).map { $0 }, "\(phone.name) in \(conversation)")
                #expect(Set(messages.map(\.content)).count == messages.count, "\(phone.name) in \(conversation)")
                let ids = messages.compactMap { UInt64($0.id.rawValue) }
                #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
            }
            for said in phone.everythingSaid {
                let found = seen[said.conversation]?.filter { $0.content == .text(said.text) } ?? []
                #expect(found.map(\.id) == [said.sent.message], "\(said.text)")
                #expect(found.first?.sequence == said.sent.sequence)
            }
            // Both devices of a user, and everyone in the group, have the same.
            let group = try #require(seen[Self.group])
            #expect(group.map(\.id) == phones[0].everythingSeen[Self.group]?.map(\.id))
        }
        let group = Set(phones[0].everythingSeen[Self.group]?.compactMap { $0.content?.summary } ?? [])
        #expect(taken.filter { !group.contains($0) }.isEmpty)
        #expect(taken.count > 30)
    }
}
