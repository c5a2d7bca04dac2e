import Foundation
import NIOCore
import ParleyEasemob

/// Where a client's socket would be: takes what is written to the client, and says what one would say to that. What it does itself is counted with the
/// path, so it does little: it looks at fixed places, which are where the server's own code puts them.
class PathClient: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    /// It has been told that it has everything.
    fileprivate(set) var isReady = false
    /// Messages that have reached it.
    fileprivate(set) var deliveries = 0
    /// Answers to what it has said itself.
    fileprivate(set) var acknowledgements = 0
    /// What it has said since the last flush.
    private var saying = ByteBuffer()
    private var context: ChannelHandlerContext?

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        self.take(self.unwrapOutboundIn(data))
        promise?.succeed()
    }

    /// Not from within what the server is doing.
    func flush(context: ChannelHandlerContext) {
        guard self.saying.readableBytes > 0 else { return }
        let client = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.execute { client.value.speak() }
    }

    /// What it has to say comes in.
    func speak() {
        guard let context = self.context, self.saying.readableBytes > 0 else { return }
        let said = exchange(&self.saying, with: ByteBuffer())
        context.fireChannelRead(NIOAny(said))
        context.fireChannelReadComplete()
    }

    private func take(_ written: ByteBuffer) {
        var bytes = written
        while let head: UInt16 = bytes.readInteger() {
            let short = Int(head & 0x7F)
            let length = short == 126 ? bytes.readInteger(as: UInt16.self).map(Int.init) : short
            guard let message = length.flatMap({ bytes.readSlice(length: $0) }) else { return }
            guard head >> 8 & 0x0F < 3 else { continue }
            message.withUnsafeReadableBytes { self.hear($0) }
        }
    }

    /// A message of the server's.
    func hear(_ message: UnsafeRawBufferPointer) {}
    /// The first thing that it says.
    func begin() {}
    /// The frame with which it says something in the group, for the `number`th time.
    func message(_ number: Int) -> [UInt8] { [] }

    func say(_ frame: [UInt8]) { self.saying.writeBytes(frame) }

    /// Masked with zeros.
    static func frame(_ message: [UInt8], isText: Bool = false) -> [UInt8] {
        let head: [UInt8] = [isText ? 0x81 : 0x82, 0x80 | 126, UInt8(message.count >> 8), UInt8(message.count & 255)]
        return head + [0, 0, 0, 0] + message
    }

    static let text = String(repeating: "x", count: 200)
}

/// ParleySocket: frames begin with `{"type":"`, and the type.
final class ParleyPathClient: PathClient {
    private var bytes = 0
    private var isSpeaking = false

    /// Of what it hears only the bytes are counted: a message is its text, and more.
    override func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard self.isReady, !self.isSpeaking else { return super.write(context: context, data: data, promise: promise) }
        self.bytes += self.unwrapOutboundIn(data).readableBytes
        self.deliveries = self.bytes / Self.text.utf8.count
        promise?.succeed()
    }

    override func hear(_ message: UnsafeRawBufferPointer) {
        guard message.count > 12 else { return }
        switch (message[9], message[12]) {
        case (UInt8(ascii: "r"), UInt8(ascii: "d")): self.isReady = true
        case (UInt8(ascii: "s"), UInt8(ascii: "t")): self.acknowledgements += 1
        default: break
        }
    }

    override func message(_ number: Int) -> [UInt8] {
        self.isSpeaking = true
        return Self.frame(
            Array(
                #"{"type":"send","request":\#(number),"conversation":"group:demo-group","kind":"text","content":{"text":"\#(Self.text)"}}"#
                    .utf8), isText: true)
    }
}

/// RongCloud's: a byte that says what it is, then what belongs to it (facts/rongcloud-client.md, 2.2).
final class RongCloudPathClient: PathClient {
    override func hear(_ message: UnsafeRawBufferPointer) {
        switch message[0] >> 4 {
        // CONNACK; the client asks what it has missed, and is up to date when that is answered.
        case 2: self.say(Self.pull)
        case 6: self.isReady = true
        // s_msg, not s_ntf.
        case 3 where message[9] == UInt8(ascii: "m"):
            let user = Int(message[12]) << 8 + Int(message[13])
            self.deliveries += 1
            self.say([0x82, 0x83, 0, 0, 0, 0, 0x40, message[14 + user], message[15 + user]])
        case 4 where message[7] == 0 && message[8] == 0: self.acknowledgements += 1
        default: break
        }
    }

    private static let pull: [UInt8] = {
        var query: [UInt8] = [0x50, 0, 7]
        query += "pullMsg".utf8
        query += [0, 0, 0, 1, 8, 0, 16, 0, 32, 1, 48, 0]
        return PathClient.frame(query)
    }()

