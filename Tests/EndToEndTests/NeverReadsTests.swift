import Foundation
import ParleyClient
import ParleyJSON
import ParleyTesting
import Testing

/// Clients that take nothing, while 12 MB are said to them.
@Suite(.timeLimit(minutes: 3))
struct NeverReadsTests {
    @Test func aClientThatNeverReadsIsClosedCostsLittleMemoryAndFindsEverythingWhenItComesBack() async throws {
        let folder = try TemporaryFolder()
        let server = try await ParleyProcess.demo(
            folder: folder.url, environment: ["PARLEY_LIMITS_RATES": "off", "PARLEY_SOCKETS_FULL_SECONDS": "20"])
        let alice = try await server.listen("alice")
        _ = try await alice.missed()
        var stuck: [Listener] = []
        for number in 0..<10 {
            let listener = try await server.listen("dave", query: "&device=d\(number)", receiveBuffer: 16_384)
            #expect(try await listener.missed().isEmpty)
            try await listener.socket.setReading(false)
            stuck.append(listener)
        }
        alice.socket.send(#"{"type":"watch","request":1,"users":["dave"]}"#)
        #expect(try await alice.frames { $0["type"]?.string == "presence" }.last?["online"]?.bool == true)
        let before = server.residentBytes

        let (count, filler) = (120, String(repeating: "x", count: 100_000))
        let bob = try await server.listen("bob")
        for number in 1...count {
            bob.socket.send(
                #"{"type":"send","conversation":"group:demo-group","id":"\#(number)","kind":"text","content":{"text":"\#(filler)"},"options":{"reachesSender":false}}"#
            )
        }
        var (messages, isGone) = (0, false)
        let frames = try await alice.frames { frame in
            if frame["type"]?.string == "message" { messages += 1 }
            if frame["type"]?.string == "presence" { isGone = frame["online"]?.bool == false }
            return messages == count && isGone
        }
        // Nobody else has noticed.
        #expect(
            frames.filter { $0["type"]?.string == "message" }.compactMap { $0["seq"]?.int }
                == Array(1...Int64(count)))
        #expect(isGone)
        let grown = server.residentBytes - before
        #expect(grown < 96 << 20 || isSanitized, "\(grown >> 20) MB for ten clients that take nothing of 12 MB")

        // What had reached its kernel, and then what it is sent when it comes back.
        try? await stuck[0].socket.setReading(true)
        let had = try await stuck[0].frames { _ in false }
            .filter { $0["type"]?.string == "message" }.compactMap { $0["seq"]?.int }
        #expect(had.count < count)
        let again = try await server.listen("dave", query: "&device=d0")
        let missed = try await again.missed().compactMap { $0["seq"]?.int }
        #expect(had == Array(had.indices.map { Int64($0) + 1 }))
        #expect(try #require(missed.first) <= Int64(had.count) + 1)
        #expect(missed == Array(try #require(missed.first)...Int64(count)))
        #expect(await server.terminate() == 0)
    }
}
