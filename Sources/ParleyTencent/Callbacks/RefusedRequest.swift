import ParleyCore
import ParleyDialectKit
import ParleyJSON

/// A request to speak in a group that was refused before it was a message: as much of it as can be read.
extension RefusedSend {
    /// Nil: it names no group that there could be, and so has no place among what is told.
    init?(_ request: JSON, _ failure: Failure, by caller: Caller) {
        guard let fields = try? Fields(request), let group = try? fields.group() else { return nil }
        let sender = (try? fields.optionalAccount("From_Account")) ?? caller.identifier
        var options = MessageOptions()
        options.random = fields.value("Random")?.value.int.flatMap { UInt32(exactly: $0) }
        options.attachment = fields.value("CloudCustomData")?.value.string.flatMap(Self.withinLimit)
        let body = fields.value("MsgBody").flatMap { Self.withinLimit(String(decoding: $0.value.raw, as: UTF8.self)) }
        let payload = JSONWriter.object { $0.field("MsgBody", raw: Array((body ?? "[]").utf8)) }
        self.init(
            conversation: .group(group),
            message: Message(
                sender: sender, content: .text(""), native: Native(dialect: Tencent.name, payload: payload),
                options: options),
            isEphemeral: (try? fields.flag("OnlineOnlyFlag")) ?? false,
            cause: .unreadable(code: failure.code, reason: failure.info))
    }

    /// What was refused for its length is not kept either.
    private static func withinLimit(_ text: String) -> String? { text.utf8.count <= Limits.messageBytes ? text : nil }
}
