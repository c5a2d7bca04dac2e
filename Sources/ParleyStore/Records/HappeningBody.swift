import ParleyCore
import ParleyJSON

/// What happened, as one JSON record: `{"group":{…}}`, `{"read":{…}}`, `{"deleted":{…}}`, `{"presence":{…}}`,
/// `{"refused":{…}}`, `{"contact":{…}}`, `{"reaction":{…}}`, `{"thread":{…}}`.
extension Happening.Body {
    var record: [UInt8] {
        JSONWriter.object { json in
            switch self {
            case .group(let happening): json.field("group") { $0.object { happening.write(to: &$0) } }
            case .read(let reading): json.field("read") { $0.object { reading.write(to: &$0) } }
            case .deleted(let deletion): json.field("deleted") { $0.object { deletion.write(to: &$0) } }
            case .presence(let happening): json.field("presence") { $0.object { happening.write(to: &$0) } }
            case .refused(let send): json.field("refused") { $0.object { send.write(to: &$0) } }
            case .contact(let change): json.field("contact") { $0.object { change.write(to: &$0) } }
            case .reaction(let change): json.field("reaction") { $0.object { change.write(to: &$0) } }
            case .thread(let change): json.field("thread") { $0.object { change.write(to: &$0) } }
            }
        }
    }

    /// - Throws: ``StoreFault/unreadable(_:)``.
    init(record: [UInt8]) throws {
        // As deep as messages go: one may be in it.
        guard let json = try? JSON(parsing: record, maximumDepth: 1024), let body = Self(json) else {
            throw StoreFault.unreadable("record of a happening")
        }
        self = body
    }

    init?(_ json: JSON) {
        let body: Self? =
            if let group = json["group"] {
                GroupHappening(record: group).map { .group($0) }
            } else if let reading = json["read"] {
                Reading(record: reading).map { .read($0) }
            } else if let deletion = json["deleted"] {
                Deletion(record: deletion).map { .deleted($0) }
            } else if let presence = json["presence"] {
                PresenceHappening(record: presence).map { .presence($0) }
            } else if let refused = json["refused"] {
                RefusedSend(record: refused).map { .refused($0) }
            } else if let change = json["contact"] {
                ContactChange(record: change).map { .contact($0) }
            } else if let change = json["reaction"] {
                ReactionChange(record: change).map { .reaction($0) }
            } else if let change = json["thread"] {
                ThreadChange(record: change).map { .thread($0) }
            } else { nil }
        guard let body else { return nil }
        self = body
    }
}

// MARK: - Groups

extension GroupHappening {
    fileprivate func write(to json: inout JSONWriter) {
        json.field("group") { $0.object { self.group.write(to: &$0) } }
        if let by = self.by { json.field("by", by.rawValue) }
        if let cause = self.cause { json.field("cause", cause.rawValue) }
        func write(_ name: String, _ users: [UserID]) { json.field(name, users.lazy.map(\.rawValue)) }
        switch self.kind {
        case .created(let members, let administrators):
            write("created", members)
            write("administrators", administrators)
        case .dissolved(let members): write("dissolved", members)
        case .changed(let before): json.field("changed") { $0.object { before.write(to: &$0) } }
        case .full: json.field("full", true)
        case .joined(let users, let count):
            write("joined", users)
            json.field("count", count)
        case .left(let users): write("left", users)
        case .removed(let users): write("removed", users)
        case .owner(let before): json.field("formerOwner", before?.rawValue ?? "")
        case .administrators(let users, let added): write(added ? "promoted" : "demoted", users)
        case .muted(let users, let until):
            write("muted", users)
            json.field("until", until.milliseconds)
        case .unmuted(let users): write("unmuted", users)
        case .speakers(let users, let added): write(added ? "speakers" : "formerSpeakers", users)
        case .keptOut(let users, let until):
            write("keptOut", users)
            if let until { json.field("until", until.milliseconds) }
        case .applied(let user, let reason):
            json.field("applied", user.rawValue)
            json.field("reason", reason)
        case .applicationAnswered(let user, let isAccepted, let reason):
            json.field("applicant", user.rawValue)
            json.field("isAccepted", isAccepted)
            json.field("reason", reason)
        case .invited(let users, let reason):
            write("invited", users)
            json.field("reason", reason)
        case .invitationAnswered(let user, let isAccepted, let reason):
            json.field("invitee", user.rawValue)
            json.field("isAccepted", isAccepted)
            json.field("reason", reason)
        case .file(let id, let isShared): json.field(isShared ? "shared" : "unshared", id)
        case .memberAttributes(let user, let texts):
            json.field("member", user.rawValue)
            json.field("texts") { $0.texts(texts) }
        case .attributesSet(let texts): json.field("attributesSet") { $0.texts(texts) }
        case .attributesRemoved(let keys): json.field("attributesRemoved", keys)
        }
    }

