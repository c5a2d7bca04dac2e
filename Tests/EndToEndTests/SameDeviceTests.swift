import Foundation
import NIOCore
import ParleyClient
import ParleyJSON
import ParleyServer
import Testing

/// Connections of one device, and of a device that is new.
@Suite(.timeLimit(minutes: 2))
struct SameDeviceTests {
    /// What one connection was sent, from its welcome to its end.
    private struct Stay: Sendable {
        /// Later connections have greater ones.
        var session: Int
        var sequences: [Int64]
        var reason: String?
        var closeCode: Int?
    }

    private static func stay(_ live: LiveServer, welcomed: Tally, gone: Tally) async throws -> Stay {
        let socket = try await live.listen("tencent", "dave", query: "&device=phone")
        var stay = Stay(session: 0, sequences: [])
        for await text in socket.socket.frames {
            let frame = try JSON(parsing: Array(text.readableBytesView))
            switch frame["type"]?.string {
            case "welcome":
                let number = frame["session"]?.string?.split(separator: "-").last ?? ""
                stay.session = try #require(Int(number))
                welcomed.add()
            case "message":
                if let sequence = frame["seq"]?.int { stay.sequences.append(sequence) }
                if frame.text == "last" { await socket.socket.close() }
            case "closing": stay.reason = frame["reason"]?.string
            default: break
            }
        }
        stay.closeCode = socket.socket.closeCode
        gone.add()
        return stay
    }

    @Test func twoThatReplaceEachOtherInALoopMissNothingAndOneStays() async throws {
        try await withServer { live in
            let (welcomed, gone, over) = (Tally(), Tally(), Flag())
            let stays = Gathered<Stay>()
            let sent = Tally()
            try await withThrowingTaskGroup(of: Void.self) { group in
                let fighters = Tally()
                for _ in 0..<2 {
                    group.addTask {
                        for _ in 0..<40 {
                            let stay = try await Self.stay(live, welcomed: welcomed, gone: gone)
                            stays.add(stay)
                            // The other has given up: this one stayed.
                            if stay.closeCode != 4004 { return }
                        }
                        fighters.add()
                        over.set()
                    }
                }
                group.addTask {
                    let backend = try await live.backend()
                    // A fighter who fails ends the group.
                    while !over.isSet, !Task.isCancelled {
                        #expect(try await backend.say("m", through: "rongcloud"))
                        sent.add()
                    }
                    try Task.checkCancellation()
                    await fighters.reach(1)
                    #expect(try await backend.say("last", through: "rongcloud"))
                    sent.add()
                }
                try await group.waitForAll()
            }
            let chain = stays.all.sorted { $0.session < $1.session }
            #expect(chain.dropLast().allSatisfy { $0.closeCode == 4004 && $0.reason == "replaced" })
            #expect(chain.last?.closeCode != 4004)
            let count = Int64(sent.count)
            var reached: Int64 = 0
            for stay in chain {
                guard let first = stay.sequences.first, let last = stay.sequences.last else { continue }
                #expect(stay.sequences == Array(first...last))
                #expect(first <= reached + 1, "nothing between \(reached) and \(first) was sent to anyone")
                reached = max(reached, last)
            }
            #expect(reached == count)
        }
    }

    @Test func ofEightAtOnceOneStaysAndTheOthersAreToldWhy() async throws {
        try await withServer { live in
            for round in 1...5 {
                let (welcomed, gone) = (Tally(), Tally())
                let stays = try await withThrowingTaskGroup(of: Stay.self) { group in
                    for _ in 0..<8 {
                        group.addTask { try await Self.stay(live, welcomed: welcomed, gone: gone) }
                    }
                    await welcomed.reach(8)
                    await gone.reach(7)
                    #expect(try await live.backend().say("last", through: "easemob"))
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(stays.count { $0.closeCode == 4004 && $0.reason == "replaced" } == 7)
                let survivor = try #require(stays.first { $0.closeCode != 4004 })
                #expect(survivor.session == stays.map(\.session).max())
                #expect(survivor.sequences.last == Int64(round))
            }
        }
    }

    /// The pong of another device of the user's says nothing about this one.
    @Test func whatANewDeviceDidNotConfirmComesAgainThoughTheUsersOtherDeviceHasIt() async throws {
        try await withServer { live in
            let phone = try await live.listen("rongcloud", "alice", query: "&device=phone")
            let tablet = try await live.listen("rongcloud", "alice", query: "&device=tablet&ack=manual")
            _ = try await (phone.missed(), tablet.missed())
            let backend = try await live.backend()
            for number in 1...5 { #expect(try await backend.say("m\(number)", through: "tencent")) }
            #expect(try await tablet.messages(5).count == 5)
            #expect(try await phone.messages(5).count == 5)
            // By its own word the phone has them: when this is answered, that is on its way to disk, and is there when the phone is gone.
            phone.socket.send(#"{"type":"ack","conversation":"group:demo-group","seq":5}"#)
            phone.socket.send(#"{"type":"ping"}"#)
            _ = try await phone.frames { $0["type"]?.string == "pong" }
            await phone.socket.close()
            await tablet.socket.drop()

            let phoneAgain = try await live.listen("rongcloud", "alice", query: "&device=phone")
            #expect(try await phoneAgain.missed().isEmpty)
            let tabletAgain = try await live.listen("rongcloud", "alice", query: "&device=tablet&ack=manual")
            #expect(try await tabletAgain.missed().compactMap(\.text) == ["m1", "m2", "m3", "m4", "m5"])
        }
    }
}
