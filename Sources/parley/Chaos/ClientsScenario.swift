import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import ParleyClient
import ParleyServer

/// Clients that do not behave: half requests by the thousand, drops of requests, readers that are slow or stuck, connections of machines that are gone. The
/// server's memory stays within bounds, it closes what it must, and those who behave do not notice.
struct ClientsScenario: Scenario {
    static let name = "clients"

    static let stuckReaders = 100
    static let slowReaders = 20
    /// What one connection in the middle of a request may cost.
    static let bytesPerConnection = 24 << 10
    /// What one reader that takes nothing may cost: what may wait for it is 256 KB.
    static let bytesPerReader = 384 << 10
    /// Besides.
    static let slack = 64 << 20

    func run(in arena: Arena, _ findings: Findings) async throws {
        let launch = try arena.launch(
            "clients",
            [
                "PARLEY_SOCKETS_FULL_SECONDS": "5", "PARLEY_HTTP_IDLE_SECONDS": "10",
                "PARLEY_HTTP_STALLED_SECONDS": "10", "PARLEY_HTTP_REQUEST_SECONDS": "20",
            ])
        let (victim, port, _) = try await Victim.start(launch)
        let assault = Assault(
            arena: arena, findings: findings, victim: victim, port: port, probe: Probe(port: port))
        let calm = try await assault.probe.measure(seconds: 5)
        findings.check(calm.isWhole, "the probe lost something before anything was done")
        findings.figure("p99 before ms", calm.arrived99)
        let dripping = try await assault.beginToDrip()
        try await assault.halfRequests()
        try await assault.drips(dripping)
        try await assault.readers()
        try await assault.vanish()
        let (status, _) = await victim.terminate()
        findings.check(status == 0, "SIGTERM at the end: status \(status), \(victim.lastWords)")
    }
}

struct Assault: Sendable {
    let arena: Arena
    let findings: Findings
    let victim: Victim
    let port: Int
    let probe: Probe

    /// Requests that stop in the middle, each in another place.
    private static let halves = [
        "",
        "POST /message/group/publish.json HTTP/1.1\r\nHost: x\r\nApp-Ke",
        "POST /message/group/publish.json HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\nfromUserId=bob&content="
            + String(repeating: "x", count: 1000),
        "POST /v4/openim/sendmsg HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n{\"To_Account\":",
        "GET /v1/connect?token=x HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ",
        "POST /parley/demo/chatfiles HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\n--b",
    ]

    // MARK: Half requests

    func halfRequests() async throws {
        let before = self.victim.memory
        let inAll = self.arena.options.halfRequests
        async let measured = self.probe.measure(seconds: max(5, min(30, inAll / 1500)))
        var (left, afterFirst, peak, letIn) = (inAll, 0, 0, 0)
        while left > 0 {
            let mob = Mob(port: self.port)
            let count = min(left, self.arena.options.connections)
            letIn += await mob.join(count) { Self.halves[$0 % Self.halves.count] }
            peak = max(peak, self.victim.memory)
            await mob.leave(self.arena.dice.pick([.reset, .politely]))
            left -= count
            _ = try await self.settle(at: 200, seconds: 30)
            if afterFirst == 0 { afterFirst = self.victim.memory }
            self.findings.tell("\(inAll - left) half requests, \(self.victim.memory >> 20) MB")
        }
        let reading = try await measured
        self.note(reading, "half requests")
        let after = self.victim.memory
        let bound = self.arena.options.connections * ClientsScenario.bytesPerConnection + ClientsScenario.slack
        self.findings.check(
            peak - before < bound, "half requests: memory grew by \((peak - before) >> 20) MB, over \(bound >> 20)")
        self.findings.check(
            after - afterFirst < 32 << 20, "half requests: every wave leaves memory behind: \(afterFirst), \(after)")
        self.findings.figure("half requests", letIn)
        self.findings.figure("half requests: memory before MB", before >> 20)
        self.findings.figure("half requests: memory at most MB", peak >> 20)
        self.findings.figure("half requests: memory after first wave MB", afterFirst >> 20)
        self.findings.figure("half requests: memory after MB", after >> 20)
    }

    // MARK: A byte at a time

    func beginToDrip() async throws -> (mob: Mob, began: ContinuousClock.Instant) {
        let mob = Mob(port: self.port)
        await mob.join(100) { number in
            number % 2 == 0
                ? "POST /message/group/publish.json HTTP/1.1\r\nHost: x\r\nX-Slow: "
                : "POST /message/group/publish.json HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n"
        }
        return (mob, .now)
    }

    /// A request has twenty seconds here, a connection without one ten, and both are looked at every five.
    func drips(_ dripping: (mob: Mob, began: ContinuousClock.Instant)) async throws {
        let deadline = dripping.began + .seconds(45)
        while dripping.mob.closedCount < 100, ContinuousClock.now < deadline {
            dripping.mob.trickle("a")
            try await Task.sleep(for: .milliseconds(500))
        }
        let closed = dripping.mob.closedCount
        self.findings.check(closed == 100, "\(closed) of 100 requests that come a byte at a time were ended")
        self.findings.figure("requests a byte at a time, ended", closed)
        await dripping.mob.leave(.politely)
    }

    // MARK: Readers

