import ParleyCore

// v5's read receipts in groups: `rrMsg`, `rrList`.

extension ClientQuery {
    /// The user has read these messages. Who sent them and asked is told.
    func acknowledge() async throws -> [UInt8] {
        let input = try self.read(WireGrpReadReceiptMsg.self)
        guard (1...Self.receiptLimit).contains(input.msgID.count) else { throw ClientRefusal.unreadable }
        try await self.core.acknowledge(
            input.msgID.compactMap { MessageUID($0)?.messageID }, of: self.group(input.channelID), by: self.user,
            in: self.app)
        return []
    }

    /// Who has read a message, as its sender may know. One answer has room for one message.
    func readers() async throws -> [UInt8] {
        let input = try self.read(WireGrpReadReceiptQryReq.self)
        guard let text = input.msgID.first else { throw ClientRefusal.unreadable }
        guard let id = MessageUID(text)?.messageID else { throw Rejection.messageNotFound }
        let receipts = try await self.core.receipts(
            of: .id(id), in: self.group(input.channelID), for: self.user, app: self.app, limit: 3000)
        return WireGrpReadReceiptQryResp.with {
            $0.totalMemberNum = Int32(receipts.readCount + receipts.unreadCount)
            $0.list = receipts.readers.map { reader in
                .with {
                    $0.readTime = reader.at.milliseconds
                    $0.userID = reader.user.rawValue
                }
            }
        }.wireBytes
    }

    private static let receiptLimit = 100

    private func group(_ named: String) throws(ClientRefusal) -> Conversation {
        .group(GroupID(try self.id(named.isEmpty ? self.target : named)))
    }
}