    fileprivate init?(record: JSON) {
        guard let group = record["group"].flatMap({ Group(record: $0) }), let kind = Self.kind(record) else {
            return nil
        }
        self.init(
            kind, in: group, by: record["by"]?.string.map { UserID($0) },
            cause: record["cause"]?.string.flatMap(Cause.init(rawValue:)))
    }

    private static func kind(_ record: JSON) -> Kind? {
        if let users = record["joined"]?.users { return .joined(users, count: Int(record["count"]?.int ?? 0)) }
        if let users = record["left"]?.users { return .left(users) }
        if let users = record["removed"]?.users { return .removed(users) }
        if let users = record["created"]?.users {
            return .created(users, administrators: record["administrators"]?.users ?? [])
        }
        if let users = record["dissolved"]?.users { return .dissolved(users) }
        if let before = record["changed"] { return Group(record: before).map { .changed(from: $0) } }
        if record["full"] != nil { return .full }
        if let owner = record["formerOwner"]?.string { return .owner(from: owner.isEmpty ? nil : UserID(owner)) }
        if let users = record["promoted"]?.users { return .administrators(users, added: true) }
        if let users = record["demoted"]?.users { return .administrators(users, added: false) }
        if let users = record["muted"]?.users, let until = record["until"]?.int {
            return .muted(users, until: Timestamp(milliseconds: until))
        }
        if let users = record["unmuted"]?.users { return .unmuted(users) }
        return Self.kindOfAccess(record) ?? Self.kindOfTexts(record)
    }

    /// Who may come in and speak.
    private static func kindOfAccess(_ record: JSON) -> Kind? {
        let reason = record["reason"]?.string ?? ""
        let isAccepted = record["isAccepted"]?.bool ?? false
        if let users = record["speakers"]?.users { return .speakers(users, added: true) }
        if let users = record["formerSpeakers"]?.users { return .speakers(users, added: false) }
        if let users = record["keptOut"]?.users {
            return .keptOut(users, until: record["until"]?.int.map { Timestamp(milliseconds: $0) })
        }
        if let user = record["applied"]?.string { return .applied(UserID(user), reason: reason) }
        if let users = record["invited"]?.users { return .invited(users, reason: reason) }
        if let user = record["applicant"]?.string {
            return .applicationAnswered(UserID(user), isAccepted: isAccepted, reason: reason)
        }
        return record["invitee"]?.string.map {
            .invitationAnswered(UserID($0), isAccepted: isAccepted, reason: reason)
        }
    }

    private static func kindOfTexts(_ record: JSON) -> Kind? {
        if let id = record["shared"]?.string { return .file(id, isShared: true) }
        if let id = record["unshared"]?.string { return .file(id, isShared: false) }
        if let texts = record["attributesSet"]?.texts { return .attributesSet(texts) }
        if let keys = record["attributesRemoved"]?.array { return .attributesRemoved(keys.compactMap(\.string)) }
        guard let user = record["member"]?.string, let texts = record["texts"]?.texts else { return nil }
        return .memberAttributes(UserID(user), texts)
    }
}