    func readers() async throws {
        try await self.prepare { stage in
            try await stage.makeUsers("reader-", 4)
            try await stage.makeGroup("flood", members: (0..<4).map { "reader-\($0)" })
        }
        let (stuck, slow) = (Listeners(), Listeners())
        try await stuck.join(
            port: self.port, targets: (0..<ClientsScenario.stuckReaders).map { self.target("reader-1", $0) })
        try await slow.join(
            port: self.port, targets: (0..<ClientsScenario.slowReaders).map { self.target("reader-2", $0) })
        _ = await eventually(seconds: 20) {
            stuck.ready == ClientsScenario.stuckReaders && slow.ready == ClientsScenario.slowReaders
        }
        await stuck.stick()
        await slow.stick()
        let before = self.victim.memory
        async let measured = self.probe.measure(seconds: 15)
        let count = try await self.flood()
        let peak = self.victim.memory
        for _ in 0..<20 {
            await slow.bite(16 << 10)
            try await Task.sleep(for: .milliseconds(100))
        }
        await slow.recover()
        let isThere = await eventually(seconds: 60) { slow.messages == count * ClientsScenario.slowReaders }
        self.findings.check(
            isThere, "slow readers have \(slow.messages) of \(count * ClientsScenario.slowReaders) messages")
        try await self.stuckAreClosed(stuck, before: before, peak: peak)
        self.note(try await measured, "readers")
        await slow.leave()
        await stuck.leave()
    }

    private func stuckAreClosed(_ stuck: Listeners, before: Int, peak: Int) async throws {
        // The slow ones and the probe's stay.
        let isClosed = try await self.settle(at: ClientsScenario.slowReaders + 60, seconds: 60)
        let open = try await self.connections()
        self.findings.check(isClosed, "stuck readers are still connected: \(open)")
        self.findings.check(
            stuck.messages < ClientsScenario.stuckReaders * 100, "stuck readers read \(stuck.messages) messages")
        let readers = ClientsScenario.stuckReaders + ClientsScenario.slowReaders
        let bound = readers * ClientsScenario.bytesPerReader + ClientsScenario.slack
        self.findings.check(
            peak - before < bound, "readers: memory grew by \((peak - before) >> 20) MB, over \(bound >> 20)")
        self.findings.figure("readers: memory before MB", before >> 20)
        self.findings.figure("readers: memory at most MB", peak >> 20)
    }

    /// Ten megabytes to a group.
    private func flood() async throws -> Int {
        let sender = try ChatFollower("reader-0", device: "app", port: self.port, findings: self.findings)
        // It gets what it says itself, and is not answered any more when it does not take that.
        async let follows: Void = sender.run()
        let (count, text) = (100, String(repeating: "x", count: 100_000))
        for number in 0..<count { try await sender.chat.send(text, to: .group("flood"), id: "flood-\(number)") }
        await sender.close()
        await follows
        return count
    }

    private func target(_ user: String, _ number: Int) -> String {
        Stage.target(user, query: "&device=d\(number)")
    }

    // MARK: Machines that are gone

    /// The kernel still acknowledges nothing for them: the server finds out when it asks for a sign of life, after 30 s of silence.
    func vanish() async throws {
        try await self.prepare { try await $0.makeUsers("gone-", 1) }
        let before = try await self.connections()
        let (mob, count) = (Mob(port: self.port), min(2000, self.arena.options.connections / 2))
        let target = Stage.target("gone-0")
        await mob.join(count) {
            """
            GET \(target)&device=d\($0) HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
            Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n
            """
        }
        let areIn = try await eventually(seconds: 30) { try await self.connections() >= before + count }
        let joined = try await self.connections() - before
        self.findings.check(areIn, "only \(joined) of \(count) sockets were let in")
        let began = ContinuousClock.now
        async let measured = self.probe.measure(seconds: 5)
        await mob.leave(self.arena.options.short ? .reset : .silently)
        let areOut = try await self.settle(at: before + 10, seconds: 150)
        let held = try await self.connections() - before
        self.findings.check(areOut, "\(held) connections of the dead are still held")
        self.findings.figure("vanished sockets", count)
        self.findings.figure("noticed after s", (ContinuousClock.now - began).seconds)
        self.note(try await measured, "vanishing")
    }

    /// Connected anew each time: the server here does not keep a connection that says nothing for long.
    private func prepare(_ body: @Sendable (Stage) async throws -> Void) async throws {
        let stage = try await Stage.connect(port: self.port)
        try await body(stage)
        await stage.close()
    }

    // MARK: What it is held against

    private func note(_ reading: Probe.Reading, _ what: String) {
        self.findings.check(reading.isWhole, "\(what): those who behave lost something")
        self.findings.check(reading.arrived99 < 2000, "\(what): those who behave waited \(reading.arrived99) ms")
        self.findings.figure("p99 during \(what) ms", reading.arrived99)
    }

    private func settle(at count: Int, seconds: Int64) async throws -> Bool {
        try await eventually(seconds: seconds) {
            if try await self.connections() <= count { return true }
            try await Task.sleep(for: .milliseconds(100))
            return false
        }
    }

    /// That the server holds, of any kind.
    private func connections() async throws -> Int {
        let client = try await HTTPClient.connect(host: "127.0.0.1", port: self.port, group: .singleton)
        let text = try await client.send(.GET, "/metrics").text
        await client.close()
        let lines = text.split(separator: "\n").filter {
            $0.hasPrefix("parley_http_connections ") || $0.hasPrefix("parley_connections ")
        }
        return lines.compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }.map { Int($0) }.max() ?? 0
    }
}
