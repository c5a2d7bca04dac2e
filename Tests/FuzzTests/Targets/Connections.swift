import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import ParleyCore
import ParleyDialectKit

@testable import ParleyServer
@testable import ParleySocket

/// Bytes of connections: HTTP, WebSocket frames, and the commands in them.
extension FuzzTarget {
    static let connections: [FuzzTarget] = [
        FuzzTarget("http", seeds: httpSeeds(), run: http),
        FuzzTarget("frames", seeds: frameSeeds(), run: frames),
        FuzzTarget("commands", seeds: commandSeeds(), run: command),
    ]

    // MARK: HTTP

    private static func httpSeeds() -> [[UInt8]] {
        [
            "POST /a?b=c HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\n\r\n",
            "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            "GET /up HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nleft over",
            "HEAD / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            "POST /a HTTP/1.1\r\nContent-Length: 999999\r\n\r\n",
            "POST / HTTP/1.1\r\nExpect: 100-continue\r\n"
                + "Content-Length: 2\r\nX-Request-ID: mine\r\n\r\nab",
        ].enumerated().map { [UInt8($0.offset * 7)] + Array($0.element.utf8) }
    }

    /// The first byte says where the rest is cut: read in one piece or in two, it must be answered alike.
    private static func http(_ bytes: [UInt8]) throws {
        guard let first = bytes.first else { return }
        let rest = Array(bytes.dropFirst())
        let whole = try HTTPExchange(of: [rest])
        try whole.check()
        guard !rest.isEmpty else { return }
        let cut = Int(first) % rest.count
        let pieces = try HTTPExchange(of: [Array(rest[..<cut]), Array(rest[cut...])])
        try pieces.check()
        // A connection that ends takes with it what came in the same piece.
        try require(whole.seen == pieces.seen, "cut at \(cut), \(pieces.seen) instead of \(whole.seen)")
    }

    // MARK: WebSocket

    private static func frameSeeds() -> [[UInt8]] {
        let texts = ["{}", String(repeating: "é", count: 70)].map { Array($0.utf8) }
        let frames: [[UInt8]] = [
            self.masked(0x81, texts[0]), self.masked(0x81, texts[1]), self.masked(0x89, [1, 2]),
            self.masked(0x01, Array("ab".utf8)) + self.masked(0x8A, []) + self.masked(0x80, Array("cd".utf8)),
            self.masked(0x88, [0x03, 0xE8]), self.masked(0x82, [0]), [0x81, 0x02, 0x61, 0x62],
            [0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
        ]
        return frames.enumerated().map { [UInt8($0.offset)] + $0.element }
    }

    static func masked(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
        let length: [UInt8] =
            payload.count < 126
            ? [0x80 | UInt8(payload.count)] : [0xFE, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
        return [first] + length + key + payload.enumerated().map { $1 ^ key[$0 % 4] }
    }

    /// The first byte says where the rest is cut.
    private static func frames(_ bytes: [UInt8]) throws {
        guard let first = bytes.first else { return }
        let rest = Array(bytes.dropFirst())
        let whole = self.events([rest])
        for case .message(let text) in whole {
            try require(String(validating: text, as: UTF8.self) != nil, "a text that is not UTF-8")
            try require(text.count <= ParleySocket.messageLimit, "a text over the limit")
        }
        guard !rest.isEmpty else { return }
        let cut = Int(first) % rest.count
        try require(
            self.events([Array(rest[..<cut]), Array(rest[cut...])]) == whole, "cut at \(cut), other frames come out")
    }

    private static func events(_ pieces: [[UInt8]]) -> [Incoming.Event] {
        let channel = EmbeddedChannel()
        let collector = FrameCollector()
        try? channel.pipeline.syncOperations.addHandler(
            ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: ParleySocket.messageLimit)))
        try? channel.pipeline.syncOperations.addHandler(collector)
        for piece in pieces { _ = try? channel.writeInbound(ByteBuffer(bytes: piece)) }
        _ = try? channel.finish(acceptAlreadyClosed: true)
        return collector.events
    }

    // MARK: Commands

