import Foundation
import NIOPosix
import ParleyClient
import ParleyServer
import Synchronization

/// Those who come and go, look things up, change their minds and send files, while a ``Siege`` goes on: `soak`'s mixture.
final class Visitors: Sendable {
    let stop: Latch
    private let port: Int
    private let siege: Siege
    private let counts = Mutex<[String: Int]>([:])

    init(port: Int, siege: Siege, stop: Latch) {
        self.port = port
        self.siege = siege
        self.stop = stop
    }

    func begin() -> [Task<Void, Never>] {
        (0..<10).map { lane in Task { await self.comeAndGo(lane) } }
            + [
                Task { await self.lookThingsUp() }, Task { await self.readThroughVendors() },
                Task { await self.changeTheirMinds() }, Task { await self.sendFiles() },
            ]
    }

    func report(_ findings: Findings) {
        for (what, count) in self.counts.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            findings.figure(what, count)
        }
    }

    private func count(_ what: String) { self.counts.withLock { $0[what, default: 0] += 1 } }

    private func rest(_ range: ClosedRange<Int>) async {
        try? await Task.sleep(for: self.siege.dice.milliseconds(range))
    }

    private func failed(_ what: String, _ error: any Error) {
        guard !self.stop.isSet else { return }
        self.siege.findings.violation("\(what): \(error)")
    }

    /// Sockets of a few devices each, which stay for a second or two, and leave with or without a word.
    private func comeAndGo(_ lane: Int) async {
        while !self.stop.isSet {
            let token = Demo.signature(of: "dave", now: SystemClock().now())
            let target = "/v1/connect?token=\(token)&device=visitor\(lane)-\(self.siege.dice.roll(0...2))&catchup=20"
            do {
                let socket = try await SocketClient.connect(
                    host: "127.0.0.1", port: self.port, target: target, group: .singleton)
                let reading = Task { for await _ in socket.frames {} }
                await self.rest(100...2000)
                if self.siege.dice.oneIn(2) { await socket.close() } else { await socket.drop() }
                await reading.value
                self.count("visits")
            } catch { self.failed("a visit", error) }
        }
    }

    private func lookThingsUp() async {
        while !self.stop.isSet {
            do {
                let page = try await self.siege.alice.conversations(limit: 20)
                let newest = page.conversations.map(\.sequence).max() ?? 1
                let before = Int64(self.siege.dice.roll(1...max(1, Int(newest))))
                _ = try await self.siege.alice.history(of: .group("demo-group"), before: before, limit: 50)
                _ = try await self.siege.alice.unread()
                try await self.siege.alice.markRead(.group("demo-group"))
                _ = try await self.siege.alice.members(of: .group("demo-group"))
                self.count("look-ups")
            } catch { self.failed("a look-up", error) }
            await self.rest(50...300)
        }
    }

    private func readThroughVendors() async {
        while !self.stop.isSet {
            do {
                let link = try await VendorLink.connect(.tencent, port: self.port)
                for _ in 0..<50 where !self.stop.isSet {
                    let reply = try await link.tencent(
                        "group_open_http_svc/group_msg_get_simple", #"{"GroupId":"demo-group","ReqMsgNumber":20}"#)
                    if reply.status == 200 { self.count("pages through Tencent's API") }
                    _ = try await link.get("/metrics")
                    await self.rest(50...300)
                }
                await link.close()
            } catch { self.failed("reading through Tencent's API", error) }
        }
    }

    /// To bob: this conversation is not audited, since edits and recalls take places of their own in it.
    private func changeTheirMinds() async {
        let alice = self.siege.alice
        while !self.stop.isSet {
            do {
                let sent = try await alice.send("first words", to: .direct("bob"))
                _ = try await alice.edit(sent.message, to: .text("second words"))
                self.count("edits")
                _ = try await alice.recall(sent.message)
                self.count("recalls")
            } catch { self.failed("a change of mind", error) }
            await self.rest(100...500)
        }
    }

    private func sendFiles() async {
        let alice = self.siege.alice
        while !self.stop.isSet {
            do {
                let bytes = self.siege.dice.bytes(self.siege.dice.roll(1...100_000))
                let media = try await alice.upload(bytes, name: "file.bin")
                try await alice.send(.file(media), to: .direct("bob"))
                let back = try await alice.download(media)
                self.siege.findings.check(back == bytes, "a file is not what was sent")
                self.count("files")
            } catch { self.failed("a file", error) }
            await self.rest(500...2000)
        }
    }
}
