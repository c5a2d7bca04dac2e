import Foundation
import NIOCore
import NIOEmbedded
import ParleyJSON

@testable import ParleyClient

/// What a server sends, as the client library reads it.
extension FuzzTarget {
    static let clients: [FuzzTarget] = [
        FuzzTarget("client", seeds: clientSeeds(), run: client),
        FuzzTarget("frame-socket", seeds: socketSeeds(), run: frameSocket),
    ]

    private static let welcome = Array(
        #"{"type":"welcome","app":"a","user":"u","device":"d","session":"s","now":1}"#.utf8)

    private static func clientSeeds() -> [[UInt8]] {
        let frames = [
            #"{"type":"message","conversation":"group:g","seq":1,"id":"1","sentAt":1,"from":"a","kind":"text","#
                + #""content":{"text":"x"},"options":{"mention":{"everyone":true}},"to":["u"],"edited":{"by":"a","at":1,"#
                + #""count":9},"native":{"dialect":"d","payload":{}}}"#,
            #"{"type":"recall","conversation":"direct:b","seq":2,"id":"2","target":"1","targetSeq":1,"by":"a"}"#,
            #"{"type":"edit","conversation":"group:g","id":"3","target":"1","by":"a","count":1,"kind":"face","#
                + #""content":{"index":1}}"#,
            #"{"type":"notice","conversation":"group:g","seq":3,"id":"4","event":"joined","users":["a"]}"#,
            #"{"type":"gap","conversation":"group:g","after":1,"before":9,"reason":"limit"}"#, #"{"type":"ready"}"#,
            #"{"type":"error","request":1,"code":"tooFast","message":"m","until":5}"#,
            #"{"type":"history","request":2,"conversation":"group:g","messages":[{"id":"1","seq":1}],"next":1}"#,
            #"{"type":"conversations","conversations":[{"conversation":"group:g","seq":1,"unread":2,"last":{"id":"1"}}]}"#,
            #"{"type":"members","members":[{"user":"a","joinedAt":-1}],"count":1,"next":"b"}"#,
            #"{"type":"closing","reason":"r"}"#, #"{"type":"read","conversation":"group:g","by":"a","seq":1}"#,
        ]
        return frames.map { Array($0.utf8) } + [Array(frames.joined(separator: "\n").utf8)]
    }

    /// A frame a line, to a chat that is online and waits for two answers.
    private static func client(_ bytes: [UInt8]) throws {
        var machine = Machine(Chat.Configuration(server: .init(string: "ws://x")!) { "t" }, random: { 1 })
        for input in [Machine.Input.start, .token("t"), .opened, .frame(self.welcome)] {
            _ = machine.handle(input, at: .zero)
        }
        for number in 1...2 {
            let frame = Array(#"{"type":"ping","request":\#(number)}"#.utf8)
            _ = machine.handle(.request(number, frame: frame, isRepeatable: true, timeout: nil), at: .zero)
        }
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            for case .answer(_, .success(let answer)) in machine.handle(.frame(Array(line)), at: .zero) {
                try self.lists(answer.bytes)
            }
            try self.lists(Array(line))
        }
    }

    private static func lists(_ bytes: [UInt8]) throws {
        guard let json = try? JSON(parsing: bytes) else { return }
        _ = (ConversationPage(json), HistoryPage(json), Unread(json), GroupPage(json), MemberPage(json))
        _ = (Receipts(json), Receipt(json), Sent(json), Change(json), Refusal(json), ReadMark(json), Presence(json))
        guard let kind = json["kind"]?.string, let inner = json["content"] else { return }
        let content = Content(kind: kind, json: inner)
        let written = JSONWriter.object { $0.members(of: content) }
        try Structure.check(written)
    }

    // MARK: The socket for tools

    private static func socketSeeds() -> [[UInt8]] {
        let opening = Array("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n".utf8)
        let long: [UInt8] = [0x81, 126, 1, 0] + [UInt8](repeating: 65, count: 256)
        let frames: [[UInt8]] = [
            [0x81, 2, 0x61, 0x62], [0x89, 1, 7], long, [0x81, 127, 0, 0, 0, 0, 0, 0, 0, 1, 0x61],
            [0x81, 127, 0xFF, 0, 0, 0, 0, 0, 0, 1], [0x88, 2, 3, 0xE8],
        ]
        let refusal = [UInt8(9)] + Array("HTTP/1.1 401 Unauthorized\r\n\r\n".utf8)
        return [refusal] + frames.enumerated().map { [UInt8($0.offset)] + opening + $0.element }
    }

    /// The first byte says where the rest is cut.
    private static func frameSocket(_ bytes: [UInt8]) throws {
        guard let first = bytes.first else { return }
        let rest = Array(bytes.dropFirst())
        let whole = try self.heard([rest])
        guard !rest.isEmpty else { return }
        let cut = Int(first) % rest.count
        let pieces = try self.heard([Array(rest[..<cut]), Array(rest[cut...])])
        try require(whole == pieces, "cut at \(cut), other frames come out")
    }

    private static func heard(_ pieces: [[UInt8]]) throws -> [[UInt8]] {
        let ears = Ears()
        let channel = EmbeddedChannel(handler: FrameSocket(target: "/", host: "h", listener: ears))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        for piece in pieces where channel.isActive { _ = try? channel.writeInbound(ByteBuffer(bytes: piece)) }
        _ = try channel.readOutbound(as: ByteBuffer.self)
        var heard = ears.heard
        while let pong = try channel.readOutbound(as: ByteBuffer.self) { heard.append(Array(pong.readableBytesView)) }
        _ = try? channel.finish(acceptAlreadyClosed: true)
        return heard
    }
}

private final class Ears: FrameSocket.Listener {
    private(set) var heard: [[UInt8]] = []

    func opened() { self.heard.append([0]) }
    func refused(_ answer: String) { self.heard.append([1]) }
    func received(_ frame: UnsafeRawBufferPointer) { self.heard.append([2] + Array(frame)) }
    func receivedAll() {}
    func closed() {}
}
