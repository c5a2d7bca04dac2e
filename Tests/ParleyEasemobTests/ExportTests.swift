import CZlib
import NIOHTTP1
import ParleyCore
import ParleyDialectKit
import ParleyJSON
import ParleyTesting
import Testing

@testable import ParleyEasemob

/// An hour of messages as a file, and what else backends ask for about the whole App.
struct ExportTests {
    /// The lines of the file that an answer points to.
    private func lines(_ answer: WireResponse, _ calls: Calls) async throws -> [JSON] {
        try #require(answer.status == .ok, "\(answer.text)")
        let urls = try #require(answer.json?["data"]?.array).compactMap { $0["url"]?.string }
        var lines: [JSON] = []
        for url in urls {
            let path = try #require(url.split(separator: "/parley/demo").last)
            let file = await calls.call(.GET, String(path), headers: [("Authorization", "none")])
            try #require(file.status == .ok, "\(file.text)")
            #expect(file.contentType == "application/gzip")
            lines += try self.unpacked(file.body).split(separator: UInt8(ascii: "\n")).map {
                try JSON(parsing: Array($0))
            }
        }
        return lines
    }

    private func unpacked(_ bytes: [UInt8]) throws -> [UInt8] {
        var (input, stream) = (bytes, z_stream())
        try #require(
            inflateInit2_(&stream, MAX_WBITS + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK)
        defer { inflateEnd(&stream) }
        var result = [UInt8](repeating: 0, count: 1 << 20)
        let (inputCount, room) = (uInt(input.count), uInt(result.count))
        let status = input.withUnsafeMutableBufferPointer { input in
            result.withUnsafeMutableBufferPointer { result in
                (stream.next_in, stream.avail_in) = (input.baseAddress, inputCount)
                (stream.next_out, stream.avail_out) = (result.baseAddress, room)
                return inflate(&stream, Z_FINISH)
            }
        }
        try #require(status == Z_STREAM_END)
        return Array(result.prefix(Int(stream.total_out)))
    }

    private func hour(_ moment: Timestamp) -> String {
        let hour = moment.seconds / 3600 % 24
        return Day(of: moment, offsetMinutes: 0).compact + (hour < 10 ? "0\(hour)" : "\(hour)")
    }

