import Foundation
import NIOPosix
import ParleyClient
import ParleyJSON
import ParleyServer

/// A disk that fills up under load and has room again later: senders are told in their vendor's words, reading goes on, and sending goes on when there is
/// room, without a restart. Once the server is killed while the disk is full.
struct DiskScenario: Scenario {
    static let name = "disk"

    private static let senders = Vendor.allCases.map(\.rawValue) + ["ParleySocket"]

    func run(in arena: Arena, _ findings: Findings) async throws {
        var launch = try arena.launch("disk")
        let disk: SmallDisk
        do { disk = try SmallDisk(megabytes: 64, at: launch.folder) } catch let why as SmallDisk.Impossible {
            return findings.skip(why.reason)
        }
        defer { disk.close() }
        launch.prefix = disk.prefix
        let besieged = try await Besieged(launch, dice: arena.dice, findings: findings)
        var slowest = 0.0
        for round in 1...3 {
            try await Task.sleep(for: .seconds(1))
            await besieged.siege.look()
            try disk.fill()
            findings.tell("full, \(besieged.siege.journal.takenCount) acknowledged")
            try await self.whileFull(besieged.siege, findings)
            // Half a file would keep the disk full.
            let halves = try disk.names(in: "files/incoming")
            findings.check(halves.isEmpty, "a refused upload left \(halves) behind")
            let waits = round == 3 ? try await self.killOnFullDisk(besieged, findings) : false
            disk.free()
            if waits { try await besieged.restart() }
            findings.tell("room again")
            slowest = max(slowest, try await self.recovery(besieged.siege, findings))
            await besieged.siege.look()
        }
        await besieged.end()
        findings.figure("times full", 3)
        findings.figure("slowest recovery ms", slowest * 1000)
    }

    // MARK: While the disk is full

    private func whileFull(_ siege: Siege, _ findings: Findings) async throws {
        siege.journal.forgetRefusals()
        let everyone = Set(Self.senders)
        let isRefused = await eventually(seconds: 30) { everyone.isSubset(of: Set(siege.journal.refusals.keys)) }
        findings.check(isRefused, "on a full disk only \(siege.journal.refusals.keys.sorted()) were refused")
        self.checkWords(siege.journal.refusals, findings)
        await siege.look()
        try await self.checkReading(siege, findings)
    }

    /// In the vendor's own form, with the code that means "our fault: try again".
    private func checkWords(_ refusals: [String: Journal.Refusal], _ findings: Findings) {
        for (sender, refusal) in refusals {
            let json = try? JSON(parsing: refusal.lastBody)
            let isRight =
                switch sender {
                case "rongcloud": refusal.status == 500 && json?["code"]?.int == 1000
                case "easemob": refusal.status == 500 && json?["error"]?.string == "internal_server_error"
                case "tencent":
                    refusal.status == 200 && json?["ActionStatus"]?.string == "FAIL"
                        && [10002, 91000].contains(json?["ErrorCode"]?.int)
                default: refusal.lastBody == "fault"
                }
            findings.check(isRight, "\(sender) on a full disk: \(refusal.status) \(refusal.lastBody)")
        }
    }

    private func checkReading(_ siege: Siege, _ findings: Findings) async throws {
        let link = try await VendorLink.connect(.tencent, port: siege.port)
        let history = try await link.tencent(
            "group_open_http_svc/group_msg_get_simple", #"{"GroupId":"demo-group","ReqMsgNumber":20}"#)
        findings.check(history.json?["ErrorCode"]?.int == 0, "history on a full disk: \(history.text)")
        findings.check(try await link.get("/health/live").status == 200, "not alive on a full disk")
        let upload = try await link.post(
            "/v1/files?name=a.bin",
            [
                ("Authorization", "Bearer \(Demo.signature(of: "alice", now: SystemClock().now()))"),
                ("Content-Type", "application/octet-stream"),
            ], String(repeating: "x", count: 1 << 20))
        findings.check(
            (500...599).contains(upload.status) && upload.json != nil,
            "an upload to a full disk: \(upload.status) \(upload.text)")
        await link.close()
        try await self.checkCatchingUp(siege, findings)
    }

    /// A device that was never here connects and is given everything.
    private func checkCatchingUp(_ siege: Siege, _ findings: Findings) async throws {
        let newcomer = try ChatFollower(
            "carol", device: "new\(siege.dice.number())", port: siege.port, findings: findings)
        let page = try await newcomer.chat.conversations()
        findings.check(!page.conversations.isEmpty, "no conversations on a full disk")
        let pong = try await newcomer.chat.ping()
        findings.check(pong < .seconds(10), "a ping on a full disk took \(pong)")
        await newcomer.close()
    }

    /// - Returns: whether the server could not start and waits for room.
    private func killOnFullDisk(_ besieged: Besieged, _ findings: Findings) async throws -> Bool {
        await besieged.victim.kill()
        do {
            try await besieged.restartIfItCan()
            findings.figure("started on a full disk", 1)
            return false
        } catch let why as Victim.NotStarted {
            findings.figure("started on a full disk", 0)
            findings.check(
                why.status == 1 && why.output.contains("parley.sqlite cannot be used"),
                "a start on a full disk: \(why)")
            return true
        }
    }

    // MARK: When there is room

    private func recovery(_ siege: Siege, _ findings: Findings) async throws -> Double {
        let (began, before) = (ContinuousClock.now, siege.journal.takenCount)
        let goesOn = await eventually(seconds: 30) { siege.journal.takenCount > before + 20 }
        findings.check(goesOn, "sending does not go on when there is room: \(siege.journal.refusals)")
        return (ContinuousClock.now - began).seconds
    }
}

/// Looks every few milliseconds. False: it never came true.
func eventually(seconds: Int64, _ isSo: () async throws -> Bool) async rethrows -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
        if try await isSo() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return try await isSo()
}