extension Group {
    func write(to json: inout JSONWriter) {
        json.field("id", self.id.rawValue)
        json.field("type", self.type.rawValue)
        json.field("name", self.name)
        if let owner = self.owner { json.field("owner", owner.rawValue) }
        if !self.summary.isEmpty { json.field("summary", self.summary) }
        if !self.announcement.isEmpty { json.field("announcement", self.announcement) }
        if !self.avatar.isEmpty { json.field("avatar", self.avatar) }
        json.field("capacity", self.capacity)
        json.field("join", self.joinPolicy.rawValue)
        json.field("mayInvite", self.membersMayInvite)
        if self.isMuted { json.field("isMuted", true) }
        if let origin {
            json.field("originGroup", origin.group.rawValue)
            json.field("originMessage", origin.message.rawValue)
        }
        json.field("createdAt", self.createdAt.milliseconds)
        json.field("updatedAt", self.updatedAt.milliseconds)
        guard !self.attributes.isEmpty else { return }
        json.field("attributes") { json in
            json.object { json in
                for (key, value) in self.attributes.sorted(by: { $0.key < $1.key }) { json.field(key, value) }
            }
        }
    }

    init?(record: JSON) {
        guard let id = record["id"]?.string, let type = record["type"]?.string.flatMap(GroupType.init(rawValue:)),
            let createdAt = record["createdAt"]?.int
        else { return nil }
        self.init(
            id: GroupID(id), type: type, name: record["name"]?.string ?? "",
            owner: record["owner"]?.string.map { UserID($0) }, createdAt: Timestamp(milliseconds: createdAt))
        self.summary = record["summary"]?.string ?? ""
        self.announcement = record["announcement"]?.string ?? ""
        self.avatar = record["avatar"]?.string ?? ""
        self.capacity = record["capacity"]?.int.map { Int($0) } ?? self.capacity
        self.joinPolicy = record["join"]?.string.flatMap(JoinPolicy.init(rawValue:)) ?? self.joinPolicy
        self.membersMayInvite = record["mayInvite"]?.bool ?? self.membersMayInvite
        self.isMuted = record["isMuted"]?.bool ?? false
        if let group = record["originGroup"]?.string, let message = record["originMessage"]?.int {
            let id = MessageID(rawValue: UInt64(clamping: message))
            self.origin = ThreadOrigin(group: GroupID(group), message: id)
        }
        self.updatedAt = record["updatedAt"]?.int.map { Timestamp(milliseconds: $0) } ?? self.createdAt
        for (key, value) in record["attributes"]?.members ?? [] { self.attributes[key] = value.string }
    }
}

// MARK: - Readings

extension Reading {
    fileprivate func write(to json: inout JSONWriter) {
        self.conversation.write(to: &json)
        json.field("message", self.message.rawValue)
        json.field("sender", self.sender.rawValue)
        json.field("by", self.by.rawValue)
    }

    fileprivate init?(record: JSON) {
        guard let conversation = Conversation(record: record), let message = record["message"]?.int,
            let sender = record["sender"]?.string, let by = record["by"]?.string
        else { return nil }
        self.init(
            of: MessageID(rawValue: UInt64(clamping: message)), from: UserID(sender), in: conversation, by: UserID(by))
    }
}

// MARK: - Deletions

extension Deletion {
    fileprivate func write(to json: inout JSONWriter) {
        self.conversation.write(to: &json)
        json.field("by", self.by.rawValue)
        switch self.extent {
        case .message(let id): json.field("message", id.rawValue)
        case .through(let moment): json.field("through", moment.milliseconds)
        }
    }