    private static func commandSeeds() -> [[UInt8]] {
        [
            #"{"type":"ping","request":1}"#, #"{"type":"ack","conversation":"group:g","seq":7}"#,
            #"{"type":"sync","cursors":{"group:g":1,"direct:bob":2}}"#,
            #"{"type":"send","request":"r","conversation":"direct:bob","kind":"text","content":{"text":"hi"},"id":"1","#
                + #""options":{"mention":{"users":["bob"]},"push":{"title":"t"},"priority":"high"},"to":["bob"]}"#,
            #"{"type":"recall","message":"123","reason":"r","attachment":"a"}"#,
            #"{"type":"edit","message":"123","kind":"text","content":{"text":"new"}}"#,
            #"{"type":"delete","conversation":"system","messages":["1","2"]}"#,
            #"{"type":"read","conversation":"group:g","seq":3}"#, #"{"type":"receipt","messages":["1"]}"#,
            #"{"type":"receipts","message":"1","limit":10}"#,
            #"{"type":"typing","conversation":"direct:bob","typing":true}"#,
            #"{"type":"history","conversation":"group:g","before":9,"limit":5}"#,
            #"{"type":"conversations","limit":3,"after":"x"}"#, #"{"type":"unread"}"#,
            #"{"type":"conversation","conversation":"group:g","pinned":true,"muted":false}"#,
            #"{"type":"groups"}"#, #"{"type":"members","group":"g","after":"a"}"#, #"{"type":"users","users":["a"]}"#,
            #"{"type":"watch","users":["a"]}"#, #"{"type":"unwatch","users":["a"]}"#,
        ].map { Array($0.utf8) }
    }

    private static func command(_ bytes: [UInt8]) throws {
        let order = Command.read(bytes, of: UserID("alice"))
        if let request = order.request { try Structure.check(request) }
        if case .failure(let refusal) = order.work {
            try Structure.check(Answer.refused(refusal).bytes(echoing: order.request))
        }
    }
}

private final class FrameCollector: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame

    private var incoming = Incoming(limit: ParleySocket.messageLimit, of: .text)
    private(set) var events: [Incoming.Event] = []
    private var hasEnded = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.hasEnded else { return }
        let event = self.incoming.received(Self.unwrapInboundIn(data))
        self.events.append(event)
        switch event {
        case .close, .violation: self.hasEnded = true
        default: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !self.hasEnded else { return }
        self.hasEnded = true
        self.events.append(.violation(.protocolError))
    }
}

/// What an HTTP connection was sent in pieces, and what came of it.
private struct HTTPExchange {
    /// The requests that the site got, and the status lines of the answers.
    let seen: [String]
    private let output: [UInt8]
    private let load: HTTPLoad

    init(of pieces: [[UInt8]]) throws {
        let channel = EmbeddedChannel()
        let load = HTTPLoad(maximumConnections: 10, maximumBodyBytes: 1 << 20)
        let site = EchoSite()
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        let listener = HTTPListener(
            group: .singleton, load: load, clock: StoppedClock(), timeouts: HTTPTimeouts(), publicURL: nil)
        try listener.start(channel, site: site)
        for piece in pieces where channel.isActive { _ = try? channel.writeInbound(ByteBuffer(bytes: piece)) }
        channel.embeddedEventLoop.run()
        var output: [UInt8] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { output += Array(buffer.readableBytesView) }
        _ = try? channel.finish(acceptAlreadyClosed: true)
        channel.embeddedEventLoop.run()
        self.output = output
        self.load = load
        let lines = String(decoding: output, as: UTF8.self).split(separator: "\r\n").filter {
            $0.hasPrefix("HTTP/1.1 ")
        }
        self.seen = site.requests.list + lines.map(String.init)
    }

    func check() throws {
        try require(self.load.requestsInFlight == 0, "requests are counted that are none")
        try require(self.load.heldBodyBytes == 0, "bytes are counted that nobody holds")
        try require(self.load.openConnections == 0, "connections are counted that are closed")
    }
}

private struct EchoSite: HTTPSite {
    let requests = Requests()

    func bodyLimit(of head: HTTPRequestHead) -> Int { 1024 }

    func answer(_ request: WireRequest) async -> HTTPAnswer {
        self.requests.add("\(request.method) \(request.path)?\(request.query) \(request.body)")
        if request.path == "/up" { return .upgrade(["Upgrade": "websocket"], install: { _ in }) }
        return .response(WireResponse(body: request.body))
    }

    func answer(_ fault: TransportFault, to head: HTTPRequestHead?, from address: String) -> WireResponse {
        WireResponse(status: .badRequest, body: [])
    }
}

private final class Requests: @unchecked Sendable {
    // @unchecked: an embedded channel has one thread.
    private(set) var list: [String] = []
    func add(_ request: String) { self.list.append(request) }
}

private struct StoppedClock: WallClock {
    func now() -> Timestamp { Timestamp(milliseconds: 1_700_000_000_000) }
}
