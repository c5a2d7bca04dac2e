import ParleyCore
import ParleyJSON

// Source: facts/rongcloud-client.md 6.4.
extension Publication {
    /// `RC:MsgExMsg` {mid, put{…}|del[…]}: the message is changed where it is kept, and the SDKs of those who have it are told. Who may not speak may not
    /// speak so either, and the backend is asked as about anything that is said.
    func expand(in conversation: Conversation) async throws -> ClientReceipt {
        let change = try self.change()
        let admitted = try await self.core.requireAdmission(
            of: Send(
                app: self.app, conversation: conversation, message: try self.message(in: conversation),
                checks: Self.checks.subtracting([.frequency, .recipientExists])))
        guard let admitted else { return self.receipt(in: conversation) }
        let receipt = try await self.core.expand(
            ExpandMessage(
                app: self.app, conversation: conversation, target: change.target, by: self.user, byAdministrator: false,
                set: change.set, removed: change.removed, notice: admitted, limit: Expansion.maximumKept))
        return self.receipt(receipt, in: conversation)
    }

    private func change() throws(ClientRefusal) -> (target: MessageID, set: [String: String], removed: [String]) {
        guard let body = try? JSON(parsing: self.wire.content), let mid = body["mid"]?.string,
            let target = MessageUID(mid)?.messageID
        else { throw .noSuchMessage }
        do {
            let set = try body["put"].map { try Expansion.parse($0) } ?? [:]
            let removed = try body["del"].map { try Expansion.keys($0) } ?? []
            guard !set.isEmpty || !removed.isEmpty else { throw ClientRefusal.invalidExpansion }
            return (target, set, removed)
        } catch { throw .invalidExpansion }
    }
}