    fileprivate init?(record: JSON) {
        guard let conversation = Conversation(record: record), let by = record["by"]?.string else { return nil }
        if let message = record["message"]?.int {
            let id = MessageID(rawValue: UInt64(clamping: message))
            self.init(of: .message(id), in: conversation, by: UserID(by))
        } else if let moment = record["through"]?.int {
            self.init(of: .through(Timestamp(milliseconds: moment)), in: conversation, by: UserID(by))
        } else {
            return nil
        }
    }
}

extension Conversation {
    func write(to json: inout JSONWriter) {
        let (kind, a, b) = self.parties
        json.field("kind", kind)
        json.field("a", a)
        if !b.isEmpty { json.field("b", b) }
    }

    init?(record: JSON) {
        guard let kind = record["kind"]?.string, let a = record["a"]?.string,
            let conversation = try? Conversation(kind: kind, a: a, b: record["b"]?.string ?? "")
        else { return nil }
        self = conversation
    }
}

// MARK: - Presence

extension PresenceHappening {
    fileprivate func write(to json: inout JSONWriter) {
        json.field("user", self.user.rawValue)
        json.field("device", self.device.rawValue)
        json.field("platform", self.platform)
        json.field("session", self.session)
        if let address = self.address { json.field("address", address) }
        switch self.change {
        case .online(let replaced): json.field("online", replaced)
        case .offline(let reason): json.field("offline", reason.rawValue)
        }
    }

    fileprivate init?(record: JSON) {
        guard let user = record["user"]?.string, let device = record["device"]?.string,
            let change = Self.change(record)
        else { return nil }
        self.init(
            change, of: UserID(user), on: DeviceID(device), platform: record["platform"]?.string ?? "",
            session: record["session"]?.string ?? "", address: record["address"]?.string)
    }

    private static func change(_ record: JSON) -> Change? {
        if let replaced = record["online"]?.array { return .online(replaced: replaced.compactMap(\.string)) }
        return record["offline"]?.string.flatMap(Reason.init(rawValue:)).map { .offline($0) }
    }
}

// MARK: - Contacts

extension ContactChange {
    fileprivate func write(to json: inout JSONWriter) {
        json.field("kind", self.kind.word)
        json.field("from", self.from.rawValue)
        json.field("to", self.to.rawValue)
        if case .invited(let reason) = self.kind { json.field("reason", reason) }
    }

    fileprivate init?(record: JSON) {
        guard let word = record["kind"]?.string, let from = record["from"]?.string, let to = record["to"]?.string,
            let kind = Kind(word, reason: record["reason"]?.string ?? "")
        else { return nil }
        self.init(kind, from: UserID(from), to: UserID(to))
    }
}

extension ContactChange.Kind {
    fileprivate var word: String {
        switch self {
        case .invited: "invited"
        case .agreed: "agreed"
        case .declined: "declined"
        case .added: "added"
        case .removed: "removed"
        case .blocked: "blocked"
        case .unblocked: "unblocked"
        }
    }

    fileprivate init?(_ word: String, reason: String) {
        let kinds: [ContactChange.Kind] = [
            .invited(reason: reason), .agreed, .declined, .added, .removed, .blocked, .unblocked,
        ]
        guard let kind = kinds.first(where: { $0.word == word }) else { return nil }
        self = kind
    }
}

// MARK: - Refused messages

extension RefusedSend {
    fileprivate func write(to json: inout JSONWriter) {
        self.conversation.write(to: &json)
        self.message.writeWhole(to: &json)
        if self.isEphemeral { json.field("ephemeral", true) }
        json.field("cause") { $0.object { self.cause.write(to: &$0) } }
    }

    fileprivate init?(record: JSON) {
        guard let conversation = Conversation(record: record), let message = Message(whole: record),
            let cause = record["cause"].flatMap({ Cause(record: $0) })
        else { return nil }
        self.init(
            conversation: conversation, message: message, isEphemeral: record["ephemeral"]?.bool ?? false,
            cause: cause)
    }
}

