import Foundation
import ParleyCore
import Testing

@testable import ParleyEasemob

/// The bytes of facts/easemob-client.md, section 7, both ways.
@Suite struct ClientFrameTests {
    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex.utf8)
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16)!
        }
    }

    // MARK: From clients

    @Test func unread() {
        guard case .unread? = ClientFrame(Self.bytes("080040015800")) else {
            Issue.record("not read")
            return
        }
    }

    @Test func statistics() throws {
        guard case .uplink(let meta)? = ClientFrame(Self.bytes("080040004a0f0a0d08d19cd6ed9f342800320208005800"))
        else {
            Issue.record("not read")
            return
        }
        #expect(meta.ns == 0 && Array(meta.payload) == [8, 0])
    }

    @Test func aSyncWithoutAKeyAndOneWithIt() {
        guard case .sync(let queue, nil)? = ClientFrame(Self.bytes("080040004a091a071205616c6963655800")) else {
            Issue.record("not read")
            return
        }
        #expect(queue == .user("alice"))
        guard
            case .sync(.user("alice"), let key?)? = ClientFrame(
                Self.bytes("080040004a1310808080ae92ebf68f1a1a071205616c6963655800"))
        else {
            Issue.record("not read")
            return
        }
        #expect(key == Self.number("808080ae92ebf68f1a"))
    }

    /// Also those that are left to SwiftProtobuf: with a name for the App, with a name for the client, with a meta.
    @Test(arguments: [ClientQueue.user("bob"), .conference("1234"), .system, .events], [0, 1, 300, UInt64.max])
    func aSyncIsReadHoweverItIsWritten(_ queue: ClientQueue, _ key: UInt64) throws {
        var sync = WireCommSyncUL()
        sync.queue = queue.jid
        sync.key = key
        var (named, guided) = (sync, WireMSync())
        named.queue.appKey = "org#app"
        guided.guid.name = "alice"
        for (sync, envelope) in [(sync, WireMSync()), (named, WireMSync()), (sync, guided)] {
            var envelope = envelope
            envelope.version = 0
            envelope.command = 0
            envelope.payload = Data(sync.wireBytes)
            let bytes = envelope.wireBytes
            guard case .sync(queue, let said)? = ClientFrame(bytes) else {
                Issue.record("not read")
                continue
            }
            #expect(said == (key == 0 ? nil : key))
            for count in bytes.indices {
                let isWhole = WireMSync.parse(Array(bytes.prefix(count))) != nil
                let frame = ClientFrame(Array(bytes.prefix(count)))
                if !isWhole, frame != nil { Issue.record("read, though it is cut off") }
            }
        }
    }

    @Test func aSyncOfNothingIsPassedOver() {
        var envelope = WireMSync()
        envelope.command = 0
        envelope.payload = Data()
        guard case .nothing? = ClientFrame(envelope.wireBytes) else {
            Issue.record("not read")
            return
        }
    }

    @Test func aProvision() throws {
        var envelope = WireMSync()
        envelope.version = 0
        envelope.guid.appKey = "org#app"
        envelope.guid.name = "Alice"
        envelope.auth = "$t$YWMt1"
        envelope.command = 3
        var provision = WireProvision()
        provision.osType = 16
        provision.resource = "webim_1"
        provision.authToken = Data(#"{"token":"$t$YWMt2"}"#.utf8)
        envelope.payload = Data(provision.wireBytes)
        guard case .provision(let read)? = ClientFrame(envelope.wireBytes) else {
            Issue.record("not read")
            return
        }
        #expect(read.appKey == "org#app" && read.user == "Alice" && read.token == "YWMt1" && read.resource == "webim_1")
        envelope.clearAuth()
        guard case .provision(let later)? = ClientFrame(envelope.wireBytes) else {
            Issue.record("not read")
            return
        }
        #expect(later.token == "YWMt2")
    }

    @Test(arguments: [[], [0xFF], [0x08], [0x4A, 0x7F, 0x00], [0x40, 0x00, 0x4A, 0x01, 0xFF]] as [[UInt8]])
    func whatIsNoFrameIsNone(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        #expect(ClientFrame(bytes) == nil)
    }

    /// A varint of base 128, as hexadecimal digits.
    private static func number(_ hex: String) -> UInt64 {
        self.bytes(hex).reversed().reduce(0) { $0 << 7 | UInt64($1 & 0x7F) }
    }

    // MARK: To clients

    @Test func theShortestNotice() {
        // With the version, as the stub had it, and without the device's number.
        #expect(ServerFrame.notice(.user("alice")) == Self.bytes("080040024a090a071205616c696365"))
    }

    @Test func nothingUnread() throws {
        let moment = Timestamp(milliseconds: Int64(Self.number("cf9cd6ed9f34")))
        #expect(ServerFrame.unread([], at: moment) == Self.bytes("080040014a0b0a02080018cf9cd6ed9f34"))
    }

    @Test func theEndOfAQueue() {
        let moment = Timestamp(milliseconds: Int64(Self.number("e9a4d6ed9f34")))
        #expect(
            ServerFrame.end(of: .user("alice"), at: moment)
                == Self.bytes("080040004a160a02080032071205616c696365380140e9a4d6ed9f34"))
    }

    @Test func anAcknowledgementHasAStatusAndTheTimeThatReceiversGet() throws {
        let id = MessageID(sentAt: Timestamp(milliseconds: 1_780_000_000_123), slot: 5)
        let frame = try #require(WireMSync.parse(ServerFrame.ack(77, ClientReceipt(id))))
        let sync = try #require(WireCommSyncDL.parse(Array(frame.payload)))
        #expect(sync.hasStatus && sync.status.errorCode == 0 && sync.metaID == 77)
        #expect(sync.serverID == id.easemobNumber && sync.timestamp == 1_780_000_000_123)
    }

    @Test func aPageIsNeverTheLastAndHasAStatus() throws {
        var meta = WireMeta()
        meta.id = 9
        let bytes = ServerFrame.page([meta], key: 9, of: .conference("1"), at: Timestamp(milliseconds: 1))
        let frame = try #require(WireMSync.parse(bytes))
        let sync = try #require(WireCommSyncDL.parse(Array(frame.payload)))
        #expect(sync.hasStatus && !sync.hasIsLast && sync.nextKey == 9 && sync.queue.domain == "conference.easemob.com")
    }

    /// Frames of which there are many are not written by SwiftProtobuf.
    @Test(arguments: [ClientQueue.user("bob"), .conference("1234"), .system, .events])
    func pagesAndEndsAreWhatTheirMessagesWouldBe(_ queue: ClientQueue) throws {
        var meta = WireMeta()
        meta.id = .max
        meta.from.name = String(repeating: "x", count: 300)
        let moment = Timestamp(milliseconds: 1_780_000_000_123)
        var sync = WireCommSyncDL()
        sync.status.errorCode = 0
        sync.metas = [meta, meta]
        sync.nextKey = 300
        sync.queue = queue.jid
        sync.timestamp = 1_780_000_000_123
        var envelope = WireMSync()
        envelope.version = 0
        envelope.command = 0
        envelope.payload = .init(sync.wireBytes)
        let metas = [meta, meta]
        #expect(ServerFrame.page(metas, key: 300, of: queue, at: moment) == envelope.wireBytes)
        #expect(
            ServerFrame.page(spelled: metas.map(\.wireBytes), key: 300, of: queue, at: moment) == envelope.wireBytes)
        sync.metas = []
        sync.clearNextKey()
        sync.isLast = true
        envelope.payload = .init(sync.wireBytes)
        #expect(ServerFrame.end(of: queue, at: moment) == envelope.wireBytes)
    }

    // MARK: Queues

    @Test(arguments: [
        ClientQueue.user("bob"), .conference("1234"), .system, .events,
    ])
    func aQueueIsKnownByItsName(_ queue: ClientQueue) { #expect(ClientQueue(queue.jid) == queue) }
}
