import ParleyCore
import ParleyJSON

/// What is kept of an event (``ParleyCore/Event/isKept``), as one JSON record: `{"acknowledged":{…}}`, `{"read":{…}}`, `{"delivered":{…}}`, or as happenings are. Its
/// moment is its id's.
extension Event {
    var record: [UInt8] {
        switch self {
        case .group(let happening): return Happening.Body.group(happening).record
        case .contact(let change): return Happening.Body.contact(change).record
        case .acknowledged(let conversation, let acknowledgement, let reader, _):
            return Self.record("acknowledged", conversation) { json in
                json.field("message", acknowledgement.id.rawValue)
                json.field("sequence", acknowledgement.sequence)
                json.field("sender", acknowledgement.sender.rawValue)
                json.field("count", acknowledgement.readCount)
                json.field("by", reader.rawValue)
            }
        case .read(let conversation, let reader, let through, _):
            return Self.record("read", conversation) { json in
                json.field("by", reader.rawValue)
                json.field("through", through)
            }
        case .delivered(let conversation, let message, let recipient):
            return Self.record("delivered", conversation) { json in
                json.field("message", message.rawValue)
                json.field("to", recipient.rawValue)
            }
        default: preconditionFailure("an event of this kind is not kept")
        }
    }

    /// What makes an earlier one of the same recipient obsolete. Nil: nothing does.
    var subject: String? {
        switch self {
        case .acknowledged(_, let acknowledgement, _, _): "acknowledged \(acknowledgement.id)"
        case .delivered(_, let message, _): "delivered \(message)"
        case .read(_, let reader, _, _): "read by \(reader.rawValue)"
        default: nil
        }
    }

    private static func record(
        _ name: String, _ conversation: Conversation, _ write: (inout JSONWriter) -> Void
    ) -> [UInt8] {
        JSONWriter.object { json in
            json.field(name) { json in
                json.object { json in
                    conversation.write(to: &json)
                    write(&json)
                }
            }
        }
    }

    // MARK: Reading

    /// - Throws: ``StoreFault/unreadable(_:)``.
    init(record: [UInt8], at moment: Timestamp) throws {
        guard let json = try? JSON(parsing: record), let event = Self.receipt(json, at: moment) ?? Self.happening(json)
        else { throw StoreFault.unreadable("record of an event") }
        self = event
    }

    private static func happening(_ json: JSON) -> Event? {
        switch Happening.Body(json) {
        case .group(let happening): .group(happening)
        case .contact(let change): .contact(change)
        default: nil
        }
    }

    private static func receipt(_ json: JSON, at moment: Timestamp) -> Event? {
        if let record = json["acknowledged"] {
            guard let conversation = Conversation(record: record), let message = record["message"]?.id,
                let sender = record["sender"]?.string, let reader = record["by"]?.string
            else { return nil }
            let acknowledgement = Acknowledgement(
                id: message, sequence: UInt64(clamping: record["sequence"]?.int ?? 0), sender: UserID(sender),
                readCount: Int(record["count"]?.int ?? 0))
            return .acknowledged(conversation, acknowledgement, by: UserID(reader), at: moment)
        }
        if let record = json["read"] {
            guard let conversation = Conversation(record: record), let reader = record["by"]?.string else { return nil }
            let through = UInt64(clamping: record["through"]?.int ?? 0)
            return .read(conversation, by: UserID(reader), through: through, at: moment)
        }
        guard let record = json["delivered"], let conversation = Conversation(record: record),
            let message = record["message"]?.id, let recipient = record["to"]?.string
        else { return nil }
        return .delivered(conversation, message, to: UserID(recipient))
    }
}

extension JSON {
    fileprivate var id: MessageID? { self.int.map { MessageID(rawValue: UInt64(clamping: $0)) } }
}
