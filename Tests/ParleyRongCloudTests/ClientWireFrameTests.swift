import NIOCore
import ParleyRongCloud
import Testing

/// facts/rongcloud-client.md, 2 and 3: what went over the wire, byte by byte.
@Suite struct ClientWireFrameTests {
    // MARK: A client's

    private static let clients: [(String, ClientFrame)] = [
        ("C0", .ping),
        ("50 000A 'pullSeAtts' 0003 'ub1' 0001 0800", query("pullSeAtts", "ub1", 1, [0x08, 0])),
        ("50 0006 'pullUS' 0003 'ub1' 0002 0800", query("pullUS", "ub1", 2, [0x08, 0])),
        (
            "50 0007 'pullMsg' 0003 'ub1' 0003 0800 1000 2001 3000",
            query("pullMsg", "ub1", 3, [0x08, 0, 0x10, 0, 0x20, 1, 0x30, 0])
        ),
        (
            #"50 0009 'reportsdk' 0003 'ub1' 0004 0A22 '{"engine":"5.2.1","imlib":"5.2.1"}'"#,
            query("reportsdk", "ub1", 4, [0x0A, 0x22] + Array(#"{"engine":"5.2.1","imlib":"5.2.1"}"#.utf8))
        ),
        ("52 0007 'pullMsg' 0001 'a' FFFF", query("pullMsg", "a", 65535, [], qos: 1)),
        ("70 0001", .queryConfirm(id: 1)),
        ("40 8001", .pubAck(id: 0x8001)),
        (
            #"32 0006 'ppMsgP' 0003 'ub1' 0005 0803 1209 'RC:TxtMsg' 1A15 '{"content":"hello-1"}' 4800 6A00"#,
            .publish(
                topic: "ppMsgP", target: "ub1", id: 5,
                payload: [0x08, 3, 0x12, 9] + Array("RC:TxtMsg".utf8) + [0x1A, 0x15]
                    + Array(#"{"content":"hello-1"}"#.utf8) + [0x48, 0, 0x6A, 0],
                qos: 1)
        ),
        (
            "30 0006 'ppMsgS' 0003 'ub1' 0000",
            .publish(topic: "ppMsgS", target: "ub1", id: 0, payload: [], qos: 0)
        ),
        ("80", .unknown(type: 8)),
        ("00", .unknown(type: 0)),
        ("F0", .unknown(type: 15)),
    ]

    private static func query(
        _ topic: String, _ target: String, _ id: UInt16, _ payload: [UInt8], qos: UInt8 = 0
    ) -> ClientFrame {
        .query(topic: topic, target: target, id: id, payload: payload, qos: qos)
    }

    @Test(arguments: clients)
    func aClientsFrameIsReadAndWrittenAsTheSDKsDo(bytes: String, frame: ClientFrame) throws {
        #expect(try ClientFrame(parsing: wire(bytes)) == frame)
        var buffer = ByteBuffer()
        frame.write(into: &buffer)
        #expect(Array(buffer.readableBytesView) == wire(bytes))
    }

    @Test func aBufferIsReadLikeAnArray() throws {
        #expect(try ClientFrame(parsing: ByteBuffer(bytes: [0x40, 0, 7]).readableBytesView) == .pubAck(id: 7))
    }

    @Test func theDupAndRetainBitsOfAClientMeanNothing() throws {
        #expect(try ClientFrame(parsing: [0x49, 0, 7]) == .pubAck(id: 7))
    }

    @Test func whatAServerSendsIsUnknownFromAClient() throws {
        for type: UInt8 in [2, 6, 13, 14] {
            #expect(try ClientFrame(parsing: [type << 4, 0, 0]) == .unknown(type: type))
        }
    }

    @Test func everyFrameThatEndsTooEarlyIsTruncated() {
        for (bytes, _) in Self.clients {
            let whole = wire(bytes)
            // As far as the fields go whose end is known.
            let head =
                switch whole[0] >> 4 {
                case 3, 5: 1 + 2 + Int(whole[2]) + 2 + Int(whole[4 + Int(whole[2])]) + 2
                case 4, 7: 3
                default: 1
                }
            for count in 1..<head {
                #expect(throws: ClientFrameFault.truncated) { try ClientFrame(parsing: Array(whole[..<count])) }
            }
        }
        #expect(throws: ClientFrameFault.empty) { try ClientFrame(parsing: [UInt8]()) }
    }

    @Test func aLengthBeyondTheEndIsTruncated() {
        #expect(throws: ClientFrameFault.truncated) { try ClientFrame(parsing: wire("32 FFFF 'ppMsgP' 0001 'a' 0001")) }
        #expect(throws: ClientFrameFault.truncated) { try ClientFrame(parsing: wire("32 0006 'ppMsgP' 0009 'a' 0001")) }
    }

    // MARK: Texts

    @Test func halvesOfASurrogatePairAreTheCharacterThatTheyStandFor() throws {
        // U+1F600 as UTF-16 has it, each half in three bytes; U+10FFFF, the last of all.
        let frame = try ClientFrame(parsing: wire("50 0001 't' 000E 'a' EDA0BDEDB880 EDAFBFEDBFBF 'b' 0001"))
        #expect(frame == Self.query("t", "a\u{1F600}\u{10FFFF}b", 1, []))
    }

    @Test func anIdInPlainUTF8StaysAsItIs() throws {
        #expect(try ClientFrame(parsing: wire("50 0001 't' 0006 F09F9880 C3A9 0001")) == Self.query("t", "😀é", 1, []))
    }

    @Test(arguments: ["0001 FF", "0003 EDA0BD", "0006 EDB880EDA0BD", "0004 EDA0BD 'a'", "0005 EDA0BDEDB8", "0002 C080"])
    func anIdThatIsNoTextIsRefused(target: String) {
        #expect(throws: ClientFrameFault.notText) { try ClientFrame(parsing: wire("50 0001 't' \(target) 0001")) }
    }

    // MARK: A server's

    private static let servers: [(String, ServerFrame)] = [
        (
            "20 00 00 0003 'ub1' 0012 'sess-1795257487687' 000001A1FDAF5147",
            .connAck(user: "ub1", session: "sess-1795257487687", nowMilliseconds: 0x1A1_FDAF_5147)
        ),
        ("20 00 04", .connAckRefused(status: 4)),
        ("D0", .pong),
        ("60 0001 6B01748F 0000 0800", queryAck(1, 0x6B01_748F, [0x08, 0])),
        ("60 0002 6B01748F 0000 1000", queryAck(2, 0x6B01_748F, [0x10, 0])),
        ("60 0003 6B01748F 0000 1000 1801", queryAck(3, 0x6B01_748F, [0x10, 0, 0x18, 1])),
        ("60 0004 6B01748F 0000", queryAck(4, 0x6B01_748F, [])),
        ("62 0004 6B01748F 5796", queryAck(4, 0x6B01_748F, [], status: 22422, qos: 1)),
        (
            "32 6B017490 0005 's_msg' 0003 'ub1' 8001 0A03 'ua1' 1001",
            .publish(
                seconds: 0x6B01_7490, topic: "s_msg", target: "ub1", id: 0x8001,
                payload: [0x0A, 3] + Array("ua1".utf8) + [0x10, 1], qos: 1, isSync: false)
        ),
        (
            "40 0005 6B017490 0000 007B 0013 '2223-N9YU-YNRV-2223'",
            .pubAck(id: 5, seconds: 0x6B01_7490, status: 0, milliseconds: 123, uid: "2223-N9YU-YNRV-2223")
        ),
        (
            "3A 6B017492 0006 'ppMsgP' 0003 'ub1' 8009 0803",
            .publish(
                seconds: 0x6B01_7492, topic: "ppMsgP", target: "ub1", id: 0x8009, payload: [0x08, 3], qos: 1,
                isSync: true)
        ),
        (
            "40 8009 6B017492 0000 01BB 0013 '2223-N9YU-YR2D-2229'",
            .pubAck(id: 0x8009, seconds: 0x6B01_7492, status: 0, milliseconds: 443, uid: "2223-N9YU-YR2D-2229")
        ),
        (
            "40 0005 00000000 0195 0000 0000",
            .pubAck(id: 5, seconds: 0, status: 405, milliseconds: 0, uid: "")
        ),
        ("E0 00 01", .disconnect(status: 1)),
    ]

    private static func queryAck(
        _ id: UInt16, _ seconds: UInt32, _ payload: [UInt8], status: UInt16 = 0, qos: UInt8 = 0
    ) -> ServerFrame {
        .queryAck(id: id, seconds: seconds, status: status, payload: payload, qos: qos)
    }

    @Test(arguments: servers)
    func aServersFrameIsWrittenAsTheSDKsReadIt(bytes: String, frame: ServerFrame) throws {
        #expect(written(frame) == wire(bytes))
        #expect(try ServerFrame(parsing: wire(bytes)) == frame)
    }

    @Test func theFourthConnAckSaysWhichMembersItHas() throws {
        let frame = ServerFrame.connAck(user: "u", session: "s", nowMilliseconds: 258)
        let bytes = wire("20 00 00 07 0001 'u' 0001 's' 0000000000000102")
        #expect(written(frame, .v4) == bytes)
        #expect(try ServerFrame(parsing: bytes, version: .v4) == frame)

        let onlyUser = try ServerFrame(parsing: wire("20 00 00 01 0001 'u'"), version: .v4)
        #expect(onlyUser == .connAck(user: "u", session: "", nowMilliseconds: 0))
        #expect(
            try ServerFrame(parsing: written(.connAckRefused(status: 9), .v4), version: .v4)
                == .connAckRefused(status: 9))
    }

    @Test func theVersionIsWhatTheURLSays() {
        #expect(ServerFrame.Version(protocolVer: nil) == .v3)
        #expect(ServerFrame.Version(protocolVer: "3") == .v3)
        #expect(ServerFrame.Version(protocolVer: "4") == .v4)
    }

    @Test func whatNoServerSendsIsNone() throws {
        for type: UInt8 in [0, 1, 5, 7, 8, 9, 10, 11, 12, 15] {
            #expect(try ServerFrame(parsing: [type << 4, 0, 0]) == nil)
        }
        #expect(throws: ClientFrameFault.truncated) { try ServerFrame(parsing: [0x20, 0]) }
        #expect(throws: ClientFrameFault.empty) { try ServerFrame(parsing: []) }
    }
}

func written(_ frame: ServerFrame, _ version: ServerFrame.Version = .v3) -> [UInt8] {
    var buffer = ByteBuffer()
    frame.write(into: &buffer, version: version)
    return Array(buffer.readableBytesView)
}

/// Bytes as the facts write them: hexadecimal digits, and texts between apostrophes.
func wire(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    for (index, part) in text.split(separator: "'", omittingEmptySubsequences: false).enumerated() {
        guard index.isMultiple(of: 2) else {
            bytes += Array(part.utf8)
            continue
        }
        let digits = Array(part.filter { $0 != " " })
        bytes += stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...($0 + 1)]), radix: 16)! }
    }
    return bytes
}
