import Foundation
import ParleyCore
import ParleyDialectKit
import ParleyJSON

extension Answer {
    /// Neither the envelope nor the members that go with it.
    static func reactions(_ call: Call, _ data: ((inout JSONWriter) -> Void)? = nil) -> Answer {
        let answer = Answer(.bare).with("requestStatusCode") { $0.string("ok") }
            .with("timestamp") { $0.int(call.now.milliseconds) }
        return if let data { answer.with("data", data) } else { answer }
    }
}

extension Call {
    /// A page's end, where it is a place in an order.
    func position() throws -> Int64? {
        guard let cursor = self.query["cursor"], !cursor.isEmpty else { return nil }
        guard let position = try self.cursor().flatMap({ Int64($0) }) else {
            throw Refusal.illegalArgument("cursor is illegal")
        }
        return position
    }
}

extension JSONWriter {
    /// What all forms of a reaction have.
    mutating func reaction(_ reaction: Reaction) {
        self.field("reaction", reaction.kind)
        self.field("count", reaction.count)
        self.field("userList", reaction.users.lazy.map(\.rawValue))
    }
}

extension Reaction {
    /// A number as any other here; the same for the same message and kind, and no two of one message are equal but by accident (2^-63).
    static func easemobID(_ kind: String, of message: MessageID) -> String {
        var hash = FNV1a()
        hash.combine(message.easemob.utf8)
        hash.combine(kind.utf8)
        return String(hash.value >> 1)
    }

    func easemobID(of message: MessageID) -> String { Self.easemobID(self.kind, of: message) }
}

/// The hash of Fowler, Noll and Vo: small, and the same in every process.
private struct FNV1a {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func combine(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { self.value = (self.value ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }
}

extension Timestamp {
    /// `2022-02-24T10:57:43.138Z`
    var easemobInstant: String {
        Date(timeIntervalSince1970: Double(self.milliseconds) / 1000)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
