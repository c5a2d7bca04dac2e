import Foundation
import ParleyJSON

/// The end of the write-ahead log as a power cut in the middle of a write leaves it: everything behind the last commit may be anything, and so may
/// the index of the log, which is only memory.
struct TornScenario: Scenario {
    static let name = "torn"

    enum Damage: CaseIterable, Sendable {
        case cutOff, garbage, zeros, halfFrame, oldFrame, brokenFrame, flippedBit
    }

    func run(in arena: Arena, _ findings: Findings) async throws {
        let besieged = try await Besieged(try arena.launch("torn"), dice: arena.dice, findings: findings)
        let siege = besieged.siege
        var done: [Damage: Int] = [:]
        for number in 1...arena.options.tears {
            try await Task.sleep(for: arena.dice.milliseconds(10...400))
            await besieged.victim.kill()
            if let damage = try Self.tear(besieged.folder, arena.dice) { done[damage, default: 0] += 1 }
            try await besieged.restart()
            await siege.look()
            if number % 25 == 0 { findings.tell("\(number) torn writes, \(siege.journal.takenCount) acknowledged") }
        }
        await besieged.end()
        siege.refusalsAreViolations()
        for damage in Damage.allCases { findings.figure("\(damage)", done[damage] ?? 0) }
        try await DamagedFiles(arena: arena, findings: findings, folder: besieged.folder).run()
    }

    /// - Returns: nil when there was no log to damage.
    private static func tear(_ folder: String, _ dice: Dice) throws -> Damage? {
        let path = folder + "/parley.sqlite-wal"
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        var bytes = Array(data)
        guard let log = WriteAheadLog(bytes) else { return nil }
        let damage = dice.pick(Damage.allCases)
        self.tear(&bytes, log, damage, dice)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        // After a power cut the index is gone, or what the disk had of it.
        let index = folder + "/parley.sqlite-shm"
        switch dice.roll(0...2) {
        case 0: try? FileManager.default.removeItem(atPath: index)
        case 1: try Data(dice.bytes(32 << 10)).write(to: URL(fileURLWithPath: index))
        default: break
        }
        return damage
    }

    private static func tear(_ bytes: inout [UInt8], _ log: WriteAheadLog, _ damage: Damage, _ dice: Dice) {
        let end = log.committedEnd
        let frameSize = log.pageSize + WriteAheadLog.frameHeaderSize
        let lastFrame = Array(bytes[max(WriteAheadLog.headerSize, end - frameSize)..<end])
        switch damage {
        case .cutOff: bytes.removeSubrange(min(bytes.count, end + dice.roll(0...frameSize))...)
        case .garbage:
            bytes.removeSubrange(end...)
            bytes += dice.bytes(dice.roll(1...(3 * frameSize)))
        case .zeros:
            bytes.removeSubrange(end...)
            bytes += [UInt8](repeating: 0, count: dice.roll(1...(3 * frameSize)))
        case .halfFrame:
            bytes.removeSubrange(end...)
            bytes += lastFrame.prefix(dice.roll(1...max(1, lastFrame.count - 1)))
        case .oldFrame:
            // A whole frame with the right salts, and a checksum that was right elsewhere.
            bytes.removeSubrange(end...)
            bytes += lastFrame
        case .brokenFrame:
            bytes.removeSubrange(end...)
            bytes += lastFrame.prefix(16) + dice.bytes(8) + lastFrame.dropFirst(24)
        case .flippedBit:
            if bytes.count == end { bytes += lastFrame }
            bytes[dice.roll(end...(bytes.count - 1))] ^= 1 << UInt8(dice.roll(0...7))
        }
    }
}

/// A database file that is no longer one: the server refuses to start, says why, and touches nothing. A page in the middle that is no longer one
/// must not bring it down.
private struct DamagedFiles {
    let arena: Arena
    let findings: Findings
    let folder: String

    func run() async throws {
        try await self.refuses("an overwritten beginning") { $0.replaceSubrange(0..<512, with: arena.dice.bytes(512)) }
        try await self.refuses("a file cut in half") { $0.removeSubrange(($0.count / 2)...) }
        try await self.refuses("a file that is something else") { $0 = Array("not a database\n".utf8) }
        try await self.refuses("a first page of zeros behind the header") {
            $0.replaceSubrange(100..<8192, with: [UInt8](repeating: 0, count: 8092))
        }
        try await self.survives()
        let (victim, _, _) = try await Victim.start(Launch(program: self.arena.program, folder: self.folder))
        let (status, _) = await victim.terminate()
        self.findings.check(status == 0, "the undamaged folder is no longer served: status \(status)")
    }

    private func refuses(_ what: String, _ damage: (inout [UInt8]) -> Void) async throws {
        let copy = try self.copy()
        let path = copy + "/parley.sqlite"
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        damage(&bytes)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let victim = try Victim(Launch(program: self.arena.program, folder: copy))
        do {
            _ = try await victim.listening()
            self.findings.violation("\(what): it is served")
            await victim.kill()
        } catch {
            let status = await victim.status()
            self.findings.check(status == 1, "\(what): status \(status), \(victim.lastWords)")
            self.findings.check(
                victim.lastWords.contains("parley.sqlite cannot be used"),
                "\(what): it does not say why: \(victim.lastWords)")
            self.findings.check(
                FileManager.default.contents(atPath: path).map { Array($0) } == bytes, "\(what): the file was changed")
        }
        try? FileManager.default.removeItem(atPath: copy)
    }

    /// Garbage in a twentieth of the pages behind the first sixteen: reading may fail, the process may not.
    private func survives() async throws {
        let copy = try self.copy()
        let path = copy + "/parley.sqlite"
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        for page in 16..<max(17, bytes.count / 8192) where self.arena.dice.oneIn(20) {
            bytes.replaceSubrange(page * 8192..<min(bytes.count, (page + 1) * 8192), with: self.arena.dice.bytes(8192))
        }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let victim = try Victim(Launch(program: self.arena.program, folder: copy))
        do {
            let (port, _) = try await victim.listening()
            let failed = try await self.readEverything(port)
            self.findings.figure("failed reads of a file with damaged pages", failed)
            let (status, _) = await victim.terminate()
            self.findings.check(status == 0, "damaged pages: status \(status) after SIGTERM, \(victim.lastWords)")
        } catch {
            let status = await victim.status()
            self.findings.check(status == 1, "damaged pages: status \(status), \(victim.lastWords)")
        }
        try? FileManager.default.removeItem(atPath: copy)
    }

    private func readEverything(_ port: Int) async throws -> Int {
        let link = try await VendorLink.connect(.tencent, port: port)
        var failed = 0
        for last in stride(from: 20, through: 20_000, by: 400) {
            let reply = try await link.tencent(
                "group_open_http_svc/group_msg_get_simple",
                #"{"GroupId":"demo-group","ReqMsgNumber":20,"ReqMsgSeq":\#(last)}"#)
            if reply.json?["ErrorCode"]?.int != 0 { failed += 1 }
        }
        await link.close()
        return failed
    }

    private func copy() throws -> String {
        let copy = self.arena.folder + "/damaged"
        try? FileManager.default.removeItem(atPath: copy)
        try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: self.folder + "/parley.sqlite", toPath: copy + "/parley.sqlite")
        return copy
    }
}