    @Test func anHourThatHasPassedIsAFileOfLines() async throws {
        let calls = try await Calls.make()
        // At the beginning of an hour.
        calls.bench.clock.advance(seconds: 3600 - calls.bench.clock.now().seconds % 3600)
        let hour = self.hour(calls.bench.clock.now())
        let text = try await calls.send(
            #"{"from":"alice","to":["bob"],"type":"txt","body":{"msg":"hi"},"ext":{"k":[1]}}"#, to: "/messages/users")
        try await calls.send(
            #"{"from":"alice","to":["4503599627370497"],"type":"loc","body":{"lat":"1.5","lng":"2","addr":"x"}}"#,
            to: "/messages/chatrooms")
        let gone = try await calls.send(#"{"from":"bob","to":["demo-group"],"type":"txt","body":{"msg":"no"}}"#)
        let recall = #"{"msg_id":"\#(gone.id.easemob)","to":"demo-group","chat_type":"groupchat","force":true}"#
        #expect(await calls.call(.POST, "/messages/msg_recall", recall).status == .ok)
        let tooEarly = await calls.call(.GET, "/chatmessages/\(hour)")
        #expect(tooEarly.status == .notFound)
        #expect(tooEarly.json?["error"]?.string == "storage_object_not_found")
        calls.bench.clock.advance(seconds: 3600)
        try await calls.send(#"{"from":"alice","to":["demo-group"],"type":"txt","body":{"msg":"later"}}"#)

        let lines = try await self.lines(await calls.call(.GET, "/chatmessages/\(hour)"), calls)
        try #require(lines.count == 2)
        #expect(lines[0]["msg_id"]?.string == text.id.easemob)
        #expect(lines[0]["timestamp"]?.int == text.sentAt.milliseconds)
        #expect(lines[0]["direction"]?.string == "outgoing")
        #expect(lines.map { $0["chat_type"]?.string } == ["chat", "chatroom"])
        #expect(lines.map { $0["to"]?.string } == ["bob", "4503599627370497"])
        #expect(
            lines[0]["payload"]?.text
                == #"{"bodies":[{"type":"txt","msg":"hi"}],"ext":{"k":[1]},"from":"alice","to":"bob"}"#)
        #expect(lines[1]["payload"]?["bodies"]?.array?.first?["lat"]?.text == "1.5")

        calls.bench.clock.advance(seconds: 4 * 24 * 3600)
        #expect(await calls.call(.GET, "/chatmessages/\(hour)").status == .badRequest)
    }

    @Test func anHourIsTheSameFileAsLongAsItSaysTheSame() async throws {
        let calls = try await Calls.make()
        calls.bench.clock.advance(seconds: 3600 - calls.bench.clock.now().seconds % 3600)
        let hour = self.hour(calls.bench.clock.now())
        try await calls.send(#"{"from":"alice","to":["demo-group"],"type":"txt","body":{"msg":"one"}}"#)
        let gone = try await calls.send(#"{"from":"alice","to":["demo-group"],"type":"txt","body":{"msg":"two"}}"#)
        calls.bench.clock.advance(seconds: 3600)
        func urls() async throws -> [String] {
            let answer = await calls.call(.GET, "/chatmessages/\(hour)")
            return try #require(answer.json?["data"]?.array).compactMap { $0["url"]?.string }
        }
        let first = try await urls()
        #expect(first.count == 1)
        calls.bench.clock.advance(seconds: 2 * 24 * 3600)
        #expect(try await urls() == first)
        #expect(try await self.lines(await calls.call(.GET, "/chatmessages/\(hour)"), calls).count == 2)
        let recall = #"{"msg_id":"\#(gone.id.easemob)","to":"demo-group","chat_type":"groupchat","force":true}"#
        #expect(await calls.call(.POST, "/messages/msg_recall", recall).status == .ok)
        let other = try await urls()
        #expect(other.count == 1 && other != first)
        #expect(try await self.lines(await calls.call(.GET, "/chatmessages/\(hour)"), calls).count == 1)
    }

    @Test func reportsDoNotFillTheLog() async throws {
        let calls = try await Calls.make()
        let users = (1...10).map { UserID("u\($0)") }
        for user in users { try await calls.bench.core.importUser(user, in: calls.bench.app.id) }
        _ = try await calls.bench.core.addMembers(
            AddMembers(app: calls.bench.app.id, group: GroupID("demo-group"), users: users))
        let message = try await calls.send(
            #"{"from":"alice","to":["demo-group"],"type":"txt","body":{"msg":"one"}}"#)
        let report = #"{"msgId":"\#(message.id.easemob)","reportType":"spam","reportReason":"why"}"#
        func status(_ user: String) async -> HTTPResponseStatus {
            await calls.call(.POST, "/user/\(user)/moderation/report/message", report).status
        }
        for _ in 1...10 { #expect(await status("bob") == .ok) }
        #expect(await status("bob") == .tooManyRequests)
        // All together have a limit, too, however many they are.
        var taken = 10
        for user in users {
            for _ in 1...10 where await status(user.rawValue) == .ok { taken += 1 }
        }
        #expect(taken == 100)
        calls.bench.clock.advance(seconds: 60)
        #expect(await status("bob") == .ok)
    }

    @Test func tenFilesAMinute() async throws {
        let calls = try await Calls.make()
        let hour = self.hour(calls.bench.clock.now())
        for _ in 1...10 { #expect(await calls.call(.GET, "/chatmessages/\(hour)").status == .notFound) }
        #expect(await calls.call(.GET, "/chatmessages/\(hour)").status == .tooManyRequests)
    }

    @Test func whatIsPackedIsUnpacked() throws {
        var generator = SystemRandomNumberGenerator()
        let noise = (0..<300_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
        for bytes in [
            [], [0], Array("hello".utf8), (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }, noise,
        ] {
            let whole = Gzip()
            whole.append(bytes)
            #expect(whole.isEmpty == bytes.isEmpty)
            #expect(try self.unpacked(whole.finished()) == bytes)
            let inPieces = Gzip()
            for piece in [bytes.prefix(1), bytes.dropFirst().prefix(70_000), bytes.dropFirst(70_001)] {
                inPieces.append(Array(piece))
            }
            #expect(try self.unpacked(inPieces.finished()) == bytes)
        }
    }

    @Test func callsThatWereNotTakenAreListedByTenMinutesAndSentAgain() async throws {
        let calls = try await Calls.make { app in
            app.settings.callbacks = [
                CallbackRule(name: "ours", dialect: Easemob.name, url: "http://localhost/1", topics: [.message]),
                CallbackRule(
                    name: "other", dialect: DialectName("rongcloud"), url: "http://localhost/2", topics: [.message]),
            ]
        }
        let app = calls.bench.app.id
        // 2021-09-09, 14:49:59 in Beijing.
        let moment = Timestamp(seconds: 1_631_170_199)
        func record(_ rule: String, _ outcome: CallbackRecord.Outcome, at sentAt: Timestamp) -> CallbackRecord {
            CallbackRecord(
                rule: rule, call: "chat", entry: MessageID(rawValue: 1), sentAt: sentAt, milliseconds: 1, attempts: 2,
                outcome: outcome)
        }
        try await calls.bench.core.callbacks.note(
            nil, of: "ours", in: app,
            [
                record("ours", .givenUp, at: moment), record("ours", .givenUp, at: moment.adding(seconds: -599)),
                record("ours", .accepted, at: moment), record("other", .givenUp, at: moment),
                record("ours", .givenUp, at: moment.adding(seconds: 1)),
            ])
        func listed() async -> String? { await calls.call(.GET, "/callbacks/storage/info").json?["data"]?.text }
        #expect(
            await listed()
                == #"[{"date":"202109091440","size":2,"retry":0},{"date":"202109091450","size":1,"retry":0}]"#)
        func sendAgain(_ date: String) async -> String? {
            await calls.call(.POST, "/callbacks/storage/retry", #"{"date":"\#(date)","retry":0}"#).json?["data"]?.string
        }
        #expect(await sendAgain("202109091440") == "success")
        #expect(await sendAgain("202109091430") == "failure")
        let waiting = try await calls.bench.core.callbacks.awaitingAnother(of: "ours", in: app, limit: 9)
        #expect(waiting.count == 2)
    }
}
