import Foundation
import Logging
import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyServer
import ParleyTesting
import Testing

@testable import ParleyConsole

/// A console over a store in memory, with the demo app and a clock to turn; nothing listens.
struct House: Sendable {
    let bench: Bench
    let console: Console
    let dialects: [any Dialect]

    static func make(password: ConsolePassword? = nil, rates: Bool = false) async throws -> House {
        let bench = try await Bench.make()
        let context = DialectContext(
            core: bench.core, rates: RateLimiter(clock: bench.clock, isOn: rates), logger: Logger(label: "test"))
        let dialects = Dialects.all.map { $0.init(context) }
        let console = Console(
            ConsoleContext(
                core: bench.core, dialects: dialects, callbacks: bench.store, pushes: bench.store,
                guesses: Guesses(clock: bench.clock), logger: Logger(label: "test"), version: "test", previews: [],
                health: {
                    HealthReading(
                        connections: 0, entries: 0, deliveries: 0, deliveryMilliseconds: (1, 2), storeBytes: 0,
                        walBytes: 0, residentBytes: 0)
                }, publicSecrets: [Demo.secret], password: password),
            journal: Journal(clock: bench.clock, isAlwaysOn: true))
        bench.signals.relay(to: Tap(journal: console.journal))
        return House(bench: bench, console: console, dialects: dialects)
    }

    func send(
        _ method: HTTPMethod, _ path: String, _ json: String = "", headers: HTTPHeaders = [:],
        from address: String = "127.0.0.1"
    ) async throws -> WireResponse {
        var all: HTTPHeaders = ["Host": "127.0.0.1:8080", "X-Parley-Console": "1"]
        for (name, value) in headers { all.replaceOrAdd(name: name, value: value) }
        return await self.console.answer(
            WireRequest(
                method: method, target: "/console/api/" + path, headers: all, body: Array(json.utf8),
                remoteAddress: address, receivedAt: self.bench.clock.now()))
    }

    func get(_ path: String) async throws -> JSON {
        let response = try await self.send(.GET, path)
        try #require(response.status == .ok, "\(path): \(String(decoding: response.body, as: UTF8.self))")
        return try JSON(parsing: response.body)
    }

    @discardableResult
    func post(_ path: String, _ json: String = "{}") async throws -> JSON {
        let response = try await self.send(.POST, path, json)
        try #require(response.status == .ok, "\(path): \(String(decoding: response.body, as: UTF8.self))")
        return try JSON(parsing: response.body)
    }

    /// Composes a call and looks at what is kept of it.
    func recorded(
        _ dialect: String, _ method: String, _ path: String, _ body: String, contentType: String = "application/json"
    ) async throws -> JSON {
        let answer = try await self.post(
            "apps/demo/calls", ConsoleServer.composed(dialect, method, path, body, contentType: contentType))
        return try await self.get("apps/demo/calls/\(try #require(answer["n"]?.int))")
    }

    /// A call as somebody outside makes it, and what is kept of it.
    func outside(_ dialect: String, _ request: WireRequest) async throws -> JSON {
        let speaker = try #require(self.dialects.first { type(of: $0).name.rawValue == dialect })
        _ = await self.console.journal.answer(request, by: speaker)
        let items = try await self.get("apps/demo/feed?after=0")["items"]?.array ?? []
        let number = try #require(items.last { $0["kind"]?.string == "call" }?["n"]?.int)
        return try await self.get("apps/demo/calls/\(number)")
    }

    /// In the demo group and between alice and bob.
    func sayFirst() async throws {
        for (path, to) in [
            ("/message/group/publish.json", "toGroupId=demo-group"), ("/message/private/publish.json", "toUserId=bob"),
        ] {
            let body = "fromUserId=alice&\(to)&objectName=RC%3ATxtMsg&content=%7B%22content%22%3A%22first%22%7D"
            let answer = try await self.post(
                "apps/demo/calls",
                ConsoleServer.composed(
                    "rongcloud", "POST", path, body, contentType: "application/x-www-form-urlencoded"))
            try #require(answer["status"]?.int == 200, "\(answer.text)")
        }
    }
}

/// What the server does with commits.
struct Tap: Signals {
    let journal: Journal

    func committed(_ commit: Commit) { self.journal.committed(commit.entries) }
    func broadcast(_ ephemeral: Ephemeral) {}
    func announce(_ announcement: Announcement) {}
    func disconnect(_ command: Disconnect) {}
}
