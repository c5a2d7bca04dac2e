import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// What a message is to become: at least one of `MsgBody` and `CloudCustomData`; what is not given stays.
struct Modification: Sendable {
    var body: MsgBody?
    var cloudCustomData: String?

    init(_ fields: Fields) throws(Malformed) {
        self.body = fields.value("MsgBody") == nil ? nil : try MsgBody(fields)
        self.cloudCustomData = try fields.optionalString("CloudCustomData")
        guard self.body != nil || self.cloudCustomData != nil else { throw Malformed("MsgBody", .missing) }
        let size = (self.body?.json.compactSize ?? 0) + (self.cloudCustomData?.utf8.count ?? 0)
        guard size <= Limits.messageBytes else { throw Malformed("MsgBody", .tooLong(limit: Limits.messageBytes)) }
    }

    /// By the App, which may change what anybody said. There is no limit in time or number.
    func perform(on entry: Entry, by caller: Caller, in core: Core) async throws {
        guard let message = entry.message else { throw Rejection.notEditable }
        try await core.edit(
            EditMessage(
                app: caller.app.id, conversation: entry.conversation.conversation, target: .id(entry.id),
                by: caller.identifier, byAdministrator: true, content: self.body?.content,
                native: self.native(of: message), attachment: self.cloudCustomData))
    }

    /// Nil: another dialect's original, with nothing new in it but what is attached.
    private func native(of message: Message) -> Native? {
        let attached = self.cloudCustomData ?? message.options.attachment
        if let body = self.body { return Native(body.json, cloudCustomData: attached) }
        guard message.native.dialect == Tencent.name, let json = try? JSON(parsing: message.native.payload),
            let body = json["MsgBody"]
        else { return nil }
        return Native(body, cloudCustomData: attached)
    }
}
