import ParleyCore
import ParleyJSON

extension Publication {
    /// `RC:RcCmd`: which message, its body says; the frame's target means nothing. Who sends it as an ordinary message means the same, since the other side's
    /// SDK would act on it.
    ///
    /// The sender may, while the message is not too old, and whoever owns or administers the group. What is recalled already is a success.
    func recall() async throws -> ClientReceipt {
        guard let body = try? JSON(parsing: self.wire.content),
            let id = body["messageUId"]?.string.flatMap({ MessageUID($0) })?.messageID,
            let entry = try await self.core.log.entry(id, in: self.app)
        else { throw ClientRefusal.invalidRecall }
        let conversation = entry.conversation.conversation
        var command = RecallMessage(
            app: self.app, conversation: conversation, target: .id(id), by: self.user, byAdministrator: false,
            windowSeconds: self.caller.app.settings.recallWindowSeconds)
        command.honoursRole = true
        command.leavesNoTrace = body["isDelete"]?.isSaid ?? false
        command.attachment = body["extra"]?.scalarText.flatMap { $0.isEmpty ? nil : $0 }
        do {
            return self.receipt(try await self.core.recall(command), in: conversation)
        } catch Rejection.alreadyRecalled {
            return self.receipt(in: conversation)
        }
    }
}

extension JSON {
    /// `true`, or 1.
    fileprivate var isSaid: Bool { self.bool ?? (self.int == 1) }
}
