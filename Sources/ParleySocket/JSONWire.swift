import NIOCore
import NIOWebSocket
import ParleyCore
import ParleyHub
import ParleyJSON

/// Entries as text frames, one JSON object each (docs/protocol.md).
final class JSONWire: WireProtocol {
    static let shared = JSONWire()

    private init() {}

    func write(_ entry: Entry, for end: UserID?, into frames: inout ByteBuffer) {
        var json = JSONWriter(capacity: 512)
        json.object { $0.members(of: entry, for: end) }
        frames.writeFrame(.text, json.bytes)
    }

    func write(_ event: Event, for end: UserID?, into frames: inout ByteBuffer) { fatalError("WIP socket") }
}

extension JSONWriter {
    fileprivate mutating func members(of entry: Entry, for end: UserID?) {
        switch entry.body {
        case .message(let message):
            self.head("message", of: entry, for: end)
            self.members(of: message)
        case .recall(let recall):
            self.head("recall", of: entry, for: end)
            self.members(of: recall)
        case .edit: fatalError("WIP socket")
        case .notice(let notice):
            self.head("notice", of: entry, for: end)
            self.members(of: notice)
        }
    }

    private mutating func head(_ type: String, of entry: Entry, for end: UserID?) {
        self.field("type", type)
        self.field("conversation", entry.conversation.conversation.name(for: end))
        if let sequence = entry.sequence { self.field("seq", sequence) }
        self.field("id", entry.id.description)
        self.field("sentAt", entry.sentAt.milliseconds)
    }

    private mutating func members(of message: Message) {
        self.field("from", message.sender.rawValue)
        self.field("kind", message.content.kind)
        self.field("content") { $0.content(message.content) }
        self.field("native") { json in
            json.object {
                $0.field("dialect", message.native.dialect.rawValue)
                $0.field("payload", raw: message.native.payload)
            }
        }
        if message.options != Self.ordinaryOptions { self.field("options") { $0.options(message.options) } }
    }

    private static let ordinaryOptions = MessageOptions()

    private mutating func members(of recall: Recall) {
        self.field("target", recall.target.description)
        if let sequence = recall.targetSequence { self.field("targetSeq", sequence) }
        self.field("by", recall.by.rawValue)
        if recall.byAdministrator { self.field("byAdministrator", true) }
        if recall.leavesNoTrace { self.field("leavesNoTrace", true) }
        if let reason = recall.reason { self.field("reason", reason) }
        if let attachment = recall.attachment { self.field("attachment", attachment) }
    }

    private mutating func members(of notice: Notice) {
        switch notice {
        case .joined(let users, let by): self.notice("joined", users, by)
        case .left(let users): self.notice("left", users, nil)
        case .removed(let users, let by): self.notice("removed", users, by)
        case .changed(let by): self.notice("changed", [], by)
        }
    }

    private mutating func notice(_ event: String, _ users: [UserID], _ by: UserID?) {
        self.field("event", event)
        if !users.isEmpty { self.field("users", users.lazy.map(\.rawValue)) }
        if let by { self.field("by", by.rawValue) }
    }
}
