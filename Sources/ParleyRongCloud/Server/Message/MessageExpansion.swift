import ParleyCore
import ParleyDialectKit
import ParleyJSON

// What a message that was sent with `expansion` has attached to it, changed and read by the backend: of private and group messages, whichever dialect
// sent them. Source: facts/rongcloud-server.md 3.4. Clients are told as they tell each other (facts/rongcloud-client.md 6.4).

struct MessageExpansionSet: Endpoint {
    static let description = EndpointDescription(
        "POST", "/message/expansion/set.json", "Set keys of a message's expansion",
        page: VendorPage.list)
    static let bodyLimit = MessageBody.statusLimit

    let change: ExpansionChange
    let extraKeyVal: [String: String]

    init(_ parameters: Parameters) throws(Malformed) {
        self.change = try ExpansionChange(parameters)
        self.extraKeyVal = try Expansion.parse(try parameters.required("extraKeyVal"), of: "extraKeyVal")
        guard !self.extraKeyVal.isEmpty else { throw Malformed("extraKeyVal", .invalid) }
    }

    func perform(_ call: Call) async throws {
        try await self.change.perform(call, set: self.extraKeyVal) { json in
            json.field("put") { json in
                json.object { json in
                    for (key, value) in self.extraKeyVal.sorted(by: { $0.key < $1.key }) { json.field(key, value) }
                }
            }
        }
    }
}

struct MessageExpansionDelete: Endpoint {
    static let description = EndpointDescription(
        "POST", "/message/expansion/delete.json", "Remove keys of a message's expansion",
        page: VendorPage.list)

    let change: ExpansionChange
    let extraKey: [String]

    init(_ parameters: Parameters) throws(Malformed) {
        self.change = try ExpansionChange(parameters)
        guard let json = try? JSON(parsing: try parameters.required("extraKey")) else {
            throw Malformed("extraKey", .invalid)
        }
        self.extraKey = try Expansion.keys(json)
        guard !self.extraKey.isEmpty else { throw Malformed("extraKey", .invalid) }
    }

    func perform(_ call: Call) async throws {
        try await self.change.perform(call, removed: self.extraKey) { $0.field("del", self.extraKey) }
    }
}

struct MessageExpansionQuery: Endpoint {
    static let description = EndpointDescription(
        "POST", "/message/expansion/query.json", "Read a message's expansion",
        page: VendorPage.list, .partial("ts is when the message was sent, not when the key was set"))

    private static let pageSize = 100

    let msgUID: MessageUID?
    let pageNo: Int

    init(_ parameters: Parameters) throws(Malformed) {
        self.msgUID = MessageUID(try parameters.required("msgUID"))
        self.pageNo = Int(try parameters.integer("pageNo", in: 1...1_000_000) ?? 1)
    }

    func perform(_ call: Call) async throws -> Page {
        guard let id = self.msgUID?.messageID, let entry = try await call.core.log.entry(id, in: call.app.id),
            let message = entry.message, !entry.isRecalled
        else { throw Rejection.messageNotFound }
        let pairs = message.options.expansion.sorted { $0.key < $1.key }.dropFirst((self.pageNo - 1) * Self.pageSize)
        return Page(pairs: pairs.prefix(Self.pageSize).map { ($0.key, $0.value) }, at: entry.sentAt)
    }

    struct Page: Sendable {
        var pairs: [(key: String, value: String)]
        var at: Timestamp
    }

    static func encode(_ outcome: Page, to json: inout JSONWriter) {
        json.field("extraContent") { json in
            json.object { json in
                for (key, value) in outcome.pairs {
                    json.field(key) { json in
                        json.object {
                            $0.field("v", value)
                            $0.field("ts", outcome.at.milliseconds)
                        }
                    }
                }
            }
        }
    }
}

/// What set and delete share.
struct ExpansionChange: Sendable {
    let msgUID: MessageUID?
    let userId: UserID
    let conversation: Conversation?
    let isSyncSender: Bool

    init(_ parameters: Parameters) throws(Malformed) {
        self.msgUID = MessageUID(try parameters.required("msgUID"))
        self.userId = try parameters.requiredUser("userId")
        let number = try parameters.requiredInteger("conversationType", in: 1...10)
        guard let type = ConversationType(rawValue: UInt8(number)), type == .direct || type == .group else {
            throw Malformed("conversationType", .invalid)
        }
        self.conversation = Conversation(type, between: self.userId, and: try parameters.requiredID("targetId"))
        self.isSyncSender = try parameters.flag("isSyncSender")
    }

    func perform(
        _ call: Call, set: [String: String] = [:], removed: [String] = [], _ members: (inout JSONWriter) -> Void
    ) async throws {
        guard let uid = self.msgUID, let id = uid.messageID, let conversation = self.conversation else {
            throw Rejection.messageNotFound
        }
        let wire = WireMessage("RC:MsgExMsg") { json in
            json.field("mid", uid)
            members(&json)
        }
        var notice = wire.message(from: self.userId, reachesSender: self.isSyncSender)
        notice.options.leaveNoTrace()
        try await call.core.expand(
            ExpandMessage(
                app: call.app.id, conversation: conversation, target: id, by: self.userId, byAdministrator: true,
                set: set, removed: removed, notice: notice, limit: Expansion.maximumKept))
    }
}
