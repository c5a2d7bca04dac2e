import ParleyCore
import ParleyJSON

/// What an entry says, as columns: the kind, what is searched for by itself (the sender), the message as its dialect wrote it, byte for byte,
/// and everything else as one JSON record.
///
/// Made before the writer's thread sees it, on the thread of whoever appends: it is most of the work of an append.
struct EntryBody: Sendable {
    var kind: Kind
    var sender: String?
    var dialect: String?
    var record: [UInt8]
    var native: [UInt8]?
    var traits = Traits()

    enum Kind: String, Sendable {
        case message
        case recall
        case edit
        case notice
    }

    /// - Throws: ``StoreFault/unwritable(_:)`` for what could not be read back (a number that JSON lacks, JSON that is none).
    init(_ body: Entry.Body) throws {
        switch body {
        case .message(let message):
            self.kind = .message
            self.sender = message.sender.rawValue
            self.dialect = message.native.dialect.rawValue
            self.record = Self.record(of: message)
            self.native = message.native.payload
            self.traits = Traits(message)
            guard !message.mayBeUnreadable || (try? self.body()) == body else {
                throw StoreFault.unwritable("message of kind \(message.content.kind)")
            }
        case .recall(let recall):
            self.kind = .recall
            self.sender = recall.by.rawValue
            self.record = Self.record(of: recall)
        case .edit(let edit):
            self.kind = .edit
            self.sender = edit.message.sender.rawValue
            self.dialect = edit.message.native.dialect.rawValue
            self.record = Self.record(of: edit)
            self.native = edit.message.native.payload
            self.traits.target = edit.target
            guard !edit.message.mayBeUnreadable || (try? self.body()) == body else {
                throw StoreFault.unwritable("edit of kind \(edit.message.content.kind)")
            }
        case .notice(let notice):
            self.kind = .notice
            self.record = Self.record(of: notice)
        }
    }

    init(kind: Kind, sender: String?, dialect: String?, record: [UInt8], native: [UInt8]?) {
        self.kind = kind
        self.sender = sender
        self.dialect = dialect
        self.record = record
        self.native = native
    }

    var byteCount: Int { self.record.count + (self.native?.count ?? 0) }

    /// - Throws: ``StoreFault/unreadable(_:)``.
    func body() throws -> Entry.Body {
        // Forwarded messages inside forwarded messages nest deeper here than in the request that brought them.
        guard let json = try? JSON(parsing: self.record, maximumDepth: 1024) else {
            throw StoreFault.unreadable("record of a \(self.kind)")
        }
        let body: Entry.Body? =
            switch self.kind {
            case .message: self.message(json).map { .message($0) }
            case .recall: self.recall(json).map { .recall($0) }
            case .edit: self.edit(json).map { .edit($0) }
            case .notice: Notice(record: json).map { .notice($0) }
            }
        guard let body else { throw StoreFault.unreadable("record of a \(self.kind)") }
        return body
    }
}

extension EntryBody {
    /// The native form says about the same: the buffer need not grow.
    private static func record(of message: Message) -> [UInt8] {
        JSONWriter.object(capacity: 256 + message.native.payload.count) { message.writeRecord(to: &$0) }
    }

    private static func audience(_ json: JSON) -> Audience { json["only"]?.userIDs.map { .only($0) } ?? .everyone }

    private func message(_ json: JSON) -> Message? {
        guard let sender = self.sender, let dialect = self.dialect, let kind = json["kind"]?.string,
            let content = json["content"].flatMap({ Content(kind: kind, json: $0) })
        else { return nil }
        return Message(
            sender: UserID(sender), audience: Self.audience(json), content: content,
            native: Native(dialect: DialectName(dialect), payload: self.native ?? []),
            options: json["options"].map { MessageOptions(json: $0) } ?? MessageOptions(),
            origin: json["origin"]?.string.flatMap(MessageOrigin.init(rawValue:)))
    }

