import ParleyCore
import ParleyDialectKit
import ParleyJSON

@testable import ParleyEasemob
@testable import ParleyEasemobSocket

/// What Easemob's client SDKs send, in each of the ways that they pack it. An input's first byte says which: a message of a WebSocket (how it is packed, says
/// the second), a frame of the protocol, or the body of a chat message.
extension FuzzTarget {
    static let easemobClients: [FuzzTarget] = [
        FuzzTarget("easemob-client", seeds: easemobSeeds(), run: easemobClient)
    ]

    private static func easemobClient(_ bytes: [UInt8]) throws {
        guard let kind = bytes.first else { return }
        let rest = Array(bytes.dropFirst())
        switch kind % 3 {
        case 0: try self.packed(rest)
        case 1: try self.frame(rest)
        default: try self.body(rest)
        }
    }

    // MARK: Seeds

    private static func easemobSeeds() -> [[UInt8]] {
        let frames: [[UInt8]] = [
            self.hex("080040015800"), self.hex("080040004a0f0a0d08d19cd6ed9f342800320208005800"),
            self.hex("080040004a091a071205616c6963655800"),
            self.hex("080040004a1310808080ae92ebf68f1a1a071205616c6963655800"), self.provision, self.uplink,
        ]
        let packed = frames.flatMap { frame -> [[UInt8]] in
            let base64 = Base64.standard.encoded(frame)
            return [[0, 0] + frame, [0, 1] + Array(base64.utf8), [0, 2] + Array(#"["\#(base64)"]"#.utf8)]
        }
        return packed + frames.map { [1] + $0 } + [[2] + self.chat.wireBytes]
    }

    private static func hex(_ text: String) -> [UInt8] {
        let digits = Array(text)
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...$0 + 1]), radix: 16)! }
    }

    private static let chat: WireMessageBody = {
        var body = WireMessageBody()
        body.type = 1
        body.to.name = "bob"
        var content = WireContent()
        content.type = 0
        content.text = "hi"
        content.subType = 0
        content.size.width = 1.5
        body.contents = [content]
        for json in ["1", "1.5", "true", #""x""#, #"{"a":[null]}"#] {
            guard let value = try? JSON(parsing: json) else { continue }
            body.ext.append(WireKeyValue("k\(json.count)", value))
        }
        return body
    }()

    private static var uplink: [UInt8] {
        var sync = WireCommSyncUL()
        sync.meta.id = 5
        sync.meta.to.name = "bob"
        sync.meta.ns = 1
        sync.meta.payload = .init(self.chat.wireBytes)
        var envelope = WireMSync()
        envelope.command = 0
        envelope.payload = .init(sync.wireBytes)
        return envelope.wireBytes
    }

    private static var provision: [UInt8] {
        var provision = WireProvision()
        provision.osType = 16
        provision.resource = "webim_1"
        provision.authToken = .init(#"{"token":"$t$t"}"#.utf8)
        var envelope = WireMSync()
        envelope.guid.appKey = "org#app"
        envelope.command = 3
        envelope.payload = .init(provision.wireBytes)
        return envelope.wireBytes
    }

    // MARK: What is done with them

    private static func packed(_ bytes: [UInt8]) throws {
        guard let kind = bytes.first else { return }
        let framing = Framing.allCases[Int(kind) % Framing.allCases.count]
        for frame in framing.unpack(Array(bytes.dropFirst())) ?? [] { try self.frame(frame) }
    }

    private static func frame(_ bytes: [UInt8]) throws {
        switch ClientFrame(bytes) {
        case .uplink(let meta): try self.body(Array(meta.payload))
        case .sync(let queue, _):
            let again = ClientQueue(queue.jid)
            try require(again == queue, "\(queue) was written, \(again) was read")
        case .provision, .unread, .logout, .nothing, nil: break
        }
    }

    /// Whatever a client says comes to others as it was said.
    private static func body(_ bytes: [UInt8]) throws {
        guard let body = WireMessageBody.parse(bytes), let payload = ClientBody(body).payload else { return }
        let json = try JSON(parsing: payload)
        try require(json["type"]?.string != nil && json["body"]?.kind == .object, "no message: \(json.text)")
        let message = Message(
            sender: UserID("alice"), content: .text(""), native: Native(dialect: Easemob.name, payload: payload))
        let back = ClientBody(message)
        // What is no number is not equal to itself, but written alike.
        var (said, heard) = (WireMessageBody(), WireMessageBody())
        (said.contents, said.ext, heard.contents, heard.ext) = (body.contents, body.ext, back.contents, back.ext)
        try require(
            said == heard || said.wireBytes == heard.wireBytes,
            "\(said.wireBytes) was said, \(heard.wireBytes) was heard")
    }
}