extension Message {
    /// With all that an entry has in columns.
    func writeWhole(to json: inout JSONWriter) {
        json.field("message") { $0.object { self.writeRecord(to: &$0) } }
        json.field("sender", self.sender.rawValue)
        json.field("dialect", self.native.dialect.rawValue)
        // JSON of somebody else's, byte for byte: as a text.
        json.field("native", String(decoding: self.native.payload, as: UTF8.self))
    }

    init?(whole record: JSON) {
        guard let message = record["message"],
            let body = try? EntryBody(
                kind: .message, sender: record["sender"]?.string, dialect: record["dialect"]?.string,
                record: Array(message.raw), native: (record["native"]?.string).map { Array($0.utf8) }
            ).body(), case .message(let message) = body
        else { return nil }
        self = message
    }
}

extension RefusedSend.Cause {
    fileprivate func write(to json: inout JSONWriter) {
        switch self {
        case .userNotFound(let user): json.field("userNotFound", user.rawValue)
        case .groupNotFound(let group): json.field("groupNotFound", group.rawValue)
        case .senderMuted(let until): json.field("mutedUntil", until.milliseconds)
        case .groupMuted(let group): json.field("groupMuted", group.rawValue)
        case .groupDisabled(let group): json.field("groupDisabled", group.rawValue)
        case .senderNotMember(let user, let group):
            json.field("notMember", user.rawValue)
            json.field("of", group.rawValue)
        case .blockedByRecipient(let user): json.field("blockedBy", user.rawValue)
        case .tooFrequent: json.field("tooFrequent", true)
        case .refusedByCallback(let code, let reason):
            json.field("refused", true)
            if let code { json.field("code", code) }
            if let reason { json.field("reason", reason) }
        case .callbackFailed: json.field("callbackFailed", true)
        case .unreadable(let code, let reason):
            json.field("unreadable", code)
            json.field("reason", reason)
        }
    }

    fileprivate init?(record: JSON) {
        func group(_ key: String) -> GroupID? { record[key]?.string.map { GroupID($0) } }
        func user(_ key: String) -> UserID? { record[key]?.string.map { UserID($0) } }
        if let user = user("userNotFound") {
            self = .userNotFound(user)
        } else if let group = group("groupNotFound") {
            self = .groupNotFound(group)
        } else if let until = record["mutedUntil"]?.int {
            self = .senderMuted(until: Timestamp(milliseconds: until))
        } else if let group = group("groupMuted") {
            self = .groupMuted(group)
        } else if let group = group("groupDisabled") {
            self = .groupDisabled(group)
        } else if let user = user("notMember"), let group = group("of") {
            self = .senderNotMember(user, of: group)
        } else if let user = user("blockedBy") {
            self = .blockedByRecipient(user)
        } else if record["tooFrequent"] != nil {
            self = .tooFrequent
        } else if record["refused"] != nil {
            self = .refusedByCallback(code: record["code"]?.int.map { Int($0) }, reason: record["reason"]?.string)
        } else if record["callbackFailed"] != nil {
            self = .callbackFailed
        } else if let code = record["unreadable"]?.int {
            self = .unreadable(code: Int(code), reason: record["reason"]?.string ?? "")
        } else {
            return nil
        }
    }
}

extension JSON {
    fileprivate var users: [UserID]? {
        guard let array = self.array else { return nil }
        return array.compactMap { $0.string.map { UserID($0) } }
    }

    fileprivate var texts: [String: String]? {
        guard let members = self.members else { return nil }
        return Dictionary(members.compactMap { member in member.value.string.map { (member.key, $0) } }) { $1 }
    }
}

extension JSONWriter {
    fileprivate mutating func texts(_ texts: [String: String]) {
        self.object { json in
            for (key, value) in texts.sorted(by: { $0.key < $1.key }) { json.field(key, value) }
        }
    }
}