    private static func record(of recall: Recall) -> [UInt8] {
        JSONWriter.object { json in
            json.field("target", recall.target.rawValue)
            if let sequence = recall.targetSequence { json.field("sequence", sequence) }
            if recall.byAdministrator { json.field("administrator", true) }
            if recall.leavesNoTrace { json.field("noTrace", true) }
            if let reason = recall.reason { json.field("reason", reason) }
            if let attachment = recall.attachment { json.field("attachment", attachment) }
            if let untold = recall.untold { json.field("untold", untold.rawValue) }
            recall.audience.writeRecord(to: &json)
        }
    }

    private func recall(_ json: JSON) -> Recall? {
        guard let sender = self.sender, let target = json["target"]?.int else { return nil }
        return Recall(
            target: MessageID(rawValue: UInt64(clamping: target)),
            targetSequence: json["sequence"]?.int.map { UInt64(clamping: $0) }, by: UserID(sender),
            byAdministrator: json["administrator"]?.bool ?? false, leavesNoTrace: json["noTrace"]?.bool ?? false,
            reason: json["reason"]?.string, attachment: json["attachment"]?.string, audience: Self.audience(json),
            untold: json["untold"]?.string.map { UserID($0) })
    }

    private static func record(of edit: Edit) -> [UInt8] {
        JSONWriter.object { json in
            edit.message.writeRecord(to: &json)
            json.field("target", edit.target.rawValue)
            if let sequence = edit.targetSequence { json.field("sequence", sequence) }
            if edit.byAdministrator { json.field("administrator", true) }
            json.field("by", edit.mark.by.rawValue)
            json.field("at", edit.mark.at.milliseconds)
            json.field("count", edit.mark.count)
        }
    }

    private func edit(_ json: JSON) -> Edit? {
        guard let message = self.message(json), let target = json["target"]?.int, let by = json["by"]?.string,
            let at = json["at"]?.int, let count = json["count"]?.int
        else { return nil }
        return Edit(
            target: MessageID(rawValue: UInt64(clamping: target)),
            targetSequence: json["sequence"]?.int.map { UInt64(clamping: $0) }, message: message,
            mark: EditMark(by: UserID(by), at: Timestamp(milliseconds: at), count: Int(count)),
            byAdministrator: json["administrator"]?.bool ?? false)
    }

    private static func record(of notice: Notice) -> [UInt8] {
        JSONWriter.object { json in
            func write(_ what: String, _ users: [UserID], by: UserID?) {
                json.field(what, users.lazy.map(\.rawValue))
                if let by { json.field("by", by.rawValue) }
            }
            switch notice {
            case .joined(let users, let by): write("joined", users, by: by)
            case .left(let users): write("left", users, by: nil)
            case .removed(let users, let by): write("removed", users, by: by)
            case .changed(let by): write("changed", [], by: by)
            }
        }
    }
}

extension Audience {
    fileprivate func writeRecord(to json: inout JSONWriter) {
        if case .only(let users) = self { json.field("only", users.lazy.map(\.rawValue)) }
    }
}

extension Notice {
    fileprivate init?(record: JSON) {
        let by = record["by"]?.string.map { UserID($0) }
        if let users = record["joined"]?.userIDs {
            self = .joined(users, by: by)
        } else if let users = record["left"]?.userIDs {
            self = .left(users)
        } else if let users = record["removed"]?.userIDs {
            self = .removed(users, by: by)
        } else if record["changed"] != nil {
            self = .changed(by: by)
        } else {
            return nil
        }
    }
}

extension Message {
    /// What ``EntryBody/record`` says of it: what has no column.
    func writeRecord(to json: inout JSONWriter) {
        json.field("kind", self.content.kind)
        json.field("content") { $0.content(self.content) }
        self.audience.writeRecord(to: &json)
        if self.options != MessageOptions() { json.field("options") { $0.options(self.options) } }
        if self.origin != self.native.usualOrigin { json.field("origin", self.origin.rawValue) }
    }

    /// It holds numbers, or JSON of somebody else's: worth reading back before it is kept.
    fileprivate var mayBeUnreadable: Bool {
        switch self.content {
        case .location, .combined, .voice, .video: true
        default: self.options.push.native != nil
        }
    }
}
