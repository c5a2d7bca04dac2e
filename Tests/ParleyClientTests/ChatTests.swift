import Foundation
import NIOCore
import NIOHTTP1
import ParleyJSON
import Synchronization
import Testing

@testable import ParleyClient

/// The chat over real sockets, with a server that does what the test says.
@Suite(.timeLimit(.minutes(1)))
struct ChatTests {
    @Test func whatArrivesIsHandedOutAsValues() async throws {
        let server = try await ScriptedServer.start()
        try await Chat.with(server) { _, events in
            let connection = try await server.connection()
            #expect(connection.target == "/v1/connect?device=d")
            #expect(connection.token == "Bearer t")
            await connection.welcome()
            await connection.send(ScriptedConnection.message(1, "hello"), #"{"type":"ready"}"#)
            guard case .connected(let greeting) = await events.next() else { throw Unexpected() }
            #expect(greeting.user == "alice")
            guard case .message(let message) = await events.next() else { throw Unexpected() }
            #expect(message.conversation == .group("g"))
            #expect(message.sequence == 1)
            #expect(message.from == "bob")
            #expect(message.content == .text("hello"))
            #expect(message.sentAt == Date(timeIntervalSince1970: 5))
            #expect(await events.next() == .ready)
        }
    }

    @Test func aSendThatWasNotAnsweredIsSentAgainWithItsIdAndInOrder() async throws {
        let server = try await ScriptedServer.start()
        try await Chat.with(server) { chat, events in
            let first = try await server.connection()
            await first.welcome()
            let sends = Task {
                async let one = chat.send("one", to: .direct("bob"))
                async let two = chat.send("two", to: .direct("bob"))
                return try await (one, two)
            }
            let before = [try await first.command(), try await first.command()]
            await first.drop()
            let second = try await server.connection()
            await second.welcome()
            for expected in before {
                let again = try await second.command()
                #expect(again["id"]?.string == expected["id"]?.string)
                #expect(again["content"]?["text"]?.string == expected["content"]?["text"]?.string)
                await second.send(Self.sent(again))
            }
            let (one, two) = try await sends.value
            #expect(one.sequence == 7)
            #expect(one.id != two.id)
        }
    }

    @Test func whatIsSentWhileNobodyListensWaitsForTheServer() async throws {
        let free = try await ScriptedServer.start()
        await free.stop()
        var configuration = Chat.Configuration(server: free.url, device: "d") { "t" }
        configuration.backoff = Chat.Backoff(initial: .milliseconds(1), maximum: .milliseconds(2))
        let chat = try Chat(configuration)
        var events = chat.events.makeAsyncIterator()
        let send = Task { try await chat.send("hello", to: .direct("bob")) }
        guard case .disconnected(.network, retryIn: .some) = await events.next() else { throw Unexpected() }
        let server = try await ScriptedServer.start(port: free.port)
        let connection = try await server.connection()
        await connection.welcome()
        await connection.send(Self.sent(try await connection.command()))
        #expect(try await send.value.sequence == 7)
        await chat.close()
        await server.stop()
    }

    @Test func whatComesAgainAfterAReconnectIsPassedOver() async throws {
        let server = try await ScriptedServer.start()
        try await Chat.with(server) { _, events in
            let first = try await server.connection()
            await first.welcome()
            await first.send(ScriptedConnection.message(1, "a"), ScriptedConnection.message(2, "b"))
            await first.close(1001)
            let second = try await server.connection()
            await second.welcome()
            await second.send(
                ScriptedConnection.message(1, "a"), ScriptedConnection.message(2, "b"),
                ScriptedConnection.message(3, "c"))
            var texts: [String] = []
            while texts.last != "c" { if let text = await events.next()?.text { texts.append(text) } }
            #expect(texts == ["a", "b", "c"])
        }
    }

    @Test func anAppThatDoesNotTakeItsEventsStopsTheServerAndLosesNothing() async throws {
        let server = try await ScriptedServer.start()
        try await Chat.with(server) { chat, events in
            let connection = try await server.connection()
            await connection.welcome()
            let filler = String(repeating: "x", count: 32_000)
            // 26 MB, more than two kernels and the queue hold: if the client read all, the write would be over.
            let writing = Task {
                await connection.send((1...800).map { ScriptedConnection.message(Int64($0), filler) })
            }
            while !chat.session.queue.isFull(whileAwaited: false) { await Task.yield() }
            let held = chat.session.queue.heldBytes
            #expect(held < 4 << 20)
            var sequences: [Int64] = []
            while sequences.count < 800, let event = await events.next() {
                if case .message(let message) = event { sequences.append(message.sequence ?? 0) }
            }
            #expect(sequences == Array(1...800))
            _ = await writing.value
        }
    }

    @Test func anAppMayAskFromWithinItsEventsThoughTheyAreMany() async throws {
        let server = try await ScriptedServer.start()
        try await Chat.with(server) { chat, events in
            let connection = try await server.connection()
            await connection.welcome()
            _ = await events.next()
            let filler = String(repeating: "x", count: 32_000)
            await connection.send((1...100).map { ScriptedConnection.message(Int64($0), filler) })
            while !chat.session.queue.isFull(whileAwaited: false) { await Task.yield() }
            async let unread = chat.unread()
            let command = try await connection.command()
            await connection.send(
                #"{"type":"unread","request":\#(command["request"]!.int!),"messages":3,"conversations":1}"#)
            #expect(try await unread == Unread(messages: 3, conversations: 1))
        }
    }

    @Test(arguments: [
        (4001, Chat.Ending.kicked), (4003, .userInactive), (4004, .replaced), (4005, .loggedInElsewhere),
    ])
    func theServerThatDoesNotWantThisClientBackIsLeftAlone(_ code: Int, _ ending: Chat.Ending) async throws {
        let server = try await ScriptedServer.start()
        try await Chat.with(server) { chat, events in
            let connection = try await server.connection()
            await connection.welcome()
            _ = await events.next()
            await connection.close(UInt16(code))
            #expect(await events.next() == .disconnected(ending, retryIn: nil))
            #expect(await events.next() == nil)
            let error = await #expect(throws: ChatError.self) { try await chat.unread() }
            #expect(error == .ended(ending))
        }
    }

    @Test func anExpiredTokenIsRenewed() async throws {
        let server = try await ScriptedServer.start()
        let count = Counter()
        try await Chat.with(server, token: { "token-\(count.next())" }) { _, _ in
            let first = try await server.connection()
            #expect(first.token == "Bearer token-1")
            await first.welcome()
            await first.close(4002)
            let second = try await server.connection()
            #expect(second.token == "Bearer token-2")
        }
    }

    @Test func aTokenThatWasNeverGoodEndsTheChat() async throws {
        let server = try await ScriptedServer.start(refusing: [401])
        try await Chat.with(server) { chat, events in
            #expect(await events.next() == .disconnected(.refused(status: 401, message: "no"), retryIn: nil))
            #expect(await events.next() == nil)
        }
    }

    @Test func aServerThatIsBusyIsTriedAgain() async throws {
        let server = try await ScriptedServer.start(refusing: [503, 503])
        try await Chat.with(server) { _, _ in
            _ = try await server.connection()
        }
    }

    @Test func garbageIsShownAndPassedOver() async throws {
        let server = try await ScriptedServer.start()
        try await Chat.with(server) { _, events in
            let connection = try await server.connection()
            await connection.welcome()
            await connection.send(
                "nonsense", #"{"type":"message"}"#, "[1,2]", #"{"type":"aurora","sky":"green"}"#,
                #"{"type":"message","conversation":"group:g","seq":1,"id":"9","from":"bob","kind":"hologram","content":{"x":1}}"#,
                #"{"type":"sent","request":99}"#, #"{"type":"ready"}"#)
            var seen: [Chat.Event] = []
            while seen.last != .ready, let event = await events.next() { seen.append(event) }
            #expect(seen.dropFirst().prefix(3).allSatisfy { if case .unreadable = $0 { true } else { false } })
            guard case .message(let message) = seen[4] else { throw Unexpected() }
            #expect(message.content == .unknown(kind: "hologram", json: #"{"x":1}"#))
            #expect(seen.count == 6)
        }
    }

    @Test func aRefusalNamesItsCode() async throws {
        let server = try await ScriptedServer.start()
        try await Chat.with(server) { chat, _ in
            let connection = try await server.connection()
            await connection.welcome()
            let send = Task { try await chat.send("hello", to: .group("g")) }
            let number = try await connection.command()["request"]!.int!
            await connection.send(
                #"{"type":"error","request":\#(number),"code":"muted","message":"hush","until":9000}"#)
            let error = await #expect(throws: ChatError.self) { try await send.value }
            #expect(
                error
                    == .refused(Refusal(code: .muted, message: "hush", until: Date(timeIntervalSince1970: 9))))
        }
    }

    @Test func howAUserWantsToBePushedGoesThereAndBack() async throws {
        let server = try await ScriptedServer.start()
        try await Chat.with(server) { chat, _ in
            let connection = try await server.connection()
            await connection.welcome()
            let register = Task { try await chat.registerForPush(provider: "ios", token: "abc") }
            let registration = try await connection.command()
            #expect(registration["type"]?.string == "push.register" && registration["token"]?.string == "abc")
            #expect(registration["bundle"] == nil)
            await connection.send(#"{"type":"done","request":\#(registration["request"]!.int!)}"#)
            try await register.value
            let change = Task {
                try await chat.changePushPreferences(
                    in: .conversation(.group("g")), level: .mentionsByName, quietHours: .off,
                    quietUntil: Date(timeIntervalSince1970: 9))
            }
            let command = try await connection.command()
            #expect(command["scope"]?.string == "group:g" && command["level"]?.string == "mentions-by-name")
            #expect(command["quietHours"]?["seconds"]?.int == 0 && command["quietUntil"]?.int == 9000)
            #expect(command["language"] == nil)
            await connection.send(
                #"{"type":"push.preferences","request":\#(command["request"]!.int!),"scope":"group:g","level":"mentions-by-name","#
                    + #""quietUntil":9000,"quietHours":{"start":60,"seconds":90,"level":"mentions"}}"#)
            let preferences = try await change.value
            #expect(preferences.level == .mentionsByName)
            #expect(preferences.quietHours == QuietHours(start: 60, seconds: 90, level: .mentions))
            #expect(preferences.quietUntil == Date(timeIntervalSince1970: 9))
            #expect(preferences.showsDetails == nil)
        }
    }

    @Test func aCancelledCallerIsFreeAtOnce() async throws {
        let server = try await ScriptedServer.start()
        try await Chat.with(server) { chat, _ in
            let connection = try await server.connection()
            await connection.welcome()
            let send = Task { try await chat.send("hello", to: .group("g")) }
            _ = try await connection.command()
            send.cancel()
            await #expect(throws: ChatError.cancelled) { try await send.value }
        }
    }

    @Test func closingEndsAllThatWaits() async throws {
        let server = try await ScriptedServer.start()
        try await Chat.with(server) { chat, events in
            let connection = try await server.connection()
            await connection.welcome()
            let send = Task { try await chat.send("hello", to: .group("g")) }
            _ = try await connection.command()
            await chat.close()
            await #expect(throws: ChatError.ended(.closed)) { try await send.value }
            var last: Chat.Event?
            while let event = await events.next() { last = event }
            #expect(last == .disconnected(.closed, retryIn: nil))
            for await _ in connection.frames {}
        }
    }

    @Test func aChatThatNobodyHoldsClosesItsConnection() async throws {
        let server = try await ScriptedServer.start()
        var configuration = Chat.Configuration(server: server.url) { "t" }
        configuration.device = "d"
        var chat: Chat? = try Chat(configuration)
        let connection = try await server.connection()
        await connection.welcome()
        #expect(chat?.device == "d")
        chat = nil
        for await _ in connection.frames {}
        await server.stop()
    }

    @Test func whatTheAppHasHandledIsSavedAndConfirmed() async throws {
        let server = try await ScriptedServer.start()
        let store = MemoryStore([.group("g"): 4])
        try await Chat.with(server, cursors: store) { _, events in
            let first = try await server.connection()
            #expect(first.target.contains("ack=manual&begin=manual"))
            await first.welcome()
            let sync = try await first.command()
            #expect(sync["type"]?.string == "sync")
            #expect(sync["cursors"]?["group:g"]?.int == 4)
            await first.send(ScriptedConnection.message(5, "a"), ScriptedConnection.message(6, "b"))
            _ = await events.next()
            #expect(await events.next()?.text == "a")
            #expect(await events.next()?.text == "b")
            // 5 is handled, as 6 was asked for; 6 is not yet.
            let ack = try await first.command()
            #expect(ack["type"]?.string == "ack")
            #expect(ack["seq"]?.int == 5)
            #expect(await store.cursors == [.group("g"): 5])
            await first.drop()
            let second = try await server.connection()
            await second.welcome()
            #expect(try await second.command()["cursors"]?["group:g"]?.int == 5)
            await second.send(ScriptedConnection.message(6, "b"), ScriptedConnection.message(7, "c"))
            var texts: [String] = []
            while texts.isEmpty { if let text = await events.next()?.text { texts.append(text) } }
            #expect(texts == ["c"])
        }
        #expect(await store.cursors[.group("g")] == 6)
    }

    @Test func filesGoUpAndComeDownWithProgress() async throws {
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
        let server = try await ScriptedServer.start { head, body in
            if head.method == .POST {
                let isRight =
                    head.uri == "/v1/files?name=a%20cat.jpg" && head.headers.first(name: "Authorization") == "Bearer t"
                    && head.headers.first(name: "Content-Type") == "image/jpeg"
                return (
                    isRight ? .ok : .badRequest,
                    Array(#"{"url":"/x","name":"a cat.jpg","bytes":\#(body.readableBytes),"secret":"s"}"#.utf8)
                )
            }
            return head.uri == "/v1/files/x?secret=s" ? (.ok, bytes) : (.notFound, Array("gone".utf8))
        }
        let progress = Recorder()
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await Chat.with(server) { chat, _ in
            var media = try await chat.upload(bytes, name: "a cat.jpg", mediaType: "image/jpeg") { sent, of in
                progress.add(sent, of)
            }
            #expect(media.bytes == 300_000)
            #expect(progress.all.last == 300_000)
            #expect(progress.all.count > 2)
            media.url = "http://127.0.0.1:\(server.port)/v1/files/x?secret=s"
            let path = folder.appendingPathComponent("cat.jpg").path
            #expect(try await chat.download(media, toFileAt: path) == 300_000)
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(bytes))
            // Never over what is there.
            await #expect(throws: ChatError.self) { try await chat.download(media, toFileAt: path) }
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count == 300_000)
            await #expect(throws: ChatError.self) { try await chat.download(media, limit: 1000) }
            media.url = "http://127.0.0.1:\(server.port)/v1/files/y"
            let error = await #expect(throws: ChatError.self) {
                try await chat.download(media, toFileAt: path + "2")
            }
            #expect(error == .fileRefused(status: 404, message: "gone"))
            #expect(!FileManager.default.fileExists(atPath: path + "2"))
            let again = try await chat.upload(fileAt: path, name: "a cat.jpg", mediaType: "image/jpeg")
            #expect(again.bytes == 300_000)
        }
    }

    private static func sent(_ command: JSON) -> String {
        #"{"type":"sent","request":\#(command["request"]!.int!),"conversation":"direct:bob","id":"\#(command["id"]!.string!)","#
            + #""message":"42","seq":7,"sentAt":1000}"#
    }
}

struct Unexpected: Error {}

private final class Counter: Sendable {
    private let value = Mutex(0)
    func next() -> Int {
        self.value.withLock {
            $0 += 1
            return $0
        }
    }
}

private final class Recorder: Sendable {
    private let values = Mutex<[Int64]>([])
    var all: [Int64] { self.values.withLock { $0 } }
    func add(_ value: Int64, _: Int64?) { self.values.withLock { $0.append(value) } }
}

private actor MemoryStore: CursorStore {
    private(set) var cursors: [Conversation: Int64]
    init(_ cursors: [Conversation: Int64]) { self.cursors = cursors }
    func load() -> [Conversation: Int64] { self.cursors }
    func save(_ cursors: [Conversation: Int64]) { self.cursors.merge(cursors) { $1 } }
}