    override func message(_ number: Int) -> [UInt8] {
        let content = Array(#"{"content":"\#(Self.text)"}"#.utf8)
        var publish: [UInt8] = [0x32, 0, 6]
        publish += "pgMsgP".utf8
        publish += [0, 10]
        publish += "demo-group".utf8
        publish += [UInt8(number >> 8 & 0x7F), UInt8(number & 255)]
        publish += [0x08, 3, 0x12, 9]
        publish += "RC:TxtMsg".utf8
        publish += [0x1A, UInt8(content.count & 0x7F | 0x80), UInt8(content.count >> 7)]
        return Self.frame(publish + content)
    }
}

/// Easemob's: MSync, whose command is its fourth byte, and in which what is fetched ends with the key, the queue and the time (facts/easemob-client.md, 3).
final class EasemobPathClient: PathClient {
    /// The frames with which the queue is asked for; the second has room for a key.
    private var asking: [UInt8] = []
    private var accepting: [UInt8] = []
    private var queueCount = 0
    /// Varints of today's times and of ids have so many bytes.
    private static let timeCount = 6
    private static let keyCount = 9
    private static let keyStart = 15

    override func begin() {
        // The server knows who it is by what it is connected with.
        self.say(Self.frame([0x08, 0, 0x40, 3, 0x4A, 0]))
    }

    override func hear(_ message: UnsafeRawBufferPointer) {
        guard message.count > 8 else { return }
        switch message[3] {
        case 0: self.fetched(message)
        case 1: self.isReady = true
        case 2: self.noticed(message)
        case 3: self.say(Self.frame([0x08, 0, 0x40, 1]))
        default: break
        }
    }

    private func noticed(_ message: UnsafeRawBufferPointer) {
        if self.asking.isEmpty { self.learn(Array(message[6...])) }
        self.say(self.asking)
    }

    /// - Parameter queue: tag, length, and name.
    private func learn(_ queue: [UInt8]) {
        var field: [UInt8] = [0x1A]
        field += queue.dropFirst()
        self.queueCount = field.count
        self.asking = Self.sync(field)
        var key: [UInt8] = [0x10]
        key += repeatElement(0, count: Self.keyCount)
        self.accepting = Self.sync(key + field)
    }

    private static func sync(_ payload: [UInt8]) -> [UInt8] {
        var envelope: [UInt8] = [0x08, 0, 0x40, 0, 0x4A]
        envelope.append(UInt8(payload.count))
        return self.frame(envelope + payload)
    }

    private func fetched(_ message: UnsafeRawBufferPointer) {
        let time = message.count - Self.timeCount - 1
        // Of a status that is OK, and the number of what it has said itself.
        if message[9] == 0, message[10] == 0x10 { return self.acknowledgements += 1 }
        guard self.queueCount > 0, time > self.queueCount + Self.keyCount + 8, message[time - 2] != 0x38 else { return }
        let key = time - self.queueCount - Self.keyCount
        guard message[key - 1] == 0x28 else { return }
        self.deliveries += 1
        for index in 0..<Self.keyCount { self.accepting[Self.keyStart + index] = message[key + index] }
        self.say(self.accepting)
    }

    // MARK: Saying

    private static let firstID: UInt64 = 1 << 35
    private static let template: (frame: [UInt8], idStart: Int) = {
        var content = WireContent()
        content.type = 0
        content.text = PathClient.text
        var body = WireMessageBody()
        body.type = 2
        body.to.name = "demo-group"
        body.contents = [content]
        var meta = WireMeta()
        meta.id = EasemobPathClient.firstID
        meta.to.name = "demo-group"
        meta.to.domain = ClientQueue.conferenceDomain
        meta.ns = 1
        meta.payload = .init(body.wireBytes)
        var sync = WireCommSyncUL()
        sync.meta = meta
        var envelope = WireMSync()
        envelope.version = 0
        envelope.command = 0
        envelope.payload = .init(sync.wireBytes)
        let frame = PathClient.frame(envelope.wireBytes)
        let id = EasemobPathClient.varint(EasemobPathClient.firstID)
        guard let place = frame.firstRange(of: [0x08] + id) else { preconditionFailure("an id is a varint") }
        return (frame, place.lowerBound + 1)
    }()

    /// Of six bytes.
    private static func varint(_ value: UInt64) -> [UInt8] {
        (0..<6).map { UInt8(truncatingIfNeeded: value >> (7 * $0) & 0x7F) | ($0 < 5 ? 0x80 : 0) }
    }

    override func message(_ number: Int) -> [UInt8] {
        var frame = Self.template.frame
        frame.replaceSubrange(
            Self.template.idStart..<Self.template.idStart + 6, with: Self.varint(Self.firstID + UInt64(number)))
        return frame
    }
}
